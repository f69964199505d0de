"""What the composer's form shows, row by row: channels, pictures, the posts of a thread."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms

from social import networks
from social.admin import threading
from social.admin.composing_counts import Counts
from social.admin.thumbnails import small_url
from social.models import Channel, Media
from social.networks.base import Network

if TYPE_CHECKING:
    from social.admin.composing import ComposerForm


@dataclass(frozen=True, kw_only=True)
class ChannelRow:
    """One channel in the form: whether it is chosen, its own text if it has one, its own pictures if it has any."""

    channel: Channel
    chosen: bool
    network: Network
    own: forms.BoundField
    text: forms.BoundField
    own_pictures: forms.BoundField
    shelf: "list[PictureRow]"
    own_parts: forms.BoundField
    thread: "ThreadRows"
    own_comment: forms.BoundField
    comment: forms.BoundField
    asked: "list[forms.BoundField]"
    text_counted: Counts
    comment_counted: Counts


@dataclass(frozen=True, kw_only=True)
class PictureRow:
    """One picture of the library: whether it is chosen, and in which place. ``name`` and ``place_name`` are those of its fields."""

    media: Media
    url: str
    chosen: bool
    place: str
    name: str
    place_name: str


@dataclass(frozen=True, kw_only=True)
class PartRow:
    """One more post of a thread: ``number`` as readers count, ``name`` of its field, ``drop`` what its button sends."""

    number: int
    name: str
    text: str
    shelf: list[PictureRow]
    drop: str
    counted: Counts


@dataclass(frozen=True, kw_only=True)
class ThreadRows:
    """The further posts of a thread. ``count_name`` is the field that says how many there are, ``add`` what its button sends."""

    count_name: str
    count: int
    add: str
    rows: list[PartRow]


def channel_rows(form: "ComposerForm") -> list[ChannelRow]:
    """The channels as the page shows them."""
    chosen = {channel.pk for channel in form.chosen()}
    return [_channel_row(form, channel, chosen=channel.pk in chosen) for channel in form.channels]


def _channel_row(form: "ComposerForm", channel: Channel, *, chosen: bool) -> ChannelRow:
    pk, network = channel.pk, networks.get(channel.network)
    return ChannelRow(
        channel=channel,
        chosen=chosen,
        network=network,
        own=form[f"own_{pk}"],
        text=form[f"text_{pk}"],
        own_pictures=form[f"pictures_{pk}"],
        shelf=picture_rows(form, f"media_{pk}"),
        own_parts=form[f"own_parts_{pk}"],
        thread=thread_rows(form, f"_{pk}"),
        own_comment=form[f"own_comment_{pk}"],
        comment=form[f"comment_{pk}"],
        asked=[form[f"field_{pk}_{field.name}"] for field in network.fields],
        text_counted=form.counted[f"text_{pk}"],
        comment_counted=form.counted[f"comment_{pk}"],
    )


def thread_rows(form: "ComposerForm", suffix: str) -> ThreadRows:
    """The further posts of the thread whose fields end in ``suffix``."""
    texts = form.thread_texts(suffix)
    return ThreadRows(
        count_name=threading.count_name(suffix),
        count=len(texts),
        add=threading.add(suffix),
        rows=[_part_row(form, suffix, number, text) for number, text in enumerate(texts, start=1)],
    )


def _part_row(form: "ComposerForm", suffix: str, number: int, text: str) -> PartRow:
    name = threading.text_name(suffix, number)
    return PartRow(
        number=number + 1,
        name=name,
        text=text,
        shelf=picture_rows(form, threading.media_name(suffix, number)),
        drop=threading.drop(suffix, number),
        counted=form.counted[name],
    )


def picture_rows(form: "ComposerForm", name: str) -> list[PictureRow]:
    """The pictures chosen in this field, then those chosen for the post, then the newest of the library."""
    mine = form.chosen_pictures.get(name, [])
    places = {media.pk: str(place) for place, media in enumerate(mine, start=1)}
    shown = {media.pk: media for media in [*mine, *form.pictures, *form.newest]}
    return [
        PictureRow(
            media=media,
            url=small_url(media),
            chosen=media.pk in places,
            place=places.get(media.pk, ""),
            name=name,
            place_name=f"{name}_place_{media.pk}",
        )
        for media in shown.values()
    ]
