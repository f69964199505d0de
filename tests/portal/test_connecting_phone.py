"""Piero connects an account on his phone, without script: the mail's link, one button, the network, and back."""

import threading
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from social.models import Channel
from social.services import ask_to_connect
from tests.browser import chromium, needs_chromium, take
from tests.portal.test_phone import fits, phone, phones_world, shoot
from tests.servers.x import FakeX
from tests.social.connections.going import browser_of, register, unconnected, work
from tests.social.connections.test_asks import mailed
from tests.world import World

__all__ = ["chromium", "phones_world"]
pytestmark = [pytest.mark.e2e, needs_chromium]


@pytest.fixture
def x(phones_world: World) -> Iterator[FakeX]:
    with FakeX() as server:
        register(phones_world, "x", server)
        ends = threading.Event()
        worker = threading.Thread(target=_work, args=[ends])
        worker.start()
        yield server
        ends.set()
        worker.join()


def _work(ends: threading.Event) -> None:
    """A worker and its beat, who go on with what was brought."""
    while not ends.wait(0.2):
        work()
    connection.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_piero_connects_it_with_his_thumb(
    phones_world: World, x: FakeX, chromium: Browser, live_server: LiveServer, scheme: str
) -> None:
    world = phones_world
    channel = unconnected(world.marta, world.winery, "x", x, handle="cantina.roero")
    ask_to_connect(user=world.marta, channel=channel, person=world.cliente)
    page = phone(chromium, "it-IT", scheme)
    page.goto(settings.BASE_URL + mailed(world))
    expect(page.get_by_role("heading", level=1)).to_have_text("Collega X")
    expect(page.locator(".band-name")).to_have_text("Cantina Roero")
    fits(page)
    shoot(page, f"connect-it-{scheme}-asked")
    page.get_by_role("button", name="Vai a X").click()
    page.wait_for_url("**/connect/*/")  # there and back: the fake says yes at once
    expect(page.get_by_role("heading", level=1)).to_have_text("Quale account?")
    assert "code" not in page.url
    fits(page)
    shoot(page, f"connect-it-{scheme}-choosing")
    page.get_by_role("button", name="Cantina Roero").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("L’account è collegato")
    fits(page)
    shoot(page, f"connect-it-{scheme}-done")
    assert Channel.objects.get(pk=channel.pk).status == "connected"
    heard = [request.headers.get("referer", "") for request in x.requests]
    assert "".join(heard) == ""


def test_marta_sees_how_it_can_be_connected(
    phones_world: World, x: FakeX, chromium: Browser, live_server: LiveServer
) -> None:
    world = phones_world
    channel = unconnected(world.marta, world.winery, "x", x)
    ask_to_connect(user=world.marta, channel=channel, person=world.cliente)
    session = browser_of(world.marta).cookies[settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="it-IT")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/social/channel/{channel.pk}/change/")
    expect(page.get_by_role("button", name="Collega con X")).to_be_visible()
    take(page, "connect-channel-page")
    page.goto(f"{live_server.url}/admin/")
    take(page, "connect-today")
    page.goto(f"{live_server.url}/admin/social/channel/{channel.pk}/change/")
    page.get_by_role("button", name="Collega con X").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("L’account è collegato")
    page.get_by_role("link", name="Torna al canale").click()
    expect(page.get_by_text("Collegato").first).to_be_visible()
