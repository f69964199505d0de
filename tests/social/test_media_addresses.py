"""Public addresses: for networks that fetch media, for an hour, for one file, and no longer than it is needed."""

import io
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core import signing
from django.core.cache import cache
from django.test import Client as Browser
from django.utils import timezone

from social.addresses import SALT, is_public, public_address
from social.fitting import Want
from social.models import Media, Publication, PublicationState, Rendition
from social.networks import asking
from social.services import add_media, renditions
from social.services.contents import content_of_version
from tests.social.pictures import stored
from tests.social.videos import video
from tests.world import World

NAMED = "filo.roero.it"


@pytest.fixture(autouse=True)
def _out_in_the_world(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BASE_URL = f"https://{NAMED}"
    settings.ALLOWED_HOSTS = [NAMED]
    cache.clear()


@pytest.fixture
def photo(world: World) -> Media:
    return stored(world.vito, world.winery)


@pytest.fixture
def film(world: World) -> Media:
    return add_media(user=world.vito, client=world.winery, file=io.BytesIO(video("mp4")))


def fetched(address: str, method: str = "get", **headers: str) -> Any:
    """What a network gets; ``body`` beside it."""
    path = address.removeprefix(f"https://{NAMED}")
    assert path != address
    ask: Callable[..., Any] = getattr(Browser(headers={"host": NAMED, **headers}), method)
    answer = ask(path)
    answer.body = b"".join(answer)
    return answer


def bytes_of(item: Media | Rendition) -> bytes:
    with item.file.open("rb") as file:
        data: bytes = file.read()
        return data


def test_it_opens_one_file_for_whoever_has_it(photo: Media) -> None:
    address = public_address(photo)
    answer = fetched(address)
    assert (answer.status_code, answer.body) == (200, bytes_of(photo))
    said = {name: answer[name] for name in ("Content-Type", "Content-Length", "Content-Disposition", "Accept-Ranges")}
    assert said == {
        "Content-Type": "image/png",
        "Content-Length": str(photo.size),
        "Content-Disposition": f'inline; filename="{photo.pk}.png"',
        "Accept-Ranges": "bytes",
    }
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, max-age=60")
    assert (answer.cookies, "noindex" in answer["X-Robots-Tag"]) == ({}, True)


def test_it_asks_nobody_who_they_are(world: World, photo: Media, django_assert_num_queries: Any) -> None:
    browser = Browser(headers={"host": NAMED})
    browser.force_login(world.carlo)
    path = public_address(photo).removeprefix(f"https://{NAMED}")
    with django_assert_num_queries(3):  # the session and the person that came along, for their language; the file
        b"".join(browser.get(path))
    with django_assert_num_queries(1):
        fetched(public_address(photo))


def test_a_head_has_all_but_the_bytes(film: Media) -> None:
    answer = fetched(public_address(film), "head")
    assert (answer.status_code, answer.body, answer["Content-Length"], answer["Content-Type"]) == (
        200,
        b"",
        str(film.size),
        "video/mp4",
    )


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-99", 0, 99), ("bytes=100-", 100, -1), ("bytes=-50", -50, -1), ("bytes=0-999999999", 0, -1)],
)
def test_a_part_is_that_part(film: Media, asked: str, first: int, last: int) -> None:
    whole = bytes_of(film)
    start, end = first % film.size, last % film.size
    answer = fetched(public_address(film), range=asked)
    assert (answer.status_code, answer.body) == (206, whole[start : end + 1])
    assert answer["Content-Range"] == f"bytes {start}-{end}/{film.size}"
    assert answer["Content-Length"] == str(end - start + 1)


def test_parts_that_there_are_not(film: Media) -> None:
    beyond = fetched(public_address(film), range=f"bytes={film.size}-")
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{film.size}")
    for nonsense in ("bytes=", "bytes=5-2x", "pages=1-2", "bytes=0-1,5-6"):
        assert fetched(public_address(film), range=nonsense).status_code == 200
    assert fetched(public_address(film), range="bytes=0-9", if_range='"another"').status_code == 200
    same = fetched(public_address(film), if_none_match=f'"{film.sha256}"')
    assert (same.status_code, same.body) == (304, b"")


def test_it_opens_for_an_hour(photo: Media) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        address = public_address(photo)
        clock.shift(3599)
        assert fetched(address).status_code == 200
        clock.shift(1)
        assert fetched(address).status_code == 404


def test_what_was_signed_for_another_or_by_another_opens_nothing(world: World, photo: Media) -> None:
    address = public_address(photo)
    other = stored(world.vito, world.winery, colour="#000000")
    token = address.split("/")[-2]
    forged = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        signing.dumps(["m", other.pk, 0, 2**40], salt="social.media"),
        signing.dumps(["x"], salt="another"),
        "nothing",
    ]
    assert {fetched(f"https://{NAMED}/out/{one}/1.png").status_code for one in forged} == {404}
    assert other.pk != photo.pk
    good = signing.dumps(["m", other.pk, 0, 2**40], salt=SALT)
    assert fetched(f"https://{NAMED}/out/{good}/1.png").status_code == 200


def test_it_ends_with_the_publication_that_it_was_made_for(world: World, photo: Media) -> None:
    publication = world.due(media=[photo])
    (item,) = content_of_version(publication).media
    assert item.address is not None
    address = item.address()
    codes = {}
    for state in (PublicationState.PUBLISHING, PublicationState.UNKNOWN, PublicationState.PUBLISHED):
        Publication.objects.filter(pk=publication.pk).update(state=state)
        codes[str(state)] = fetched(address).status_code
    assert codes == {"publishing": 200, "unknown": 200, "published": 404}
    assert fetched(public_address(photo)).status_code == 200


def test_a_rendition_has_one_too(photo: Media) -> None:
    renditions.make_now([Want(photo, asking.Rendition(kinds=("image/jpeg",), max_bytes=100_000))])
    row = Rendition.objects.get()
    address = public_address(row)
    assert address.endswith(f"/{row.pk}.jpg")
    answer = fetched(address)
    assert (answer["Content-Type"], answer.body) == ("image/jpeg", bytes_of(row))


def test_nobody_asks_without_end(photo: Media) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        address = public_address(photo)
        assert [fetched(address, "head").status_code for _ in range(120)] == [200] * 120
        answer = fetched(address, "head")
        assert (answer.status_code, answer["Retry-After"]) == (429, "60")
        assert fetched(public_address(photo, seconds=1800), "head").status_code == 200
        clock.shift(60)
        assert fetched(address, "head").status_code == 200


def test_a_file_that_is_gone_is_not_found(photo: Media) -> None:
    address = public_address(photo)
    photo.file.storage.delete(str(photo.file.name))
    assert fetched(address).status_code == 404


def test_it_may_only_be_read(photo: Media) -> None:
    assert fetched(public_address(photo), "post").status_code == 405


@pytest.mark.parametrize(
    ("base", "public"),
    [
        ("https://filo.roero.it", True),
        ("http://127.0.0.1:8000", False),
        ("http://localhost:8000", False),
        ("http://filo", False),
        ("https://10.1.2.3", False),
        ("https://[::1]", False),
        ("https://8.8.8.8", True),
        ("https://filo.internal", False),
    ],
)
def test_an_installation_that_nobody_can_reach_gives_none(
    world: World, photo: Media, settings: Any, base: str, *, public: bool
) -> None:
    settings.BASE_URL = base
    assert is_public(django_settings.BASE_URL) is public
    publication = world.due(media=[photo])
    (item,) = content_of_version(publication).media
    assert (item.address is not None) is public
