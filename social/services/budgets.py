"""What networks allow within a time, counted in the database for all workers together.

Each use is a row; a limit holds where the rows of its window, with this one's cost, are within it. Whoever counts holds
the lock of that limit until the commit, so that two claims never share the last place.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from social import networks
from social.models import Channel, Publication, Use
from social.networks.base import Content, Limit
from social.services.channels import account_of

KEPT = timedelta(days=32)  # longer than any window


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


def free_at(publication: Publication, content: Content, now: datetime) -> tuple[datetime, str] | None:
    """When the network's limits let it go out, and which limit keeps it until then; None where none does.

    In the caller's transaction, at the end of which ``take`` has written what it uses.
    """
    found = None
    for limit in _limits(publication, content):
        key = key_of(limit, publication.channel)
        _lock(key)
        until = _until(key, limit, now)
        if until and (found is None or until > found[0]):
            found = until, _reason(publication, limit)
    return found


def take(publication: Publication, content: Content, now: datetime) -> None:
    """Write down what this try uses."""
    Use.objects.bulk_create(
        Use(key=key_of(limit, publication.channel), at=now, cost=limit.cost, publication=publication)
        for limit in _limits(publication, content)
    )


def forget_old() -> int:
    """Delete uses that no window reaches any more. How many that were."""
    gone, _tables = Use.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return gone


def _limits(publication: Publication, content: Content) -> Iterable[Limit]:
    return networks.get(publication.network).budgets(account_of(publication.channel), content)


def _lock(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _until(key: str, limit: Limit, now: datetime) -> datetime | None:
    """The first moment at which enough of the limit is free; None where that is now."""
    since = begins(limit, now)
    used = Use.objects.filter(key=key, at__gt=since)
    over = (used.aggregate(sum=Sum("cost"))["sum"] or 0) + limit.cost - limit.most
    if over <= 0:
        return None
    if limit.zone:
        zone = ZoneInfo(limit.zone)
        return datetime.combine(since.date() + timedelta(days=1), time(), zone)
    for at, cost in used.order_by("at").values_list("at", "cost"):
        over -= cost
        if over <= 0:
            return at + limit.window
    return now + limit.window  # it takes more than the limit ever has: preflight says so before


def _reason(publication: Publication, limit: Limit) -> str:
    with translation.override(publication.client.language):
        return _("%(limit)s: all %(most)d are used up.") % {"limit": limit.label, "most": limit.most}
