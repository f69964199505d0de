r"""Measuring text as networks do: in graphemes (what a reader takes for one character) and in UTF-8 bytes.

Graphemes are the extended grapheme clusters of Unicode Standard Annex 29, as `regex` finds them by `\X`.
Lone surrogates, which UTF-8 cannot hold, count as the three bytes that a lenient encoder would write, so that text
which will be refused anyway can still be measured.
"""

from collections.abc import Callable, Iterator

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


def count_utf16(text: str) -> int:
    """Count the 16-bit units of the text, as JavaScript, Java and what is written in them count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fitting_as(text: str, most: int, measure: Callable[[str], int]) -> int:
    """Return up to which code point the graphemes, each measured so, add up to no more than `most`."""
    end = used = 0
    for match in _GRAPHEME.finditer(text):
        used += measure(match.group())
        if used > most:
            break
        end = match.end()
    return end


def fitting_beside(text: str, most: int, measure: Callable[[str], int], added: Callable[[str], str]) -> int:
    """Return up to which code point the text fits together with what is added to it.

    `added` says what that is for a text: a link that stands in the text is added only once it is cut off.
    """
    end = fitting_as(text, most - measure(added(text)), measure)
    return min(end, fitting_as(text, most - measure(added(text[:end])), measure))


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
