"""Coming on a list and leaving it. Who signs off, or is signed off, stays as a row: only they themselves can come back.

Who was taken off since mails came back has not left: a manager can put them back.
"""

import hashlib
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import Role
from clients.selectors import require
from newsletter import tokens
from newsletter.models import Confirmation, MailingList, Reader, ReaderState, RefusedLine, Source
from newsletter.services.lists import note_first_reader
from notifications.models import State

LANGUAGES = ("en", "it")
MOST_WORDS = 1000  # characters of consent
ONE_CLICK = "one click"  # why it ended, where nobody said more


def address_of(typed: str) -> str:
    """The address as it is kept: in lower case, without white space around. Raises ``ValidationError``."""
    email = typed.strip().lower()
    validate_email(email)
    if len(email) > Reader._meta.get_field("email").max_length:  # type: ignore[operator]  # noqa: SLF001
        raise ValidationError(_("This address is longer than any can be."), code="max_length")
    return email


def is_erased(mailing_list: MailingList, email: str) -> bool:
    """Whether somebody with this address has asked to be forgotten on this list."""
    hashed = tokens.erased_addresses(mailing_list.pk, email)
    return Reader.objects.filter(mailing_list=mailing_list, email__in=hashed).exists()


def sign_off_address(reader: Reader | int) -> str:
    """The address in this reader's mails that signs them off with one click (RFC 8058), for ever."""
    number = reader if isinstance(reader, int) else reader.pk
    path = reverse("newsletter:off", args=[tokens.token(tokens.OFF, number)])
    return settings.BASE_URL.rstrip("/") + path


def hold(list_id: int) -> None:
    """The lock between erasing somebody and writing new readers: who is erased in between would be written once more."""
    MailingList.objects.select_for_update(no_key=True).only("pk").get(pk=list_id)


def reader_of(token: str) -> Reader | None:
    """Whose address of one click this is the end of; None for one that we did not make, and for who was erased."""
    number = tokens.read(tokens.OFF, token)
    if number is None:
        return None
    found = Reader.objects.select_related("mailing_list__channel", "client").filter(pk=number)
    return found.exclude(state=ReaderState.ERASED).first()


def locked(reader: Reader) -> Reader:
    """The reader as they stand now, under the lock that every change of them takes first."""
    found = Reader.objects.select_for_update(no_key=True, of=("self",)).select_related("mailing_list", "client")
    return found.get(pk=reader.pk)


def _end(reader: Reader, state: ReaderState, why: str) -> None:
    now = timezone.now()
    reader.state, reader.ended_at, reader.ended_why, reader.updated_at = state, now, why, now
    reader.save(update_fields=["state", "ended_at", "ended_why", "updated_at"])
    # A link that was asked for before opens nothing after: who comes back asks anew.
    reader.confirmations.filter(until__gt=now).update(until=now)


def tell(reader: Reader, verb: str, actor: User | None, **data: Any) -> None:
    """Into the evidence, by number: an address in it could never be erased again."""
    record(
        client_id=reader.client_id,
        actor=actor,
        verb=f"reader.{verb}",
        subject_type="reader",
        subject_id=reader.pk,
        mailing_list=reader.mailing_list_id,
        **data,
    )


def _digest(words: str) -> str:
    """Of what staff typed of somebody: the evidence keeps no words that a name may stand in."""
    return hashlib.sha256(words.encode()).hexdigest()


@transaction.atomic
def sign_off(*, reader: Reader, user: User | None = None, why: str = ONE_CLICK) -> bool:
    """This reader gets nothing any more. False where that was so already: asking twice does nothing twice.

    Without ``user`` it is the reader who asks, by the address in their mail; otherwise a manager, who must say why.
    """
    if user is not None:
        require(user, reader.client_id, {Role.MANAGER})
        why = why.strip()
        if not why or why == ONE_CLICK:
            raise ValidationError({"why": ValidationError(_("Say why."), code="required")})
    reader = locked(reader)
    if reader.state not in {ReaderState.PENDING, ReaderState.CONFIRMED, ReaderState.BOUNCED}:
        return False
    _end(reader, ReaderState.UNSUBSCRIBED, why[:500])
    tell(reader, "signed_off", user, digest=_digest(why) if user else "")
    return True


@transaction.atomic
def stop(*, reader: Reader, state: ReaderState, why: str) -> bool:
    """Mails to this reader came back for good, or they have called one spam. False where nothing was left to stop."""
    reader = locked(reader)
    stoppable = {ReaderState.CONFIRMED}
    if state == ReaderState.COMPLAINED:
        stoppable |= {ReaderState.UNSUBSCRIBED, ReaderState.BOUNCED}
    if reader.state not in stoppable:
        return False
    _end(reader, state, why[:500])
    tell(reader, str(state.value), None)
    return True


@transaction.atomic
def put_back(*, reader: Reader, user: User) -> bool:
    """Who was taken off since mails came back gets the next issue again; managers only. False for who gets it already.

    What was sent before counts no more. Raises ``Conflict`` (``left_before``) for who has left or complained: they come back
    only by themselves.
    """
    require(user, reader.client_id, {Role.MANAGER})
    reader = locked(reader)
    if reader.state == ReaderState.CONFIRMED:
        return False
    if reader.state != ReaderState.BOUNCED:
        raise Conflict("left_before", gettext_lazy("Only who was taken off since mails came back can be put back."))
    back(reader, timezone.now())
    tell(reader, "put_back", user)
    return True


