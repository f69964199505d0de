"""The light formatting of a text, for networks that have more than plain words: a site, a newsletter.

Paragraphs are parted by an empty line; a line that begins with `#` and a space (two, three, four of them) is a heading;
addresses are links; other lines break as they were typed. There is nothing else: what was typed is words.
"""

import re
from collections.abc import Iterator

from social.networks.bluesky.richtext import spans
from social.networks.layout import PARAGRAPH, Anchor, Layout, Stretch, laid_out

LOWEST, _HIGHEST = 2, 4  # of headings: the title is the first
_HEADING = re.compile(r"(#{1,4})[ \t]+(\S.*)")
_LINE = re.compile(r"[^\n]+")
_PARTED = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def lines(text: str) -> str:
    """The text with one kind of breaks, without the empty lines around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def heading(line: str) -> str:
    """The words of the heading that this line is, empty where it is none."""
    found = _HEADING.fullmatch(line.strip())
    return found[2] if found else ""


def layout(text: str, title: str = "") -> Layout:
    """How it is shown, below a title that was given apart."""
    begin, end = len(text) - len(text.lstrip("\n")), len(text.rstrip("\n"))
    return laid_out(text, list(stretches(text, begin, end)), anchors(text), title)


def anchors(text: str) -> list[Anchor]:
    """The links in it."""
    return [Anchor(span.start, span.end, span.target) for span in spans(text) if span.kind == "link"]


def linked(words: str) -> Iterator[tuple[str, str]]:
    """The words in pieces, each with the address that it leads to, empty where it is just words."""
    at = 0
    for anchor in anchors(words):
        yield words[at : anchor.start], ""
        yield words[anchor.start : anchor.end], anchor.target
        at = anchor.end
    yield words[at:], ""


def stretches(text: str, begin: int = 0, end: int | None = None) -> Iterator[Stretch]:
    """Where the headings and paragraphs stand in the text, or in a part of it."""
    at, end = begin, len(text) if end is None else end
    for gap in _PARTED.finditer(text, begin, end):
        yield from _stretches(text, at, gap.start())
        at = gap.end()
    yield from _stretches(text, at, end)


def _stretches(text: str, start: int, end: int) -> Iterator[Stretch]:
    """What stands between two empty lines: headings by themselves, the lines between them together."""
    begun = None
    for found in _LINE.finditer(text, start, end):
        heading = _heading_in(text, *found.span())
        if heading is None:
            begun = found.start() if begun is None else begun
            continue
        yield from _paragraph_in(text, begun, found.start() - 1)
        yield heading
        begun = None
    yield from _paragraph_in(text, begun, end)


def _heading_in(text: str, start: int, end: int) -> Stretch | None:
    line = text[start:end]
    found = _HEADING.fullmatch(line.strip())
    if found is None:
        return None
    words = start + len(line) - len(line.lstrip()) + found.start(2)
    return Stretch(min(max(len(found[1]), LOWEST), _HIGHEST), words, words + len(found[2]))


def _paragraph_in(text: str, start: int | None, end: int) -> Iterator[Stretch]:
    if start is not None and text[start:end].strip():
        yield Stretch(PARAGRAPH, start, start + len(text[start:end].rstrip("\n")))
