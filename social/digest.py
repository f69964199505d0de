"""The canonical form of all that would go out, and its digest: what approvals bind to.

The recipe, which an outsider can follow (``docs/evidence.md`` has it with an example)::

    content = {"channels": [{"channel": ID, "handle": …, "link": …, "media": [{"alt_text": …, "mime": …, "sha256": …}, …],
                             "network": …, "options": {}, "server": …, "text": …}, …],   ordered by channel
               "filo": 1}
    digest = SHA-256 of that as JSON by RFC 8785: UTF-8, keys sorted, no white space, in hex

An entry of ``media`` has more only where there is more: ``captions`` (SubRip) and ``cover`` (the SHA-256 of a picture) of
a video; ``rendition`` where the network takes it otherwise than it was uploaded: the SHA-256 of the bytes that go out in
place of those of ``sha256``. In what is no version yet it is empty while there are none.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from social.fitting import Want, made, wanted
from social.models import Media, Post, PostMedia, Variant

RECIPE = 1


def canonical(content: dict[str, Any]) -> bytes:
    """``content`` as JSON Canonicalization Scheme (RFC 8785). Keys are ASCII and numbers whole, so sorting is plain."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(content)).hexdigest()


def content_of(post: Post, *, renditions: bool = True) -> dict[str, Any]:
    """All that would go out if the post went out as it stands now, in a fixed number of queries.

    Without ``renditions`` it is what people have written and chosen, whatever has been made of it.
    """
    variants = list(post.variants.select_related("channel").order_by("channel_id"))
    rows = list(post.media_rows.select_related("media__cover").order_by("position"))
    return content_from(post, variants, rows, renditions=renditions)


def content_from(
    post: Post, variants: Iterable[Variant], rows: Sequence[PostMedia], *, renditions: bool = True
) -> dict[str, Any]:
    """The same from what was read before: variants by channel, pictures by position."""
    chosen = [
        (variant, [row.media for row in rows if row.variant_id == (variant.pk if variant.own_media else None)])
        for variant in variants
    ]
    return {"filo": RECIPE, "channels": entries_of(post, chosen, renditions=renditions)}


def entries_of(
    post: Post, chosen: Sequence[tuple[Variant, Sequence[Media]]], *, renditions: bool = True
) -> list[dict[str, Any]]:
    """What would go out on each channel with these pictures; neither post nor variants need be stored.

    One query where something has to be made for a network, else none.
    """
    wants: dict[tuple[str, str], Want] = {}
    if renditions:
        for variant, media in chosen:
            for item in media:
                want = wanted(variant.channel.network, item)
                if want:
                    wants[variant.channel.network, item.sha256] = want
    there = made(post.client_id, wants.values())

    def shown(network: str, item: Media) -> dict[str, Any]:
        want = wants.get((network, item.sha256))
        return media_entry(item) | ({"rendition": there.get(want.key, "")} if want else {})

    return [
        {
            "channel": variant.channel_id,
            "network": variant.channel.network,
            "server": variant.channel.server,
            "handle": variant.channel.handle,
            "text": post.text if variant.text is None else variant.text,
            "link": post.link,
            "media": [shown(variant.channel.network, item) for item in media],
            "options": {},
        }
        for variant, media in chosen
    ]


def media_entry(item: Media) -> dict[str, Any]:
    """One picture or video of an entry, as it was uploaded."""
    entry = {"sha256": item.sha256, "mime": item.mime, "alt_text": item.alt_text}
    if item.captions:
        entry["captions"] = item.captions
    if item.cover:
        entry["cover"] = item.cover.sha256
    return entry
