"""What stands on the pages of a strategy's PDF, in the strategy's language: strings and lists for ``strategy.typ``.

The words of people go through ``Legible``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from approvals.typefaces import Legible, right_to_left
from clients.colours import foreground
from clients.moments import locale
from strategy.markdown.blocks import (
    Block,
    Blocks,
    Break,
    Heading,
    Inline,
    Inlines,
    Paragraph,
    Picture,
    Points,
    Quote,
    Rule,
    Run,
    Table,
    words_of,
)
from strategy.markdown.parsing import parsed, seen
from strategy.papers.facts import Facts, facts, facts_of
from strategy.papers.paper import Contested, Paper
from strategy.papers.words import HORIZONS, KINDS, STRATEGIES, day, moment, period

Words = dict[str, Any]
LOWEST = 4  # headings below are set like this one
LIGHTEST, HEAVIEST = 8, 42  # letters between which a column's width follows what stands in it
WHOLE_WIDTH = 16.0  # cm between the margins


class Layout:
    """The pages of one strategy. ``drawn``: from which file each picture is drawn and how wide, in cm, by its ID."""

    def __init__(self, paper: Paper, *, drawn: Mapping[int, tuple[str, float]], logo: str = "") -> None:
        self.paper = paper
        self.drawn = drawn
        self.logo = logo
        self.bodies = [parsed(section["body"]) for section in paper.content["sections"]]
        self.legible = Legible(_texts([*_plain(paper), paper.content]))

    def layout(self) -> Words:
        """Everything, for the template."""
        paper, line, said = self.paper, self.legible, self.paper.content
        title = line(said["title"] if seen(said["title"]) else str(STRATEGIES[said["kind"]]))
        sections = [self._section(*both) for both in zip(said["sections"], self.bodies, strict=True)]
        if said["pillars"]:
            sections = self._with_pillars(sections)
        content: Words = {
            "language": locale(),
            "title": title,
            "author": line(paper.agency),
            "description": f"SHA-256 {paper.digest}" if paper.digest else _("Draft"),
            "keywords": [paper.digest] if paper.digest else [],
            "colour": paper.colour,
            "ink": foreground(paper.colour),
            "client": line(paper.client),
            "agency": line(paper.agency),
            "logo": {"file": self.logo, "alt": line(paper.client)} if self.logo else None,
            "subtitle": f"{STRATEGIES[said['kind']]}  ·  {period(said['starts_on'], said['ends_on'])}",
            "header": [f"{line(paper.client)}  ·  {title}", self._state()],
            "footer": f"SHA-256 {paper.digest}" if paper.digest else _("Draft: nobody has agreed on it"),
            "page": _split(_("Page {page} of {pages}")),
            "facts": self._facts(),
            "titles": _titles(),
            "sections": sections,
            "agreement": self._agreement(),
            "told": self._told(),
            "contested": [self._contested(entry) for entry in (paper.minutes.contested if paper.minutes else ())],
            "check": self._check(),
        }
        content["notes"] = self._notes()  # last: only now is it known what could not be shown
        return content

    def _state(self) -> str:
        return _("Version %(number)d") % {"number": self.paper.version} if self.paper.version else _("Draft")

    def _facts(self) -> list[list[str]]:
        paper = self.paper
        facts = [(_("Version"), str(paper.version) if paper.version else _("Draft: nobody has agreed on it"))]
        if paper.minutes and paper.minutes.agreed_at:
            facts.append((_("Agreement"), moment(paper.minutes.agreed_at)))
        facts += [
            (_("This document"), moment(paper.made_at)),
            (_("Times"), _("as on the clocks of %(zone)s") % {"zone": paper.zone}),
        ]
        return [list(fact) for fact in facts]

    def _notes(self) -> list[str]:
        notes = []
        if self.legible.replaced:
            notes.append(
                _(
                    "Signs for which there was no typeface stand in brackets, by their Unicode names. The attached file has them as they are."
                )
            )
        if any(pk not in self.drawn for pk in self.paper.described):
            notes.append(_("Some pictures can't be drawn here; what is said of them stands in their place."))
        return notes

    def _section(self, section: Mapping[str, Any], body: Blocks) -> Words:
        line = self.legible
        about = [str(HORIZONS[section["horizon"]])]
        if section["review_by"]:
            about.append(_("to be reviewed by %(day)s") % {"day": day(section["review_by"])})
        if section["owner"]:
            about.append(_("owner: %(name)s") % {"name": line(section["owner"]["name"])})
        if section["source"]:
            about.append(_("source: %(source)s") % {"source": line(section["source"])})
        return {
            "kind": section["kind"],
            "title": line(section["title"] if seen(section["title"]) else str(KINDS[section["kind"]])),
            "why": self._lines(section["why"]),
            "about": "  ·  ".join(about),
            "body": list(self._blocks(body)),
            "sheets": [self._facts_sheet(each) for each in facts_of(section)],
        }

    def _with_pillars(self, sections: list[Words]) -> list[Words]:
        """The shares stand in the section of the pillars; in one of their own where there is none."""
        sheet = self._facts_sheet(facts("pillars", self.paper.content["pillars"]))
        for section in sections:
            if section["kind"] == "pillars":
                section["sheets"].append(sheet)
                return sections
        return [*sections, {"title": _("Pillars"), "why": [], "about": "", "body": [], "sheets": [sheet]}]

    def _lines(self, text: str) -> list[Words]:
        return [
            {"text": each, "rtl": bool(right_to_left(each))} for each in self.legible(text).split("\n") if each.strip()
        ]

    def _blocks(self, blocks: Iterable[Block]) -> Iterator[Words]:
        for block in blocks:
            match block:
                case Paragraph():
                    yield from self._paragraph(block)
                case Heading():
                    level = min(block.depth + 1, LOWEST)
                    yield {"k": "heading", "level": level, "inlines": self._inlines(block.inlines, pictures=False)}
                case Points():
                    items = [list(self._blocks(item)) for item in block.items]
                    tight = all(part["k"] != "words" for item in items for part in item)
                    yield {"k": "points", "start": block.start, "tight": tight, "items": items}
                case Quote():
                    yield {"k": "quote", "blocks": list(self._blocks(block.blocks))}
                case Table():
                    yield self._sheet(block.head, block.rows, block.sides)
                case Rule():
                    yield {"k": "rule"}

    def _paragraph(self, paragraph: Paragraph) -> Iterator[Words]:
        """Its words, and each picture by itself."""
        words: list[Inline] = []
        for inline in (*paragraph.inlines, None):
            if isinstance(inline, Picture) or inline is None:
                if any(not isinstance(word, Break) for word in words):
                    yield self._words(words, tight=paragraph.tight)
                words = []
            elif words:
                words.append(inline)
            elif isinstance(inline, Run):
                words.append(replace(inline, text=inline.text.lstrip()))
            if isinstance(inline, Picture):
                yield self._picture(inline)

    def _words(self, words: Sequence[Inline], *, tight: bool) -> Words:
        while isinstance(words[-1], Break):
            words = words[:-1]
        rtl = bool(right_to_left(words_of(words)))
        kind = "tight" if tight and not rtl else "words"
        return {"k": kind, "rtl": rtl, "inlines": self._inlines(words, pictures=False)}

    def _inlines(self, inlines: Iterable[Inline], *, pictures: bool) -> list[str | Words]:
        return [self._inline(inline, pictures=pictures) for inline in inlines]

    def _inline(self, inline: Inline, *, pictures: bool) -> str | Words:
        match inline:
            case Break():
                return {"k": "break"}
            case Picture():
                return self._picture(inline) if pictures else self.legible(inline.alt)
            case Run():
                shown = self.legible(inline.text)
                if not (inline.strong or inline.emphasised or inline.link):
                    return shown
                manner = {"strong": inline.strong, "emphasised": inline.emphasised, "link": inline.link}
                return {"k": "run", "text": shown, **manner}

    def _picture(self, picture: Picture) -> Words:
        pk = int(picture.media)
        file, width = self.drawn.get(pk, ("", 0.0))
        alt = picture.alt or self.paper.described.get(pk, "") or _("A picture without a description")
        return {
            "k": "picture",
            "file": file,
            "width": width,
            "alt": self.legible(alt),
            "note": _("This picture can't be drawn here."),
        }

    def _facts_sheet(self, sheet: Facts) -> Words:
        rows = [[(Run(cell),) for cell in row] for row in sheet.rows]
        return self._sheet([(Run(cell),) for cell in sheet.head], rows, [""] * len(sheet.head))

    def _sheet(self, head: Sequence[Inlines], rows: Sequence[Sequence[Inlines]], sides: Sequence[str]) -> Words:
        widths = [_width([words_of(row[at]) for row in (head, *rows)]) for at in range(len(head))]
        cells = [
            [self._cell(cell, WHOLE_WIDTH * widths[at] / sum(widths)) for at, cell in enumerate(row)]
            for row in (head, *rows)
        ]
        return {"k": "table", "sides": list(sides), "widths": widths, "head": cells[0], "rows": cells[1:]}

    def _cell(self, inlines: Inlines, width: float) -> list[str | Words]:
        """Pictures no wider than their column, less what is between columns."""
        found = self._inlines(inlines, pictures=True)
        for inline in found:
            if isinstance(inline, dict) and inline["k"] == "picture":
                inline["width"] = min(inline["width"], width - 0.4)
        return found

    def _agreement(self) -> list[str]:
        paper, minutes = self.paper, self.paper.minutes
        if not paper.version or minutes is None:
            return [_("This is a draft. Nobody has agreed on it, and it may change.")]
        who = {
            "name": self.legible(minutes.asked_by),
            "chain": self.legible(minutes.chain),
            "when": moment(minutes.asked_at),
        }
        lines = [_("%(name)s asked for agreement on %(when)s, by the chain “%(chain)s”.") % who]
        if minutes.agreed_at:
            lines.append(_("It was agreed on %(when)s.") % {"when": moment(minutes.agreed_at)})
        else:
            lines.append(_("It is not agreed yet: what is here is how it stood when this document was made."))
        return lines

    def _told(self) -> Words | None:
        minutes = self.paper.minutes
        if minutes is None or not minutes.told:
            return None
        said = {
            "approved": _("Approved"),
            "changes": _("Asked for changes"),
            "nothing": _("No decision"),
            "silence": _("Silence, which counts as consent"),
        }
        head = [_("Step"), _("Who"), _("What they said"), _("When")]
        rows = []
        for told in minutes.told:
            who = told.name
            if told.for_whom:
                who = _("%(name)s, as deputy of %(whom)s") % {"name": told.name, "whom": told.for_whom}
            words = ": ".join(filter(None, [said.get(told.said, ""), told.comment]))
            rows.append([told.step, who, words, moment(told.at) if told.at else "–"])
        return self._facts_sheet(Facts(name="told", head=head, rows=rows))

    def _contested(self, entry: Contested) -> Words:
        return {
            "name": self.legible(entry.name),
            "about": moment(entry.at),
            "passage": _("Of “%(passage)s”") % {"passage": self.legible(entry.passage)} if entry.passage else "",
            "text": self._lines(entry.text),
            "settled": self.legible(entry.settled),
        }

    def _check(self) -> list[Words]:
        if not self.paper.digest:
            said = _("The file strategy.json, attached to this PDF, holds the exact content.")
            return [{"text": said, "code": False}]
        return [
            {"text": _("This version has this digest:"), "code": False},
            {"text": self.paper.digest, "code": True},
            {
                "text": _(
                    "It is the SHA-256 of the file strategy.json, attached to this PDF, which holds the exact content. Take it out and compute its SHA-256: if one letter were different, so would be the digest."
                ),
                "code": False,
            },
        ]


def _width(column: Sequence[str]) -> int:
    """How wide a column is beside others: by its longest text, and if it can be by its longest word."""
    word = max(len(word) for text in column for word in (text or "-").split() or "-")
    return max(LIGHTEST, min(word + 6, HEAVIEST), min(max(map(len, column)), HEAVIEST))


def _titles() -> Words:
    return {
        "contents": _("Contents"),
        "why": _("Why"),
        "nothing": _("Nothing is written here yet."),
        "agreement": _("How it was agreed"),
        "contested": _("What was contested"),
        "check": _("How to check it"),
        "attachment": _("The exact content, for programs"),
    }


def _split(pattern: str) -> list[str]:
    """“Page {page} of {pages}” in the three pieces around its numbers."""
    before, rest = pattern.split("{page}")
    between, after = rest.split("{pages}")
    return [before, between, after]


def _plain(paper: Paper) -> Iterator[str]:
    """What people wrote outside of the content."""
    yield from (paper.client, paper.agency)
    if minutes := paper.minutes:
        yield from (minutes.chain, minutes.asked_by)
        for told in minutes.told:
            yield from (told.step, told.name, told.for_whom, told.comment)
        for entry in minutes.contested:
            yield from (entry.name, entry.text, entry.passage, entry.settled)


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for inner in content.values():
            yield from _texts(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from _texts(inner)
