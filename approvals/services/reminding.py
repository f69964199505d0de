"""The morning mail: who is due to be reminded of what waits for them, at growing distance; and what follows silence.

A seat is reminded of on the working mornings of its client that ``MORNINGS`` counts after its turn, at the hour of whoever
is asked. One due thing is enough for a mail, which then lists everything (see ``approvals.morning``).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from accounts.hours import morning_of
from accounts.models import User
from approvals.models import ReminderKind
from approvals.services.asking import ASKED, BATCH, Claimed, claim
from clients.working_time import DAY, Calendar, calendars_of
from notifications.services import Message, tell_many

MORNINGS = (1, 2, 4, 7, 11)  # working mornings after the turn; then nobody is mailed again: see ``unanswered``
LATEST = timedelta(hours=4)  # after one's hour; what could not be sent by then belongs to the next morning
MORNING = "morning"

CLIENTS = f"SELECT DISTINCT asked.client FROM ({ASKED}) asked WHERE asked.reader = ANY(%(people)s)"  # noqa: S608 - ours, from above

# Each seat's reminder by the time that has passed since its turn, unless it has gone already.
DUE = f"""
SELECT asked.*, span.number FROM ({ASKED}) asked
JOIN unnest(%(clients)s::bigint[], %(numbers)s::int[], %(begins)s::timestamptz[], %(ends)s::timestamptz[])
    AS span (client, number, begins, ends)
    ON span.client = asked.client AND asked.since >= span.begins AND asked.since < span.ends
WHERE asked.reader = ANY(%(people)s) AND asked.seat > %(after)s AND NOT EXISTS (
    SELECT FROM approvals_reminder reminder
    WHERE reminder.seat_id = asked.seat AND reminder.kind = 'morning' AND reminder.number = span.number
)
ORDER BY asked.seat LIMIT %(batch)s
"""  # noqa: S608 - ours, from above


def remind(*, now: datetime) -> int:
    """Claim what is due this morning and put a mail for each person into the outbox. How many reminders that were.

    A fixed number of queries for each ``BATCH``. Nothing that it does changes a review, so it takes no locks.
    """
    people = mornings(now)
    if not people:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(CLIENTS, {"people": list(people), "now": now})
        clients = [row[0] for row in cursor.fetchall()]
    spans = [span for client, calendar in calendars_of(clients).items() for span in _spans(client, calendar, now)]
    if not spans:
        return 0
    claimed, after, found = 0, 0, BATCH
    while found == BATCH:
        seats = _remind(people, spans, after, now)
        found, after = len(seats), seats[-1].seat if seats else 0
        claimed += sum(seat.ours for seat in seats)
    return claimed


@transaction.atomic
def _remind(
    people: Mapping[int, date], spans: list[tuple[int, int, datetime, datetime]], after: int, now: datetime
) -> list[Claimed]:
    clients, numbers, begins, ends = (list(column) for column in zip(*spans, strict=True))
    values = {
        "people": list(people),
        "clients": clients,
        "numbers": numbers,
        "begins": begins,
        "ends": ends,
        "after": after,
        "batch": BATCH,
    }
    seats = claim(DUE, kind=ReminderKind.MORNING, now=now, values=values)
    tell_morning({seat.reader: people[seat.reader] for seat in seats if seat.ours and seat.reader}, now=now)
    return seats


def tell_morning(people: Mapping[int, date], *, now: datetime) -> None:
    """These people get their mail of this morning, on their own calendar; whoever has it already gets no second one."""
    messages = [
        Message(user=person, client=None, key=day.isoformat(), context={"at": now.isoformat()})
        for person, day in people.items()
    ]
    tell_many(kind=MORNING, messages=messages)


def mornings(now: datetime) -> dict[int, date]:
    """Whose morning it is: their hour has come, not longer ago than ``LATEST``, on a day on which they may be mailed."""
    found = {}
    for user in User.objects.filter(is_active=True).only("timezone", "morning_at", "quiet_days").order_by():
        day = now.astimezone(ZoneInfo(user.timezone)).date()
        if day.weekday() not in user.quiet_days and timedelta() <= now - morning_of(user, day) < LATEST:
            found[user.pk] = day
    return found


def _spans(client: int, calendar: Calendar, now: datetime) -> Iterator[tuple[int, int, datetime, datetime]]:
    """For each number of a reminder when the turn must have begun: from when, until before when. None on a free day."""
    today = now.astimezone(calendar.zone).date()
    if not calendar.is_working_day(today):
        return
    starts = [start_of_morning(calendar, today, morning) for morning in MORNINGS]
    for number, end in enumerate(starts, start=1):
        begin = starts[number] if number < len(starts) else datetime.min.replace(year=2000, tzinfo=calendar.zone)
        yield client, number, begin, end


def start_of_morning(calendar: Calendar, today: date, morning: int) -> datetime:
    """Before this moment a turn must have begun for today to be so many working mornings after it, or more."""
    day, left = today, morning - calendar.is_working_day(today)
    while left:
        day -= DAY
        left -= calendar.is_working_day(day)
    return datetime.combine(day, datetime.min.time(), calendar.zone)
