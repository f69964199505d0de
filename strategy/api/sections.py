"""Sections of strategies: saved, each saving a revision; merged by hand; moved, taken out, put back."""

from http import HTTPStatus
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from clients.selectors import clients
from rest.fields import Flag, Id, Moment, Part, Whole
from rest.filters import Filters, IdFilter
from rest.problems import problem
from rest.views import Creatable, person
from strategy import selectors, services
from strategy.api.strategies import Owner, SectionTexts
from strategy.kept import kept
from strategy.models import Horizon, Revision, Section, SectionKind
from strategy.services import Saved
from strategy.services.sections import MOST_SECTIONS

REVISION = "The number of the revision that one began from."


class RevisionSerializer(serializers.Serializer[Revision]):
    """One saving of a section."""

    number = serializers.IntegerField()
    author = serializers.EmailField(source="author.email")
    credit = serializers.SerializerMethodField(help_text="Whose suggested words it takes up; null: nobody's.")
    title = serializers.CharField()
    body = serializers.CharField()
    why = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field, not the serializer's own
    horizon = serializers.ChoiceField(Horizon.choices)
    review_by = serializers.DateField(allow_null=True)
    owner = Owner(allow_null=True)
    begun_from = serializers.IntegerField(allow_null=True)
    beside = serializers.BooleanField(help_text="It was begun from what was not the current one any more.")
    merges = serializers.ListField(
        child=serializers.IntegerField(), help_text="What stood beside, and is settled by it."
    )
    created_at = Moment()

    @extend_schema_field({"type": ["string", "null"], "format": "email"})
    def get_credit(self, revision: Revision) -> str | None:
        """By e-mail; what stays in the agency is told to staff alone."""
        hidden = revision.credit_internal and not self.context["staff"]
        return revision.credit.email if revision.credit and not hidden else None


class SectionSerializer(SectionTexts):
    """A section of a strategy, as it reads now."""

    id = serializers.IntegerField(read_only=True)
    strategy = Id(selectors.strategies)
    client = serializers.IntegerField(source="client_id", read_only=True)
    position = Whole(
        required=False, min_value=1, max_value=MOST_SECTIONS, help_text="Counted from 1; without it: the last."
    )
    kind = serializers.ChoiceField(SectionKind.choices)
    due_on = serializers.DateField(read_only=True, help_text="By when it has to be looked at again.")
    revision = serializers.IntegerField(read_only=True)
    locked_by = serializers.SerializerMethodField(help_text="Who is writing in it just now, by e-mail.")
    removed = serializers.SerializerMethodField()
    created_at = Moment(read_only=True)
    updated_at = Moment(read_only=True)

    @extend_schema_field({"type": ["string", "null"], "format": "email"})
    def get_locked_by(self, section: Section) -> str | None:
        """Nobody, once their time is up."""
        who = services.is_in(section)
        return who.email if who else None

    def get_removed(self, section: Section) -> bool:
        """Whether it was taken out."""
        return section.removed_at is not None


class SavingSerializer(SectionTexts):
    """What was typed, and from where."""

    revision = Whole(min_value=1, help_text=REVISION)


class MergingSerializer(SavingSerializer):
    """The same, with what stands beside taken into account."""

    merges = serializers.ListField(child=Whole(min_value=1), min_length=1, max_length=MOST_SECTIONS)


class MovingSerializer(Part):
    """Where to."""

    position = Whole(min_value=1, max_value=MOST_SECTIONS)


class LockingSerializer(Part):
    """Whether to come in while somebody else is in it."""

    anyway = Flag(required=False)


class SectionFilters(Filters):
    """Which sections."""

    client = IdFilter(clients)
    strategy = IdFilter(selectors.strategies)
    kind = django_filters.MultipleChoiceFilter(choices=SectionKind.choices)


