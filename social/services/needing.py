"""What a publication will take: of its network's limits, and of the client's money."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict

from social.models import Act, Channel, Post
from social.networks.base import Content
from social.services import budgets, spending
from social.services.changing import sent_by
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


def dollars_of(post: Post, entries: Sequence[Mapping[str, Any]]) -> dict[int, Decimal]:
    """What the networks will take for this content of the post, by channel; where nothing is foreseen, none need be there."""
    return {channel: needs["dollars"] for channel, needs in needs_for(post, entries).items()}


def needs_for(post: Post, entries: Sequence[Mapping[str, Any]]) -> dict[int, Needs]:
    """What this content of the post will take, by channel; of a change what it sends, of a taking down what is live."""
    found = needs_of(post.client_id, as_sent(post, entries), post.act)
    if post.act == Act.TAKE_DOWN and post.corrects is not None:
        for needed in found.values():  # which is one: it takes down one publication
            needed["dollars"] = spending.price_of_taking_down(post.corrects)
    return found


def as_sent(post: Post, entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What of these entries limits and money are taken for: of a change what it sends."""
    if post.act != Act.EDIT or post.before is None or post.corrects is None:
        return list(entries)
    live = {entry["channel"]: entry for entry in post.before.content["channels"]}
    found = (sent_by(live[entry["channel"]], entry, post.corrects.live_posts) for entry in entries)
    return [entry for entry in found if entry is not None]


def is_counted(network: str) -> bool:
    """Whether the network has limits, or takes money."""
    return budgets.has_limits(network) or spending.has_price(network)


def needs(channel: Channel, content: Content, act: str = Act.PUBLISH) -> Needs:
    """What this content, or this change of it, takes on this channel. What a taking down costs hangs on what is live: see ``needs_for``."""
    limits = budgets.limits_of(channel, content, act) if budgets.has_limits(channel.network) else {}
    dollars = spending.NOTHING if act == Act.TAKE_DOWN else spending.price_of(channel.network, content)
    return Needs(uses={key: limit.cost for key, limit in limits.items()}, dollars=dollars)
