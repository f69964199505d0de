"""When a person may be disturbed, and when their morning is: on their own clock, and without asking anybody.

A night is one stretch of time: from the first moment at which the clock shows ``quiet_from`` to the first one after it at
which it shows ``quiet_until``. Where the clock is put back in the middle, that night is an hour longer, and still one. A
time that the clock jumps over is the moment of the jump.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import User

A_DAY = timedelta(days=1)


def when_to_disturb(user: User, now: datetime) -> datetime:
    """``now`` if mail may reach this person now; else the first moment after it at which it may, in UTC."""
    zone, found = ZoneInfo(user.timezone), now
    while True:
        today = found.astimezone(zone).date()
        near = (stretch for days in (-1, 0, 1) for stretch in _quiet(user, today + days * A_DAY, zone))
        ends = [end for begin, end in near if begin <= found < end]
        if not ends:
            return found
        found = max(ends)


def morning_of(user: User, day: date) -> datetime:
    """When this person's morning mail of that day is to be written, in UTC."""
    return _moment(day, user.morning_at, ZoneInfo(user.timezone))


def next_morning(user: User, now: datetime) -> datetime:
    """Their first morning at ``now`` or after it that is not on one of their quiet days, in UTC."""
    day = now.astimezone(ZoneInfo(user.timezone)).date()
    while day.weekday() in user.quiet_days or morning_of(user, day) < now:
        day += A_DAY
    return morning_of(user, day)


def _quiet(user: User, day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """What is quiet of this day, begin and end: the day as a whole, and the night that begins on it."""
    if day.weekday() in user.quiet_days:
        yield _moment(day, time.min, zone), _moment(day + A_DAY, time.min, zone)
    begin, end = user.quiet_from, user.quiet_until
    if begin is not None and end is not None:
        yield _moment(day, begin, zone), _moment(day + A_DAY if end <= begin else day, end, zone)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first moment of that day at which the clock shows ``at``, or jumps over it."""
    meant = datetime.combine(day, at)
    found = meant.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == meant:
        return found
    # A time that is not on this day's clock (PEP 495): read with the offset of after the jump it lies before the jump,
    # with that of before it (``found``) after it.
    return _jump(meant.replace(tzinfo=zone, fold=1).astimezone(UTC), found, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between these two at which the clock jumps; clocks do so on a full second."""
    low, high = int(before.timestamp()), int(after.timestamp())
    new = after.astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == new:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)
