"""Pictures of a proof: whole while they are not too heavy together, then smaller copies; the bytes that were approved, or none."""

import base64
import hashlib
import io
from collections.abc import Callable, Iterable

from PIL import Image, ImageOps

from approvals.proof.exhibits import Picture
from approvals.proof.record import PictureRecord

HEAVIEST = 24 * 1024 * 1024  # bytes of whole pictures in one proof
REDUCED = (1600, 1600)  # pixels at most
QUALITY = 82
UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


def packed(pictures: Iterable[Picture]) -> dict[str, PictureRecord]:
    """Each picture once, under its SHA-256, in the order in which they first come: those that come first are whole."""
    found: dict[str, PictureRecord] = {}
    weight = 0
    for picture in pictures:
        if picture.sha256 in found:
            continue
        heavy = picture.still is None and weight + picture.size > HEAVIEST
        record = _packed(picture, reduce=heavy)
        weight += picture.size if record["copy"] == "whole" else 0
        found[picture.sha256] = record
    return found


def _packed(picture: Picture, *, reduce: bool) -> PictureRecord:
    if picture.still is not None:
        return _standing(picture, picture.still)
    data: bytes | None = _approved(picture)
    if data is not None and reduce:
        data = small(data, REDUCED)
    copy = "missing" if data is None else "reduced" if reduce else "whole"
    mime = "image/jpeg" if copy == "reduced" else picture.mime
    return {"copy": copy, "mime": mime, "size": picture.size, "data": base64.b64encode(data or b"").decode()}


def _standing(picture: Picture, still: Callable[[], bytes]) -> PictureRecord:
    """One picture of a video: the whole would make the proof as heavy as the video is."""
    try:
        data = small(still(), REDUCED)
    except OSError:
        data = None
    copy = "missing" if data is None else "reduced"
    return {"copy": copy, "mime": "image/jpeg", "size": picture.size, "data": base64.b64encode(data or b"").decode()}


def _approved(picture: Picture) -> bytes | None:
    try:
        data = picture.read()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == picture.sha256 else None


def small(data: bytes, size: tuple[int, int]) -> bytes | None:
    """A picture as a JPEG of this size at most, on white; None for what is no picture."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", size)
            picture.thumbnail(size)
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except UNREADABLE:
        return None
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright)
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
