"""The report of a strategy, as programs read it."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clients.months import month_from
from rest.fields import Amount
from rest.views import Resource, person
from strategy.models import NumberSource, Strategy
from strategy.reports import Report, report_of

MONTH = OpenApiParameter(
    "month", str, description="Such as 2026-11, on the client's clock; the present one by default."
)


class CountSerializer(serializers.Serializer[Any]):
    """Posts, each once on each of its channels."""

    planned = serializers.IntegerField(help_text="With their time in it, drafts included; for contacts once approved.")
    published = serializers.IntegerField(help_text="Of those, what is out.")


class PillarShareSerializer(serializers.Serializer[Any]):
    """One pillar."""

    pillar = serializers.SerializerMethodField(help_text="null: posts without one, or pillars of no strategy.")
    name = serializers.SerializerMethodField()
    agreed = serializers.IntegerField(allow_null=True, help_text="In percent.")
    planned = serializers.IntegerField(source="count.planned")
    published = serializers.IntegerField(source="count.published")
    planned_share = serializers.FloatField(allow_null=True, help_text="In percent; null where nothing is planned.")
    published_share = serializers.FloatField(allow_null=True, help_text="In percent; null where nothing is out.")

    def get_pillar(self, row: Any) -> int | None:
        """Its number."""
        return row.pillar or None

    def get_name(self, row: Any) -> str:
        """What it is called."""
        if row.pillar == 0:
            return _("Without a pillar")
        return row.name or _("Other pillars")


class ChannelShareSerializer(serializers.Serializer[Any]):
    """One channel by pillars."""

    channel = serializers.IntegerField()
    name = serializers.CharField()
    network = serializers.CharField()
    handle = serializers.CharField()
    pillars = PillarShareSerializer(many=True)


class MonthShareSerializer(serializers.Serializer[Any]):
    """One month by pillars."""

    month = serializers.CharField()
    pillars = PillarShareSerializer(many=True)


class WeekSerializer(serializers.Serializer[Any]):
    """One week."""

    monday = serializers.DateField()
    planned = serializers.IntegerField(source="count.planned")
    published = serializers.IntegerField(source="count.published")


class CadenceReportSerializer(serializers.Serializer[Any]):
    """One channel by the weeks that have a day in the month."""

    channel = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    network = serializers.CharField()
    handle = serializers.CharField()
    per_week = Amount(allow_null=True, help_text="What was agreed; null: nothing was.")
    left_out = serializers.BooleanField()
    weeks = WeekSerializer(many=True)


class NumberReportSerializer(serializers.Serializer[Any]):
    """How an objective stood in a month."""

    month = serializers.SerializerMethodField()
    value = Amount()
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field, not the serializer's own
        NumberSource.choices
    )

    def get_month(self, row: Any) -> str:
        """Such as 2026-11."""
        return f"{row.month:%Y-%m}"


class ObjectiveReportSerializer(serializers.Serializer[Any]):
    """An objective as it was agreed, and its numbers; a month that is not there is unknown."""

    id = serializers.IntegerField(source="objective.pk")
    name = serializers.CharField(source="objective.name")
    unit = serializers.CharField(source="objective.unit")
    baseline = Amount(source="objective.baseline", allow_null=True)
    target = Amount(source="objective.target")
    due_on = serializers.DateField(source="objective.due_on")
    reached = serializers.BooleanField(allow_null=True, help_text="null without a number.")
    proposed = serializers.BooleanField(help_text="A version was in force, and this stands in the draft alone.")
    numbers = NumberReportSerializer(many=True)


class StrategyReportSerializer(serializers.Serializer[Report]):
    """A month of a strategy."""

    strategy = serializers.IntegerField(source="strategy.pk")
    month = serializers.CharField()
    version = serializers.IntegerField(allow_null=True, help_text="What was in force; null: the draft stands beside.")
    count = CountSerializer()
    pillars = PillarShareSerializer(many=True)
    channels = ChannelShareSerializer(many=True)
    months = MonthShareSerializer(many=True, help_text="This one and the five before.")
    cadences = CadenceReportSerializer(many=True)
    objectives = ObjectiveReportSerializer(many=True)


class ReportActions(Resource[Strategy]):
    """What a strategy came to."""

    @extend_schema(parameters=[MONTH], responses=StrategyReportSerializer, filters=False)
    @action(detail=True, pagination_class=None, filter_backends=[])
    def report(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Shares of pillars and cadences of channels beside what was agreed, and objectives beside their targets."""
        strategy = self.get_object()
        month = month_from(strategy.client, request.query_params.get("month", ""))
        return Response(StrategyReportSerializer(report_of(person(request), strategy, month)).data)
