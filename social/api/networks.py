"""The networks of this installation: what each takes, and what a channel on it needs."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from social import networks


class NeedSerializer(serializers.Serializer[Any]):
    """One field of a channel's ``credentials``."""

    name = serializers.CharField()
    label = serializers.CharField(  # type: ignore[assignment]  # a field, not the serializer's own
        help_text="For people, in their language."
    )
    secret = serializers.BooleanField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # a field, not the serializer's own


class TextLimitSerializer(serializers.Serializer[Any]):
    """How long a text may be."""

    max = serializers.IntegerField()
    unit = serializers.CharField(help_text="What is counted, such as `graphemes`.")
    bytes = serializers.IntegerField(required=False, help_text="The most bytes in UTF-8, where there is such a limit.")


class MediaLimitSerializer(serializers.Serializer[Any]):
    """How many pictures, and which."""

    max = serializers.IntegerField()
    kinds = serializers.ListField(child=serializers.CharField())
    bytes = serializers.IntegerField(
        required=False, help_text="The most bytes of one picture, where there is such a limit."
    )


class LimitsSerializer(serializers.Serializer[Any]):
    """What the network takes, whose word that is, and of when."""

    text = TextLimitSerializer()
    media = MediaLimitSerializer()
    source = serializers.CharField()  # type: ignore[assignment]  # a field, not the serializer's own
    as_of = serializers.DateField()


class NetworkSerializer(serializers.Serializer[Any]):
    """A social network."""

    slug = serializers.CharField()
    name = serializers.CharField()
    limits = LimitsSerializer()
    needs = NeedSerializer(many=True)


class NetworkPageSerializer(serializers.Serializer[Any]):
    """All of them, in one page."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = NetworkSerializer(many=True)


class Networks(ViewSet):
    """The networks that channels can be on: read only, the same for everybody."""

    http_method_names: Sequence[str] = ["get", "head"]
    lookup_field = "slug"
    lookup_value_converter = "slug"

    @extend_schema(responses=forced_singular_serializer(NetworkPageSerializer))  # type: ignore[no-untyped-call]
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """All networks, in one page."""
        found = [networks.NETWORKS[slug] for slug in sorted(networks.NETWORKS)]
        return Response({"next": None, "previous": None, "results": NetworkSerializer(found, many=True).data})

    @extend_schema(responses=NetworkSerializer)
    def retrieve(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - DRF's signature
        """One network."""
        if slug not in networks.NETWORKS:
            raise Http404
        return Response(NetworkSerializer(networks.get(slug)).data)
