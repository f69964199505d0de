"""Two people wrote on the same text: what both did, in one, for a person to finish.

What only one of them changed is taken over; where both changed the same lines, both stand there, one after the other.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

MOST_PAIRS = 4_000_000  # of lines


def together(base: str, one: str, other: str) -> str:
    """``one`` and ``other`` in one text, both begun from ``base``. No line of either is lost that ``base`` did not have."""
    if one in {base, other} or other == base:
        return other if one == base else one
    lines, ones, others = _lines(base), _lines(one), _lines(other)
    if len(lines) * max(len(ones), len(others)) > MOST_PAIRS:
        return f"{one.rstrip()}\n\n{other}"
    in_one, in_other = _kept(lines, ones), _kept(lines, others)
    made, at = list[str](), (0, 0, 0)
    for number in [*sorted(in_one.keys() & in_other.keys()), len(lines)]:
        here = (number, in_one.get(number, len(ones)), in_other.get(number, len(others)))
        made += _between(
            lines[at[0] : here[0]],
            ones[at[1] : here[1]],
            others[at[2] : here[2]],
        )
        made += lines[number : number + 1]
        at = (here[0] + 1, here[1] + 1, here[2] + 1)
    return "".join(made).removesuffix("\n")


def _lines(text: str) -> list[str]:
    return [f"{line}\n" for line in text.split("\n")]


def _kept(base: Sequence[str], text: Sequence[str]) -> dict[int, int]:
    """The lines of the base that are still there, by number: as which line."""
    blocks = SequenceMatcher(None, base, text, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}


def _between(base: Sequence[str], one: Sequence[str], other: Sequence[str]) -> list[str]:
    if one in (base, other):
        return list(other)
    if other == base:
        return list(one)
    return [*one, *other]
