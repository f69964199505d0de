"""A version as its readers speak of it: the words and pictures of each channel, and of each post of a thread there."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from approvals.subjects import Passage
from social import networks
from social.entries import Entry, field_spot, key_of, posts_in
from social.models import Channel
from social.told import heading, told_fields


def passages_of(client_id: int, content: Mapping[str, Any]) -> list[Passage]:
    """The parts of a content (see ``social.digest``), named by ``social.entries.key_of``; one query.

    Of each channel its text with its pictures, then each further post of its thread, its first comment, and the words that
    its network asks beside. Pictures are named by their digest. Two channels of one name are told apart by their accounts.
    """
    entries = content["channels"]
    channels = Channel.objects.filter(client=client_id).in_bulk([entry["channel"] for entry in entries])
    names = {pk: f"{channel.name} · {networks.get(channel.network).name}" for pk, channel in channels.items()}
    often = Counter(names.values())
    return [
        passage
        for entry in entries
        for passage in _passages(entry, _name(names.get(entry["channel"], ""), entry["handle"], often))
    ]


def _passages(entry: Entry, name: str) -> Iterator[Passage]:
    for post in posts_in(entry):
        yield Passage(
            key=key_of(entry["channel"], post.spot),
            name=heading(name, post.spot),
            text=post.text,
            pictures=tuple((item["sha256"], item["alt_text"]) for item in post.media),
        )
    for field in told_fields(entry):
        if field.kind in {"line", "text"}:
            said = _("%(where)s, %(field)s") % {"where": name, "field": field.label}
            yield Passage(key=key_of(entry["channel"], field_spot(field.name)), name=said, text=field.value)


def _name(name: str, handle: str, often: Mapping[str, int]) -> str:
    if not name:
        return f"@{handle}"
    return f"{name} · @{handle}" if often[name] > 1 else name
