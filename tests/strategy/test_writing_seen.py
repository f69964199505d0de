"""A section is written in a browser: under its lock, saved while one types, with nothing lost where two write, or the browser dies."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from strategy.models import Section, Suggestion
from strategy.selectors import open_beside
from tests.browser import chromium, needs_chromium, take
from tests.portal.test_talking_on_the_phone import leave, sign_in
from tests.strategy.documents import TONE, draft, section
from tests.world import World

__all__ = ["chromium"]

pytestmark = [pytest.mark.e2e, needs_chromium, pytest.mark.django_db(transaction=True)]


def at(browser: Browser, server: LiveServer, person: Any, width: int = 1280) -> Page:
    """Somebody's window."""
    context = browser.new_context(locale="it-IT", viewport={"width": width, "height": 900})
    sign_in(context, server, person)
    return context.new_page()


def test_two_write_and_one_browser_dies(world: World, live_server: LiveServer, chromium: Browser) -> None:
    tone = section(world, draft(world))
    address = f"{live_server.url}/admin/strategy/strategy/{tone.strategy_id}/sections/{tone.pk}"
    vito, elena = at(chromium, live_server, world.vito), at(chromium, live_server, world.elena, 390)
    vito.goto(f"{address}/write/")
    vito.locator("#id_body").press_sequentially("Parliamo come al banco. ")
    expect(vito.locator("[data-status]")).to_contain_text("Salvato alle")
    expect(vito.locator("#preview")).to_contain_text("Parliamo come al banco.")
    take(vito, "strategy-writing")
    assert Section.objects.get(pk=tone.pk).body == f"Parliamo come al banco. {TONE}"
    # Elena is told, and comes in anyway; what they both write stands side by side.
    elena.goto(f"{address}/write/")
    expect(elena.locator("#other")).to_contain_text("sta scrivendo Vito Serra")
    take(elena, "strategy-writing-other")
    elena.get_by_role("button", name="Scrivi lo stesso").click()
    elena.locator("#id_body").fill("Parliamo forte.")
    expect(elena.locator("[data-status]")).to_contain_text("Salvato alle")
    vito.locator("#id_body").press_sequentially(" Sempre.")
    expect(vito.locator("[data-status]")).to_contain_text("accanto a ciò che intanto ha salvato qualcun altro")
    vito.get_by_role("link", name="Confrontali e uniscili").first.click()
    expect(vito.locator(".filo-sides .filo-card")).to_have_count(2)
    take(vito, "strategy-merging")
    vito.locator("#id_body").fill("Parliamo forte, come al banco.")
    vito.get_by_role("button", name="Salva il testo unito").click()
    expect(vito.get_by_text("Parliamo forte, come al banco.")).to_be_visible()
    assert not open_beside(tone).exists()
    # He points at words, and the form knows where they stand.
    vito.goto(f"{address}/")
    vito.locator("[data-passages]").evaluate(
        "text => document.getSelection().setBaseAndExtent(text.firstChild, 9, text.firstChild, 14)"
    )
    vito.get_by_role("button", name="Proponi altre parole").click()
    vito.locator("#words").fill("chiaro")
    vito.get_by_role("button", name="Mettilo accanto al testo").click()
    expect(vito.locator(".filo-said .filo-diff")).to_have_text(re.compile("forte.*chiaro"))
    assert Suggestion.objects.values_list("start", "quote", "words").get() == (9, "forte", "chiaro")
    # The server goes away, then the browser: what was typed is offered when it comes back.
    elena.goto(f"{address}/write/")
    elena.context.set_offline(True)
    elena.locator("#id_body").fill("Quasi perso.")
    expect(elena.locator("[data-status]")).to_contain_text("Filo non risponde")
    elena.close()
    elena.context.set_offline(False)
    again = elena.context.new_page()
    again.goto(f"{address}/write/")
    expect(again.locator("[data-found]")).to_be_visible()
    again.get_by_role("button", name="Riprendile").click()
    expect(again.locator("[data-status]")).to_contain_text("Salvato alle")
    assert Section.objects.get(pk=tone.pk).body == "Quasi perso."
    leave(again)
    leave(vito)
