"""DOCX in: headings, lists, tables, links and pictures as Word has them; read by python-docx, once it is safe to."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from docx import Document
from docx.oxml.ns import qn
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph

from strategy.markdown.blocks import Block, Heading, Inlines, Paragraph, Points, Quote, Rule, Run, Side, Table, words_of
from strategy.markdown.writing import joined, written
from strategy.papers.about import is_label
from strategy.papers.docx import ABOUT, LOOSE, RULE
from strategy.reading.markdown import labelled_line
from strategy.reading.parts import Part, dividing, document_label, gathered, looks_like_a_heading, made_by_hand
from strategy.reading.safety import refused
from strategy.reading.understood import Understood
from strategy.reading.word_runs import Runs

SIDES: dict[str, Side] = {"left": "left", "start": "left", "center": "center", "right": "right", "end": "right"}
EVEN: Side = ""
QUOTES = {"Quote", "Intense Quote", "Quotations", "Block Text"}  # the last two as LibreOffice has them
CONTENTS = re.compile(r"(?:toc|contents) (?:\d|heading)\Z", re.IGNORECASE)  # a table of contents: it says nothing new
GOES_ON = {"List Continue", "List Continue 2", "List Continue 3"}
LOWEST = 6
COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
OLDER, NEWER = f"{COMPATIBLE}Fallback", (f"{COMPATIBLE}Choice", f"{COMPATIBLE}AlternateContent")
DEEPER = re.compile(r"List (?:Bullet|Number) ([2-9])\Z")  # styles of Word, each a list of its own


class _Line(NamedTuple):
    """One paragraph or table of the document, and what it is."""

    what: Literal["title", "heading", "about", "text", "rule", "table"]
    level: int = 0
    inlines: Inlines = ()
    table: Table | None = None
    quoted: bool = False
    numbering: str = ""  # of the list to which it belongs
    start: int | None = None
    goes_on: bool = False  # belongs to the point above
    loose: bool = False


def understood(parts: Mapping[str, bytes], *, mine: Mapping[str, str]) -> Understood:
    """What is understood of a document, whose parts were looked at before (``safety.check_word``)."""
    reading = _Reading(_repacked(parts), mine)
    lines = headed(list(reading.lines()), reading.counts)
    title, top, sections = _split(lines)
    return gathered(title, top, sections, pictures=reading.runs.pictures, strange=reading.strange())


def _repacked(parts: Mapping[str, bytes]) -> io.BytesIO:
    """Only what was looked at is read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    out.seek(0)
    return out


