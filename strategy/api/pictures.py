"""The pictures that stand in a strategy, for who reads it by program: a client's people, too."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from strategy.surroundings import Picture


class PictureSerializer(serializers.Serializer[Picture]):
    """What a text names as `media:` and this `id`."""

    id = serializers.IntegerField()
    alt_text = serializers.CharField()
    mime = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="The bytes, for whoever has this address, for a day.")

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, picture: Picture) -> str:
        """Signed."""
        url: str = self.context["request"].build_absolute_uri(picture.address(True))
        return url
