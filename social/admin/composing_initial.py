"""What stands in the composer's form before anybody types: the post as it is saved."""

import uuid
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from social.admin import asking
from social.models import Post, Variant


def variants_of(post: Post | None) -> dict[int, Variant]:
    """What differs on each of its channels, by channel."""
    if post is None:
        return {}
    found = post.variants.select_related("channel").prefetch_related("media_rows__media__cover")
    return {variant.channel_id: variant for variant in found}


def initial(post: Post | None, variants: Mapping[int, Variant], zone: ZoneInfo) -> dict[str, Any]:
    """The values of the fields; a new post has a token, by which a second click is known."""
    if post is None:
        return {"token": uuid.uuid4().hex}
    at = post.publish_at.astimezone(zone) if post.publish_at else None
    own = {pk: variant.text for pk, variant in variants.items() if variant.text is not None}
    return {
        "revision": post.revision,
        "title": post.title,
        "text": post.text,
        "link": post.link,
        "comment": post.comment,
        "pillar": post.pillar_id,
        "objective": post.objective_id,
        "occasion": post.occasion_id,
        "labels": list(post.label_rows.values_list("label_id", flat=True)),
        "chain": post.chain_id,
        "day": f"{at:%Y-%m-%d}" if at else "",
        "time": f"{at:%H:%M}" if at else "",
        **{f"own_{pk}": True for pk in own},
        **{f"text_{pk}": text for pk, text in own.items()},
        **{f"pictures_{pk}": True for pk, variant in variants.items() if variant.own_media},
        **{f"own_parts_{pk}": True for pk, variant in variants.items() if variant.parts is not None},
        **{f"own_comment_{pk}": True for pk, variant in variants.items() if variant.comment is not None},
        **{f"comment_{pk}": variant.comment or "" for pk, variant in variants.items()},
        **asking.initial(variants.values()),
    }
