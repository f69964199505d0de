"""Piero's phone: 360 × 740, no script, one thumb. The link is the one in his mail."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from approvals.models import Decision, ReviewState
from notifications import services as outbox
from social.models import Post
from social.services import edit_post, submit_post
from tests.browser import SCREENSHOTS, chromium, needs_chromium
from tests.portal.reaching import asked, mailed_link
from tests.world import World, approve, review_of

__all__ = ["chromium"]

THUMB = 44  # CSS pixels
pytestmark = [pytest.mark.e2e, needs_chromium]


@pytest.fixture
def phones_world(
    chromium: Browser, transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> World:
    """The agency, whose mails link to the server under test."""
    monkeypatch.setattr(settings, "BASE_URL", live_server.url)
    return World()


def phone(browser: Browser, locale: str, scheme: str = "light") -> Page:
    """A fresh phone without JavaScript."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        locale=locale,
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=False,
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    return context.new_page()


def shoot(page: Page, name: str) -> None:
    """Keep a picture of what the phone shows now."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def fits(page: Page) -> None:
    """Nothing is wider than the phone, and each button is large enough for a thumb."""
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    for button in page.locator("button, .button, .nav a").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= THUMB
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_piero_approves_with_his_thumb(phones_world: World, chromium: Browser, scheme: str) -> None:
    world = phones_world
    post = asked(world, publish_at=timezone.now() + timedelta(days=3), link="https://www.example.org/vendemmia")
    page = phone(chromium, "it-IT", scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(mailed_link(world.cliente))
    expect(page.get_by_role("heading", level=1)).to_have_text("Vendemmia")
    expect(page.locator(".band-name")).to_have_text("Cantina Roero")
    expect(page.locator(".preview-text")).to_contain_text("Oggi si vendemmia.")
    approve = page.locator("button[value=approve]")
    expect(approve).to_be_in_viewport()  # at the thumb's end, without scrolling
    fits(page)
    shoot(page, f"portal-it-{scheme}-to-approve")
    approve.click()
    expect(page.locator("button[value=approve]")).to_have_count(0)
    expect(page.locator(".notice.tone-good")).to_be_in_viewport()
    expect(page.locator(".band-name")).to_be_in_viewport()  # whose post it was, on the confirmation too
    shoot(page, f"portal-it-{scheme}-approved")
    decision = Decision.objects.get(actor=world.cliente)
    assert (decision.verdict, decision.via) == ("approve", "link")
    assert review_of(post).state == ReviewState.APPROVED
    assert complaints == []
    assert page.context.cookies()[0]["name"] == "csrftoken"
    assert len(page.context.cookies()) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_mayor_asks_for_changes(phones_world: World, chromium: Browser, scheme: str) -> None:
    world = phones_world
    world.town_post()
    page = phone(chromium, "en-GB", scheme)
    page.goto(mailed_link(world.sindaco))
    page.get_by_role("button", name="Ask for changes").click()
    expect(page.get_by_text("Say what should change: the author has only your words.")).to_be_visible()
    shoot(page, f"portal-en-{scheme}-words-missing")
    page.get_by_label("Your words.").fill("Add the opening hours.")
    page.get_by_role("button", name="Ask for changes").click()
    expect(page.get_by_role("heading", name="Changes requested")).to_be_visible()
    expect(page.get_by_text("Bruno Neri has been told, in your words.")).to_be_visible()
    fits(page)
    shoot(page, f"portal-en-{scheme}-changes-requested")


def test_an_old_mail_shows_what_is_new_and_the_way_there(phones_world: World, chromium: Browser) -> None:
    world = phones_world
    post = asked(world)
    address = mailed_link(world.cliente)
    page = phone(chromium, "it-IT")
    page.goto(address)
    page.locator("#words").fill("Meglio domani.")
    page.locator("button[value=request_changes]").click()
    edit_post(user=world.vito, post=Post.objects.get(pk=post.pk), text="Domani si vendemmia.")
    submit_post(user=world.vito, post=Post.objects.get(pk=post.pk))
    approve(post, world.elena)
    approve(post, world.marta)
    page.goto(address)
    expect(page.get_by_role("heading", name="La versione 2 ti aspetta")).to_be_in_viewport()
    expect(page.locator("del")).to_contain_text("Oggi")
    expect(page.locator("ins")).to_contain_text("Domani")
    expect(page.locator("button[value=approve]")).to_have_count(0)
    fits(page)
    shoot(page, "portal-it-light-old-link")
    page.get_by_role("link", name="Accedi e decidi").click()
    assert urlsplit(page.url).path == "/accounts/login/"
    assert not Decision.objects.filter(seat__step__review=review_of(post), actor=world.cliente).exists()


def test_signing_in_on_the_phone(phones_world: World, chromium: Browser, live_server: LiveServer) -> None:
    page = phone(chromium, "en-GB")
    page.goto(live_server.url)
    page.get_by_label("E-mail", exact=True).last.fill("sindaco@filo.example")
    fits(page)
    shoot(page, "portal-en-light-sign-in")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_label("Code")).to_be_visible()
    outbox.send_due()
    (letter,) = mail.outbox
    code = re.search(r"^\s*([A-Z0-9-]{6,})\s*$", str(letter.body), re.MULTILINE)
    assert code is not None
    page.get_by_label("Code").fill(code.group(1))
    shoot(page, "portal-en-light-code")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What waits for you")
    shoot(page, "portal-en-light-home")
    page.goto(f"{live_server.url}/r/cut-in-the-mi/")
    expect(page.get_by_role("heading", level=1)).to_have_text("This address opens nothing")
    shoot(page, "portal-en-light-cut")
    assert urlsplit(page.url).path == "/r/cut-in-the-mi/"
