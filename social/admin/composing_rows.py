"""What the composer's form shows, row by row: channels, pictures, the posts of a thread; and its choices among what is kept."""

from dataclasses import dataclass
from typing import Any

from django import forms

from social.models import Channel, Media
from social.networks.base import Network


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


@dataclass(frozen=True, kw_only=True)
class ThreadRows:
    """The further posts of a thread. ``count_name`` is the field that says how many there are, ``add`` what its button sends."""

    count_name: str
    count: int
    add: str
    rows: list[PartRow]


class Kept(forms.ModelChoiceField[Any]):
    """A choice among what is in use, and the retired one that the post has."""

    def label_from_instance(self, obj: Any) -> str:
        """Its name; a retired one says so."""
        return str(obj.named)


class KeptAll(Kept, forms.ModelMultipleChoiceField[Any]):
    """The same, several."""
