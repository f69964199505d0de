"""Clients, who does what for them, and the evidence: as programs see them."""

from typing import Any

import django_filters
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Language, User, check_timezone
from audit.models import Event
from clients import selectors, services
from clients.documents import consent_document, logo_file
from clients.me import Me
from clients.models import Client, Membership, Role, Status
from clients.working_time import Closing, Hours, calendar_of
from rest.fields import Clock, Flag, Id, Moment, Part, Text, Things, Whole
from rest.filters import Filters, IdFilter, MomentFilter, NumberFilter
from rest.routing import pages, router
from rest.views import Changeable, Creatable, Resource, person

LONGEST_LATENESS = 7 * 24 * 60


class OfCalendar(serializers.ListSerializer[Any]):
    """What the client's calendar holds under this name: hours also where the client never said any."""

    def get_attribute(self, instance: Client) -> list[Any]:
        """The hours, or the closings."""
        calendar = calendar_of(instance)
        return list(calendar.hours if self.field_name == "working_hours" else calendar.closings)


class HoursSerializer(Part):
    """One span of one weekday, on the client's clock."""

    class Meta:
        list_serializer_class = OfCalendar

    weekday = Whole(min_value=0, max_value=6, help_text="0 is Monday.")
    opens = Clock()
    closes = Clock(help_text="00:00 is midnight at the end of the day.")

    def to_internal_value(self, data: Any) -> Hours:
        """The span."""
        return Hours(**super().to_internal_value(data))


class ClosingSerializer(Part):
    """Days on which the client is closed beside the public holidays, both ends included."""

    class Meta:
        list_serializer_class = OfCalendar

    first = serializers.DateField()
    last = serializers.DateField()
    name = Text(max_length=120, trim_whitespace=True)

    def to_internal_value(self, data: Any) -> Closing:
        """The days."""
        return Closing(**super().to_internal_value(data))


class WatchedNames(serializers.ListField):
    """A client's watch list, for its staff; its own people read null."""

    def get_attribute(self, instance: Client) -> list[str] | None:
        """Whether the reader is staff was asked with the row."""
        return instance.watched_names if getattr(instance, "read_by_staff", False) else None


class ClientSerializer(Things):
    """A firm the agency works for."""

    id = serializers.IntegerField(read_only=True)
    name = Text(max_length=200, trim_whitespace=True)
    slug = Text(max_length=60)
    timezone = Text(max_length=64, validators=[check_timezone], required=False)
    language = serializers.ChoiceField(Language.choices, required=False)
    formal = serializers.BooleanField(required=False, help_text="In Italian, its people are addressed with Lei.")
    status = serializers.ChoiceField(Status.choices, required=False)
    colour = Text(max_length=7, required=False, help_text="Such as #7A1F3D.")
    lateness_minutes = Whole(min_value=0, max_value=LONGEST_LATENESS, required=False)
    tacit_consent_agreed_on = serializers.DateField(
        allow_null=True,
        required=False,
        help_text="Counts once its document is there (see `tacit_consent/`); null takes the consent back, document and all.",
    )
    tacit_consent = serializers.BooleanField(
        read_only=True, help_text="Whether silence may be taken for a yes: agreed in writing, with date and document."
    )
    working_hours = HoursSerializer(  # type: ignore[call-arg]  # a list's
        many=True,
        max_length=84,
        required=False,
        help_text="All spans of a week; a client that never said any works Monday to Friday, 9:00 to 18:00.",
    )
    closing_days = ClosingSerializer(many=True, max_length=200, required=False)  # type: ignore[call-arg]  # a list's
    holidays_country = Text(
        max_length=2, allow_blank=True, required=False, help_text="ISO 3166-1, such as IT. Empty: no public holidays."
    )
    holidays_region = Text(max_length=60, allow_blank=True, required=False, help_text="Such as CN. Empty: none.")
    link_code = Flag(required=False, help_text="Whether a decision through a link asks for a code by mail.")
    watched_names = WatchedNames(
        child=Text(max_length=100, trim_whitespace=True),
        max_length=500,
        allow_null=True,
        required=False,
        help_text="People whose names in a text make a condition true. null for the client's own people.",
    )
    frozen = serializers.BooleanField(read_only=True)
    updated_at = Moment(of="", read_only=True)


class ConsentSerializer(serializers.Serializer[Any]):
    """When the client agreed in writing that silence counts as a yes, and the document that says so."""

    agreed_on = serializers.DateField()
    document = serializers.FileField(help_text="A PDF, or a picture as JPEG, PNG or WebP; 10 MB at most.")


