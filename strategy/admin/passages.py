"""A section's text with what is said of it at its place: cut where passages begin and end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, kw_only=True)
class Said:
    """Something that is said of the characters ``start`` to ``end``; where both are the same, of the place between two."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Some of the text, the numbers of what is said of it, and of what ends here: their signs stand behind it."""

    text: str
    numbers: tuple[int, ...]
    ends: tuple[int, ...]


def stretches(text: str, said: Sequence[Said]) -> Iterator[Stretch]:
    """The whole text, in its order."""
    cuts = sorted({0, len(text), *(edge for one in said for edge in (one.start, one.end) if edge <= len(text))})
    if any(one.end == 0 for one in said):
        yield Stretch(text="", numbers=(), ends=tuple(one.number for one in said if one.end == 0))
    for start, end in pairwise(cuts):
        yield Stretch(
            text=text[start:end],
            numbers=tuple(one.number for one in said if one.start <= start and end <= one.end and one.start < one.end),
            ends=tuple(one.number for one in said if one.end == end),
        )
