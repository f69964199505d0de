"""What will keep a publication from going out at its time, said before that time comes.

What is scheduled is walked through in the order of its times, as the claims will: what of a network's limits is used by
then, what is shared between clients (see ``sharing``), whose window ends first. Nothing is asked of a network. Of what
other clients have planned only this is told, that a limit is used up.

It is a forecast. It knows the limits of the channels asked about and those that clients share; it does not know posts that
are not approved yet, nor tries that will fail.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client
from clients.moments import spoken
from social.models import Act, Channel, ChannelStatus, Publication, PublicationState, Use
from social.networks.base import Content, Limit, MediaItem, Part, Problem
from social.services import budgets
from social.services.ceilings import Costing, beyond_ceilings, goes_beyond
from social.services.needing import needs
from social.services.simulating import Counter, Planned, walk

_PICTURE = MediaItem("", "image/jpeg", 1, 1, 1, "", open=BytesIO)
PROBE = Content(text="x", media=(_PICTURE,), parts=(Part("x"),), comment="x")  # it takes of every limit there is

# How much of each limit was used, and how much is planned until the last of those asked about goes out.
TIGHT = """
SELECT k.key FROM unnest(%(keys)s::text[], %(networks)s::text[], %(channels)s::bigint[], %(since)s::timestamptz[], %(most)s::int[])
    AS k (key, network, channel, since, most)
WHERE k.most < coalesce((SELECT sum(cost) FROM social_use u WHERE u.key = k.key AND u.at > k.since), 0) + CASE
    WHEN k.channel IS NULL THEN coalesce((SELECT sum((p.uses ->> k.key)::int) FROM social_publication p
        WHERE p.network = k.network AND p.state = 'scheduled' AND p.due_at <= %(until)s AND p.uses ? k.key), 0)
    ELSE coalesce((SELECT sum((p.uses ->> k.key)::int) FROM social_publication p
        WHERE p.channel_id = k.channel AND p.state = 'scheduled' AND p.due_at <= %(until)s AND p.uses ? k.key), 0)
    END + (%(more)s::jsonb ->> k.key)::int
