"""What a strategy says in numbers, as tables on paper: objectives, channels, occasions, pillars. Written and read back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from strategy.papers.days import day_in, number, number_in
from strategy.papers.words import LANGUAGES, RANKS, day, speaking

Entry = dict[str, Any]
Cells = list[str]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A table. ``name`` says of what: the key under which its rows stand in a section, or ``pillars``."""

    name: str
    head: Cells
    rows: list[Cells]


def facts_of(section: Mapping[str, Any]) -> list[Facts]:
    """The tables of a section; none where there is nothing to be said."""
    return [facts(name, section[name]) for name in SHEETS if section.get(name)]


def facts(name: str, entries: Sequence[Mapping[str, Any]]) -> Facts:
    """These rows as a table in the active language."""
    sheet = SHEETS[name]
    return Facts(name=name, head=sheet.head(), rows=[sheet.row(entry) for entry in entries])


def read_back(head: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, list[Entry]] | None:
    """What such a table says, whichever of our languages it is in; None for any other table, or where a cell can't be read."""
    asked = [cell.strip().lower() for cell in head]
    for name, sheet in SHEETS.items():
        for language in LANGUAGES:
            with speaking(language):
                if [label.lower() for label in sheet.head()] != asked:
                    continue
                entries = [sheet.entry([cell.strip() for cell in row], language) for row in rows]
                return None if None in entries else (name, [entry for entry in entries if entry is not None])
    return None


def is_ours(head: Sequence[str]) -> bool:
    """Whether a table with this head is meant as one of ours, whatever its cells say."""
    asked = [cell.strip().lower() for cell in head]
    for language in LANGUAGES:
        with speaking(language):
            if any([label.lower() for label in sheet.head()] == asked for sheet in SHEETS.values()):
                return True
    return False


def _objective_head() -> Cells:
    return [_("Objective"), _("Measure"), _("Unit"), _("What it counts"), _("Today"), _("Target"), _("Until")]


def _objective_row(entry: Mapping[str, Any]) -> Cells:
    today = _("unknown") if entry["baseline"] is None else number(entry["baseline"])
    counted = str(RANKS[entry["rank"]])
    return [
        entry["name"],
        entry["measure"],
        entry["unit"],
        counted,
        today,
        number(entry["target"]),
        day(entry["due_on"]),
    ]


def _objective(cells: Sequence[str], language: str) -> Entry | None:
    name, measure, unit, counted, today, target, until = cells
    rank = next((rank for rank, word in RANKS.items() if str(word).lower() == counted.lower()), None)
    baseline = None if today.lower() == _("unknown") else number_in(today, language)
    goal, due_on = number_in(target, language), day_in(until)
    if rank is None or goal is None or due_on is None or (baseline is None and today.lower() != _("unknown")):
        return None
    return {
        "name": name, "measure": measure, "unit": unit, "rank": rank, "baseline": baseline, "target": goal, "due_on": due_on,
    }  # fmt: skip


def _channel_head() -> Cells:
    return [_("Channel"), _("Account"), _("Posts a week"), _("Reason"), _("Owner")]


def _channel_row(entry: Mapping[str, Any]) -> Cells:
    often = _("left out") if entry["left_out"] else number(entry["per_week"] or "0")
    owner = entry["owner"]["name"] if entry["owner"] else ""
    return [entry["name"], entry["handle"], often, entry["reason"], owner]


def _channel(cells: Sequence[str], language: str) -> Entry | None:
    name, handle, often, reason, owner = cells
    left_out = often.lower() == _("left out")
    per_week = None if left_out else number_in(often, language)
    if per_week is None and not left_out:
        return None
    return {
        "name": name,
        "handle": handle,
        "per_week": per_week,
        "left_out": left_out,
        "reason": reason,
        "owner": owner,
    }


def _occasion_head() -> Cells:
    return [_("Occasion"), _("Day"), _("Every year"), _("Note")]


def _occasion_row(entry: Mapping[str, Any]) -> Cells:
    return [entry["name"], day(entry["on"]), _("yes") if entry["yearly"] else _("no"), entry["note"]]


def _occasion(cells: Sequence[str], language: str) -> Entry | None:  # noqa: ARG001 - as the others have it
    name, on, yearly, note = cells
    when = day_in(on)
    if when is None or yearly.lower() not in {_("yes"), _("no")}:
        return None
    return {"name": name, "on": when, "yearly": yearly.lower() == _("yes"), "note": note}


def _pillar_head() -> Cells:
    return [_("Pillar"), _("Share (%)"), _("Why")]


def _pillar_row(entry: Mapping[str, Any]) -> Cells:
    return [entry["name"], str(entry["share"]), entry["why"]]


def _pillar(cells: Sequence[str], language: str) -> Entry | None:
    name, share, why = cells
    whole = number_in(share.removesuffix("%"), language)
    return {"name": name, "share": int(whole), "why": why} if whole and whole.isdecimal() else None


@dataclass(frozen=True)
class _Sheet:
    head: Callable[[], Cells]
    row: Callable[[Mapping[str, Any]], Cells]
    entry: Callable[[Sequence[str], str], Entry | None]


SHEETS = {
    "objectives": _Sheet(_objective_head, _objective_row, _objective),
    "channels": _Sheet(_channel_head, _channel_row, _channel),
    "occasions": _Sheet(_occasion_head, _occasion_row, _occasion),
    "pillars": _Sheet(_pillar_head, _pillar_row, _pillar),
}
