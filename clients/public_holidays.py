"""Public holidays by country and region, from the ``holidays`` library: each year is worked out once a process."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import holidays
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

COUNTRY_LETTERS = 2


@lru_cache(maxsize=1)
def regions() -> Mapping[str, tuple[str, ...]]:
    """The countries whose holidays are known (ISO 3166-1, two letters), each with the codes of its regions."""
    known = holidays.list_supported_countries(include_aliases=False)
    return MappingProxyType({code: tuple(found) for code, found in known.items() if len(code) == COUNTRY_LETTERS})


def check(country: str, region: str) -> None:
    """Raise ``ValidationError`` on ``holidays_country`` or ``holidays_region`` for what is not known; empty is none."""
    if not country and region:
        text = _("A region needs its country.")
        raise ValidationError({"holidays_country": ValidationError(text, code="required")})
    if country and country not in regions():
        text = _("The public holidays of “%(country)s” are not known. A country is two letters, such as IT.")
        raise _refused("holidays_country", text, country=country)
    if region and region not in regions()[country]:
        text = _("“%(country)s” has no region “%(region)s”. A region is its code, such as %(known)s.")
        none = _("The public holidays of “%(country)s” are the same in all of it: leave the region empty.")
        known = ", ".join(regions()[country][:8])
        raise _refused("holidays_region", text if known else none, country=country, region=region, known=known)


def _refused(field: str, text: Any, **params: str) -> ValidationError:
    return ValidationError({field: ValidationError(text, code="unknown", params=params)})


@lru_cache(maxsize=4096)
def of_year(country: str, region: str, year: int) -> frozenset[date]:
    """The public holidays of one year; none where no country is named.

    A frozen set and not the library's own object, which fills itself while it is asked: threads share this one.
    """
    if not country:
        return frozenset()
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year, expand=False))
