"""What strategies must know of channels and pictures, which are above them: whoever has those registers here."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from clients.models import Client


@dataclass(frozen=True, kw_only=True)
class ChannelTold:
    """A channel of a client. ``active``: posts can go out on it."""

    pk: int
    network: str
    name: str
    handle: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture of a client, as it is stored. ``read`` gives its bytes, and raises ``OSError`` where they are lost.

    ``address`` gives where it is for people who are signed in and may see it; signed (True), for whoever has the address, for
    a day.
    """

    id: int
    name: str
    sha256: str
    mime: str
    size: int  # bytes
    alt_text: str
    read: Callable[[], bytes]
    address: Callable[[bool], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How many posts on one channel that serve one pillar (None: none) have their time in one week of one month.

    ``published`` are those of the planned ones that are out. Days are those of the client's clock.
    """

    channel: int
    pillar: int | None
    month: date  # its first day
    week: date  # its Monday
    planned: int
    published: int


class Surroundings(Protocol):
    """What strategies ask; each question is one query. It asks nobody whether they may know: services do."""

    def channels(self, client_id: int, pks: Collection[int]) -> dict[int, ChannelTold]:
        """Those of the channels that are this client's, by number."""

    def living_channels(self, client_id: int) -> list[ChannelTold]:
        """All on which this client's posts can go out, by name."""

    def pictures(self, client_id: int, pks: Collection[int]) -> dict[int, Picture]:
        """Those of the pictures that are this client's, by number; videos are none."""

    def newest_pictures(self, client_id: int, many: int) -> list[Picture]:
        """The last ones of this client's."""

    def pictures_like(self, client_id: int, digests: Collection[str]) -> dict[str, str]:
        """For those SHA-256 that a picture of this client has: what stands behind ``media:`` for it."""

    def tallies(self, client: Client, begins: date, ends: date, *, drafts: bool) -> Sequence[Tally]:
        """The client's posts from the first day on to before the last; two queries. Without ``drafts``: what was approved."""


_known: list[Surroundings] = []


def register(surroundings: Surroundings) -> None:
    """From now on strategies ask here."""
    _known[:] = [surroundings]


def channels(client_id: int, pks: Collection[int]) -> dict[int, ChannelTold]:
    """Those of the channels that are this client's, by number."""
    return _known[0].channels(client_id, pks) if pks and _known else {}


def living_channels(client_id: int) -> list[ChannelTold]:
    """All on which this client's posts can go out, by name."""
    return _known[0].living_channels(client_id) if _known else []


def pictures(client_id: int, pks: Collection[int]) -> dict[int, Picture]:
    """Those of the pictures that are this client's, by number."""
    return _known[0].pictures(client_id, pks) if pks and _known else {}


def newest_pictures(client_id: int, many: int) -> list[Picture]:
    """The last ones of this client's."""
    return _known[0].newest_pictures(client_id, many) if _known else []


def pictures_like(client_id: int, digests: Collection[str]) -> dict[str, str]:
    """For those SHA-256 that a picture of this client has: what stands behind ``media:`` for it."""
    return _known[0].pictures_like(client_id, digests) if digests and _known else {}


def tallies(client: Client, begins: date, ends: date, *, drafts: bool) -> Sequence[Tally]:
    """The client's posts from the first day on to before the last. Without ``drafts``: what was approved alone."""
    return _known[0].tallies(client, begins, ends, drafts=drafts) if _known else ()
