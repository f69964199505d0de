"""The page about oneself, and the button that switches mails off, on Piero's phone; and the same form in Marta's admin."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core import mail
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.services import create_login_link
from notifications.selectors import muted
from notifications.services import send_due
from social.services import withdraw_post
from tests.browser import chromium, needs_chromium, take
from tests.portal.reaching import asked
from tests.portal.test_phone import fits, phone
from tests.world import World

__all__ = ["chromium"]

pytestmark = [pytest.mark.e2e, needs_chromium]


@pytest.fixture
def town(chromium: Browser, transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> World:
    """The agency, whose mails link to the server under test, and whose Piero reads English."""
    monkeypatch.setattr(settings, "BASE_URL", live_server.url)
    world = World()
    User.objects.filter(pk__in=[world.cliente.pk, world.marta.pk]).update(language="en")
    return world


def enter(page: Page, server: LiveServer, user: User) -> None:
    page.goto(f"{server.url}/in/{create_login_link(user=user)}/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_s_hours_on_a_phone(chromium: Browser, town: World, live_server: LiveServer, scheme: str) -> None:
    page = phone(chromium, "en", scheme)
    enter(page, live_server, town.cliente)
    page.get_by_role("link", name="Myself").click()
    page.get_by_label("No mail from").fill("21:30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It is not saved yet.")).to_be_visible()
    expect(page.get_by_text("Give both times, or neither.")).to_be_visible()
    take(page, f"settings-phone-wrong-{scheme}")
    page.get_by_label("No mail until").fill("07:00")
    page.get_by_label("Sunday").check()
    page.get_by_label("Taken back").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    fits(page)
    take(page, f"settings-phone-{scheme}")
    piero = User.objects.get(pk=town.cliente.pk)
    assert (str(piero.quiet_from), str(piero.quiet_until), piero.quiet_days) == ("21:30:00", "07:00:00", [6])
    assert muted(piero) == ["withdrawn"]


def test_switched_off_from_the_mail_and_on_again(chromium: Browser, town: World) -> None:
    withdraw_post(user=town.vito, post=asked(town))
    send_due()
    (letter,) = [letter for letter in mail.outbox if letter.to == [town.cliente.email]]
    page = phone(chromium, "it")
    page.goto(letter.extra_headers["List-Unsubscribe"].strip("<>"))
    fits(page)
    take(page, "mails-off-asks")
    assert muted(town.cliente) == []
    page.get_by_role("button", name="Switch them off").click()
    expect(page.get_by_text("They are switched off.")).to_be_visible()
    take(page, "mails-off-done")
    assert muted(town.cliente) == ["withdrawn"]
    page.get_by_role("button", name="Send them to me again").click()
    expect(page.get_by_text("You get them again.")).to_be_visible()
    assert muted(town.cliente) == []
    page.get_by_role("link", name="All your mails and hours").click()
    assert urlsplit(page.url).path == "/accounts/login/"


def test_the_same_form_in_the_admin(chromium: Browser, town: World, live_server: LiveServer) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    enter(page, live_server, town.marta)
    page.goto(f"{live_server.url}/admin/accounts/user/settings/")
    page.get_by_label("Morning mail at").fill("07:45")
    page.get_by_label("Approved").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    take(page, "settings-admin")
    marta = User.objects.get(pk=town.marta.pk)
    assert (str(marta.morning_at), muted(marta)) == ("07:45:00", ["approved"])
