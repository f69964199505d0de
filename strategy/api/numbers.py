"""What strategies say in numbers: objectives and how they stand, cadences, occasions."""

from datetime import date
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from clients.models import STAFF_ROLES
from clients.selectors import clients, role_of
from rest.fields import Amount, Flag, Id, Moment, Part, Text, Things, Whole
from rest.filters import Filters, IdFilter
from rest.views import Changeable, Creatable, person
from strategy import selectors, services
from strategy.api.strategies import Owner
from strategy.models import Cadence, Metric, NumberSource, Objective, ObjectiveNumber, Occasion, Rank, Strategy
from strategy.models.plans import LINE_LENGTH, REASON_LENGTH
from strategy.services.numbers import UNIT_LENGTH


class ObjectiveSerializer(Things):
    """What is to be reached, by which measure, until when."""

    fixed = ("strategy",)

    id = serializers.IntegerField(read_only=True)
    strategy = Id(selectors.strategies)
    client = serializers.IntegerField(source="client_id", read_only=True)
    name = Text(max_length=LINE_LENGTH)
    measure = Text(max_length=LINE_LENGTH, help_text="By what it is measured.")
    unit = Text(max_length=UNIT_LENGTH, required=False, allow_blank=True)
    rank = serializers.ChoiceField(Rank.choices, required=False)
    baseline = Amount(required=False, allow_null=True, help_text="null: nobody knows it.")
    target = Amount()
    due_on = serializers.DateField()
    metric = serializers.ChoiceField(
        Metric.choices,
        required=False,
        allow_blank=True,
        help_text="What networks count that fills its numbers each month, added up over posts (reach, too: whoever saw two "
        "posts counts twice); empty: people enter them.",
    )
    serving_only = Flag(required=False, help_text="Counted of posts that name this objective alone.")
    updated_at = Moment(read_only=True)

    def validate_due_on(self, day: date) -> date:
        """Told beside whatever else is wrong."""
        strategy = self.instance.strategy if self.instance else self._strategy()
        if strategy:
            try:
                services.check_objective(strategy, self.instance, due_on=day)
            except ValidationError as error:
                raise ValidationError(error.error_dict["due_on"]) from None
        return day

    def _strategy(self) -> Strategy | None:
        """The one that was named; None where that is among what is wrong."""
        try:
            found: Strategy = self.fields["strategy"].run_validation(self.initial_data.get("strategy"))
        except serializers.ValidationError:
            return None
        return found


class NumberSerializer(Part):
    """How an objective stood in a month."""

    month = serializers.DateField(help_text="Any day of it; kept as its first.")
    value = Amount()
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field, not the serializer's own
        NumberSource.choices, read_only=True
    )
    by = serializers.SerializerMethodField()
    note = Text(
        max_length=LINE_LENGTH,
        required=False,
        allow_blank=True,
        help_text="For staff. What networks told it of is everybody's to read.",
    )
    updated_at = Moment(read_only=True)

    @extend_schema_field({"type": ["string", "null"], "format": "email"})
    def get_by(self, number: ObjectiveNumber) -> str | None:
        """Who entered it, for staff."""
        return number.by.email if number.by and self.context["inside"] else None

    def to_representation(self, instance: ObjectiveNumber) -> dict[str, Any]:
        """As its reader may know it."""
        shown: dict[str, Any] = super().to_representation(instance)
        return {**shown, "note": instance.note_for(inside=self.context["inside"])}


class CadenceSerializer(Part):
    """How many posts a week were meant for a channel, and why; or why it is left out."""

    id = serializers.IntegerField(read_only=True)
    strategy = Id(selectors.strategies)
    client = serializers.IntegerField(source="client_id", read_only=True)
    channel = Whole(required=False, allow_null=True, min_value=1, help_text="One of the client's; null: none of them.")
    name = Text(
        max_length=LINE_LENGTH, required=False, allow_blank=True, help_text="Of what is no channel of the client's."
    )
    per_week = Amount(required=False, allow_null=True)
    left_out = Flag(required=False)
    reason = Text(max_length=REASON_LENGTH, required=False, allow_blank=True)
    owner = Owner(required=False, allow_null=True)
    updated_at = Moment(read_only=True)


