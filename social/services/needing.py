"""What a publication will take: of its network's limits, and of the client's money."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict

from social.models import Act, Channel
from social.networks.base import Content
from social.services import budgets, spending
from social.services.checks import content_for, stock_of


class Needs(TypedDict):
    """As a publication's row keeps it."""

    uses: dict[str, int]
    dollars: Decimal


def needs_of(client_id: int, entries: Sequence[Mapping[str, Any]], act: str = Act.PUBLISH) -> dict[int, Needs]:
    """What each entry of a version will take, by its channel; the database is asked only for networks that count anything."""
    found = {entry["channel"]: Needs(uses={}, dollars=spending.NOTHING) for entry in entries}
    counted = [entry for entry in entries if is_counted(entry["network"])]
    if counted:
        channels = Channel.objects.in_bulk([entry["channel"] for entry in counted])
        stock = stock_of([(client_id, entry) for entry in counted])[client_id]
        for entry in counted:
            channel = channels[entry["channel"]]
            found[channel.pk] = needs(channel, content_for(entry, stock, channel), act)
    return found


def is_counted(network: str) -> bool:
    """Whether the network has limits, or takes money."""
    return budgets.has_limits(network) or spending.has_price(network)


def needs(channel: Channel, content: Content, act: str = Act.PUBLISH) -> Needs:
    """What this content, or this change of it, takes on this channel."""
    limits = budgets.limits_of(channel, content, act) if budgets.has_limits(channel.network) else {}
    dollars = spending.NOTHING if act == Act.TAKE_DOWN else spending.price_of(channel.network, content)
    return Needs(uses={key: limit.cost for key, limit in limits.items()}, dollars=dollars)