def back(reader: Reader, at: datetime) -> None:
    """They get it again from then on. The caller holds the lock."""
    reader.state, reader.back_at, reader.updated_at = ReaderState.CONFIRMED, at, at
    reader.ended_at, reader.ended_why, reader.soft_bounces = None, "", 0
    reader.save(update_fields=["state", "back_at", "updated_at", "ended_at", "ended_why", "soft_bounces"])


@transaction.atomic
def add_reader(  # noqa: PLR0913 - what is written down of somebody is all of these
    *,
    user: User,
    mailing_list: MailingList,
    email: str,
    consent: str,
    consented_at: datetime | date | None,
    name: str = "",
    language: str = "",
) -> Reader:
    """Put one person on the list who has agreed elsewhere, on paper for instance; managers only.

    ``consent`` says in which words, ``consented_at`` when. Raises ``ValidationError`` with the field, ``Conflict`` for who has
    signed off, complained or was erased before: they come back only by themselves; and for who bounced (``put_back``).
    """
    require(user, mailing_list.client_id, {Role.MANAGER})
    at = _when(mailing_list, consented_at)
    reader = Reader(
        mailing_list=mailing_list,
        client_id=mailing_list.client_id,
        email=_field("email", email),
        name=name.strip(),
        language=language if language in LANGUAGES else "",
        consent=consent.strip(),
        consented_at=at,
        state=ReaderState.CONFIRMED,
        source=Source.STAFF,
        confirmed_at=timezone.now(),
    )
    if not reader.consent:
        text = _("Write down what they agreed to, in the words that they read.")
        raise ValidationError({"consent": ValidationError(text, code="required")})
    reader.full_clean(exclude=["client", "mailing_list"], validate_unique=False, validate_constraints=False)
    hold(mailing_list.pk)
    if is_erased(mailing_list, reader.email):
        raise Conflict("erased", gettext_lazy("This person has asked to be forgotten. Only they can come back."))
    Reader.objects.bulk_create([reader], ignore_conflicts=True)
    made = Reader.objects.select_related("mailing_list__channel", "client").get(
        mailing_list=mailing_list, email=reader.email
    )
    # With ON CONFLICT the row may be somebody else's: ours has our own moment in it.
    if made.created_at != reader.created_at or made.source != Source.STAFF:
        raise _there_already(made)
    note_first_reader(made.mailing_list)
    tell(made, "added", user, digest=_digest(made.consent), consented_at=at.isoformat())
    return made


def _there_already(reader: Reader) -> Exception:
    if reader.state in {ReaderState.CONFIRMED, ReaderState.PENDING}:
        words = _("Is on the list already: %(state)s.") % {"state": reader.get_state_display()}
        return ValidationError({"email": ValidationError(words, code="unique")})
    if reader.state == ReaderState.BOUNCED:
        came_back = gettext_lazy(
            "Mails to this address came back. If it works again, put the reader back on their page."
        )
        return Conflict("bounced", came_back)
    left = gettext_lazy("This address was on the list before and has left it. Only its owner can bring it back.")
    return Conflict("left_before", left)


def _field(name: str, typed: str) -> str:
    try:
        return address_of(typed)
    except ValidationError as error:
        raise ValidationError({name: error}) from error


def _when(mailing_list: MailingList, at: datetime | date | None) -> datetime:
    """The moment of consent, on the client's clock where no offset is given. It can't lie in the future."""
    if at is None:
        text = _("Say when they agreed.")
        raise ValidationError({"consented_at": ValidationError(text, code="required")})
    zone = mailing_list.client.zone
    moment = at if isinstance(at, datetime) else datetime.combine(at, time(12))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    now = timezone.now()
    is_today = not isinstance(at, datetime) and at == now.astimezone(zone).date()
    if is_today:
        return min(moment, now)
    if moment > now:
        text = _("This lies in the future.")
        raise ValidationError({"consented_at": ValidationError(text, code="future")})
    return moment


@transaction.atomic
def erase(*, user: User, reader: Reader) -> None:
    """Forget who this was (GDPR, article 17); managers only. A keyed hash keeps any import from bringing them back.

    What stays: that somebody agreed and left, when, and how many copies went there.
    """
    require(user, reader.client_id, {Role.MANAGER})
    hold(reader.mailing_list_id)
    reader = locked(reader)
    if reader.state == ReaderState.ERASED:
        return
    email, now = reader.email, timezone.now()
    reader.confirmations.all().delete()
    reader.copies.exclude(detail="").update(detail="")  # a server's words may repeat the address
    RefusedLine.objects.filter(list_import__mailing_list=reader.mailing_list_id, email=email).update(email="")
    hashed = tokens.erased_addresses(reader.mailing_list_id, email)[0]
    Reader.objects.filter(mailing_list=reader.mailing_list_id, email=hashed).exclude(pk=reader.pk).update(
        email=f"again-{reader.pk}-{hashed}"
    )
    reader.email, reader.name, reader.language, reader.ended_why = hashed, "", "", ""
    reader.state, reader.ended_at, reader.updated_at = ReaderState.ERASED, reader.ended_at or now, now
    reader.save(update_fields=["email", "name", "language", "ended_why", "state", "ended_at", "updated_at"])
    tell(reader, "erased", user)


def confirmable(secret_hash: str) -> Confirmation | None:
    """The mail with this secret in its link, while the link opens."""
    found = Confirmation.objects.select_related("reader__mailing_list__channel", "client")
    return found.filter(secret_hash=secret_hash, until__gt=timezone.now()).first()


def drop_waiting(reader: Reader) -> None:
    """What is still to be mailed to this reader is not."""
    reader.confirmations.filter(state=State.QUEUED).update(state=State.DROPPED, sealed="")
