"""The morning mail of the sample agency: everything that waits for Elena, of three clients, in one letter."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker

from agency.sample.clock import clock_at
from agency.sample.loading import load
from approvals.models import Reminder
from approvals.services.reminding import remind
from notifications.services import drop_queued, send_due
from tests.browser import SCREENSHOTS, chromium, needs_chromium
from tests.e2e.pictures import PICTURES, WANTED, picture

__all__ = ["chromium"]

pytestmark = pytest.mark.e2e
MORNING = datetime(2027, 3, 2, 8, 35, tzinfo=ZoneInfo("Europe/Rome"))  # a Tuesday
ELENA = "elena@filo.example"
HERS = {
    "Cantina Roero": ["Una mattina di imbottigliamento"],
    "Laura Sandri, consigliera regionale": ["I numeri del mese"],
    "Ufficio turistico di Castelmora": ["Tre giorni a Castelmora"],
}
BARRED = "La navetta della fiera"  # she sits on its step, has decided before, and the step asks for other eyes


@pytest.fixture(scope="module")
def sent(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> list[EmailMultiAlternatives]:
    """What goes out on the first morning after the sample was loaded; nothing of it stays in the database."""
    now = MORNING + timedelta(minutes=1)
    with django_db_blocker.unblock(), transaction.atomic():
        with clock_at(MORNING):
            load(password="una parola per lo staff", now=MORNING, begin=lambda _moments: None, step=lambda: None)
            drop_queued()
        with clock_at(now):
            claimed = remind(now=now)
            assert claimed == Reminder.objects.filter(kind="morning").count() > len(HERS)
            assert remind(now=now) == 0  # the insert is the claim
            mail.outbox = []
            send_due()
        transaction.set_rollback(True)
    return [message for message in mail.outbox if isinstance(message, EmailMultiAlternatives)]


def parts(message: EmailMultiAlternatives) -> tuple[str, str]:
    """Its text and its HTML."""
    html = next(str(content) for content, mime in message.alternatives if mime == "text/html")
    return str(message.body), html


@pytest.mark.django_db
def test_one_letter_bundles_all_clients(sent: list[EmailMultiAlternatives]) -> None:
    assert len({message.to[0] for message in sent}) == len(sent)  # one a person
    (hers,) = [message for message in sent if message.to == [ELENA]]
    text, html = parts(hers)
    for client, titles in HERS.items():
        for said in (text, html):
            assert client in said
            assert [title for title in titles if title not in said] == []
            assert BARRED not in said


@pytest.mark.django_db
def test_what_a_mail_program_gets_is_whole(sent: list[EmailMultiAlternatives]) -> None:
    (hers,) = [message for message in sent if message.to == [ELENA]]
    message: EmailMessage = hers.message()
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert "List-Unsubscribe" not in message  # to decide is a duty


@needs_chromium
def test_how_it_looks(sent: list[EmailMultiAlternatives], chromium: Browser, tmp_path: Path) -> None:
    (hers,) = [message for message in sent if message.to == [ELENA]]
    text, html = parts(hers)
    file = tmp_path / "letter.html"
    file.write_text(html)
    page = chromium.new_page(viewport={"width": 640, "height": 900})
    page.goto(file.as_uri())
    page.set_viewport_size({"width": 640, "height": page.evaluate("document.documentElement.scrollHeight")})
    picture(page, "morning-mail")
    (PICTURES if WANTED else SCREENSHOTS).joinpath("morning-mail.txt").write_text(f"{hers.subject}\n\n{text}")
    page.close()
