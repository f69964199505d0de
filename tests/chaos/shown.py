"""The pictures and videos of a run, as somebody's machine has them."""

import io

from PIL import Image

from tests.social import videos

File = tuple[str, bytes, str]
"""Its name, its bytes, its kind."""


def picture(number: int) -> File:
    """One of its own; every other one a PNG, which some networks want otherwise."""
    file, kind = io.BytesIO(), "PNG" if number % 2 else "JPEG"
    Image.effect_noise((320, 240), 60 + number % 60).convert("RGB").save(file, kind)
    return f"a.{kind.lower()}", file.getvalue(), f"image/{kind.lower()}"


def video(number: int) -> File:
    """A short one of two; of the second one all networks want another codec."""
    data = videos.video(size="320x320", rate=10, seconds=3, codec="mpeg4" if number % 2 else "")
    return "a.mp4", data, "video/mp4"