"""


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Why something does not go out at its time.

    ``code``: ``limit_used_up``, ``ceiling`` or ``connection``. ``until`` is when it goes out then; None where somebody has
    to do something before, or where it would be too late by then (``misses``). ``detail`` says it in the active language.
    """

    code: str
    until: datetime | None
    misses: bool
    detail: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Something that is asked about: a publication by its id, or what is none yet by a number below zero."""

    number: int
    channel: Channel
    client: Client
    due_at: datetime
    uses: Mapping[str, int]
    dollars: Decimal
    allowed: bool = False

    @property
    def planned(self) -> Planned:
        """As the walk takes it."""
        ends = self.due_at + timedelta(minutes=self.client.lateness_minutes)
        return Planned(number=self.number, client_id=self.client.pk, due_at=self.due_at, ends=ends, uses=self.uses)

    @property
    def costing(self) -> Costing:
        """As the ceilings take it."""
        return Costing(
            number=self.number, client=self.client, due_at=self.due_at, dollars=self.dollars, allowed=self.allowed
        )


def foresee(publications: Iterable[Publication], now: datetime | None = None) -> dict[int, Wait]:
    """What will keep those of these publications that are scheduled, by their ids, in a fixed number of queries.

    ``client`` and ``channel`` of each are to be loaded.
    """
    rows = [row for row in publications if row.state == PublicationState.SCHEDULED]
    asked = [
        Asked(
            number=row.pk,
            client=row.client,
            channel=row.channel,
            due_at=row.due_at,
            uses=row.uses,
            dollars=row.dollars,
            allowed=goes_beyond(row.act, row.beyond_by_id),
        )
        for row in rows
    ]
    return foresee_asked(asked, now or timezone.now())


def foresee_content(
    client: Client,
    contents: Iterable[tuple[Channel, Content]],
    publish_at: datetime | None,
    but: Collection[int] = (),
    act: str = Act.PUBLISH,
) -> dict[int, Wait]:
    """What would keep these contents, by channel, if they were to go out at that time; a time that has passed is none.

    ``but``: publications that they take the place of.
    """
    now = timezone.now()
    if publish_at is None or publish_at <= now:
        return {}
    allowed = goes_beyond(act, None)
    asked = [
        Asked(
            number=-place,
            channel=channel,
            client=client,
            due_at=publish_at,
            allowed=allowed,
            **needs(channel, content, act),
        )
        for place, (channel, content) in enumerate(contents, start=1)
    ]
    found = foresee_asked(asked, now, but)
    return {row.channel.pk: found[row.number] for row in asked if row.number in found}


def warning(wait: Wait) -> Problem:
    """What will keep it, among the other things that are worth a look before anybody says yes."""
    return Problem(wait.code, "warning", wait.detail.replace("%", "%%"))


def foresee_asked(rows: Sequence[Asked], now: datetime, but: Collection[int] = ()) -> dict[int, Wait]:
    """The same for what need not be stored. ``but``: publications that these take the place of."""
    found: dict[int, Wait] = {}
    going = []
    for row in rows:
        if row.channel.status == ChannelStatus.BROKEN:
            found[row.number] = _disconnected(row.channel)
        else:
            going.append(row)
    for number, detail in beyond_ceilings([row.costing for row in going], now, but).items():
        found[number] = Wait(code="ceiling", until=None, misses=False, detail=detail)
    going = [row for row in going if row.number not in found and row.uses]
    if going:
        found |= _limited(going, now, but)
    return found


def _disconnected(channel: Channel) -> Wait:
    text = _("%(channel)s needs a new connection.") % {"channel": channel.name}
    return Wait(code="connection", until=None, misses=False, detail=text)


def _limited(rows: Sequence[Asked], now: datetime, but: Collection[int]) -> dict[int, Wait]:
    known = _limits(rows)
    planned = {row.number: row.planned for row in rows}
    until = _horizon(planned.values(), known)
    tight = _tight(rows, known, now, until)
    if not tight:
        return {}
    counters = _counters({key: known[key] for key in tight}, now)
    others = _others(tight, known, now, until, {*planned, *but})
    kept = walk([*planned.values(), *others], counters, now)
    return {row.number: _used_up(row.client, *kept[row.number]) for row in rows if row.number in kept}


def _horizon(rows: Iterable[Planned], known: Mapping[str, tuple[Limit, Channel]]) -> datetime:
    """Until when what is planned matters: where clients share, until the last window that any of these uses ends."""
    last = max(row.ends for row in rows)
    return max([last, *(budgets.ends(limit, last) for limit, _channel in known.values() if limit.scope != "channel")])


def _used_up(client: Client, at: datetime, limit: Limit, misses: bool) -> Wait:  # noqa: FBT001 - as the walk gives it
    words = {"limit": limit.label, "when": spoken(at, client.zone)}
    if misses:
        text = _(
            "%(limit)s: used up at its time, until %(when)s. That is too late for it to go out by itself: it will ask you."
        )
        return Wait(code="limit_used_up", until=None, misses=True, detail=text % words)
    text = _("%(limit)s: used up at its time. It goes out on %(when)s.")
    return Wait(code="limit_used_up", until=at.astimezone(client.zone), misses=False, detail=text % words)


def _limits(rows: Iterable[Asked]) -> dict[str, tuple[Limit, Channel]]:
    """The limits of these channels by their keys."""
    channels = {row.channel.pk: row.channel for row in rows}
    return {
        key: (limit, channel)
        for channel in channels.values()
        for key, limit in budgets.limits_of(channel, PROBE).items()
    }


def _tight(
    rows: Sequence[Asked], known: Mapping[str, tuple[Limit, Channel]], now: datetime, until: datetime
) -> set[str]:
    """The limits that may not be enough: nothing else has to be walked through."""
    keys = sorted({key for row in rows for key in row.uses if key in known})
    more = {key: sum(row.uses.get(key, 0) for row in rows if row.number < 0) for key in keys}
    pairs = [known[key] for key in keys]
    values: dict[str, Any] = {
        "keys": keys,
        "networks": [channel.network for _limit, channel in pairs],
        "channels": [channel.pk if limit.scope == "channel" else None for limit, channel in pairs],
        "since": [budgets.begins(limit, now) for limit, _channel in pairs],
        "most": [limit.most for limit, _channel in pairs],
        "until": until,
        "more": json.dumps(more),
    }
    with connection.cursor() as cursor:
        cursor.execute(TIGHT, values)
        return {key for (key,) in cursor.fetchall()}


def _counters(known: Mapping[str, tuple[Limit, Channel]], now: datetime) -> dict[str, Counter]:
    """The limits with what was used of them by now."""
    counters = {key: Counter(limit) for key, (limit, _channel) in known.items()}
    since = {key: budgets.begins(counter.limit, now) for key, counter in counters.items()}
    rows = Use.objects.filter(key__in=counters, at__gt=min(since.values()), at__lte=now)
    for key, at, cost, client in rows.order_by("at").values_list("key", "at", "cost", "client"):
        if at > since[key]:
            counters[key].take(at, cost, client)
    return counters


def _others(
    tight: Collection[str],
    known: Mapping[str, tuple[Limit, Channel]],
    now: datetime,
    until: datetime,
    but: Collection[int],
) -> list[Planned]:
    """What else is scheduled that takes of these limits; of stopped clients and broken channels nothing goes out."""
    shared = {known[key][1].network for key in tight if known[key][0].scope != "channel"}
    alone = {known[key][1].pk for key in tight if known[key][0].scope == "channel"}
    found = Publication.objects.filter(
        Q(network__in=shared) | Q(channel__in=alone),
        state=PublicationState.SCHEDULED,
        due_at__lte=until,
        held=False,
        uses__has_any_keys=list(tight),
        client__frozen_at=None,
    ).exclude(channel__status=ChannelStatus.BROKEN)
    rows = found.values_list("pk", "client", "client__lateness_minutes", "due_at", "uses")
    made = (
        Planned(number=pk, client_id=client, due_at=due_at, ends=due_at + timedelta(minutes=minutes), uses=uses)
        for pk, client, minutes, due_at, uses in rows
    )
    return [row for row in made if row.ends >= now and row.number not in but]
