"""Posts: written, checked, submitted, taken back."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from approvals.selectors import chains, reviews
from clients.models import STAFF_ROLES, Client
from clients.naming import NAME_LENGTH
from clients.selectors import clients, role_of
from rest.fields import Id, Ids, Moment, Part, Text, Things
from rest.filters import Filters, IdFilter, MomentFilter
from rest.preconditions import IF_MATCH, etag, require_match
from rest.views import Changeable, Creatable, person
from social import selectors, services
from social.api.channels import NETWORKS
from social.api.checks import PreflightSerializer, VersionSerializer
from social.api.differences import DifferenceActions
from social.api.slots import QueueSerializer
from social.credits import with_credits
from social.digest import content_from, content_of, digest_of
from social.models import Act, Label, Post, PostMedia, PostState, PostVersion, Variant
from social.outdated import warned, warnings
from social.services.checks import check_content
from social.services.content_rows import MOST_PARTS, PartPlan, VariantPlan
from social.services.forecasts import both, waits_of
from social.services.needing import dollars_of
from social.services.repeating import repeats
from social.text import TEXT_LENGTH
from strategy.selectors import pillars, served_objectives, served_occasions

MOST_VARIANTS = 100
MOST_LABELS = 100


class PostPartSerializer(Part):
    """One more post of a thread, below the one before."""

    text = Text(max_length=TEXT_LENGTH, allow_blank=True, trim_whitespace=False)
    media = Ids(selectors.media, required=False, help_text="Pictures, in their order.")


FIELD_VALUE = {"oneOf": [{"type": "string"}, {"type": "boolean"}, {"type": "array", "items": {"type": "string"}}]}


@extend_schema_field({"type": "object", "additionalProperties": FIELD_VALUE})
class Asked(serializers.DictField):
    """What a network asks beside the text; the service knows what may stand in it."""


class VariantSerializer(Part):
    """What differs on one channel; null where the post's own goes out."""

    channel = Id(selectors.channels)
    text = Text(max_length=TEXT_LENGTH, allow_blank=True, allow_null=True, trim_whitespace=False, required=False)
    media = Ids(selectors.media, allow_null=True, required=False)
    parts = PostPartSerializer(  # type: ignore[call-arg]  # a list's
        many=True, allow_null=True, required=False, max_length=MOST_PARTS, help_text="[]: no thread here."
    )
    comment = Text(max_length=TEXT_LENGTH, allow_blank=True, allow_null=True, required=False)
    fields = Asked(  # type: ignore[assignment]  # a field, not the serializer's own
        required=False, help_text="By the names of the network's `fields` (see `networks/`)."
    )


