"""Whether a network lets us in to a channel, and until when: what is written when that changes, and who is told."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from audit.services import record
from clients.models import Membership, Role
from notifications.services import tell
from social import networks
from social.credentials import seal, unseal
from social.models import Channel, ChannelStatus, Publication, PublicationState
from social.networks.base import Account
from social.services import clock
from social.services.apps import app_of

FORESEEN = dt.timedelta(days=14)  # so long before a connection ends for good, somebody is told
AHEAD_AT_MOST = dt.timedelta(days=7)
JUST_RENEWED = dt.timedelta(minutes=5)  # a token that is refused so soon after a renewal is not renewed again
FRESH: dict[str, Any] = {"renew_tries": 0, "renewing": "", "renewing_until": None}
DATES = ("token_ends_at", "ends_at", "renew_at")
LOCKED = dt.timedelta(seconds=3)
BETWEEN_TRIES = dt.timedelta(minutes=1)  # at most; a renewal that takes longer leaves what waits for it in peace
ANY_QUESTION = dt.timedelta(minutes=15)  # no question about what is uncertain is further away, but for want of a token


def account_of(channel: Channel) -> Account:
    """The channel as its network module takes it, credentials in clear."""
    credentials = unseal(channel.credentials)
    way = networks.get(channel.network).way_of(credentials)
    return Account(
        handle=channel.handle,
        server=channel.server,
        credentials=credentials,
        identity=channel.identity,
        app=app_of(channel.network, channel.server, way),
        channel=channel.pk or 0,
        allows=channel.allows,
    )


def dates_of(network: str, credentials: Mapping[str, Any], now: dt.datetime) -> dict[str, dt.datetime | None]:
    """The ``DATES`` of a channel with these credentials: renewed when a third of the token's life is left, or a week."""
    token_ends, renews = _moment(credentials, "expires_at"), networks.get(network).renews(credentials)
    if not renews:
        return {"token_ends_at": token_ends, "ends_at": token_ends, "renew_at": None}
    ahead = min((token_ends - now) / 3, AHEAD_AT_MOST) if token_ends else dt.timedelta()
    renew_at = max(token_ends - ahead, now) if token_ends else None
    return {"token_ends_at": token_ends, "ends_at": _moment(credentials, "refresh_expires_at"), "renew_at": renew_at}


def put_credentials(channel: Channel, credentials: Mapping[str, Any], now: dt.datetime) -> None:
    """Give the channel these credentials, in memory: whoever was renewing the old ones writes nothing any more."""
    channel.credentials, channel.session = seal(credentials), ""
    for name, value in {**dates_of(channel.network, credentials, now), **FRESH}.items():
        setattr(channel, name, value)


