"""A section's text in passages that a person can point at: sentences, points of lists, headings, rows of tables.

They are cut from the Markdown as it is written, so that each stands in the text letter by letter, where it says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from strategy.markdown import parsed
from strategy.markdown.blocks import Inline, Picture, Run, inlines_of, words_of

# What makes a line a point, a heading or a quotation is no part of its words; neither is the line between head and rows of a table.
_MARK = re.compile(r"[ \t]*(?:(?:#{1,6}|[-*+]|\d{1,9}[.)])[ \t]+|>[ \t]?)*")
_OWN_LINE = re.compile(r"[ \t]*(?:#{1,6}[ \t]|[-*+][ \t]|\d{1,9}[.)][ \t]|>|\|)")
_RULE = re.compile(r"[ \t]*[-*_|: \t]+\Z")
_MANNERED = re.compile(r"[*_\[\]\\&]")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’»)\]*_]*\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Passage:
    """Some words of a text, from character ``start``. ``first``: a paragraph, a point or a line of its own begins with it."""

    start: int
    text: str
    first: bool = True

    @property
    def end(self) -> int:
        """Behind its last character."""
        return self.start + len(self.text)

    @property
    def plain(self) -> str:
        """As it is read: no signs of bold or links, a table's cells with dots between, a picture by what it shows."""
        if self.text.startswith("|"):
            cells = (Passage(0, cell.strip()).plain for cell in self.text.strip("|").split("|"))
            return " · ".join(filter(None, cells)) or self.text
        if not _MANNERED.search(self.text):
            return self.text
        begins = "x "  # so that it is a paragraph, whatever it begins with
        said = [_named(inline) for inline in inlines_of(parsed(begins + self.text))]
        return words_of(said)[len(begins) :] or self.text


def _named(inline: Inline) -> Inline:
    if isinstance(inline, Picture) and inline.alt:
        return Run(text=_("Picture: %(what)s") % {"what": inline.alt})
    return Run(text=_("Picture")) if isinstance(inline, Picture) else inline


def passages_of(text: str) -> list[Passage]:
    """All passages of a text, in their order."""
    return [passage for start, end in _blocks(text) for passage in _sentences(text, start, end)]


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """From where to where each paragraph and each line of its own goes, without its mark."""
    at, begun, last = 0, -1, 0
    for line in text.splitlines(keepends=True):
        end, said = at + len(line.rstrip()), line.strip()
        if begun >= 0 and (not said or _OWN_LINE.match(line)):
            yield begun, last
            begun = -1
        if said and not _RULE.fullmatch(line.rstrip()):
            if begun < 0:
                begun = at + len(_MARK.match(line)[0])  # type: ignore[index]  # it matches nothing at all, too
            last = end
        at += len(line)
    if begun >= 0:
        yield begun, last


def _sentences(text: str, start: int, end: int) -> Iterator[Passage]:
    begun = start
    for gap in _SENTENCE.finditer(text, start, end):
        words = text[begun : gap.end()].rstrip()
        yield Passage(begun, words, first=begun == start)
        begun = gap.end()
    if text[begun:end].strip():
        yield Passage(begun, text[begun:end].rstrip(), first=begun == start)
