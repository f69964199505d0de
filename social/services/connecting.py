"""Giving a channel new credentials: only those of its own account, whoever brings them and whichever way."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import CONTACT_ROLES, Role
from clients.selectors import require
from social import networks
from social.credentials import unseal
from social.models import Channel, ChannelStatus, ConnectionAsk
from social.networks.base import Identity, Signed
from social.services.checking import require_living
from social.services.connections import put_credentials, standing, wake_waiting
from social.services.meant_for import is_asked_for
from social.services.whose import handle_from, is_called, require_free

MOST_TRIES = 10  # of one ask: nobody tries out passwords through it
FORM = "form"


@dataclass(frozen=True, kw_only=True)
class Connector:
    """Who brings the credentials: a manager, or, by ``ask``, one of the client's people who was asked to."""

    user: User
    ask: ConnectionAsk | None = None

    def require(self, channel: Channel) -> None:
        """Raise where they may not connect this channel now (see ``clients.selectors.require``), or ``Conflict``."""
        if self.ask is None:
            require(self.user, channel.client_id, {Role.MANAGER})
        elif not may_connect(self.ask) or self.ask.channel_id != channel.pk:
            raise Conflict("ask_over", _("This link no longer opens anything."))
        require_living(channel)


def may_connect(ask: ConnectionAsk) -> bool:
    """Whether who is asked can still connect: open, in time, and still one of the client's people. Read anew."""
    fresh = ConnectionAsk.objects.select_related("user", "channel").get(pk=ask.pk)
    if fresh.revoked_at or fresh.done_at or fresh.expires_at <= timezone.now():
        return False
    mine = fresh.user.memberships.filter(client=fresh.client_id, role__in=CONTACT_ROLES)
    return fresh.user.is_active and fresh.channel.status != ChannelStatus.RETIRED and mine.exists()


def meant(channel: Channel, signed: tuple[Signed, ...]) -> Signed | None:
    """Which of these accounts is surely the channel's; None where a person has to say.

    Raises:
        Conflict: there is none, or the channel is known, and is none of these (``another_account``).
    """
    if not signed:
        raise Conflict("no_account", _("This sign-in opens no account that can be published on."))
    if channel.identity:
        same = next((one for one in signed if one.identity.id == channel.identity), None)
        if same is None:
            names = ", ".join(one.identity.name or one.identity.handle for one in signed[:3])
            text = _("You signed in as %(found)s. This channel is another account: %(channel)s. Nothing was changed.")
            raise Conflict("another_account", str(text) % {"found": names, "channel": channel.handle})
        return same
    return next((one for one in signed if is_called(channel, one.identity)), None)


@transaction.atomic
def connect(*, by: Connector, channel: Channel, signed: Signed, way: str) -> Channel:
    """Write the credentials of the account into the channel; ``way`` is for the evidence.

    A refresh token that the new answer lacks is kept. What waited for the connection goes on.
    Raises ``Conflict`` where the channel is another account by now, or on another server than ``channel``, as it was when
    its network was asked; where the account is another channel; or where posts are in review or approved for another.
    """
    asked_at = channel.server
    channel = Channel.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=channel.pk)
    by.require(channel)
    if channel.server != asked_at:
        text = _("The channel was moved to another server meanwhile. Nothing was connected: begin again.")
        raise Conflict("changed_meanwhile", text)
    _become(channel, signed)
    _record(by, channel, signed.identity, way)
    return channel


@transaction.atomic
def connect_others(*, by: Connector, channel: Channel, signed: Sequence[Signed]) -> list[tuple[Channel, Identity]]:
    """Give what a sign-in for ``channel`` has opened to the client's other channels of the same network; which got what.

    For networks whose sign-ins open all accounts of a person together (see ``Signed``). Channels that the same person
    connected before get the new tokens whoever asked for the sign-in, since each new one may end their oldest; by a
    manager's, those that need a connection are connected, too. Another client's are left alone, whoever manages both at
    the network: what one client's people have allowed is for nobody else. In the transaction of ``connect``, before it: all
    are locked in one order, so that two sign-ins never wait for each other. ``record_others`` writes it down, after it.
    """
    opened = [one for one in signed if one.credentials.get("person")]
    if not opened:
        return []
    by.require(channel)
    living = Channel.objects.filter(client=channel.client_id, network=channel.network, server=channel.server)
    rows = living.exclude(status=ChannelStatus.RETIRED).order_by("pk")
    given = []
    for other in rows.select_for_update(of=("self",), no_key=True).select_related("client"):
        one = _opened_for(other, opened)
        if one is None or other.pk == channel.pk:
            continue
        same = unseal(other.credentials).get("person") == one.credentials["person"]
        if same or (by.ask is None and other.status == ChannelStatus.BROKEN):
            with suppress(Conflict):  # it is another channel's by now: a sign-in of its own says so
                _become(other, one)
                given.append((other, one.identity))
    return given