class OccasionSerializer(Things):
    """A day worth a post."""

    fixed = ("strategy",)

    id = serializers.IntegerField(read_only=True)
    strategy = Id(selectors.strategies)
    client = serializers.IntegerField(source="client_id", read_only=True)
    name = Text(max_length=LINE_LENGTH)
    on = serializers.DateField()
    yearly = Flag(required=False, help_text="Every year on that day.")
    note = Text(max_length=REASON_LENGTH, required=False, allow_blank=True)
    updated_at = Moment(read_only=True)


class OfStrategyFilters(Filters):
    """Which of them."""

    client = IdFilter(clients)
    strategy = IdFilter(selectors.strategies)


class CadenceFilters(OfStrategyFilters):
    """Which cadences."""

    channel = django_filters.NumberFilter(min_value=1, max_value=2**63 - 1)


class Objectives(Creatable[Objective], Changeable[Objective]):
    """The objectives of strategies that one may see; staff write them."""

    queryset = Objective.objects.none()
    serializer_class = ObjectiveSerializer
    filterset_class = OfStrategyFilters

    def visible(self, user: User) -> QuerySet[Objective]:
        return selectors.objectives(user)

    def make(self, user: User, fields: dict[str, Any]) -> Objective:
        return services.add_objective(user=user, **fields)

    def change(self, user: User, row: Objective, fields: dict[str, Any]) -> None:
        fields.pop("strategy", None)
        services.edit_objective(user=user, objective=row, **fields)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Take it out. How it stood stays."""
        services.remove_objective(user=person(request), objective=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(methods=["GET"], responses=NumberSerializer(many=True))
    @extend_schema(
        methods=["POST"], operation_id="objectives_set_number", request=NumberSerializer, responses=NumberSerializer
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None, filter_backends=[])
    def numbers(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """How it stood, month by month; written anew, a month is corrected. Nobody need agree to that."""
        objective = self.get_object()
        if request.method == "POST":
            given = self.body(NumberSerializer)
            told = given.pop("note", "")
            number = services.set_number(user=person(request), objective=objective, note_text=told, **given)
            return Response(NumberSerializer(number, context={"inside": True}).data)
        inside = role_of(person(request), objective.client_id) in STAFF_ROLES
        found = selectors.numbers(objective)
        return Response(NumberSerializer(found, many=True, context={"inside": inside}).data)


class Cadences(Creatable[Cadence]):
    """The cadences of strategies that one may see; staff write them. Written again for the same channel, it is changed."""

    queryset = Cadence.objects.none()
    serializer_class = CadenceSerializer
    filterset_class = CadenceFilters
    http_method_names = ("get", "head", "post", "delete")

    def visible(self, user: User) -> QuerySet[Cadence]:
        return selectors.cadences(user)

    def make(self, user: User, fields: dict[str, Any]) -> Cadence:
        return services.set_cadence(user=user, **fields)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Say nothing of this channel any more."""
        services.remove_cadence(user=person(request), cadence=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Occasions(Creatable[Occasion], Changeable[Occasion]):
    """The occasions of strategies that one may see; staff write them."""

    queryset = Occasion.objects.none()
    serializer_class = OccasionSerializer
    filterset_class = OfStrategyFilters

    def visible(self, user: User) -> QuerySet[Occasion]:
        return selectors.occasions(user)

    def make(self, user: User, fields: dict[str, Any]) -> Occasion:
        return services.add_occasion(user=user, **fields)

    def change(self, user: User, row: Occasion, fields: dict[str, Any]) -> None:
        fields.pop("strategy", None)
        services.edit_occasion(user=user, occasion=row, **fields)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Take it out. What serves it stays."""
        services.remove_occasion(user=person(request), occasion=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
