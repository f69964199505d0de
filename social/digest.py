"""The canonical form of all that would go out, and its digest: what approvals bind to.

The recipe, which an outsider can follow (``docs/evidence.md`` has it with an example)::

    content = {"channels": [{"channel": ID, "handle": …, "link": …, "media": [{"alt_text": …, "mime": …, "sha256": …}, …],
                             "network": …, "options": {}, "server": …, "text": …}, …],   ordered by channel
               "filo": 1}
    digest = SHA-256 of that as JSON by RFC 8785: UTF-8, keys sorted, no white space, in hex
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from social.models import Media, Post, PostMedia, Variant

RECIPE = 1


def canonical(content: dict[str, Any]) -> bytes:
    """``content`` as JSON Canonicalization Scheme (RFC 8785). Keys are ASCII and numbers whole, so sorting is plain."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(content)).hexdigest()


def content_of(post: Post) -> dict[str, Any]:
    """All that would go out if the post went out as it stands now, in a fixed number of queries."""
    variants = list(post.variants.select_related("channel").order_by("channel_id"))
    rows = list(post.media_rows.select_related("media").order_by("position"))
    return content_from(post, variants, rows)


def content_from(post: Post, variants: Iterable[Variant], rows: Sequence[PostMedia]) -> dict[str, Any]:
    """The same from what was read before: variants by channel, pictures by position."""
    return {
        "filo": RECIPE,
        "channels": [
            entry_of(
                post,
                variant,
                (row.media for row in rows if row.variant_id == (variant.pk if variant.own_media else None)),
            )
            for variant in variants
        ],
    }


def entry_of(post: Post, variant: Variant, media: Iterable[Media]) -> dict[str, Any]:
    """What would go out on one channel with these pictures; neither post nor variant need be stored."""
    return {
        "channel": variant.channel_id,
        "network": variant.channel.network,
        "server": variant.channel.server,
        "handle": variant.channel.handle,
        "text": post.text if variant.text is None else variant.text,
        "link": post.link,
        "media": [{"sha256": item.sha256, "mime": item.mime, "alt_text": item.alt_text} for item in media],
        "options": {},
    }
