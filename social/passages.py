"""A version as its readers speak of it: the words and pictures of each channel."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from approvals.subjects import Passage
from social import networks
from social.models import Channel


def passages_of(client_id: int, content: Mapping[str, Any]) -> list[Passage]:
    """One part for each channel of a content (see ``social.digest``), named by the channel's number; one query.

    Pictures are named by their digest. Two channels of one name are told apart by their accounts.
    """
    entries = content["channels"]
    channels = Channel.objects.filter(client=client_id).in_bulk([entry["channel"] for entry in entries])
    names = {pk: f"{channel.name} · {networks.get(channel.network).name}" for pk, channel in channels.items()}
    often = Counter(names.values())
    return [
        Passage(
            key=str(entry["channel"]),
            name=_name(names.get(entry["channel"], ""), entry["handle"], often),
            text=entry["text"],
            pictures=tuple((item["sha256"], item["alt_text"]) for item in entry["media"]),
        )
        for entry in entries
    ]


def _name(name: str, handle: str, often: Mapping[str, int]) -> str:
    if not name:
        return f"@{handle}"
    return f"{name} · @{handle}" if often[name] > 1 else name
