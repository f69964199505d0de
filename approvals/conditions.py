"""When a step is asked at all: only for these networks, channels, pillars, labels, or for what the text holds.

A condition is a mapping ``only`` with any of these keys; the step is asked where at least one of them is met, and always
where it is empty:

- ``networks``: slugs, ``channels``: numbers, ``labels`` and ``pillars``: names;
- ``text``: any of ``link``, ``price``, ``name`` (a name from the client's watch list);
- ``changed``: words for what differs from what was agreed before; a thing's kind says which there are.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.subjects import Choices, Facts

LINK, PRICE, NAME = "link", "price", "name"
IN_TEXT = (LINK, PRICE, NAME)
KEYS = ("networks", "channels", "labels", "pillars", "text", "changed")
# What a client's people may know of a condition: labels, pillars and watched names are the agency's own.
SHARED = frozenset({"networks", "channels", "text", "changed"})
SHARED_TEXTS = frozenset({LINK, PRICE})

# Every repetition has an end, and no two of them can share a character: time grows with the length of the text alone.
_DIGITS = r"\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3}){1,4}(?:[.,]\d{1,2})?|\d{1,15}(?:[.,]\d{1,2})?"
_MANY = r"mila|milion[ei](?:\sdi)?|miliard[oi](?:\sdi)?|mln|mld|thousand|million|billion|k"
_IN_WORDS = (
    r"un|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|quindici|venti|trenta|quaranta|cinquanta|sessanta|"
    r"settanta|ottanta|novanta|cento|duecento|trecento|cinquecento|mille|duemila|tremila|cinquemila|diecimila|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|"
    r"eighty|ninety|hundred|thousand|million"
)
_SIGN = r"[€$£¥₹]"
_MONEY = r"CHF|EUR|USD|GBP|JPY|euros?|dollar[io]?|dollars|sterlin[ae]|franch?i|franco|pounds?|cents?|centesim[io]|pence|quid|yen"
_SPACE = r"[\s\u00a0\u202f]?"
# An amount beside a currency, in either order: "12,50 €", "EUR 12", "£1,200.00", "dieci euro", "2 milioni di euro", "12,-".
# Percentages are no amounts of money; nor is a number alone, which may be an hour or a year.
PRICE_PATTERN = re.compile(
    rf"(?:{_SIGN}|(?<!\w)(?:{_MONEY})){_SPACE}\d"
    rf"|(?<!\d)(?<!\d[.,])(?:{_DIGITS})(?:[.,]?[-–—]+)?(?:{_SPACE}(?:{_MANY}))?{_SPACE}(?:{_SIGN}|(?:{_MONEY})(?!\w))"
    r"|(?<!\d)(?<!\d[.,])\d{1,6},[-–—]{1,2}(?!\w)"
    rf"|(?<!\w)(?:{_IN_WORDS})\s(?:{_MONEY})(?!\w)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s'’‘`´ʼ_\-\u2010-\u2015\u200b\u2060]+")
_UNSEEN = re.compile(r"[\u00ad\u200c\u200d\u200e\u200f\ufeff]")
_TAG = re.compile(r"[#@](\w+)")


def has_price(texts: Collection[str]) -> bool:
    """Whether one of the texts names an amount of money."""
    return any(PRICE_PATTERN.search(text) for text in texts)


def names_in(texts: Collection[str], watched: Collection[str]) -> list[str]:
    """Which of the watched names stand in one of the texts, as whole words.

    Whatever the case, the accents, the kind of apostrophe, and whether spaces, hyphens or ends of lines are between the
    words; as a tag or a handle ("#MarioRossi") also without anything between.
    """
    folded = [_folded(text) for text in texts]
    tags = {tag for text in folded for tag in _TAG.findall(text)}
    spaced = [f" {_words(text)} " for text in folded]
    found = []
    for name in watched:
        words = _words(_folded(name))
        if words and (any(f" {words} " in text for text in spaced) or words.replace(" ", "") in tags):
            found.append(name)
    return found


def _folded(text: str) -> str:
    """Without case and accents, one kind of space between words."""
    apart = unicodedata.normalize("NFKD", _UNSEEN.sub("", text))
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign)).casefold()
    return _BETWEEN.sub(" ", plain)


def _words(folded: str) -> str:
    """Words, and whatever else is written, each by itself: the dot of "M. Rossi" stays a dot."""
    return " ".join(re.findall(r"\w+|[^\w\s]", folded))


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
        or facts.changed & set(only.get("changed", ()))
        or (LINK in asked and facts.links)
        or (PRICE in asked and has_price(facts.texts))
        or (NAME in asked and names_in(facts.texts, watched))
    )


def part_of(only: Mapping[str, Any], facts: Facts, digest: str) -> str:
    """The digest of what this step looks at: where it is for channels and networks alone, of those channels; else of the whole."""
    kinds = {key for key, value in only.items() if value}
    if not kinds or kinds - {"channels", "networks"}:
        return digest
    networks = set(only.get("networks", ()))
    seen = {*only.get("channels", ()), *(key for key, network in facts.part_networks.items() if network in networks)}
    parts = [facts.parts[key] for key in sorted(seen) if key in facts.parts]
    return hashlib.sha256("+".join(parts).encode()).hexdigest()


def is_shared(only: Mapping[str, Any]) -> bool:
    """Whether the client's people may know of the whole condition: of a part of it they would learn a half-truth."""
    kinds = {key for key, values in only.items() if values}
    return kinds <= SHARED and set(only.get("text", ())) <= SHARED_TEXTS


def clean(only: Mapping[str, Any], choices: Choices) -> dict[str, list[Any]]:
    """The condition in its one shape, without what is empty.

    Raises ``ValidationError`` for what it can't name, by key; on the empty key for a key that there is not.
    """
    errors: dict[str, list[ValidationError]] = {}
    unknown = sorted(map(str, only.keys() - set(KEYS)))
    if unknown:
        errors[""] = [_invalid(unknown[0])]
    cleaned: dict[str, list[Any]] = {}
    known: dict[str, set[Any]] = {
        "networks": {slug for slug, _name in choices.networks},
        "channels": {pk for pk, _name in choices.channels},
        "labels": {name for name, _name in choices.labels},
        "pillars": {name for name, _name in choices.pillars},
        "text": set(IN_TEXT),
        "changed": {word for word, _name in choices.changes},
    }
    for key in KEYS:
        wanted = only.get(key) or []
        values = wanted if isinstance(wanted, list | tuple) else [wanted]
        strange = [value for value in values if not _is_among(value, known[key])]
        if strange:
            errors[key] = [_invalid(strange[0])]
        elif values:
            cleaned[key] = sorted(set(values))
    if errors:
        raise ValidationError(errors)
    return cleaned


def _is_among(value: object, known: Collection[object]) -> bool:
    """As it is written: true is not the channel with the number 1."""
    return isinstance(value, str | int) and not isinstance(value, bool) and value in known


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
    changes: dict[Any, str] = dict(choices.changes)
    named += [changes.get(value, str(value)) for value in only.get("changed", ())]
    return ", ".join(named)
