"""What is new between two versions of a strategy, in words: section by section, with no more of what stayed than shows the place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from approvals.rewording import Piece
from strategy.differences import Content, Field, Row, SectionDifference, StrategyDifference, differences
from strategy.papers.days import number
from strategy.papers.words import HORIZONS, RANKS, STRATEGIES, day

MOST_KEPT = 160  # characters of what stayed, before and after what is new
NAMES = {
    "title": gettext_lazy("Title"),
    "body": gettext_lazy("Text"),
    "why": gettext_lazy("Why"),
    "source": gettext_lazy("Source"),
    "horizon": gettext_lazy("Horizon"),
    "review_by": gettext_lazy("To be looked at again by"),
    "owner": gettext_lazy("Owner"),
    "kind": gettext_lazy("Kind"),
    "starts_on": gettext_lazy("Begins on"),
    "ends_on": gettext_lazy("Ends on"),
    "language": gettext_lazy("Language"),
    "name": gettext_lazy("Name"),
    "measure": gettext_lazy("Measure"),
    "unit": gettext_lazy("Unit"),
    "rank": gettext_lazy("What it counts"),
    "baseline": gettext_lazy("At the beginning"),
    "target": gettext_lazy("Target"),
    "due_on": gettext_lazy("Until"),
    "network": gettext_lazy("Network"),
    "handle": gettext_lazy("Account"),
    "per_week": gettext_lazy("Posts a week"),
    "reason": gettext_lazy("Reason"),
    "left_out": gettext_lazy("Left out"),
    "on": gettext_lazy("Day"),
    "yearly": gettext_lazy("Every year"),
    "note": gettext_lazy("Note"),
    "share": gettext_lazy("Share (%)"),
    "alt_text": gettext_lazy("What the picture shows"),
}
FATES = {
    "added": pgettext_lazy("of a strategy’s part", "New"),
    "removed": pgettext_lazy("of a strategy’s part", "Taken out"),
    "changed": pgettext_lazy("of a strategy’s part", "Changed"),
    None: pgettext_lazy("of a strategy’s part", "In another place"),
}
DAYS = {"review_by", "starts_on", "ends_on", "due_on", "on"}
NUMBERS = {"baseline", "target", "per_week"}
LABELS = {"horizon": HORIZONS, "rank": RANKS}


@dataclass(frozen=True, kw_only=True)
class Said:
    """One thing that reads otherwise: word by word, or before and after."""

    label: str
    pieces: Sequence[Piece] = ()
    before: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Changed:
    """One section, or the frame of the whole, or one row in it. ``fate`` in words."""

    title: str
    fate: str
    said: Sequence[Said] = ()
    rows: Sequence["Changed"] = ()


def rewritten(old: Content, new: Content) -> list[Changed]:
    """What is new in ``new`` since ``old``, in the active language; nothing where they are the same."""
    found = differences(old, new)
    return [*_frame(found, new), *(_section(section) for section in found.sections)]


def _frame(found: StrategyDifference, new: Content) -> Iterator[Changed]:
    if found.fields:
        yield Changed(title=new["title"], fate=str(FATES["changed"]), said=[_said(each) for each in found.fields])
    for title, rows in ((_("Pillars"), found.pillars), (_("Pictures"), found.pictures)):
        if rows:
            yield Changed(title=title, fate=str(FATES["changed"]), rows=[_row(row) for row in rows])


def _section(section: SectionDifference) -> Changed:
    fate = str(FATES[section.fate])
    if section.fate and section.moved:
        fate = f"{fate} · {FATES[None]}"
    return Changed(
        title=section.title,
        fate=fate,
        said=[_said(each) for each in section.fields],
        rows=[_row(row) for row in section.rows],
    )


def _row(row: Row) -> Changed:
    return Changed(title=row.name, fate=str(FATES[row.fate]), said=[_said(each) for each in row.fields])


def _said(each: Field) -> Said:
    label = str(NAMES.get(each.name, each.name))
    if each.words:
        return Said(label=label, pieces=shortened(each.words))
    return Said(label=label, before=_plain(each.name, each.before), after=_plain(each.name, each.after))


def _plain(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, ""):
        return "–" if name != "baseline" else _("unknown")
    if name in DAYS:
        return day(value)
    if name in NUMBERS:
        return number(value)
    if name == "kind":
        return str(STRATEGIES.get(value, value))
    return str(LABELS.get(name, {}).get(value, value))


def shortened(pieces: Sequence[Piece]) -> list[Piece]:
    """The same; of long passages that stayed, only what stands beside what is new."""
    last = len(pieces) - 1
    return [
        Piece(piece.kind, _around(piece.text, begins=number == 0, ends=number == last))
        if piece.kind == "same"
        else piece
        for number, piece in enumerate(pieces)
    ]


def _around(text: str, *, begins: bool, ends: bool) -> str:
    head, tail = "" if begins else text[:MOST_KEPT], "" if ends else text[-MOST_KEPT:]
    if len(text) <= len(head) + len(tail) + MOST_KEPT:
        return text
    return f"{head} […] {tail}".strip(" ") if head and tail else f"{head} […]" if head else f"[…] {tail}"
