"""What is in force, for whoever writes: the tone, and why there are these pillars, objectives and occasions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Func, JSONField, Q, Value
from django.utils.safestring import SafeString

from accounts.models import User
from clients.models import Client
from strategy.content import Aim, as_said
from strategy.in_force import agreed_day
from strategy.models import Objective, Occasion, Pillar, SectionKind, StrategyState
from strategy.selectors import staff_strategies
from strategy.shown import shown

MOST = 3  # strategies whose tone is shown; more would not be read
LEANED_ON = (SectionKind.TONE, SectionKind.PILLARS, SectionKind.OBJECTIVES, SectionKind.CALENDAR)
# Only these sections are read: a strategy can have 60,000 words.
PATH = "$.sections[*] ? (" + " || ".join(f'@.kind == "{kind}"' for kind in LEANED_ON) + ")"


@dataclass(frozen=True, kw_only=True)
class Tone:
    """The tone section of a strategy in force."""

    strategy: int
    title: str
    words: SafeString
    why: str


@dataclass(frozen=True, kw_only=True)
class Why:
    """Why there is something that a post serves."""

    what: str  # pillar, objective, occasion
    name: str
    why: str
    section: str  # the why of the section that it stands in, as it is in force


@dataclass(frozen=True, kw_only=True)
class InForce:
    """A version in force, as far as writers lean on it: sections by kind, pillars by number."""

    strategy: int
    title: str
    sections: dict[str, dict[str, Any]]
    pillars: dict[int, dict[str, Any]]


def in_force(user: User, client: Client, today: date) -> list[InForce]:
    """The client's strategies that are agreed and not over, those of the shortest time first; one query."""
    found = staff_strategies(user).filter(client=client, agreed_version__isnull=False)
    rows = (
        found.exclude(state=StrategyState.SUPERSEDED)
        .annotate(until=agreed_day("ends_on"))
        .filter(Q(until=None) | Q(until__gte=today))
        .annotate(
            told=Func(
                F("agreed_version__content"),
                Value(PATH),
                template="jsonb_path_query_array(%(expressions)s::jsonpath)",
                output_field=JSONField(),
            ),
            named=F("agreed_version__content__pillars"),
        )
        .order_by(F("until").asc(nulls_last=True), "-starts_on", "pk")
        .values_list("pk", "title", "told", "named")
    )
    return [
        InForce(
            strategy=pk,
            title=title,
            sections={entry["kind"]: entry for entry in told},
            pillars={entry["id"]: entry for entry in named},
        )
        for pk, title, told, named in rows
    ]


def tones(client: Client, found: Sequence[InForce]) -> list[Tone]:
    """How to write, by those of the client's strategies that say so, with their pictures."""
    told = [(one, one.sections[SectionKind.TONE]) for one in found if SectionKind.TONE in one.sections][:MOST]
    bodies = shown(client.pk, [section["body"] for _one, section in told], below=3)
    return [
        Tone(strategy=one.strategy, title=one.title, words=words, why=section["why"])
        for (one, section), words in zip(told, bodies, strict=True)
    ]


def whys(
    found: Sequence[InForce], pillar: Pillar | None, objective: Objective | None, occasion: Occasion | None
) -> list[Why]:
    """Why there is what the post is to serve: in the words that are in force, else in those that stand there now."""
    told = []
    if pillar:
        entry = next((one for one in found if pillar.pk in one.pillars), None)
        why = entry.pillars[pillar.pk]["why"] if entry else pillar.why
        told.append(Why(what="pillar", name=pillar.named, why=why, section=_section(entry, SectionKind.PILLARS)))
    by_pk = {one.strategy: one for one in found}
    if objective:
        entry = by_pk.get(objective.strategy_id)
        name, row = _as_said(objective, entry, SectionKind.OBJECTIVES, "objectives")
        section = _section(entry, SectionKind.OBJECTIVES)
        told.append(Why(what="objective", name=name, why=row.measure, section=section))
    if occasion:
        entry = by_pk.get(occasion.strategy_id)
        name, day = _as_said(occasion, entry, SectionKind.CALENDAR, "occasions")
        told.append(Why(what="occasion", name=name, why=day.note, section=_section(entry, SectionKind.CALENDAR)))
    return told


def _section(entry: InForce | None, kind: SectionKind) -> str:
    return entry.sections[kind]["why"] if entry and kind in entry.sections else ""


def _as_said(row: Aim, entry: InForce | None, kind: SectionKind, rows: str) -> tuple[str, Aim]:
    """Its name and itself, as they are in force, else as they are now."""
    there = entry.sections[kind][rows] if entry and kind in entry.sections else []
    said = next((one for one in there if one["id"] == row.pk), None)
    return (said["name"], as_said(row, said)) if said else (row.named, row)
