"""What is said of a review, as programs read and say it: conversations, places, words suggested instead."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from approvals import selectors, services
from approvals.anchors import QUOTE_LENGTH
from approvals.models import Audience, Comment, Fate, Review
from approvals.services.deciding import COMMENT_LENGTH
from rest.fields import Flag, Moment, Text, Whole
from rest.views import Resource, person

_PART = {
    "type": "string",
    "description": "Of a post: the number of the channel, as text, such as `7`; `7:part:1` is the first further post of its "
    "thread there, `7:comment` its first comment, `7:field:title` what the network asks beside.",
}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_WORDS = {
    "type": "object",
    "title": "Passage",
    "description": "Words of a channel's text, counted in Unicode code points of the version under review.",
    "properties": {
        "part": _PART,
        "start": {"type": "integer", "minimum": 0},
        "end": {"type": "integer", "minimum": 1},
        "quote": {"type": "string", "minLength": 1, "maxLength": QUOTE_LENGTH},
    },
    "required": ["part", "start", "end", "quote"],
    "additionalProperties": False,
}
_POINT = {
    "type": "object",
    "title": "Point",
    "description": "A point of a channel's picture, named by its SHA-256; x and y are shares of its width and height.",
    "properties": {"part": _PART, "picture": {"type": "string"}, "x": _SHARE, "y": _SHARE},
    "required": ["part", "picture", "x", "y"],
    "additionalProperties": False,
}


@extend_schema_field({"oneOf": [_WORDS, _POINT]})  # allow_null adds the null
class Anchor(serializers.Field[Any, Any, Any, Any]):
    """What a comment is about: words, or a point of a picture. The service holds it against the version."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class CommentSerializer(serializers.Serializer[Comment]):
    """Something said of a review."""

    id = serializers.IntegerField(read_only=True)
    parent = Whole(  # type: ignore[assignment]  # DRF has a parent of its own, which this does not touch
        source="parent_id",
        required=False,
        allow_null=True,
        min_value=1,
        help_text="The comment that this answers: one that answers none itself.",
    )
    author = serializers.EmailField(source="author.email", read_only=True)
    name = serializers.CharField(source="author.name", read_only=True)
    text = Text(
        max_length=COMMENT_LENGTH,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="May be left out where words are suggested. Who is called by `@Name` or `@mail` in it is told.",
    )
    audience = serializers.ChoiceField(
        Audience.choices,
        required=False,
        help_text="`internal` stays in the agency, and is what you get without saying; an answer goes where its conversation "
        "goes. What a client's own people say is always `client`.",
    )
    anchor = Anchor(required=False, allow_null=True)
    suggestion = Text(
        max_length=COMMENT_LENGTH,
        required=False,
        allow_null=True,
        allow_blank=True,
        trim_whitespace=False,
        help_text="In place of the anchored words; empty: leave them out.",
    )
    fate = serializers.ChoiceField(
        Fate.choices, read_only=True, allow_blank=True, help_text="Of the suggestion; empty where there is none."
    )
    settled_by = serializers.SerializerMethodField()
    settled_at = Moment(of="review.client", read_only=True, allow_null=True)
    resolved = serializers.SerializerMethodField()
    resolved_by = serializers.SerializerMethodField()
    resolved_at = Moment(of="review.client", read_only=True, allow_null=True)
    at = Moment(of="review.client", read_only=True)

    @extend_schema_field({"type": ["string", "null"], "format": "email"})
    def get_settled_by(self, comment: Comment) -> str | None:
        """Who took the suggestion over or declined it."""
        return comment.settled_by.email if comment.settled_by else None

    def get_resolved(self, comment: Comment) -> bool:
        """Whether the conversation is dealt with."""
        return comment.resolved_at is not None

    @extend_schema_field({"type": ["string", "null"], "format": "email"})
    def get_resolved_by(self, comment: Comment) -> str | None:
        """Who said that it is."""
        return comment.resolved_by.email if comment.resolved_by else None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Without a suggestion there have to be words."""
        if attrs.get("suggestion") is None and not attrs.get("text"):
            field, missing = serializers.CharField(), "blank" if "text" in attrs else "required"
            raise serializers.ValidationError({"text": [ErrorDetail(str(field.error_messages[missing]), missing)]})
        return attrs


class WordSerializer(serializers.Serializer[Any]):
    """A last word, which is added as an answer."""

    text = Text(max_length=COMMENT_LENGTH, required=False, allow_blank=True, trim_whitespace=False)


class ResolvingSerializer(WordSerializer):
    """Dealt with; and a last word to whom."""

    audience = serializers.ChoiceField(
        Audience.choices, required=False, help_text="Of the text; without it, to whom the conversation goes."
    )


class TakingOverSerializer(serializers.Serializer[Any]):
    """Whether approval is asked for at once."""

    submit = Flag(required=False, help_text="true: the new version is submitted at once. Otherwise it is a draft.")


class CommentActions(Resource[Review]):
    """What is said of reviews, and what becomes of it."""

    def _comments(self, request: Request) -> tuple[Review, QuerySet[Comment]]:
        review = self.get_object()
        found = selectors.comments(person(request), review)
        return review, found.select_related("author", "settled_by", "resolved_by", "review__client")

    def _comment(self, request: Request, comment_id: int) -> Comment:
        return get_object_or_404(self._comments(request)[1], pk=comment_id)

    def _told(self, request: Request, comment_id: int, code: int = status.HTTP_200_OK) -> Response:
        return Response(CommentSerializer(self._comment(request, comment_id)).data, status=code)

    @extend_schema(request=CommentSerializer, responses={201: CommentSerializer})
    @action(detail=True, methods=["post"])
    def comments(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Say something of this review, to the agency alone or also to the client; answer; suggest other words."""
        review, found = self._comments(request)
        given = self.body(CommentSerializer)
        parent_id = given.pop("parent_id", None)
        parent = None if parent_id is None else found.filter(pk=parent_id).first()
        if parent_id is not None and parent is None:
            text = _("There is no such comment here.")
            raise serializers.ValidationError({"parent": [ErrorDetail(text, "does_not_exist")]})
        given.setdefault("text", "")
        given.setdefault("audience", "" if parent else Audience.INTERNAL)
        comment = services.add_comment(review=review, user=person(request), parent=parent, **given)
        return self._told(request, comment.pk, status.HTTP_201_CREATED)

    @extend_schema(request=ResolvingSerializer, responses=CommentSerializer)
    @action(detail=True, methods=["post"], url_path="comments/<int:comment_id>/resolve")
    def resolve(self, request: Request, pk: int, comment_id: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Say that this conversation is dealt with: any staff, or whoever began it."""
        comment, given = self._comment(request, comment_id), self.body(ResolvingSerializer)
        services.resolve_comment(
            comment=comment, user=person(request), word=given.get("text", ""), audience=given.get("audience", "")
        )
        return self._told(request, comment_id)

    @extend_schema(request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"], url_path="comments/<int:comment_id>/reopen")
    def reopen(self, request: Request, pk: int, comment_id: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Say that it is not dealt with after all."""
        services.reopen_comment(comment=self._comment(request, comment_id), user=person(request))
        return self._told(request, comment_id)

    @extend_schema(request=TakingOverSerializer, responses=CommentSerializer)
    @action(detail=True, methods=["post"], url_path="comments/<int:comment_id>/take_over")
    def take_over(self, request: Request, pk: int, comment_id: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Put the suggested words in place of the passage, if that still reads as it was quoted. For staff."""
        comment, given = self._comment(request, comment_id), self.body(TakingOverSerializer)
        services.take_over(comment=comment, user=person(request), submit=given.get("submit", False))
        return self._told(request, comment_id)

    @extend_schema(request=WordSerializer, responses=CommentSerializer)
    @action(detail=True, methods=["post"], url_path="comments/<int:comment_id>/decline")
    def decline(self, request: Request, pk: int, comment_id: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Leave the text as it is; a word says why. For staff."""
        comment, given = self._comment(request, comment_id), self.body(WordSerializer)
        services.decline(comment=comment, user=person(request), word=given.get("text", ""))
        return self._told(request, comment_id)
