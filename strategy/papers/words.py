"""The words that stand on paper beside a section, in the active language."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from babel.dates import format_date, format_datetime
from django.utils import translation
from django.utils.translation import gettext as _

from clients.moments import locale
from strategy.models import Horizon, Rank, SectionKind, StrategyKind

LANGUAGES = ("it", "en")  # those in which a paper can be read back
KINDS = {str(kind): kind.label for kind in SectionKind}
HORIZONS = {str(horizon): horizon.label for horizon in Horizon}
RANKS = {str(rank): rank.label for rank in Rank}
STRATEGIES = {str(kind): kind.label for kind in StrategyKind}


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything in a strategy's own language, whoever takes it away."""
    with translation.override(language):
        yield


def day(iso: str) -> str:
    """The day in words, such as “31 December 2026”."""
    return str(format_date(date.fromisoformat(iso), "d MMMM y", locale=locale()))


def moment(when: datetime) -> str:
    """The day and the time, on the clock that ``when`` is on."""
    return f"{format_date(when, 'd MMMM y', locale=locale())}, {format_datetime(when, 'HH:mm', locale=locale())}"


def period(starts_on: str, ends_on: str | None) -> str:
    """From when to when."""
    if ends_on is None:
        return _("From %(day)s on") % {"day": day(starts_on)}
    return _("%(first)s to %(last)s") % {"first": day(starts_on), "last": day(ends_on)}
