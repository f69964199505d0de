"""What came back: addresses that do not exist get nothing more, nor does who has called an issue spam.

A report counts only for the copy whose token it bears, so that nobody can bounce somebody else's reader. Each copy comes back
once, however often it is reported. What was sent before somebody came back, or was put back, ends nobody.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from newsletter.models import Copy, CopyState, Reader, ReaderState
from newsletter.reports import Report, Said, is_ours, message_id, read, return_path
from newsletter.services import doubts
from newsletter.services.readers import locked, stop
from social.models import Channel

__all__ = ["SOFT_IN_A_ROW", "Became", "Taken", "message_id", "return_path", "take"]

SOFT_IN_A_ROW = 5
LOOKED_AT = 20  # copies, so that some may have come back for the sender's faults between them
MOST_BYTES = 10 * 1024 * 1024  # of a report; what it returns of ours is less
OUT = (CopyState.SENT, CopyState.UNCERTAIN)


class Became(StrEnum):
    """What came of a report."""

    BOUNCED = "bounced"  # the reader gets nothing more
    COUNTED = "counted"  # one more in a row, still below the limit
    HELD = "held"  # so many of the issue came back like this that a manager decides
    OF_SENDER = "of_sender"  # it came back for what is said of the sender: that says nothing of the reader
    COMPLAINED = "complained"  # the reader gets nothing more
    KNOWN = "known"  # was told before, or had left already
    IGNORED = "ignored"  # no report, or not about a copy of ours


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What came of one message, and for whom."""

    became: Became
    reader: int | None = None


IGNORED = Taken(became=Became.IGNORED)


def take(*, raw: bytes, channel: Channel | None = None) -> Taken:
    """Take one message to heart. With ``channel`` only what is about its own copies.

    Raises ``Conflict`` (``being_sent``) where the report was faster than our own record that the copy is out: try again.
    """
    report = read(raw[:MOST_BYTES])
    if report.copy is None:
        return IGNORED
    found = Copy.objects.select_related("reader").filter(pk=report.copy)
    if channel is not None:
        found = found.filter(issue__mailing_list__channel=channel)
    copy = found.first()
    if copy is None:
        return IGNORED
    with transaction.atomic():
        if report.said == Said.HARD:
            doubts.hold(copy)
        reader = locked(copy.reader)
        if reader.state == ReaderState.ERASED:
            return IGNORED
        return Taken(became=_take(report, copy, reader), reader=reader.pk)


def _take(report: Report, copy: Copy, reader: Reader) -> Became:
    if report.said == Said.COMPLAINT:
        return _stopped(reader, ReaderState.COMPLAINED, report.detail)
    first = _came_back(copy, report.detail)
    if report.said == Said.OURS:
        return Became.OF_SENDER if first else Became.KNOWN
    if _is_before(copy, reader):
        return Became.KNOWN
    if report.said == Said.HARD:
        done = doubts.end(copy=copy, reader=reader, status=report.status, why=report.detail)
        return Became.HELD if done is None else Became.BOUNCED if done else Became.KNOWN
    return _counted(copy, reader, report.detail) if first else Became.KNOWN


def _counted(copy: Copy, reader: Reader, detail: str) -> Became:
    in_a_row = _in_a_row(copy, reader)
    reader.soft_bounces, reader.updated_at = in_a_row, timezone.now()
    reader.save(update_fields=["soft_bounces", "updated_at"])
    return Became.COUNTED if in_a_row < SOFT_IN_A_ROW else _stopped(reader, ReaderState.BOUNCED, detail)


def _stopped(reader: Reader, state: ReaderState, detail: str) -> Became:
    done = stop(reader=reader, state=state, why=detail)
    return Became(state.value) if done else Became.KNOWN


def _is_before(copy: Copy, reader: Reader) -> bool:
    """Whether it was sent before this reader came back to the list."""
    return any(at and copy.begun_at and copy.begun_at < at for at in (reader.confirmed_at, reader.back_at))


def _came_back(copy: Copy, detail: str) -> bool:
    """Write on the copy that it came back. False where that was known."""
    rows = Copy.objects.filter(pk=copy.pk)
    if rows.filter(state__in=OUT).update(state=CopyState.BOUNCED, detail=detail, ended_at=timezone.now()):
        return True
    if rows.filter(state=CopyState.SENDING).exists():
        raise Conflict("being_sent", _("This copy is being sent at this moment. Send the report once more."))
    return False


def _in_a_row(copy: Copy, reader: Reader) -> int:
    """How many of this reader's copies came back, this one and those just before it, but for what was the sender's fault or is in doubt."""
    before = Copy.objects.filter(reader=reader.pk, pk__lte=copy.pk, state__in=[*OUT, CopyState.BOUNCED]).order_by("-pk")
    theirs = [
        one
        for one in before.only("state", "detail", "begun_at", "gone")[:LOOKED_AT]
        if not _is_before(one, reader) and not (one.state == CopyState.BOUNCED and (one.gone or is_ours(one.detail)))
    ]
    return next((at for at, one in enumerate(theirs) if one.state != CopyState.BOUNCED), len(theirs))
