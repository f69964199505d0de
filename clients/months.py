"""A month on a client's own clock."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from clients.moments import locale

WRITTEN = re.compile(r"(\d{4})-(\d{2})")
FIRST_YEAR, LAST_YEAR = 2000, 2999


@dataclass(frozen=True)
class Month:
    """One month in one zone; ``first`` is its first day."""

    first: date
    zone: ZoneInfo

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.first, time(), self.zone)

    @property
    def ends(self) -> datetime:
        """The first moment of the next one."""
        return self.next.begins

    @property
    def next(self) -> "Month":
        """The one after."""
        return Month((self.first + timedelta(days=31)).replace(day=1), self.zone)

    @property
    def last(self) -> "Month":
        """The one before."""
        return Month((self.first - timedelta(days=1)).replace(day=1), self.zone)

    @property
    def name(self) -> str:
        """Such as “November 2026”, in the active language."""
        return format_date(self.first, "LLLL y", locale=locale())

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


def month_at(client: Client, when: datetime) -> Month:
    """The month that it is for this client at this moment."""
    return Month(when.astimezone(client.zone).date().replace(day=1), client.zone)


def month_from(client: Client, text: str) -> Month:
    """The month that is written like 2026-11; the present one where nothing is. Raises ``ValidationError`` on ``month``."""
    if not text:
        return month_at(client, timezone.now())
    found = WRITTEN.fullmatch(text)
    if found is None or not (FIRST_YEAR <= int(found[1]) <= LAST_YEAR and 1 <= int(found[2]) <= 12):  # noqa: PLR2004
        raise ValidationError({"month": ValidationError(_("A month reads like 2026-11."), code="invalid")})
    return Month(date(int(found[1]), int(found[2]), 1), client.zone)
