"""What a rehearsal says and shows: as long as the network allows, and all that it carries beside, unless it is left out."""

import dataclasses
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from social.models import Channel
from social.networks import rules, subtitles
from social.networks.base import Content, MediaItem, Network, Part
from social.services.rehearsing.media import CAPTIONS, Shelf, make_picture, make_video

LONGEST = 5_000  # units; a longer text shows nothing that this does not
LANGUAGES = (subtitles.FIELD.name, "language")  # the fields that say in which language subtitles are
PRIVATE = ("private", "SELF_ONLY", "direct", "draft", "unlisted")  # the best first, as networks call it
POSTS = 2  # of a thread: one that answers shows how all do

Extra = Literal["picture", "alt_text", "captions", "cover", "thread", "comment"]
EXTRAS: tuple[Extra, ...] = get_args(Extra)


@dataclass(frozen=True)
class Wishes:
    """What is asked of a rehearsal: ``fields`` of the network's, a thread of so many ``posts``, a ``video``, what stays away."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    posts: int = POSTS
    video: bool = False
    without: frozenset[Extra] = frozenset()


def composed(network: Network, channel: Channel, wishes: Wishes, shelf: Shelf) -> Content:
    """The content, in the active language. What the network would not take is told by its own rules. Raises ``Conflict``."""
    bare = _bare(network, channel, wishes)
    tried = []
    for make in _makers(network, bare, wishes):
        tried.append(_with(network, bare, shelf.addressed(_shown(network, make(), wishes, shelf))) if make else bare)
        if rules.checked(network, tried[-1]).ok:
            return _of_length(network, tried[-1])
    return tried[0]


def _bare(network: Network, channel: Channel, wishes: Wishes) -> Content:
    """The words, without anything to look at."""
    mark = secrets.token_hex(4)
    found = {**_private(network), **wishes.fields}
    posts = wishes.posts if network.threads and "thread" not in wishes.without else 1
    parts = tuple(Part(f"{number}/{posts} {mark}") for number in range(2, posts + 1))
    comment = _("The first comment of a rehearsal.") + f" {mark}"
    return Content(
        _("Rehearsal by Filo, deleted at once.") + f" {mark}",
        parts=parts,
        comment=comment if network.comments and "comment" not in wishes.without else "",
        fields=found,
        allows=channel.allows,
    )


def _makers(network: Network, bare: Content, wishes: Wishes) -> list[Callable[[], MediaItem] | None]:
    """With what it may go out, the best first: a picture, words alone, and a video where nothing else does, or it is wished.

    A picture may want a public address, which not every installation has.
    """
    media = network.limits.get("media", {})
    kinds = media.get("kinds", ()) if media.get("max") else ()
    films = "video/mp4" in kinds
    if wishes.video and films:
        return [make_video]
    pictures: list[Callable[[], MediaItem] | None] = [make_picture] if "image/jpeg" in kinds else []
    words_do = rules.checked(network, bare).ok
    return [
        *(pictures if "picture" not in wishes.without else ()),
        *([make_video] if films and not words_do else [None]),
    ]


def _shown(network: Network, item: MediaItem, wishes: Wishes, shelf: Shelf) -> MediaItem:
    """The picture or video with all that the network takes beside it."""
    if "alt_text" in wishes.without or (item.is_video and not network.describes_videos):
        item = dataclasses.replace(item, alt_text="")
    if not item.is_video:
        return item
    if network.captions and "captions" not in wishes.without:
        item = dataclasses.replace(item, captions=CAPTIONS)
    if "cover" not in wishes.without and network.takes_cover(Content("", media=(item,))):
        cover = make_picture((item.width, item.height))
        item = dataclasses.replace(item, cover=shelf.addressed(cover))
    return item


def _with(network: Network, bare: Content, item: MediaItem) -> Content:
    """The words with it; where it has subtitles, their language is said, if the network asks for it."""
    language = (get_language() or "en")[:2]
    said = language if language in subtitles.LANGUAGES else "en"
    asked = [one.name for one in network.fields if one.name in LANGUAGES and item.captions]
    return dataclasses.replace(bare, media=(item,), fields={**dict.fromkeys(asked, said), **bare.fields})


def _of_length(network: Network, content: Content) -> Content:
    """All its texts as long as the network allows."""

    def fill(text: str, used: int, limit: int) -> str:
        spare = min(limit, LONGEST) - used - 1
        return f"{text}\n{'a' * spare}" if spare > 0 else text

    def part(one: Part) -> Part:
        checked = network.preflight(Content(one.text, allows=content.allows))
        return dataclasses.replace(one, text=fill(one.text, checked.used, checked.limit))

    checked = network.preflight(content)
    return dataclasses.replace(
        content,
        text=fill(content.text, checked.used, checked.limit),
        parts=tuple(part(one) for one in content.parts),
        comment=fill(content.comment, *network.count_comment(content)) if content.comment else "",
    )


def too_long(content: Content) -> Iterator[tuple[str, Content]]:
    """The same with one unit more: in its words, in the last post of its thread, in its comment; what each is called."""
    yield "preflight, one more", dataclasses.replace(content, text=content.text + "a")
    if content.parts:
        *above, last = content.parts
        longer = dataclasses.replace(last, text=last.text + "a")
        yield "preflight, one more in the thread", dataclasses.replace(content, parts=(*above, longer))
    if content.comment:
        yield "preflight, one more in the comment", dataclasses.replace(content, comment=content.comment + "a")


def edited(content: Content) -> Content:
    """The same with one letter changed."""
    words = content.text[:-1] + "b" if content.text.endswith("a") else f"{content.text[:-1]}."
    return dataclasses.replace(content, text=words)


def _private(network: Network) -> dict[str, Any]:
    """The fields that keep a post from being seen, where the network has such."""
    found = {}
    for one in network.fields:
        values = [value for value, _label in one.choices]
        best = next((word for word in PRIVATE if word in values), None)
        if one.kind == "choice" and best is not None:
            found[one.name] = best
    return found


def is_private(network: Network, content: Content) -> bool:
    """Whether as few see it as the network lets us choose."""
    chosen = _private(network)
    return bool(chosen) and all(content.fields.get(name) == value for name, value in chosen.items())
