"""How long a channel may be quiet, by its cadence, and when it will be so for longer. Pure arithmetic of days."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from clients.working_time import Calendar
from social.models.silences import STAGES

WEEK = 7
WEEKEND = 3  # days from a Friday to a Monday: nobody's cadence is broken by less


@dataclass(frozen=True)
class Gap:
    """After this day nothing is heard for too long: silent from ``falls_on`` until ``until`` (None: nothing is planned)."""

    after: date
    falls_on: date
    until: date | None


def longest_pause(per_week: Decimal) -> int:
    """How many days may lie between two posts at most, before the cadence is broken beyond doubt.

    Whoever posts n times a week does so on n days of it: even side by side they leave 8 - n days to the first of the next
    week. Less than once a week: as many days as there are to one post.
    """
    if per_week < 1:
        return math.ceil(WEEK / per_week)
    return max(WEEKEND, WEEK + 1 - int(per_week))


def first_gap(after: date, planned: Iterable[date], pause: int, today: date) -> Gap:
    """The first day on which it is quiet for longer than ``pause`` days. There always is one: no plan goes on for ever.

    Where it is quiet already, whatever breaks it within another pause from ``today`` fills it: what has passed can't be.
    """
    for day in sorted(planned):
        silent = after + timedelta(days=pause + 1)
        if day > (silent if silent >= today else today + timedelta(days=pause)):
            return Gap(after, silent, day)
        after = max(after, day)
    return Gap(after, after + timedelta(days=pause + 1), None)


def stage_of(calendar: Calendar, falls_on: date, now: datetime) -> int | None:
    """The nearest of ``STAGES`` that has come: the client's working days before ``falls_on`` begins. None: none has yet."""
    begins = datetime.combine(falls_on, time(), calendar.zone)
    come = None
    for days in STAGES:
        if calendar.working_days_before(begins, days) > now:
            break
        come = days
    return come
