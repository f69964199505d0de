"""Publications: what went out, what did not, and what a person says of it."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from clients.selectors import clients
from rest.fields import Amount, Moment, Text
from rest.filters import Filters, IdFilter, MomentFilter
from rest.views import person
from social import selectors, services
from social.api.after import AfterActions, TakenDownSerializer, VerificationSerializer
from social.api.channels import NETWORKS
from social.api.months import WaitSerializer
from social.knowing import asks_person
from social.models import Act, Attempt, Outcome, Publication, PublicationState
from social.services.foreseeing import foresee


class AttemptSerializer(serializers.Serializer[Attempt]):
    """One try."""

    started_at = Moment(of="publication.client")
    sent_at = Moment(
        of="publication.client", allow_null=True, help_text="From when readers could have seen it; null: never."
    )
    ended_at = Moment(of="publication.client", allow_null=True)
    outcome = serializers.SerializerMethodField(help_text="null while it is under way.")
    detail = serializers.CharField(help_text="For people.")

    @extend_schema_field(serializers.ChoiceField(Outcome.choices, allow_null=True))
    def get_outcome(self, attempt: Attempt) -> str | None:
        """How it ended."""
        return attempt.outcome or None


class ForeseenSerializer(serializers.ListSerializer[Any]):
    """Several, of which what will keep them is foreseen at once."""

    def to_representation(self, data: Any) -> Any:
        """Each."""
        rows = list(data)
        waits = foresee(rows)
        for row in rows:
            row.wait = waits.get(row.pk)
        return super().to_representation(rows)


class PublicationSerializer(serializers.Serializer[Publication]):
    """One version going out on one channel at one time."""

    id = serializers.IntegerField()
    post = serializers.IntegerField(source="post_id")
    channel = serializers.IntegerField(source="channel_id")
    act = serializers.ChoiceField(
        Act.choices, help_text="What is done there; `published` means that it is done. Lists leave `take_down` out."
    )
    target = serializers.IntegerField(
        source="target_id", allow_null=True, help_text="The live publication that it is done to; null: it goes out."
    )
    client = serializers.IntegerField(source="client_id")
    due_at = Moment()
    state = serializers.ChoiceField(PublicationState.choices)
    detail = serializers.CharField(help_text="What happened, for people.")
    permalink = serializers.CharField(help_text="Where it is; empty as long as it is nowhere.")
    remote_id = serializers.CharField(help_text="What the network calls it; empty as long as it is nowhere.")
    published_at = Moment(allow_null=True)
    dollars = Amount(help_text="What the network takes for it, in US dollars.")
    held = serializers.BooleanField(help_text="The month's ceiling keeps it: a manager decides.")
    waits = serializers.SerializerMethodField(help_text="null where nothing is foreseen to keep it.")
    asked = serializers.IntegerField(help_text="How often the network was asked whether it is live, while uncertain.")
    asks_person = serializers.SerializerMethodField(
        help_text="It is uncertain and the network can't tell: see `resolve`."
    )
    verification = serializers.SerializerMethodField(help_text="null: it is not read back.")
    taken_down = serializers.SerializerMethodField(help_text="null: it was not taken down by us.")
    corrections = serializers.SerializerMethodField(help_text="The posts that correct it, or take it down.")
    attempts = AttemptSerializer(many=True)
    updated_at = Moment()

    class Meta:
        list_serializer_class = ForeseenSerializer

    def get_asks_person(self, publication: Publication) -> bool:
        """Whether somebody has to look."""
        return asks_person(publication)

    @extend_schema_field(WaitSerializer(allow_null=True))
    def get_waits(self, publication: Publication) -> Any:
        """What will keep it."""
        wait = publication.wait if hasattr(publication, "wait") else foresee([publication]).get(publication.pk)
        return wait and WaitSerializer(wait).data

    @extend_schema_field(VerificationSerializer(allow_null=True))
    def get_verification(self, publication: Publication) -> Any:
        """What was found there."""
        watch = getattr(publication, "watch", None)
        return VerificationSerializer(watch).data if watch else None

    @extend_schema_field(TakenDownSerializer(allow_null=True))
    def get_taken_down(self, publication: Publication) -> Any:
        """By whom, and why."""
        downs: list[Publication] = getattr(publication, "downs", [])
        return TakenDownSerializer(downs[0]).data if downs else None

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_corrections(self, publication: Publication) -> list[int]:
        """As far as the person may see them."""
        return [post.pk for post in getattr(publication, "corrected_by", [])]


class ResolutionSerializer(serializers.Serializer[Any]):
    """What a person saw on the network."""

    outcome = serializers.ChoiceField([("published", "published"), ("not_published", "not published: send it now")])
    permalink = Text(max_length=1000, required=False, allow_blank=True)
    tries = serializers.IntegerField(
        min_value=0,
        required=False,
        help_text="How many `attempts` it had when the person looked. If it was sent since, that is a 409 `sent_since`.",
    )


class PublicationFilters(Filters):
    """Which publications."""

    client = IdFilter(clients)
    post = IdFilter(selectors.posts)
    channel = IdFilter(selectors.channels)
    network = django_filters.MultipleChoiceFilter(field_name="channel__network", choices=NETWORKS)
    state = django_filters.MultipleChoiceFilter(choices=PublicationState.choices)
    act = django_filters.MultipleChoiceFilter(choices=Act.choices)
    due_at_after = MomentFilter(field_name="due_at", lookup_expr="gte", label="due at or after this time")
    due_at_before = MomentFilter(field_name="due_at", lookup_expr="lt", label="due before this time")


class Publications(AfterActions):
    """The outbox: read by all who may see the post, acted on by staff."""

    queryset = Publication.objects.none()
    serializer_class = PublicationSerializer
    filterset_class = PublicationFilters
    http_method_names = ("get", "head", "post")
    ordering_fields = ("id", "updated_at", "due_at")

    def visible(self, user: User) -> QuerySet[Publication]:
        return selectors.with_after(selectors.publications(user), user)

    @extend_schema(request=None, responses=PublicationSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: int) -> Response:
        """Send what failed or missed its time, now."""
        services.retry_publication(user=person(request), publication=self.get_object())
        return self.answer(pk)

    @extend_schema(request=ResolutionSerializer, responses=PublicationSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: int) -> Response:
        """Say whether an uncertain one is live; if it is not, it is sent now."""
        publication = self.get_object()
        services.resolve_publication(user=person(request), publication=publication, **self.body(ResolutionSerializer))
        return self.answer(pk)

    @extend_schema(request=None, responses=PublicationSerializer)
    @action(detail=True, methods=["post"])
    def go_beyond(self, request: Request, pk: int) -> Response:
        """Let this one go beyond the month's ceiling; managers only. What missed its time is sent now."""
        services.go_beyond(user=person(request), publication=self.get_object())
        return self.answer(pk)

    @extend_schema(request=None, responses=PublicationSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Give this channel's publication up before it begins."""
        services.cancel_publication(user=person(request), publication=self.get_object())
        return self.answer(pk)