def record_others(*, by: Connector, channel: Channel, others: Sequence[tuple[Channel, Identity]], way: str) -> None:
    """Write down what ``connect_others`` has done. At the end of the transaction: nobody else can write meanwhile."""
    for other, found in others:
        _record(by, other, found, way, beside=channel.pk)


def _opened_for(channel: Channel, signed: Sequence[Signed]) -> Signed | None:
    """Which of these accounts is the channel's: by the network's number for it, else the only one that is called so."""
    if channel.identity:
        return next((one for one in signed if one.identity.id == channel.identity), None)
    called = [one for one in signed if is_called(channel, one.identity)]
    return called[0] if len(called) == 1 else None


@transaction.atomic
def _become(channel: Channel, signed: Signed) -> None:
    """Let the locked channel have these credentials. Raises ``Conflict``."""
    found, now = signed.identity, timezone.now()
    handle = _handle_of(channel, signed)
    require_free(channel, found, handle)
    kept = {"refresh_token": unseal(channel.credentials).get("refresh_token")} if channel.identity else {}
    given = {**{name: value for name, value in kept.items() if value}, **signed.credentials}
    put_credentials(channel, given, now)
    channel.renewed_at = now
    channel.handle = handle
    channel.identity, channel.allows = found.id, dict(found.allows)
    channel.checked_at, channel.check_at = now, None
    channel.status, channel.status_detail = standing(channel, now), ""
    try:
        channel.full_clean(exclude=["client"])
    except ValidationError as error:
        raise Conflict("account_taken", " ".join(error.messages)) from None
    channel.save()
    _close_asks(channel)
    wake_waiting(channel, now)


def _record(by: Connector, channel: Channel, found: Identity, way: str, *, beside: int | None = None) -> None:
    """Into the evidence. ``beside``: for which other channel these credentials were given."""
    record(
        client_id=channel.client_id,
        actor=by.user,
        verb="channel.connected",
        subject_type="channel",
        subject_id=channel.pk,
        identity=found.id,
        handle=found.handle,
        way=way,
        asked=by.ask is not None,
        beside=beside,
    )


def _handle_of(channel: Channel, signed: Signed) -> str:
    """How the locked channel is called once it is this account. Raises ``Conflict`` where it can't become that."""
    same, found = meant(channel, (signed,)), signed.identity
    if channel.identity:
        return channel.handle
    if same is None and is_asked_for(channel):
        text = _(
            "You signed in as %(found)s, and posts are in review or approved for %(channel)s. What is approved for one "
            "account goes out on no other. Nothing was changed: sign in as %(channel)s, or have the agency take those "
            "posts back first."
        )
        names = {"found": found.name or found.handle or found.id, "channel": channel.handle}
        raise Conflict("another_account", str(text) % names)
    return handle_from(channel, found)


def _close_asks(channel: Channel) -> None:
    """Nobody need be asked any more, whoever it was that connected it."""
    open_asks = ConnectionAsk.objects.filter(channel=channel, revoked_at=None, done_at=None)
    open_asks.update(done_at=timezone.now())


def count_try(ask: ConnectionAsk) -> None:
    """One more try by this link. Raises ``Conflict`` for one too many."""
    counted = ConnectionAsk.objects.filter(pk=ask.pk, tries__lt=MOST_TRIES)
    if not counted.update(tries=F("tries") + 1):
        raise Conflict("too_many_tries", _("Too many tries. Ask the agency for a new link."))


def checked(network: str, credentials: Mapping[str, Any]) -> dict[str, Any]:
    """The credentials, if they have what the network needs and nothing else. Values are never put into the error."""
    needs = {need.name: need for need in networks.get(network).needs}
    missing = [str(need.label) for need in needs.values() if need.required and not credentials.get(need.name)]
    unknown = sorted(credentials.keys() - needs.keys())
    if missing:
        text, params = _("Missing: %(names)s."), {"names": ", ".join(missing)}
        raise ValidationError({"credentials": ValidationError(text, code="required", params=params)})
    if unknown:
        text, params = _("This network does not take: %(names)s."), {"names": ", ".join(unknown)}
        raise ValidationError({"credentials": ValidationError(text, code="unknown", params=params)})
    return {name: value for name, value in credentials.items() if value not in {None, ""}}
