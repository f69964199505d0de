"""Addresses that a client brings along, taken in by pieces: each piece is one transaction, under the import's lock.

Whoever is killed in the middle has done whole pieces; whoever goes on begins where they end. Only new addresses are written:
who is on the list, or has left it, stays as they are.
"""

import hashlib
import itertools
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import Role
from clients.selectors import require
from newsletter import tables, tokens
from newsletter.models import ImportState, ListImport, MailingList, Reader, ReaderState, RefusedLine, Why
from newsletter.services.lists import note_first_reader
from newsletter.services.readers import hold
from newsletter.tables import Entry, Reading, Unreadable

PIECE = 500  # lines in one transaction
TURN = 20.0  # seconds for which one worker goes on with one import
LEASE = timedelta(seconds=30)  # from one piece to the next; a killed worker's import is gone on with after that
MOST_AT_ONCE = 20
DRAFTS_KEPT = timedelta(days=7)
REFUSED_KEPT = timedelta(days=30)
# One statement that says which were new: to look them up before and after takes ten times as long on a list that has just
# begun, of which the planner knows nothing. Who signs up at this very moment is first, or we are: never both.
WRITE = """
INSERT INTO newsletter_reader
    (mailing_list_id, client_id, email, name, language, state, source, consent, consented_at, confirmed_at, ended_why,
    soft_bounces, created_at, updated_at)
SELECT %(list)s, %(client)s, email, name, language, 'confirmed', 'import', consent, consented_at, %(now)s, '', 0, %(now)s,
    %(now)s
FROM unnest(%(emails)s::text[], %(names)s::text[], %(languages)s::text[], %(consents)s::text[], %(moments)s::timestamptz[])
    AS line (email, name, language, consent, consented_at)
ON CONFLICT DO NOTHING RETURNING email
"""
UNREADABLE = {
    "too_large": _("The file is larger than 10 MB."),
    "empty": _("There is no line in it."),
    "not_text": _("This is no table of text. Save it as CSV, in UTF-8 if you can choose."),
    "too_many": _("There are more than 50,000 lines in it. Bring them in several files."),
}
STANDS = {
    ReaderState.PENDING: Why.PENDING,
    ReaderState.CONFIRMED: Why.ON_LIST,
    ReaderState.UNSUBSCRIBED: Why.SIGNED_OFF,
    ReaderState.BOUNCED: Why.BOUNCED,
    ReaderState.COMPLAINED: Why.COMPLAINED,
    ReaderState.ERASED: Why.ERASED,
}


@transaction.atomic
def begin_import(*, user: User, mailing_list: MailingList, name: str, raw: bytes) -> ListImport:
    """Keep this file to be looked at; managers only. Raises ``ValidationError`` (``file``) for what is no table."""
    require(user, mailing_list.client_id, {Role.MANAGER})
    try:
        text, encoding = tables.decode(raw)
        total, columns = tables.count(text), tables.guess(text)
    except Unreadable as error:
        raise ValidationError({"file": ValidationError(UNREADABLE[error.code], code=error.code)}) from error
    found = ListImport(
        mailing_list=mailing_list,
        client_id=mailing_list.client_id,
        by=user,
        name=name.strip()[:200],
        sha256=hashlib.sha256(raw).hexdigest(),
        content=text,
        encoding=encoding,
        columns=columns,
        total=total,
    )
    found.save(force_insert=True)
    return found


def reading_of(found: ListImport) -> Reading:
    """How its lines are read."""
    return Reading(columns=found.columns, zone=found.client.zone, statement=found.statement, stated_on=found.stated_on)


def preview(found: ListImport, most: int) -> list[Entry]:
    """Its first lines, as they would be read; whether they are on the list is not looked at."""
    reading = reading_of(found)
    return [reading.entry(line) for line in itertools.islice(tables.lines(found.content), most)]


def _locked(found: ListImport) -> ListImport:
    rows = ListImport.objects.select_for_update(no_key=True, of=("self",)).select_related("client", "mailing_list")
    return rows.get(pk=found.pk)


