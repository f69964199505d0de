"""The portal's colours can be read, in the light and in the dark."""

import re

import pytest
from django.conf import settings

from clients.colours import contrast

SHEET = (settings.BASE_DIR / "portal" / "static" / "portal" / "portal.css").read_text()


def palette(scheme: str) -> dict[str, str]:
    """The custom properties of one scheme, as #rrggbb."""
    light, dark = SHEET.split("@media (prefers-color-scheme: dark)")
    found = re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", light if scheme == "light" else dark.split(".preview")[0])
    return {
        name: colour if len(colour) == 7 else "#" + "".join(2 * sign for sign in colour[1:]) for name, colour in found
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "soft", "link", "good", "wrong", "waiting", "stopped"])
@pytest.mark.parametrize("ground", ["ground", "paper"])
def test_words(scheme: str, ink: str, ground: str) -> None:
    colours = palette(scheme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_buttons_borders_and_focus(scheme: str) -> None:
    colours = palette(scheme)
    assert contrast(colours["on-main"], colours["main"]) >= 4.5
    assert contrast(colours["line"], colours["ground"]) >= 3
    assert contrast(colours["line"], colours["paper"]) >= 3
    assert contrast(colours["focus"], colours["ground"]) >= 3


def test_nothing_comes_from_elsewhere() -> None:
    assert "http" not in SHEET
    assert "@import" not in SHEET
