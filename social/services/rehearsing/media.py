"""A picture and a video for rehearsals, of a colour that is drawn, so that no network has seen them before.

For networks that fetch them they are stored as long as the rehearsal lasts, and are nobody's picture or video meanwhile.
"""

import dataclasses
import hashlib
import io
import secrets
import tempfile
from functools import partial
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from accounts.errors import Conflict
from clients.models import Client
from social import ffmpeg
from social.addresses import has_address, public_address
from social.models import Kind, Media
from social.networks.base import MediaItem
from social.storing import put

PICTURE = (1080, 1080)
VIDEO = (720, 1280)  # pixels
RATE = 30  # frames a second
SECONDS = 4  # the shortest that every network takes
CAPTIONS = "1\n00:00:00,500 --> 00:00:03,000\nFilo\n"  # SubRip
LONGEST = 60.0  # seconds that making it may take


def make_picture(size: tuple[int, int] = PICTURE) -> MediaItem:
    """One plain colour."""
    made = io.BytesIO()
    Image.new("RGB", size, _colour()).save(made, "JPEG", quality=85)
    return _item(made.getvalue(), "image/jpeg", size, _("One plain colour, for a rehearsal"))


def make_video() -> MediaItem:
    """A few upright seconds of one colour, with silence: H.264 and AAC. Raises ``Conflict`` where there is no ffmpeg."""
    colour = "0x" + bytes(_colour()).hex()
    size = f"{VIDEO[0]}x{VIDEO[1]}"
    with tempfile.TemporaryDirectory(prefix="filo-rehearsal-") as folder:
        path = Path(folder) / "video.mp4"
        try:
            ffmpeg.run("ffmpeg", [*_source(f"color=c={colour}:s={size}:r={RATE}"), *_HOW, str(path)], seconds=LONGEST)
        except ffmpeg.FfmpegError as error:
            text = gettext_lazy("This network wants a video, and ffmpeg could not make one here.")
            raise Conflict("no_video", text) from error
        data = path.read_bytes()
    alt_text = _("A few seconds of one plain colour, for a rehearsal")
    return _item(
        data, "video/mp4", VIDEO, alt_text, seconds=float(SECONDS), rate=float(RATE), codec="h264", sound="aac"
    )


_HOW = ("-t", str(SECONDS), "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart")


def _source(colour: str) -> list[str]:
    return ["-f", "lavfi", "-i", colour, "-f", "lavfi", "-i", "anullsrc=r=44100:cl=stereo"]


def _colour() -> tuple[int, int, int]:
    return secrets.randbelow(256), secrets.randbelow(256), secrets.randbelow(256)


def _item(  # noqa: PLR0913 - what is known of it
    data: bytes,
    mime: str,
    size: tuple[int, int],
    alt_text: str,
    *,
    seconds: float = 0.0,
    rate: float = 0.0,
    codec: str = "",
    sound: str = "",
) -> MediaItem:
    return MediaItem(
        sha256=hashlib.sha256(data).hexdigest(),
        mime=mime,
        width=size[0],
        height=size[1],
        size=len(data),
        alt_text=alt_text,
        open=lambda: io.BytesIO(data),
        seconds=seconds,
        rate=rate,
        codec=codec,
        sound=sound,
    )


class Shelf:
    """Where what a rehearsal shows lies for networks that fetch it themselves."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lying: dict[str, Media] = {}

    def addressed(self, item: MediaItem) -> MediaItem:
        """The same with a public address, where this installation has any; nothing is stored before it is asked for."""
        kind = Kind.VIDEO if item.is_video else Kind.IMAGE
        media = Media(client=self._client, kind=kind, mime=item.mime, size=item.size, sha256=item.sha256)
        if not has_address(media):
            return item
        return dataclasses.replace(item, address=partial(self._address, item, media))

    def clear(self) -> None:
        """Take all of it away; what lies there of the same bytes for another reason stays."""
        for sha256, media in self._lying.items():
            if not Media.objects.filter(client=self._client, sha256=sha256).exists():
                media.file.storage.delete(str(media.file.name))
        self._lying.clear()

    def _address(self, item: MediaItem, media: Media) -> str:
        if item.sha256 not in self._lying:
            with tempfile.TemporaryDirectory(prefix="filo-rehearsal-") as folder, item.open() as stream:
                path = Path(folder) / "shown"
                path.write_bytes(stream.read())
                put(media.file, path)
            self._lying[item.sha256] = media
        return public_address(media)
