"""What is new between two versions of a post, word by word, as programs read it."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.rewording import Piece
from rest.views import Resource, person
from social.comparing import Comparison, compared
from social.differences import Asked, Below, Difference, Shot
from social.models import Post

PIECE_KINDS = [("same", "same"), ("added", "added"), ("removed", "removed")]


class PieceSerializer(serializers.Serializer[Piece]):
    """Some words in a row."""

    kind = serializers.ChoiceField(PIECE_KINDS)
    text = serializers.CharField()


class ShotSerializer(serializers.Serializer[Shot]):
    """A picture, and what became of it."""

    kind = serializers.ChoiceField(PIECE_KINDS)
    sha256 = serializers.CharField()
    alt_text = serializers.CharField()


class PartDifferenceSerializer(serializers.Serializer[Below]):
    """What is new in one further post of a thread."""

    number = serializers.IntegerField(help_text="As readers count, from 2; of one that went, where it stood.")
    came = serializers.BooleanField()
    went = serializers.BooleanField()
    text = PieceSerializer(many=True)
    media_before = ShotSerializer(many=True, source="before")
    media_after = ShotSerializer(many=True, source="after")


class AskedDifferenceSerializer(serializers.Serializer[Asked]):
    """What is new in one thing that the network asks beside the text."""

    name = serializers.CharField()
    label = serializers.CharField(  # type: ignore[assignment]  # a field, not the serializer's own
        help_text="For people, in their language."
    )
    text = PieceSerializer(many=True, source="words")


class DifferenceSerializer(serializers.Serializer[Difference]):
    """What is new on one channel. Where the whole channel came or went, nothing else is said."""

    channel = serializers.IntegerField(source="channel_id")
    name = serializers.CharField(source="channel")
    came = serializers.BooleanField()
    went = serializers.BooleanField()
    text = PieceSerializer(many=True, help_text="Empty where the text is the same.")
    link = PieceSerializer(many=True)
    media_before = ShotSerializer(many=True, source="before", help_text="Empty where the pictures are the same.")
    media_after = ShotSerializer(many=True, source="after")
    parts = PartDifferenceSerializer(many=True, help_text="Only further posts in which something differs.")
    comment = PieceSerializer(many=True, help_text="Empty where the first comment is the same.")
    fields = AskedDifferenceSerializer(  # type: ignore[assignment]  # a field, not the serializer's own
        many=True, source="asked"
    )


class ComparisonSerializer(serializers.Serializer[Comparison]):
    """Two versions beside each other."""

    to = serializers.IntegerField(source="new.number")
    channels = DifferenceSerializer(many=True, source="changes", help_text="Only those on which something differs.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Also ``from``, which is no name in Python."""
        return {"from": serializers.IntegerField(source="old.number"), **super().get_fields()}


def _number(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.INT, required=True, description="The number of a version.")


class DifferenceActions(Resource[Post]):
    """What is new between versions."""

    @extend_schema(responses=ComparisonSerializer, parameters=[_number("from"), _number("to")], filters=False)
    @action(detail=True, pagination_class=None, filter_backends=[])
    def differences(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """What is new between two versions, among those that this person was asked about or that were agreed."""
        query = request.query_params
        found = compared(person(request), self.get_object(), query.get("from", ""), query.get("to", ""))
        return Response(ComparisonSerializer(found).data)
