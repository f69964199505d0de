"""Rosa on her phone, without JavaScript; Marta at her desk, with a file."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from newsletter.models import MailingList, Reader, ReaderState
from newsletter.services import importing
from newsletter.services.lists import make_list
from newsletter.services.readers import sign_off_address
from tests.browser import chromium, needs_chromium, take
from tests.newsletter.reading import address_in, newsletter_of, posted
from tests.portal.test_phone import fits, phone
from tests.portal.test_talking_on_the_phone import sign_in
from tests.world import World

__all__ = ["chromium"]

pytestmark = [pytest.mark.e2e, needs_chromium]
FILE = """\
email;nome;lingua;data consenso;consenso
rosa@example.org;Rosa Alba;it;31/05/2024;Sul modulo in cantina: mandatemi la lettera.
bea@example.org;Bea;en;2024-06-01;Sul modulo in cantina: mandatemi la lettera.
senza chiocciola;Carla;;31/05/2024;Sul modulo in cantina: mandatemi la lettera.
dora@example.org;Dora;;31/02/2024;Sul modulo in cantina: mandatemi la lettera.
"""


@pytest.fixture
def shown(
    chromium: Browser, transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> MailingList:
    """The winery's list behind a real server."""
    cache.clear()
    monkeypatch.setattr(settings, "BASE_URL", live_server.url)
    world = World()
    channel = newsletter_of(world.winery, "Lettera dalla vigna")
    imprint = "Cantina Roero di Piero Roero\nvia Roma 1, 12043 Canale (CN)"
    return make_list(user=world.marta, channel=channel, imprint=imprint)


def at_desk(browser: Browser, server: LiveServer, width: int = 1280) -> Page:
    """Marta's window."""
    context = browser.new_context(locale="it-IT", viewport={"width": width, "height": 900})
    sign_in(context, server, User.objects.get(email="marta@filo.example"))
    return context.new_page()


@pytest.mark.parametrize(("language", "scheme"), [("it", "light"), ("en", "dark")])
def test_on_and_off_the_list(
    chromium: Browser, shown: MailingList, live_server: LiveServer, language: str, scheme: str
) -> None:
    page = phone(chromium, language, scheme)
    name = f"newsletter-{language}"
    page.goto(f"{live_server.url}/newsletter/{shown.key}/")
    page.locator("#id_email").fill("rosa")
    page.locator("button").click()
    fits(page)
    take(page, f"{name}-wrong")
    page.locator("#id_email").fill("rosa@example.org")
    take(page, f"{name}-form")
    page.locator("button").click()
    expect(page.get_by_text("rosa@example.org")).to_be_visible()
    fits(page)
    take(page, f"{name}-asked")
    (message,) = posted()
    page.goto("about:blank")
    page.set_content(message.alternatives[0].content)
    take(page, f"{name}-mail")
    page.goto(live_server.url + address_in(message))
    take(page, f"{name}-confirm")
    fits(page)
    page.locator("button").click()
    expect(page.get_by_role("status")).to_be_visible()
    take(page, f"{name}-confirmed")
    rosa = Reader.objects.get()
    assert rosa.state == ReaderState.CONFIRMED
    page.goto(live_server.url + urlsplit(sign_off_address(rosa)).path)
    take(page, f"{name}-off")
    fits(page)
    page.locator("button").click()
    expect(page.get_by_role("status")).to_be_visible()
    take(page, f"{name}-gone")
    rosa.refresh_from_db()
    assert rosa.state == ReaderState.UNSUBSCRIBED


def test_a_file_at_the_desk(chromium: Browser, shown: MailingList, live_server: LiveServer, tmp_path: Path) -> None:
    page = at_desk(chromium, live_server)
    page.goto(live_server.url + reverse("admin:newsletter_mailinglist_changelist"))
    take(page, "newsletter-lists")
    page.goto(live_server.url + reverse("admin:newsletter_mailinglist_change", args=[shown.pk]))
    take(page, "newsletter-list-empty")
    page.get_by_role("link", name="Importa un file").click()
    (tmp_path / "iscritti.csv").write_text(FILE, encoding="utf-8")
    page.locator("#id_file").set_input_files(tmp_path / "iscritti.csv")
    take(page, "newsletter-import-file")
    page.get_by_role("button", name="Salva").click()
    expect(page.get_by_text("Le prime di 4 righe")).to_be_visible()
    take(page, "newsletter-import-look")
    page.get_by_role("button", name="Importa").click()
    expect(page.get_by_text("0 righe su 4")).to_be_visible()
    take(page, "newsletter-import-running")
    assert importing.go_on(import_id=shown.imports.get().pk)
    expect(page.get_by_text("2 nuovi iscritti. 2 righe scartate.")).to_be_visible(timeout=15_000)
    take(page, "newsletter-import-done")
    page.get_by_role("link", name="Alla lista").click()
    take(page, "newsletter-list")
    page.get_by_role("link", name="Iscritti", exact=True).click()
    take(page, "newsletter-readers")
    page.get_by_role("link", name="rosa@example.org").click()
    take(page, "newsletter-reader")
    narrow = at_desk(chromium, live_server, 390)
    narrow.goto(live_server.url + reverse("admin:newsletter_mailinglist_change", args=[shown.pk]))
    take(narrow, "newsletter-list-narrow")
    assert sorted(Reader.objects.values_list("email", flat=True)) == ["bea@example.org", "rosa@example.org"]
