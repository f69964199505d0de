"""What would keep a post at its time, among what is said of it before anybody says yes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from clients.models import Client
from social.models import Act, Channel, Post, Publication
from social.networks.base import Problem
from social.services.checks import content_for, stock_of
from social.services.foreseeing import foresee_content, warning
from social.services.needing import as_sent, is_counted

Said = Mapping[int, Sequence[Problem]]


def waits_of(
    client: Client, content: Mapping[str, Any], at: datetime | None, post: Post | None
) -> dict[int, list[Problem]]:
    """Warnings, by channel, where this content were to go out at that time; ``post`` is the one that it is of, if it
    is stored: of a change only what it sends is counted.

    What of the post is in the outbox already is not counted twice. Nothing is asked for networks that count nothing.
    """
    sent = as_sent(post, content["channels"]) if post else content["channels"]
    entries = [entry for entry in sent if is_counted(entry["network"])]
    if at is None or not entries:
        return {}
    but = list(Publication.objects.filter(post=post.pk).values_list("pk", flat=True)) if post else []
    stock = stock_of([(client.pk, entry) for entry in entries])[client.pk]
    channels = Channel.objects.in_bulk([entry["channel"] for entry in entries])
    pairs = [(channels[entry["channel"]], content_for(entry, stock, channels[entry["channel"]])) for entry in entries]
    return {
        channel: [warning(wait)]
        for channel, wait in foresee_content(client, pairs, at, but, post.act if post else Act.PUBLISH).items()
    }


def both(one: Said, other: Said) -> dict[int, list[Problem]]:
    """All that is said in either, by channel."""
    return {channel: [*one.get(channel, ()), *other.get(channel, ())] for channel in {**one, **other}}
