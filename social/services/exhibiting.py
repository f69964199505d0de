"""A version of a post as it is shown in a proof of approval."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from approvals.models import Review
from approvals.proof.exhibits import Exhibit, Part, Picture
from social import networks
from social.credits import credits_of
from social.digest import canonical
from social.models import Channel, Media, PostVersion
from social.services.checks import media_items


def exhibit_of(review: Review) -> Exhibit:
    """The version that is under review, each channel a part, in four queries. Pictures are read when they are asked for."""
    version = PostVersion.objects.get(post_id=review.subject_id, number=review.version)
    entries = version.content["channels"]
    stored = media_items(review.client_id, (media for entry in entries for media in entry["media"]))
    channels = Channel.objects.in_bulk([entry["channel"] for entry in entries])
    return Exhibit(
        content=canonical(version.content).decode(),
        recipe=_(
            "The content lists each channel with its number, network, server and handle, the text and the link that go "
            "out there, and the SHA-256, kind and description of each picture. It is JSON by RFC 8785: UTF-8, keys "
            "sorted, no white space. The digest is the SHA-256 of exactly these bytes, in hexadecimal."
        ),
        parts=tuple(_part(entry, channels[entry["channel"]], stored) for entry in entries),
        credits=tuple(credits_of(version)),
    )


def _part(entry: Mapping[str, Any], channel: Channel, stored: Mapping[str, Media]) -> Part:
    return Part(
        where=f"{channel.name} ({entry['handle']})",
        network=networks.get(entry["network"]).name,
        text=entry["text"],
        link=entry["link"],
        pictures=tuple(_pictures(entry["media"], stored)),
    )


def _pictures(entries: Iterable[Mapping[str, Any]], stored: Mapping[str, Media]) -> Iterable[Picture]:
    for entry in entries:
        item = stored[entry["sha256"]]
        yield Picture(
            name=str(item.pk),
            alt_text=entry["alt_text"],
            sha256=entry["sha256"],
            mime=entry["mime"],
            size=item.size,
            read=partial(_bytes, item),
        )


def _bytes(item: Media) -> bytes:
    with item.file.open("rb") as file:
        data: bytes = file.read()
        return data
