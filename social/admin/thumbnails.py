"""Pictures and videos, small."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from social.media_views import own_url, poster_url
from social.models import Media


def small_url(item: Media) -> str:
    """The address of a picture of it: itself, or what stands for a video. Wants a video's ``cover``."""
    return poster_url(item) if item.is_video else own_url(item)


def thumbnail(item: Media, alt_text: str = "") -> SafeString:
    """The picture."""
    return format_html('<img class="filo-thumbnail" src="{}" alt="{}" loading="lazy">', small_url(item), alt_text)
