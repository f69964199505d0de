"""Numbers and days of a strategy as people write them, for templates."""

from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal
from django import template
from django.utils.translation import gettext as _

from clients.moments import locale

register = template.Library()


@register.filter
def amount(value: Decimal, unit: str = "") -> str:
    """As few digits as it needs, in the reader's way to write them, with its unit: “1.250 €”."""
    number = format_decimal(value, format="#,##0.##", locale=locale())
    return f"{number} {unit}".rstrip()


@register.filter
def occasion(day: date, yearly: bool = False) -> str:  # noqa: FBT001, FBT002 - a template's argument
    """The day of an occasion; one of every year has no year of its own."""
    if yearly:
        return _("%(day)s, every year") % {"day": format_date(day, "d MMMM", locale=locale())}
    return format_date(day, "d MMMM y", locale=locale())
