"""The networks of this installation: what each takes, and what a channel on it needs."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from rest.pagination import OnePage
from social import networks
from social.networks.base import Field, Network


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


class ChoiceSerializer(serializers.Serializer[Any]):
    """One of several."""

    value = serializers.CharField()
    label = serializers.CharField(  # type: ignore[assignment]  # a field, not the serializer's own
        help_text="For people, in their language."
    )


class FieldSerializer(serializers.Serializer[Field]):
    """One thing that the network asks beside the text (a post's `variants[].fields`)."""

    name = serializers.CharField()
    label = serializers.CharField(  # type: ignore[assignment]  # a field, not the serializer's own
        help_text="For people, in their language."
    )
    kind = serializers.ChoiceField(
        [(kind, kind) for kind in ("line", "text", "words", "choice", "yes")],
        help_text="`words` is a list of texts, `yes` true or false; the others are a text.",
    )
    required = serializers.BooleanField()  # type: ignore[assignment]  # a field, not the serializer's own
    most = serializers.IntegerField(allow_null=True, help_text="The most characters.")
    choices = serializers.SerializerMethodField()
    help = serializers.CharField(help_text="For people, in their language.")

    @extend_schema_field(ChoiceSerializer(many=True))
    def get_choices(self, field: Field) -> list[dict[str, str]]:
        """Those that may be sent; what is empty need not be."""
        return [{"value": value, "label": str(label)} for value, label in field.choices]


class NetworkSerializer(serializers.Serializer[Any]):
    """A social network."""

    slug = serializers.CharField()
    name = serializers.CharField()
    limits = LimitsSerializer()
    needs = NeedSerializer(many=True)
    retired = serializers.DateField(allow_null=True, help_text="Since when there is no such network any more.")
    fields = FieldSerializer(many=True)  # type: ignore[assignment]  # a field, not the serializer's own
    threads = serializers.BooleanField(help_text="Whether a post may be a thread.")
    comments = serializers.BooleanField(help_text="Whether it may have a first comment by ourselves.")
    repeats_after = serializers.SerializerMethodField()
    signs_in = serializers.SerializerMethodField(help_text="Whether accounts are connected by signing in there.")

    @extend_schema_field({"type": ["integer", "null"]})
    def get_repeats_after(self, network: Network) -> int | None:
        """For so many seconds the network refuses the same text again; null where it never does."""
        return int(network.repeats_after.total_seconds()) if network.repeats_after else None

    def get_signs_in(self, network: Network) -> bool:
        """Whether there is a way to sign in."""
        return bool(network.ways())


class NetworkPageSerializer(OnePage):
    """All of them, in one page."""

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
        return OnePage.answer(NetworkSerializer(found, many=True).data)

    @extend_schema(responses=NetworkSerializer)
    def retrieve(self, request: Request, slug: str) -> Response:  # noqa: ARG002 - DRF's signature
        """One network."""
        if slug not in networks.NETWORKS:
            raise Http404
        return Response(NetworkSerializer(networks.get(slug)).data)
