"""A strategy as its readers see it: its content, drafted or agreed, in words and in a fixed number of queries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from strategy.models import ObjectiveNumber, SectionKind
from strategy.papers.days import number
from strategy.papers.words import HORIZONS, KINDS, RANKS, STRATEGIES, day, period
from strategy.shown import shown

Content = Mapping[str, Any]
Numbers = Mapping[int, Sequence[ObjectiveNumber]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """An objective, a channel, an occasion or a pillar. ``lines``: what is said of it, each with what it is; ``words``: why."""

    name: str
    lines: Sequence[tuple[str, str]] = ()
    words: str = ""
    numbers: Sequence[ObjectiveNumber] = ()
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One section. ``facts`` are its horizon and what more there is of that sort."""

    pk: int
    title: str
    about: str
    text: SafeString
    why: str
    source: str
    facts: Sequence[tuple[str, str]]
    rows: Sequence[Row]


@dataclass(frozen=True, kw_only=True)
class Document:
    """All of it. ``pillars`` where no section of their own shows them."""

    title: str
    about: str
    language: str
    parts: Sequence[Part]
    pillars: Sequence[Row] = field(default=())


def document_of(
    client_id: int, content: Content, *, numbers: Numbers | None = None, below: int = 2, signed: bool = False
) -> Document:
    """The content in the active language. ``below`` and ``signed`` as ``strategy.shown`` has them."""
    sections = content["sections"]
    texts = shown(client_id, [section["body"] for section in sections], below=below, signed=signed)
    pillars = [_pillar(row) for row in content["pillars"]]
    own = any(section["kind"] == SectionKind.PILLARS for section in sections)
    return Document(
        title=content["title"],
        about=f"{STRATEGIES[content['kind']]} · {period(content['starts_on'], content['ends_on'])}",
        language=content["language"],
        parts=[
            _part(section, text, pillars if section["kind"] == SectionKind.PILLARS else (), numbers or {})
            for section, text in zip(sections, texts, strict=True)
        ],
        pillars=() if own else pillars,
    )


def _part(section: Content, text: SafeString, pillars: Sequence[Row], numbers: Numbers) -> Part:
    about = str(KINDS[section["kind"]])
    return Part(
        pk=section["id"],
        title=section["title"],
        about="" if section["kind"] == SectionKind.FREE or about == section["title"] else about,
        text=text,
        why=section["why"],
        source=section["source"],
        facts=list(_facts(section)),
        rows=[*pillars, *_rows(section, numbers)],
    )


def _facts(section: Content) -> Iterator[tuple[str, str]]:
    yield _("Horizon"), str(HORIZONS[section["horizon"]])
    if section["review_by"]:
        yield _("To be looked at again by"), day(section["review_by"])
    if section["owner"]:
        yield _("Owner"), section["owner"]["name"]


def _rows(section: Content, numbers: Numbers) -> Iterator[Row]:
    for row in section.get("objectives", ()):
        yield _objective(row, numbers.get(row["id"], ()))
    for row in section.get("channels", ()):
        yield _channel(row)
    for row in section.get("occasions", ()):
        said = [(_("Day"), day(row["on"])), *([(_("Again"), _("every year"))] if row["yearly"] else [])]
        yield Row(name=row["name"], lines=said, words=row["note"])


def in_short(kind: str, row: Mapping[str, Any]) -> str:
    """A row in numbers as one line; as files have it, in which owners are names. Raises ``KeyError`` and the like for half of one."""
    shown = _rows({kind: [{"id": 0, **row, "owner": {"name": row["owner"]} if row.get("owner") else None}]}, {})
    return " · ".join(f"{label}: {text}" for each in shown for label, text in each.lines)


def _objective(row: Content, numbers: Sequence[ObjectiveNumber]) -> Row:
    unit = row["unit"]
    baseline = _("unknown") if row["baseline"] is None else f"{number(row['baseline'])} {unit}".strip()
    return Row(
        name=row["name"],
        lines=[
            (_("Measure"), f"{row['measure']} ({RANKS[row['rank']]})"),
            (_("At the beginning"), baseline),
            (_("Target"), f"{number(row['target'])} {unit}".strip()),
            (_("Until"), day(row["due_on"])),
        ],
        numbers=numbers,
        unit=unit,
    )


def _channel(row: Content) -> Row:
    if row["left_out"]:
        said = _("left out")
    else:
        said = _("%(number)s posts a week") % {"number": number(row["per_week"] or "0")}
    lines = [(_("Cadence"), said)]
    if row["handle"]:
        lines.append((_("Account"), row["handle"]))
    if row["owner"]:
        lines.append((_("Owner"), row["owner"]["name"]))
    return Row(name=row["name"], lines=lines, words=row["reason"])


def _pillar(row: Content) -> Row:
    return Row(name=row["name"], lines=[(_("Share"), f"{row['share']} %")], words=row["why"])
