"""Double opt-in: somebody types an address, its owner confirms by the mail that goes there. Until then it gets nothing."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.sealing import seal
from clients.models import Status
from newsletter.models import Confirmation, MailingList, Reader, ReaderState, Source
from newsletter.services.lists import note_first_reader
from newsletter.services.readers import LANGUAGES, address_of, confirmable, drop_waiting, locked, tell

SECRET_BYTES = 16
LIFE = timedelta(days=7)
MOST_MAILS = 3  # to one address in a day, however often somebody types it
KEPT = timedelta(days=7)  # after the link has ended
FORGOTTEN_AT_ONCE = 1000


def hash_of(secret: str) -> str:
    """What of a secret lies in the database."""
    return hashlib.sha256(secret.encode()).hexdigest()


def takes_readers(mailing_list: MailingList) -> bool:
    """Whether its form is open."""
    left = mailing_list.client.status == Status.ENDED
    return mailing_list.is_open and not left and not mailing_list.channel.retired


@transaction.atomic
def sign_up(*, mailing_list: MailingList, email: str, consent: str, name: str = "", language: str = "en") -> None:
    """Somebody wants this newsletter at this address, and has read these words. A mail asks whether it is theirs.

    Gives nothing, and does as much for an address that is known as for one that is not, so that nobody learns who reads what.
    Raises ``ValidationError`` for what is no address, ``Conflict`` where the form is closed.
    """
    if not takes_readers(mailing_list):
        raise Conflict("closed", _("This newsletter takes no new readers at the moment."))
    address, now = address_of(email), timezone.now()
    reader = _asking(mailing_list, address)
    if reader.confirmations.filter(created_at__gt=now - timedelta(days=1)).count() >= MOST_MAILS:
        return
    drop_waiting(reader)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    known = reader.state == ReaderState.CONFIRMED
    Confirmation.objects.create(
        reader=reader,
        client_id=reader.client_id,
        name=name.strip(),
        language=language if language in LANGUAGES else LANGUAGES[0],
        consent=consent,
        secret_hash="" if known else hash_of(secret),
        sealed="" if known else seal({"secret": secret}),
        until=now + LIFE,
    )


def _asking(mailing_list: MailingList, address: str) -> Reader:
    """The reader with this address under their lock, new where there is none."""
    while True:
        new = Reader(
            mailing_list=mailing_list,
            client_id=mailing_list.client_id,
            email=address,
            source=Source.FORM,
            state=ReaderState.PENDING,
        )
        Reader.objects.bulk_create([new], ignore_conflicts=True)
        rows = Reader.objects.select_for_update(no_key=True, of=("self",)).select_related("mailing_list", "client")
        found = rows.filter(mailing_list=mailing_list, email=address).first()
        if found is not None:  # else they were forgotten or erased in this very moment
            return found


def asked(secret: str) -> Confirmation | None:
    """What the link with this secret is about, while it opens."""
    return confirmable(hash_of(secret))


@transaction.atomic
def confirm(*, secret: str) -> Reader | None:
    """The owner of the address says yes: from now on they get it. None for a link that opens nothing (any more).

    Twice is once. What they agreed to, and when, is what they read and did at the form.
    """
    found = asked(secret)
    if found is None:
        return None
    reader = locked(found.reader)
    now = timezone.now()
    if not reader.confirmations.filter(pk=found.pk, until__gt=now).exists():
        return None  # they signed off, or were erased, in the moment before
    drop_waiting(reader)
    if reader.state == ReaderState.CONFIRMED:
        return reader
    reader.state, reader.source = ReaderState.CONFIRMED, Source.FORM
    reader.name, reader.language = found.name or reader.name, found.language
    reader.consent, reader.consented_at, reader.confirmed_at = found.consent, found.created_at, now
    reader.ended_at, reader.ended_why, reader.soft_bounces, reader.updated_at = None, "", 0, now
    reader.save()
    Confirmation.objects.filter(pk=found.pk).update(used_at=now)
    note_first_reader(reader.mailing_list)
    tell(reader, "confirmed", None, consent=reader.consent, consented_at=found.created_at.isoformat())
    return reader


def forget_unconfirmed(now: datetime) -> int:
    """Who was asked and never confirmed is forgotten: their address was typed by anybody. How many that were."""
    old = Confirmation.objects.filter(until__lt=now - KEPT).order_by("until").values("pk")[:FORGOTTEN_AT_ONCE]
    Confirmation.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    waiting = Reader.objects.filter(
        state=ReaderState.PENDING, source=Source.FORM, created_at__lt=now - LIFE - KEPT, confirmations=None, copies=None
    )
    gone = list(waiting.order_by("pk").values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    with transaction.atomic():
        still = Reader.objects.select_for_update().filter(pk__in=gone, state=ReaderState.PENDING)
        theirs = [reader.pk for reader in still if not reader.confirmations.exists()]
        return Reader.objects.filter(pk__in=theirs).delete()[1].get("newsletter.Reader", 0)
