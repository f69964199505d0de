"""Posts worth repeating: out long ago, with the best numbers that we know, and nobody has said the same of late."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Max, Q

from social.digest import entries_of, shelves_of
from social.models import Act, Channel, Post, PostMedia, Publication, PublicationState, Variant
from social.services.checks import check_content
from social.services.content_rows import VariantPlan, parts_of, plan_of

LONG_AGO = timedelta(days=180)
OF_LATE = timedelta(days=120)
LOOKED_AT = 40  # the best ones, of which some say what was said of late, or are nothing for the channel
# What a number is worth: conversions before what people did, that before how many saw it.
WORTH = ("conversions", "clicks", "shares", "comments", "reactions", "reach", "views")


def evergreen(channel: Channel, now: datetime, many: int) -> list[tuple[Post, dict[str, int]]]:
    """The best ones for this channel, each with the numbers that are known of it. Seven queries."""
    found = _best(channel, now)
    posts = _posts([pk for pk, _numbers in found])
    said = _said_of_late(channel, now)
    fresh = []
    for pk, numbers in found:
        post = posts[pk]
        words = _plain(_variant(post, channel).text or post.text)
        if words and words not in said:
            said.add(words)
            fresh.append((post, numbers))
    allowed = _allowed(channel, [post for post, _numbers in fresh])
    return [(post, numbers) for post, numbers in fresh if post.pk in allowed][:many]


def _best(channel: Channel, now: datetime) -> list[tuple[int, dict[str, int]]]:
    out = Publication.objects.filter(
        client=channel.client_id,
        state=PublicationState.PUBLISHED,
        act=Act.PUBLISH,
        taken_down_at=None,
        due_at__lt=now - LONG_AGO,
        post__occasion=None,  # what was of one day is of no other
    )
    known: dict[str, Any] = {name: Max(f"readings__{name}") for name in WORTH}
    best = [F(name).desc(nulls_last=True) for name in WORTH]
    rows = out.values("post").annotate(**known, last=Max("due_at")).order_by(*best, "-last", "-post")
    found = []
    for pk, *counted in rows.values_list("post", *WORTH)[:LOOKED_AT]:
        found.append((pk, {name: n for name, n in zip(WORTH, counted, strict=True) if n is not None}))
    return found


def _posts(pks: Sequence[int]) -> dict[int, Post]:
    found = Post.objects.select_related("client", "pillar").prefetch_related(
        "variants__channel", "variants__media_rows__media", "media_rows__media__cover"
    )
    return found.in_bulk(pks)


def _said_of_late(channel: Channel, now: datetime) -> set[str]:
    """What stands in other posts of the client that went out of late or are to."""
    rows = Post.objects.filter(Q(publish_at=None) | Q(publish_at__gt=now - OF_LATE), client=channel.client_id)
    texts = rows.exclude(state="cancelled").values_list("text", "variants__text")
    return {_plain(text) for pair in texts for text in pair if text}


def _variant(post: Post, channel: Channel) -> Variant:
    """As it was on this channel; on another one its own words go out."""
    own = next((row for row in post.variants.all() if row.channel_id == channel.pk), None)
    return own or Variant(post=post, client_id=post.client_id, channel=channel)


def _allowed(channel: Channel, posts: Sequence[Post]) -> set[int]:
    """Those that the channel's network takes."""
    entries = []
    for post in posts:
        variant = _variant(post, channel)
        rows: Iterable[PostMedia] = post.media_rows.all()
        entries += entries_of(post, [(variant, shelves_of(post, variant, rows))], renditions=False)
    checks = check_content(channel.client_id, {"channels": entries}, channels={channel.pk: channel})
    return {
        post.pk
        for post, check in zip(posts, checks, strict=True)
        if not any(problem.level == "error" for problem in check.preflight.problems)
    }


def fields_again(post: Post, channel: Channel) -> dict[str, Any]:
    """What a new draft needs to say the same on this channel (see ``PostFields``)."""
    rows = list(post.media_rows.select_related("media").order_by("part", "position"))
    own = post.variants.filter(channel=channel).prefetch_related("media_rows__media").first()
    plan: VariantPlan | None = plan_of(own) if own else None
    return {
        "title": post.title,
        "text": post.text,
        "link": post.link,
        "comment": post.comment,
        "media": [row.media for row in rows if row.variant_id is None and not row.part],
        "parts": parts_of(post.parts, [row for row in rows if row.variant_id is None]),
        "pillar": post.pillar if post.pillar and not post.pillar.retired else None,
        "labels": [label for label in post.labels.all() if not label.retired],
        "channels": [channel],
        **({"variants": [plan]} if plan else {}),
    }


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
