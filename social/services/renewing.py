"""Renewing tokens ahead of their end: one worker a channel at a time, and no refresh token used twice.

A worker writes its mark on the channel before it asks the network. Who finds a mark that is still good does nothing; who
finds one that is over found a dead worker. A network that ends the old refresh token with each renewal may have taken
that worker's, and its answer is lost: then the token is not tried again (a second use ends all there is, RFC 9700 §4.14.2),
and the channel is to be connected anew, before what it has ends. So it is where an answer is lost on the way.

| how the network answers                      | refresh token ends with each renewal | it stays |
|----------------------------------------------|--------------------------------------|----------|
| new tokens                                   | kept before they are used            | the same |
| no connection; 429; 5xx                      | later, with the same token           | the same |
| nothing, or nothing that can be read         | lost: never used again               | later    |
| the worker dies                              | lost                                 | at once  |
| it refuses the token                         | the channel needs a new connection   | the same |
| it refuses our app                           | later; the managers are told         | the same |
"""

import datetime as dt
import logging
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from social import networks
from social.credentials import seal, unseal
from social.models import Channel, ChannelStatus
from social.networks.base import CredentialsRefused, NetworkError, NotSent, Refused, Throttled
from social.services import clock
from social.services.connections import FRESH, account_of, break_channel, dates_of, expire, standing, wake_waiting
from social.services.enduring import enduring
from social.services.lanes import HAND_OUT, questions

log = logging.getLogger(__name__)
LEASE = dt.timedelta(minutes=3)  # longer than any renewal takes
BATCH = 100
LOST = frozenset({"no_answer", "answer_not_readable"})
OF_THE_APP = dt.timedelta(hours=1)

DUE = """
UPDATE social_channel SET renew_at = %(again)s
WHERE id IN (
    SELECT id FROM social_channel
    WHERE renew_at <= %(now)s AND status <> 'retired' AND (renewing_until IS NULL OR renewing_until <= %(now)s)
    ORDER BY renew_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def hand_out(now: dt.datetime) -> list[int]:
    """The channels whose token is to be renewed now: one query, shared by several sweeps."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"now": now, "again": now + HAND_OUT, "batch": BATCH})
        return [row[0] for row in cursor.fetchall()]


def renew_in_turn(*, channel_id: int) -> None:
    """Renew one channel's token, or leave it to the thread that renews others of its network (see ``lanes``)."""
    slug, client = Channel.objects.values_list("network", "client").get(pk=channel_id)
    questions(slug, "renew").run(channel_id, lambda one: renew(channel_id=one), whose=client)


def renew(*, channel_id: int) -> None:
    """Renew one channel's token, unless somebody else does, or just did."""
    channel = Channel.objects.select_related("client").get(pk=channel_id)
    mark = _claim(channel, clock.now())
    if not mark:
        return
    said = _asked(channel, mark)
    # What the network has answered is written down, also where the database is away just now: the old token may be over.
    enduring(said)


def _asked(channel: Channel, mark: str) -> Callable[[], None]:
    """Ask the network for new tokens; what has to be written down of its answer, the same whether once or twice."""
    try:
        given = networks.get(channel.network).refresh(account_of(channel))
    except NetworkError as error:
        return _denied(channel, mark, error)
    except Exception:
        log.exception("renewing broke", extra={"channel": channel.pk})
        return _unheard(channel, mark, None)
    return partial(_keep, channel, mark, given)


def _denied(channel: Channel, mark: str, error: NetworkError) -> Callable[[], None]:
    match error:
        case CredentialsRefused():
            return partial(_over, channel, mark, error)
        case Throttled():
            return partial(_later, channel, mark, error, max(error.retry_at, clock.now() + HAND_OUT))
        case Refused():
            return partial(_app_refused, channel, mark, error)
        case NotSent() if error.code not in LOST:
            return partial(_later, channel, mark, error, clock.now() + _backoff(channel))
        case _:
            return _unheard(channel, mark, error)


def _unheard(channel: Channel, mark: str, error: NetworkError | None) -> Callable[[], None]:
    if _rotates(channel):
        return partial(_lost, channel, mark)
    return partial(_later, channel, mark, error, clock.now() + _backoff(channel))


