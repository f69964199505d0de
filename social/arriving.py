"""Files that come in: what they are is said by their bytes, and what they tell of the camera and the place is taken out.

A picture is decoded and written anew. A video is copied track by track into a new file (see ``social.ffmpeg``), read in
pieces, never whole into memory.
"""

import hashlib
import io
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageSequence

from social import ffmpeg
from social.models import Kind
from social.renditions.pictures import coloured

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from django_stubs_ext import StrOrPromise

log = logging.getLogger(__name__)
MOST_BYTES = 20 * 1024 * 1024  # of a picture; of videos settings.VIDEO_BYTES
MOST_PIXELS = 50_000_000  # a decoded picture takes four bytes a pixel of a worker's memory
MOST_MOVING = 100_000_000  # pixels of all frames of an animation together: each is decoded and written anew
MOST_FRAMES = 1_000
SHORTEST_MOVING = 0.1  # seconds, where a picture that moves does not say how long
THINNEST = 20  # times as long as wide
ORIENTATION = 0x0112  # of EXIF
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}

PIECE = 1024 * 1024
SIDES = (16, 8192)  # pixels of a video, at least and at most
LONGEST = 4 * 3600  # seconds
REMUX_SECONDS = 600.0
CODECS = frozenset({"h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "prores"})
# What an MP4 may hold: a MOV with these is kept as MP4, which more networks take.
MP4_CODECS = frozenset({"h264", "hevc", "av1", "mpeg4"})
MP4_SOUNDS = frozenset({"", "aac", "mp3"})
DEMUXERS = {"video/mp4": "mov", "video/quicktime": "mov", "video/webm": "matroska"}
MUXERS = {"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"}
NO_VIDEOS = frozenset(
    {
        b"heic",
        b"heix",
        b"heim",
        b"heis",
        b"hevc",
        b"hevx",
        b"mif1",
        b"msf1",
        b"avif",
        b"avis",
        b"crx ",
        b"M4A ",
        b"M4B ",
    }
)
OTHER_TYPES = {
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"BM": "BMP",
    b"%PDF": "PDF",
    b"8BPS": "PSD",
    b"\x1aE\xdf\xa3": "MKV",
}
# How the pixels of videos that networks play are written; HEVC's with ten bits, too, whose names go on from these.
PLAYED = ("yuv420p", "yuvj420p", "nv12")
# The first atom of a QuickTime file from before files said what they are.
QUICKTIME = frozenset({b"moov", b"mdat", b"wide"})


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came in, as it is kept; the file at ``path`` goes when the ``with`` ends. See ``social.models.Footage``.

    ``still`` is a video's first picture, as PNG.
    """

    kind: str
    path: Path
    mime: str
    width: int
    height: int
    size: int
    sha256: str
    duration: float | None = None
    rate: float | None = None
    codec: str = ""
    sound: str = ""
    rotation: int = 0
    still: bytes = b""


@contextmanager
def arrived(file: IO[bytes]) -> Iterator[Arrived]:
    """The file, known and bare. Raises ``ValidationError`` on ``file`` for what we don't keep."""
    head = file.read(64)
    if not head:
        raise refused(_("This file is empty: perhaps it was still being copied. Choose it again."), "empty")
    with tempfile.TemporaryDirectory(prefix="filo-") as folder:
        mime = video_type(head)
        if mime:
            path = Path(folder) / "came"
            _written_down(head, file, path)
            yield _video(path, mime)
        else:
            yield _picture(head, file, Path(folder) / "picture")


def video_type(head: bytes) -> str:
    """What the first bytes say: the type of video, empty where they are none's."""
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in NO_VIDEOS:
            return ""
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    if head[4:8] in QUICKTIME:
        return "video/quicktime"
    if head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head:
        return "video/webm"
    return ""


# Pictures


def _picture(head: bytes, file: IO[bytes], path: Path) -> Arrived:
    data = head + file.read(MOST_BYTES + 1 - len(head))
    if len(data) > MOST_BYTES:
        raise _too_heavy()
    mime, (width, height), bare, lasts = _stripped(data)
    path.write_bytes(bare)
    digest = hashlib.sha256(bare).hexdigest()
    return Arrived(Kind.IMAGE, path, mime, width, height, len(bare), digest, duration=lasts)


def _stripped(data: bytes) -> tuple[str, tuple[int, int], bytes, float | None]:
    """The type, the size in pixels and the bytes of the picture, upright, without metadata; and how long it moves (see `_lasts`)."""
    # Of much that it bears (a broken EXIF, a picture above its limit and below twice that) Pillow warns. Those warnings say
    # nothing here: how large a picture may be is our own rule, and filters of warnings are one for all threads.
    known = ""
    try:
        with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
            known = "JPEG" if image.format == "MPO" else str(image.format)
            _require_small(*image.size)
            _require_shape(*image.size)
            return _written(image)
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except Exception as error:
        # Whatever a library makes of a stranger's bytes (of a broken EXIF, a cut-off GIF) is an answer about them.
        log.info("not a picture", exc_info=error)
        raise _unusable(data, known) from None


def _unusable(data: bytes, known: str) -> ValidationError:
    """What can't be decoded: damaged where its type is one of ours, else of a type that we name where people often send it."""
    if known:
        text = _("This %(kind)s is damaged or cut off. Save it anew with your picture program and send it again.")
        return refused(text, "picture_broken", kind=known)
    if kind := _other_type(data):
        text = _("%(kind)s is a type that networks don't take. Save it as JPEG or PNG (a video as MP4) and send that.")
        return refused(text, "not_a_picture", kind=kind)
    text = _("This is not a picture or video we can use: JPEG, PNG, GIF or WebP, or MP4, MOV or WebM.")
    return refused(text, "not_a_picture")


def _other_type(data: bytes) -> str:
    """The name of a type that is no picture or video of ours, by its first bytes; empty where it is none that we know."""
    if data[4:8] == b"ftyp":
        return (
            "AVIF" if data[8:11] == b"avi" else "HEIC" if data[8:12] in NO_VIDEOS - {b"crx ", b"M4A ", b"M4B "} else ""
        )
    if data.startswith(b"RIFF"):
        return "AVI" if data[8:12] == b"AVI " else ""
    if b"<svg" in data[:1024]:
        return "SVG"
    return next((name for mark, name in OTHER_TYPES.items() if data.startswith(mark)), "")


def _written(image: Image.Image) -> tuple[str, tuple[int, int], bytes, float | None]:
    kind = "JPEG" if image.format == "MPO" else str(image.format)  # a camera's, with smaller pictures behind the first
    out = _Bounded()
    if kind != "JPEG" and getattr(image, "is_animated", False):
        _require_short(image)
        image.info.pop("comment", None)
        image.save(out, format=kind, save_all=True, exif=b"", xmp=b"")
        return FORMATS[kind], image.size, out.getvalue(), _lasts(image, kind)
    profile = image.info.get("icc_profile")
    upright = _upright(image)
    if upright.mode == "CMYK":  # what is made for print has other colours on every screen
        upright, profile = coloured(upright, image), None
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    if upright.mode == "P" and (palette := upright.getpalette()):
        bare.putpalette(palette)
    extra = {"transparency": upright.info["transparency"]} if "transparency" in upright.info else {}
    bare.save(out, format=kind, icc_profile=profile, quality=95, **extra)
    return FORMATS[kind], bare.size, out.getvalue(), None


def _lasts(image: Image.Image, kind: str) -> float | None:
    """For how many seconds a WebP or PNG moves, which few networks play; of a GIF, which most do, None."""
    if kind == "GIF":
        return None
    shown = sum(float(frame.info.get("duration") or 0) for frame in ImageSequence.Iterator(image)) / 1000
    return max(round(shown, 3), SHORTEST_MOVING)


class _Bounded(io.BytesIO):
    """What is written anew is no heavier than what may come in."""

    def write(self, data: "ReadableBuffer", /) -> int:
        if self.tell() + memoryview(data).nbytes > MOST_BYTES:
            raise _too_heavy()
        return super().write(data)


def _require_short(image: Image.Image) -> None:
    frames = int(getattr(image, "n_frames", 1))
    if frames > MOST_FRAMES or frames * image.width * image.height > MOST_MOVING:
        text = _(
            "This animation is too long: at most %(frames)d frames, and %(limit)d megapixels in all of them together."
            " Make it shorter or smaller, or send it as a video."
        )
        raise refused(text, "animation_too_long", frames=MOST_FRAMES, limit=MOST_MOVING // 10**6)


def _too_heavy() -> ValidationError:
    return refused(_("This file is too heavy: at most %(limit)d MB."), "too_heavy", limit=MOST_BYTES // 1024**2)


def _upright(image: Image.Image) -> Image.Image:
    """The picture as it was held. Its EXIF goes, so what is broken in there keeps out nothing; Pillow would write it anew."""
    image.load()
    try:
        turn = UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - it does not say how it was held, then
        turn = None
    return image if turn is None else image.transpose(turn)


def _too_large() -> ValidationError:
    return refused(
        _("This picture is too large: at most %(limit)d megapixels."), "too_large", limit=MOST_PIXELS // 10**6
    )


def _require_small(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise _too_large()


def _require_shape(width: int, height: int) -> None:
    if max(width, height) > THINNEST * min(width, height):
        text = _("This is too long and thin to be shown: one side may be %(limit)d times the other at most.")
        raise refused(text, "too_thin", limit=THINNEST)


# Videos


def _written_down(head: bytes, file: IO[bytes], path: Path) -> None:
    most = settings.VIDEO_BYTES
    size = len(head)
    with path.open("wb") as out:
        out.write(head)
        while piece := file.read(PIECE):
            size += len(piece)
            if size > most:
                text = _("This video is too heavy: at most %(limit)d MB.")
                raise refused(text, "too_heavy", limit=most // 1024**2)
            out.write(piece)


def _video(came: Path, mime: str) -> Arrived:
    try:
        given = ffmpeg.probe(came, DEMUXERS[mime])
        _require_usable(given)
        kept = came.with_name("kept")
        if given.codec in MP4_CODECS and given.sound in MP4_SOUNDS and mime != "video/webm":
            mime = "video/mp4"
        ffmpeg.bare(came, DEMUXERS[mime], kept, MUXERS[mime], codec=given.codec, seconds=REMUX_SECONDS)
        came.unlink()
        found = ffmpeg.probe(kept, DEMUXERS[mime])
        still = ffmpeg.first_frame(kept, DEMUXERS[mime])
    except ffmpeg.FfmpegMissing:
        text = _(
            "Videos can't be taken in here yet: the server has no ffmpeg. Whoever runs it can install the package ffmpeg."
        )
        raise refused(text, "no_ffmpeg") from None
    except ffmpeg.TooLong:
        text = _("This video took too long to look at. Save it anew with your video program and send it again.")
        raise refused(text, "video_too_slow") from None
    except ffmpeg.FfmpegError:
        raise _broken() from None
    if found.seconds < given.seconds * 0.9 - 0.5:
        raise _broken()  # it ends before it says
    with kept.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Arrived(
        Kind.VIDEO,
        kept,
        mime,
        found.width,
        found.height,
        kept.stat().st_size,
        digest,
        duration=round(found.seconds, 3),
        rate=found.rate,
        codec=_codec(found),
        sound=found.sound,
        rotation=found.rotation,
        still=still,
    )


def _codec(found: ffmpeg.Probe) -> str:
    """The codec; and of one that networks play, the way its pixels are written beside it where they don't play that.

    What cameras write with more colour (4:2:2, 4:4:4, H.264 of ten bits) is thus another codec than `h264`, and is encoded anew.
    """
    plain = {"h264": found.pixels in PLAYED, "hevc": found.pixels.startswith(PLAYED)}.get(found.codec, True)
    return found.codec if plain or not found.pixels else f"{found.codec} {found.pixels}"[:30]


def _require_usable(given: ffmpeg.Probe) -> None:
    if given.codec not in CODECS:
        text = _("The picture of this video is coded as “%(codec)s”, which we can't use. Save it as H.264 in an MP4.")
        raise refused(text, "video_codec", codec=given.codec or "?")
    low, high = SIDES
    if min(given.width, given.height) < low or max(given.width, given.height) > high:
        text = _("The sides of a video have from %(low)d to %(high)d pixels; this one has %(width)d × %(height)d.")
        raise refused(text, "video_size", low=low, high=high, width=given.width, height=given.height)
    _require_shape(given.width, given.height)
    if given.seconds <= 0:
        raise _broken()
    if given.seconds > LONGEST:
        text = _("This video is too long: at most %(hours)d hours.")
        raise refused(text, "too_long", hours=LONGEST // 3600)


def _broken() -> ValidationError:
    text = _(
        "This video can't be read, or ends before it should. Save it anew with your video program and send it again."
    )
    return refused(text, "video_broken")


def refused(text: "StrOrPromise", code: str, **params: str | int) -> ValidationError:
    """The refusal of a file."""
    return ValidationError({"file": ValidationError(text, code=code, params=params)})
