"""Rules by which a post recurs: a part of RFC 5545's RRULE (3.3.10) that people can be told in words.

FREQ DAILY, WEEKLY (BYDAY), MONTHLY (BYDAY such as 2TU or -1FR, or BYMONTHDAY) and YEARLY (BYMONTH with either), INTERVAL, and
an end: COUNT or UNTIL. What is left out can't be typed by mistake nor go on for ever: nothing shorter than a day, no rule
without an end, none of more than ``MOST`` times or beyond ``LONGEST``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dateutil import rrule
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clients.times import moment_of

MOST = 366  # times
LONGEST = timedelta(days=3653)  # from the first day on: ten years
MOST_INTERVAL = 99
RULE_LENGTH = 300
FREQUENCIES = {"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY, "YEARLY": rrule.YEARLY}
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "WKST"})
MOST_DAYS_OF = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}  # of a month; 31 of the others

DAY = re.compile(r"\+?([1-5]|-1)?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
UNTIL = re.compile(r"(\d{8})(?:T(\d{6})Z)?", re.ASCII)


@dataclass(frozen=True)
class Weekday:
    """A day of the week (0 is Monday); ``nth`` of the month, from its end where negative, 0: each."""

    day: int
    nth: int = 0

    def __str__(self) -> str:
        return f"{self.nth or ''}{DAYS[self.day]}"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule that was checked. It ends after ``count`` times, or with the moment ``until`` (UTC); just one of them is there."""

    freq: str
    interval: int = 1
    weekdays: tuple[Weekday, ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    count: int | None = None
    until: datetime | None = None

    def __str__(self) -> str:
        """As RFC 5545 writes it, always the same way."""
        parts = {
            "FREQ": self.freq,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYMONTH": ",".join(map(str, self.months)),
            "BYMONTHDAY": ",".join(map(str, self.month_days)),
            "BYDAY": ",".join(map(str, self.weekdays)),
            "COUNT": str(self.count) if self.count else "",
            "UNTIL": f"{self.until:%Y%m%dT%H%M%SZ}" if self.until else "",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)

    def moments(self, first: datetime) -> Iterator[datetime]:
        """When it comes, in UTC: from ``first`` on, on the clock of its zone, ``MOST`` + 1 times at most.

        A time that the clock skips that night is left out and not counted, as RFC 5545 says (3.3.10); one that it shows
        twice is the first of them.
        """
        zone = first.tzinfo
        if not isinstance(zone, ZoneInfo):
            raise TypeError("a rule recurs on the clock of a zone")
        begin = first.replace(tzinfo=None)
        last = min(self.until or datetime.max.replace(tzinfo=UTC), (begin + LONGEST).replace(tzinfo=UTC))
        walls = rrule.rrule(
            FREQUENCIES[self.freq],
            dtstart=begin,
            interval=self.interval,
            until=begin + LONGEST,
            bymonth=self.months or None,
            bymonthday=self.month_days or None,
            byweekday=[rrule.weekday(item.day, item.nth or None) for item in self.weekdays] or None,
        )
        found = (moment_of(wall, zone) for wall in walls)
        in_time = takewhile(lambda at: at <= last, (at for at in found if at is not None))
        return islice(in_time, min(self.count or MOST + 1, MOST + 1))


def read_rule(text: str, zone: ZoneInfo) -> Rule:
    """The rule that this text means, an UNTIL that is a day lasting to its end in ``zone``.

    Raises ``ValidationError`` on ``rule`` for what is no such rule.
    """
    parts = _parts(text)
    freq = parts.get("FREQ", "")
    if freq not in FREQUENCIES:
        raise _refused(_("A rule says how often: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY."), "freq")
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise _refused(_("A series needs one end: so many times (COUNT), or a last day (UNTIL)."), "end")
    if parts.get("WKST", "MO") != "MO":
        raise _refused(_("Weeks begin on Monday here (WKST)."), "wkst")
    rule = Rule(
        freq=freq,
        interval=_number(parts, "INTERVAL", 1, MOST_INTERVAL) or 1,
        weekdays=_weekdays(parts.get("BYDAY")),
        month_days=_numbers(parts, "BYMONTHDAY", [*range(1, 32), -1]),
        months=_numbers(parts, "BYMONTH", range(1, 13)),
        count=_number(parts, "COUNT", 1, MOST),
        until=_until(parts.get("UNTIL"), zone),
    )
    _require_together(rule)
    return rule


def _parts(text: str) -> Mapping[str, str]:
    if len(text) > RULE_LENGTH:
        raise _refused(_("A rule has at most %(most)d characters."), "max_length", most=RULE_LENGTH)
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts:
            raise _refused(_("This is no rule. One reads like FREQ=WEEKLY;BYDAY=TU;COUNT=10."), "invalid")
        if name not in KNOWN:
            said = _("%(name)s can't be used here. A rule may have: %(known)s.")
            raise _refused(said, "unknown", name=name[:30], known=", ".join(sorted(KNOWN)))
        parts[name] = value
    return parts


def _number(parts: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    value = parts.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 9 and least <= int(value) <= most):  # noqa: PLR2004
        text = _("%(name)s is a whole number from %(least)d to %(most)d.")
        raise _refused(text, "number", name=name, least=least, most=most)
    return int(value)


def _numbers(parts: Mapping[str, str], name: str, among: Any) -> tuple[int, ...]:
    if name not in parts:
        return ()
    values = parts[name].split(",")
    known = {str(number) for number in among}
    if len(values) != len(set(values)) or not set(values) <= known:
        raise _refused(_("%(name)s does not name such days or months."), "number", name=name)
    return tuple(sorted(map(int, values), key=lambda number: (number < 0, number)))


def _weekdays(value: str | None) -> tuple[Weekday, ...]:
    found = []
    for name in value.split(",") if value else ():
        read = DAY.fullmatch(name)
        if read is None:
            raise _refused(_("BYDAY names days such as TU, or 2TU, or -1FR."), "byday")
        found.append(Weekday(DAYS.index(read[2]), int(read[1] or 0)))
    if len(set(found)) < len(found):
        raise _refused(_("BYDAY names days such as TU, or 2TU, or -1FR."), "byday")
    return tuple(sorted(found, key=lambda item: (item.nth < 0, item.nth, item.day)))


def _until(value: str | None, zone: ZoneInfo) -> datetime | None:
    if value is None:
        return None
    read = UNTIL.fullmatch(value)
    try:
        if read and read[2]:
            return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return end_of(datetime.strptime(value, "%Y%m%d").date(), zone)  # noqa: DTZ007 - a day
    except (ValueError, OverflowError):
        text = _("UNTIL is a day (20270331), or a time in UTC (20270331T220000Z).")
        raise _refused(text, "until") from None


class Stored(Protocol):
    """A series as it is stored (``social.models.Recurrence``)."""

    rule: str
    next_at: datetime | None

    @property
    def first(self) -> datetime:
        """When it begins, on its own clock."""


def coming(series: Stored) -> list[datetime]:
    """The times of a series of which no post is made yet, in UTC."""
    if series.next_at is None:
        return []
    return [at for at in rule_of(series).moments(series.first) if at >= series.next_at]


def rule_of(series: Stored) -> Rule:
    """Its rule; what is stored has been checked, and its UNTIL is a moment."""
    return read_rule(series.rule, ZoneInfo("UTC"))


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last second of this day in ``zone``, in UTC."""
    return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)


def _require_together(rule: Rule) -> None:
    """What the rule's parts may be together: only what comes sooner or later, and can be said in a few words."""
    nth = any(item.nth for item in rule.weekdays)
    allowed = {
        "DAILY": not (rule.weekdays or rule.month_days or rule.months),
        "WEEKLY": not (nth or rule.month_days or rule.months),
        "MONTHLY": not (rule.months or (rule.weekdays and rule.month_days)),
        "YEARLY": not (rule.weekdays and rule.month_days)
        and bool(rule.months) >= bool(rule.weekdays or rule.month_days),
    }
    if not allowed[rule.freq]:
        text = _(
            "These parts don't go together. WEEKLY takes BYDAY; MONTHLY BYDAY or BYMONTHDAY; YEARLY BYMONTH with either of them."
        )
        raise _refused(text, "together")
    if rule.months and rule.month_days and min(rule.month_days) > max(MOST_DAYS_OF.get(m, 31) for m in rule.months):
        raise _refused(_("There is no such day."), "never")


def check_span(rule: Rule, first: datetime) -> list[datetime]:
    """All its moments from ``first`` on. Raises ``ValidationError`` on ``rule`` for none, and for more than ``MOST``."""
    found = list(rule.moments(first))
    if not found:
        raise _refused(_("By this rule it never comes: it ends before it begins."), "never")
    if len(found) > MOST:
        raise _refused(_("At most %(most)d times. Let it end earlier."), "too_many", most=MOST)
    if rule.count and len(found) < rule.count:
        raise _refused(_("It would go on for more than ten years. Let it end earlier."), "too_long")
    if rule.until and rule.until - first > LONGEST:
        raise _refused(_("It would go on for more than ten years. Let it end earlier."), "too_long")
    return found


def _refused(text: Any, code: str, **params: object) -> ValidationError:
    return ValidationError({"rule": ValidationError(text, code=code, params=params)})
