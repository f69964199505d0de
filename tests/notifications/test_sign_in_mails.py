"""Codes and new passwords by mail: nobody waits for the mail server, nobody reads them in the database."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notifications import services
from notifications.models import Notification, State
from tests.notifications.hours import rest
from tests.notifications.mailserver import Server, server
from tests.notifications.reading import body
from tests.world import World

__all__ = ["server"]

CODE = re.compile(r"(?m)^([A-Z0-9-]{6,})$")


@pytest.fixture(autouse=True)
def _nobody_tried_yet() -> None:
    cache.clear()


def asks(browser: Browser, email: str = "cliente@filo.example") -> None:
    browser.post(reverse("account_request_login_code"), {"email": email})


def code_in(letter: Any) -> str:
    (found,) = CODE.findall(letter.body)
    return str(found)


def at_rest() -> str:
    """The outbox as it lies on the disk."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(n)::text FROM notifications_notification n")
        return json.dumps(cursor.fetchall())


def test_the_code_is_sealed_until_it_is_sent_and_gone_afterwards(world: World) -> None:
    browser = Browser()
    asks(browser)
    row = Notification.objects.get()
    assert (row.user, row.kind, row.state) == (world.cliente, "sign_in_code", State.QUEUED)
    assert row.context.keys() == {"sealed"}
    assert row.until is not None
    assert timedelta(minutes=2) < row.until - timezone.now() <= timedelta(minutes=3)
    before = at_rest()
    assert services.send_due() == 1
    (letter,) = mail.outbox
    code = code_in(letter)
    assert code not in before + at_rest() + str(letter.subject)
    assert f">{code}<" in body(letter)[1]
    row.refresh_from_db()
    assert (row.state, row.context) == (State.SENT, {})
    answer = browser.post(reverse("account_confirm_login_code"), {"code": code})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_it_wakes_whoever_asked_and_makes_no_fuss_about_it(world: World) -> None:
    rest(world.cliente)
    asks(Browser())
    assert services.send_due() == 1
    assert mail.outbox[0].extra_headers.keys() == {"Message-ID"}


def test_it_goes_before_all_that_is_merely_due(world: World) -> None:
    for number in range(services.BATCH + 5):
        services.tell(users=[world.elena], client_id=None, kind="turn", key=str(number))
    asks(Browser())
    assert services.claim_due()[-1].kind == "sign_in_code"


def test_the_last_one_counts(world: World) -> None:
    asks(Browser())
    asks(Browser())
    assert services.send_due() == 1
    assert sorted(Notification.objects.values_list("state", "context")) == [(State.DROPPED, {}), (State.SENT, {})]


def test_one_that_has_expired_is_not_sent(world: World) -> None:
    asks(Browser())
    Notification.objects.update(until=timezone.now())
    assert (services.send_due(), mail.outbox) == (0, [])
    assert list(Notification.objects.values_list("state", "context")) == [(State.DROPPED, {})]


def test_one_whose_key_was_taken_away_is_not_sent(world: World, settings: Any) -> None:
    asks(Browser())
    settings.FILO_KEYS = [Fernet.generate_key().decode()]
    assert (services.send_due(), mail.outbox) == (0, [])
    assert list(Notification.objects.values_list("state", "context")) == [(State.DROPPED, {})]


def test_one_that_never_gets_through_is_gone_as_well(world: World, server: Server) -> None:
    server.refusals = 99
    asks(Browser())
    Notification.objects.update(until=timezone.now() + timedelta(days=1))
    for _try in range(services.MOST_TRIES):
        assert Notification.objects.get().context != {}
        services.send_due()
        Notification.objects.update(wake_at=timezone.now())
    assert list(Notification.objects.values_list("state", "context")) == [(State.FAILED, {})]


def test_dropped_with_everything_else(world: World) -> None:
    asks(Browser())
    assert services.drop_queued() == 1
    assert list(Notification.objects.values_list("state", "context")) == [(State.DROPPED, {})]


def test_asking_takes_no_mail_server(world: World, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody is there
    answer = Browser().post(reverse("account_request_login_code"), {"email": "cliente@filo.example"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_confirm_login_code"))
    services.send_due()
    assert (Notification.objects.get().state, Notification.objects.get().error) == (
        State.QUEUED,
        "ConnectionRefusedError",
    )


def test_a_new_password_is_sealed_too(world: World) -> None:
    Browser().post(reverse("account_reset_password"), {"email": "cliente@filo.example"})
    assert "/password/reset/key/" not in at_rest()
    assert services.send_due() == 1
    text, html = body(mail.outbox[0])
    found = re.search(r"https?://\S+/password/reset/key/\S+", text)
    assert found
    assert found[0] in html
    assert list(Notification.objects.values_list("kind", "context")) == [("new_password", {})]


@pytest.mark.parametrize("email", ["nobody@filo.example", "carlo@filo.example"])
def test_strangers_and_people_switched_off_leave_no_row(world: World, email: str) -> None:
    User.objects.filter(pk=world.carlo.pk).update(is_active=False)
    asks(Browser(), email)
    assert not Notification.objects.exists()
