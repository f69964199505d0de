"""A strategy as Markdown, with its pictures beside it, in a ZIP: readable without us, and read back by us."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from strategy.markdown.blocks import Run, Side, Table
from strategy.markdown.parsing import Reader
from strategy.markdown.writing import escaped, written
from strategy.papers.about import Line, about
from strategy.papers.facts import Facts, facts, facts_of
from strategy.papers.paper import Paper
from strategy.papers.words import STRATEGIES, day, speaking

DOCUMENT = "strategy.md"
EXACT = "strategy.json"
FOLDER = "pictures"
NAMED = re.compile(r"(!\[(?:[^\[\]\\]|\\.)*\]\(\s*)<?media:([0-9]{1,18})>?")
EVEN: Side = ""
ABOVE = 2  # the document's title and the section's heading stand above the headings of a text


def archive(paper: Paper) -> bytes:
    """The ZIP; the same paper gives the same bytes."""
    names = picture_names(paper)
    files = {DOCUMENT: markdown(paper, names).encode(), EXACT: paper.exact}
    files |= {name: paper.pictures[pk] for pk, name in names.items()}
    return zipped(files, paper.made_at)


def picture_names(paper: Paper) -> dict[int, str]:
    """Under which name each picture lies in the ZIP, by its ID; of those that are there."""
    found = {}
    for picture in paper.content["media"]:
        if picture["id"] in paper.pictures:
            stem, _dot, ending = picture["name"].rpartition(".")
            plain = re.sub(r"[^a-z0-9]+", "-", (stem or ending).lower()).strip("-")[:40] or "picture"
            kind = re.sub(r"[^a-z0-9]", "", picture["mime"].partition("/")[2].lower()) or "bin"
            found[picture["id"]] = f"{FOLDER}/{picture['id']}-{plain}.{'jpg' if kind == 'jpeg' else kind}"
    return found


def markdown(paper: Paper, names: Mapping[int, str]) -> str:
    """The whole document. ``names``: where each picture lies, by its ID."""
    said = paper.content
    with speaking(said["language"]):
        parts = [f"# {_heading(said['title'])}", quoted(document_lines(paper))]
        shares = facts("pillars", said["pillars"]) if said["pillars"] else None
        for section in said["sections"]:
            parts += _section(section, names)
            if shares and section["kind"] == "pillars":
                parts.append(_sheet(shares))
                shares = None
        if shares:
            parts += [f"## {_heading(_('Pillars'))}", _sheet(shares)]
    return "\n\n".join(part for part in parts if part) + "\n"


def document_lines(paper: Paper) -> list[Line]:
    """What stands below the document's title."""
    said = paper.content
    lines = [
        (_("Client"), paper.client),
        (_("For"), str(STRATEGIES[said["kind"]])),
        (_("Begins on"), day(said["starts_on"])),
        (_("Ends on"), day(said["ends_on"]) if said["ends_on"] else ""),
        (_("Version"), str(paper.version) if paper.version else _("Draft: nobody has agreed on it")),
        (_("Digest"), paper.digest),
    ]
    return [(label, text) for label, text in lines if text]


def _section(section: Mapping[str, Any], names: Mapping[int, str]) -> Iterable[str]:
    body = NAMED.sub(lambda found: f"{found[1]}{names.get(int(found[2]), 'media:' + found[2])}", section["body"])
    yield f"## {_heading(section['title'])}"
    yield quoted(about(section))
    yield shifted(body, ABOVE).strip("\n")
    for sheet in facts_of(section):
        yield _sheet(sheet)


def quoted(lines: Iterable[Line]) -> str:
    """Such lines as a quotation, each a paragraph that begins with its label."""
    said = [f"**{escaped(label)}:** {_several(text)}" for label, text in lines]
    return "\n".join(f"> {line}".rstrip() for line in "\n\n".join(said).split("\n"))


def _several(text: str) -> str:
    """Words of several lines; an empty one among them begins a new paragraph."""
    return "\n\n".join(
        "\n".join(escaped(line.strip()) for line in part.split("\n") if line.strip())
        for part in re.split(r"\n\s*\n", text.strip())
    )


def _heading(title: str) -> str:
    return " ".join(escaped(title).split())


def _sheet(sheet: Facts) -> str:
    cells = [
        [(Run(" ".join(cell.split())),) if cell.strip() else () for cell in row] for row in (sheet.head, *sheet.rows)
    ]
    return written([Table(_plain(len(sheet.head)), tuple(cells[0]), tuple(tuple(row) for row in cells[1:]))])


def _plain(columns: int) -> tuple[Side, ...]:
    return tuple(EVEN for _column in range(columns))


def shifted(text: str, deeper: int) -> str:
    """The text with its headings so much deeper (or higher, below zero), as far as six levels go."""
    lines = text.split("\n")
    for token in Reader().parse(text):
        if token.type == "heading_open" and token.map and token.level == 0:
            at = token.map[0]
            depth = max(1, min(6, len(token.markup) + deeper))
            lines[at] = re.sub(r"^(\s*)#+", rf"\g<1>{'#' * depth}", lines[at], count=1)
    return "\n".join(lines)


def zipped(files: Mapping[str, bytes], when: datetime) -> bytes:
    """These files in a ZIP that is always the same for them."""
    out = io.BytesIO()
    stamp = (when.year, when.month, when.day, when.hour, when.minute, when.second)
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, date_time=stamp)
            entry.compress_type = zipfile.ZIP_STORED if name.startswith(f"{FOLDER}/") else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            made.writestr(entry, data)
    return out.getvalue()
