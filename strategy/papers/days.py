"""Days and numbers as people wrote them on paper, in either language."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.dates import get_month_names
from babel.numbers import NumberFormatError, format_decimal, parse_decimal

from clients.moments import locale
from strategy.papers.words import LANGUAGES

IN_WORDS = re.compile(r"(\d{1,2})[°º.]?\s+(\w+)\.?,?\s+(\d{4})\Z")
IN_FIGURES = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})\Z")  # the day first, as in Europe


def day_in(text: str) -> str | None:
    """The day in ISO 8601, of “2026-12-31”, “31 dicembre 2026”, “31 December 2026” or “31/12/2026”; None for anything else."""
    text = " ".join(text.split())
    try:
        if found := IN_WORDS.match(text):
            month = _months().get(found[2].lower(), 0)
            return date(int(found[3]), month, int(found[1])).isoformat()
        if found := IN_FIGURES.match(text):
            return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    return {
        name.lower().rstrip("."): number
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=language).items()
    }


def number(text: str) -> str:
    """A decimal as it is written in the active language: “1200.5” is “1.200,5” in Italian."""
    return str(format_decimal(Decimal(text), format="#,##0.####", locale=locale()))


def number_in(text: str, language: str) -> str | None:
    """The same back; None for what is no number."""
    try:
        value = parse_decimal("".join(text.split()), locale=language)
        return f"{value.normalize():f}" if value.is_finite() else None
    except (NumberFormatError, InvalidOperation, ValueError):
        return None