class Sections(Creatable[Section]):
    """The sections of strategies that one may see. Staff write them; the client's approvers where the strategy says so."""

    queryset = Section.objects.none()
    serializer_class = SectionSerializer
    filterset_class = SectionFilters

    def visible(self, user: User) -> QuerySet[Section]:
        return selectors.sections(user, removed=self.action not in {None, "list"})

    def get_ordering_fields(self) -> tuple[str, ...]:
        """Revisions are numbered."""
        return ("id",) if self.action in {"revisions", "beside"} else self.ordering_fields

    def make(self, user: User, fields: dict[str, Any]) -> Section:
        return services.add_section(user=user, **fields)

    @extend_schema(request=SavingSerializer, responses=SectionSerializer)
    def partial_update(self, request: Request, pk: int) -> HttpResponseBase:
        """Save what is named. Begun from what is not the current revision any more, it is kept beside it: 409, with both."""
        section = self.get_object()
        given = self.body(SavingSerializer)
        saved = services.save_section(user=person(request), section=section, begun_from=given.pop("revision"), **given)
        return self._said(pk, saved)

    @extend_schema(request=MergingSerializer, responses=SectionSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: int) -> HttpResponseBase:
        """Save what takes into account what stands beside the section; that is settled by it."""
        section = self.get_object()
        given = self.body(MergingSerializer)
        saved = services.merge_section(user=person(request), section=section, begun_from=given.pop("revision"), **given)
        return self._said(pk, saved)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Take it out. Its revisions stay, and it can be put back."""
        services.remove_section(user=person(request), section=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=SectionSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: int) -> Response:
        """Put it back, as the last."""
        services.restore_section(user=person(request), section=self.get_object())
        return self.answer(pk)

    @extend_schema(request=MovingSerializer, responses=SectionSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: int) -> Response:
        """Put it at another place; the others make room."""
        services.move_section(user=person(request), section=self.get_object(), **self.body(MovingSerializer))
        return self.answer(pk)

    @extend_schema(request=None, responses=SectionSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: int) -> Response:
        """It was looked at again, and still holds."""
        services.confirm_section(user=person(request), section=self.get_object())
        return self.answer(pk)

    @extend_schema(request=LockingSerializer, responses=SectionSerializer)
    @action(detail=True, methods=["post"])
    def lock(self, request: Request, pk: int) -> Response:
        """Say that one is writing in it, for a minute and a half; again, for longer. It keeps nobody from saving."""
        services.take_lock(user=person(request), section=self.get_object(), **self.body(LockingSerializer))
        return self.answer(pk)

    @extend_schema(request=None, responses=SectionSerializer)
    @action(detail=True, methods=["post"])
    def unlock(self, request: Request, pk: int) -> Response:
        """One has left it."""
        services.release_lock(user=person(request), section=self.get_object())
        return self.answer(pk)

    @extend_schema(responses=RevisionSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None)
    def revisions(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Every saving, with its author."""
        return self.page(selectors.revisions(self.get_object()), RevisionSerializer)

    @extend_schema(responses=RevisionSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None)
    def beside(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """What stands beside it and waits to be merged."""
        found = selectors.open_beside(self.get_object()).select_related("author", "credit", "owner", "client")
        return self.page(found, RevisionSerializer)

    def get_serializer_context(self) -> dict[str, Any]:
        """Whether the person is staff of the client."""
        context = dict(super().get_serializer_context())
        if self.action in {"revisions", "beside", "partial_update", "merge"}:
            section = self.get_object()
            context["staff"] = selectors.staff_strategies(person(self.request)).filter(pk=section.strategy_id).exists()
        return context

    def _said(self, pk: int, saved: Saved) -> HttpResponseBase:
        if not saved.beside:
            return self.answer(pk)
        text = " ".join([kept(saved), _("Compare the two, then merge them.")])
        rows: Any = [saved.revision, saved.current]
        both = RevisionSerializer(rows, many=True, context=self.get_serializer_context()).data
        return problem(HTTPStatus.CONFLICT, text, code="kept_beside", revisions=list(both))
