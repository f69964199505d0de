"""Silences ahead, what could fill them, and what people do about them."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from clients.selectors import clients
from rest.fields import Amount, Moment, Part, Text, Things
from rest.filters import Filters, IdFilter
from rest.views import Resource, person
from social import selectors
from social.models import Silence, SilenceState, WhyQuiet
from social.models.silences import NOTE_LENGTH
from social.proposals import ProposalKind, proposals
from social.services.silences import dismiss, take_up

KEY_LENGTH = 40


class SilenceSerializer(Things):
    """A channel that is going to be quiet for longer than was agreed. Days are the client's."""

    id = serializers.IntegerField(read_only=True)
    client = serializers.IntegerField(source="client_id", read_only=True)
    channel = serializers.IntegerField(source="channel_id", read_only=True)
    strategy = serializers.IntegerField(
        source="strategy_id", read_only=True, allow_null=True, help_text="In which the cadence was agreed."
    )
    per_week = Amount(read_only=True, help_text="Posts a week, agreed.")
    owner = serializers.EmailField(source="owner.email", read_only=True, allow_null=True, default=None)
    state = serializers.ChoiceField(SilenceState.choices, read_only=True)
    after = serializers.DateField(read_only=True, help_text="The last day with something on the channel.")
    falls_on = serializers.DateField(read_only=True, help_text="Silent from this day on.")
    until = serializers.DateField(read_only=True, allow_null=True, help_text="The next day with something; null: none.")
    stage = serializers.IntegerField(
        read_only=True, help_text="So many working days of the client's before, it was told last: 14, 7 or 3."
    )
    filled_by = serializers.IntegerField(source="filled_by_id", read_only=True, allow_null=True)
    why = serializers.ChoiceField(
        WhyQuiet.choices, read_only=True, allow_blank=True, help_text="Of one that is wanted."
    )
    note = serializers.CharField(read_only=True)
    quiet_until = serializers.DateField(read_only=True, allow_null=True)
    created_at = Moment(read_only=True)
    ended_at = Moment(read_only=True, allow_null=True)
    updated_at = Moment(read_only=True)


class ProposalSerializer(serializers.Serializer[Any]):
    """What could fill it."""

    key = serializers.CharField(help_text="For taking it up.")
    kind = serializers.ChoiceField(ProposalKind.choices)
    title = serializers.CharField()
    text = serializers.CharField()
    reason = serializers.CharField(help_text="Why it is proposed, in the person's language.")
    publish_at = serializers.DateTimeField()
    post = serializers.IntegerField(
        source="post.pk", allow_null=True, default=None, help_text="The draft itself, or the post that comes again."
    )
    pillar = serializers.IntegerField(source="pillar.pk", allow_null=True, default=None)
    occasion = serializers.IntegerField(source="occasion.pk", allow_null=True, default=None)


class TakeUpSerializer(Part):
    """Which proposal, and when it is to go out."""

    proposal = Text(max_length=KEY_LENGTH)
    publish_at = Moment(required=False, help_text="Without an offset: the client's clock. By default as proposed.")


class TakenUpSerializer(serializers.Serializer[Any]):
    """The draft."""

    post = serializers.IntegerField()


class DismissSerializer(Part):
    """Why the silence is wanted."""

    why = serializers.ChoiceField(WhyQuiet.choices)
    note = Text(max_length=NOTE_LENGTH, required=False, allow_blank=True)
    quiet_until = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="The cadence counts anew from then on; null: until something is planned.",
    )


class SilenceFilters(Filters):
    """Which silences."""

    client = IdFilter(clients)
    channel = IdFilter(selectors.channels)
    state = django_filters.MultipleChoiceFilter(choices=SilenceState.choices)
    owner = django_filters.CharFilter(field_name="owner__email", lookup_expr="iexact")


class Silences(Resource[Silence]):
    """The silences of one's clients' channels, for their staff. A sweep foresees them; they end by themselves when filled."""

    queryset = Silence.objects.none()
    serializer_class = SilenceSerializer
    filterset_class = SilenceFilters
    http_method_names = ("get", "head", "post")

    def visible(self, user: User) -> QuerySet[Silence]:
        return selectors.silences(user)

    @extend_schema(responses=ProposalSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def proposals(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """What could fill it, the nearest to done first; nothing for one that is over."""
        silence = self.get_object()
        ahead = silence.state == SilenceState.FORESEEN
        found = proposals(silence, timezone.now()) if ahead else []
        with timezone.override(silence.client.zone):
            return Response(ProposalSerializer(found, many=True).data)

    @extend_schema(request=TakeUpSerializer, responses={201: TakenUpSerializer})
    @action(detail=True, methods=["post"])
    def take_up(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Make a draft of a proposal, at its time or another. A draft that lies around is given the time."""
        silence = self.get_object()
        post = take_up(user=person(request), silence=silence, **self.body(TakeUpSerializer))
        return Response(TakenUpSerializer({"post": post.pk}).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=DismissSerializer, responses=SilenceSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: int) -> Response:
        """Say that it is wanted, and why. Nobody is told of it any more."""
        dismiss(user=person(request), silence=self.get_object(), **self.body(DismissSerializer))
        return self.answer(pk)
