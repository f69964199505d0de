"""After something is out: what was found there, what is counted, and what can be done about it."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.selectors import chains
from rest.fields import Id, Ids, Moment, Text, Things
from rest.views import Resource, person
from social import selectors, services
from social.api.posts import PostPartSerializer, PostSerializer
from social.models import Act, Post, Publication, Reading, Seen, Watch
from social.services.content_rows import MOST_PARTS, PartPlan
from social.services.correctable import CORRECTIONS
from social.text import TEXT_LENGTH

COUNTED = "null: the network does not tell, which is not zero."

CHOICES = [(act.value, act.label) for act in CORRECTIONS]


class VerificationSerializer(serializers.Serializer[Watch]):
    """What was found where it should be, when it was read back."""

    found = serializers.SerializerMethodField(help_text="What was found last; null: nobody has looked yet.")
    looked_at = Moment(source="seen_at", of="client", allow_null=True)
    verified_at = Moment(of="client", allow_null=True, help_text="When it was last seen to be there.")
    address = serializers.CharField(help_text="Where it is now, if that differs from `permalink`.")
    detail = serializers.CharField(help_text="What its readers don't get, or why nobody could look; for people.")

    @extend_schema_field(serializers.ChoiceField(Seen.choices, allow_null=True))
    def get_found(self, watch: Watch) -> str | None:
        """What was found last."""
        return watch.seen or None


class TakenDownSerializer(serializers.Serializer[Publication]):
    """Since when it is not live any more, who asked for that, and why."""

    at = Moment(source="published_at", of="client")
    by = serializers.EmailField(source="post.author.email")
    because = serializers.CharField(source="post.because")
    post = serializers.IntegerField(source="post_id", help_text="Through whose review it was approved.")


class ReadingSerializer(serializers.Serializer[Reading]):
    """What the network counted at one time."""

    at = Moment(of="client")
    reach = serializers.IntegerField(allow_null=True, help_text=COUNTED)
    views = serializers.IntegerField(allow_null=True, help_text=COUNTED)
    reactions = serializers.IntegerField(allow_null=True, help_text=COUNTED)
    comments = serializers.IntegerField(allow_null=True, help_text=COUNTED)
    shares = serializers.IntegerField(allow_null=True, help_text=COUNTED)
    clicks = serializers.IntegerField(allow_null=True, help_text=COUNTED)
    conversions = serializers.IntegerField(allow_null=True, help_text=COUNTED)


class CorrectionSerializer(Things):
    """How something live is corrected. What is not named of an `edit` is as it is live now; else it is empty."""

    act = serializers.ChoiceField(CHOICES)
    because = Text(max_length=500, required=False, allow_blank=True, help_text="Why; who approves it reads it.")
    text = Text(max_length=TEXT_LENGTH, required=False, allow_blank=True, trim_whitespace=False)
    link = Text(max_length=2000, required=False, allow_blank=True)
    media = Ids(selectors.media, required=False, help_text="Pictures, in their order.")
    parts = PostPartSerializer(  # type: ignore[call-arg]  # a list's
        many=True, required=False, max_length=MOST_PARTS, help_text="The further posts of a thread, in their order."
    )
    comment = Text(max_length=TEXT_LENGTH, required=False, allow_blank=True, help_text="The first comment below it.")
    chain = Id(chains, required=False, allow_null=True, help_text="null: the client's default for corrections.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What the service takes."""
        return attrs | ({"parts": [PartPlan(**part) for part in attrs["parts"]]} if "parts" in attrs else {})


class TakingDownSerializer(Things):
    """Why something is to be taken down."""

    because = Text(max_length=500, help_text="Kept for ever; who approves it reads it.")
    chain = Id(chains, required=False, allow_null=True, help_text="null: the client's default for corrections.")


class AfterActions(Resource[Publication]):
    """What can be asked and done about a publication that is out."""

    @extend_schema(request=CorrectionSerializer, responses={201: PostSerializer})
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Begin a correction: a draft, to be submitted as a post. Once approved it is done, at once if it has no time."""
        publication = self.get_object()
        fields = self.body(CorrectionSerializer)
        post = services.correct_publication(user=person(request), publication=publication, **fields)
        return self._post(request, post)

    @extend_schema(request=TakingDownSerializer, responses={201: PostSerializer})
    @action(detail=True, methods=["post"], url_path="take_down")
    def take_down(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Ask for approval to take it down, with a reason. Once that is given it is taken down at once; ours stays."""
        publication = self.get_object()
        fields = self.body(TakingDownSerializer)
        post = services.take_down(user=person(request), publication=publication, **fields)
        return self._post(request, post)

    @extend_schema(responses=ReadingSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def numbers(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """What the network counted of it, the oldest first: an hour after it went out, then ever more rarely."""
        return self.page(selectors.readings(self.get_object()), ReadingSerializer)

    def get_ordering_fields(self) -> tuple[str, ...]:
        """Numbers never change, so they have no time of change."""
        return ("id",) if self.action == "numbers" else super().get_ordering_fields()

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """In a list that is not of one post, nothing is *published* that was taken down: those are asked for by ``act``."""
        found: QuerySet[Any] = super().filter_queryset(queryset)
        if self.action == "list" and not {"act", "post"} & self.request.query_params.keys():
            found = found.exclude(act=Act.TAKE_DOWN)
        return found

    def _post(self, request: Request, post: Post) -> Response:
        user = person(request)
        row = selectors.with_labels(selectors.with_content(selectors.posts(user)), user).get(pk=post.pk)
        path = request.build_absolute_uri(reverse("api-post-detail", args=[post.pk]))
        told: Any = PostSerializer(row, context=self.get_serializer_context()).data
        return Response(told, status=status.HTTP_201_CREATED, headers={"Location": path})