class _Reading:
    def __init__(self, file: io.BytesIO, mine: Mapping[str, str]) -> None:
        try:
            self.document = Document(file)
            self.body = self.document.element.body
        except Exception as error:
            # Whatever a broken file makes python-docx and lxml raise: KeyError, ValueError, XMLSyntaxError, ….
            raise refused(_("The file is damaged: it can't be opened."), "broken") from error
        self.counts: Counter[str] = Counter()
        self._flatten()
        self.runs = Runs(self.document.part, mine)
        self.levels = _numberings(self.document)

    def _flatten(self) -> None:
        """What was inserted stands, what was deleted does not; what content controls hold stands by itself."""
        for row in [
            mark.getparent().getparent() for mark in self.body.iter(qn("w:del")) if mark.getparent().tag == qn("w:trPr")
        ]:
            row.getparent().remove(row)
            self.counts["changes"] += 1
        for gone in list(self.body.iter(qn("w:del"), qn("w:moveFrom"))):
            if gone.getparent() is not None:
                gone.getparent().remove(gone)
                self.counts["changes"] += 1
        for older in list(self.body.iter(OLDER)):  # the same once more, for programs of long ago
            older.getparent().remove(older)
        for tag in (*NEWER, *map(qn, ("w:ins", "w:moveTo", "w:smartTag", "w:sdtContent"))):
            for wrapper in list(self.body.iter(tag)):
                self.counts["changes"] += tag in {qn("w:ins"), qn("w:moveTo")}
                _unwrapped(wrapper)
        for control in list(self.body.iter(qn("w:sdt"))):
            _unwrapped(control)
        for name, tag in (
            ("notes", "w:footnoteReference"),
            ("notes", "w:endnoteReference"),
            ("comments", "w:commentReference"),
            ("boxes", "w:txbxContent"),
        ):
            self.counts[name] += sum(1 for _found in self.body.iter(qn(tag)))

    def strange(self) -> list[str]:
        """What of the document is not taken over."""
        counts = self.counts + self.runs.counts
        said = {
            "changes": ngettext("%(number)d tracked change was taken as accepted.", "%(number)d tracked changes were taken as accepted.", counts["changes"]),
            "notes": ngettext("%(number)d footnote was left out.", "%(number)d footnotes were left out.", counts["notes"]),
            "comments": ngettext("%(number)d comment was left out.", "%(number)d comments were left out.", counts["comments"]),
            "boxes": ngettext("The words of %(number)d text box were left out.", "The words of %(number)d text boxes were left out.", counts["boxes"]),
            "drawings": ngettext("%(number)d drawing or picture that can't be read was left out.", "%(number)d drawings or pictures that can't be read were left out.", counts["drawings"]),
            "merged": ngettext("%(number)d table with merged cells: look at it.", "%(number)d tables with merged cells: look at them.", counts["merged"]),
        }  # fmt: skip
        made = [made_by_hand(counts["by hand"])] if counts["by hand"] else []
        return made + [words % {"number": counts[name]} for name, words in said.items() if counts[name]]

    def lines(self) -> Iterator[_Line]:
        """All paragraphs and tables in their order; empty paragraphs are none."""
        for child in self.body.iterchildren(qn("w:p"), qn("w:tbl")):
            if child.tag == qn("w:tbl"):
                yield _Line("table", table=self._table(WordTable(child, self.document)))
                continue
            paragraph = WordParagraph(child, self.document)
            if paragraph.style and CONTENTS.match(paragraph.style.name or ""):
                continue
            found = self._paragraph(paragraph)
            if found.what == "rule" or found.inlines:
                yield found

    def _paragraph(self, paragraph: WordParagraph) -> _Line:
        style = paragraph.style.name if paragraph.style else ""
        inlines = self.runs.inlines(paragraph._p)  # noqa: SLF001 - python-docx has no other way
        if style == "Title":
            return _Line("title", inlines=inlines)
        if style == ABOUT:
            return _Line("about", inlines=inlines)
        if style == RULE and not inlines:
            return _Line("rule")
        if level := self._heading(paragraph):
            return _Line("heading", level=level, inlines=inlines)
        quoted = style in QUOTES
        numbering, depth = self._numbering(paragraph)
        if numbering:
            start = self.levels.get((numbering, depth))
            if deeper := DEEPER.match(style or ""):
                depth = int(deeper[1]) - 1
            return _Line("text", depth, inlines, quoted=quoted, numbering=numbering, start=start, loose=style == LOOSE)
        return _Line("text", inlines=inlines, quoted=quoted, goes_on=style in GOES_ON)

    def _heading(self, paragraph: WordParagraph) -> int:
        """Its level from 1, by its own outline level or its style's; 0 for none."""
        for properties in self._properties(paragraph):
            found = properties.find(qn("w:outlineLvl"))
            if found is not None:
                level = int(found.get(qn("w:val"), "9")) + 1
                return level if level <= LOWEST + 3 else 0
        style = paragraph.style.name if paragraph.style else ""
        number = (style or "").removeprefix("Heading ")
        return int(number) if number.isdecimal() and number != style else 0

    def _numbering(self, paragraph: WordParagraph) -> tuple[str, int]:
        for properties in self._properties(paragraph):
            found = properties.find(qn("w:numPr"))
            if found is not None:
                number, level = found.find(qn("w:numId")), found.find(qn("w:ilvl"))
                known = "" if number is None else str(number.get(qn("w:val"), ""))
                depth = 0 if level is None else int(level.get(qn("w:val"), "0"))
                return ("", 0) if known in {"", "0"} else (known, max(0, min(depth, 8)))
        return "", 0

    def _properties(self, paragraph: WordParagraph) -> Iterator[Any]:
        """Of the paragraph, then of its style and of those that this is based on."""
        own = paragraph._p.pPr  # noqa: SLF001 - as above
        if own is not None:
            yield own
        style, seen = paragraph.style, 0
        while style is not None and seen < 20:  # noqa: PLR2004 - a circle of styles
            properties = style.element.find(qn("w:pPr"))
            if properties is not None:
                yield properties
            style, seen = style.base_style, seen + 1

    def _table(self, table: WordTable) -> Table:
        rows = [self._row(row) for row in table._tbl.iterchildren(qn("w:tr"))]  # noqa: SLF001 - as above
        width = max((len(row) for row in rows), default=0)
        if not width:
            return Table((), (), ())
        if any(len(row) != width for row in rows) or any(table._tbl.iter(qn("w:gridSpan"), qn("w:vMerge"))):  # noqa: SLF001
            self.counts["merged"] += 1
        cells = [tuple(cell for cell, _side in row) + ((),) * (width - len(row)) for row in rows]
        head = tuple(_plain(cell) for cell in cells[0])
        return Table(_sides(rows, width), head, tuple(cells[1:]))

    def _row(self, row: Any) -> list[tuple[Inlines, Side]]:
        found: list[tuple[Inlines, Side]] = []
        for cell in row.iterchildren(qn("w:tc")):
            paragraphs = list(cell.iter(qn("w:p")))
            side = paragraphs[0].find(f"{qn('w:pPr')}/{qn('w:jc')}") if paragraphs else None
            known = SIDES.get(side.get(qn("w:val"), ""), "") if side is not None else ""
            found.append((self.runs.joined(paragraphs), known))
        return found


