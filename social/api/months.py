"""A client's month, as programs read it: the calendar, what it costs, and how far it may go."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from clients.models import Client
from clients.months import Month, month_from
from clients.selectors import clients, staff_clients
from rest.fields import Amount
from rest.idempotency import Repeatable
from rest.views import person
from social import costs, services
from social.calendars import calendar
from social.models import PostState, PublicationState
from social.narrowing import narrowed
from social.services.serving import NAMES

STATES = list(dict([*PostState.choices, *PublicationState.choices]).items())
MONTH = OpenApiParameter(
    "month", str, description="Such as 2026-11, on the client's clock; the present one by default."
)

SERVING = [OpenApiParameter(name, int, description="Only what serves it.") for name in NAMES]


class AsGiven(serializers.DateTimeField):
    """A time that has the client's offset already."""

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class WaitSerializer(serializers.Serializer[Any]):
    """What will keep a publication from going out at its time, or keeps it now."""

    code = serializers.ChoiceField(
        [("limit_used_up", "a limit"), ("ceiling", "the month's ceiling"), ("connection", "the channel's connection")]
    )
    until = AsGiven(allow_null=True, help_text="When it goes out then; null where somebody has to do something before.")
    detail = serializers.CharField(help_text="For people.")


class EntrySerializer(serializers.Serializer[Any]):
    """A publication, or a post that is none yet."""

    at = AsGiven()
    post = serializers.IntegerField()
    title = serializers.CharField()
    channels = serializers.ListField(child=serializers.CharField(), help_text="Their names.")
    publication = serializers.IntegerField(allow_null=True, help_text="null as long as it is none.")
    state = serializers.ChoiceField(STATES)
    dollars = Amount(help_text="What the network takes for it, in US dollars.")
    waits = WaitSerializer(source="wait", allow_null=True)


class CalendarSerializer(serializers.Serializer[Any]):
    """One month of a client."""

    client = serializers.IntegerField()
    month = serializers.CharField()
    timezone = serializers.CharField()
    entries = EntrySerializer(many=True, help_text="By time.")


class ChannelCostSerializer(serializers.Serializer[Any]):
    """What went out on one channel."""

    channel = serializers.IntegerField()
    publications = serializers.IntegerField()
    dollars = Amount()


class SpendingSerializer(serializers.Serializer[Any]):
    """What a month costs, in US dollars."""

    client = serializers.IntegerField()
    month = serializers.CharField()
    dollars = Amount(help_text="What was charged, what is uncertain included.")
    uncertain = Amount(help_text="Of that, what nobody knows to be live.")
    reading = Amount(help_text="Of that, for asking networks whether it is out, and how it is.")
    deleting = Amount(help_text="Of that, for taking it down.")
    planned = Amount(help_text="What is scheduled beside it.")
    ceiling = Amount(allow_null=True, help_text="null where there is none.")
    held = serializers.IntegerField(help_text="Publications that wait for a manager.")
    channels = ChannelCostSerializer(many=True)


class CeilingSerializer(serializers.Serializer[Any]):
    """How far a month may go."""

    dollars = Amount(allow_null=True, min_value=0, max_value=9_999_999, help_text="US dollars; null: no ceiling.")


class Months(Repeatable, GenericViewSet[Client]):
    """A client's month."""

    queryset = Client.objects.none()
    serializer_class = CalendarSerializer
    lookup_value_converter = "int"
    filter_backends = ()
    pagination_class = None

    def _client(self, pk: int) -> Client:
        return get_object_or_404(clients(person(self.request)), pk=pk)

    @extend_schema(parameters=[MONTH, *SERVING], responses=CalendarSerializer)
    @action(detail=True, methods=["get"])
    def calendar(self, request: Request, pk: int) -> Response:
        """What goes out when, where it stands and what will keep it."""
        client = self._client(pk)
        month = month_from(client, request.query_params.get("month", ""))
        only = narrowed(person(request), client, request.query_params)
        found = {
            "client": client.pk,
            "month": str(month),
            "timezone": client.timezone,
            "entries": calendar(person(request), client, month, only),
        }
        return Response(CalendarSerializer(found).data)

    @extend_schema(parameters=[MONTH], responses=SpendingSerializer)
    @action(detail=True, methods=["get"])
    def spending(self, request: Request, pk: int) -> Response:
        """What the month costs at the networks; for the client's staff."""
        client = get_object_or_404(staff_clients(person(request)), pk=pk)
        return self._spending(request, client, month_from(client, request.query_params.get("month", "")))

    @extend_schema(request=CeilingSerializer, responses=SpendingSerializer)
    @action(detail=True, methods=["post"])
    def ceiling(self, request: Request, pk: int) -> Response:
        """Say how many US dollars a month may cost before a manager is asked; managers only."""
        client = self._client(pk)
        given = CeilingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        dollars: Decimal | None = given.validated_data["dollars"]
        services.set_ceiling(user=person(request), client=client, dollars=dollars)
        return self._spending(request, client, month_from(client, ""))

    def _spending(self, request: Request, client: Client, month: Month) -> Response:
        found = costs.spending(person(request), client, month)
        told = {
            name: getattr(found, name)
            for name in ("dollars", "uncertain", "reading", "deleting", "planned", "ceiling", "held", "channels")
        }
        return Response(SpendingSerializer({"client": client.pk, "month": str(month), **told}).data)
