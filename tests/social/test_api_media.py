"""Pictures and videos by program: sent as a form, said of in JSON, read in parts."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from social.models import Media
from social.storing import put
from tests.rest.caller import Caller
from tests.social.pictures import png, stored
from tests.social.videos import video
from tests.world import World

SRT = "1\n00:00:00,500 --> 00:00:01,500\nOggi si vendemmia.\n"


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def film(name: str = "film.mp4") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, video("mp4"), "video/mp4")


def test_a_video_with_captions_and_a_cover(world: World) -> None:
    cover = stored(world.vito, world.winery)
    form = {"client": world.winery.pk, "file": film(), "alt_text": "Film", "captions": SRT, "cover": cover.pk}
    told = Caller(world.vito).post("media/", form, format="multipart")
    media = Media.objects.get(pk=told["id"])
    assert {name: told[name] for name in ("kind", "mime", "width", "height", "rate", "codec", "sound", "size")} == {
        "kind": "video",
        "mime": "video/mp4",
        "width": 320,
        "height": 180,
        "rate": 25.0,
        "codec": "h264",
        "sound": "aac",
        "size": media.size,
    }
    assert told["duration"] == pytest.approx(2, abs=0.1)
    assert (told["captions"], told["cover"], told["sha256"]) == (SRT, cover.pk, media.sha256)


def test_what_is_said_of_it_changes_and_its_bytes_do_not(world: World) -> None:
    vito = Caller(world.vito)
    made = vito.post("media/", {"client": world.winery.pk, "file": film(), "alt_text": "Film"}, format="multipart")
    told = vito.patch(f"media/{made['id']}/", {"captions": SRT, "alt_text": "Vendemmia"})
    assert (told["captions"], told["alt_text"], told["sha256"]) == (SRT, "Vendemmia", made["sha256"])
    assert vito.patch(f"media/{made['id']}/", {"captions": ""})["captions"] == ""


def test_another_client_s_picture_is_no_cover(world: World) -> None:
    vito = Caller(world.vito)
    made = vito.post("media/", {"client": world.winery.pk, "file": film()}, format="multipart")
    foreign = stored(world.bruno, world.town)
    refused = vito.patch(f"media/{made['id']}/", {"cover": foreign.pk}, expect=400)
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("cover", "does_not_exist")]


def test_bad_captions_are_named(world: World) -> None:
    form = {"client": world.winery.pk, "file": film(), "captions": "WEBVTT"}
    refused = Caller(world.vito).post("media/", form, format="multipart", expect=400)
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("captions", "not_captions")]


def test_a_broken_one_is_refused(world: World) -> None:
    cut = SimpleUploadedFile("film.mp4", video("mp4")[:-2000], "video/mp4")
    refused = Caller(world.vito).post(
        "media/", {"client": world.winery.pk, "file": cut}, format="multipart", expect=400
    )
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("file", "video_broken")]


def test_an_animation_that_breaks_off_is_refused(world: World) -> None:
    data = (Path(__file__).parent / "broken" / "frame-index.gif").read_bytes()
    form = {"client": world.winery.pk, "file": SimpleUploadedFile("a.gif", data, "image/gif")}
    refused = Caller(world.vito).post("media/", form, format="multipart", expect=400)
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("file", "picture_broken")]


def test_a_large_one_goes_by_the_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[type] = []
    kept = TemporaryUploadedFile.__init__

    def noted(self: TemporaryUploadedFile, *args: Any, **kwargs: Any) -> None:
        came.append(type(self))
        kept(self, *args, **kwargs)

    monkeypatch.setattr(TemporaryUploadedFile, "__init__", noted)
    data = video("mp4", size="1280x720", seconds=3, more=("-vf", "noise=alls=60:allf=t", "-preset", "ultrafast"))
    assert len(data) > 2_621_440  # beyond which Django keeps nothing in memory
    form = {"client": world.winery.pk, "file": SimpleUploadedFile("film.mp4", data, "video/mp4")}
    told = Caller(world.vito).post("media/", form, format="multipart")
    assert (told["kind"], came) == ("video", [TemporaryUploadedFile])


def test_videos_alone(world: World) -> None:
    vito = Caller(world.vito)
    stored(world.vito, world.winery)
    made = vito.post("media/", {"client": world.winery.pk, "file": film()}, format="multipart")
    assert [row["id"] for row in vito.get("media/?kind=video")["results"]] == [made["id"]]


def test_preflight_names_what_is_not_ready(world: World) -> None:
    vito = Caller(world.vito)
    data = video("mov", sound=False, codec="prores_ks", more=("-pix_fmt", "yuv422p10le"))
    file = SimpleUploadedFile("film.mov", data, "video/quicktime")
    made = vito.post("media/", {"client": world.winery.pk, "file": file, "alt_text": "Film"}, format="multipart")
    post = world.draft(media=[Media.objects.get(pk=made["id"])])
    (told,) = vito.get(f"posts/{post.pk}/preflight/")
    assert (told["ok"], [(problem["code"], problem["level"]) for problem in told["problems"]]) == (
        False,
        [("media_not_ready", "error")],
    )


def test_pictures_are_as_they_were(world: World) -> None:
    form = {"client": world.winery.pk, "file": png(), "alt_text": "Grappoli"}
    told = Caller(world.vito).post("media/", form, format="multipart")
    nothing = {name: told[name] for name in ("duration", "rate", "codec", "sound", "captions", "cover")}
    assert nothing == {"duration": None, "rate": None, "codec": "", "sound": "", "captions": "", "cover": None}
    assert (told["kind"], told["mime"], told["width"], told["height"]) == ("image", "image/png", 40, 30)


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """No file grows beyond so many bytes: what the system says is what it says of a full disk, but for the number."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told_and_leaves_nothing(world: World) -> None:
    vito, form = Caller(world.vito), {"client": world.winery.pk}
    with full_disk(50):
        told = vito.post("media/", {**form, "file": png()}, 507, format="multipart")
    assert (told["code"], Media.objects.count()) == ("no_room", 0)
    vito.post("media/", {**form, "file": png()}, format="multipart")
    media = Media.objects.get()
    assert media.file.size == media.size


def test_the_beginning_of_a_file_is_not_taken_for_it(world: World, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.write_bytes(b"all of it")
    media = Media(client=world.winery, sha256="ab" * 32, mime="image/png")
    name = media.file.field.generate_filename(media, "")
    media.file.storage.save(name, ContentFile(b"all"))  # a worker died over it
    put(media.file, whole)
    assert media.file.name == name
    with media.file.storage.open(name) as stream:
        assert stream.read() == b"all of it"
