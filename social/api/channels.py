"""Channels: one account on one network. Credentials go in and never come out."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from clients.selectors import clients, contacts
from rest.fields import Amount, Id, Moment, Secrets, Text, Things
from rest.filters import Filters, IdFilter
from rest.views import Changeable, Creatable, person
from social import networks, selectors, services
from social.api.slots import FreeSlotSerializer
from social.history import download
from social.models import Channel, ChannelStatus
from social.services.checking import await_answer
from social.services.signing_in import await_end, refusal_of, with_typed
from social.slotting import free_slots

PATIENCE = 10  # seconds that a request waits at most for a network that is asked beside it
NEXT = 10  # free slots that are told at once
NETWORKS = [(slug, network.name) for slug, network in sorted(networks.NETWORKS.items())]


class RefusalSerializer(serializers.Serializer[Any]):
    """Why new credentials were not taken."""

    code = serializers.CharField(help_text="For programs: as in the answer to the PATCH that brought them.")
    detail = serializers.CharField(help_text="For people, in the language of who brought them.")
    brought_at = Moment()


class ChannelSerializer(Things):
    """An account of a client on a network."""

    fixed = ("client", "network")

    id = serializers.IntegerField(read_only=True)
    client = Id(clients)
    network = serializers.ChoiceField(NETWORKS)
    handle = Text(max_length=200, trim_whitespace=True)
    name = Text(max_length=200, required=False, allow_blank=True, help_text="The handle, where none is given.")
    server = Text(
        max_length=200, required=False, allow_blank=True, help_text="A URL, for networks with many servers; else empty."
    )
    credentials = Secrets(write_only=True, required=False, help_text="What the network's `needs` name.")
    status = serializers.ChoiceField(ChannelStatus.choices, read_only=True)
    status_detail = serializers.CharField(read_only=True, help_text="Why it is broken, for people.")
    confirmed = serializers.BooleanField(
        read_only=True,
        help_text="Whether its network has ever said whose account it is; `connected` is said before, too.",
    )
    retired_at = Moment(read_only=True, allow_null=True)
    retired_because = serializers.CharField(read_only=True, help_text="Why it is retired, for people.")
    checked_at = Moment(
        read_only=True,
        allow_null=True,
        help_text="When the network last answered who we are; null: it has not yet, and nobody has confirmed the account.",
    )
    being_asked = serializers.BooleanField(
        read_only=True, help_text="Whether somebody wants the network asked, and its answer is not there yet."
    )
    being_tried = serializers.BooleanField(
        read_only=True,
        help_text="Whether new credentials are being tried at the network. Those from before hold until it has taken them.",
    )
    not_taken = serializers.SerializerMethodField(
        help_text="Why the last new credentials were not taken; null where they were, are being tried, or it was connected "
        "since. Known for a day."
    )
    ends_at = Moment(read_only=True, allow_null=True, help_text="When the connection ends by itself, if it does.")
    cadence_per_week = Amount(
        min_value=0, max_value=999, required=False, allow_null=True, help_text="Posts a week, as agreed."
    )
    updated_at = Moment(read_only=True)

    @extend_schema_field(RefusalSerializer(allow_null=True))
    def get_not_taken(self, channel: Channel) -> Any:
        """What became of them."""
        refusal = refusal_of(channel)
        return RefusalSerializer(refusal).data if refusal else None


class WaitSerializer(serializers.Serializer[Any]):
    """How long to wait for an answer."""

    wait = serializers.FloatField(min_value=0, max_value=PATIENCE, default=PATIENCE, help_text="Seconds.")


class AskSerializer(serializers.Serializer[Any]):
    """Whom to ask to connect the account."""

    email = serializers.EmailField(help_text="Of one of the client's own people.")


class AskedSerializer(serializers.Serializer[Any]):
    """Somebody was asked. The address itself stands in their mail and nowhere else."""

    id = serializers.IntegerField()
    channel = serializers.IntegerField(source="channel_id")
    email = serializers.EmailField(source="user.email")
    expires_at = Moment()


class RetirementSerializer(Things):
    """Why a channel comes to an end."""

    because = Text(
        max_length=500, required=False, allow_blank=True, help_text="Kept, and told beside what is cancelled."
    )
    keep_unknown = serializers.BooleanField(required=False, help_text="Leave open what nobody knows the outcome of.")


class ChannelFilters(Filters):
    """Which channels."""

    client = IdFilter(clients)
    network = django_filters.MultipleChoiceFilter(choices=NETWORKS)
    status = django_filters.MultipleChoiceFilter(choices=ChannelStatus.choices)
    handle = django_filters.CharFilter(lookup_expr="iexact")


class Channels(Creatable[Channel], Changeable[Channel]):
    """The clients' accounts. Managers connect and retire them."""

    queryset = Channel.objects.none()
    serializer_class = ChannelSerializer
    filterset_class = ChannelFilters
    http_method_names = ("get", "head", "post", "patch")
    in_parts = frozenset({"check"})

    def visible(self, user: User) -> QuerySet[Channel]:
        return with_typed(selectors.channels(user))

    def make(self, user: User, fields: dict[str, Any]) -> Channel:
        return services.create_channel(user=user, **fields)

    def change(self, user: User, row: Channel, fields: dict[str, Any]) -> None:
        channel = services.edit_channel(user=user, channel=row, **fields)
        if "credentials" in fields:
            await_end(channel=channel, seconds=PATIENCE)

    @extend_schema(request=None, responses=ChannelSerializer, parameters=[WaitSerializer])
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: int) -> Response:
        """Have the network asked who we are. ``status`` and ``status_detail`` say what it answered.

        It is asked beside this request, which waits for the answer a while (`wait`). Where none has come by then,
        `being_asked` is true, and the channel says later what it was.
        """
        asked = WaitSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        channel = services.ask_channel(user=person(request), channel=self.get_object())
        await_answer(channel_id=channel.pk, seconds=asked.validated_data["wait"])
        return self.answer(pk)

    @extend_schema(request=AskSerializer, responses={201: AskedSerializer})
    @action(detail=True, methods=["post"])
    def connection_link(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - the routed name
        """Mail one of the client's own people a link by which they connect the account themselves."""
        channel, user = self.get_object(), person(request)
        email = self.body(AskSerializer)["email"]
        asked = contacts(user, channel.client).filter(email__iexact=email).first()
        ask = services.ask_to_connect(user=user, channel=channel, person=asked)
        return Response(AskedSerializer(ask).data, status=201)

    @extend_schema(request=None, responses=ChannelSerializer)
    @action(detail=True, methods=["post"])
    def revoke_connection_links(self, request: Request, pk: int) -> Response:
        """No such link for this channel opens anything any more."""
        services.revoke_asks(user=person(request), channel=self.get_object())
        return self.answer(pk)

    @extend_schema(request=None, responses=ChannelSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: int) -> Response:
        """Nothing goes out here any more; what was scheduled is cancelled, the history stays. See `end` for a reason."""
        services.retire_channel(user=person(request), channel=self.get_object())
        return self.answer(pk)

    @extend_schema(responses=FreeSlotSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def free_slots(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """The next slots at which nothing is planned yet, for the client's staff."""
        found = get_object_or_404(selectors.planned_channels(person(request)), pk=self.kwargs["pk"])
        return Response(FreeSlotSerializer(free_slots(found, timezone.now(), NEXT), many=True).data)

    @extend_schema(request=RetirementSerializer, responses=ChannelSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: int) -> Response:
        """Retire it with a reason. What is `unknown` there is settled first (409), or kept as it is with `keep_unknown`."""
        channel = self.get_object()
        services.retire_channel(user=person(request), channel=channel, **self.body(RetirementSerializer))
        return self.answer(pk)

    @extend_schema(operation_id="channels_history_json", responses={200: OpenApiTypes.OBJECT})
    def history_json(self, request: Request, pk: int) -> StreamingHttpResponse:  # noqa: ARG002 - DRF's signature
        """All that went out here, as a file: a list, the oldest first, with who approved it and all that was counted."""
        return download(person(request), self.get_object(), "json")

    @extend_schema(operation_id="channels_history_csv", responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def history_csv(self, request: Request, pk: int) -> StreamingHttpResponse:  # noqa: ARG002 - DRF's signature
        """The same as a table, with the last count of each. Unknown is an empty cell."""
        return download(person(request), self.get_object(), "csv")