@transaction.atomic
def set_reading(
    *, user: User, found: ListImport, columns: Mapping[str, int], statement: str = "", stated_on: date | None = None
) -> ListImport:
    """Say which column is which, and what all agreed to whose line does not say it. ``user`` signs for it by starting."""
    require(user, found.client_id, {Role.MANAGER})
    found = _locked(found)
    _require_draft(found)
    if "email" not in columns:
        raise ValidationError({"email": ValidationError(_("Say in which column the addresses are."), code="required")})
    width = len(tables.head(found.content)[0])
    for field, at in columns.items():
        if field not in tables.FIELDS or not 0 <= at < width:
            raise ValidationError({field: ValidationError(_("There is no such column."), code="invalid_choice")})
    if bool(statement.strip()) != bool(stated_on):
        missing = "stated_on" if statement.strip() else "statement"
        text = _("Say both: what they all agreed to, and when. Or neither, if each line says it.")
        raise ValidationError({missing: ValidationError(text, code="required")})
    if stated_on is not None and stated_on > timezone.now().astimezone(found.client.zone).date():
        raise ValidationError({"stated_on": ValidationError(_("This lies in the future."), code="future")})
    found.columns, found.statement, found.stated_on = dict(columns), statement.strip(), stated_on
    found.updated_at = timezone.now()
    found.full_clean(exclude=["client", "mailing_list", "by"], validate_constraints=False)
    found.save(update_fields=["columns", "statement", "stated_on", "updated_at"])
    return found


def _require_draft(found: ListImport) -> None:
    if found.state != ImportState.DRAFT:
        raise Conflict("no_draft", _("This import has begun already, or was discarded."))


@transaction.atomic
def start_import(*, user: User, found: ListImport) -> ListImport:
    """Take it in; managers only. Who starts it signs for the consent that stands in it, and is named in the evidence."""
    require(user, found.client_id, {Role.MANAGER})
    found = _locked(found)
    _require_draft(found)
    if "email" not in found.columns:
        raise ValidationError({"email": ValidationError(_("Say in which column the addresses are."), code="required")})
    if not found.statement and not {"consent", "consented_on"} <= found.columns.keys():
        text = _("Say what they all agreed to and when, or in which columns that stands.")
        raise ValidationError({"statement": ValidationError(text, code="no_consent")})
    found.state, found.updated_at = ImportState.RUNNING, timezone.now()
    found.wake_at = found.updated_at
    found.save(update_fields=["state", "updated_at", "wake_at"])
    _tell(
        found,
        "started",
        user,
        sha256=found.sha256,
        lines=found.total,
        columns=found.columns,
        statement=found.statement,
        stated_on=found.stated_on.isoformat() if found.stated_on else None,
    )
    return found


@transaction.atomic
def discard_import(*, user: User, found: ListImport) -> None:
    """Forget a file that was not taken in; managers only."""
    require(user, found.client_id, {Role.MANAGER})
    found = _locked(found)
    _require_draft(found)
    found.state, found.content, found.updated_at = ImportState.DISCARDED, "", timezone.now()
    found.save(update_fields=["state", "content", "updated_at"])


def _tell(found: ListImport, verb: str, user: User | None, **data: Any) -> None:
    record(
        client_id=found.client_id,
        actor=user,
        verb=f"import.{verb}",
        subject_type="listimport",
        subject_id=found.pk,
        mailing_list=found.mailing_list_id,
        **data,
    )


@transaction.atomic
def hand_out(now: datetime) -> list[int]:
    """The imports that nobody is at, for a worker each; nobody else is handed the same for a while."""
    due = ListImport.objects.filter(state=ImportState.RUNNING, wake_at__lte=now).order_by("wake_at")
    found = list(due.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:MOST_AT_ONCE])
    ListImport.objects.filter(pk__in=found).update(wake_at=now + LEASE)
    return found


def go_on(*, import_id: int) -> bool:
    """Take in pieces for a while. Whether it is at its end. Where somebody else is at it, nothing is done: False."""
    found = ListImport.objects.select_related("client").filter(pk=import_id, state=ImportState.RUNNING).first()
    if found is None:
        return True
    entries = _checked(found)
    until = time.monotonic() + TURN
    while time.monotonic() < until:
        left = _piece(import_id, entries)
        if left is None:
            return False
        if not left:
            return True
    ListImport.objects.filter(pk=import_id, state=ImportState.RUNNING).update(wake_at=timezone.now())
    return False


