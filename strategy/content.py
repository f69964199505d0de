"""The canonical form of a strategy, and its digest: what agreements bind to.

The recipe, which an outsider can follow::

    content = {"filo": 1, "title": …, "kind": …, "language": …, "starts_on": "2026-01-01", "ends_on": null or a date,
               "sections": [{"id": …, "kind": …, "title": …, "body": …, "why": …, "source": …, "horizon": …,
                             "review_by": null or a date, "owner": null or {"id": …, "name": …}}, …],   in their order
               "pillars": [{"id": …, "name": …, "why": …, "share": PERCENT}, …],
               "media": [{"id": …, "sha256": …, "name": …, "alt_text": …, "mime": …}, …]}   ordered by id
    digest = SHA-256 of that as JSON by RFC 8785: UTF-8, keys sorted, no white space, in hex

The section of its kind has more: ``objectives``, each with id, name, measure, unit, rank, baseline (null: unknown), target and
due_on; ``channels``, each with channel (null: none of ours), network, name, handle, per_week, reason, left_out and owner;
``occasions``, each with id, name, on, yearly and note. Numbers that need not be whole are texts: "2.5".

A picture is named in a body by ``media:ID``; ``media`` has those that are named.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from accounts.models import User
from strategy.models import Cadence, Objective, Occasion, PillarShare, Rank, Section, SectionKind, Strategy
from strategy.pictures import pictures_in
from strategy.surroundings import ChannelTold, Picture, channels, pictures

RECIPE = 1
Content = dict[str, Any]
Aim = TypeVar("Aim", Objective, Occasion)
_RANKS = [Rank.CONVERSION, Rank.REACH, Rank.FOLLOWERS]


@dataclass(frozen=True, kw_only=True)
class Material:
    """All that a strategy is made of, read."""

    sections: Sequence[Section]
    objectives: Sequence[Objective]
    cadences: Sequence[Cadence]
    occasions: Sequence[Occasion]
    shares: Sequence[PillarShare]
    channels: dict[int, ChannelTold]
    pictures: dict[int, Picture]


def canonical(content: Content) -> bytes:
    """``content`` as JSON Canonicalization Scheme (RFC 8785). Keys are ASCII and numbers whole, so sorting is plain."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(content: Content) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(content)).hexdigest()


def material_of(strategy: Strategy, sections: Sequence[Section] | None = None) -> Material:
    """What the strategy is made of now; seven queries, however much it is. ``sections`` where they were read before."""
    if sections is None:
        living = strategy.sections.filter(removed_at=None)
        sections = list(living.select_related("owner").order_by("position", "pk"))
    cadences = list(strategy.cadences.select_related("owner").order_by("position", "pk"))
    named = {pk for section in sections for pk in pictures_in(section.body)}
    return Material(
        sections=sections,
        objectives=in_order(strategy.objectives.filter(removed_at=None)),
        cadences=cadences,
        occasions=list(strategy.occasions.filter(removed_at=None).order_by("on", "pk")),
        shares=list(strategy.shares.select_related("pillar").order_by("position", "pk")),
        channels=channels(strategy.client_id, [row.channel for row in cadences if row.channel]),
        pictures=pictures(strategy.client_id, sorted(named)),
    )


def in_order(objectives: Iterable[Objective]) -> list[Objective]:
    """Conversions before reach, reach before followers."""
    return sorted(objectives, key=lambda row: (_RANKS.index(Rank(row.rank)), row.position, row.pk))


def content_of(strategy: Strategy) -> Content:
    """All that would be agreed if the strategy were agreed as it stands now."""
    return content_from(strategy, material_of(strategy))


def content_from(strategy: Strategy, material: Material) -> Content:
    """The same from what was read before."""
    return {
        "filo": RECIPE,
        "title": strategy.title,
        "kind": str(strategy.kind),
        "language": str(strategy.language),
        "starts_on": strategy.starts_on.isoformat(),
        "ends_on": strategy.ends_on.isoformat() if strategy.ends_on else None,
        "sections": [_section(section, material) for section in material.sections],
        "pillars": [
            {"id": row.pillar_id, "name": row.pillar.name, "why": row.pillar.why, "share": row.percent}
            for row in material.shares
        ],
        "media": [_picture(material.pictures[pk]) for pk in sorted(material.pictures)],
    }


def as_said(row: Aim, said: Content) -> Aim:
    """An objective or an occasion in the words and with the numbers of its entry in a version. Nothing that is ever saved."""
    row.name = said["name"]
    if isinstance(row, Occasion):
        row.on, row.yearly, row.note = date.fromisoformat(said["on"]), said["yearly"], said["note"]
        return row
    for name in ("measure", "unit", "rank"):
        setattr(row, name, said[name])
    row.baseline = None if said["baseline"] is None else Decimal(said["baseline"])
    row.target, row.due_on = Decimal(said["target"]), date.fromisoformat(said["due_on"])
    return row


def plain(number: Decimal) -> str:
    """As few digits as it needs: 2.50 is 2.5."""
    return f"{number.normalize():f}"


def _section(section: Section, material: Material) -> Content:
    entry = {
        "id": section.pk,
        "kind": str(section.kind),
        "title": section.title,
        "body": section.body,
        "why": section.why,
        "source": section.source,
        "horizon": str(section.horizon),
        "review_by": section.review_by.isoformat() if section.review_by else None,
        "owner": _person(section.owner),
    }
    match section.kind:
        case SectionKind.OBJECTIVES:
            entry["objectives"] = [_objective(row) for row in material.objectives]
        case SectionKind.CHANNELS:
            entry["channels"] = [_cadence(row, material.channels) for row in material.cadences]
        case SectionKind.CALENDAR:
            entry["occasions"] = [_occasion(row) for row in material.occasions]
    return entry


def _person(user: User | None) -> Content | None:
    return {"id": user.pk, "name": user.name} if user else None


def _objective(row: Objective) -> Content:
    return {
        "id": row.pk,
        "name": row.name,
        "measure": row.measure,
        "unit": row.unit,
        "rank": str(row.rank),
        "baseline": None if row.baseline is None else plain(row.baseline),
        "target": plain(row.target),
        "due_on": row.due_on.isoformat(),
    }


def _cadence(row: Cadence, known: dict[int, ChannelTold]) -> Content:
    channel = known.get(row.channel) if row.channel else None
    return {
        "channel": row.channel,
        "network": channel.network if channel else "",
        "name": channel.name if channel else row.name,
        "handle": channel.handle if channel else "",
        "per_week": None if row.per_week is None else plain(row.per_week),
        "reason": row.reason,
        "left_out": row.left_out,
        "owner": _person(row.owner),
    }


def _occasion(row: Occasion) -> Content:
    return {
        "id": row.pk,
        "name": row.name,
        "on": row.on.isoformat(),
        "yearly": row.yearly,
        "note": row.note,
    }


def _picture(picture: Picture) -> Content:
    return {
        "id": picture.id,
        "sha256": picture.sha256,
        "name": picture.name,
        "alt_text": picture.alt_text,
        "mime": picture.mime,
    }