def _claim(channel: Channel, now: dt.datetime) -> str:
    """Our mark on the channel; empty where it is not ours to renew."""
    mine = Channel.objects.filter(
        pk=channel.pk, renewing=channel.renewing, credentials=channel.credentials, renew_at__lte=now + HAND_OUT
    ).exclude(status=ChannelStatus.RETIRED)
    if channel.renewing:
        if channel.renewing_until and channel.renewing_until > now:
            return ""
        if _rotates(channel):  # whoever had it died with it
            _lost(channel, channel.renewing)
            return ""
    mark = secrets.token_hex(16)
    return mark if mine.update(renewing=mark, renewing_until=now + LEASE) else ""


def _rotates(channel: Channel) -> bool:
    network = networks.get(channel.network)
    oauth = network.ways().get(network.way_of(unseal(channel.credentials)))
    return bool(oauth and oauth.rotates)


@transaction.atomic
def _keep(channel: Channel, mark: str, given: Any) -> None:
    """Commit the new tokens before anybody uses them. Who connected the account anew meanwhile has newer ones."""
    now = clock.now()
    mine = Channel.objects.filter(pk=channel.pk, renewing=mark).exclude(status=ChannelStatus.RETIRED)
    dates = dates_of(channel.network, given, now)
    if mine.update(credentials=seal(given), renewed_at=now, **dates, **FRESH):
        channel.refresh_from_db()
        if channel.status != ChannelStatus.BROKEN:
            Channel.objects.filter(pk=channel.pk).update(status=standing(channel, now), status_detail="")
        wake_waiting(channel, now)


def _later(channel: Channel, mark: str, error: NetworkError | None, at: dt.datetime) -> None:
    mine = Channel.objects.filter(pk=channel.pk, renewing=mark)
    mine.update(renewing="", renewing_until=None, renew_at=at, renew_tries=min(channel.renew_tries + 1, 99))
    if error:
        log.info("not renewed yet", extra={"channel": channel.pk, "code": error.code})


def _backoff(channel: Channel) -> dt.timedelta:
    return dt.timedelta(seconds=min(900, 10 * 2 ** min(channel.renew_tries, 10)))


def _app_refused(channel: Channel, mark: str, error: Refused) -> None:
    """Not the account's fault: it stays connected as long as its token lasts, and its managers hear what is wrong."""
    with translation.override(channel.client.language):
        detail = error.detail
    with transaction.atomic():
        _later(channel, mark, error, clock.now() + OF_THE_APP)
        expire(channel, detail, status=ChannelStatus.CONNECTED)


@transaction.atomic
def _over(channel: Channel, mark: str, error: CredentialsRefused) -> None:
    with translation.override(channel.client.language):
        detail = error.detail
    # Where the network still lets us in by the old token, that is so until its end.
    if Channel.objects.filter(pk=channel.pk, renewing=mark).update(**FRESH, ends_at=F("token_ends_at")):
        _forget_refresh_token(channel)
        break_channel(channel=channel, detail=detail)


@transaction.atomic
def _lost(channel: Channel, mark: str) -> None:
    """The network may have ended the refresh token, and what it gave for it is gone."""
    now = clock.now()
    mine = Channel.objects.filter(pk=channel.pk, renewing=mark, credentials=channel.credentials)
    ends = channel.token_ends_at
    with translation.override(channel.client.language):
        detail = _("The network's answer to a renewal was lost. Only a new connection gives a new token.")
    if not mine.update(**FRESH, ends_at=ends):
        return
    _forget_refresh_token(channel)
    log.warning("a renewal was lost", extra={"channel": channel.pk})
    if ends is None or ends <= now:
        break_channel(channel=channel, detail=detail)
    else:
        expire(channel, detail)


def _forget_refresh_token(channel: Channel) -> None:
    kept = {name: value for name, value in unseal(channel.credentials).items() if name != "refresh_token"}
    rows = Channel.objects.filter(pk=channel.pk, credentials=channel.credentials)
    rows.update(credentials=seal(kept), renew_at=None)
