"""Amounts as people read them."""

from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency

from clients.moments import locale


def dollars(amount: Decimal) -> str:
    """US dollars in the active language, such as “$0.20”; what is less than a cent keeps its decimals: “$0.015”."""
    language = Locale.parse(locale())
    pattern = language.currency_formats["standard"].pattern.replace("0.00", "0.00##")
    return format_currency(amount, "USD", pattern, locale=language, currency_digits=False)