class PostSerializer(Things):
    """What is planned for one or more channels of a client."""

    fixed = ("client",)

    id = serializers.IntegerField(read_only=True)
    client = Id(clients)
    title = Text(max_length=200, required=False, allow_blank=True, help_text="For ourselves: it does not go out.")
    text = Text(max_length=TEXT_LENGTH, required=False, allow_blank=True, trim_whitespace=False)
    channels = Ids(selectors.channels, required=False)
    variants = VariantSerializer(  # type: ignore[call-arg]  # a list's
        many=True, required=False, max_length=MOST_VARIANTS, help_text="Only what differs."
    )
    media = Ids(selectors.media, required=False, help_text="Pictures, in their order.")
    link = Text(max_length=2000, required=False, allow_blank=True)
    parts = PostPartSerializer(  # type: ignore[call-arg]  # a list's
        many=True, required=False, max_length=MOST_PARTS, help_text="The further posts of a thread, in their order."
    )
    comment = Text(
        max_length=TEXT_LENGTH, required=False, allow_blank=True, help_text="The first comment below it, by ourselves."
    )
    labels = serializers.ListField(
        child=Text(max_length=NAME_LENGTH),
        max_length=MOST_LABELS,
        required=False,
        help_text="Names of the client's labels. Empty for the client's people: labels are the agency's own.",
    )
    pillar = Id(pillars, required=False, allow_null=True, help_text="The theme that it serves.")
    objective = Id(
        served_objectives, required=False, allow_null=True, help_text="Of a strategy of the client's. null: none."
    )
    occasion = Id(
        served_occasions, required=False, allow_null=True, help_text="Of a strategy of the client's. null: none."
    )
    chain = Id(chains, required=False, allow_null=True, help_text="null: the client's default.")
    publish_at = Moment(required=False, allow_null=True, help_text="Without an offset: on the client's clock.")
    act = serializers.ChoiceField(
        Act.choices, read_only=True, help_text="What it does once it is approved. Lists leave `take_down` out."
    )
    corrects = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="The publication that it corrects or takes down; null: none."
    )
    because = Text(max_length=500, required=False, allow_blank=True, help_text="Why it corrects or takes down.")
    state = serializers.ChoiceField(PostState.choices, read_only=True)
    version = serializers.IntegerField(read_only=True, allow_null=True)
    digest = serializers.CharField(
        read_only=True, help_text="Of the version; of what would go out where there is none."
    )
    review = serializers.IntegerField(read_only=True, allow_null=True)
    author = serializers.EmailField(read_only=True)
    created_at = Moment(read_only=True)
    updated_at = Moment(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What the service takes."""
        if "parts" in attrs:
            attrs["parts"] = [PartPlan(**part) for part in attrs["parts"]]
        if "variants" in attrs:
            attrs["variants"] = [_plan(variant) for variant in attrs["variants"]]
        if "labels" in attrs:
            client = attrs["client"] if self.instance is None else self.instance.client
            attrs["labels"] = self._labels(client, attrs["labels"])
        return attrs

    def _labels(self, client: Client, names: list[str]) -> list[Label]:
        """The client's labels of these names, in upper or lower case; none is made."""
        known = {
            label.name.lower(): label for label in selectors.labels(self.context["request"].user).filter(client=client)
        }
        for name in names:
            if name.lower() not in known:
                text = _("This client has no label “%(name)s”. Its managers and editors make them.")
                error = ValidationError(text, code="does_not_exist", params={"name": name})
                raise ValidationError({"labels": error})
        return list(dict.fromkeys(known[name.lower()] for name in names))

    def to_representation(self, instance: Post) -> dict[str, Any]:
        """The post with its channels and pictures, all read before (see ``selectors.with_content``)."""
        variants, rows = list(instance.variants.all()), list(instance.media_rows.all())
        media = _media_of(rows)
        version = instance.version
        moments = {}
        for name in ("publish_at", "created_at", "updated_at"):
            field = self.fields[name]
            value = field.get_attribute(instance)
            moments[name] = None if value is None else field.to_representation(value)
        return {
            "id": instance.pk,
            "client": instance.client_id,
            "title": instance.title,
            "text": instance.text,
            "channels": [variant.channel_id for variant in variants],
            "variants": [
                _differing(variant, media)
                for variant in variants
                if variant.own_media
                or variant.fields
                or any(own is not None for own in (variant.text, variant.parts, variant.comment))
            ],
            "media": media.get((None, 0), []),
            "parts": _parts(instance.parts, None, media),
            "comment": instance.comment,
            "link": instance.link,
            "labels": [label.name for label in instance.labels.all()],
            "pillar": instance.pillar_id,
            "objective": self._known("objective", instance),
            "occasion": self._known("occasion", instance),
            "chain": instance.chain_id,
            "publish_at": moments["publish_at"],
            "act": instance.act,
            "corrects": instance.corrects_id,
            "because": instance.because,
            "state": instance.state,
            "version": version.number if version else None,
            "digest": version.digest
            if version
            else digest_of(content_from(instance, variants, rows, renditions=False)),
            "review": instance.review_id,
            "author": instance.author.email,
            "created_at": moments["created_at"],
            "updated_at": moments["updated_at"],
        }

    def _known(self, name: str, post: Post) -> int | None:
        """The objective's or the occasion's number, as far as this person may see its strategy."""
        pk: int | None = getattr(post, f"{name}_id")
        if pk is None or hasattr(post, f"known_{name}"):
            return getattr(post, f"known_{name}", None)
        found = {"objective": served_objectives, "occasion": served_occasions}[name](self.context["request"].user)
        return pk if found.filter(pk=pk).exists() else None


class SubmittedSerializer(PostSerializer):
    """A post that was submitted, and what whoever did so should know."""

    warnings = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="Sections of strategies that it leans on, change fast and were to be looked at again before.",
    )

    def to_representation(self, instance: Post) -> dict[str, Any]:
        return {**super().to_representation(instance), "warnings": warned(instance)}


Chosen = dict[tuple[int | None, int], list[int]]


def _plan(sent: dict[str, Any]) -> VariantPlan:
    parts = sent.pop("parts", None)
    return VariantPlan(**sent, parts=None if parts is None else [PartPlan(**part) for part in parts])


def _media_of(rows: list[PostMedia]) -> Chosen:
    """The chosen pictures by whose they are: of which variant, of which further post of the thread."""
    found: Chosen = {}
    for row in rows:
        found.setdefault((row.variant_id, row.part), []).append(row.media_id)
    return found


def _parts(texts: list[str], variant: int | None, media: Chosen) -> list[dict[str, Any]]:
    return [{"text": text, "media": media.get((variant, part), [])} for part, text in enumerate(texts, start=1)]


def _differing(variant: Variant, media: Chosen) -> dict[str, Any]:
    return {
        "channel": variant.channel_id,
        "text": variant.text,
        "media": media.get((variant.pk, 0), []) if variant.own_media else None,
        "parts": None if variant.parts is None else _parts(variant.parts, variant.pk, media),
        "comment": variant.comment,
        "fields": variant.fields,
    }


