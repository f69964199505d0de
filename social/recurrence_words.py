"""A rule as people say it: “every Tuesday at 09:00, until Wednesday 31 March 2027”. Nobody is shown RFC 5545's own writing."""

from collections.abc import Sequence
from datetime import datetime

from babel.dates import format_date, format_time, get_day_names, get_month_names
from babel.lists import format_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from clients.moments import HOURS, locale
from social.recurrence import Rule, Weekday

SUNDAY = 6


def in_words(rule: Rule, first: datetime) -> str:
    """The rule in the active language; ``first`` is when it begins, on its own clock."""
    words = {"how": _how(rule, first), "time": format_time(first, HOURS.get(locale(), "HH:mm"), locale=locale())}
    return _("%(how)s at %(time)s, %(end)s") % {**words, "end": _end(rule, first)}


def _end(rule: Rule, first: datetime) -> str:
    if rule.until is None:
        many = rule.count or 0
        return ngettext("%(many)d time", "%(many)d times", many) % {"many": many}
    day = format_date(rule.until.astimezone(first.tzinfo), "EEEE d MMMM y", locale=locale())
    return _("until %(day)s") % {"day": day}


def _how(rule: Rule, first: datetime) -> str:
    often, params = rule.interval, {"n": rule.interval}
    if rule.freq == "DAILY":
        return ngettext("every day", "every %(n)d days", often) % params
    if rule.freq == "WEEKLY":
        days = rule.weekdays or (Weekday(first.weekday()),)
        named = _listed([_day(item.day) for item in days])
        return ngettext("every %(days)s", "every %(n)d weeks on %(days)s", often) % {**params, "days": named}
    which = _which(rule, first)
    if rule.freq == "MONTHLY":
        return ngettext("every month %(which)s", "every %(n)d months %(which)s", often) % {**params, "which": which}
    names = get_month_names("wide", "format", locale=locale())
    months = _listed([names[month] for month in rule.months or (first.month,)])
    words = {**params, "which": which, "months": months}
    return ngettext("every year %(which)s of %(months)s", "every %(n)d years %(which)s of %(months)s", often) % words


def _which(rule: Rule, first: datetime) -> str:
    """Which days of a month."""
    if rule.weekdays:
        return _listed([_of_month(item) for item in rule.weekdays])
    days = rule.month_days or (first.day,)
    said = [_("on the last day") if day < 0 else _("on day %(day)d") % {"day": day} for day in days]
    return _listed(said)


def _of_month(item: Weekday) -> str:
    day = {"day": _day(item.day)}
    if not item.nth:
        return _("on each %(day)s") % day
    if item.day == SUNDAY:  # in some languages Sunday is of another gender than the days before
        said = {
            1: pgettext("Sunday", "on the first %(day)s"),
            2: pgettext("Sunday", "on the second %(day)s"),
            3: pgettext("Sunday", "on the third %(day)s"),
            4: pgettext("Sunday", "on the fourth %(day)s"),
            5: pgettext("Sunday", "on the fifth %(day)s"),
            -1: pgettext("Sunday", "on the last %(day)s"),
        }
    else:
        said = {
            1: pgettext("weekday", "on the first %(day)s"),
            2: pgettext("weekday", "on the second %(day)s"),
            3: pgettext("weekday", "on the third %(day)s"),
            4: pgettext("weekday", "on the fourth %(day)s"),
            5: pgettext("weekday", "on the fifth %(day)s"),
            -1: pgettext("weekday", "on the last %(day)s"),
        }
    return said[item.nth] % day


def _day(day: int) -> str:
    name: str = get_day_names("wide", "format", locale=locale())[day]
    return name


def _listed(words: Sequence[str]) -> str:
    return format_list(words, locale=locale())
