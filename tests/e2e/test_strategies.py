"""A strategy is written by two people at once, agreed to in the portal, and agreed to anew the short way: a desk and a phone."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.services import create_login_link
from approvals.services import StepPlan, save_chain
from clients.models import Role
from notifications import services as outbox
from strategy.models import Strategy
from strategy.services import edit_strategy, submit_strategy
from tests.browser import chromium, needs_chromium, take
from tests.strategy.documents import TONE, draft, section
from tests.world import World

__all__ = ["chromium"]

pytestmark = [pytest.mark.e2e, needs_chromium]
PHONE: Any = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESK: Any = {"viewport": {"width": 1280, "height": 900}}
MONTH = "A marzo parliamo del travaso."


@pytest.fixture
def world(chromium: Browser, transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> World:
    """The agency, whose mails link to the server under test."""
    monkeypatch.setattr(settings, "BASE_URL", live_server.url)
    return World()


def written(world: World) -> Strategy:
    """Vito's draft, in which Piero may write; where only fast-changing sections are new, the client alone is asked."""
    steps = [
        StepPlan(name="Agenzia", users=[world.elena], only={"changed": ["evergreen", "seasonal", "frame"]}),
        StepPlan(name="Cliente", role=Role.APPROVER),
    ]
    save_chain(
        user=world.marta, client=world.winery, name="Strategie", subject="strategy", is_default=True, steps=steps
    )
    strategy = draft(world)
    section(world, strategy)
    section(world, strategy, kind="free", title="Questo mese", body=MONTH, horizon="volatile", why="")
    return edit_strategy(user=world.vito, strategy=strategy, contacts_write=True)


def signed_in(browser: Browser, server: LiveServer, who: User, **screen: Any) -> Page:
    page = browser.new_context(locale="it-IT", **screen).new_page()
    page.goto(server.url + reverse("portal:login_link", args=[create_login_link(user=who)]))
    return page


def fits(page: Page) -> None:
    """Nothing is wider than the screen, and each target is large enough for a thumb."""
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for target in page.locator("button:visible, .button:visible, .passage").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 44


def mailed(user: User) -> str:
    """The link in the last mail to this person."""
    outbox.send_due()
    letter = [letter for letter in mail.outbox if letter.to == [user.email]][-1]
    found = re.search(r"https?://\S+/r/\S+", str(letter.body))
    assert found is not None
    return found.group()


