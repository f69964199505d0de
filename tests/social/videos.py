"""Videos for tests, made by ffmpeg itself."""

import functools
import subprocess
import tempfile
from pathlib import Path

PICTURE = "testsrc=size={size}:rate={rate}:duration={seconds}"


@functools.cache
def video(
    ending: str = "mp4",
    *,
    size: str = "320x180",
    rate: int = 25,
    seconds: float = 2,
    sound: bool = True,
    codec: str = "",
    more: tuple[str, ...] = (),
) -> bytes:
    """A test picture with a tone, in a file with this ending. ``more``: arguments of ffmpeg before the file's name."""
    codecs = {"webm": ("libvpx", "libvorbis")}.get(ending, ("libx264", "aac"))
    source = ["-f", "lavfi", "-i", PICTURE.format(size=size, rate=rate, seconds=seconds)]
    if sound:
        source += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
    how = ["-c:v", codec or codecs[0], "-pix_fmt", "yuv420p", "-c:a", codecs[1]]
    return made([*source, *how, *more], ending)


def made(arguments: list[str], ending: str) -> bytes:
    """What ffmpeg makes by these arguments."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"made.{ending}"
        subprocess.run(["ffmpeg", "-v", "error", *arguments, path], check=True)
        return path.read_bytes()


def remade(data: bytes, arguments: list[str], ending: str, came: str = "mp4") -> bytes:
    """What ffmpeg makes of these bytes by these arguments."""
    with tempfile.NamedTemporaryFile(suffix=f".{came}") as file:
        file.write(data)
        file.flush()
        return made(["-i", file.name, *arguments], ending)