def _sides(rows: Sequence[Sequence[tuple[Inlines, Side]]], width: int) -> tuple[Side, ...]:
    """Of each column, by the first cell below its heading, which people and programs like to centre; by that if it is alone."""
    there = rows[1:] or rows
    return tuple(next((row[at][1] for row in there if at < len(row)), EVEN) for at in range(width))


def headed(lines: list[_Line], counts: Counter[str]) -> list[_Line]:
    """The same lines; where nobody used headings, those that somebody made to look like some are.

    One heading alone is the document's title. Two by hand right behind each other: so is the first.
    """
    levels = [0 if line.what == "title" else line.level for line in lines if line.what in {"title", "heading"}]
    if levels not in ([], [0], [1]):
        return lines
    made = [number for number, line in enumerate(lines) if _looks_like_one(line)]
    first = made[0] if len(made) > 1 and made[1] == made[0] + 1 and not levels else None
    counts["by hand"] = len(made)
    for number in made:
        plain = tuple(replace(run, strong=False) if isinstance(run, Run) else run for run in lines[number].inlines)
        lines[number] = _Line("heading", level=1 if number == first else 2, inlines=plain)
    return lines


def _looks_like_one(line: _Line) -> bool:
    return line.what == "text" and not line.numbering and not line.quoted and looks_like_a_heading(line.inlines)


def _plain(cell: Inlines) -> Inlines:
    """Heads of tables are strong by themselves."""
    return joined([replace(inline, strong=False) if isinstance(inline, Run) else inline for inline in cell])


def _unwrapped(wrapper: Any) -> None:
    """Its children in its place."""
    parent = wrapper.getparent()
    if parent is None:
        return
    at = parent.index(wrapper)
    for child in reversed(list(wrapper)):
        parent.insert(at, child)
    parent.remove(wrapper)