class Play:
    """Piero at a desk, Nonna with a phone, at the same time; and the phone on which Piero opens his mails."""

    def __init__(self, world: World, browser: Browser, server: LiveServer) -> None:
        self.world, self.browser, self.server = world, browser, server
        self.strategy = written(world)
        self.tone, self.month = self.strategy.sections.order_by("position")
        self.reading = f"{server.url}/strategies/{self.strategy.pk}/"
        self.desk = signed_in(browser, server, world.cliente, **DESK)
        self.phone = signed_in(browser, server, world.nonna, **PHONE)
        self.letter = browser.new_context(locale="it-IT", java_script_enabled=False, **PHONE).new_page()
        self.lost = 0
        self.complaints: list[str] = []
        for page in (self.desk, self.phone, self.letter):
            page.on("console", lambda message: self.complaints.append(message.text))

    def section(self, page: Page, pk: int, below: str = "") -> None:
        page.goto(f"{self.server.url}/sections/{pk}/{below}")

    def his_browser_dies_and_nothing_is_lost(self) -> None:
        self.desk.goto(self.reading)
        self.desk.locator(f"#section-{self.tone.pk}").get_by_role("button", name="Scrivi qui").click()
        self.desk.route("**/write/", self._swallow)
        self.desk.get_by_label("Testo").fill(f"{TONE}\nMia")
        self.desk.wait_for_timeout(2000)
        assert self.lost == 1  # it arrived, and the browser knows nothing of it
        self.desk.unroute_all()
        self.desk.get_by_label("Testo").fill(f"{TONE}\nMai")
        expect(self.desk.locator("[data-writing-state]")).to_contain_text("Salvato alle")  # as he types
        form = self.desk.locator("[data-writing]")
        most = form.get_attribute("data-most")
        form.evaluate("form => { form.dataset.most = 100; }")
        self.desk.get_by_label("Testo").fill(f"{TONE}\nMai più")
        self.desk.get_by_role("button", name="Salva", exact=True).click()  # too much: it stays where it is
        expect(self.desk.locator("[data-writing-state]")).to_contain_text("al massimo 8 MB di testo: non salvato")
        expect(self.desk.get_by_label("Testo")).to_have_value(f"{TONE}\nMai più")
        form.evaluate("(form, most) => { form.dataset.most = most; }", most)
        context = self.desk.context
        context.set_offline(True)
        self.desk.get_by_label("Testo").fill(f"{TONE}\nMai in dialetto.")
        self.desk.close()
        context.set_offline(False)
        self.desk = context.new_page()
        self.section(self.desk, self.tone.pk, "write/")
        expect(self.desk.get_by_text("È tornato quello che avevi scritto qui senza salvare.")).to_be_visible()
        expect(self.desk.get_by_label("Testo")).to_have_value(f"{TONE}\nMai in dialetto.")
        take(self.desk, "strategy, written at a desk")

    def _swallow(self, route: Route) -> None:
        if self.lost or "keep" not in (route.request.post_data or ""):
            route.fallback()
            return
        route.fetch()
        self.lost += 1
        route.abort("internetdisconnected")

    def she_sees_him_and_writes_a_sentence_as_she_would(self) -> None:
        phone = self.phone
        phone.goto(self.reading)
        here = phone.locator(f"#section-{self.tone.pk}")
        expect(here.get_by_text("Piero Roero sta scrivendo qui proprio adesso.")).to_be_visible()
        fits(phone)
        take(phone, "strategy, read on a phone")
        here.get_by_role("link", name="Proponi o commenta").tap()
        expect(phone.get_by_role("heading", level=1)).to_have_text("Tono di voce")
        fits(phone)
        take(phone, "strategy, a section on a phone")
        phone.get_by_role("link", name="Diamo del tu.").tap()
        phone.get_by_label("Come lo scriveresti").fill("Diamo del tu, ma con garbo.")
        phone.get_by_label("Perché, o che cosa ne pensi").fill("Ai miei tempi si dava del Lei.")
        fits(phone)
        take(phone, "strategy, other words on a phone")
        phone.get_by_role("button", name="Proponi queste parole").tap()
        expect(phone.get_by_text("Inviato. Qui vedi che cosa ne sarà.")).to_be_visible()

    def he_saves_and_takes_her_words_over(self) -> None:
        self.desk.get_by_role("button", name="Salva", exact=True).click()
        expect(self.desk.get_by_text("Salvato. Chi la legge la legge così.")).to_be_visible()
        assert self.desk.evaluate("Object.keys(localStorage).length") == 0
        self.section(self.desk, self.tone.pk)
        self.desk.get_by_role("button", name="Accogli").click()
        expect(self.desk.get_by_text(re.compile("Accolta da Piero Roero"))).to_be_visible()
        self.tone.refresh_from_db()
        lines = ["Parliamo piano.", "Diamo del tu, ma con garbo.", "Mai punti esclamativi.", "Mai in dialetto."]
        assert self.tone.body.split("\n") == lines
        self.phone.goto(f"{self.reading}suggestions/")
        expect(self.phone.get_by_text(re.compile("è nel testo, a nome di Nonna Roero"))).to_be_visible()
        fits(self.phone)

    def she_selects_a_single_word(self) -> None:
        self.section(self.phone, self.tone.pk)
        self.phone.evaluate(
            """() => {
              const all = [...document.querySelectorAll("[data-start]")];
              const words = all.find((one) => one.textContent.includes("garbo")).firstChild;
              const from = words.data.indexOf("garbo");
              getSelection().setBaseAndExtent(words, from, words, from + 5);
            }"""
        )
        self.phone.get_by_role("link", name="Di’ la tua su queste parole").tap()
        expect(self.phone.locator("#say blockquote")).to_have_text("garbo")

    def asked(self, remark: str) -> None:
        self.strategy.refresh_from_db()
        self.strategy = submit_strategy(user=self.world.vito, strategy=self.strategy, remark=remark)

    def he_agrees(self, picture: str) -> None:
        expect(self.letter.locator("button[value=approve]")).to_be_in_viewport()
        fits(self.letter)
        take(self.letter, picture)
        self.letter.locator("button[value=approve]").tap()
        expect(self.letter.get_by_text(re.compile("È ciò che è stato concordato"))).to_be_visible()

    def both_sides_agree(self) -> None:
        self.asked("Il tono è deciso.")
        elena = signed_in(self.browser, self.server, self.world.elena, **DESK)
        elena.goto(f"{self.server.url}/reviews/{self.strategy.review_id}/")
        elena.locator("button[value=approve]").click()
        expect(elena.locator("button[value=approve]")).to_have_count(0)
        self.letter.goto(mailed(self.world.cliente))
        expect(self.letter.get_by_text("È tutta nuova")).to_be_visible()
        self.he_agrees("strategy, to agree to on a phone")
        take(self.letter, "strategy, agreed to on a phone")

    def what_changes_fast_goes_the_short_way(self) -> None:
        self.section(self.desk, self.month.pk, "write/")
        self.desk.get_by_label("Testo").fill("Ad aprile parliamo delle barbatelle.")
        self.desk.get_by_role("button", name="Salva", exact=True).click()
        expect(self.desk.get_by_text("Leggi quanto concordato")).to_be_visible()
        self.asked("Solo il mese.")
        self.letter.goto(mailed(self.world.cliente))
        expect(self.letter.get_by_text(re.compile("rispetto alla versione 1, quella concordata"))).to_be_visible()
        expect(self.letter.locator("ins").first).to_contain_text("Ad")
        self.letter.get_by_text("Come si approva").tap()
        expect(self.letter.get_by_text(re.compile("si chiede solo per"))).to_be_visible()
        self.he_agrees("strategy, the short way on a phone")

    def both_versions_stay_to_be_read(self) -> None:
        self.phone.goto(f"{self.reading}versions/")
        for number in (1, 2):
            expect(self.phone.get_by_role("link", name=f"Versione {number}")).to_be_visible()
        fits(self.phone)
        take(self.phone, "strategy, what was agreed on a phone")
        self.strategy.refresh_from_db()
        assert self.strategy.agreed_version is not None
        assert (self.strategy.state, self.strategy.agreed_version.number) == ("agreed", 2)


def test_written_by_two_and_agreed_twice(world: World, chromium: Browser, live_server: LiveServer) -> None:
    play = Play(world, chromium, live_server)
    play.his_browser_dies_and_nothing_is_lost()
    play.she_sees_him_and_writes_a_sentence_as_she_would()
    play.he_saves_and_takes_her_words_over()
    play.she_selects_a_single_word()
    play.both_sides_agree()
    play.what_changes_fast_goes_the_short_way()
    play.both_versions_stay_to_be_read()
    assert [words for words in play.complaints if "ERR_INTERNET_DISCONNECTED" not in words] == []
