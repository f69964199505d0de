"""Pictures and videos, small."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from social.media_views import own_url
from social.models import Media


def thumbnail(item: Media, alt_text: str = "") -> SafeString:
    """The picture, or the video's cover or first moment."""
    if item.is_video and item.cover_id is None:
        moving = (
            '<video class="filo-thumbnail" src="{}#t=0.1" aria-label="{}" muted playsinline preload="metadata"></video>'
        )
        return format_html(moving, own_url(item), alt_text)
    still = item.cover if item.is_video and item.cover else item
    return format_html('<img class="filo-thumbnail" src="{}" alt="{}" loading="lazy">', own_url(still), alt_text)
