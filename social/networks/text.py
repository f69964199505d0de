r"""Measuring text as networks do: in graphemes (what a reader takes for one character) and in UTF-8 bytes.

Graphemes are the extended grapheme clusters of Unicode Standard Annex 29, as `regex` finds them by `\X`.
Lone surrogates, which UTF-8 cannot hold, count as the three bytes that a lenient encoder would write, so that text
which will be refused anyway can still be measured.
"""

from collections.abc import Iterator

import regex

_GRAPHEME = regex.compile(r"\X")


def graphemes(text: str) -> Iterator[str]:
    """Give the graphemes of the text, in order; joined they are the text."""
    return (match.group() for match in _GRAPHEME.finditer(text))


def count_graphemes(text: str) -> int:
    """Count the graphemes of the text."""
    return sum(1 for _ in _GRAPHEME.finditer(text))


def count_bytes(text: str) -> int:
    """Count the bytes of the text in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def fitting(text: str, *, max_graphemes: int, max_bytes: int) -> int:
    """Return up to which code point the text keeps both limits, never inside a grapheme."""
    end = room = 0
    for count, match in enumerate(_GRAPHEME.finditer(text), start=1):
        room += count_bytes(match.group())
        if count > max_graphemes or room > max_bytes:
            break
        end = match.end()
    return end


def unspeakable(text: str) -> bool:
    """Say whether the text holds what no network can carry: NUL or a lone surrogate."""
    return any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)
