"""What networks allow within a time, counted in the database for all workers together.

Each use is a row; a limit holds where the rows of its window, with this one's cost, are within it. Whoever counts holds
the lock of that limit until the commit, so that two claims never share the last place.

What clients share (a limit of the app, or of a server) is shared fairly: see ``sharing``. What others have planned until
the window ends is kept for them, so that whoever comes first with a flood leaves them their part.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max, Sum
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from social import networks
from social.models import Act, Channel, Publication, Use
from social.networks.base import Content, Limit, Network
from social.services.connections import account_of
from social.services.locks import lock_name
from social.services.sharing import Demand, shares

KEPT = timedelta(days=32)  # longer than any window
LOOK_AGAIN = timedelta(minutes=10)  # what is kept for others may become free: they move and cancel

# For each client, what it has used of a limit since the window began, and what it has planned until the window ends.
DEMANDS = """
SELECT client_id, sum(used)::int, sum(planned)::int, min(urgent), max(served) FROM (
    SELECT client_id, sum(cost) AS used, 0 AS planned, NULL::timestamptz AS urgent, max(at) AS served
    FROM social_use WHERE key = %(key)s AND at > %(since)s GROUP BY client_id
    UNION ALL
    SELECT p.client_id, 0, sum((p.uses ->> %(key)s)::int), min(p.due_at + c.lateness_minutes * interval '1 minute'), NULL
    FROM social_publication p JOIN clients_client c ON c.id = p.client_id JOIN social_channel ch ON ch.id = p.channel_id
    WHERE p.network = %(network)s AND p.state = 'scheduled' AND p.due_at <= %(until)s AND p.uses ? %(key)s AND NOT p.held
        AND c.frozen_at IS NULL AND ch.status <> 'broken' AND p.due_at + c.lateness_minutes * interval '1 minute' >= %(now)s
        AND (p.tries = 0 OR NOT EXISTS (
            SELECT FROM social_use taken WHERE taken.publication_id = p.id AND taken.key = %(key)s AND taken.at > %(since)s
        ))
    GROUP BY p.client_id
) demand GROUP BY client_id
"""

_COUNTED = ("budgets", "edit_budgets", "delete_budgets")


def key_of(limit: Limit, channel: Channel) -> str:
    """What is counted together, such as ``youtube:uploads:app``."""
    within = {"channel": f"{channel.pk}", "app": "app"}.get(limit.scope) or urlsplit(channel.server).netloc
    return f"{channel.network}:{limit.name}:{within}"


def begins(limit: Limit, now: datetime) -> datetime:
    """Since when uses count: the start of the day in the network's zone, or of the span that slides."""
    if not limit.zone:
        return now - limit.window
    zone = ZoneInfo(limit.zone)
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def ends(limit: Limit, now: datetime) -> datetime:
    """When what is used now counts no longer."""
    if not limit.zone:
        return now + limit.window
    zone = ZoneInfo(limit.zone)
    return datetime.combine(begins(limit, now).date() + timedelta(days=1), time(), zone)


def limits_of(channel: Channel, content: Content, act: str = Act.PUBLISH) -> dict[str, Limit]:
    """The limits that a publication of this content, or this change of it, takes of, with what it takes, by their keys."""
    return {key_of(limit, channel): limit for limit in _taken_by(channel, content, act)}


def _taken_by(channel: Channel, content: Content, act: str) -> tuple[Limit, ...]:
    network, account = networks.get(channel.network), account_of(channel)
    match act:
        case Act.EDIT:
            return network.edit_budgets(account, content)
        case Act.TAKE_DOWN:
            return network.delete_budgets(account, content)
        case _:
            return network.budgets(account, content)


def used_of(key: str, limit: Limit, now: datetime) -> int:
    """How much of a limit is used by now."""
    return Use.objects.filter(key=key, at__gt=begins(limit, now)).aggregate(sum=Sum("cost"))["sum"] or 0


def has_limits(network: str) -> bool:
    """Whether anything is counted there."""
    ours = type(networks.get(network))
    return any(getattr(ours, name) is not getattr(Network, name) for name in _COUNTED)


