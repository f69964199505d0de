"""A rehearsal on the networks that are at the wire here, those among them that fetch pictures from this installation."""

import datetime as dt
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from social.models import Media
from social.services import create_channel
from tests.servers import facebook, instagram, threads
from tests.servers.google_business import LOCATION, FakeGoogleBusiness
from tests.servers.linkedin import FakeLinkedIn
from tests.servers.pinterest import FakePinterest
from tests.servers.telegram import FakeTelegram
from tests.social.test_rehearse import names, rehearse
from tests.world import World

NAME = "filo.roero.example"


@pytest.fixture
def outside(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> World:
    """The agency behind a real server, which has a name of the whole internet."""
    port, looked_up = urlsplit(live_server.url).port, socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **how: looked_up("127.0.0.1" if host == NAME else host, *rest, **how)
    )
    monkeypatch.setattr(settings, "BASE_URL", f"http://{NAME}:{port}")
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", [*settings.ALLOWED_HOSTS, NAME])
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)
    return World()


@contextmanager
def now(fake: Any) -> Iterator[Any]:
    """The network, where it is the hour that it is here: what is rehearsed is looked for among what has just come."""
    moment = dt.datetime.now(dt.UTC)
    module = sys.modules[fake.__module__]
    with pytest.MonkeyPatch.context() as changed, fake() as server:
        server.now = moment
        if hasattr(module, "NOW"):
            changed.setattr(module, "NOW", moment)
        yield server


def rehearsed(world: World, server: Any, slug: str, handle: str, *options: str, **credentials: str) -> tuple[str, str]:
    """On a channel of the winery's account there."""
    channel = create_channel(
        user=world.marta,
        client=world.winery,
        network=slug,
        handle=handle,
        server=server.url,
        credentials=credentials,
    )
    return rehearse(channel, *options)


PLACE = {"access_token": FakeGoogleBusiness.token, "refresh_token": FakeGoogleBusiness.refresh, "location": LOCATION}


@pytest.mark.parametrize(
    ("fake", "slug", "handle", "credentials", "beside"),
    [
        (instagram.InstagramAccount, "instagram", "cantinaroero", {"access_token": instagram.TOKEN}, "a first comment"),
        (
            threads.ThreadsProfile,
            "threads",
            "cantinaroero",
            {"access_token": threads.TOKEN},
            "a thread of 2, a first comment",
        ),
        (FakeGoogleBusiness, "google_business", "Cantina Roero", PLACE, ""),
    ],
)
def test_a_network_that_fetches_the_picture_finds_it_as_long_as_it_lasts(
    outside: World, fake: Any, slug: str, handle: str, credentials: dict[str, str], beside: str, tmp_path: Path
) -> None:
    with now(fake) as server:
        said, wrong = rehearsed(outside, server, slug, handle, **credentials)
        assert wrong == "", said
        assert ([data[:3] for data in server.files.values()], len(server.fetched)) == ([b"\xff\xd8\xff"], 1)
        assert not server.posts
    assert f"with: a picture (alt_text){', ' if beside else ''}{beside};" in said
    assert {"  publish", "  find", "  read back", "  delete"} <= set(names(said)), said
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not Media.objects.exists()


ORGANIZATION = {"access_token": FakeLinkedIn.token, "refresh_token": FakeLinkedIn.refresh, "organization": "5509810"}
PAGE = {"access_token": facebook.TOKEN}
PICTURE = "a picture (alt_text)"
PINS = {"access_token": FakePinterest.token, "refresh_token": FakePinterest.refresh}


@pytest.mark.parametrize(
    ("fake", "slug", "handle", "credentials", "options", "beside"),
    [
        (facebook.FacebookPages, "facebook", "cantinaroero", PAGE, [], f"{PICTURE}, a first comment"),
        (
            facebook.FacebookPages,
            "facebook",
            "cantinaroero",
            PAGE,
            ["--video"],
            "a video (captions, cover), a first comment",
        ),
        (FakePinterest, "pinterest", "cantinaroero", PINS, ["--field", "board=Cantina"], PICTURE),
        (FakePinterest, "pinterest", "cantinaroero", PINS, ["--field", "board=Cantina", "--video"], "a video (cover)"),
        (FakeLinkedIn, "linkedin", "cantina-roero", ORGANIZATION, [], f"{PICTURE}, a first comment"),
        (FakeLinkedIn, "linkedin", "cantina-roero", ORGANIZATION, ["--video"], "a video (captions), a first comment"),
        (FakeTelegram, "telegram", "@cantinaroero", {"bot_token": FakeTelegram.token}, [], PICTURE),
    ],
)
@pytest.mark.django_db
def test_a_network_that_is_given_the_picture_has_nothing_left(
    world: World, fake: Any, slug: str, handle: str, credentials: dict[str, str], options: list[str], beside: str
) -> None:
    with now(fake) as server:
        said, wrong = rehearsed(world, server, slug, handle, *options, **credentials)
        assert wrong == "", said
    assert said.splitlines()[-1] == "Everything was as expected, and nothing is left."
    assert f"with: {beside};" in said
    assert {"  publish", "  delete"} <= set(names(said))
