"""The outbox of the mails that ask to confirm: claimed under a lease, each sent once, tried again where the server fails."""

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.sealing import unseal
from newsletter import mails
from newsletter.models import Confirmation, ReaderState
from newsletter.services.readers import sign_off_address
from notifications.letters import Letter
from notifications.models import State

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
MOST_TRIES = 10
BATCH = 50


def send_due() -> int:
    """Send what is due; how many went out. One mail that fails delays no other."""
    sent = 0
    for mail in _claim_due():
        try:
            sent += _send(mail)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must go out
            _try_again(mail, error)
    return sent


@transaction.atomic
def _claim_due() -> list[Confirmation]:
    now = timezone.now()
    due = Confirmation.objects.filter(state__in=[State.QUEUED, State.SENDING], wake_at__lte=now)
    found = list(
        due.select_for_update(skip_locked=True, no_key=True).order_by("wake_at").values_list("pk", flat=True)[:BATCH]
    )
    for mail in (claimed := Confirmation.objects.filter(pk__in=found)):
        mail.state, mail.wake_at, mail.tries = State.SENDING, now + LEASE, mail.tries + 1
    Confirmation.objects.bulk_update(claimed, ["state", "wake_at", "tries"])
    rows = Confirmation.objects.select_related("reader__mailing_list__channel", "client")
    return list(rows.filter(pk__in=found).order_by("pk"))


def _send(mail: Confirmation) -> bool:
    now = timezone.now()
    ours = Confirmation.objects.filter(pk=mail.pk, state=State.SENDING, wake_at=mail.wake_at)
    if not ours.update(wake_at=now + LEASE):
        return False  # the mails before this one took so long that somebody else has it, or it is not wanted any more
    letter = _letter(mail) if mail.until > now else None
    if letter is None:
        _settle(mail, State.DROPPED)
        return False
    message = EmailMultiAlternatives(
        letter.one_line_subject(),
        letter.text(),
        to=[mail.reader.email],
        headers=_headers(mail, letter),
        connection=get_connection(),
    )
    message.attach_alternative(letter.html(), "text/html")
    message.send()
    return _settle(mail, State.SENT)


def _letter(mail: Confirmation) -> Letter | None:
    """What to write; None where there is nothing to say any more."""
    if not mail.secret_hash:
        known = mail.reader.state == ReaderState.CONFIRMED
        return mails.known(mail, sign_off_address(mail.reader)) if known else None
    try:
        secret = unseal(mail.sealed)["secret"]
    except (InvalidToken, KeyError):
        return None
    path = reverse("newsletter:confirm", args=[secret])
    return mails.ask(mail, settings.BASE_URL.rstrip("/") + path)


def _headers(mail: Confirmation, letter: Letter) -> dict[str, str]:
    headers = {
        # The same at every try: a mail that went out just before a crash is recognised as the same one.
        "Message-ID": f"<newsletter.confirm.{mail.pk}@{urlsplit(settings.BASE_URL).hostname}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's holiday answers it
    }
    if letter.off:
        headers["List-Unsubscribe"] = f"<{letter.off[1]}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _settle(mail: Confirmation, state: State, **fields: Any) -> bool:
    rows = Confirmation.objects.filter(pk=mail.pk, state=State.SENDING)
    return bool(rows.update(state=state, sealed="", error="", **fields))


def _try_again(mail: Confirmation, error: Exception) -> None:
    # The class only: a server's words may repeat the address.
    what = type(error).__name__
    log.warning("mail to confirm not sent", extra={"confirmation": mail.pk, "error": what})
    rows = Confirmation.objects.filter(pk=mail.pk, state=State.SENDING)
    if mail.tries >= MOST_TRIES:
        rows.update(state=State.FAILED, sealed="", error=what)
    else:
        wait = timedelta(seconds=min(3600, 5 * 2**mail.tries))
        rows.update(state=State.QUEUED, wake_at=timezone.now() + wait, error=what)
