"""Whose account it is that a network lets us into: the channel's, as far as its handle tells, until its identity is known."""

from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from social import networks
from social.models import Channel, ChannelStatus
from social.networks.base import Identity
from social.services.meant_for import is_asked_for


def is_called(channel: Channel, found: Identity) -> bool:
    """Whether the channel is named by this account's handle or number. A channel keeps handles without @; they have no case."""
    return channel.handle.lower() in {_bare(found.handle), found.id.lower()}


def handle_from(channel: Channel, found: Identity) -> str:
    """How the locked channel is called once it is this account; posts that are asked for name it as it is."""
    known = found.handle and found.handle != found.id and not is_asked_for(channel)
    return found.handle.removeprefix("@")[:200] if known else channel.handle


def require_free(channel: Channel, found: Identity, handle: str) -> None:
    """Raise ``Conflict`` where another channel is this account already."""
    others = Channel.objects.filter(network=channel.network, server=channel.server).exclude(pk=channel.pk)
    living = others.exclude(status=ChannelStatus.RETIRED)
    if (found.id and living.filter(identity=found.id).exists()) or living.filter(handle__iexact=handle).exists():
        raise Conflict("account_taken", _("This account is already a channel here."))


def adopted(channel: Channel, found: Identity) -> str:
    """The handle of the locked channel, now that its network says for the first time whose credentials were pasted there.

    Where accounts are connected by signing in, and the network has handles, that is what counts, not what was typed.
    Raises ``Conflict`` where posts are in review or approved for another account, or the account is another channel.
    """
    has_handles = bool(networks.get(channel.network).ways()) and found.handle not in {"", found.id, found.name}
    if not has_handles or is_called(channel, found):
        return channel.handle
    if is_asked_for(channel):
        text = _(
            "The network says this is %(found)s, and posts are in review or approved for %(channel)s. Connect that account, or "
            "take those posts back first."
        )
        raise Conflict("another_account", str(text) % {"found": found.handle or found.id, "channel": channel.handle})
    handle = handle_from(channel, found)
    require_free(channel, found, handle)
    return handle


def _bare(handle: str) -> str:
    return handle.removeprefix("@").lower()
