"""Connecting a client's accounts, asking the network who we are, retiring them."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import Client, Role
from clients.selectors import require
from social import networks
from social.credentials import seal, unseal
from social.models import Channel, ChannelStatus, Publication, PublicationState
from social.networks.base import Account, CredentialsRefused, Identity, NetworkError, Refused
from social.networks.inside import check_address
from social.services.locks import lock_post
from social.services.outbox import retired_reason
from social.services.states import refresh_state


class ChannelFields(TypedDict, total=False):
    """What can be written of a channel; its client and network stay as they are."""

    handle: str
    name: str
    server: str
    credentials: Mapping[str, Any]
    cadence_per_week: Decimal | None


def account_of(channel: Channel) -> Account:
    """The channel as its network module takes it, credentials in clear."""
    return Account(
        handle=channel.handle,
        server=channel.server,
        credentials=unseal(channel.credentials),
        identity=channel.identity,
    )


def known_account(channel: Channel) -> Account:
    """The same, and sure of who it is: before the first publication the network is asked once, and held to it ever after.

    Raises what ``Network.identity`` raises; outside any transaction.
    """
    account = account_of(channel)
    if account.identity:
        return account
    found = networks.get(channel.network).identity(account)
    Channel.objects.filter(pk=channel.pk, identity="").update(identity=found.id, allows=found.allows)
    return replace(account, identity=found.id)


@transaction.atomic
def create_channel(*, user: User, client: Client, network: str, **fields: Unpack[ChannelFields]) -> Channel:
    """Connect an account to a client; managers only. ``check_channel`` then asks the network whether it is the right one."""
    require(user, client, {Role.MANAGER})
    if network not in networks.NETWORKS:
        raise ValidationError({"network": ValidationError(_("There is no such network."), code="invalid_choice")})
    channel = Channel(client=client, network=network)
    _write(channel, fields)
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

    A new handle or server is another account, so what it was known as is forgotten and asked anew.
    """
    require(user, channel.client_id, {Role.MANAGER})
    channel = Channel.objects.select_for_update(no_key=True).select_related("client").get(pk=channel.pk)
    _require_living(channel)
    was = (channel.handle.lower(), channel.server)
    _write(channel, fields)
    if (channel.handle.lower(), channel.server) != was:
        if channel.publications.exists():
            raise ValidationError(
                {
                    "handle": ValidationError(
                        _("Something went out here: another account is another channel."), code="in_use"
                    )
                }
            )
        channel.identity, channel.allows = "", {}
    channel.save()
    record(
        client_id=channel.client_id,
        actor=user,
        verb="channel.edited",
        subject_type="channel",
        subject_id=channel.pk,
        fields=sorted(fields),
    )
    return channel


def _write(channel: Channel, fields: ChannelFields) -> None:
    for name in ("handle", "name", "server", "cadence_per_week"):
        if name in fields:
            setattr(channel, name, fields[name])
    channel.handle = channel.handle.strip().removeprefix("@")
    channel.name = channel.name.strip() or channel.handle
    if "credentials" in fields or not channel.pk:
        channel.credentials = seal(_checked(channel.network, fields.get("credentials", {})))
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


def _checked(network: str, credentials: Mapping[str, Any]) -> Mapping[str, Any]:
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


def _require_living(channel: Channel) -> None:
    if channel.status == ChannelStatus.RETIRED:
        raise Conflict("retired", _("This channel is retired."))


def check_channel(*, user: User, channel: Channel) -> Channel:
    """Ask the network who we are, and write down what it says; any staff of the client may.

    The call is outside any transaction. A network that can't be reached leaves the channel as it was.
    Raises ``Conflict`` for a retired channel.
    """
    require(user, channel.client_id, {Role.MANAGER, Role.EDITOR, Role.AUTHOR})
    _require_living(channel)
    try:
        found = networks.get(channel.network).identity(account_of(channel))
    except CredentialsRefused as error:
        return _checked_as(channel, user, ChannelStatus.BROKEN, str(error), None)
    except NetworkError as error:
        return _checked_as(channel, user, ChannelStatus(channel.status), str(error), None)
    if channel.identity and found.id != channel.identity:
        text = str(_("The network says this is %(handle)s, another account than before.")) % {"handle": found.handle}
        return _checked_as(channel, user, ChannelStatus.BROKEN, text, None)
    return _checked_as(channel, user, ChannelStatus.CONNECTED, "", found)


@transaction.atomic
def _checked_as(
    channel: Channel, user: User | None, status: ChannelStatus, detail: str, found: Identity | None
) -> Channel:
    channel = Channel.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=channel.pk)
    _require_living(channel)
    channel.status, channel.status_detail, channel.checked_at = status, detail[:500], timezone.now()
    if found:
        channel.identity, channel.allows = found.id, dict(found.allows)
        waiting = Publication.objects.filter(
            channel=channel, state=PublicationState.SCHEDULED, due_at__lte=timezone.now()
        )
        waiting.update(wake_at=timezone.now())  # what waited for the new connection goes on
    channel.save(update_fields=["status", "status_detail", "checked_at", "identity", "allows", "updated_at"])
    record(
        client_id=channel.client_id,
        actor=user,
        verb="channel.checked",
        subject_type="channel",
        subject_id=channel.pk,
        status=str(status),
    )
    return channel


@transaction.atomic
def mark_broken(*, channel: Channel, detail: str) -> None:
    """The network refused our credentials while publishing: the channel needs a new connection."""
    living = Channel.objects.filter(pk=channel.pk).exclude(status=ChannelStatus.RETIRED)
    now = timezone.now()
    if living.update(status=ChannelStatus.BROKEN, status_detail=detail[:500], checked_at=now, updated_at=now):
        record(
            client_id=channel.client_id,
            actor=None,
            verb="channel.broken",
            subject_type="channel",
            subject_id=channel.pk,
        )


@transaction.atomic
def retire_channel(*, user: User, channel: Channel) -> Channel:
    """Nothing goes out here any more; its history stays, its credentials go. What was scheduled is cancelled."""
    require(user, channel.client_id, {Role.MANAGER})
    waiting = Publication.objects.filter(
        channel=channel, state__in=[PublicationState.SCHEDULED, PublicationState.LATE, PublicationState.FAILED]
    )
    posts = [lock_post(pk) for pk in sorted(set(waiting.values_list("post_id", flat=True)))]
    channel = Channel.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=channel.pk)
    _require_living(channel)
    now = timezone.now()
    waiting.update(state=PublicationState.CANCELLED, wake_at=None, detail=retired_reason(channel), updated_at=now)
    for post in posts:
        refresh_state(post)
    channel.status, channel.credentials, channel.status_detail = ChannelStatus.RETIRED, "", ""
    channel.save(update_fields=["status", "credentials", "status_detail", "updated_at"])
    record(
        client_id=channel.client_id,
        actor=user,
        verb="channel.retired",
        subject_type="channel",
        subject_id=channel.pk,
    )
    return channel


def shown_credentials(channel: Channel) -> dict[str, Any]:
    """What of a channel's credentials may be shown again: the fields that are no secret."""
    shown = {need.name for need in networks.get(channel.network).needs if not need.secret}
    return {name: value for name, value in unseal(channel.credentials).items() if name in shown}


def kept_credentials(channel: Channel, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The credentials with what was typed put in: a secret that was left empty stays as it is."""
    secret = {need.name for need in networks.get(channel.network).needs if need.secret}
    kept = {name: value for name, value in unseal(channel.credentials).items() if name in secret}
    return {**kept, **{name: value for name, value in typed.items() if value or name not in secret}}
