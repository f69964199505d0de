"""Pictures and videos of a client: sent as a form, described by hand, never changed."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from accounts.models import User
from clients.selectors import clients
from rest.fields import Id, Moment, Text, Things
from rest.filters import Filters, IdFilter
from rest.parsers import Json
from rest.views import Changeable, Creatable
from social import selectors, services
from social.captions import MOST_BYTES
from social.media_views import own_url
from social.models import Kind, Media
from social.services.media import MediaWords


def pictures(user: User) -> QuerySet[Media]:
    """What may be a cover."""
    return selectors.media(user).filter(kind=Kind.IMAGE)


class MediaSerializer(Things):
    """A picture or video, as it is stored: without its metadata. What networks want otherwise, Filo makes of it."""

    fixed = ("client",)

    id = serializers.IntegerField(read_only=True)
    client = Id(clients)
    file = serializers.FileField(
        write_only=True,
        help_text="JPEG, PNG, GIF or WebP, of 20 MB and 50 megapixels at most; MP4, MOV or WebM, of as many MB as the operator allows (1024).",
    )
    alt_text = Text(
        max_length=1500,
        required=False,
        allow_blank=True,
        help_text="What it shows, for who cannot see it. It goes out with the picture: a change takes approvals back.",
    )
    captions = Text(
        max_length=MOST_BYTES,
        required=False,
        allow_blank=True,
        help_text="Of a video, as SubRip. They go out with it: a change takes approvals back.",
    )
    cover = Id(
        pictures,
        required=False,
        allow_null=True,
        help_text="Of a video: the picture of the same client that stands for it.",
    )
    kind = serializers.ChoiceField(Kind.choices, read_only=True)
    mime = serializers.CharField(read_only=True)
    width = serializers.IntegerField(read_only=True, help_text="Pixels.")
    height = serializers.IntegerField(read_only=True, help_text="Pixels.")
    duration = serializers.FloatField(
        read_only=True, allow_null=True, help_text="Seconds, of videos and of a WebP or PNG that moves."
    )
    rate = serializers.FloatField(read_only=True, allow_null=True, help_text="Frames a second; null for pictures.")
    codec = serializers.CharField(read_only=True, help_text="Of the pictures of a video, such as h264.")
    sound = serializers.CharField(
        read_only=True, help_text="The codec of its sound, such as aac; empty where it has none."
    )
    size = serializers.IntegerField(read_only=True, help_text="Bytes.")
    sha256 = serializers.CharField(read_only=True)
    url = serializers.SerializerMethodField(help_text="The bytes, for the same token.")
    updated_at = Moment(read_only=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The bytes are sent once: a change is of words."""
        fields = super().get_fields()
        if self.partial:
            del fields["file"]
        return fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, item: Media) -> str:
        """Where the bytes are."""
        url: str = self.context["request"].build_absolute_uri(own_url(item))
        return url


class MediaFilters(Filters):
    """Which pictures and videos."""

    client = IdFilter(clients)
    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    sha256 = django_filters.CharFilter()


class MediaFiles(Creatable[Media], Changeable[Media]):
    """A client's pictures and videos. The same one with the same words is stored once."""

    queryset = Media.objects.none()
    serializer_class = MediaSerializer
    filterset_class = MediaFilters
    http_method_names = ("get", "head", "post", "patch")

    def get_parsers(self) -> list[BaseParser]:
        """A form to send bytes, JSON for words."""
        request: Request | None = self.request  # none yet while the schema is made
        return [MultiPartParser() if request and request.method == "POST" else Json()]

    def visible(self, user: User) -> QuerySet[Media]:
        return selectors.media(user)

    def make(self, user: User, fields: dict[str, Any]) -> Media:
        return services.add_media(user=user, **fields)

    def change(self, user: User, row: Media, fields: dict[str, Any]) -> None:
        words: MediaWords = {}
        for name in ("alt_text", "captions", "cover"):
            if name in fields:
                words[name] = fields[name]
        if words:
            services.describe_media(user=user, media=row, **words)
