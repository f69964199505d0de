"""A thread as people see it: typed and counted in the composer, approved on a phone."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from social.models import Post
from social.services import submit_post
from tests.browser import chromium, needs_chromium, take
from tests.portal.reaching import mailed_link
from tests.portal.test_phone import fits, phone
from tests.portal.test_talking_on_the_phone import leave, sign_in
from tests.social.pictures import stored
from tests.world import World, approve

__all__ = ["chromium"]

pytestmark = [pytest.mark.e2e, needs_chromium]


@pytest.fixture
def seen(
    chromium: Browser, transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> World:
    """The agency behind a real server."""
    monkeypatch.setattr(settings, "BASE_URL", live_server.url)
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)
    return World()


def signed_in(browser: Browser, server: LiveServer) -> Page:
    """Vito's window."""
    context = browser.new_context(locale="it-IT", viewport={"width": 1280, "height": 900})
    sign_in(context, server, User.objects.get(email="vito@filo.example"))
    return context.new_page()


def test_from_the_composer_to_the_readers(seen: World, live_server: LiveServer, chromium: Browser) -> None:
    photo = stored(seen.vito, seen.winery, "Mani viola di mosto")
    page = signed_in(chromium, live_server)
    page.goto(live_server.url + reverse("admin:social_post_add"))
    photo_file: Any = {"name": "filare.jpg", "mimeType": "image/jpeg", "buffer": b"..."}
    page.locator("#file").set_input_files(photo_file)
    expect(page.locator("#id_title")).to_have_value("")  # a file's name is nobody's title
    page.locator("#file").set_input_files([])
    page.locator("#id_title").fill("Vendemmia")
    page.locator("#id_text").fill("Oggi si vendemmia. Un filo, dall’alba in poi.")
    page.locator("input[name=channels]").first.check()
    for number, text in enumerate(("Alle sei le mani sono già viola.", "A mezzogiorno si mangia tra i filari."), 1):
        page.get_by_role("button", name="Aggiungi un post sotto").first.click()
        page.locator(f"#part_{number}").fill(text)
    page.locator(f"#part_1-of input[name=media_part_1][value='{photo.pk}']").evaluate("box => { box.checked = true }")
    page.locator("#id_comment").fill("Chi vuole venire ci scriva.")
    page.get_by_role("button", name="Controlla").click()
    expect(page.locator(".preview-below")).to_have_count(3)
    take(page, "composer-thread")
    page.get_by_role("button", name="Salva la bozza").click()
    expect(page.get_by_text("Salvato.")).to_be_visible()
    leave(page)
    post = Post.objects.get()
    assert (len(post.parts), post.comment) == (2, "Chi vuole venire ci scriva.")
    submit_post(user=seen.vito, post=post)
    for user in (seen.elena, seen.marta):
        approve(post, user)
    piero = phone(chromium, "it-IT")
    piero.goto(mailed_link(seen.cliente))
    expect(piero.locator(".preview-below")).to_have_count(3)
    fits(piero)
    take(piero, "portal-thread")
    leave(piero)


def test_each_post_is_counted_while_it_is_typed(seen: World, live_server: LiveServer, chromium: Browser) -> None:
    page = signed_in(chromium, live_server)
    page.goto(live_server.url + reverse("admin:social_post_add"))
    page.locator("input[name=channels]").first.check()
    page.get_by_role("button", name="Aggiungi un post sotto").first.click()
    page.locator("#part_1").press_sequentially("Dodici segni")
    expect(page.locator("#previews .preview-below .preview-counted")).to_have_text("12 su 500 caratteri")
    expect(page.locator("#counted-part_1")).to_have_text("Cantina Roero (prova): 12 su 500")
    page.locator("#id_text").fill("Oggi si vendemmia.")
    page.locator("#id_comment").fill("Venite")
    expect(page.locator("#counted-comment")).to_have_text("Cantina Roero (prova): 6 su 500")
    counted = page.locator("#previews .preview-count")
    expect(counted).to_have_text(["18 su 500 caratteri", "12 su 500 caratteri", "6 su 500 caratteri"])
    page.locator("#part_1").fill("u" * 501)
    expect(page.locator("#previews .filo-counts")).to_contain_text("18 su 500 · 501 su 500 · 6 su 500")
    expect(page.locator("#counted-part_1 .filo-over")).to_have_text(re.compile("501 su 500"))
    page.get_by_role("button", name="Controlla").click()
    expect(page.locator("#counted-part_1 .filo-over")).to_have_text(re.compile("501 su 500"))  # without JavaScript too
    take(page, "composer-thread-counting")
    leave(page)
