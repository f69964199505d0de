"""A client's accounts: added, changed, retired."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import Client, Role
from clients.selectors import require
from social import networks
from social.credentials import unseal
from social.models import Channel, ChannelStatus
from social.networks.base import Account, CredentialsRefused, Identity, Refused
from social.networks.inside import check_address
from social.services import clock
from social.services.checking import require_living
from social.services.connecting import checked
from social.services.connections import account_of, break_channel, put_credentials
from social.services.meant_for import require_none_asked
from social.services.signing_in import bring_anew, forget_ways
from social.services.whose import adopted


class ChannelFields(TypedDict, total=False):
    """What can be written of a channel; its client and network stay as they are."""

    handle: str
    name: str
    server: str
    credentials: Mapping[str, Any]
    cadence_per_week: Decimal | None


def known_account(channel: Channel) -> Account:
    """The same, and sure of who it is: before the first publication the network is asked once, and held to it ever after.

    Raises what ``Network.identity`` raises, and ``CredentialsRefused`` for another account than the channel's, which needs a new
    connection then; outside any transaction.
    """
    account = account_of(channel)
    if account.identity:
        return account
    found = networks.get(channel.network).identity(account)
    with translation.override(channel.client.language):
        try:
            _confirm(channel, found)
        except Conflict as conflict:
            break_channel(channel=channel, detail=str(conflict), credentials=channel.credentials)
            raise CredentialsRefused(str(conflict), code=conflict.code) from None
    return replace(account, identity=found.id)


@transaction.atomic
def _confirm(channel: Channel, found: Identity) -> None:
    """The network says for the first time who the channel is. Raises ``Conflict`` where it is another than what goes out is meant for."""
    known = Channel.objects.select_for_update(of=("self",), no_key=True).get(pk=channel.pk)
    if known.identity not in {"", found.id} or adopted(known, found) != known.handle:
        raise Conflict("another_account", _("The channel has become another account meanwhile. Begin again."))
    same = {"handle": channel.handle, "server": channel.server, "credentials": channel.credentials}
    rows = Channel.objects.filter(pk=channel.pk, identity="", **same)
    rows.update(identity=found.id, allows=found.allows, checked_at=clock.now())


@transaction.atomic
def create_channel(*, user: User, client: Client, network: str, **fields: Unpack[ChannelFields]) -> Channel:
    """Add an account to a client; managers only. ``ask_channel`` then has the network asked whether it is the right one.

    Without ``credentials`` where the network needs some, it is still to be connected, and nothing goes out there before.
    """
    require(user, client, {Role.MANAGER})
    if network not in networks.NETWORKS:
        raise ValidationError({"network": ValidationError(_("There is no such network."), code="invalid_choice")})
    if networks.has_ended(network):
        params = {"network": networks.get(network).name}
        text = _("%(network)s has come to an end: nothing can be connected there any more.")
        raise ValidationError({"network": ValidationError(text, code="retired", params=params)})
    channel = Channel(client=client, network=network)
    _write(channel, fields)
    if "credentials" not in fields:
        _disconnect(channel)
    channel.save(force_insert=True)
    record(
        client_id=client.pk,
        actor=user,
        verb="channel.created",
        subject_type="channel",
        subject_id=channel.pk,
        network=network,
        handle=channel.handle,
    )
    return channel


@transaction.atomic
def edit_channel(*, user: User, channel: Channel, **fields: Unpack[ChannelFields]) -> Channel:
    """Change what ``fields`` names; managers only.

    A new handle or server is another account, so what it was known as is forgotten and asked anew, and credentials that
    do not come with it are forgotten, too: no server is shown what was another's. Of an account that is known, new
    credentials are tried by a worker (see ``signing_in.last_typed``), and those from before hold until the network has
    taken them for the same account. Raises ``Conflict`` (``in_review``) for another account while posts are in review or
    approved for this one.
    """
    require(user, channel.client_id, {Role.MANAGER})
    channel = Channel.objects.select_for_update(no_key=True).select_related("client").get(pk=channel.pk)
    require_living(channel)
    given = fields.pop("credentials") if "credentials" in fields and _stays(channel, fields) else None
    channel = _edit(user=user, channel=channel, fields=fields)
    if given is not None:
        bring_anew(user=user, channel=channel, credentials=given)
    return channel


def _stays(channel: Channel, fields: ChannelFields) -> bool:
    """Whether it is known who the channel is, and it is to stay that."""
    known = channel.identity and networks.get(channel.network).missing({})
    return bool(known) and not _is_another(channel, fields)


def _is_another(channel: Channel, fields: Mapping[str, object]) -> bool:
    """Whether with these fields it is another account."""
    handle = str(fields.get("handle", channel.handle)).strip().removeprefix("@").lower()
    return (handle, fields.get("server", channel.server)) != (channel.handle.lower(), channel.server)


def _edit(*, user: User, channel: Channel, fields: ChannelFields) -> Channel:
    was, another = {"handle": channel.handle, "server": channel.server}, _is_another(channel, fields)
    if another:
        _require_free(channel)
    _write(channel, fields)
    if another:
        _forget_account(channel, keep="credentials" in fields)
    if fields.get("credentials") and channel.status == ChannelStatus.BROKEN:
        # Nobody knows it yet, so there is nothing to hold to: these are its credentials, and its network is asked.
        channel.status, channel.status_detail = ChannelStatus.CONNECTED, ""
        channel.asked_at = channel.check_at = clock.now()
        channel.asked_by = user
    channel.save()
    became: dict[str, Any] = {"was": was, "now": {name: getattr(channel, name) for name in was}} if another else {}
    record(
        client_id=channel.client_id,
        actor=user,
        verb="channel.edited",
        subject_type="channel",
        subject_id=channel.pk,
        fields=sorted(fields),
        **became,
    )
    return channel


def _require_free(channel: Channel) -> None:
    """Raise unless the locked channel may become another account: nothing went out here, nobody is asked for this one."""
    if channel.publications.exists():
        text = _("Something went out here: another account is another channel.")
        raise ValidationError({"handle": ValidationError(text, code="in_use")})
    require_none_asked(channel)


def _forget_account(channel: Channel, *, keep: bool) -> None:
    """Nothing of the account that it was stays, in memory; ``keep`` the credentials, which are new."""
    channel.identity, channel.allows = "", {}
    channel.checked_at = channel.check_at = channel.renewed_at = None
    forget_ways(channel)
    if not keep:
        put_credentials(channel, {}, timezone.now())
        _disconnect(channel)


def _disconnect(channel: Channel) -> None:
    """Say, in memory, that it has no credentials, where it needs some."""
    if networks.get(channel.network).missing({}):
        channel.status = ChannelStatus.BROKEN
        with translation.override(channel.client.language):
            channel.status_detail = gettext("Not connected yet.")


def _write(channel: Channel, fields: ChannelFields) -> None:
    for name in ("handle", "name", "server", "cadence_per_week"):
        if name in fields:
            setattr(channel, name, fields[name])
    channel.handle = channel.handle.strip().removeprefix("@")
    channel.name = channel.name.strip() or channel.handle
    if "credentials" in fields:
        put_credentials(channel, checked(channel.network, fields["credentials"]), timezone.now())
    if networks.get(channel.network).own_server and not channel.server:
        raise ValidationError(
            {"server": ValidationError(_("Enter the address of the account's server."), code="required")}
        )
    channel.full_clean(exclude=["client"])
    if fields.get("server"):
        _check_server(channel.server)


def _check_server(server: str) -> None:
    """Refuse at first sight what leads inside; names are looked up and checked whenever a connection is made."""
    try:
        check_address(server)
    except Refused as refused:
        raise ValidationError({"server": ValidationError(refused.template, code=refused.code)}) from refused


def shown_credentials(channel: Channel) -> dict[str, Any]:
    """What of a channel's credentials may be shown again: the fields that are no secret."""
    shown = {need.name for need in networks.get(channel.network).needs if not need.secret}
    return {name: value for name, value in unseal(channel.credentials).items() if name in shown}


def kept_credentials(channel: Channel, typed: Mapping[str, Any], fields: Mapping[str, object]) -> dict[str, Any]:
    """The credentials with what was typed put in: a secret that was left empty stays as it is, unless it is another account."""
    if _is_another(channel, fields):
        return {name: value for name, value in typed.items() if value}
    secret = {need.name for need in networks.get(channel.network).needs if need.secret}
    kept = {name: value for name, value in unseal(channel.credentials).items() if name in secret}
    return {**kept, **{name: value for name, value in typed.items() if value or name not in secret}}
