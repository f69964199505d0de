"""A version of a post as it is shown in a proof of approval."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from approvals.models import Review
from approvals.proof.exhibits import Asked, Drawn, Exhibit, Part, Picture
from social import networks
from social.acts import act_words
from social.credits import credits_of
from social.digest import canonical
from social.entries import Entry, posts_in
from social.models import Channel, Media, PostVersion, Rendition
from social.previews import preview_of
from social.selectors import still_of
from social.services.checks import Stock, stock_of
from social.told import heading, told_fields


def exhibit_of(review: Review) -> Exhibit:
    """The version that is under review, each channel a part, in four queries. Pictures are read when they are asked for."""
    version = PostVersion.objects.get(post_id=review.subject_id, number=review.version)
    entries = version.content["channels"]
    stock = stock_of([(review.client_id, entry) for entry in entries]).get(review.client_id, Stock())
    channels = Channel.objects.select_related("client").in_bulk([entry["channel"] for entry in entries])
    return Exhibit(
        content=canonical(version.content).decode(),
        recipe=_(
            "The content lists each channel with its number, network, server and handle, the text and the link that go "
            "out there, and the SHA-256, kind and description of each picture; where there are any, also the further posts of "
            "a thread, the first comment below it, and what the network asks beside the text. Where a network takes a picture or video "
            "otherwise than it was uploaded, its rendition is the SHA-256 of the bytes that go out there. It is JSON by "
            "RFC 8785: UTF-8, keys sorted, no white space. The digest is the SHA-256 of exactly these bytes, in hexadecimal."
        )
        + _recipe_of_acts(version.content),
        parts=tuple(
            part
            for entry in entries
            for part in _parts(entry, channels[entry["channel"]], stock, act_words(version.content))
        ),
        credits=tuple(credits_of(version)),
    )


def _recipe_of_acts(content: Mapping[str, Any]) -> str:
    if "act" not in content:
        return ""
    return " " + _(
        "Since this acts on something live, act says what is done (kind), to which publication, why, and the digest of what "
        "was live there (before)."
    )


def _parts(entry: Entry, channel: Channel, stock: Stock, act: str) -> Iterator[Part]:
    """Each post that goes out on the channel; with the first, what its network asks beside the text."""
    preview = preview_of(channel, entry, stock)
    for post, seen in zip(posts_in(entry), (preview, *preview.below), strict=True):
        told = () if post.spot else told_fields(entry)
        where = f"{channel.name} ({entry['handle']})"
        yield Part(
            where=heading(f"{where} · {act}" if act else where, post.spot),
            network=networks.get(entry["network"]).name,
            text=post.text,
            link=post.link,
            pictures=tuple(_pictures(post.media, stock)),
            asked=tuple(Asked(label=one.label, words=one.value, exact=one.raw) for one in told),
            drawn=Drawn(
                at_once=len(seen.shown),
                goes_out=len(post.text) - len(seen.cut),
                used=seen.used,
                limit=seen.limit,
                counted=seen.counted,
                card=preview.host if seen is preview and preview.has_card else "",
            ),
        )


def _pictures(entries: Iterable[Mapping[str, Any]], stock: Stock) -> Iterable[Picture]:
    """What goes out: the rendition where there is one."""
    for entry in entries:
        item = stock.goes_out(entry)
        yield Picture(
            name=str(stock.media[entry["sha256"]].pk),
            alt_text=entry["alt_text"],
            sha256=item.sha256,
            mime=item.mime,
            size=item.size,
            read=partial(_bytes, item),
            still=partial(_still, stock.media[entry["sha256"]]) if item.is_video else None,
        )


def _still(item: Media) -> bytes:
    found = still_of(item)
    if found is None:
        raise FileNotFoundError
    return _bytes(found)


def _bytes(item: Media | Rendition) -> bytes:
    with item.file.open("rb") as file:
        data: bytes = file.read()
        return data
