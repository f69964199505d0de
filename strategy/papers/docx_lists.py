"""Lists of a DOCX: each its own, with the number that it begins with."""

from typing import Any

from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Length
from docx.text.paragraph import Paragraph

DEEPEST = 8  # Word knows nine levels, from 0
SIGNS = ("•", "–", "▪")
STEP = 0.63  # cm


def new(document: Document, *, start: int | None, level: int) -> int:
    """A new list, whose number this gives; one with numbers from ``start`` on, if that is not None."""
    root = document.part.numbering_part.element
    number = max((int(found) for found in root.xpath("w:num/@w:numId")), default=0) + 1
    kind = max((int(found) for found in root.xpath("w:abstractNum/@w:abstractNumId")), default=0) + 1
    described = _element("abstractNum", abstractNumId=str(kind))
    described.append(_element("multiLevelType", val="hybridMultilevel"))
    for depth in range(DEEPEST + 1):
        described.append(_level(depth, start if depth == min(level, DEEPEST) else None if start is None else 1))
    first = root.find(qn("w:num"))
    if first is None:
        root.append(described)
    else:
        first.addprevious(described)
    used = _element("num", numId=str(number))
    used.append(_element("abstractNumId", val=str(kind)))
    root.append(used)
    return number


def number(paragraph: Paragraph, numbering: int, level: int) -> None:
    """Make the paragraph a point of this list."""
    told = OxmlElement("w:numPr")
    told.append(_element("ilvl", val=str(min(level, DEEPEST))))
    told.append(_element("numId", val=str(numbering)))
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 - python-docx has no other way
    properties._insert_numPr(told)  # noqa: SLF001 - as above


def indent(level: int) -> Length:
    """How far in the words of this level stand."""
    return Cm(STEP * (min(level, DEEPEST) + 1))


def _level(depth: int, start: int | None) -> Any:
    found = _element("lvl", ilvl=str(depth))
    found.append(_element("start", val=str(start if start is not None else 1)))
    found.append(_element("numFmt", val="bullet" if start is None else "decimal"))
    found.append(_element("lvlText", val=SIGNS[depth % len(SIGNS)] if start is None else f"%{depth + 1}."))
    found.append(_element("lvlJc", val="left"))
    properties = OxmlElement("w:pPr")
    properties.append(_element("ind", left=str(indent(depth).twips), hanging=str(Cm(STEP).twips)))
    found.append(properties)
    return found


def _element(name: str, **attributes: str) -> Any:
    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made
