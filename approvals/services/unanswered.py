"""After the last reminder nobody is mailed again: more people are asked where the step names some, else managers are told."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from approvals.models import Reminder, ReminderKind, Review, ReviewState, Seat, StepState
from approvals.services.asking import ASKED, BATCH
from approvals.services.reminding import MORNINGS, start_of_morning
from approvals.services.seats import escalate
from approvals.services.table import Table, lay
from audit.services import record
from clients.models import Client, Membership, Role
from clients.working_time import Calendar, calendars_of
from notifications.services import tell

log = logging.getLogger(__name__)
GIVEN_UP = MORNINGS[-1] + 1  # the working morning after the turn on which it is somebody else's business
REST = timedelta(hours=20)  # after the last reminder, whenever that could be sent

SILENT = f"""
SELECT asked.seat, asked.client, asked.since FROM ({ASKED}) asked
JOIN approvals_reminder last ON last.seat_id = asked.seat AND last.kind = 'morning' AND last.number = %(last)s
WHERE last.at <= %(rested)s AND asked.seat > %(after)s AND asked.reader IS NOT NULL AND NOT EXISTS (
    SELECT FROM approvals_reminder told WHERE told.seat_id = asked.seat AND told.kind = 'unanswered'
)
ORDER BY asked.seat LIMIT %(batch)s
"""  # noqa: S608 - ours, from above


def escalate_unanswered(*, now: datetime) -> int:
    """Do so for each seat that has said nothing after all reminders, once. How many that were."""
    done, after, found = 0, 0, BATCH
    while found == BATCH:
        rows = _silent(after, now)
        found, after = len(rows), rows[-1][0] if rows else 0
        calendars = calendars_of({client for _seat, client, _since in rows})
        done += sum(_try(seat, now) for seat, client, since in rows if _is_time(calendars[client], since, now))
    return done


def _silent(after: int, now: datetime) -> list[tuple[int, int, datetime]]:
    values: Mapping[str, Any] = {
        "now": now,
        "last": len(MORNINGS),
        "rested": now - REST,
        "after": after,
        "batch": BATCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(SILENT, values)
        found: list[tuple[int, int, datetime]] = cursor.fetchall()
    return found


def _is_time(calendar: Calendar, since: datetime, now: datetime) -> bool:
    today = now.astimezone(calendar.zone).date()
    return calendar.is_working_day(today) and since < start_of_morning(calendar, today, GIVEN_UP)


def _try(seat_id: int, now: datetime) -> bool:
    try:
        return _escalate(seat_id, now)
    except Exception:
        log.exception("nobody answers, and what follows failed", extra={"seat": seat_id})
        return False


@transaction.atomic
def _escalate(seat_id: int, now: datetime) -> bool:
    """Under the subject's lock, since somebody may get a seat."""
    review = Review.objects.select_related("client").get(steps__seats=seat_id)
    table = lay(review)
    seat = next((seat for seat in table.seats if seat.pk == seat_id), None)
    over = seat is None or hasattr(seat, "decision") or seat.step.state != StepState.ACTIVE
    if seat is None or over or table.review.state != ReviewState.OPEN:
        return False
    told = Reminder(seat=seat, client_id=seat.client_id, kind=ReminderKind.UNANSWERED, number=1, at=now)
    if not _claimed(told):
        return False
    added = escalate(table, seat.step, User.objects.filter(pk__in=seat.step.escalate_to).order_by("pk"))
    if not added:
        _tell_managers(table, seat)
        return True
    record(
        client_id=seat.client_id,
        actor=None,
        verb="review.escalated",
        subject_type="review",
        subject_id=table.review.pk,
        digest=table.review.digest,
        step=seat.step.position,
        to=[new.user_id for new in added],
        unanswered=seat.pk,
    )
    return True


def _claimed(told: Reminder) -> bool:
    """Whether the insert is ours. Whoever else does this holds the same lock, so asking first is enough."""
    if Reminder.objects.filter(seat=told.seat, kind=told.kind).exists():
        return False
    told.save(force_insert=True)
    return True


def _tell_managers(table: Table, seat: Seat) -> None:
    others = managers_of(table.review.client) - {seat.user_id}
    tell(
        users=others or agency_admins() - {seat.user_id},
        client_id=seat.client_id,
        kind="unanswered",
        key=f"seat:{seat.pk}",
        seat=seat.pk,
    )


def managers_of(client: Client | int) -> set[int]:
    """The ids of the client's managers who are still here."""
    found = Membership.objects.filter(client=client, role=Role.MANAGER, user__is_active=True)
    return set(found.values_list("user_id", flat=True))


def agency_admins() -> set[int]:
    """The ids of those who see every client: told where a client has no manager left."""
    return set(User.objects.filter(is_active=True, is_agency_admin=True).values_list("pk", flat=True))
