"""Deputies: who stands in for whom, for which client, from when until when."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from approvals import selectors, services
from approvals.models import Deputy
from clients.selectors import clients, memberships
from rest.fields import Id, Moment, Things
from rest.filters import Filters, IdFilter
from rest.views import Creatable, person


@extend_schema_field({"type": "string", "format": "email"})
class Colleague(serializers.Field[Any, Any, str, Any]):
    """The e-mail of somebody whose role for a client this person may see."""

    default_error_messages = {
        "invalid": gettext_lazy("This is an e-mail address."),
        "does_not_exist": gettext_lazy("There is nobody with the e-mail {email} here."),
    }

    def to_internal_value(self, data: Any) -> User:
        if not isinstance(data, str) or "\0" in data:
            self.fail("invalid")
        asking: User = self.context["request"].user
        email = data.strip().lower()
        if email == asking.email:
            return asking  # also an agency admin, who has no role of their own
        seen = memberships(asking).filter(user__email=email)
        known = User.objects.filter(pk__in=seen.values("user")).first()
        if known is None:
            self.fail("does_not_exist", email=data[:254])
        return known

    def to_representation(self, value: str) -> str:
        return value


class DeputySerializer(Things):
    """Somebody who may decide on another's seats for one client, for a while. Both names are kept."""

    id = serializers.IntegerField(read_only=True)
    client = Id(clients)
    principal = Colleague(source="principal.email", help_text="Who is away: oneself, or anybody for a manager.")
    deputy = Colleague(source="deputy.email", help_text="Of the same side, with a role that decides.")
    from_at = Moment(help_text="Without an offset it is on the client's clock.")
    until = Moment()
    named_by = serializers.EmailField(source="named_by.email", read_only=True)
    cancelled_at = Moment(read_only=True, allow_null=True)
    in_force = serializers.SerializerMethodField()

    def get_in_force(self, deputy: Deputy) -> bool:
        """Whether the deputy may decide now."""
        return deputy.cancelled_at is None and deputy.from_at <= timezone.now() < deputy.until


class DeputyFilters(Filters):
    """Which deputies."""

    client = IdFilter(clients)
    in_force = django_filters.BooleanFilter(method="now", label="Whether they may decide now.")

    def now(self, found: QuerySet[Deputy], _name: str, wanted: bool) -> QuerySet[Deputy]:  # noqa: FBT001 - django-filter's
        """In force now, or not."""
        now = timezone.now()
        there = found.filter(cancelled_at=None, from_at__lte=now, until__gt=now)
        return there if wanted else found.exclude(pk__in=there.values("pk"))


class Deputies(Creatable[Deputy]):
    """Who stands in for whom. Staff see those of their clients; a client's people those that concern themselves."""

    queryset = Deputy.objects.none()
    serializer_class = DeputySerializer
    filterset_class = DeputyFilters
    ordering_fields: ClassVar[tuple[str, ...]] = ("id",)
    http_method_names = ("get", "head", "post")

    def visible(self, user: User) -> QuerySet[Deputy]:
        return selectors.deputies(user)

    def make(self, user: User, fields: dict[str, Any]) -> Deputy:
        return services.name_deputy(
            user=user,
            client=fields["client"],
            principal=fields["principal"]["email"],
            deputy=fields["deputy"]["email"],
            from_at=fields["from_at"],
            until=fields["until"],
        )

    @extend_schema(request=None, responses=DeputySerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: int) -> Response:
        """The deputy decides nothing any more from now on. What they decided stands."""
        services.end_deputy(user=person(request), deputy=self.get_object())
        return self.answer(pk)