def free_at(publication: Publication, content: Content, now: datetime) -> tuple[datetime, str] | None:
    """When the network's limits let it go out, and which limit keeps it until then; None where none does.

    In the caller's transaction, at the end of which ``take`` has written what it uses.
    """
    found = None
    for limit in _limits(publication, content, now):
        key = key_of(limit, publication.channel)
        lock_name(key)
        until = _until(key, limit, now)
        if until is None and limit.scope != "channel":
            until = _turn(key, limit, publication, now)
        if until and (found is None or until > found[0]):
            found = until, _reason(publication, limit)
    return found


def take(publication: Publication, content: Content, now: datetime) -> None:
    """Write down what this try uses: once in a limit's window, however often the network says that it is not ready."""
    Use.objects.bulk_create(
        Use(
            key=key_of(limit, publication.channel),
            at=now,
            cost=limit.cost,
            publication=publication,
            client_id=publication.client_id,
        )
        for limit in _limits(publication, content, now)
    )


def read_at(publication: Publication, now: datetime) -> datetime | None:
    """Take what one question about it takes of the network's limits; None where that is free now, else when it is.

    In the caller's transaction.
    """
    limits = networks.get(publication.network).read_budgets()
    found = []
    for limit in limits:
        key = key_of(limit, publication.channel)
        lock_name(key)
        found.append(_until(key, limit, now))
    late = [until for until in found if until]
    if late:
        return max(late)
    _note(limits, publication.channel, now, publication)
    return None


def note_check(channel: Channel, now: datetime) -> None:
    """Write down what it takes of the network's limits to ask whose account this is; that is asked also where they are used up."""
    _note(networks.get(channel.network).check_budgets(), channel, now)


def note_question(publication: Publication, now: datetime) -> None:
    """Write down what it takes of them to ask what became of it. That can't wait, and is no part of what a try takes."""
    _note(networks.get(publication.network).read_budgets(), publication.channel, now)


def _note(limits: Iterable[Limit], channel: Channel, now: datetime, publication: Publication | None = None) -> None:
    Use.objects.bulk_create(
        Use(
            key=key_of(limit, channel),
            at=now,
            cost=limit.cost,
            publication=publication,
            client_id=channel.client_id,
        )
        for limit in limits
    )


def forget_old() -> int:
    """Delete uses that no window reaches any more. How many that were."""
    gone, _tables = Use.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return gone


def _limits(publication: Publication, content: Content, now: datetime) -> Iterable[Limit]:
    """The limits that this try takes of: not those in whose window a try before it has taken already."""
    if not has_limits(publication.network):
        return
    found = _taken_by(publication.channel, content, publication.act)
    taken = Use.objects.filter(publication_id=publication.pk).values_list("key").annotate(last=Max("at"))
    last = dict(taken) if found and publication.tries else {}
    for limit in found:
        at = last.get(key_of(limit, publication.channel))
        if at is None or at <= begins(limit, now):
            yield limit


def _until(key: str, limit: Limit, now: datetime) -> datetime | None:
    """The first moment at which enough of the limit is free; None where that is now."""
    used = Use.objects.filter(key=key, at__gt=begins(limit, now))
    over = used_of(key, limit, now) + limit.cost - limit.most
    if over <= 0:
        return None
    if limit.zone:
        return ends(limit, now)
    for at, cost in used.order_by("at").values_list("at", "cost"):
        over -= cost
        if over <= 0:
            return at + limit.window
    return now + limit.window  # it takes more than the limit ever has: preflight says so before


def _turn(key: str, limit: Limit, publication: Publication, now: datetime) -> datetime | None:
    """When to look again, where the rest of the limit is kept for other clients; None where this one may go."""
    since = begins(limit, now)
    values: dict[str, Any] = {
        "key": key,
        "since": since,
        "until": ends(limit, now),
        "network": publication.network,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(DEMANDS, values)
        demands = {client: Demand(*rest) for client, *rest in cursor.fetchall()}
    mine = demands.get(publication.client_id, Demand())
    if not mine.planned:  # it was scheduled before it was known what it takes
        mine = demands[publication.client_id] = replace(mine, planned=limit.cost)
    if sum(demand.total for demand in demands.values()) <= limit.most:
        return None
    if mine.used < shares(demands, limit.most)[publication.client_id]:
        return None
    return min(ends(limit, now), now + LOOK_AGAIN)


def _reason(publication: Publication, limit: Limit) -> str:
    with translation.override(publication.client.language):
        return _("%(limit)s: all %(most)d are used up.") % {"limit": limit.label, "most": limit.most}