class PostFilters(Filters):
    """Which posts."""

    client = IdFilter(clients)
    state = django_filters.MultipleChoiceFilter(choices=PostState.choices)
    act = django_filters.MultipleChoiceFilter(choices=Act.choices)
    corrects = IdFilter(selectors.publications)
    channel = IdFilter(selectors.channels, field_name="variants__channel")
    network = django_filters.ChoiceFilter(choices=NETWORKS, method="on_network")
    label = django_filters.CharFilter(method="with_label", label="the name of a label")
    pillar = IdFilter(pillars)
    objective = IdFilter(served_objectives)
    occasion = IdFilter(served_occasions)
    chain = IdFilter(chains)
    review = IdFilter(reviews)
    recurrence = IdFilter(selectors.recurrences, field_name="occurrence__recurrence")
    author = django_filters.CharFilter(field_name="author__email", lookup_expr="iexact")
    publish_at_after = MomentFilter(field_name="publish_at", lookup_expr="gte", label="goes out at or after this time")
    publish_at_before = MomentFilter(field_name="publish_at", lookup_expr="lt", label="goes out before this time")

    def with_label(self, found: QuerySet[Post], _name: str, name: str) -> QuerySet[Post]:
        """With the label of this name, as far as the person may see labels."""
        return selectors.labelled(self.request.user, found, name)

    def on_network(self, found: QuerySet[Post], _name: str, slug: str) -> QuerySet[Post]:
        """With a channel on this network; a post with two of them is there once."""
        return found.filter(pk__in=Post.objects.filter(variants__channel__network=slug).values("pk"))


class Posts(Creatable[Post], Changeable[Post], DifferenceActions):
    """Posts. A client's people see what they were asked about and what was agreed, never the agency's drafts.

    Their ``ETag`` guards against lost updates.
    """

    queryset = Post.objects.none()
    serializer_class = PostSerializer
    filterset_class = PostFilters
    http_method_names = ("get", "head", "post", "patch")

    def visible(self, user: User) -> QuerySet[Post]:
        return selectors.with_aims(selectors.with_labels(selectors.with_content(selectors.posts(user)), user), user)

    def tagged(self, row: Post) -> dict[str, str]:
        """Its edition."""
        return etag(row.edition)

    def _read(self) -> dict[str, Any]:
        """The post of this address and the edition it has to have still, for the service. Raises ``Stale``."""
        post = self.get_object()
        return {"post": post, "edition": require_match(self.request, post.edition)}

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """In a list nothing is *published* that was taken down: those are asked for by ``act`` or ``corrects``."""
        found: QuerySet[Any] = super().filter_queryset(queryset)
        if self.action == "list" and not {"act", "corrects"} & self.request.query_params.keys():
            found = found.exclude(act=Act.TAKE_DOWN)
        return found

    def get_ordering_fields(self) -> tuple[str, ...]:
        """Versions have no time of change: they never change."""
        return ("id",) if self.action == "versions" else self.ordering_fields

    def make(self, user: User, fields: dict[str, Any]) -> Post:
        return services.create_post(user=user, **fields)

    @extend_schema(parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what the body names."""
        return super().partial_update(request, pk)

    def change(self, user: User, row: Post, fields: dict[str, Any]) -> None:
        services.edit_post(user=user, post=row, edition=require_match(self.request, row.edition), **fields)

    @extend_schema(request=None, responses=SubmittedSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Fix what would go out as a version, and ask the chain's first step for approval."""
        services.submit_post(user=person(request), **self._read())
        post = self.get_object()
        told = SubmittedSerializer(post, context=self.get_serializer_context()).data
        return Response(told, headers=self.tagged(post))

    @extend_schema(request=None, responses=PostSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """Take the question, or the approval, back before anything has begun to go out."""
        services.withdraw_post(user=person(request), **self._read())
        return self.answer(pk)

    @extend_schema(request=None, responses=PostSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Give the post up."""
        services.cancel_post(user=person(request), **self._read())
        return self.answer(pk)

    @extend_schema(request=QueueSerializer, responses=PostSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def queue(self, request: Request, pk: int) -> Response:
        """Give it the next free slot of the channel that leads. As any new time this takes no approval back."""
        services.queue_post(user=person(request), **self._read(), **self.body(QueueSerializer))
        return self.answer(pk)

    @extend_schema(request=None, responses={201: PostSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """A new draft with the same words, channels, pictures, labels and pillar, without a time."""
        copy = services.duplicate_post(user=person(request), post=self.get_object())
        return self.answer(copy.pk, status.HTTP_201_CREATED)

    @extend_schema(responses=PreflightSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def preflight(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """How the post, as it stands now, stands to each of its networks' rules, and what would keep it at its time."""
        post = self.get_object()
        content, staff = content_of(post), role_of(person(request), post.client_id) in STAFF_ROLES
        said = repeats(content, post=post, at=post.publish_at, named=staff)
        waits = waits_of(post.client, content, post.publish_at, post)
        channels = [entry["channel"] for entry in content["channels"]]
        old = warnings(post, channels) if staff else {}
        checks = check_content(post.client_id, content, also=both(both(said, waits), old))
        paid = dollars_of(post, content["channels"])
        return Response(PreflightSerializer(checks, many=True, context={"paid": paid}).data)

    @extend_schema(responses=VersionSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None)
    def versions(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """What was submitted, each time, as far as this person was asked about it or it was agreed."""
        found: QuerySet[PostVersion] = selectors.versions(person(request), self.get_object()).select_related("client")
        return self.page(with_credits(found, person(request)), VersionSerializer)
