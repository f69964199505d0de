"""The canonical form of all that would go out, and its digest: what approvals bind to.

The recipe, which an outsider can follow (``docs/evidence.md`` has it with an example)::

    content = {"channels": [{"channel": ID, "handle": …, "link": …, "media": [{"alt_text": …, "mime": …, "sha256": …}, …],
                             "network": …, "options": {}, "server": …, "text": …}, …],   ordered by channel
               "filo": 1}
    digest = SHA-256 of that as JSON by RFC 8785: UTF-8, keys sorted, no white space, in hex

A post that acts on what is live says so beside its channels, so that an approval is one of exactly that act::

    "act": {"because": …, "before": DIGEST, "kind": "edit" | "new_post" | "reply" | "take_down", "publication": ID}

``before`` is the digest of the version that was live. To take something down is approved with the entry that was live;
to change it, with the descriptions, subtitles and covers that are live, where the network leaves those as they are.

An entry has more only where there is more: ``options`` what its network asks beside the text (texts, lists of texts, or
true); ``parts`` the further posts of a thread, each ``{"media": […], "text": …}``; ``comment`` the first comment below it.
An entry of ``media`` likewise: ``captions`` (SubRip) and ``cover`` (the SHA-256 of a picture) of
a video; ``rendition`` where the network takes it otherwise than it was uploaded: the SHA-256 of the bytes that go out in
place of those of ``sha256``. In what is no version yet it is empty while there are none.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from social import networks
from social.entries import as_live
from social.fitting import Want, made, wanted
from social.models import Act, Media, Post, PostMedia, Variant

RECIPE = 1
Shelves = Sequence[Sequence[Media]]
"""Pictures and videos of a post, then of each further post of its thread."""


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
    rows = list(post.media_rows.select_related("media__cover").order_by("part", "position"))
    return content_from(post, variants, rows, renditions=renditions)


def content_from(
    post: Post, variants: Iterable[Variant], rows: Sequence[PostMedia], *, renditions: bool = True
) -> dict[str, Any]:
    """The same from what was read before: variants by channel, pictures by position."""
    if post.act == Act.TAKE_DOWN and post.before is not None:
        there = {variant.channel_id for variant in variants}
        live = [entry for entry in post.before.content["channels"] if entry["channel"] in there]
        return {"filo": RECIPE, "channels": live, **act_of(post)}
    chosen = [(variant, shelves_of(post, variant, rows)) for variant in variants]
    entries = as_is_live(post, entries_of(post, chosen, renditions=renditions))
    return {"filo": RECIPE, "channels": entries, **act_of(post)}


def as_is_live(post: Post, entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of a change with what its network leaves as it is live; of all else as they are.

    What is approved is what readers see then, whatever the library says of a picture by now.
    """
    if post.act != Act.EDIT or post.before is None or post.corrects is None:
        return [*entries]
    live, posts = {entry["channel"]: entry for entry in post.before.content["channels"]}, post.corrects.live_posts

    def kept(entry: dict[str, Any]) -> dict[str, Any]:
        network, was = networks.get(entry["network"]), live.get(entry["channel"])
        if was is None or (network.edits_media and network.edits_alt_texts):
            return entry
        return as_live(entry, was, posts, but=["alt_text"] if network.edits_alt_texts else [])

    return list(map(kept, entries))


def act_of(post: Post) -> dict[str, Any]:
    """What the content says of what is done to something live; nothing for what goes out."""
    if post.before is None:
        return {}
    before = post.before.digest
    act = {"kind": post.act, "publication": post.corrects_id, "before": before, "because": post.because}
    return {"act": act}


def shelves_of(post: Post, variant: Variant, rows: Iterable[PostMedia]) -> Shelves:
    """The pictures that go out on this channel: of the post, then of each further post of its thread."""
    parts = post.parts if variant.parts is None else variant.parts
    shelves: list[list[Media]] = [[] for _number in range(1 + len(parts))]
    for row in rows:
        own = variant.parts is not None if row.part else variant.own_media
        if row.variant_id == (variant.pk if own else None) and row.part < len(shelves):
            shelves[row.part].append(row.media)
    return shelves


def entries_of(
    post: Post, chosen: Sequence[tuple[Variant, Shelves]], *, renditions: bool = True
) -> list[dict[str, Any]]:
    """What would go out on each channel with these pictures; neither post nor variants need be stored.

    One query where something has to be made for a network, else none.
    """
    wants: dict[tuple[str, str], Want] = {}
    if renditions:
        for variant, shelves in chosen:
            for item in (item for shelf in shelves for item in shelf):
                want = wanted(variant.channel.network, item)
                if want:
                    wants[variant.channel.network, item.sha256] = want
    there = made(post.client_id, wants.values())

    def shown(network: str, shelf: Sequence[Media]) -> list[dict[str, Any]]:
        found = ((item, wants.get((network, item.sha256))) for item in shelf)
        return [media_entry(item) | ({"rendition": there.get(want.key, "")} if want else {}) for item, want in found]

    return [_entry(post, variant, shelves, shown) for variant, shelves in chosen]


def _entry(
    post: Post, variant: Variant, shelves: Shelves, shown: Callable[[str, Sequence[Media]], list[dict[str, Any]]]
) -> dict[str, Any]:
    channel = variant.channel
    texts = post.parts if variant.parts is None else variant.parts
    comment = post.comment if variant.comment is None else variant.comment
    parts = [
        {"text": text, "media": shown(channel.network, shelf)} for text, shelf in zip(texts, shelves[1:], strict=True)
    ]
    return {
        "channel": variant.channel_id,
        "network": channel.network,
        "server": channel.server,
        "handle": channel.handle,
        "text": post.text if variant.text is None else variant.text,
        "link": post.link,
        "media": shown(channel.network, shelves[0]),
        "options": variant.fields,
        **({"parts": parts} if parts else {}),
        **({"comment": comment} if comment else {}),
    }


def media_entry(item: Media) -> dict[str, Any]:
    """One picture or video of an entry, as it was uploaded."""
    entry = {"sha256": item.sha256, "mime": item.mime, "alt_text": item.alt_text}
    if item.captions:
        entry["captions"] = item.captions
    if item.cover:
        entry["cover"] = item.cover.sha256
    return entry
