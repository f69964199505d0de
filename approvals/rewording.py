"""What is new between two texts, word by word: of a post, of a strategy's section."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

import regex

Kind = Literal["same", "added", "removed"]
KINDS: tuple[Kind, ...] = ("same", "removed", "added")
# Up to here longest runs are matched first, which reads best; its time grows with the square of the words and more.
MOST_BY_RUNS = 400
LITTLE = 3  # a line of which less than one part in so many stayed is shown whole, before and after
BOTH = 2
FEW = 3  # words in a row that stayed between longer ones that did not: they are shown with those
MOST_WORDS = 15_000  # more are compared line by line: the table of the quick way takes their square in bits
_LINES = regex.compile(r"(\n\s*)")
_WORDS = regex.compile(r"\s+|\w+|\X")  # white space, words, and single signs as a reader takes them
Step = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row that stayed, came or went."""

    kind: Kind
    text: str


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """The new text with what came and what went, in reading order. A very long text is compared line by line.

    Where little stayed, words that both happen to have say nothing: there the old line stands whole, then the new one.
    """
    was, now = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(was), len(now)) > MOST_WORDS:
        was, now = old.splitlines(keepends=True), new.splitlines(keepends=True)
    return tuple(_joined(_calmed(_pieces(was, now))))


def _pieces(was: Sequence[str], now: Sequence[str]) -> Iterator[Piece]:
    for tag, i, j, k, m in _steps(was, now):
        if tag == "equal":
            yield Piece("same", "".join(now[k:m]))
            continue
        if j > i:
            yield Piece("removed", "".join(was[i:j]))
        if m > k:
            yield Piece("added", "".join(now[k:m]))


def _calmed(found: Iterable[Piece]) -> Iterator[Piece]:
    """The same, line by line, as somebody would tell it who has read both."""
    line: list[Piece] = []
    for piece in found:
        if piece.kind != "same":
            line.append(piece)
            continue
        for number, part in enumerate(_LINES.split(piece.text)):
            if number % 2:
                yield from _told(line)
                yield Piece("same", part)
                line = []
            elif part:
                line.append(Piece("same", part))
    yield from _told(line)


def _told(line: Sequence[Piece]) -> Iterator[Piece]:
    stayed, went, came = (_signs(line, kind) for kind in KINDS)
    if went and came and stayed * LITTLE < stayed + min(went, came):
        yield from _whole(line)
        return
    groups = [list(group) for _stays, group in groupby(line, key=lambda piece: piece.kind == "same")]
    change: list[Piece] = []
    for number, group in enumerate(groups):
        around = groups[number - 1 : number] + groups[number + 1 : number + 2]
        if group[0].kind != "same" or _between(group, around):
            change += group
            continue
        yield from _whole(change)
        change = []
        yield from group
    yield from _whole(change)


def _between(stayed: Sequence[Piece], around: Sequence[Sequence[Piece]]) -> bool:
    """Whether these are but a few words between two changes, which read as one."""
    kinds = {piece.kind for change in around for piece in change}
    few = sum(len(piece.text.split()) for piece in stayed) <= FEW
    return few and len(around) == BOTH and len(kinds) == BOTH and _signs(stayed, "same") <= min(map(_longest, around))


def _whole(change: Sequence[Piece]) -> Iterator[Piece]:
    """All that went in one, then all that came."""
    went, came = ("".join(piece.text for piece in change if piece.kind != other) for other in ("added", "removed"))
    if went:
        yield Piece("removed", went)
    if came:
        yield Piece("added", came)


def _longest(change: Sequence[Piece]) -> int:
    return max(_signs(change, "removed"), _signs(change, "added"))


def _signs(found: Sequence[Piece], kind: Kind) -> int:
    """How many signs, white space left out."""
    return sum(len("".join(piece.text.split())) for piece in found if piece.kind == kind)


def _joined(found: Iterable[Piece]) -> Iterator[Piece]:
    for kind, group in groupby(found, key=lambda piece: piece.kind):
        yield Piece(kind, "".join(piece.text for piece in group))


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
