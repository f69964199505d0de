"""The sweep: where a channel is going to be quiet for longer than was agreed, that is foreseen; what is filled is over.

The insert is the claim of a silence, and lowering its stage by a conditional UPDATE that of each further stage: run twice,
or by two at once, each happens once; killed before the commit, nothing has, and the next one does it. A clock that is put
back lowers nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from social.models import Silence, SilenceState
from social.models.silences import STAGES
from social.pauses import Gap, first_gap, longest_pause, stage_of
from social.services.silences.facts import Facts, Known, facts

# Whoever has just filled one need not be told at once of the next, while that is far: its nearer stages will tell.
JUST_NOW = timedelta(days=7)

LOCK = "SELECT id FROM social_silence WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE"
END = """
UPDATE social_silence silence SET state = over.state, ended_at = %(now)s, updated_at = %(now)s
FROM unnest(%(ids)s::bigint[], %(states)s::text[]) AS over (id, state)
WHERE silence.id = over.id AND silence.state = 'foreseen'
"""
MOVE = """
UPDATE social_silence silence SET after = seen.after, falls_on = seen.falls_on, until = seen.until, owner_id = seen.owner,
    per_week = seen.per_week, strategy_id = seen.strategy, stage = LEAST(silence.stage, seen.stage),
    staged_at = CASE WHEN seen.stage < silence.stage THEN %(now)s ELSE silence.staged_at END, updated_at = %(now)s
FROM unnest(%(ids)s::bigint[], %(afters)s::date[], %(falls)s::date[], %(untils)s::date[], %(owners)s::bigint[],
    %(weeks)s::numeric[], %(strategies)s::bigint[], %(stages)s::int[])
    AS seen (id, after, falls_on, until, owner, per_week, strategy, stage)
JOIN social_silence before ON before.id = seen.id
WHERE silence.id = seen.id AND silence.state = 'foreseen'
RETURNING seen.stage < before.stage
"""
BEGIN = """
INSERT INTO social_silence (client_id, channel_id, strategy_id, per_week, owner_id, state, after, falls_on, until, stage,
    staged_at, why, note, created_at, updated_at)
SELECT client, channel, strategy, per_week, owner, 'foreseen', after, falls_on, until, stage,
    CASE WHEN quiet THEN NULL ELSE %(now)s END, '', '', %(now)s, %(now)s
FROM unnest(%(clients)s::bigint[], %(channels)s::bigint[], %(strategies)s::bigint[], %(weeks)s::numeric[],
    %(owners)s::bigint[], %(afters)s::date[], %(falls)s::date[], %(untils)s::date[], %(stages)s::int[], %(quiets)s::bool[])
    AS seen (client, channel, strategy, per_week, owner, after, falls_on, until, stage, quiet)
ORDER BY channel
ON CONFLICT (channel_id) WHERE state = 'foreseen' DO NOTHING
"""


@dataclass(frozen=True)
class Seen:
    """A silence that is near enough to be told of."""

    known: Known
    gap: Gap
    stage: int

    def same_as(self, row: Silence) -> bool:
        """Whether the row says all of it already."""
        known, gap = self.known, self.gap
        now = (gap.after, gap.falls_on, gap.until, known.owner, known.per_week, known.strategy)
        before = (row.after, row.falls_on, row.until, row.owner_id, row.per_week, row.strategy_id)
        return now == before and self.stage >= row.stage


def foresee(*, now: datetime, channels: Collection[int] | None = None) -> int:
    """Look at all channels, or at these; how many stages were claimed. A fixed number of queries."""
    found = facts(now, channels)
    seen = {row.known.channel: row for row in _seen(found, now)}
    living, filled = _rows(channels, now)
    over, moved, kept = [], [], set()
    for row in living:
        there = seen.get(row.channel_id)
        if row.channel_id not in found.channels:
            over.append((row.pk, SilenceState.MOOT))
        elif there is None or there.gap.falls_on > row.falls_on:
            over.append((row.pk, SilenceState.FILLED))
            filled.add(row.channel_id)
        else:
            kept.add(row.channel_id)
            if not there.same_as(row):
                moved.append((row.pk, there))
    new = [row for channel, row in sorted(seen.items()) if channel not in kept]
    return _write(over, moved, new, filled, now) if over or moved or new else 0


def still_ahead(silence: Silence, now: datetime) -> bool:
    """Whether it is ahead as things stand now: what was planned a moment ago counts, which the next sweep writes down."""
    seen = next(iter(_seen(facts(now, [silence.channel_id]), now)), None)
    return seen is not None and seen.gap.falls_on <= silence.falls_on


def _seen(found: Facts, now: datetime) -> Iterable[Seen]:
    for known in found.channels.values():
        today = now.astimezone(known.zone).date()
        gap = first_gap(known.after, known.planned, longest_pause(known.per_week), today)
        if known.let_be is not None and gap.falls_on <= known.let_be:
            continue
        stage = stage_of(found.calendars[known.client], gap.falls_on, now)
        if stage is not None:
            yield Seen(known, gap, stage)


def _rows(channels: Collection[int] | None, now: datetime) -> tuple[list[Silence], set[int]]:
    """The silences ahead; and the channels on which one was filled just now."""
    lately = Q(state=SilenceState.FILLED, ended_at__gt=now - JUST_NOW)
    rows = Silence.objects.filter(Q(state=SilenceState.FORESEEN) | lately).order_by("pk")
    if channels is not None:
        rows = rows.filter(channel__in=channels)
    found = list(rows)
    living = [row for row in found if row.state == SilenceState.FORESEEN]
    return living, {row.channel_id for row in found if row.state == SilenceState.FILLED}


@transaction.atomic
def _write(
    over: Sequence[tuple[int, SilenceState]],
    moved: Sequence[tuple[int, Seen]],
    new: Sequence[Seen],
    filled: Collection[int],
    now: datetime,
) -> int:
    claimed = 0
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"ids": [pk for pk, _rest in (*over, *moved)]})
        if over:
            states = [str(state) for _pk, state in over]
            cursor.execute(END, {"ids": [pk for pk, _state in over], "states": states, "now": now})
        if moved:
            rows = [seen for _pk, seen in moved]
            cursor.execute(MOVE, {**_columns(rows), "ids": [pk for pk, _seen in moved], "now": now})
            claimed += sum(nearer for (nearer,) in cursor.fetchall())
        if new:
            quiets = [row.known.channel in filled and row.stage == STAGES[0] for row in new]
            cursor.execute(BEGIN, {**_columns(new), "quiets": quiets, "now": now})
            claimed += cursor.rowcount
    return claimed


def _columns(rows: Sequence[Seen]) -> dict[str, list[Any]]:
    return {
        "clients": [row.known.client for row in rows],
        "channels": [row.known.channel for row in rows],
        "strategies": [row.known.strategy for row in rows],
        "weeks": [row.known.per_week for row in rows],
        "owners": [row.known.owner for row in rows],
        "afters": [row.gap.after for row in rows],
        "falls": [row.gap.falls_on for row in rows],
        "untils": [row.gap.until for row in rows],
        "stages": [row.stage for row in rows],
    }
