"""What the sweep must know of all channels at once: what was agreed, what is heard of them, who looks after them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F

from clients.caretakers import Caretakers
from clients.working_time import Calendar, calendars_of
from social import networks
from social.models import Recurrence
from social.recurrence import coming
from strategy.in_force import cadences

AHEAD = timedelta(days=70)  # so far is looked for what is planned; whoever is closed for long is warned so long before

CHANNELS = """
SELECT channel.id, channel.client_id, client.timezone, channel.cadence_per_week,
    (channel.created_at AT TIME ZONE client.timezone)::date
FROM social_channel channel JOIN clients_client client ON client.id = channel.client_id
WHERE channel.status <> 'retired' AND NOT channel.network = ANY(%(over)s)
    AND client.frozen_at IS NULL AND client.status IN ('prospect', 'active')
    AND (%(only)s::bigint[] IS NULL OR channel.id = ANY(%(only)s))
"""

# Answers and corrections of what is live are no sign of life; nor is what was taken down again.
OUT = "act IN ('publish', 'new_post')"
HEARD = f"""
SELECT known.channel, last.day, ahead.days, pause.until, pause.let_be
FROM unnest(%(channels)s::bigint[], %(zones)s::text[]) AS known (channel, zone)
LEFT JOIN LATERAL (
    SELECT (COALESCE(published_at, due_at) AT TIME ZONE known.zone)::date AS day FROM social_publication
    WHERE channel_id = known.channel AND due_at <= %(now)s AND state = 'published' AND {OUT} AND taken_down_at IS NULL
    ORDER BY due_at DESC LIMIT 1
) last ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT (due_at AT TIME ZONE known.zone)::date) AS days FROM social_publication
    WHERE channel_id = known.channel AND due_at > %(now)s - interval '1 day' AND due_at <= %(until)s
        AND state IN ('scheduled', 'publishing', 'unknown') AND {OUT}
) ahead ON true
LEFT JOIN LATERAL (
    SELECT max(quiet_until) AS until, max(falls_on) FILTER (WHERE quiet_until IS NULL) AS let_be FROM social_silence
    WHERE channel_id = known.channel AND state = 'dismissed'
) pause ON true
"""  # noqa: S608 - ours, from above

# What would go out there. A draft that has a time and says nothing yet is an intention, and no post.
SAYS = r"""(
    post.state NOT IN ('draft', 'changes_requested') OR COALESCE(variant.text, post.text) ~ '\S' OR post.link <> ''
    OR array_to_string(COALESCE(variant.parts, post.parts), '') ~ '\S'
    OR EXISTS (
        SELECT FROM social_postmedia shown WHERE shown.post_id = post.id
            AND shown.variant_id IS NOT DISTINCT FROM CASE WHEN variant.own_media THEN variant.id END
    )
)"""
# Posts that have a time and are not in the outbox yet; a draft counts, since somebody means it.
PLANNED = f"""
SELECT variant.channel_id, array_agg(DISTINCT (post.publish_at AT TIME ZONE client.timezone)::date)
FROM social_post post
JOIN social_variant variant ON variant.post_id = post.id
JOIN clients_client client ON client.id = post.client_id
WHERE post.client_id = ANY(%(clients)s) AND post.state IN ('draft', 'in_review', 'changes_requested', 'approved')
    AND post.publish_at > %(now)s AND post.publish_at <= %(until)s AND post.{OUT}
    AND variant.channel_id = ANY(%(channels)s) AND {SAYS}
GROUP BY variant.channel_id
"""  # noqa: S608 - ours, from above


@dataclass
class Known:
    """One channel: its cadence, and the days on which it is heard.

    ``after`` is the last day that counts: something went out, the cadence came into force, a wanted silence was to end.
    ``let_be``: silences up to this day are wanted.
    """

    channel: int
    client: int
    zone: ZoneInfo
    per_week: Decimal
    strategy: int | None
    owner: int | None
    after: date
    planned: set[date] = field(default_factory=set)
    let_be: date | None = None


@dataclass(frozen=True)
class Facts:
    """All channels that have a cadence, and the calendars of their clients."""

    channels: dict[int, Known]
    calendars: dict[int, Calendar]


def facts(now: datetime, only: Collection[int] | None = None) -> Facts:
    """What is so at ``now``, of all channels that could fall silent or of ``only`` these; ten queries, however many they are."""
    rows = _channels(only)
    agreed = cadences({client for _channel, client, *_rest in rows}, now)
    caretakers = Caretakers({client for _channel, client, *_rest in rows})
    known = {}
    for channel, client, zone, per_week, since in rows:
        said = agreed.get(channel)
        wanted = said.per_week if said else per_week
        if not wanted:
            continue
        known[channel] = Known(
            channel=channel,
            client=client,
            zone=ZoneInfo(zone),
            per_week=wanted,
            strategy=said.strategy if said else None,
            owner=caretakers.first(client, said.owner, said.keeper) if said else caretakers.first(client),
            after=max(since, said.since) if said else since,
        )
    if known:
        _hear(known, now)
    return Facts(known, calendars_of({row.client for row in known.values()}))


def _channels(only: Collection[int] | None) -> Sequence[tuple[int, int, str, Decimal | None, date]]:
    over = [slug for slug in networks.NETWORKS if networks.has_ended(slug)]
    with connection.cursor() as cursor:
        cursor.execute(CHANNELS, {"over": over, "only": None if only is None else list(only)})
        found: Sequence[tuple[int, int, str, Decimal | None, date]] = cursor.fetchall()
    return found


def _hear(known: dict[int, Known], now: datetime) -> None:
    values: dict[str, Any] = {
        "channels": list(known),
        "zones": [row.zone.key for row in known.values()],
        "clients": sorted({row.client for row in known.values()}),
        "now": now,
        "until": now + AHEAD,
    }
    with connection.cursor() as cursor:
        cursor.execute(HEARD, values)
        for channel, last, ahead, until, let_be in cursor.fetchall():
            row = known[channel]
            row.after = max(filter(None, [row.after, last, until]))
            row.planned.update(ahead or ())
            row.let_be = let_be
        cursor.execute(PLANNED, values)
        for channel, days in cursor.fetchall():
            known[channel].planned.update(days)
    _series(known, now)


def _series(known: dict[int, Known], now: datetime) -> None:
    """The times of series whose posts have still to be made."""
    running = Recurrence.objects.filter(ended_at=None, next_at__lte=now + AHEAD, pattern__variants__channel__in=known)
    moments: dict[int, list[datetime]] = {}
    for series in running.annotate(on=F("pattern__variants__channel")):
        if series.pk not in moments:
            moments[series.pk] = [at for at in coming(series) if now < at <= now + AHEAD]
        row = known[series.on]
        row.planned.update(at.astimezone(row.zone).date() for at in moments[series.pk])
