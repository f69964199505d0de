"""Piero speaks of words and of a picture, with his thumb: by tapping, and by copying where no script runs. Elena at her desk."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client as Session
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from approvals.models import Comment
from approvals.services import add_comment, decide
from social.models import Media, Post
from social.services import add_media, edit_post, submit_post
from tests.browser import chromium, needs_chromium, take
from tests.portal.reaching import asked, link_to
from tests.social.pictures import png
from tests.social.test_suggesting import suggest
from tests.world import World, approve, review_of

__all__ = ["chromium"]

pytestmark = [pytest.mark.e2e, needs_chromium]
TEXT = "Oggi si vendemmia 🍇 al Roero.\nVenite tutti, vi aspettiamo in cantina."


@pytest.fixture
def town(transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> World:
    """The agency, whose mails link to the server under test; everybody reads English."""
    monkeypatch.setattr(django_settings, "BASE_URL", live_server.url)
    monkeypatch.setattr(django_settings, "MEDIA_ROOT", tmp_path)
    world = World()
    User.objects.update(language="en")
    for name in ("elena", "vito", "marta", "cliente"):
        getattr(world, name).refresh_from_db()
    return world


def phone(browser: Browser, scheme: str = "light", *, script: bool = True) -> BrowserContext:
    """A telephone of 360 pixels."""
    return browser.new_context(
        viewport={"width": 360, "height": 740},
        locale="en-GB",
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=script,
        has_touch=True,
        is_mobile=True,
    )


def sign_in(context: BrowserContext, live_server: LiveServer, user: User) -> None:
    """The cookie of a session of this person."""
    session = Session()
    session.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": session.cookies["sessionid"].value, "url": live_server.url}])


def leave(page: Page) -> None:
    """Nothing is asked of the server any more: the database is about to be emptied."""
    page.wait_for_load_state("networkidle")
    page.context.close()


def select_words(page: Page, quote: str) -> None:
    """As a thumb does: the words of the first preview."""
    page.evaluate(
        """(quote) => {
          const node = document.querySelector("[data-words]").firstChild;
          const at = node.data.indexOf(quote);
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + quote.length);
          document.getSelection().removeAllRanges();
          document.getSelection().addRange(range);
        }""",
        quote,
    )


def fits(page: Page) -> None:
    """Nothing is wider than the telephone; every button that shows is large enough for a thumb."""
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    for button in page.locator("main button:visible, main summary:visible, main select:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44, button.inner_text()


def picture_of(world: World, alt_text: str, colour: str = "#7A1F3D") -> Media:
    """A picture that fills a telephone."""
    return add_media(user=world.vito, client=world.winery, file=png(colour, (800, 600)), alt_text=alt_text)


def rounds(world: World) -> Post:
    """A post in its second version, with a first one of which much was said."""
    media = picture_of(world, "Grappoli al sole")
    post = asked(world, text=TEXT, media=[media], publish_at=timezone.now() + timedelta(days=3))
    first = review_of(post)
    ours = add_comment(review=first, user=world.elena, text="Il cliente è difficile.", audience="internal")
    add_comment(review=first, user=world.vito, text="Lo so.", audience="", parent=ours)
    suggest(first, world.cliente, "Venite tutti", "Vi aspettiamo numerosi", text="Più garbato.")
    point = {"part": str(world.page.pk), "picture": media.sha256, "x": 0.25, "y": 0.4}
    add_comment(review=first, user=world.cliente, text="Chi è costui?", audience="client", anchor=point)
    decide(review=first, user=world.cliente, digest=first.digest, verdict="request_changes", comment="Quasi.")
    post.refresh_from_db()
    edit_post(
        user=world.vito, post=post, text=TEXT.replace("Oggi", "Domani"), media=[picture_of(world, "Botti", "#1F5A7A")]
    )
    post = submit_post(user=world.vito, post=post)
    approve(post, world.elena)
    approve(post, world.marta)
    return post


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_selecting_words_and_tapping_a_picture(
    chromium: Browser, town: World, live_server: LiveServer, scheme: str
) -> None:
    post = rounds(town)
    review = review_of(post)
    page = phone(chromium, scheme).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(live_server.url + link_to(post, town.cliente))
    select_words(page, "al Roero")
    page.get_by_role("button", name="Suggest other words").tap()
    expect(page.get_by_label("Which words")).to_have_value("al Roero")
    fits(page)
    take(page, f"talk-portal-{scheme}-suggesting")
    page.get_by_label("What you would write in their place").fill("nel Roero")
    page.get_by_role("button", name="Only send these words").tap()
    expect(page.locator(".talk-words ins").first).to_have_text("nel Roero")
    comment = Comment.objects.get(review=review)
    start = TEXT.replace("Oggi", "Domani").index("al Roero")
    assert comment.anchor == {"part": str(town.page.pk), "start": start, "end": start + 8, "quote": "al Roero"}
    image = page.locator("img[data-picture]")
    box = image.bounding_box()
    assert box is not None
    image.tap(position={"x": box["width"] * 0.75, "y": box["height"] * 0.25})
    page.get_by_label("Your words. You need some").fill("Che cos'è?")
    page.get_by_role("button", name="Only send these words").tap()
    expect(page.locator(".talk-frame circle").last).to_be_visible()
    said = Comment.objects.filter(review=review).latest("pk")
    assert said.anchor is not None
    assert abs(said.anchor["x"] - 0.75) < 0.02
    assert abs(said.anchor["y"] - 0.25) < 0.02
    page.get_by_text("Before, of version 1").tap()
    page.get_by_text("How it is approved").tap()
    fits(page)
    take(page, f"talk-portal-{scheme}")
    assert "Said of version 1." in page.inner_text("main")
    assert "difficile" not in page.content()
    assert complaints == []
    page.get_by_role("link", name="Compare other versions").tap()
    expect(page.get_by_role("heading", name="What is new in version 2 since version 1")).to_be_visible()
    fits(page)
    take(page, f"talk-portal-{scheme}-differences")
    leave(page)


def test_by_copying_alone(chromium: Browser, town: World, live_server: LiveServer) -> None:
    post = rounds(town)
    page = phone(chromium, script=False).new_page()
    page.goto(live_server.url + link_to(post, town.cliente))
    page.get_by_text("About certain words, or a picture").tap()
    page.get_by_label("Which words").fill("queste non ci sono")
    page.get_by_label("What you would write in their place").fill("altre")
    page.get_by_role("button", name="Only send these words").tap()
    expect(page.get_by_text("These words do not stand in the version under review.")).to_be_visible()
    expect(page.get_by_label("What you would write in their place")).to_have_value("altre")
    fits(page)
    take(page, "talk-portal-no-script")
    page.get_by_label("Which words").fill("Roero. Venite")  # as a page breaks its lines, not as the text does
    page.get_by_role("button", name="Only send these words").tap()
    expect(page.locator(".talk-words ins").first).to_have_text("altre")
    comment = Comment.objects.latest("pk")
    assert (comment.anchor or {})["quote"] == "Roero.\nVenite"
    page.get_by_text("About certain words, or a picture").tap()
    page.get_by_label("What it is about").select_option(index=2)
    page.get_by_label("Where in the picture").select_option("top_right")
    page.get_by_label("Your words. You need some").fill("Qui è buio.")
    page.get_by_role("button", name="Only send these words").tap()
    expect(page.get_by_text("Qui è buio.")).to_be_visible()
    anchor = Comment.objects.latest("pk").anchor or {}
    assert (anchor["x"], anchor["y"]) == (0.85, 0.15)
    leave(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_at_the_desk(chromium: Browser, town: World, live_server: LiveServer, scheme: str) -> None:
    post = rounds(town)
    review = review_of(post)
    suggest(review, town.cliente, "vi aspettiamo", "vi aspettiamo tutti", text="Così?")
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme="dark" if scheme == "dark" else "light", locale="en-GB"
    )
    sign_in(context, live_server, town.vito)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/admin/approvals/review/{review.pk}/")
    select_words(page, "al Roero")
    page.get_by_role("button", name="Comment on these words").click()
    page.get_by_label("Your comment").fill("Siamo noi: ")
    page.get_by_text("Call somebody by name").click()
    page.get_by_role("button", name="@Elena Riva").click()
    expect(page.get_by_label("Your comment")).to_have_value("Siamo noi: @Elena Riva ")
    page.get_by_role("button", name="Add the comment").click()
    page.locator("#earlier summary").first.click()
    take(page, f"talk-admin-{scheme}")
    page.goto(f"{live_server.url}/admin/social/post/{post.pk}/differences/?from=1&to=2")
    take(page, f"talk-admin-{scheme}-differences")
    page.goto(f"{live_server.url}/admin/approvals/review/{review.pk}/")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    take(page, f"talk-admin-{scheme}-phone")
    page.get_by_role("button", name="Take over and ask again").first.click()
    expect(page.get_by_text("Taken over, and asked again: this is the new version.")).to_be_visible()
    assert complaints == []
    leave(page)
    post.refresh_from_db()
    assert post.text.endswith("vi aspettiamo tutti in cantina.")
    assert review_of(post).version == 3
