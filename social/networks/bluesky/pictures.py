"""Pictures as Bluesky takes them: at most 2,000,000 bytes each, whatever was given.

What is too heavy is made to fit before it is approved (`Bluesky.rendition`). What was approved before Filo could do that
still goes out, made to fit here: it is made a JPEG, the same each time for the same bytes and the same Pillow: sides of
at most 2,000 pixels (what Bluesky's own app sends), then less quality, then fewer pixels. A lighter picture goes out
byte for byte.
"""

import io
from dataclasses import dataclass

from PIL import Image

from social.networks.base import MediaItem

MAX_BYTES = 2_000_000
MAX_SIDE = 2_000
_QUALITIES = (90, 80, 70, 60)
_SHRINK = 0.75


@dataclass(frozen=True, slots=True)
class Picture:
    """What goes out for one picture; `width` and `height` in pixels."""

    data: bytes
    mime: str
    width: int
    height: int


def fitted(item: MediaItem) -> Picture:
    """Return the picture as it goes out.

    Raises:
        OSError, ValueError: the stored file can't be read as a picture.
    """
    with item.open() as stream:
        data = stream.read()
    if len(data) <= MAX_BYTES:
        return Picture(data, item.mime, item.width, item.height)
    with Image.open(io.BytesIO(data)) as image:
        return _smaller(_on_white(image))


def _smaller(image: Image.Image) -> Picture:
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    while True:
        for quality in _QUALITIES:
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= MAX_BYTES:
                return Picture(out.getvalue(), "image/jpeg", image.width, image.height)
        image = image.resize((max(1, int(image.width * _SHRINK)), max(1, int(image.height * _SHRINK))))


def _on_white(image: Image.Image) -> Image.Image:
    """Return the picture without transparency, which JPEG does not have."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")
