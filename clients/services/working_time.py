"""When a client's people work: their hours of a week, and the days on which they are closed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from babel.dates import get_day_names
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from clients.models import Client, ClosingDay, Role, WorkingHours
from clients.moments import locale
from clients.selectors import require
from clients.working_time import DAY, Calendar, Closing, Hours, calendar_of

MOST_SPANS = 7 * 12
MOST_CLOSINGS = 200
FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_REST = 365  # days
LEAST_A_WEEK = timedelta(hours=1)


@transaction.atomic
def set_working_time(
    *,
    user: User,
    client: Client,
    hours: Iterable[Hours] | None = None,
    closings: Iterable[Closing] | None = None,
) -> Calendar:
    """Replace the client's hours of a week, its closing days, or both; its managers and agency admins.

    None leaves them as they are. Raises ``ValidationError`` on ``working_hours`` or ``closing_days`` for spans that
    overlap or end before they begin, and for what would leave the client without an open hour for a year: whoever counts
    working time later can rely on there being some.
    """
    require(user, client, {Role.MANAGER})
    client = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    before = calendar_of(client)
    after = replace(
        before,
        hours=before.hours if hours is None else _checked_hours(hours),
        closings=before.closings if closings is None else _checked_closings(closings),
    )
    if after == before:
        return before
    _require_open(after, timezone.now().astimezone(client.zone).date())
    _write(client, before, after)
    client.save(update_fields=["updated_at"])
    record(
        client_id=client.pk,
        actor=user,
        verb="client.working_time_set",
        subject_type="client",
        subject_id=client.pk,
        hours=[[item.weekday, f"{item.opens:%H:%M}", f"{item.closes:%H:%M}"] for item in after.hours],
        closings=[[item.first.isoformat(), item.last.isoformat(), item.name] for item in after.closings],
    )
    return after


def _write(client: Client, before: Calendar, after: Calendar) -> None:
    if after.hours != before.hours:
        WorkingHours.objects.filter(client=client).delete()
        WorkingHours.objects.bulk_create(
            WorkingHours(client=client, weekday=item.weekday, opens=item.opens, closes=item.closes)
            for item in after.hours
        )
    if after.closings != before.closings:
        ClosingDay.objects.filter(client=client).delete()
        ClosingDay.objects.bulk_create(
            ClosingDay(client=client, first=item.first, last=item.last, name=item.name) for item in after.closings
        )


def _checked_hours(hours: Iterable[Hours]) -> tuple[Hours, ...]:
    found = tuple(sorted(hours))
    if len(found) > MOST_SPANS:
        raise _refused("working_hours", _("At most %(most)d spans a week."), "too_many", most=MOST_SPANS)
    for item in found:
        if not 0 <= item.weekday < 7:  # noqa: PLR2004 - days of a week
            raise _refused("working_hours", _("A weekday is a number from 0 (Monday) to 6 (Sunday)."), "weekday")
        if item.opens.second or item.opens.microsecond or item.closes.second or item.closes.microsecond:
            raise _refused("working_hours", _("Hours are given to the minute."), "minute")
        if item.span[0] >= item.span[1]:
            raise _of_day(item, _("%(day)s: it closes before it opens."), "order")
    for one, next_one in pairwise(found):
        if one.weekday == next_one.weekday and one.span[1] > next_one.span[0]:
            raise _of_day(one, _("%(day)s: two spans overlap."), "overlap")
    return found


def _of_day(item: Hours, text: Any, code: str) -> ValidationError:
    day = get_day_names("wide", "stand-alone", locale=locale())[item.weekday]
    return _refused("working_hours", text, code, day=day[:1].upper() + day[1:])


def _checked_closings(closings: Iterable[Closing]) -> tuple[Closing, ...]:
    found = tuple(sorted(replace(item, name=item.name.strip()) for item in closings))
    if len(found) > MOST_CLOSINGS:
        text = _("At most %(most)d closing days. Take away some that are over.")
        raise _refused("closing_days", text, "too_many", most=MOST_CLOSINGS)
    for item in found:
        if not item.name or len(item.name) > (ClosingDay._meta.get_field("name").max_length or 0):  # noqa: SLF001 - public
            raise _refused("closing_days", _("Give each closing a name of at most 120 characters."), "name")
        if item.last < item.first:
            raise _refused("closing_days", _("“%(name)s” ends before it begins."), "order", name=item.name)
        if not (item.first.year >= FIRST_YEAR and item.last.year <= LAST_YEAR):
            text = _("“%(name)s” is too far away: between %(first)d and %(last)d.")
            raise _refused("closing_days", text, "year", name=item.name, first=FIRST_YEAR, last=LAST_YEAR)
    return found


def _require_open(calendar: Calendar, today: date) -> None:
    week = sum((closes - opens for opens, closes in (item.span for item in calendar.hours)), timedelta())
    if week < LEAST_A_WEEK:
        raise _refused(
            "working_hours", _("The client is never open like this. Give it at least one hour a week."), "never_open"
        )
    rest = 0
    for day in _days(today, calendar.closings):
        rest = 0 if calendar.is_working_day(day) else rest + 1
        if rest > LONGEST_REST:
            text = _("The client would be closed for a whole year. Working time could not be counted.")
            raise _refused("closing_days", text, "never_open")


def _days(today: date, closings: Sequence[Closing]) -> Iterable[date]:
    """From today or the first closing to a year after the last."""
    first = min([today, *(item.first for item in closings)])
    last = max([today, *(item.last for item in closings)])
    return (first + number * DAY for number in range((last - first).days + LONGEST_REST + 2))


def _refused(field: str, text: Any, code: str, **params: object) -> ValidationError:
    return ValidationError({field: ValidationError(text, code=code, params=params)})
