"""What a post would be and was, as programs read it: preflights and versions."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from rest.fields import Amount, Moment
from social.models import PostVersion
from social.services.checks import ChannelCheck


class FindingSerializer(serializers.Serializer[Any]):
    """One thing that a network would not take, or that its readers would miss."""

    code = serializers.CharField(help_text="For programs: never changes.")
    level = serializers.ChoiceField([("error", "error"), ("warning", "warning")])
    detail = serializers.CharField(help_text="For people.")


class PreflightSerializer(serializers.Serializer[Any]):
    """How the post stands to one channel's network."""

    channel = serializers.IntegerField(source="channel.pk")
    ok = serializers.BooleanField(source="preflight.ok")
    used = serializers.IntegerField(source="preflight.used")
    limit = serializers.IntegerField(source="preflight.limit")
    unit = serializers.CharField(source="preflight.unit", help_text="Of `used` and `limit`, such as `graphemes`.")
    cut_at = serializers.IntegerField(
        source="preflight.cut_at",
        allow_null=True,
        help_text="Up to which code point the text fits; null where all does.",
    )
    dollars = serializers.SerializerMethodField(help_text="What the network takes for it, in US dollars.")
    problems = FindingSerializer(source="preflight.problems", many=True)

    @extend_schema_field(Amount())
    def get_dollars(self, check: ChannelCheck) -> float:
        """What the network takes for it; of a change, for what it sends."""
        return float(self.context["paid"].get(check.channel.pk, 0))


class VersionMediaSerializer(serializers.Serializer[Any]):
    """A picture of a version."""

    sha256 = serializers.CharField()
    mime = serializers.CharField()
    alt_text = serializers.CharField()


class VersionPartSerializer(serializers.Serializer[Any]):
    """One more post of a thread."""

    text = serializers.CharField()
    media = VersionMediaSerializer(many=True)


class VersionChannelSerializer(serializers.Serializer[Any]):
    """All that goes out on one channel."""

    channel = serializers.IntegerField()
    network = serializers.CharField()
    server = serializers.CharField()
    handle = serializers.CharField()
    text = serializers.CharField()
    link = serializers.CharField()
    media = VersionMediaSerializer(many=True)
    options = serializers.DictField(help_text="What the network asks beside the text.")
    parts = VersionPartSerializer(many=True, required=False, help_text="Where it is a thread.")
    comment = serializers.CharField(required=False, help_text="Where it has a first comment.")


class ContentSerializer(serializers.Serializer[Any]):
    """What the digest is over (docs/evidence.md has the recipe)."""

    filo = serializers.IntegerField(help_text="The number of the recipe.")
    channels = VersionChannelSerializer(many=True)


class VersionSerializer(serializers.Serializer[PostVersion]):
    """An immutable snapshot of all that would go out."""

    number = serializers.IntegerField()
    digest = serializers.CharField()
    author = serializers.EmailField(source="author.email")
    credits = serializers.SerializerMethodField()
    created_at = Moment()
    content = serializers.SerializerMethodField()

    @extend_schema_field({"type": "array", "items": {"type": "string", "format": "email"}})
    def get_credits(self, version: Any) -> list[str]:
        """By e-mail, of who suggested words that were taken over (see ``social.credits``)."""
        return [person["email"] for person in version.credits]

    @extend_schema_field(ContentSerializer)
    def get_content(self, version: PostVersion) -> Any:
        """As it is stored, to the letter."""
        return version.content