def _moment(credentials: Mapping[str, Any], name: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(str(credentials.get(name) or ""))
    except ValueError:  # typed by a person
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


@transaction.atomic
def note_allows(*, channel_id: int, **known: Any) -> None:
    """We know ourselves what this account takes, before its network is asked again."""
    channel = Channel.objects.select_for_update(of=("self",), no_key=True).get(pk=channel_id)
    Channel.objects.filter(pk=channel_id).update(allows={**channel.allows, **known}, updated_at=clock.now())


def standing(channel: Channel, now: dt.datetime) -> ChannelStatus:
    """What a channel is whose network lets us in."""
    ends = channel.ends_at
    return ChannelStatus.EXPIRING if ends and ends <= now + FORESEEN else ChannelStatus.CONNECTED


def wake_waiting(channel: Channel, now: dt.datetime) -> None:
    """What waited for the connection goes on: what was to go out, and what the network was to be asked."""
    mine = Publication.objects.filter(channel=channel)
    mine.filter(state=PublicationState.SCHEDULED, due_at__lte=now).update(wake_at=now)
    mine.filter(state=PublicationState.UNKNOWN, wake_at__gt=now + ANY_QUESTION).update(wake_at=now)


def managers_of(client_id: int) -> list[int]:
    """Who must act when a channel needs somebody: the client's managers."""
    found = Membership.objects.filter(client=client_id, role=Role.MANAGER, user__is_active=True)
    return list(found.values_list("user_id", flat=True))


@transaction.atomic
def break_channel(*, channel: Channel, detail: str, **only: Any) -> bool:
    """The network does not let us in: the channel needs a new connection, and its managers are told, once.

    ``only`` is what must still be so of the row. Whether it was.
    """
    now = clock.now()
    rows = Channel.objects.filter(pk=channel.pk, **only).exclude(status=ChannelStatus.RETIRED)
    said = {"status_detail": detail[:500], "checked_at": now, "updated_at": now}
    if not rows.exclude(status=ChannelStatus.BROKEN).update(status=ChannelStatus.BROKEN, **said):
        return bool(rows.update(**said))
    _tell(channel, "channel_broken", now)
    record(
        client_id=channel.client_id, actor=None, verb="channel.broken", subject_type="channel", subject_id=channel.pk
    )
    return True


def refused_credentials(*, channel: Channel, detail: str) -> bool:
    """The network refused the credentials that ``channel`` was read with. Whether the channel needs a new connection.

    It does not where others are there meanwhile, nor where they are being renewed or can be: then that is asked for, once.
    """
    now = clock.now()
    if Channel.objects.filter(pk=channel.pk, renewing_until__gt=now).exclude(renewing="").exists():
        return False
    same = Channel.objects.filter(pk=channel.pk, credentials=channel.credentials)
    if networks.get(channel.network).renews(unseal(channel.credentials)):
        old = same.filter(Q(renewed_at=None) | Q(renewed_at__lt=now - JUST_RENEWED))
        if old.update(renew_at=now, token_ends_at=now):
            return False
    return break_channel(channel=channel, detail=detail, credentials=channel.credentials)


def waits_for_renewal(channel: Channel, now: dt.datetime) -> dt.datetime | None:
    """Until when whoever needs this channel's token has to wait, None where it is there; a renewal is never done beside.

    A token that has ended is asked to be renewed at once.
    """
    if channel.renewing and channel.renewing_until and channel.renewing_until > now:
        return now + LOCKED
    ended = channel.token_ends_at is not None and channel.token_ends_at <= now + dt.timedelta(minutes=1)
    if not ended or channel.renew_at is None:
        return None
    tried = channel.renew_at > now and channel.renew_tries
    if tried:  # what waits wakes with a new token (see ``wake_waiting``)
        return max(now + LOCKED, min(channel.renew_at, now + BETWEEN_TRIES))
    if channel.renew_at > now:
        Channel.objects.filter(pk=channel.pk, renew_at=channel.renew_at, renew_tries=0).update(renew_at=now)
    return now + LOCKED


def foresee_ends(now: dt.datetime, most: int = 200) -> int:
    """Tell of connections that end for good within two weeks, and of those that have ended. How many that were."""
    living = Channel.objects.filter(status__in=[ChannelStatus.CONNECTED, ChannelStatus.EXPIRING])
    soon = living.filter(status=ChannelStatus.CONNECTED, ends_at__lte=now + FORESEEN)
    over = living.filter(ends_at__lte=now, renew_at=None)
    found = [*soon.select_related("client")[:most], *over.select_related("client")[:most]]
    return sum(_foreseen(channel, now) for channel in found)


@transaction.atomic
def _foreseen(channel: Channel, now: dt.datetime) -> bool:
    if channel.ends_at is not None and channel.ends_at <= now and channel.renew_at is None:
        with translation.override(channel.client.language):
            detail = _("The connection has run out.")
        return break_channel(channel=channel, detail=detail, ends_at=channel.ends_at)
    return expire(channel, "", status=ChannelStatus.CONNECTED, ends_at=channel.ends_at)


@transaction.atomic
def expire(channel: Channel, detail: str, **only: Any) -> bool:
    """The connection ends at ``ends_at`` whatever we do: say so on the channel and tell its managers, once."""
    now = clock.now()
    rows = Channel.objects.filter(pk=channel.pk, **only).exclude(status__in=[ChannelStatus.RETIRED])
    if not rows.update(status=ChannelStatus.EXPIRING, status_detail=detail[:500], updated_at=now):
        return False
    _tell(channel, "channel_expiring", now)
    record(
        client_id=channel.client_id, actor=None, verb="channel.expiring", subject_type="channel", subject_id=channel.pk
    )
    return True


def _tell(channel: Channel, kind: str, now: dt.datetime) -> None:
    tell(
        users=managers_of(channel.client_id),
        client_id=channel.client_id,
        kind=kind,
        key=f"channel:{channel.pk}:{now.isoformat()}",
        channel=channel.pk,
    )
