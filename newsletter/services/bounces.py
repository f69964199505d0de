"""What came back: addresses that do not exist get nothing more, nor does who has called an issue spam.

A report counts only for the copy whose token it bears, so that nobody can bounce somebody else's reader. Each copy comes back
once, however often it is reported.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from newsletter.models import Copy, CopyState, Reader, ReaderState
from newsletter.reports import Report, Said, message_id, read, return_path
from newsletter.services.readers import locked, stop
from social.models import Channel

__all__ = ["SOFT_IN_A_ROW", "Became", "Taken", "message_id", "return_path", "take"]

SOFT_IN_A_ROW = 5
MOST_BYTES = 10 * 1024 * 1024  # of a report; what it returns of ours is less
OUT = (CopyState.SENT, CopyState.UNCERTAIN)


class Became(StrEnum):
    """What came of a report."""

    BOUNCED = "bounced"  # the reader gets nothing more
    COUNTED = "counted"  # one more in a row, still below the limit
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
        reader = locked(copy.reader)
        if reader.state == ReaderState.ERASED:
            return IGNORED
        return Taken(became=_take(report, copy, reader), reader=reader.pk)


def _take(report: Report, copy: Copy, reader: Reader) -> Became:
    if report.said == Said.COMPLAINT:
        done = stop(reader=reader, state=ReaderState.COMPLAINED, why=report.detail)
        return Became.COMPLAINED if done else Became.KNOWN
    first = _came_back(copy, report.detail)
    if report.said == Said.HARD:
        done = stop(reader=reader, state=ReaderState.BOUNCED, why=report.detail)
        return Became.BOUNCED if done else Became.KNOWN
    if not first:
        return Became.KNOWN
    in_a_row = _in_a_row(copy)
    reader.soft_bounces, reader.updated_at = in_a_row, timezone.now()
    reader.save(update_fields=["soft_bounces", "updated_at"])
    if in_a_row < SOFT_IN_A_ROW:
        return Became.COUNTED
    done = stop(reader=reader, state=ReaderState.BOUNCED, why=report.detail)
    return Became.BOUNCED if done else Became.KNOWN


def _came_back(copy: Copy, detail: str) -> bool:
    """Write on the copy that it came back. False where that was known."""
    rows = Copy.objects.filter(pk=copy.pk)
    if rows.filter(state__in=OUT).update(state=CopyState.BOUNCED, detail=detail, ended_at=timezone.now()):
        return True
    if rows.filter(state=CopyState.SENDING).exists():
        raise Conflict("being_sent", _("This copy is being sent at this moment. Send the report once more."))
    return False


def _in_a_row(copy: Copy) -> int:
    """How many of this reader's copies came back, this one and those just before it."""
    before = Copy.objects.filter(reader=copy.reader_id, pk__lte=copy.pk, state__in=[*OUT, CopyState.BOUNCED])
    states = list(before.order_by("-pk").values_list("state", flat=True)[:SOFT_IN_A_ROW])
    return next((at for at, state in enumerate(states) if state != CopyState.BOUNCED), len(states))
