"""The winery's strategy as its people see it: read, talked of from a phone and at a desk at once, compared, reported, kept alive.

docs/strategy.md shows the pictures made here. Real: `make run` with its PostgreSQL, worker, beat and web server; Chromium.
"""

from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium, needs_chromium
from tests.e2e.agency import Agency
from tests.e2e.cast import PHONE, Cast
from tests.e2e.pictures import picture

__all__ = ["chromium"]

pytestmark = [pytest.mark.e2e, needs_chromium]
LUCIA = "lucia@cantinaroero.example"


@dataclass(frozen=True)
class Shown:
    """The strategy, and the two who look at it: Elena at her desk, Lucia with her phone."""

    number: int
    sections: dict[str, int]
    desk: Page
    phone: Page
    url: str
    api: httpx.Client

    def at_desk(self, below: str) -> Page:
        """A page of the strategy at the desk."""
        self.desk.goto(f"{self.url}/admin/strategy/strategy/{self.number}/{below}")
        return self.desk


@pytest.fixture(scope="module")
def shown(agency: Agency, chromium: Browser) -> Shown:
    """Both are signed in."""
    api = agency.api("elena")
    (strategy,) = api.get("strategies/").json()["results"]
    sections = api.get("sections/", params={"strategy": strategy["id"]}).json()["results"]
    phone = chromium.new_context(viewport=PHONE, java_script_enabled=False, locale="it-IT").new_page()
    phone.goto(agency.login_link(LUCIA))
    desk = Cast(agency, chromium, "strategy").desk("elena")
    return Shown(strategy["id"], {row["kind"]: row["id"] for row in sections}, desk, phone, agency.url, api)


def test_the_document_and_its_pages(shown: Shown) -> None:
    for below, name in (("change/", "document"), ("report/", "report"), ("agreement/", "agreement")):
        page = shown.at_desk(below)
        expect(page.get_by_text("La terra prima del prezzo").first).to_be_visible()
        picture(page, f"strategy-{name}")
    page = shown.at_desk("differences/?from=1&to=2")
    expect(page.locator("ins").first).to_be_visible()
    picture(page, "strategy-differences")


def test_a_suggestion_by_thumb_is_taken_over_at_the_desk(shown: Shown) -> None:
    section = shown.sections["goals"]
    shown.at_desk(f"sections/{section}/")
    phone = shown.phone
    phone.goto(f"{shown.url}/strategies/{shown.number}/")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    picture(phone, "strategy-phone")
    phone.goto(f"{shown.url}/sections/{section}/")
    phone.get_by_role("link", name="Il sabato è pieno da solo").first.click()
    phone.fill("[name=instead]", "Il sabato è pieno da solo; giovedì, venerdì e la domenica mattina no.")
    phone.fill("[name=comment]", "La domenica mattina apriamo per due macchine.")
    phone.locator("#say").scroll_into_view_if_needed()
    picture(phone, "strategy-suggesting")
    phone.click("button[name=do][value=replace]")
    desk = shown.desk
    desk.reload()
    expect(desk.get_by_text("La domenica mattina apriamo per due macchine.")).to_be_visible()
    picture(desk, "strategy-suggested")
    desk.click("button[name=do][value=accept]")
    expect(desk.locator("button[name=do][value=accept]")).to_have_count(0)
    written = shown.api.get(f"sections/{section}/").json()
    assert "la domenica mattina" in written["body"]


def test_a_silence_is_filled_in_two_clicks(shown: Shown) -> None:
    desk = shown.at_desk("silences/")
    desk.get_by_role("link", name="bottega").first.click()
    expect(desk.get_by_text("Le ultime magnum").first).to_be_visible()
    picture(desk, "strategy-silence")
    desk.get_by_role("link", name="Le ultime magnum").first.click()
    desk.click("button.filo-primary")
    expect(desk.get_by_text("Le ultime magnum").first).to_be_visible()
    drafts = shown.api.get("posts/", params={"state": "draft", "page_size": 100}).json()["results"]
    assert [post["publish_at"] is None for post in drafts if post["title"] == "Le ultime magnum"] == [False]
