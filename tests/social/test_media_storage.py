"""Pictures and videos at an object store: put there, made there, read in parts, given out by its own addresses.

Against moto's emulator of S3, which checks neither signatures nor expiry.
"""

import io
import itertools
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client as Browser
from django.utils import timezone
from storages.backends.s3 import S3File

from agency.environment import Environment
from social import object_store
from social.addresses import public_address
from social.fitting import Want, item_of
from social.models import Media, Publication, Rendition
from social.networks import asking, signs
from social.networks.base import LeaseLost, Refused
from social.object_store import ObjectStore
from social.services import add_media, renditions
from tests.servers.emulators import S3, s3
from tests.social.pictures import stored
from tests.social.test_publishing import run
from tests.social.videos import remade, video
from tests.world import World

__all__ = ["s3"]
_names = itertools.count(1)


@pytest.fixture
def bucket(s3: S3, settings: Any) -> str:
    """A bucket of our own, as FILO_MEDIA_STORAGE names it."""
    name = f"filo-{next(_names)}-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(name)
    settings.STORAGES = settings.STORAGES | {"default": kept_at(name, s3.url)}
    return name


def kept_at(bucket: str, endpoint: str) -> dict[str, Any]:
    """Django's storage, as the environment names it."""
    address = f"s3://filo:filo%27s%20own@{bucket}/kept?region=eu-south-1&endpoint={endpoint}"
    return Environment({"FILO_MEDIA_STORAGE": address}).storage()


def test_what_is_uploaded_lies_in_the_bucket_under_its_content(world: World, s3: S3, bucket: str) -> None:
    photo = stored(world.vito, world.winery)
    film = add_media(user=world.vito, client=world.winery, file=io.BytesIO(video("mp4")))
    lying = s3.objects(bucket)
    assert {name: len(data) for name, data in lying.items() if "/media/" in name} == {
        f"kept/media/{world.winery.pk}/{photo.sha256[:2]}/{photo.sha256}.png": photo.size,
        f"kept/media/{world.winery.pk}/{film.sha256[:2]}/{film.sha256}.mp4": film.size,
    }


def test_its_people_get_it_whole_and_in_parts(world: World, bucket: str) -> None:
    film = add_media(user=world.vito, client=world.winery, file=io.BytesIO(video("mp4")))
    whole = whole_of(film)
    browser = Browser()
    browser.force_login(world.vito)
    answer = browser.get(f"/media/{film.pk}/")
    assert (answer.status_code, b"".join(answer)) == (200, whole)
    part = browser.get(f"/media/{film.pk}/", headers={"range": "bytes=1000-1999"})
    assert (part.status_code, b"".join(part)) == (206, whole[1000:2000])


def whole_of(item: Media | Rendition) -> bytes:
    with item.file.open("rb") as file:
        data: bytes = file.read()
        return data


def test_renditions_are_made_of_it_and_put_beside_it(world: World, s3: S3, bucket: str) -> None:
    photo = stored(world.vito, world.winery)
    renditions.make_now([Want(photo, asking.Rendition(kinds=("image/jpeg",), max_bytes=100_000))])
    film = add_media(
        user=world.vito,
        client=world.winery,
        file=io.BytesIO(remade(video("mp4", sound=False), ["-c:v", "prores_ks"], "mov")),
    )
    renditions.order([Want(film, asking.Rendition(kinds=("video/mp4",), max_bytes=10_000_000))])
    renditions.make(rendition_id=Rendition.objects.get(made_at=None).pk)
    made = {row.sha256: row for row in Rendition.objects.filter(made_at__isnull=False)}
    assert {row.mime for row in made.values()} == {"image/jpeg", "video/mp4"}
    lying = s3.objects(bucket)
    assert {name for name in lying if "/renditions/" in name} == {f"kept/{row.file.name}" for row in made.values()}


