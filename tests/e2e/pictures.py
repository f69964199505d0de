"""The pictures of the documentation, taken where the tests pass anyway: `make pictures` renews them."""

import io
import os

from django.conf import settings
from PIL import Image
from playwright.sync_api import Locator, Page

from tests.browser import SCREENSHOTS

PICTURES = settings.BASE_DIR / "docs" / "pictures"
WANTED = os.environ.get("PICTURES") == "yes"
COLOURS = 200  # a page has few, and the file is a third of what it was


def picture(what: Page | Locator, name: str) -> None:
    """What is seen of the page, or the part of it."""
    with Image.open(io.BytesIO(what.screenshot())) as shot:
        keep(shot, name)


def keep(shot: Image.Image, name: str) -> None:
    """Write a picture into var/screenshots; into docs/pictures where that is wanted."""
    folder = PICTURES if WANTED else SCREENSHOTS
    folder.mkdir(parents=True, exist_ok=True)
    small = shot.convert("RGB").quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    small.save(folder / f"{name}.png", optimize=True)
