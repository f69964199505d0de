"""What is new between two versions of a post, word by word and channel by channel."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from approvals.rewording import Kind, Piece, pieces
from social import media_views, networks
from social.digest import canonical
from social.entries import Entry, comment_in, parts_in
from social.models import Channel
from social.services.checks import media_items
from social.told import told_fields

Pictured = tuple[str, str, str]
FIRST_BELOW = 2  # how readers count the first post below the first


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One picture of a version. ``url`` is empty where the picture is no longer kept."""

    kind: Kind
    sha256: str
    alt_text: str
    url: str = ""
    is_video: bool = False


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What is new in one post. ``before`` and ``after`` hold all of its pictures, where these are not the same."""

    text: tuple[Piece, ...] = ()
    pictures_came: tuple[str, ...] = ()  # as they are described to who cannot see them
    pictures_went: tuple[str, ...] = ()
    pictures_moved: bool = False
    before: tuple[Shot, ...] = ()
    after: tuple[Shot, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Below(Changed):
    """What is new in one further post of a thread. ``number`` as readers count, from 2: where it stands, or stood if it went."""

    number: int
    came: bool = False
    went: bool = False


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is new in one thing that the network asks beside the text."""

    name: str
    label: str
    words: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True)
class Difference(Changed):
    """What is new on one channel. ``came`` and ``went``: the whole channel did; then nothing else is said."""

    channel: str
    channel_id: int = field(default=0, compare=False)
    came: bool = False
    went: bool = False
    link: tuple[Piece, ...] = ()
    parts: tuple[Below, ...] = ()
    comment: tuple[Piece, ...] = ()
    asked: tuple[Asked, ...] = ()

    @property
    def posts(self) -> tuple[Changed, ...]:
        """Itself, then those of its thread."""
        return (self, *self.parts)


def differences(
    client_id: int, old: Mapping[str, Any], new: Mapping[str, Any], *, sign: bool = False
) -> list[Difference]:
    """Each channel on which ``new`` differs from ``old`` (both are contents, see ``social.digest``).

    One query, and one more where pictures differ. ``sign``: their addresses open for an hour, whoever asks.
    """
    before, after = _by_channel(old), _by_channel(new)
    names = Channel.objects.filter(client=client_id).in_bulk([*before, *after])
    known = {pk: f"{channel.name} · {networks.get(channel.network).name}" for pk, channel in names.items()}
    return _with_addresses(client_id, list(_differences(before, after, known)), sign=sign)


def _with_addresses(client_id: int, found: Sequence[Difference], *, sign: bool) -> list[Difference]:
    shots = [shot for difference in found for post in difference.posts for shot in (*post.before, *post.after)]
    stored = media_items(client_id, [{"sha256": shot.sha256} for shot in shots])
    address = media_views.signed_url if sign else media_views.own_url
    found_at = {sha256: (address(item), item.is_video) for sha256, item in stored.items()}

    def seen(shots: Iterable[Shot]) -> tuple[Shot, ...]:
        known = [(shot, found_at.get(shot.sha256, ("", False))) for shot in shots]
        return tuple(replace(shot, url=url, is_video=is_video) for shot, (url, is_video) in known)

    return [
        replace(
            entry,
            before=seen(entry.before),
            after=seen(entry.after),
            parts=tuple(replace(part, before=seen(part.before), after=seen(part.after)) for part in entry.parts),
        )
        for entry in found
    ]


def _by_channel(content: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    return {entry["channel"]: entry for entry in content["channels"]}


def _differences(
    before: Mapping[int, Mapping[str, Any]], after: Mapping[int, Mapping[str, Any]], names: Mapping[int, str]
) -> Iterator[Difference]:
    for channel_id, entry in after.items():
        name = names.get(channel_id, entry["handle"])
        if channel_id not in before:
            yield Difference(channel=name, channel_id=channel_id, came=True)
        elif entry != before[channel_id]:
            yield replace(_difference(name, before[channel_id], entry), channel_id=channel_id)
    for channel_id, entry in before.items():
        if channel_id not in after:
            yield Difference(channel=names.get(channel_id, entry["handle"]), channel_id=channel_id, went=True)


def _difference(name: str, old: Entry, new: Entry) -> Difference:
    return Difference(
        channel=name,
        link=() if old["link"] == new["link"] else _replaced(old["link"], new["link"]),
        parts=tuple(_below(parts_in(old), parts_in(new))),
        comment=_words(comment_in(old), comment_in(new)),
        asked=tuple(_asked(old, new)),
        **_changed(old, new),
    )


def _words(old: str, new: str) -> tuple[Piece, ...]:
    return () if old == new else pieces(old, new)


def _changed(old: Entry, new: Entry) -> dict[str, Any]:
    """What is new in one post: see ``Changed``."""
    was, now = _pictures(old), _pictures(new)
    came = tuple(shown[1] for shown in now if shown not in was)
    went = tuple(shown[1] for shown in was if shown not in now)
    return {
        "text": _words(old["text"], new["text"]),
        "pictures_came": came,
        "pictures_went": went,
        "pictures_moved": was != now and not came and not went,
        "before": () if was == now else _shots(was, now, "removed"),
        "after": () if was == now else _shots(now, was, "added"),
    }


def _below(old: Sequence[Entry], new: Sequence[Entry]) -> Iterator[Below]:
    """The further posts of a thread beside each other: what stayed the same is found again where others came between."""
    nothing: Entry = {"text": "", "media": []}
    before, after = ([canonical(dict(part)) for part in parts] for parts in (old, new))
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for was, now in zip_longest(range(i, j), range(k, m)):
            changed = _changed(nothing if was is None else old[was], nothing if now is None else new[now])
            number = (was if now is None else now) + FIRST_BELOW
            yield Below(number=number, came=was is None, went=now is None, **changed)


def _asked(old: Entry, new: Entry) -> Iterator[Asked]:
    was, now = ({told.name: told for told in told_fields(entry)} for entry in (old, new))
    for name, told in {**was, **now}.items():
        before, after = (found[name].value if name in found else "" for found in (was, now))
        if before != after:
            yield Asked(name=name, label=told.label, words=pieces(before, after))


def _shots(pictures: Iterable[Pictured], others: Sequence[Pictured], kind: Kind) -> tuple[Shot, ...]:
    return tuple(
        Shot(kind="same" if shown in others else kind, sha256=shown[0], alt_text=shown[1]) for shown in pictures
    )


def _pictures(entry: Mapping[str, Any]) -> list[Pictured]:
    """What each picture or video is, what is said of it, and whatever else goes out with it."""
    plain = {"sha256", "mime", "alt_text"}
    return [
        (item["sha256"], item["alt_text"], canonical({name: item[name] for name in item.keys() - plain}).decode())
        for item in entry["media"]
    ]


def _replaced(old: str, new: str) -> tuple[Piece, ...]:
    both = [Piece("removed", old), Piece("added", new)]
    return tuple(piece for piece in both if piece.text)
