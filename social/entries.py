"""Reading one channel's entry of a content (see ``social.digest``)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Entry = Mapping[str, Any]
COMMENT = "comment"


@dataclass(frozen=True, kw_only=True)
class Posted:
    """One of the posts that go out on a channel; ``spot`` says which (empty: the first)."""

    spot: str = ""
    text: str
    link: str = ""
    media: Sequence[Entry] = ()


def posts_in(entry: Entry) -> Iterator[Posted]:
    """Its own, each further post of its thread, and its first comment where it has one."""
    yield Posted(text=entry["text"], link=entry["link"], media=entry["media"])
    for number, part in enumerate(parts_in(entry), start=1):
        yield Posted(spot=part_spot(number), text=part["text"], media=part["media"])
    if comment_in(entry):
        yield Posted(spot=COMMENT, text=comment_in(entry))


def parts_in(entry: Entry) -> list[Entry]:
    """The further posts of its thread, each with ``text`` and ``media``."""
    return list(entry.get("parts", ()))


def comment_in(entry: Entry) -> str:
    """The first comment below it."""
    return str(entry.get("comment", ""))


def media_in(entry: Entry) -> list[Entry]:
    """All its pictures and videos, those of its thread included."""
    return [*entry["media"], *(shown for part in parts_in(entry) for shown in part["media"])]


def first_posts(entry: Entry, posts: int) -> dict[str, Any]:
    """The same with so many of its posts, and without its first comment: of a thread that broke off, what of it is live."""
    found = {name: value for name, value in entry.items() if name not in {"parts", COMMENT}}
    parts = parts_in(entry)[: posts - 1]
    return found | ({"parts": parts} if parts else {})


def changed_posts(was: Entry, becomes: Entry) -> dict[str, Any]:
    """What of a thread a change sends: those of its posts that become others, as if they were all; the first where none does."""
    posts = [*posts_in(becomes)]
    changed = [after for before, after in zip(posts_in(was), posts, strict=False) if before != after]
    first, *rest = changed or posts[:1]
    found = {**first_posts(becomes, 1), "text": first.text, "link": first.link, "media": list(first.media)}
    parts = [{"text": one.text, "media": list(one.media)} for one in rest]
    return found | ({"parts": parts} if parts else {})


def as_live(entry: Entry, live: Entry, posts: int | None, but: Collection[str]) -> dict[str, Any]:
    """The same with what is said of its pictures and videos as it is ``live``, where the same ones stand in the same places.

    For a change that leaves them as they are: what the library says of them by now does not go out with it, ``but`` these.
    ``posts``: in so many posts at most, where no more are live.
    """
    found = {**entry, "media": _as_live(entry["media"], live["media"], but)}
    parts, there = parts_in(entry), parts_in(live) if posts is None else parts_in(live)[: posts - 1]
    kept = [
        {**part, "media": _as_live(part["media"], was["media"], but)} for part, was in zip(parts, there, strict=False)
    ]
    return found | ({"parts": [*kept, *parts[len(kept) :]]} if parts else {})


def _as_live(media: Sequence[Entry], live: Sequence[Entry], but: Collection[str]) -> list[Entry]:
    pairs = list(zip(media, live, strict=False))
    kept = [
        {**was, **{name: shown[name] for name in but}} if shown["sha256"] == was["sha256"] else shown
        for shown, was in pairs
    ]
    return [*kept, *media[len(kept) :]]


def words_in(entry: Entry) -> list[str]:
    """All words that go out there, in reading order: its own, those of its thread, of its comment and of its fields."""
    found = [entry["text"], *(part["text"] for part in parts_in(entry)), comment_in(entry), *_told(entry)]
    return [words for words in found if words]


def _told(entry: Entry) -> Iterator[str]:
    for value in entry["options"].values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from value


def part_spot(number: int) -> str:
    """How the ``number``-th further post of a thread, from 1, is spoken of."""
    return f"part:{number}"


def field_spot(name: str) -> str:
    """How what a network asks beside the text is spoken of."""
    return f"field:{name}"


def key_of(channel_id: int, spot: str = "") -> str:
    """The name of a channel's text; with ``spot`` of its thread's, its comment's or its fields'. For good: comments keep it."""
    return f"{channel_id}:{spot}" if spot else f"{channel_id}"


def spot_in(key: str) -> tuple[str, str]:
    """The channel and the spot that a key names."""
    channel, _colon, spot = key.partition(":")
    return channel, spot
