"""The words of a Word paragraph: bold, italic, links, line breaks, pictures."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docx.oxml.ns import qn

from strategy.markdown.blocks import Break, Inline, Inlines, Picture, Run
from strategy.markdown.parsing import LINK
from strategy.markdown.writing import joined
from strategy.reading.understood import FoundPicture

OFF = {"0", "false", "off", "none"}
STRONG = {"Strong", "Strong Emphasis", "Intense Emphasis"}  # styles of Word and LibreOffice
EMPHASISED = {"Emphasis", "Subtle Emphasis", "Intense Emphasis"}
TEXTS = {qn("w:t"): None, qn("w:tab"): " ", qn("w:noBreakHyphen"): "\u2011", qn("w:ptab"): " "}
WHITE = str.maketrans(
    {"\t": " ", "\n": " ", "\r": " ", "\x0b": " ", "\x0c": " ", "\u2028": " ", "\u2029": " ", "\x85": " "}
)


class Runs:
    """Reads paragraphs; remembers pictures that are not the client's, and what can't be read."""

    def __init__(self, part: Any, mine: Mapping[str, str]) -> None:
        self.part = part
        self.styles = {style.style_id: style.name for style in part.styles}
        self.mine = mine
        self.pictures: list[FoundPicture] = []
        self.counts: Counter[str] = Counter()

    def inlines(self, paragraph: Any) -> Inlines:
        """Its words, without white space around them."""
        return joined(list(self._of(paragraph, "")))

    def joined(self, paragraphs: Sequence[Any]) -> Inlines:
        """Several paragraphs of a cell, a line each."""
        found: list[Inline] = []
        for paragraph in paragraphs:
            inlines = self.inlines(paragraph)
            if inlines:
                found += [Break(), *inlines] if found else inlines
        return joined(found)

    def _of(self, parent: Any, link: str) -> Iterator[Inline]:
        for child in parent:
            if child.tag == qn("w:r"):
                yield from self._run(child, link)
            elif child.tag == qn("w:hyperlink"):
                yield from self._of(child, self._address(child) or link)
            elif child.tag == qn("w:fldSimple"):
                yield from self._of(child, link)

    def _address(self, link: Any) -> str:
        """Where it leads; nothing for a place in the document, or what is no address of a page or mailbox."""
        relation = self.part.rels.get(link.get(qn("r:id"), ""))
        address = relation.target_ref if relation is not None and relation.is_external else ""
        return address if LINK.match(address) and not set(address) & set("<>\n ") else ""

    def _run(self, run: Any, link: str) -> Iterator[Inline]:
        style = run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}")
        named = self.styles.get(style.get(qn("w:val"), "")) if style is not None else None
        strong = _switched(run, "w:b", named in STRONG)
        emphasised = _switched(run, "w:i", named in EMPHASISED)
        for child in run:
            if child.tag in TEXTS:
                text = (child.text or "") if child.tag == qn("w:t") else TEXTS[child.tag] or ""
                yield Run(text.translate(WHITE), strong, emphasised, link)
            elif child.tag in {qn("w:br"), qn("w:cr")}:
                if child.get(qn("w:type"), "textWrapping") == "textWrapping":
                    yield Break()
            elif child.tag in {qn("w:drawing"), qn("w:pict"), qn("w:object")}:
                yield from self._picture(child)

    def _picture(self, drawing: Any) -> Iterator[Inline]:
        told = next(drawing.iter(qn("wp:docPr")), None)
        alt = " ".join((told.get("descr") or told.get("title") or "").split()) if told is not None else ""
        blips = list(drawing.iter(qn("a:blip")))
        part = self.part.related_parts.get(blips[0].get(qn("r:embed"), "")) if blips else None
        data = getattr(part, "blob", None)
        if part is None or not data:
            self.counts["drawings"] += (
                next(drawing.iter(qn("w:txbxContent")), None) is None
            )  # which are counted as such
            yield Run(alt)
            return
        digest = hashlib.sha256(data).hexdigest()
        if media := self.mine.get(digest):
            yield Picture(media, alt)
            return
        self.pictures.append(FoundPicture(name=part.partname.rpartition("/")[2], alt=alt, sha256=digest, data=data))
        yield Run(alt)


def _switched(run: Any, name: str, otherwise: bool) -> bool:  # noqa: FBT001 - as its style has it
    found = run.find(f"{qn('w:rPr')}/{qn(name)}")
    return otherwise if found is None else found.get(qn("w:val"), "1").lower() not in OFF