def test_a_video_in_many_pieces_is_fetched_once(world: World, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    film = add_media(user=world.vito, client=world.winery, file=io.BytesIO(video("mp4")))
    whole, fetched = whole_of(film), []
    part = ObjectStore.part

    def counted(self: ObjectStore, name: str, start: int, end: int) -> Iterator[bytes]:
        for piece in part(self, name, start, end):
            fetched.append(len(piece))
            yield piece

    monkeypatch.setattr(ObjectStore, "part", counted)
    monkeypatch.setattr(S3File, "_get_file", None)  # which would fetch it all by itself
    item, pieces = item_of(film), []
    for at in range(0, item.size, 4_000):
        with item.open() as stream:
            stream.seek(at)
            pieces.append(stream.read(4_000))
    assert (b"".join(pieces), len(pieces) > 3, sum(fetched)) == (whole, True, len(whole))
    with item.open() as one, item.open() as other:  # two that read in turns
        assert (one.read(10), other.read(20), one.read(10)) == (whole[:10], whole[:20], whole[10:20])


def test_signs_of_life_are_given_while_it_is_fetched(
    world: World, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = add_media(user=world.vito, client=world.winery, file=io.BytesIO(video("mp4")))
    monkeypatch.setattr(signs, "EVERY", 0.0)
    monkeypatch.setattr(object_store, "PIECE", 4_000)
    alive = list[int]()
    with signs.given_by(lambda: alive.append(1)), item_of(film).open() as stream:
        assert stream.read() == whole_of(film)
    assert len(alive) >= film.size // 4_000

    def lost() -> None:
        raise LeaseLost

    with signs.given_by(lost), pytest.raises(LeaseLost):
        item_of(film).open()


def test_a_store_that_takes_minutes_costs_nobody_the_publication(
    world: World, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = add_media(user=world.vito, client=world.winery, file=io.BytesIO(video("mp4")))
    publication, ends, part = world.due(media=[film]), list[Any](), ObjectStore.part
    mine = Publication.objects.filter(pk=publication.pk)

    def slow(self: ObjectStore, *what: Any) -> Iterator[bytes]:
        for piece in part(self, *what):
            mine.update(wake_at=timezone.now() + timedelta(seconds=1))
            yield piece
            ends.append(mine.values_list("wake_at", flat=True)[0])

    monkeypatch.setattr(ObjectStore, "part", slow)
    monkeypatch.setattr(object_store, "PIECE", 4_000)
    monkeypatch.setattr(signs, "EVERY", 0.0)
    run(publication)
    assert mine.get().state == "published"
    assert len(ends) > 3
    assert all(end > timezone.now() + timedelta(seconds=20) for end in ends)


def test_what_was_replaced_in_the_bucket_goes_nowhere(world: World, s3: S3, bucket: str) -> None:
    photo = stored(world.vito, world.winery)
    store: Any = photo.file.storage
    store.bucket.Object(f"kept/{photo.file.name}").put(Body=b"another picture")
    with pytest.raises(Refused) as refused:
        item_of(photo).open()
    assert refused.value.code == "picture_not_valid"
    photo.file.storage.delete(str(photo.file.name))
    with pytest.raises(Refused):
        item_of(photo).open()


def test_what_is_gone_is_not_found(world: World, bucket: str) -> None:
    photo = stored(world.vito, world.winery)
    photo.file.storage.delete(str(photo.file.name))
    browser = Browser()
    browser.force_login(world.vito)
    assert browser.get(f"/media/{photo.pk}/").status_code == 404


def test_networks_are_given_the_store_s_own_address(world: World, s3: S3, bucket: str, settings: Any) -> None:
    photo = stored(world.vito, world.winery)
    settings.BASE_URL = "https://filo.roero.it"
    inside = public_address(photo)
    assert inside.startswith("https://filo.roero.it/out/")  # nobody out there can reach a store on this machine
    settings.STORAGES = settings.STORAGES | {"default": kept_at(bucket, "https://s3.example.org")}
    outside = urlsplit(public_address(photo))
    asked = parse_qs(outside.query)
    assert (outside.netloc, outside.path) == ("s3.example.org", f"/{bucket}/kept/{photo.file.name}")
    assert (asked["X-Amz-Expires"], asked["response-content-type"]) == (["3600"], ["image/png"])
    assert asked["response-content-disposition"] == [f'inline; filename="{photo.pk}.png"']
    settings.STORAGES = settings.STORAGES | {"default": kept_at(bucket, s3.url)}
    answer = httpx.get(outside._replace(scheme="http", netloc=urlsplit(s3.url).netloc).geturl())
    assert (answer.status_code, answer.content) == (200, whole_of(photo))


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("s3://filo-media", {"bucket_name": "filo-media"}),
        (
            "s3://KEY:a%2Fb%2Bc@filo.media/folder/inner/?region=eu-south-1",
            {
                "bucket_name": "filo.media",
                "location": "folder/inner",
                "region_name": "eu-south-1",
                "access_key": "KEY",
                "secret_key": "a/b+c",
            },
        ),
        (
            "s3://filo-media?endpoint=https://minio.example:9000/",
            {"bucket_name": "filo-media", "endpoint_url": "https://minio.example:9000"},
        ),
    ],
)
def test_an_address_of_a_bucket(address: str, options: dict[str, str]) -> None:
    found = Environment({"FILO_MEDIA_STORAGE": address}).storage()
    assert found == {"BACKEND": "social.object_store.ObjectStore", "OPTIONS": options}


@pytest.mark.parametrize(
    "address",
    [
        "filo-media",
        "https://filo-media",
        "s3://",
        "s3://KEY@filo",
        "s3://UPPER",
        "s3://filo?reigon=x",
        "s3://filo?endpoint=minio",
    ],
)
def test_what_is_none_stops_the_start_and_is_not_repeated(address: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        Environment({"FILO_MEDIA_STORAGE": address}).storage()
    assert str(stopped.value).startswith("filo: FILO_MEDIA_STORAGE must be an address such as s3://key:secret@bucket")
    assert address not in str(stopped.value).removeprefix("filo: ") or address in "s3://"
