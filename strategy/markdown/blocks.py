"""What a section's text is made of, once it has been read: the same for a page, a PDF and a DOCX."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Side = Literal["", "left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Run:
    """Some words in one manner. ``link``: where they lead, or nothing."""

    text: str
    strong: bool = False
    emphasised: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Break:
    """A new line within a paragraph."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One of the client's pictures, by what stands behind ``media:``. ``alt``: what is said of it here."""

    media: str
    alt: str


Inline = Run | Break | Picture
Inlines = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words in a row. ``tight``: in a list whose points stand close together."""

    inlines: Inlines
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """``depth`` from 1, within the section: one below another is never more than one deeper."""

    depth: int
    inlines: Inlines


@dataclass(frozen=True, slots=True)
class Points:
    """A list. ``start``: the number of its first point, None for one without numbers."""

    start: int | None
    items: tuple[tuple["Block", ...], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody else said."""

    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``sides``: how each column is set; head and rows have as many cells as there are sides."""

    sides: tuple[Side, ...]
    head: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""


Block = Paragraph | Heading | Points | Quote | Table | Rule
Blocks = tuple[Block, ...]


def inlines_of(blocks: Iterable[Block]) -> Iterator[Inline]:
    """All that stands in these blocks, in reading order."""
    for block in blocks:
        match block:
            case Paragraph() | Heading():
                yield from block.inlines
            case Points():
                for item in block.items:
                    yield from inlines_of(item)
            case Quote():
                yield from inlines_of(block.blocks)
            case Table():
                for row in (block.head, *block.rows):
                    for cell in row:
                        yield from cell


def pictures_of(blocks: Iterable[Block]) -> tuple[str, ...]:
    """Which pictures are in these blocks, each once, in the order in which they come."""
    return tuple(dict.fromkeys(inline.media for inline in inlines_of(blocks) if isinstance(inline, Picture)))


def words_of(inlines: Iterable[Inline]) -> str:
    """The bare words, without manner; of a picture, what is said of it."""
    said = []
    for inline in inlines:
        match inline:
            case Run():
                said.append(inline.text)
            case Picture():
                said.append(inline.alt)
            case Break():
                said.append("\n")
    return "".join(said)


def said_plainly(blocks: Iterable[Block]) -> Iterator[str]:
    """The same as lines of plain words: points with a dash or their number, cells with dots between; no pictures."""
    for block in blocks:
        match block:
            case Paragraph() | Heading():
                yield _line(block.inlines)
            case Points():
                for number, item in enumerate(block.items):
                    sign = "–" if block.start is None else f"{block.start + number}."
                    first, *rest = [*said_plainly(item), ""]
                    yield f"{sign} {first}".rstrip()
                    yield from filter(None, rest)
            case Quote():
                yield from said_plainly(block.blocks)
            case Table():
                for row in (block.head, *block.rows):
                    yield " · ".join(filter(None, map(_line, row)))


def _line(inlines: Inlines) -> str:
    return " ".join(words_of(inline for inline in inlines if not isinstance(inline, Picture)).split())
