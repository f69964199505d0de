"""What is new between two texts, word by word: of a post, of a strategy's section."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

import regex

Kind = Literal["same", "added", "removed"]
# Up to here longest runs are matched first, which reads best; its time grows with the square of the words and more.
MOST_BY_RUNS = 400
MOST_WORDS = 15_000  # more are compared line by line: the table of the quick way takes their square in bits
_WORDS = regex.compile(r"\s+|\w+|\X")  # white space, words, and single signs as a reader takes them
Step = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row that stayed, came or went."""

    kind: Kind
    text: str


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """The new text with what came and what went, in reading order. A very long text is compared line by line."""
    was, now = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(was), len(now)) > MOST_WORDS:
        was, now = old.splitlines(keepends=True), new.splitlines(keepends=True)
    return tuple(_pieces(was, now))


def _pieces(was: Sequence[str], now: Sequence[str]) -> Iterator[Piece]:
    for tag, i, j, k, m in _steps(was, now):
        if tag == "equal":
            yield Piece("same", "".join(now[k:m]))
            continue
        if j > i:
            yield Piece("removed", "".join(was[i:j]))
        if m > k:
            yield Piece("added", "".join(now[k:m]))


def _steps(was: Sequence[str], now: Sequence[str]) -> Iterator[Step]:
    if max(len(was), len(now)) <= MOST_BY_RUNS:
        yield from SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
        return
    from rapidfuzz.distance import Indel  # only long texts need it

    change = [0, 0, 0, 0]  # deletions and insertions in a row are one change
    for step in Indel.opcodes(was, now):
        here = [step.src_start, step.src_end, step.dest_start, step.dest_end]
        if step.tag != "equal":
            change = [change[0], here[1], change[2], here[3]]
            continue
        if change[1] > change[0] or change[3] > change[2]:
            yield "replace", change[0], change[1], change[2], change[3]
        yield "equal", here[0], here[1], here[2], here[3]
        change = [here[1], here[1], here[3], here[3]]
    if change[1] > change[0] or change[3] > change[2]:
        yield "replace", change[0], change[1], change[2], change[3]
