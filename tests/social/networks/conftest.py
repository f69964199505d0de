"""A Bluesky server, people on it, and what they would publish."""

import dataclasses
import datetime as dt
import hashlib
import io
import itertools
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from social.networks import get, transport
from social.networks.base import Account, Content, Keys, MediaItem, Network
from social.networks.bluesky import keeping
from tests.servers.pds import Pds, Person, pds
from tests.social.videos import video

pytest.register_assert_rewrite(
    "tests.social.networks.contract", "tests.social.networks.wireless", "tests.social.networks.case"
)

__all__ = ["pds"]

_names = itertools.count(1)
NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _without_database() -> Iterator[None]:
    """At the wire, sessions are shared within a process."""
    keeper = keeping.keeper()
    keeping.use(None)
    yield
    keeping.use(keeper)


@pytest.fixture(autouse=True)
def _without_connections() -> Iterator[None]:
    """Those to servers of tests that are over are looked at in each call of all that follow."""
    yield
    for pool in transport._pools.values():
        pool.close()


@pytest.fixture(scope="session")
def bluesky() -> Network:
    return get("bluesky")


@pytest.fixture
def new_person(pds: Pds) -> Callable[[], Person]:
    """Makes people that no other test has met."""
    return lambda: pds.create_person(f"person{next(_names)}")


@pytest.fixture
def person(new_person: Callable[[], Person]) -> Person:
    return new_person()


@pytest.fixture
def account(pds: Pds, person: Person) -> Account:
    return account_of(person, pds.url)


@pytest.fixture
def keys(bluesky: Network) -> Keys:
    return bluesky.new_keys(NOW, Content("x"))


def account_of(person: Person, server: str, identity: str = "") -> Account:
    return Account(person.handle, server, {"app_password": person.app_password}, identity)


def item_of(data: bytes, mime: str, size: tuple[int, int], alt_text: str = "A vineyard") -> MediaItem:
    return MediaItem(
        sha256=hashlib.sha256(data).hexdigest(),
        mime=mime,
        width=size[0],
        height=size[1],
        size=len(data),
        alt_text=alt_text,
        open=lambda: io.BytesIO(data),
    )


def picture(size: tuple[int, int] = (30, 20), colour: str = "maroon", alt_text: str = "A vineyard") -> MediaItem:
    """A small PNG of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return item_of(out.getvalue(), "image/png", size, alt_text)


def noise(size: tuple[int, int], mode: str = "RGB") -> MediaItem:
    """A PNG that can't be made small without losing something."""
    image = Image.effect_noise(size, 200).convert(mode)
    if mode == "RGBA":
        image.putalpha(0)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=0)
    return item_of(out.getvalue(), "image/png", size)


def film(alt_text: str = "The harvest", seconds: float = 2) -> MediaItem:
    """A small MP4."""
    data = video("mp4", size="64x36", rate=10, seconds=seconds)
    item = item_of(data, "video/mp4", (64, 36), alt_text)
    return dataclasses.replace(item, seconds=seconds, rate=10.0, codec="h264", sound="aac")


POST = Content("Sabato la cantina è aperta.")
