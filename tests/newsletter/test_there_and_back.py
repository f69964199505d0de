"""What really went out over SMTP comes back: its own one click signs off, its own return address and number are known."""

from typing import Any

import pytest
from django.test import Client as Browser

from newsletter.models import Copy, CopyState, Reader, ReaderState
from newsletter.services import signing_up
from newsletter.services.bounces import take
from tests.newsletter.mailing import Mailing, due
from tests.newsletter.reading import address_in, posted
from tests.newsletter.reports import POSTFIX
from tests.newsletter.test_going_out import mailing, publish
from tests.servers.smtp import _mail_server, mail_server

__all__ = ["_mail_server", "mail_server", "mailing"]

pytestmark = pytest.mark.django_db
ANNA, BEA, CARLA = "anna@example.org", "bea@example.org", "carla@example.org"


def returned(**said: str) -> bytes:
    """A delivery report that says: no such address."""
    told: dict[str, Any] = {"action": "failed", "status": "5.1.1", "returned": "text/rfc822-headers"}
    told["words"] = "no such user"
    return POSTFIX.format(**told, **said).encode()


def states() -> dict[str, str]:
    return dict(Reader.objects.values_list("email", "state"))


def test_from_the_form_to_the_issue_and_off_again(mailing: Mailing) -> None:
    for email in (ANNA, BEA):
        signing_up.sign_up(mailing_list=mailing.mailing_list, email=email, consent="Sì.")
    first, second = posted()
    Browser().post(address_in(first))  # Bea never says yes
    assert publish(due(mailing)).state == "published"
    assert mailing.got() == {ANNA: 1}
    mail = mailing.mail(ANNA).message
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(mail["List-Unsubscribe"]).strip("<>").removeprefix("http://127.0.0.1:8000")
    answer = Browser(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert states() == {ANNA: ReaderState.UNSUBSCRIBED, BEA: ReaderState.PENDING}
    assert second.to == [BEA]


def test_what_comes_back_ends_the_next_issue(mailing: Mailing) -> None:
    mailing.readers(ANNA, BEA, CARLA)
    publish(due(mailing))
    number = str(mailing.mail(ANNA).message["Message-ID"])
    assert take(raw=returned(to="notizie@cantinaroero.example", message_id=number)).became == "bounced"
    forged = number.replace(str(Copy.objects.get(reader__email=ANNA).pk), str(Copy.objects.get(reader__email=BEA).pk))
    assert take(raw=returned(to="notizie@cantinaroero.example", message_id=forged)).became == "ignored"
    assert states() == {ANNA: ReaderState.BOUNCED, BEA: ReaderState.CONFIRMED, CARLA: ReaderState.CONFIRMED}
    assert Copy.objects.get(reader__email=ANNA).state == CopyState.BOUNCED
    publish(due(mailing, text="Domenica si assaggia.", subject="Assaggi"))
    assert mailing.got() == {ANNA: 1, BEA: 2, CARLA: 2}
