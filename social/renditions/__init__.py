"""Pictures and videos made as a network asks for them (`social.networks.asking.Rendition`): pure Pillow and ffmpeg.

Nothing here knows of clients, posts or the database: `fits` says whether something has to be made at all, `expected`
what it will be, `make` makes it. The same bytes and the same recipe give a picture that looks the same; what is approved
are the very bytes that were made once.
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from social.networks.asking import Rendition
from social.networks.content import MediaItem
from social.renditions import pictures, videos
from social.renditions.shape import CannotFit, Made, shape

__all__ = ["CannotFit", "Made", "asked_in", "digest_of", "expected", "fits", "make", "recipe_of", "words_of"]

WAY = 1  # counts up when the same recipe is followed in another way
NEAR = 1e-6


def words_of(asked: Rendition) -> dict[str, Any]:
    """What a network asks, JSON-able, with the way in which we follow it."""
    words = {"way": WAY, **json.loads(json.dumps(dataclasses.asdict(asked)))}
    if not asked.first_only:  # as recipes were written before there was such a thing
        del words["first_only"]
    return words


def asked_in(words: dict[str, Any]) -> Rendition:
    """The same back again."""
    names = [field.name for field in dataclasses.fields(Rendition) if field.name in words]
    fields: dict[str, Any] = {
        name: tuple(words[name]) if isinstance(words[name], list) else words[name] for name in names
    }
    return Rendition(**fields)


def recipe_of(asked: Rendition) -> str:
    """The digest of what is asked: SHA-256 of its words as JSON with sorted keys, in hex."""
    return digest_of(words_of(asked))


def digest_of(words: dict[str, Any]) -> str:
    """The digest of a recipe in words."""
    plain = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def fits(asked: Rendition, item: MediaItem) -> bool:
    """Whether it is so already, and goes out as it is."""
    ratio = item.width / item.height
    return (
        item.mime in asked.kinds
        and item.size <= asked.max_bytes
        and (not asked.max_width or item.width <= asked.max_width)
        and (not asked.max_height or item.height <= asked.max_height)
        and (not asked.narrowest or ratio >= asked.narrowest - NEAR)
        and (not asked.widest or ratio <= asked.widest + NEAR)
        and (not item.is_video or videos.moves_as_asked(asked, item))
        and not (asked.first_only and item.moves)
    )


def expected(asked: Rendition, item: MediaItem) -> MediaItem:
    """What it will be once it is made, as far as that can be known before; its bytes are still those of the original."""
    mime = target(asked, item)
    moving = mime.startswith("video/")
    plan = shape(item.width, item.height, asked, step=2 if moving else 1)
    changed = dataclasses.replace(
        item, mime=mime, width=plan.width, height=plan.height, size=min(item.size, asked.max_bytes)
    )
    if not moving:
        return dataclasses.replace(changed, seconds=0.0) if asked.first_only else changed
    rate = min(item.rate, asked.max_rate) if asked.max_rate else item.rate
    return dataclasses.replace(
        changed,
        rate=rate,
        codec=item.codec if videos.keeps_picture(asked, item) else "h264",
        sound=item.sound if videos.keeps_sound(asked, item) else "aac",
    )


def target(asked: Rendition, item: MediaItem) -> str:
    """The type it is made into."""
    return videos.target(asked) if item.is_video else pictures.target(asked, item)


def make(
    source: Path, item: MediaItem, asked: Rendition, folder: Path, *, alive: Callable[[], None] | None = None
) -> Made:
    """Make it of the bytes at ``source`` into a new file in ``folder``. ``alive`` is called now and then meanwhile.

    Raises ``CannotFit`` where that can't be done, ``FfmpegError`` and ``OSError`` where it went wrong.
    """
    if item.is_video or target(asked, item).startswith("video/"):
        return videos.make(source, item, asked, folder, alive=alive or (lambda: None))
    return pictures.make(source, asked, target(asked, item), folder)
