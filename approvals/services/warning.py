"""The hour of publishing comes near and somebody must still decide: they are told a working day before, and an hour before."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from approvals.models import ReminderKind, Review, ReviewState
from approvals.services.asking import ASKED, BATCH, MINUTE_OF, Claimed, claim, people_in_charge
from clients.working_time import DAY, Calendar, calendars_of
from notifications.services import Message, tell_many

HOUR = timedelta(hours=1)
LOOK_AHEAD = timedelta(days=40)  # whoever is closed for longer is warned so long before

# Whose turn came after the moment of the warning was told the hour then, unless it was changed since.
NEAR = f"""
SELECT asked.*, {MINUTE_OF.format(moment="asked.goes_out_at")} AS number
FROM ({ASKED}) asked JOIN unnest(%(reviews)s::bigint[], %(moments)s::timestamptz[]) AS near (review, moment) USING (review)
WHERE asked.goes_out_at > %(now)s AND (asked.since <= near.moment OR asked.moved_at > asked.since)
"""  # noqa: S608 - ours, from above

# Reviews that somebody could have to be warned of; ``until``: for each client how far to look.
OPEN = f"""
SELECT review.id, review.client_id, review.goes_out_at FROM approvals_review review
JOIN unnest(%(clients)s::bigint[], %(untils)s::timestamptz[]) AS ahead (client, until) ON ahead.client = review.client_id
WHERE review.state = 'open' AND review.goes_out_at > %(from)s AND review.goes_out_at <= ahead.until
    AND (review.goes_out_at, review.id) > (%(after)s, %(last)s)
    AND NOT EXISTS (
        SELECT FROM approvals_reminder reminder JOIN approvals_seat seat ON seat.id = reminder.seat_id
        JOIN approvals_reviewstep step ON step.id = seat.step_id
        WHERE step.review_id = review.id AND step.state = 'active' AND reminder.kind = %(kind)s
            AND reminder.number = {MINUTE_OF.format(moment="review.goes_out_at")}
    )
ORDER BY review.goes_out_at, review.id LIMIT %(batch)s
"""  # noqa: S608 - ours, from above


def warn(*, now: datetime) -> int:
    """Warn whoever has not decided of an hour of publishing that comes near, and who is in charge. How many seats that were.

    Once for each hour: the insert is the claim. A post that is moved has a new hour.
    """
    going_out = Review.objects.filter(
        state=ReviewState.OPEN, goes_out_at__gt=now, goes_out_at__lte=now + LOOK_AHEAD
    ).order_by()
    clients = list(going_out.values_list("client", flat=True).distinct())
    if not clients:
        return 0
    hour = dict.fromkeys(clients, now + HOUR)
    calendars = calendars_of(clients)
    day = {client: _next_working_day_ends(calendar, now) for client, calendar in calendars.items()}
    told = sum(
        _warn(ReminderKind.HOUR_BEFORE, [(review, goes_out_at - HOUR) for review, _client, goes_out_at in reviews], now)
        for reviews in _reviews(ReminderKind.HOUR_BEFORE, now, hour)
    )
    for reviews in _reviews(ReminderKind.DAY_BEFORE, now + HOUR, day):
        before = [
            (review, calendars[client].working_days_before(goes_out_at, 1)) for review, client, goes_out_at in reviews
        ]
        told += _warn(ReminderKind.DAY_BEFORE, [(review, moment) for review, moment in before if moment <= now], now)
    return told


def _next_working_day_ends(calendar: Calendar, now: datetime) -> datetime:
    """What goes out after this has a working day between it and now: nobody is warned of it yet."""
    today = now.astimezone(calendar.zone).date()
    last = today + LOOK_AHEAD
    days: Iterator[date] = (today + number * DAY for number in range(1, LOOK_AHEAD.days))
    following = next((day for day in days if calendar.is_working_day(day)), last)
    return datetime.combine(following + DAY, datetime.min.time(), calendar.zone)


def _reviews(kind: ReminderKind, after: datetime, untils: dict[int, datetime]) -> Iterator[list[Any]]:
    """Open reviews that go out between ``after`` and then, and in whose step nobody was warned of that hour, in batches."""
    values: dict[str, Any] = {
        "clients": list(untils),
        "untils": list(untils.values()),
        "from": after,
        "kind": str(kind),
    }
    at, last, rows = after, 0, [()] * BATCH
    while len(rows) == BATCH:
        with connection.cursor() as cursor:
            cursor.execute(OPEN, {**values, "after": at, "last": last, "batch": BATCH})
            rows = cursor.fetchall()
        if rows:
            last, _client, at = rows[-1]
            yield rows


@transaction.atomic
def _warn(kind: ReminderKind, near: list[tuple[int, datetime]], now: datetime) -> int:
    if not near:
        return 0
    values = {"reviews": [review for review, _moment in near], "moments": [moment for _review, moment in near]}
    seats = [seat for seat in claim(NEAR, kind=kind, now=now, values=values) if seat.ours]
    in_charge = people_in_charge(sorted({seat.review for seat in seats})) if seats else {}
    tell_many(kind=str(kind), messages=[*_to_readers(seats), *_to_others(seats, in_charge)])
    return len(seats)


def _to_readers(seats: list[Claimed]) -> Iterator[Message]:
    """To who is asked. Of a seat whose person is barred, only who is in charge is warned."""
    for seat in seats:
        if seat.reader is not None:
            key, said = f"seat:{seat.seat}:{seat.number}", {"seat": seat.seat, "number": seat.number}
            yield Message(user=seat.reader, client=seat.client, key=key, until=seat.goes_out_at, context=said)


def _to_others(seats: list[Claimed], in_charge: dict[int, set[int]]) -> Iterator[Message]:
    """To who is in charge and is not asked themselves."""
    asked: dict[int, set[int]] = {}
    for seat in seats:
        asked.setdefault(seat.review, set()).update({seat.reader, seat.person} if seat.reader is not None else ())
    for seat in {seat.review: seat for seat in seats}.values():
        for person in in_charge[seat.review] - asked[seat.review]:
            key, said = f"review:{seat.review}:{seat.number}", {"review": seat.review, "number": seat.number}
            yield Message(user=person, client=seat.client, key=key, until=seat.goes_out_at, context=said)
