"""A strategy as DOCX: real headings, lists, tables and links, pictures with their alternative text; read back by us."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC

from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Length, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from approvals.proof.pictures import small
from clients.colours import WHITE, contrast
from strategy.markdown.blocks import (
    Block,
    Break,
    Heading,
    Inlines,
    Paragraph,
    Picture,
    Points,
    Quote,
    Rule,
    Run,
    Side,
    Table,
)
from strategy.markdown.parsing import parsed
from strategy.papers import docx_lists
from strategy.papers.about import Line, about
from strategy.papers.archive import document_lines, zipped
from strategy.papers.facts import Facts, facts, facts_of
from strategy.papers.paper import Paper
from strategy.papers.words import speaking

ABOUT, RULE = "Filo About", "Filo Rule"  # styles of ours: what is known of a section, and a line across
LOOSE = "List"  # the style of points that stand apart; others are in “List Paragraph”
ALIGNED = {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}
KNOWN_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8")  # how those begin that Word shows
DRAWN = (1600, 1600)  # pixels at most, of others
WIDEST, IN_A_CELL = Cm(16), Cm(4)
LOGO, LONGEST_LOGO = Cm(1.2), Cm(6)
READABLE = 4.5  # contrast on white


def docx(paper: Paper) -> bytes:
    """The file; the same paper gives the same bytes."""
    with speaking(paper.content["language"]):
        made = _Writer(paper)
        made.write()
    out = io.BytesIO()
    made.document.save(out)
    with zipfile.ZipFile(out) as parts:
        return zipped({name: parts.read(name) for name in parts.namelist()}, paper.made_at)


class _Writer:
    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.document: WordDocument = Document()
        self.digests = {picture["id"]: picture["sha256"] for picture in paper.content["media"]}
        self.pictures = 0
        _styles(self.document, paper.colour)

    def write(self) -> None:
        """Everything, in its order."""
        said = self.paper.content
        self._properties()
        self.document.add_paragraph(said["title"], style="Title")
        self._about(document_lines(self.paper))
        shares = facts("pillars", said["pillars"]) if said["pillars"] else None
        for section in said["sections"]:
            self.document.add_paragraph(section["title"], style="Heading 1")
            self._about(about(section))
            self._blocks(parsed(section["body"]))
            for sheet in facts_of(section):
                self._sheet(sheet)
            if shares and section["kind"] == "pillars":
                self._sheet(shares)
                shares = None
        if shares:
            self.document.add_paragraph(_("Pillars"), style="Heading 1")
            self._sheet(shares)
        self._logo()
        footer = self.document.sections[0].footer.paragraphs[0]
        footer.text = f"SHA-256 {self.paper.digest}" if self.paper.digest else _("Draft: nobody has agreed on it")
        footer.runs[0].font.size = Pt(7)

    def _logo(self) -> None:
        """At the head of each page, where it is no part of what is read back."""
        data = self.paper.logo and small(self.paper.logo, DRAWN)
        if not data:
            return
        run = self.document.sections[0].header.paragraphs[0].add_run()
        shape = run.add_picture(io.BytesIO(data), height=LOGO)
        if shape.width > LONGEST_LOGO:
            shape.height, shape.width = Length(shape.height * LONGEST_LOGO // shape.width), Length(LONGEST_LOGO)
        shape._inline.docPr.set("descr", self.paper.client)  # noqa: SLF001 - python-docx has no name for it

    def _properties(self) -> None:
        told, made = self.document.core_properties, self.paper.made_at.astimezone(UTC).replace(tzinfo=None)
        told.title, told.author, told.comments = self.paper.content["title"], self.paper.agency, ""
        told.subject, told.language = self.paper.client, self.paper.content["language"]
        told.created = told.modified = made.replace(microsecond=0)
        told.last_modified_by = self.paper.agency

    def _about(self, lines: Iterable[Line]) -> None:
        for label, text in lines:
            for number, part in enumerate(_paragraphs(text)):
                paragraph = self.document.add_paragraph(style=ABOUT)
                if number == 0:
                    paragraph.add_run(f"{label}: ").bold = True
                for at, line in enumerate(part):
                    if at:
                        paragraph.add_run().add_break()
                    paragraph.add_run(line)

    def _blocks(self, blocks: Iterable[Block], *, style: str = "Normal") -> None:
        before: Block | None = None
        for block in blocks:
            if isinstance(block, Quote | Table) and type(before) is type(block):
                self.document.add_paragraph()  # or they would be one
            before = block
            match block:
                case Paragraph():
                    self._inlines(self.document.add_paragraph(style=style), block.inlines)
                case Heading():
                    self._inlines(self.document.add_paragraph(style=f"Heading {block.depth + 1}"), block.inlines)
                case Points():
                    self._points(block, level=0, style=style)
                case Quote():
                    self._blocks(block.blocks, style="Quote")
                case Table():
                    self._table(block.head, block.rows, block.sides)
                case Rule():
                    self.document.add_paragraph(style=RULE)

    def _points(self, points: Points, *, level: int, style: str) -> None:
        numbering = docx_lists.new(self.document, start=points.start, level=level)
        for item in points.items:
            numbered = False
            for block in item:
                match block:
                    case Points():
                        if not numbered:
                            self._point((), numbering, level, tight=True, style=style)
                            numbered = True
                        self._points(block, level=level + 1, style=style)
                    case Paragraph() if not numbered:
                        self._point(block.inlines, numbering, level, tight=block.tight, style=style)
                        numbered = True
                    case Paragraph():
                        further = self.document.add_paragraph(style="List Continue" if style == "Normal" else style)
                        further.paragraph_format.left_indent = docx_lists.indent(level)
                        self._inlines(further, block.inlines)
                    case _:
                        self._blocks([block], style=style)
            if not item:
                self._point((), numbering, level, tight=True, style=style)

    def _point(self, inlines: Inlines, numbering: int, level: int, *, tight: bool, style: str) -> None:
        usual = "List Paragraph" if tight else LOOSE
        paragraph = self.document.add_paragraph(style=usual if style == "Normal" else style)
        docx_lists.number(paragraph, numbering, level)
        self._inlines(paragraph, inlines)

    def _sheet(self, sheet: Facts) -> None:
        rows = [[_cell(cell) for cell in row] for row in sheet.rows]
        self.document.add_paragraph()
        self._table([_cell(cell) for cell in sheet.head], rows, [""] * len(sheet.head))

    def _table(self, head: Sequence[Inlines], rows: Sequence[Sequence[Inlines]], sides: Sequence[Side]) -> None:
        table = self.document.add_table(rows=0, cols=len(sides), style="Table Grid")
        for number, row in enumerate((head, *rows)):
            cells = table.add_row().cells
            for cell, inlines, side in zip(cells, row, sides, strict=True):
                self._fill(cell, inlines, side, strong=number == 0)
        repeated = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 - python-docx has no other way

    def _fill(self, cell: _Cell, inlines: Inlines, side: Side, *, strong: bool) -> None:
        paragraph = cell.paragraphs[0]
        if side:
            paragraph.alignment = ALIGNED[side]
        self._inlines(paragraph, inlines, widest=IN_A_CELL, head=strong)

    def _inlines(self, paragraph: WordParagraph, inlines: Inlines, *, widest: int = WIDEST, head: bool = False) -> None:
        for inline in inlines:
            match inline:
                case Break():
                    paragraph.add_run().add_break()
                case Picture():
                    self._picture(paragraph, inline, widest)
                case Run():
                    run = paragraph.add_run(inline.text)
                    run.bold, run.italic = inline.strong or head or None, inline.emphasised or None
                    if inline.link:
                        _linked(paragraph, run._r, inline.link)  # noqa: SLF001 - as above

    def _picture(self, paragraph: WordParagraph, picture: Picture, widest: int) -> None:
        pk = int(picture.media)
        data = self.paper.pictures.get(pk)
        alt = picture.alt or self.paper.described.get(pk, "")
        if data is not None and not data.startswith(KNOWN_PICTURES):
            data = small(data, DRAWN)
        if data is None:
            paragraph.add_run(f"[{alt}]").italic = True
            return
        shape = paragraph.add_run().add_picture(io.BytesIO(data))
        if shape.width > widest:
            shape.height, shape.width = Length(shape.height * widest // shape.width), Length(widest)
        self.pictures += 1
        told = shape._inline.docPr  # noqa: SLF001 - as above
        told.set("id", str(self.pictures))
        told.set("name", f"SHA-256 {self.digests.get(pk, '')}")
        told.set("descr", alt)


def _cell(text: str) -> Inlines:
    return (Run(text),) if text else ()


def _paragraphs(text: str) -> list[list[str]]:
    """The lines of each paragraph."""
    found: list[list[str]] = [[]]
    for line in text.strip().split("\n"):
        if line.strip():
            found[-1].append(line.strip())
        elif found[-1]:
            found.append([])
    return found


def _linked(paragraph: WordParagraph, run: object, address: str) -> None:
    """Put the run into a link."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    paragraph._p.append(link)  # noqa: SLF001 - python-docx has no other way
    link.append(run)


def _styles(document: WordDocument, colour: str) -> None:
    """System fonts, headings in the client's colour where it can be read on white, and the two styles of ours."""
    styles = document.styles
    ink = RGBColor.from_string((colour if contrast(colour, WHITE) >= READABLE else "#000000").lstrip("#").upper())
    styles["Normal"].font.name, styles["Normal"].font.size = "Calibri", Pt(11)
    for name in ("Title", *(f"Heading {level}" for level in range(1, 7))):
        styles[name].font.color.rgb = ink
        styles[name].font.name = "Calibri"
    said = styles.add_style(ABOUT, WD_STYLE_TYPE.PARAGRAPH)
    said.base_style = styles["Normal"]
    said.font.size, said.font.color.rgb = Pt(9.5), RGBColor(0x55, 0x55, 0x55)
    said.paragraph_format.left_indent, said.paragraph_format.space_after = Cm(0.5), Pt(3)
    rule = styles.add_style(RULE, WD_STYLE_TYPE.PARAGRAPH)
    rule.base_style = styles["Normal"]
    border, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "999999")):
        line.set(qn(f"w:{name}"), value)
    border.append(line)
    rule.element.get_or_add_pPr().append(border)
