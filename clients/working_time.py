"""When a client's people work, and the arithmetic of it: so many working minutes from a moment on, or between two.

Pure: a ``Calendar`` is a value, read once. A working minute is a real one that passes while the client's clock stands
within its hours, so a change to summer time neither gives nor takes any; where the clock shows an hour twice, both count.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db import connection

from clients import public_holidays
from clients.models import Client

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
HORIZON = 100 * 366  # days looked ahead at most; what is saved opens at least an hour a week (see ``set_working_time``)


@dataclass(frozen=True, order=True)
class Hours:
    """One span of one weekday (0 is Monday) on the client's clock. ``closes`` at 0:00 is midnight at the end of the day."""

    weekday: int
    opens: time
    closes: time

    @property
    def span(self) -> tuple[timedelta, timedelta]:
        """Its beginning and end, from midnight on."""
        return _of_day(self.opens), _of_day(self.closes) or DAY


@dataclass(frozen=True, order=True)
class Closing:
    """Days on which a client is closed, both ends included."""

    first: date
    last: date
    name: str = ""


DEFAULT_HOURS = tuple(Hours(weekday, time(9), time(18)) for weekday in range(5))


class NeverOpen(ValueError):  # noqa: N818 - it says what is
    """This calendar has no such moment within a hundred years. What is saved through the services always has one."""


