"""Reading one channel's entry of a content (see ``social.digest``)."""

from collections.abc import Iterator, Mapping, Sequence
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
