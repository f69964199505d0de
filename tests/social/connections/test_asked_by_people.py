"""Somebody wants to know now whether a network lets us in: a worker asks, and no page waits for it."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import close_old_connections
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from accounts.errors import Conflict
from audit.models import Event
from social.models import Channel
from social.services import ask_channel, checking, create_channel, retire_channel
from tests.browser import chromium, needs_chromium, take
from tests.portal.test_talking_on_the_phone import leave, sign_in
from tests.rest.caller import Caller
from tests.servers.wire import Answer
from tests.servers.x import FakeX
from tests.world import World, sandbox

__all__ = ["chromium"]


def fresh(channel: Channel) -> Channel:
    return Channel.objects.get(pk=channel.pk)


@pytest.mark.django_db
def test_two_who_ask_get_one_answer(world: World) -> None:
    first = ask_channel(user=world.vito, channel=world.page)
    assert ask_channel(user=world.marta, channel=world.page).asked_at == first.asked_at
    now = timezone.now()
    assert checking.hand_out_asked(now) == [world.page.pk]
    assert checking.hand_out_asked(now) == []  # somebody is at it
    assert checking.hand_out_asked(now + checking.SOON) == [world.page.pk]  # or died over it
    checking.check(channel_id=world.page.pk)
    checking.check(channel_id=world.page.pk)
    there = fresh(world.page)
    assert (there.being_asked, there.asked_by, there.check_at, there.status) == (False, None, None, "connected")
    assert checking.hand_out_asked(now + timedelta(days=1)) == []
    (event,) = Event.objects.filter(verb="channel.checked")
    assert event.actor == world.vito


@pytest.mark.django_db
def test_a_broken_one_is_asked_too_and_a_retired_one_is_not(world: World) -> None:
    Channel.objects.filter(pk=world.page.pk).update(status="broken")
    ask_channel(user=world.vito, channel=world.page)
    checking.check(channel_id=world.page.pk)
    assert fresh(world.page).status == "connected"
    ask_channel(user=world.vito, channel=world.page)
    retire_channel(user=world.marta, channel=world.page, because="Venduto.")
    checking.check(channel_id=world.page.pk)
    assert fresh(world.page).being_asked is False
    with pytest.raises(Conflict):
        ask_channel(user=world.vito, channel=world.page)


@pytest.mark.django_db
def test_one_that_is_away_says_so_to_who_asked_in_their_language(world: World) -> None:
    world.vito.language = "it"
    world.vito.save(update_fields=["language"])
    away = sandbox(world.marta, world.winery, "altrove", behaviour="unavailable")
    ask_channel(user=world.vito, channel=away)
    checking.check(channel_id=away.pk)
    there = fresh(away)
    assert (there.status, there.being_asked, there.checked_at) == ("connected", False, None)
    assert there.status_detail == "La sandbox non è raggiungibile, come è impostato nel canale."


@pytest.mark.django_db(transaction=True)
def test_a_program_waits_for_the_answer_and_no_longer_than_it_wants(world: World) -> None:
    with FakeX() as x:
        given = {"access_token": x.token}
        channel = create_channel(
            user=world.marta, client=world.winery, network="x", handle="cantinaroero", server=x.url, credentials=given
        )
        x.on("GET /2/users/me", Answer(401, {"title": "Unauthorized"}))
        vito, here = Caller(world.vito), f"channels/{channel.pk}/check/"
        begun = time.monotonic()
        assert vito.post(f"{here}?wait=0.5", expect=200)["being_asked"] is True
        assert 0.5 <= time.monotonic() - begun < 9  # not the ten seconds that one waits otherwise

        def worker() -> None:
            time.sleep(0.5)
            for channel_id in checking.hand_out_asked(timezone.now()):
                checking.check(channel_id=channel_id)
            close_old_connections()

        thread = threading.Thread(target=worker)
        thread.start()
        told: dict[str, Any] = vito.post(here, expect=200)
        thread.join()
        assert (told["being_asked"], told["status"]) == (False, "broken")


@pytest.mark.e2e
@needs_chromium
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("language", "asked", "there"), [("en", "Check now", "Connected"), ("it", "Controlla adesso", "Collegato")]
)
def test_the_page_shows_the_answer_by_itself(
    world: World, live_server: LiveServer, chromium: Browser, language: str, asked: str, there: str
) -> None:
    world.vito.language = language
    world.vito.save(update_fields=["language"])
    context = chromium.new_context(viewport={"width": 390, "height": 900})
    sign_in(context, live_server, world.vito)
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/social/channel/{world.page.pk}/change/")
    page.get_by_role("button", name=asked).click()
    section = page.locator("#connection")
    expect(section).to_have_attribute("aria-busy", "true")
    expect(page.get_by_role("button", name=asked)).to_have_count(0)
    take(page, f"channel-being-asked-{language}")
    checking.check(channel_id=world.page.pk)
    expect(section).not_to_have_attribute("aria-busy", "true", timeout=10_000)
    expect(section).to_contain_text(there)
    expect(page.get_by_role("button", name=asked)).to_be_visible()
    take(page, f"channel-answered-{language}")
    leave(page)
