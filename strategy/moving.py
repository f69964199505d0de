"""Where a passage of a text stands once the text has changed."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

MOST_PAIRS = 4_000_000  # of lines: above that what lies between the same beginning and the same end counts as changed


class Piece(NamedTuple):
    """Characters ``start`` to ``end`` of the old text are gone; ``grown`` is by how much all behind them has moved."""

    start: int
    end: int
    grown: int


def changed_pieces(old: str, new: str) -> list[Piece]:
    """What differs, in its order: lines are compared, and in lines that differ their same beginnings and ends are left out."""
    if old == new:
        return []
    before, after = _same_ends(old, new)
    middle, other = old[before : len(old) - after], new[before : len(new) - after]
    lines, others = middle.splitlines(keepends=True), other.splitlines(keepends=True)
    if len(lines) * len(others) > MOST_PAIRS:
        return [Piece(before, before + len(middle), len(other) - len(middle))]
    return list(_pieces(lines, others, before))


def moved(pieces: list[Piece], start: int, end: int) -> int | None:
    """Where a passage begins in the new text; None where something of it, or between its ends, has changed.

    A place between two characters (``start`` is ``end``) is there as long as what changed does not reach over it.
    """
    shift = 0
    for piece in pieces:
        if piece.end <= start and not (piece.start == piece.end == start == end):
            shift += piece.grown
        elif piece.start >= end:
            break
        else:
            return None
    return start + shift


def _pieces(lines: list[str], others: list[str], at: int) -> Iterator[Piece]:
    starts = [at]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for kind, a, b, c, d in SequenceMatcher(None, lines, others, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        old, new = "".join(lines[a:b]), "".join(others[c:d])
        before, after = _same_ends(old, new)
        yield Piece(starts[a] + before, starts[b] - after, len(new) - len(old))


def _same_ends(old: str, new: str) -> tuple[int, int]:
    """How many characters both have in common at their beginning, and then at their end."""
    most = min(len(old), len(new))
    before = next((n for n in range(most) if old[n] != new[n]), most)
    left = most - before
    after = next((n for n in range(left) if old[-1 - n] != new[-1 - n]), left)
    return before, after