@dataclass(frozen=True)
class Calendar:
    """The working time of one client. Moments are aware; what is given back is in the client's zone."""

    zone: ZoneInfo
    hours: tuple[Hours, ...] = DEFAULT_HOURS
    closings: tuple[Closing, ...] = ()
    country: str = ""
    region: str = ""

    def is_working_day(self, day: date) -> bool:
        """Whether the client's people work on this day at all."""
        return bool(self._spans[day.weekday()]) and not self._is_free(day)

    def is_open(self, moment: datetime) -> bool:
        """Whether they work at this moment: from the minute of opening to just before that of closing."""
        local = _aware(moment).astimezone(self.zone)
        clock = _of_day(local.time())
        return self.is_working_day(local.date()) and any(
            opens <= clock < closes for opens, closes in self._spans[local.weekday()]
        )

    def after(self, moment: datetime, minutes: int) -> datetime:
        """The first moment by which so many working minutes have passed since ``moment``; with 0 that is ``moment``.

        So 60 minutes after five o'clock is six o'clock, also where they close at six. Raises ``ValueError`` for a
        negative number.
        """
        if minutes < 0:
            raise ValueError("minutes are counted forwards")
        left = minutes * MINUTE
        if not left:
            return _aware(moment).astimezone(self.zone)
        for opens, closes in self._open_from(moment):
            if closes - opens >= left:
                return (opens + left).astimezone(self.zone)
            left -= closes - opens
        raise NeverOpen

    def minutes_between(self, a: datetime, b: datetime) -> int:
        """The whole working minutes from ``a`` to ``b``; negative where ``b`` is the earlier one."""
        if b < a:
            return -self.minutes_between(b, a)
        passed = timedelta()
        for opens, closes in self._open_from(a, until=b):
            passed += max(min(closes, b) - opens, timedelta())
        return passed // MINUTE

    def next_opening(self, moment: datetime) -> datetime:
        """``moment`` itself where they work then, else when they open next."""
        for opens, _closes in self._open_from(moment):
            return opens.astimezone(self.zone)
        raise NeverOpen

    def working_days_before(self, moment: datetime, days: int) -> datetime:
        """The same hour on the client's clock so many working days earlier, whether or not ``moment``'s day is one.

        Where the clock skips that hour, the one after it. Raises ``ValueError`` for a negative number.
        """
        if days < 0:
            raise ValueError("days are counted backwards")
        local = _aware(moment).astimezone(self.zone)
        day = local.date()
        for _day in range(HORIZON):
            if not days:
                there = local if day == local.date() else datetime.combine(day, local.time(), self.zone)
                return there.astimezone(UTC).astimezone(self.zone)
            day -= DAY
            days -= self.is_working_day(day)
        raise NeverOpen

    @cached_property
    def _spans(self) -> tuple[tuple[tuple[timedelta, timedelta], ...], ...]:
        return tuple(tuple(item.span for item in sorted(self.hours) if item.weekday == day) for day in range(7))

    def _is_free(self, day: date) -> bool:
        if any(closing.first <= day <= closing.last for closing in self.closings):
            return True
        return day in public_holidays.of_year(self.country, self.region, day.year)

    def _open_from(self, moment: datetime, until: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
        """The spans, in UTC, from ``moment`` on; the first one begins with it where it lies within."""
        start = _aware(moment).astimezone(UTC)
        day = moment.astimezone(self.zone).date()
        last = until.astimezone(self.zone).date() if until else day + HORIZON * DAY
        while day <= last:
            for opens, closes in self._open_on(day):
                if closes > start:
                    yield max(opens, start), closes
            day += DAY

    def _open_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The spans of one day in UTC. Where the clock is changed that day, each part by the clock that holds in it."""
        if not self.is_working_day(day):
            return []
        spans, midnight = self._spans[day.weekday()], datetime.combine(day, time(), UTC)
        before, after = midnight - DAY, midnight + 2 * DAY
        old, new = self._offset(before), self._offset(after)
        if old == new:
            return [(midnight + opens - old, midnight + closes - old) for opens, closes in spans]
        turn = self._turn(before, after)
        earlier = [(midnight + opens - old, min(midnight + closes - old, turn)) for opens, closes in spans]
        later = [(max(midnight + opens - new, turn), midnight + closes - new) for opens, closes in spans]
        return [(opens, closes) for opens, closes in earlier + later if opens < closes]

    def _offset(self, moment: datetime) -> timedelta:
        return moment.astimezone(self.zone).utcoffset() or timedelta()

    def _turn(self, low: datetime, high: datetime) -> datetime:
        """The minute between the two in which the clock is changed."""
        old = self._offset(low)
        while high - low > MINUTE:
            middle = low + (high - low) // MINUTE // 2 * MINUTE
            low, high = (middle, high) if self._offset(middle) == old else (low, middle)
        return high


def _of_day(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment has a zone")
    return moment


def calendar_of(client: Client) -> Calendar:
    """The client's calendar, in two queries; in none where ``working_hours`` and ``closing_days`` are prefetched."""
    hours = tuple(sorted(Hours(row.weekday, row.opens, row.closes) for row in client.working_hours.all()))
    return Calendar(
        zone=client.zone,
        hours=hours or DEFAULT_HOURS,
        closings=tuple(sorted(Closing(row.first, row.last, row.name) for row in client.closing_days.all())),
        country=client.holidays_country,
        region=client.holidays_region,
    )


# One statement of our own, since each turn of a step asks it.
CALENDAR = """
SELECT timezone, holidays_country, holidays_region, weekday, opens, closes, NULL::date, NULL::date, NULL
FROM clients_client client LEFT JOIN clients_workinghours hours ON hours.client_id = client.id WHERE client.id = %(client)s
UNION ALL
SELECT '', '', '', NULL, NULL, NULL, first, last, name FROM clients_closingday WHERE client_id = %(client)s
"""


def calendar_at(client_id: int) -> Calendar:
    """The calendar of the client with this number, which there is, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(CALENDAR, {"client": client_id})
        rows = cursor.fetchall()
    named = next(row for row in rows if row[0])
    return Calendar(
        zone=ZoneInfo(named[0]),
        hours=tuple(sorted(Hours(*row[3:6]) for row in rows if row[3] is not None)) or DEFAULT_HOURS,
        closings=tuple(sorted(Closing(*row[6:9]) for row in rows if row[6] is not None)),
        country=named[1],
        region=named[2],
    )


def calendars_of(client_ids: Collection[int]) -> dict[int, Calendar]:
    """The calendars of these clients by their numbers, in three queries however many they are."""
    found = Client.objects.filter(pk__in=client_ids).only("timezone", "holidays_country", "holidays_region")
    return {
        client.pk: calendar_of(client) for client in found.prefetch_related("working_hours", "closing_days").order_by()
    }
