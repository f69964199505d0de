"""A time as people say it: a day they recognise, the hour, whose clock."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_location
from django.utils import timezone, translation
from django.utils.translation import gettext as _

HOURS = {"it": "H:mm"}  # “ore 9:00”, as people say and write it


def spoken(when: datetime, zone: ZoneInfo) -> str:
    """The moment on ``zone``'s clock in the active language, such as “Thursday 26 November, 09:00, Rome time”.

    The year is said only where it is not the present one.
    """
    language = locale()
    local = when.astimezone(zone)
    pattern = "EEEE d MMMM" if local.year == timezone.now().astimezone(zone).year else "EEEE d MMMM y"
    return _("%(day)s, %(time)s, %(city)s time") % {
        "day": format_datetime(local, pattern, locale=language),
        "time": clock(local),
        "city": city(zone),
    }


def spoken_briefly(when: datetime, zone: ZoneInfo) -> str:
    """The same where a table has many of them: “26 Nov, 09:00”, with the year only where it is not the present one."""
    local = when.astimezone(zone)
    pattern = "d MMM" if local.year == timezone.now().astimezone(zone).year else "d MMM y"
    return f"{format_datetime(local, pattern, locale=locale())}, {clock(local)}"


def clock(when: datetime) -> str:
    """The time of the day on its own clock, as people write it in the active language, such as “9:00”."""
    language = locale()
    return format_datetime(when, HOURS.get(language, "HH:mm"), locale=language)


def spoken_day(day: date, zone: ZoneInfo) -> str:
    """The day in the active language, such as “Thursday 26 November”; the year only where it is not this one in ``zone``."""
    pattern = "EEEE d MMMM" if day.year == timezone.now().astimezone(zone).year else "EEEE d MMMM y"
    return format_date(day, pattern, locale=locale())


def city(zone: ZoneInfo) -> str:
    """The place after which people call this clock, in the active language."""
    return get_timezone_location(zone, locale=locale(), return_city=True)


def locale() -> str:
    """The active language as Babel knows it: addressed formally or not, Italian is Italian."""
    return (translation.get_language() or "en").partition("-")[0]
