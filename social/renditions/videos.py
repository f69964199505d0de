"""Videos as a network asks for them: H.264 and AAC in an MP4 that starts at once; what fits already is only copied."""

import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from social import ffmpeg
from social.networks.asking import Rendition
from social.networks.content import MediaItem
from social.renditions.pictures import edge_colour
from social.renditions.shape import CannotFit, Made, Shape, shape

MP4 = "video/mp4"
DEMUXERS = {MP4: "mov", "video/quicktime": "mov", "video/webm": "matroska", "image/gif": "gif"}
IN_MP4 = frozenset({"h264", "hevc", "av1", "mpeg4"})
SECONDS = 3600.0  # that making one may take
SOUND_BITS = 128_000
LEAST_BITS = 100_000  # of the picture: nobody would see anything on less
MOST_BITS = 100_000_000  # more than any network shows, and than an encoder can be told
LEAVING = 0.95  # of the weight, for the container
# How much of the bits there are is used: less each time that it came out too heavy.
TRIES = (1.0, 0.8, 0.6)


def moves_as_asked(asked: Rendition, item: MediaItem) -> bool:
    """Whether rate, bits and codecs are as they are asked; an empty list of codecs asks for none."""
    bits = item.size * 8 / item.seconds if item.seconds else 0
    return (
        (not asked.max_rate or item.rate <= asked.max_rate + 0.01)
        and (not asked.max_bits or bits <= asked.max_bits)
        and (not asked.codecs or item.codec in asked.codecs)
        and (not asked.sounds or not item.sound or item.sound in asked.sounds)
    )


def target(asked: Rendition) -> str:
    """The type it is made into: an MP4 where the network takes one."""
    return MP4 if MP4 in asked.kinds else asked.kinds[0]


def keeps_sound(asked: Rendition, item: MediaItem) -> bool:
    """Whether its sound is copied as it is, or there is none."""
    return not item.sound or (item.sound == "aac" and (not asked.sounds or "aac" in asked.sounds))


def keeps_picture(asked: Rendition, item: MediaItem) -> bool:
    """Whether its pictures are copied as they are: only the container, or the sound, has to be another one."""
    form = shape(item.width, item.height, asked)
    bits = item.size * 8 / item.seconds if item.seconds else 0
    return (
        item.is_video
        and item.codec in IN_MP4
        and (item.codec in asked.codecs if asked.codecs else item.codec == "h264")
        and (form.width, form.height) == (item.width, item.height)
        and not form.padded
        and item.size <= asked.max_bytes
        and (not asked.max_rate or item.rate <= asked.max_rate + 0.01)
        and (not asked.max_bits or bits <= asked.max_bits)
    )


def make(source: Path, item: MediaItem, asked: Rendition, folder: Path, *, alive: Callable[[], None]) -> Made:
    """Make it. Raises ``CannotFit``, and ``FfmpegError`` where that went wrong."""
    if target(asked) != MP4:
        raise CannotFit("kind")
    out = folder / "video.mp4"
    demuxer = DEMUXERS[item.mime]
    if keeps_picture(asked, item):
        _run(source, demuxer, ["-c:v", "copy", *_sound(asked, item, SOUND_BITS)], out, alive)
        if out.stat().st_size <= asked.max_bytes:
            return _made(out)
    seconds = item.seconds or ffmpeg.probe(source, demuxer).seconds
    for share in TRIES:
        _run(source, demuxer, _encoded(source, demuxer, item, asked, seconds, share), out, alive)
        if out.stat().st_size <= asked.max_bytes:
            return _made(out)
    raise CannotFit("too_heavy")


def _made(out: Path) -> Made:
    found = ffmpeg.probe(out, DEMUXERS[MP4])
    return Made(out, MP4, found.width, found.height)


def _run(source: Path, demuxer: str, how: list[str], out: Path, alive: Callable[[], None]) -> None:
    bare = ["-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]
    front = ["-movflags", "+faststart", "-write_tmcd", "0", "-f", "mp4", f"file:{out}"]
    ffmpeg.run("ffmpeg", [*ffmpeg.source(source, demuxer), *bare, *how, *front], seconds=SECONDS, alive=alive)


def _sound(asked: Rendition, item: MediaItem, bits: int) -> list[str]:
    if keeps_sound(asked, item):
        return ["-c:a", "copy"]
    return ["-c:a", "aac", "-b:a", str(bits), "-ar", "48000", "-ac", "2"]


def _encoded(  # noqa: PLR0913 - what an encoder is told
    source: Path, demuxer: str, item: MediaItem, asked: Rendition, seconds: float, share: float
) -> list[str]:
    form = shape(item.width, item.height, asked, step=2)
    filters = [f"scale={form.shown[0]}:{form.shown[1]}:flags=bicubic"]
    if form.padded:
        filters.append(_ground(source, demuxer, form))
    filters.append("setsar=1")
    rate = min(item.rate or asked.max_rate, asked.max_rate) if asked.max_rate else item.rate
    if asked.max_rate and (not item.rate or item.rate > asked.max_rate):
        filters.append(f"fps={rate:g}")
    picture, sound = _bits(asked, seconds, share, heard=bool(item.sound))
    most = ["-maxrate", str(picture), "-bufsize", str(2 * picture)]
    how = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p", "-profile:v", "high"]
    again = ["-c:a", "aac", "-b:a", str(sound), "-ar", "48000", "-ac", "2"]
    plain = ["-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    return ["-vf", ",".join(filters), *how, *most, *again, *plain]


def _bits(asked: Rendition, seconds: float, share: float, *, heard: bool) -> tuple[int, int]:
    """The most bits a second for picture and sound, so that the weight fits."""
    limits = [asked.max_bits] if asked.max_bits else []
    if seconds > 0:
        limits.append(int(asked.max_bytes * 8 * LEAVING / seconds))
    whole = int(min([*limits, MOST_BITS]) * share)
    sound = min(SOUND_BITS, whole // 5) if heard else 0
    if whole - sound < LEAST_BITS:
        raise CannotFit("too_heavy")
    return whole - sound, max(sound, 32_000)


def _ground(source: Path, demuxer: str, form: Shape) -> str:
    """What gives it ground: in the average colour of the edges of its first frame."""
    with Image.open(io.BytesIO(ffmpeg.first_frame(source, demuxer))) as frame:
        red, green, blue = edge_colour(frame.convert("RGB"), sides=form.shown[0] < form.width)
    left, top = form.at
    return f"pad={form.width}:{form.height}:{left}:{top}:color=0x{red:02x}{green:02x}{blue:02x}"