class LogoSerializer(serializers.Serializer[Any]):
    """A client's logo."""

    logo = serializers.FileField(allow_null=True, help_text="PNG or JPEG, 2 MB at most; empty: none.")


class ReasonSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = Text(max_length=500)


class ClientFilters(Filters):
    """Which clients."""

    status = django_filters.MultipleChoiceFilter(choices=Status.choices)
    slug = django_filters.CharFilter()
    language = django_filters.ChoiceFilter(choices=Language.choices)
    frozen = django_filters.BooleanFilter(field_name="frozen_at", lookup_expr="isnull", exclude=True)


class Clients(Creatable[Client], Changeable[Client]):
    """The firms the agency works for, as far as this person works for them."""

    queryset = Client.objects.none()
    serializer_class = ClientSerializer
    filterset_class = ClientFilters
    http_method_names = ("get", "head", "post", "patch")

    def visible(self, user: User) -> QuerySet[Client]:
        staff = Q(pk__in=selectors.staff_clients(user).values("pk"))
        found = selectors.clients(user).annotate(read_by_staff=ExpressionWrapper(staff, BooleanField()))
        return found.prefetch_related("working_hours", "closing_days", "watched")

    def make(self, user: User, fields: dict[str, Any]) -> Client:
        return services.create_client(user=user, **_known(fields))

    def change(self, user: User, row: Client, fields: dict[str, Any]) -> None:
        services.edit_client(user=user, client=row, **_known(fields))

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], parser_classes=[MultiPartParser])
    def tacit_consent(self, request: Request, pk: int) -> FileResponse:
        """The document in which the client agreed to tacit consent, as it came; for the client's staff."""
        return consent_document(get_object_or_404(selectors.staff_clients(person(request)), pk=pk))

    @extend_schema(
        operation_id="clients_agree_tacit_consent",
        request={"multipart/form-data": ConsentSerializer},
        responses=ClientSerializer,
    )
    @tacit_consent.mapping.post
    def agree_tacit_consent(self, request: Request, pk: int) -> Response:
        """Keep the document in which the client agreed to tacit consent; managers only."""
        client = self.get_object()
        services.set_tacit_consent(user=person(request), client=client, **self.body(ConsentSerializer))
        return self.answer(pk)

    @extend_schema(responses={(200, "image/*"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], parser_classes=[MultiPartParser])
    def logo(self, request: Request, pk: int) -> FileResponse:  # noqa: ARG002 - DRF's signature
        """The client's logo, as it is kept; 404 where there is none."""
        return logo_file(self.get_object())

    @extend_schema(
        operation_id="clients_set_logo", request={"multipart/form-data": LogoSerializer}, responses=ClientSerializer
    )
    @logo.mapping.post
    def set_logo(self, request: Request, pk: int) -> Response:
        """Keep this as the client's logo, or none; managers only."""
        services.set_logo(user=person(request), client=self.get_object(), **self.body(LogoSerializer))
        return self.answer(pk)

    @extend_schema(request=ReasonSerializer, responses=ClientSerializer)
    @action(detail=True, methods=["post"])
    def freeze(self, request: Request, pk: int) -> Response:
        """Stop everything of this client: nothing of it is published from now on."""
        client = self.get_object()
        services.freeze(user=person(request), client=client, **self.body(ReasonSerializer))
        return self.answer(pk)

    @extend_schema(request=None, responses=ClientSerializer)
    @action(detail=True, methods=["post"])
    def unfreeze(self, request: Request, pk: int) -> Response:
        """Lift the stop. What became due meanwhile is late, and asks a person."""
        services.unfreeze(user=person(request), client=self.get_object())
        return self.answer(pk)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    """For the service: without a consent there is no document of it; a list that one may not read stays."""
    if "tacit_consent_agreed_on" in fields and fields["tacit_consent_agreed_on"] is None:
        fields["tacit_consent_document"] = None
    if fields.get("watched_names", ()) is None:
        del fields["watched_names"]
    return fields


class MembershipSerializer(Things):
    """A person's role for a client."""

    fixed = ("client", "email", "name")

    id = serializers.IntegerField(read_only=True)
    client = Id(selectors.clients)
    email = serializers.EmailField(source="user.email", max_length=254)
    name = Text(source="user.name", max_length=200, trim_whitespace=True)
    role = serializers.ChoiceField(Role.choices)
    manager = serializers.EmailField(
        source="manager.email",
        max_length=254,
        allow_null=True,
        required=False,
        default=None,
        help_text="To whom this person reports for the client: somebody of the same side. null: to nobody.",
    )
    updated_at = Moment(read_only=True)


class MembershipFilters(Filters):
    """Which roles."""

    client = IdFilter(selectors.clients)
    role = django_filters.MultipleChoiceFilter(choices=Role.choices)
    email = django_filters.CharFilter(field_name="user__email", lookup_expr="iexact")


class Memberships(Creatable[Membership], Changeable[Membership]):
    """Who does what for whom. A client's own people see their side only."""

    queryset = Membership.objects.none()
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilters

    def visible(self, user: User) -> QuerySet[Membership]:
        return selectors.memberships(user)

    def make(self, user: User, fields: dict[str, Any]) -> Membership:
        client = fields["client"]
        manager = self._manager(user, client.pk, fields)
        return services.add_person(user=user, client=client, role=fields["role"], manager=manager, **fields["user"])

    def change(self, user: User, row: Membership, fields: dict[str, Any]) -> None:
        named: dict[str, Any] = {"role": fields["role"]} if "role" in fields else {}
        if "manager" in fields:
            named["manager"] = self._manager(user, row.client_id, fields)
        services.edit_membership(user=user, membership=row, **named)

    @staticmethod
    def _manager(user: User, client_id: int, fields: dict[str, Any]) -> User | None:
        """Who is meant, among the client's people. Raises ``ValidationError`` on ``manager``."""
        email = (fields.get("manager") or {}).get("email")
        if not email:
            return None
        theirs = selectors.memberships(user).filter(client=client_id, user__email__iexact=email).first()
        if theirs is None:
            detail = _("There is nobody with the e-mail %(email)s here.") % {"email": email}
            raise serializers.ValidationError({"manager": [ErrorDetail(detail, "does_not_exist")]})
        return theirs.user

    def destroy(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Take the role away, at once. What the person decided stays."""
        services.end_role(user=person(request), membership=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class SubjectSerializer(serializers.Serializer[Any]):
    """What an event is about."""

    type = serializers.CharField(source="subject_type")
    id = serializers.IntegerField(source="subject_id")


class EventSerializer(Things):
    """One line of the evidence. ``hash`` is over the event and all before it (docs/evidence.md has the recipe)."""

    id = serializers.IntegerField(read_only=True)
    client = serializers.IntegerField(source="client_id", read_only=True, allow_null=True)
    number = serializers.IntegerField(source="seq", read_only=True, help_text="Its place in the client's chain.")
    at = Moment(of="zone", read_only=True)
    actor = serializers.EmailField(source="actor.email", read_only=True, allow_null=True, default=None)
    verb = serializers.CharField(read_only=True)
    subject = SubjectSerializer(source="*", read_only=True)
    digest = serializers.CharField(read_only=True)
    data = serializers.DictField(read_only=True)  # type: ignore[assignment]  # a field, not the serializer's own
    hash = serializers.SerializerMethodField()

    def get_hash(self, event: Event) -> str:
        """In hex."""
        return bytes(event.hash).hex()


class EventFilters(Filters):
    """Which events."""

    updated_since = MomentFilter(field_name="at", lookup_expr="gte", label="happened at or after this time")
    client = IdFilter(selectors.clients, field_name="client_id")
    verb = django_filters.CharFilter()
    actor = django_filters.CharFilter(field_name="actor__email", lookup_expr="iexact")
    subject_type = django_filters.CharFilter()
    subject_id = NumberFilter()
    digest = django_filters.CharFilter()


class Events(Resource[Event]):
    """The evidence: who did what to what, when, with which words. Staff read their clients', agency admins all."""

    queryset = Event.objects.none()
    serializer_class = EventSerializer
    filterset_class = EventFilters
    http_method_names = ("get", "head")
    ordering_fields = ("id",)

    def visible(self, user: User) -> QuerySet[Event]:
        zone = Client.objects.filter(pk=OuterRef("client_id")).values("timezone")[:1]
        return selectors.events(user).annotate(zone=Coalesce(Subquery(zone), Value("UTC")))


router.register("clients", Clients, "api-client")
router.register("memberships", Memberships, "api-membership")
router.register("events", Events, "api-event")
pages.append(path("me/", Me.as_view(), name="me"))
