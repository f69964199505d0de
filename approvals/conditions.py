"""When a step is asked at all: only for these networks, channels, pillars, labels, or for what the text holds.

A condition is a mapping ``only`` with any of these keys; the step is asked where at least one of them is met, and always
where it is empty:

- ``networks``: slugs, ``channels``: numbers, ``labels`` and ``pillars``: names;
- ``text``: any of ``link``, ``price``, ``name`` (a name from the client's watch list).
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.subjects import Choices, Facts

LINK, PRICE, NAME = "link", "price", "name"
IN_TEXT = (LINK, PRICE, NAME)
KEYS = ("networks", "channels", "labels", "pillars", "text")

_AMOUNT = r"\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3})*(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_CURRENCY = r"€|\$|£|¥|₹|CHF|EUR|USD|GBP|JPY|euro?s?|dollar[is]?|dollars?|sterlin[ae]|franchi|pounds?|cents?|centesimi"
# An amount beside a currency, in either order: "12,50 €", "EUR 12", "£1,200.00", "10 euro", "12,-".
PRICE_PATTERN = re.compile(
    rf"(?<![\w.,])(?:(?:{_CURRENCY})[\s\u00a0\u202f]?(?:{_AMOUNT})|(?:{_AMOUNT})[\s\u00a0\u202f]?(?:{_CURRENCY})(?!\w)|\d+,[-–—])",
    re.IGNORECASE,
)


def has_price(texts: Collection[str]) -> bool:
    """Whether one of the texts names an amount of money."""
    return any(PRICE_PATTERN.search(text) for text in texts)


def names_in(texts: Collection[str], watched: Collection[str]) -> list[str]:
    """Which of the watched names stand in one of the texts as whole words, whatever the case and the spaces between."""
    found = []
    for name in watched:
        words = [re.escape(word) for word in name.split()]
        pattern = re.compile(r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)", re.IGNORECASE)
        if words and any(pattern.search(text) for text in texts):
            found.append(name)
    return found


def is_met(only: Mapping[str, Any], facts: Facts, watched: Collection[str]) -> bool:
    """Whether a step with this condition is asked about something with these facts."""
    if not any(only.values()):
        return True
    asked = only.get("text", ())
    return bool(
        facts.networks & set(only.get("networks", ()))
        or facts.channels & set(only.get("channels", ()))
        or facts.labels & set(only.get("labels", ()))
        or facts.pillars & set(only.get("pillars", ()))
        or (LINK in asked and facts.links)
        or (PRICE in asked and has_price(facts.texts))
        or (NAME in asked and names_in(facts.texts, watched))
    )


def part_of(only: Mapping[str, Any], facts: Facts, digest: str) -> str:
    """The digest of what this step looks at: of the channels it is for, where it is for channels alone; else of the whole."""
    kinds = {key for key, value in only.items() if value}
    if kinds != {"channels"}:
        return digest
    parts = [facts.parts[key] for key in sorted(only["channels"]) if key in facts.parts]
    return hashlib.sha256("+".join(parts).encode()).hexdigest()


def clean(only: Mapping[str, Any], choices: Choices) -> dict[str, list[Any]]:
    """The condition in its one shape, without what is empty. Raises ``ValidationError`` for what it can't name."""
    unknown = sorted(only.keys() - set(KEYS))
    if unknown:
        raise _invalid(unknown[0])
    cleaned: dict[str, list[Any]] = {}
    known: dict[str, set[Any]] = {
        "networks": {slug for slug, _name in choices.networks},
        "channels": {pk for pk, _name in choices.channels},
        "labels": {name for name, _name in choices.labels},
        "pillars": {name for name, _name in choices.pillars},
        "text": set(IN_TEXT),
    }
    for key in KEYS:
        wanted = only.get(key) or []
        if not isinstance(wanted, list | tuple):
            raise _invalid(key)
        for value in wanted:
            if value not in known[key]:
                raise _invalid(value)
        if wanted:
            cleaned[key] = sorted(set(wanted))
    return cleaned


def _invalid(value: object) -> ValidationError:
    text = gettext_lazy("A condition can't name “%(value)s” here.")
    return ValidationError(text, code="does_not_exist", params={"value": str(value)[:100]})


def in_words(only: Mapping[str, Any], choices: Choices) -> str:
    """The condition as people read it: "only for Instagram, Bluesky; label “Legal”; a price in the text"."""
    named: list[str] = []
    for key, values in (("networks", choices.networks), ("channels", choices.channels)):
        names: dict[Any, str] = dict(values)
        named += [names.get(value, str(value)) for value in only.get(key, ())]
    named += [_("label “%(name)s”") % {"name": name} for name in only.get("labels", ())]
    named += [_("pillar “%(name)s”") % {"name": name} for name in only.get("pillars", ())]
    texts = {LINK: _("a link in the text"), PRICE: _("a price in the text"), NAME: _("a watched name in the text")}
    named += [texts[kind] for kind in IN_TEXT if kind in only.get("text", ())]
    return ", ".join(named)
