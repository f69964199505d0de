"""How long each text of the composer's form is on the channels where it goes, said beside its field."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from social.admin import threading
from social.previews import Below, Preview

if TYPE_CHECKING:
    from social.admin.composing import ComposerForm


@dataclass(frozen=True, kw_only=True)
class Count:
    """How much of what a channel takes a text uses."""

    channel: str
    used: int
    limit: int

    @property
    def over(self) -> bool:
        """Whether it is too long there."""
        return self.used > self.limit


Counts = tuple[Count, ...]


def counted(form: "ComposerForm", previews: Sequence[Preview]) -> dict[str, Counts]:
    """By the name of each field of a text that is shown, the counts on the channels that get that text; perhaps none."""
    own = {channel.pk: channel for channel in form.chosen()}
    found: dict[str, list[Count]] = defaultdict(list)
    for name in _fields(form):
        found[name] = []
    for preview in previews:
        channel = own[preview.channel_id]
        suffix = f"_{channel.pk}"
        text = "text" if form.own_text(channel) is None else f"text{suffix}"
        found[text].append(_count(preview, preview))
        thread = "" if form.own_thread(channel) is None else suffix
        comment = "comment" if form.own_comment(channel) is None else f"comment{suffix}"
        for post in preview.below:
            name = threading.text_name(thread, post.number - 1) if post.number else comment
            found[name].append(_count(preview, post))
    return defaultdict(tuple, {name: tuple(counts) for name, counts in found.items()})


def _fields(form: "ComposerForm") -> Iterator[str]:
    suffixes = ["", *(f"_{channel.pk}" for channel in form.channels)]
    for suffix in suffixes:
        yield f"text{suffix}"
        yield f"comment{suffix}"
        yield from (threading.text_name(suffix, number) for number in range(1, len(form.thread_texts(suffix)) + 1))


def _count(preview: Preview, post: Preview | Below) -> Count:
    return Count(channel=preview.channel, used=post.used, limit=post.limit)