def _checked(found: ListImport) -> list[Entry]:
    """All lines as they are read, with those that repeat an earlier one marked: the same whoever reads them."""
    reading, seen = reading_of(found), set[str]()
    entries = []
    for line in tables.lines(found.content):
        entry = reading.entry(line)
        if entry.why is None and entry.email in seen:
            entry = Entry(line=entry.line, email=entry.email, why=Why.TWICE)
        elif entry.why is None:
            seen.add(entry.email)
        entries.append(entry)
    return entries


@transaction.atomic
def _piece(import_id: int, entries: Sequence[Entry]) -> int | None:
    """Take in the next piece; how many lines are left then. None where another worker has it."""
    rows = ListImport.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).defer("content")
    found = rows.select_related("mailing_list__channel").filter(pk=import_id, state=ImportState.RUNNING).first()
    if found is None:
        return None
    piece = entries[found.done : found.done + PIECE]
    refused = _take(found, piece)
    found.done += len(piece)
    found.added += len(piece) - refused
    found.refused += refused
    found.updated_at = timezone.now()
    found.wake_at = found.updated_at + LEASE
    found.save(update_fields=["done", "added", "refused", "updated_at", "wake_at"])
    left = len(entries) - found.done
    if not left:
        if found.added:
            note_first_reader(found.mailing_list)
        found.state, found.ended_at, found.content = ImportState.DONE, found.updated_at, ""
        found.save(update_fields=["state", "ended_at", "content"])
        _tell(found, "ended", None, added=found.added, refused=found.refused)
    return left


def _take(found: ListImport, piece: Sequence[Entry]) -> int:
    """Write the new ones and why the others are not; how many those are."""
    good = [entry for entry in piece if entry.why is None]
    hold(found.mailing_list_id)
    now = timezone.now()
    erased = _erased(found, good)
    came = _write(found, [entry for entry in good if entry.email not in erased], now)
    left = [entry.email for entry in good if entry.email not in came and entry.email not in erased]
    whys = {**dict.fromkeys(erased, Why.ERASED), **(_there(found, left) if left else {})}
    refused = [
        RefusedLine(
            list_import=found,
            client_id=found.client_id,
            line=entry.line,
            email="" if entry.email in erased else entry.email,
            why=entry.why or whys[entry.email],
        )
        for entry in piece
        if entry.why is not None or entry.email not in came
    ]
    RefusedLine.objects.bulk_create(refused)
    return len(refused)


def _write(found: ListImport, entries: Sequence[Entry], now: datetime) -> set[str]:
    """Write these readers, unless somebody with the address is on the list; the addresses of those that are new."""
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            {
                "list": found.mailing_list_id,
                "client": found.client_id,
                "now": now,
                "emails": [entry.email for entry in entries],
                "names": [entry.name for entry in entries],
                "languages": [entry.language for entry in entries],
                "consents": [entry.consent for entry in entries],
                "moments": [entry.consented_at for entry in entries],
            },
        )
        return {email for (email,) in cursor.fetchall()}


def _there(found: ListImport, emails: Sequence[str]) -> dict[str, Why]:
    rows = Reader.objects.filter(mailing_list=found.mailing_list_id, email__in=emails).order_by()
    return {email: STANDS[ReaderState(state)] for email, state in rows.values_list("email", "state")}


def _erased(found: ListImport, entries: Sequence[Entry]) -> set[str]:
    """Whose address stands on the list as the hash that is left of who was erased."""
    hashed = {
        address: entry.email
        for entry in entries
        for address in tokens.erased_addresses(found.mailing_list_id, entry.email)
    }
    # Of all readers the few that were erased are found first, whatever the planner knows of a list that has just begun.
    rows = Reader.objects.filter(mailing_list=found.mailing_list_id, state=ReaderState.ERASED).order_by()
    return {hashed[address] for address in rows.filter(email__in=hashed).values_list("email", flat=True)}


def forget_files(now: datetime) -> int:
    """Files that nobody took in, and addresses that were refused, are not kept for ever. How many imports that were."""
    old = ListImport.objects.filter(state=ImportState.DRAFT, updated_at__lt=now - DRAFTS_KEPT)
    gone = old.update(state=ImportState.DISCARDED, content="", updated_at=now)
    lines = RefusedLine.objects.filter(list_import__ended_at__lt=now - REFUSED_KEPT).exclude(email="")
    lines.update(email="")
    return gone
