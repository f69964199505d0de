"""Slots: the times of a week at which a channel's posts usually go out."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from clients.selectors import clients
from rest.fields import Clock, Flag, Id, Moment, Part, Text, Things, Whole
from rest.filters import Filters, IdFilter
from rest.views import Changeable, Creatable, person
from social import selectors, services
from social.models import Slot
from social.models.slots import ADVICE_LENGTH


class SlotSerializer(Things):
    """One minute of a week, on the client's clock."""

    fixed = ("channel",)

    id = serializers.IntegerField(read_only=True)
    client = serializers.IntegerField(source="client_id", read_only=True)
    channel = Id(selectors.channels)
    weekday = Whole(min_value=0, max_value=6, help_text="0 is Monday.")
    at = Clock()
    best = Flag(required=False, help_text="Somebody says that it is a good hour.")
    advice = Text(
        max_length=ADVICE_LENGTH, required=False, allow_blank=True, help_text="Who says so, and why; then it is `best`."
    )
    updated_at = Moment(read_only=True)


class QueueSerializer(Part):
    """Which slot a post is to have."""

    channel = Id(selectors.channels, required=False, help_text="The channel that leads; else the first that has slots.")
    best = Flag(required=False, help_text="One of its best hours.")
    after = Moment(required=False, help_text="Later than this. Without an offset: on the client's clock.")


class FreeSlotSerializer(serializers.Serializer[Any]):
    """A slot that is still free, and when it comes."""

    at = Moment(of="slot.channel.client", read_only=True)
    slot = serializers.IntegerField(source="slot.pk", read_only=True)
    best = serializers.BooleanField(source="slot.best", read_only=True)
    advice = serializers.CharField(source="slot.advice", read_only=True)


class SlotFilters(Filters):
    """Which slots."""

    client = IdFilter(clients)
    channel = IdFilter(selectors.channels)
    weekday = django_filters.MultipleChoiceFilter(choices=[(str(day), str(day)) for day in range(7)])
    best = django_filters.BooleanFilter()


class Slots(Creatable[Slot], Changeable[Slot]):
    """The slots of one's clients' channels, for their staff. Managers and editors write them."""

    queryset = Slot.objects.none()
    serializer_class = SlotSerializer
    filterset_class = SlotFilters

    def visible(self, user: User) -> QuerySet[Slot]:
        return selectors.slots(user)

    def make(self, user: User, fields: dict[str, Any]) -> Slot:
        return services.create_slot(user=user, **fields)

    def change(self, user: User, row: Slot, fields: dict[str, Any]) -> None:
        fields.pop("channel", None)
        services.edit_slot(user=user, slot=row, **fields)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Take it away. What was planned there keeps its time."""
        services.delete_slot(user=person(request), slot=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
