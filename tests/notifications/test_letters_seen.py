"""The letters as a mail program shows them: nothing wider than the screen, links for a thumb, in the light and the dark."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from notifications.letters import Letter
from tests.browser import chromium, needs_chromium, take
from tests.notifications.test_letters import MORNING, TURN

__all__ = ["chromium"]

pytestmark = [pytest.mark.e2e, needs_chromium]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800])
@pytest.mark.parametrize(("name", "letter"), [("morning", MORNING), ("turn", TURN)])
def test_it_fits(chromium: Browser, tmp_path: Path, name: str, letter: Letter, width: int, scheme: str) -> None:
    file = tmp_path / "letter.html"
    file.write_text(letter.html())
    page = chromium.new_page(
        viewport={"width": width, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=False,
    )
    page.goto(file.as_uri())
    take(page, f"letter-{name}-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for link in page.locator("a").all():
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    inks = page.locator("p, h2, a").evaluate_all("all => [...new Set(all.map(one => getComputedStyle(one).color))]")
    dark = {"rgb(236, 239, 242)", "rgb(169, 178, 188)", "rgb(22, 25, 29)", "rgb(255, 154, 154)"}
    light = {"rgb(29, 29, 27)", "rgb(85, 85, 85)", "rgb(255, 255, 255)", "rgb(163, 22, 31)"}
    assert set(inks) <= (dark if scheme == "dark" else light)
