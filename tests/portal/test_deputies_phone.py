"""Piero goes away: he names Rosa on his phone, without a script, and ends it when he is back; and the same on a wide screen."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.services import create_login_link
from approvals.models import Deputy
from clients.models import Membership, Role
from tests.browser import chromium, needs_chromium, take
from tests.portal.test_phone import fits, phone
from tests.world import World, person

__all__ = ["chromium"]

pytestmark = [pytest.mark.e2e, needs_chromium]


@pytest.fixture
def town(chromium: Browser, transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> World:
    """The agency; Piero reads English, and Rosa decides for the winery beside him."""
    monkeypatch.setattr(settings, "BASE_URL", live_server.url)
    world = World()
    User.objects.filter(pk=world.cliente.pk).update(language="en")
    Membership.objects.create(client=world.winery, user=person("rosa", "Rosa Roero"), role=Role.APPROVER)
    return world


@pytest.mark.parametrize("screen", ["light", "dark", "wide"])
def test_away_and_back(chromium: Browser, town: World, live_server: LiveServer, screen: str) -> None:
    page = phone(chromium, "en", "dark" if screen == "dark" else "light")
    if screen == "wide":
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/in/{create_login_link(user=town.cliente)}/")
    page.get_by_role("link", name="Myself").click()
    page.get_by_role("link", name="Deputies: who decides while you are away").click()
    expect(page.get_by_text("Nobody stands in for you, and you stand in for nobody.")).to_be_visible()
    page.get_by_role("link", name="For Cantina Roero").click()
    expect(page.locator(".band-name")).to_have_text("Cantina Roero")

    first = timezone.now().date() + timedelta(days=2)
    page.get_by_label("Who stands in").select_option("Rosa Roero")
    page.get_by_label("From").fill(first.isoformat())
    page.get_by_label("Until, that day included").fill((first - timedelta(days=1)).isoformat())
    page.get_by_role("button", name="Name a deputy").click()
    expect(page.get_by_text("It ends before it begins.")).to_be_visible()
    expect(page.get_by_label("From")).to_have_value(first.isoformat())
    take(page, f"deputies-{screen}-wrong")
    if screen != "wide":
        fits(page)
    page.get_by_label("Until, that day included").fill((first + timedelta(days=6)).isoformat())
    page.get_by_role("button", name="Name a deputy").click()
    expect(page.get_by_text("Named. Who stands in for you gets a mail.")).to_be_visible()
    expect(page.get_by_text("Rosa Roero stands in for you.", exact=True)).to_be_visible()
    take(page, f"deputies-{screen}")
    if screen != "wide":
        fits(page)

    page.get_by_role("link", name="End this").click()
    take(page, f"deputies-{screen}-end")
    if screen != "wide":
        fits(page)
    page.get_by_role("button", name="End this now").click()
    expect(page.get_by_text("Ended. What was decided stands.")).to_be_visible()
    assert Deputy.objects.get().cancelled_by == town.cliente
