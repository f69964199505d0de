"""Debian's Chromium, driven by Playwright; pictures of what it saw go to var/screenshots."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
SCREENSHOTS = settings.BASE_DIR / "var" / "screenshots"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(
    timeout=30_000
)  # milliseconds: five seconds, as usual, are not enough where other tests keep the machine busy
needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser.

    Playwright runs an event loop in this thread, beside which Django would not let us look into the database.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield browser
        browser.close()


def take(page: Page, name: str) -> None:
    """A picture of the whole page, for whoever looks at the run afterwards."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
