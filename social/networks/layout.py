"""How a network sets a text that is more than lines: title, headings, paragraphs, links; for the previews.

Every character of the text keeps its place, also those that readers don't see (`##`, the empty line between paragraphs):
people point at words by counting them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

TITLE, PARAGRAPH = 1, 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a title, a heading or a paragraph stands in the text: `level` 1 to 4 as in HTML, 0 for a paragraph."""

    level: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Run:
    """Words that are shown alike: as they are, as a link to `target`, or not at all."""

    words: str
    target: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One title, heading or paragraph with its runs."""

    level: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A text as its readers see it. `title` is one that was given apart, and is no part of the text."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link in the text, and where it leads."""

    start: int
    end: int
    target: str


def laid_out(text: str, stretches: Sequence[Stretch], anchors: Sequence[Anchor], title: str = "") -> Layout:
    """The text with all of its characters, cut into blocks; what stands between two of them is hidden in the later one."""
    made: list[Block] = []
    at = 0
    for stretch in stretches:
        runs = [*_hidden(text[at : stretch.start]), *_runs(text, stretch, anchors)]
        made.append(Block(stretch.level, tuple(runs)))
        at = stretch.end
    if text[at:]:
        made.append(Block(PARAGRAPH, tuple(_hidden(text[at:]))))
    return Layout(title, tuple(made))


def _hidden(words: str) -> list[Run]:
    return [Run(words, hidden=True)] if words else []


def _runs(text: str, stretch: Stretch, anchors: Sequence[Anchor]) -> Iterator[Run]:
    at = stretch.start
    for anchor in anchors:
        if stretch.start <= anchor.start and anchor.end <= stretch.end:
            if text[at : anchor.start]:
                yield Run(text[at : anchor.start])
            yield Run(text[anchor.start : anchor.end], anchor.target)
            at = anchor.end
    if text[at : stretch.end]:
        yield Run(text[at : stretch.end])
