"""A nudge by hand, by the API; and who waits for whom."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from approvals import kinds, subjects, waiting
from approvals.models import Review, Seat
from approvals.services.nudging import nudge, nudge_all
from clients.models import STAFF_ROLES
from clients.selectors import clients, require
from rest.fields import Moment, Whole
from rest.filters import IdFilter
from rest.views import Resource, person


class NudgeSerializer(serializers.Serializer[Any]):
    """Whom."""

    seat = Whole(
        min_value=1, required=False, help_text="The seat's id; without it, everybody whose decision is asked now."
    )


class NudgeActions(Resource[Review]):
    """The verb of a review that reminds its people."""

    @extend_schema(request=NudgeSerializer)
    @action(detail=True, methods=["post"])
    def nudge(self, request: Request, pk: int) -> Response:
        """Ask again for a decision, in one's own name: every four hours and three times a day at most. For staff."""
        review = self.get_object()
        given = self.body(NudgeSerializer)
        if "seat" in given:
            require(person(request), review.client_id, STAFF_ROLES)
            nudge(user=person(request), seat=get_object_or_404(Seat, step__review=review, pk=given["seat"]))
        else:
            nudge_all(user=person(request), review=review)
        return self.answer(pk)


class WaitingSubjectSerializer(serializers.Serializer[Seat]):
    """What the review is about."""

    type = serializers.SerializerMethodField()
    id = serializers.IntegerField(source="step.review.subject_id")
    title = serializers.CharField(source="step.review.title")

    @extend_schema_field(serializers.ChoiceField(kinds.choices()))
    def get_type(self, seat: Seat) -> str:
        """The kind of it."""
        return subjects.kind_of(seat.step.review.subject_type_id)


class WaitingSerializer(serializers.Serializer[Seat]):
    """One seat whose decision is asked now, the longest waiting first where ordered by nothing else."""

    id = serializers.IntegerField(help_text="The seat's.")
    client = serializers.IntegerField(source="client_id")
    review = serializers.IntegerField(source="step.review_id")
    subject = WaitingSubjectSerializer(source="*")
    position = serializers.IntegerField(source="step.position")
    step = serializers.CharField(source="step.name")
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")
    deputy = serializers.EmailField(allow_null=True, help_text="Who stands in now and is reminded instead.")
    waits_since = Moment(source="since")
    due_at = Moment(source="step.due_at", of="client", allow_null=True)
    goes_out_at = Moment(source="step.review.goes_out_at", of="client", allow_null=True)
    reminders = serializers.IntegerField(source="reminded", help_text="How many were sent.")
    reminded_at = Moment(allow_null=True)
    late = serializers.BooleanField(help_text="Its time is up, or the hour of publishing has come.")
    blocked = serializers.BooleanField(help_text="The review can't pass as it stands.")


class WaitingFilters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """Which of them."""

    client = IdFilter(clients)
    person = django_filters.CharFilter(field_name="user__email", lookup_expr="iexact", label="by e-mail")
    late = django_filters.BooleanFilter(method="is_late")

    def is_late(self, found: QuerySet[Seat], _name: str, late: bool) -> QuerySet[Seat]:  # noqa: FBT001 - django-filter's
        """Only those, or none of those."""
        condition = waiting.is_late(timezone.now())
        return found.filter(condition) if late else found.exclude(condition)


class Waiting(Resource[Seat]):
    """Who waits for whom, over all clients one is staff for. A client's people see none."""

    queryset = Seat.objects.none()
    serializer_class = WaitingSerializer
    filterset_class = WaitingFilters
    http_method_names = ("get", "head")
    ordering_fields = ("id",)

    def visible(self, user: User) -> QuerySet[Seat]:
        return waiting.standing(waiting.waiting_seats(user), timezone.now())