def _numberings(document: Any) -> dict[tuple[str, int], int]:
    """With which number each list begins, by its number and level; those with signs are not in it."""
    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return {}
    described: dict[str, dict[int, int]] = {}
    for kind in root.iterchildren(qn("w:abstractNum")):
        levels = described.setdefault(str(kind.get(qn("w:abstractNumId"))), {})
        for level in kind.iterchildren(qn("w:lvl")):
            shape, start = level.find(qn("w:numFmt")), level.find(qn("w:start"))
            if shape is not None and shape.get(qn("w:val")) not in {"bullet", "none"}:
                levels[int(level.get(qn("w:ilvl"), "0"))] = int(start.get(qn("w:val"), "1")) if start is not None else 1
    found = {}
    for number in root.iterchildren(qn("w:num")):
        kind = number.find(qn("w:abstractNumId"))
        if kind is not None:
            for level, start in described.get(str(kind.get(qn("w:val"))), {}).items():
                found[str(number.get(qn("w:numId"))), level] = start
    return found


def _split(lines: Sequence[_Line]) -> tuple[str, Part, list[Part]]:
    """The title, what stands below it, and the sections."""
    titles = [line for line in lines if line.what == "title"]
    levels = [line.level for line in lines if line.what == "heading"]
    titled, level = dividing(levels, titled=bool(titles))
    title = words_of(titles[0].inlines) if titles else ""
    groups: list[tuple[str, int, list[_Line]]] = [("", 0, [])]
    for line in lines:
        if line is (titles[0] if titles else None):
            continue
        if line.what == "heading" and titled and not title and len(groups) == 1:
            title = words_of(line.inlines)
        elif line.what == "heading" and line.level <= level:
            groups.append((words_of(line.inlines), line.level, []))
        else:
            groups[-1][2].append(line)
    top, *sections = [_part(name, depth, inside, first=at == 0) for at, (name, depth, inside) in enumerate(groups)]
    return title, top, sections


def _part(title: str, level: int, lines: Sequence[_Line], *, first: bool) -> Part:
    part = Part(level, title)
    known = list(lines)
    while known and known[0].what == "about":
        line = known.pop(0)
        if told := labelled_line(line.inlines, document_label if first else is_label):
            part.lines.append(told)
        elif part.lines:
            label, text = part.lines[-1]
            part.lines[-1] = (label, f"{text}\n\n{words_of(line.inlines)}")
        else:
            part.strange.append(words_of(line.inlines))
    part.body = written([block for block in _blocks(known, level) if not part.takes(block)])
    return part


def _blocks(lines: Sequence[_Line], level: int) -> Iterator[Block]:
    """The blocks of a section's text."""
    at = 0
    while at < len(lines):
        line = lines[at]
        end = at + 1
        match line.what:
            case "heading" | "title":
                yield Heading(max(1, min(line.level - level, LOWEST)), line.inlines)
            case "rule":
                yield Rule()
            case "table":
                if line.table and line.table.sides:
                    yield line.table
            case _ if line.quoted:
                while end < len(lines) and lines[end].quoted:
                    end += 1
                yield Quote(tuple(_blocks([each._replace(quoted=False) for each in lines[at:end]], level)))
            case _ if line.numbering:
                while end < len(lines) and _same_list(line, lines[end]):
                    end += 1
                yield _points(lines[at:end], line.level)
            case _:
                yield Paragraph(line.inlines)
        at = end


def _same_list(first: _Line, line: _Line) -> bool:
    """Deeper points belong to the list, of whichever numbering they are; on its own level only those of its own."""
    if line.what != "text" or line.quoted:
        return False
    if line.goes_on:
        return True
    return bool(line.numbering) and (
        line.level > first.level or (line.level == first.level and line.numbering == first.numbering)
    )


def _points(lines: Sequence[_Line], depth: int) -> Points:
    items: list[list[Block]] = []
    loose = any(line.loose or line.goes_on for line in lines if line.level == depth or line.goes_on)
    at = 0
    while at < len(lines):
        line, end = lines[at], at + 1
        if line.numbering and line.level > depth and items:
            while end < len(lines) and _same_list(line, lines[end]):
                end += 1
            items[-1].append(_points(lines[at:end], line.level))
        elif line.goes_on and items:
            items[-1].append(Paragraph(line.inlines))
        else:
            items.append([Paragraph(line.inlines, tight=not loose)])
        at = end
    return Points(lines[0].start, tuple(tuple(item) for item in items))
