"""What has to be made of a picture or video for a network, and what has been made of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from social import networks, renditions
from social.models import Media, Rendition
from social.networks import asking
from social.networks.base import MediaItem
from social.storing import opened

recipe_of = lru_cache(maxsize=1024)(renditions.recipe_of)


@dataclass(frozen=True)
class Want:
    """One picture or video, and how a network has to have it."""

    media: Media
    asked: asking.Rendition

    @property
    def key(self) -> tuple[str, str]:
        """What a rendition is found by: the digests of its source and of its recipe."""
        return self.media.sha256, recipe_of(self.asked)


# How a video stands in lists, and until somebody plays it: no network asks for this.
STILL = asking.Rendition(kinds=("image/jpeg",), max_bytes=200_000, max_width=640, max_height=640)
STILL_WORDS = {**renditions.words_of(STILL), "still": True}
STILL_RECIPE = renditions.digest_of(STILL_WORDS)


def item_of(
    stored: Media | Rendition,
    alt_text: str = "",
    *,
    captions: str = "",
    cover: MediaItem | None = None,
    address: Callable[[], str] | None = None,
) -> MediaItem:
    """Stored bytes as a network takes them."""
    return MediaItem(
        sha256=stored.sha256,
        mime=stored.mime,
        width=stored.width,
        height=stored.height,
        size=stored.size,
        alt_text=alt_text,
        open=partial(opened, stored.file, stored.size),
        seconds=stored.duration or 0.0,
        rate=stored.rate or 0.0,
        codec=stored.codec,
        sound=stored.sound,
        captions=captions,
        cover=cover,
        address=address,
    )


def wanted(network: str, media: Media) -> Want | None:
    """What has to be made of it for this network; None where it goes out as it is."""
    item = item_of(media)
    asked = networks.get(network).rendition(item)
    if item.moves and item.mime not in networks.get(network).plays:
        # Its first picture is what readers will see, so that is what is approved and goes out.
        asked = replace(asked or asking.Rendition(kinds=(item.mime,), max_bytes=item.size), first_only=True)
    return None if asked is None or renditions.fits(asked, item) else Want(media, asked)


def made(client_id: int, wants: Iterable[Want]) -> dict[tuple[str, str], str]:
    """The digests of those that are made, by what they are found by; one query, none where nothing is wanted."""
    keys = {want.key for want in wants}
    if not keys:
        return {}
    rows = Rendition.objects.filter(
        client=client_id,
        source__in={source for source, _recipe in keys},
        recipe__in={recipe for _source, recipe in keys},
        made_at__isnull=False,
    )
    return {(row.source, row.recipe): row.sha256 for row in rows}
