"""Videos in: probed, bare of what they tell of the camera and the place, and refused with a sentence where they are none."""

import io
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from PIL import Image

from social import ffmpeg
from social.digest import content_of
from social.fitting import wanted
from social.media_views import own_url, poster_url, still_url
from social.models import Channel, Media, Rendition
from social.previews import previews
from social.services import add_media, describe_media
from tests.social.pictures import png, stored
from tests.social.videos import remade, video
from tests.world import World, review_of

SECRET = (
    *(
        "-metadata",
        "location=+44.7000+008.0300/",
        "-metadata",
        "com.apple.quicktime.make=Geheim",
        "-metadata",
        "title=geheim",
    ),
    *("-metadata", "creation_time=2020-01-02T03:04:05Z", "-metadata:s:v", "handler_name=Kamera geheim"),
    *("-movflags", "use_metadata_tags"),
)
SRT = "1\n00:00:00,500 --> 00:00:01,500\nOggi si vendemmia.\n"


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def add(world: World, data: bytes, **words: Any) -> Media:
    return add_media(user=world.vito, client=world.winery, file=io.BytesIO(data), **words)


def bytes_of(media: Media) -> bytes:
    with media.file.open() as stored:
        data: bytes = stored.read()
        return data


def refusal(world: World, data: bytes) -> tuple[str, str]:
    with pytest.raises(ValidationError) as refused:
        add(world, data)
    assert list(refused.value.error_dict) == ["file"]
    assert not Media.objects.exists()
    error = refused.value.error_dict["file"][0]
    return str(error.code), error.messages[0]


@pytest.mark.parametrize(
    ("ending", "kept", "codec", "sound"),
    [
        ("mp4", "video/mp4", "h264", "aac"),
        ("mov", "video/mp4", "h264", "aac"),
        ("webm", "video/webm", "vp8", "vorbis"),
    ],
)
def test_what_it_is_is_said_by_its_bytes(world: World, ending: str, kept: str, codec: str, sound: str) -> None:
    media = add(world, video(ending), alt_text="Vendemmia")
    assert (media.kind, media.mime, media.codec, media.sound) == ("video", kept, codec, sound)
    assert (media.width, media.height, media.rate, media.rotation) == (320, 180, 25.0, 0)
    assert media.duration == pytest.approx(2, abs=0.1)
    assert len(bytes_of(media)) == media.size


def test_a_mov_that_an_mp4_can_t_hold_stays_one(world: World) -> None:
    data = video("mov", sound=False, codec="prores_ks", more=("-pix_fmt", "yuv422p10le"))
    media = add(world, data)
    assert (media.mime, media.codec, media.sound) == ("video/quicktime", "prores", "")
    assert str(media.file.name).endswith(f"{media.sha256}.mov")


def test_where_and_with_what_it_was_filmed_is_taken_out(world: World) -> None:
    data = video("mov", more=SECRET)
    assert (b"geheim" in data, b"+44.7" in data, b"Geheim" in data) == (True, True, True)
    kept = bytes_of(add(world, data))
    assert [word for word in (b"geheim", b"Geheim", b"+44.7", b"location") if word in kept] == []


def test_the_pictures_are_the_very_same_ones(world: World) -> None:
    data = video("mov", more=SECRET)
    kept = bytes_of(add(world, data))
    assert frames(data) == frames(kept)


def frames(data: bytes) -> str:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        command = ["ffmpeg", "-v", "error", "-i", file.name, "-map", "0:v", "-c", "copy", "-f", "hash", "-"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_one_held_upright_says_so(world: World) -> None:
    turned = remade(video("mp4"), ["-c", "copy", "-metadata:s:v", "rotate=90"], "mov")
    media = add(world, turned)
    assert (media.width, media.height, media.rotation) == (180, 320, 90)


def test_the_same_video_lies_there_once(world: World) -> None:
    first = add(world, video("mp4"))
    assert add(world, video("mp4")) == first
    other = add(world, video("mp4"), captions=SRT)
    assert (other.pk == first.pk, other.file.name == first.file.name) == (False, True)


def test_what_hangs_behind_its_end_is_not_kept(world: World) -> None:
    polyglot = video("mp4") + b"<script>alert(1)</script>PK\x03\x04 via Roma 1"
    kept = bytes_of(add(world, polyglot))
    assert (b"script" in kept, b"via Roma" in kept) == (False, False)


def test_words_where_its_free_space_is_are_not_kept(world: World) -> None:
    hidden = b"<html><script>alert(1)</script>"
    box = (8 + len(hidden)).to_bytes(4, "big") + b"free" + hidden
    kept = bytes_of(add(world, video("mp4") + box))
    assert b"<script>" not in kept


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\0\0\0\x20ftypisom", "video_broken"),
        (b"\0\0\0\x20ftypisom" + bytes(range(256)) * 40, "video_broken"),
        (b"\x1aE\xdf\xa3" + b"\0" * 20 + b"webm" + b"\0" * 500, "video_broken"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "not_a_picture"),
        (b"\0\0\0\x1cftypheic" + b"\0" * 500, "not_a_picture"),
    ],
    ids=["empty", "head alone", "noise", "noise in webm", "playlist", "heic"],
)
def test_what_is_no_video(world: World, data: bytes, code: str) -> None:
    assert refusal(world, data)[0] == code


def test_one_that_is_cut_off(world: World) -> None:
    whole = video("mp4", seconds=4, more=("-movflags", "+faststart"))
    assert refusal(world, whole[: len(whole) // 2])[0] == "video_broken"
    assert refusal(world, video("mp4")[:-2000])[0] == "video_broken"


def test_sound_alone_is_no_video(world: World) -> None:
    alone = remade(video("mp4"), ["-vn", "-c:a", "copy"], "mp4")
    assert refusal(world, alone)[0] == "video_broken"


def test_a_codec_that_we_can_t_use_is_named(world: World) -> None:
    code, said = refusal(world, video("mov", sound=False, codec="mjpeg", more=("-pix_fmt", "yuvj420p")))
    assert (code, "“mjpeg”" in said) == ("video_codec", True)


@pytest.mark.parametrize(
    ("pixels", "codec"), [("yuv420p", "h264"), ("yuv422p10le", "h264 yuv422p10le"), ("yuv420p10le", "h264 yuv420p10le")]
)
def test_more_colour_than_networks_play_is_encoded_anew(world: World, pixels: str, codec: str) -> None:
    """As many cameras write it: networks that take H.264 mean the one of eight bits and 4:2:0."""
    media = add(world, video("mp4", sound=False, more=("-pix_fmt", pixels)))
    assert media.codec == codec
    asked = {slug: wanted(slug, media) is not None for slug in ("bluesky", "instagram", "linkedin", "sandbox", "x")}
    assert asked == dict.fromkeys(asked, codec != "h264")


def test_one_that_is_too_long_and_thin(world: World) -> None:
    assert refusal(world, video("mp4", size="1600x16", sound=False))[0] == "too_thin"


def test_one_that_is_heavier_than_the_operator_allows(world: World, settings: Any) -> None:
    settings.VIDEO_BYTES = 10_000
    assert len(video("mp4")) > 10_000
    assert refusal(world, video("mp4"))[0] == "too_heavy"


def test_it_is_never_read_whole(world: World) -> None:
    asked: list[int] = []

    class Upload(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            asked.append(-1 if size is None else size)
            return super().read(size)

    add_media(user=world.vito, client=world.winery, file=Upload(video("mp4")))
    assert (min(asked) > 0, max(asked)) == (True, 1024 * 1024)


def test_without_ffmpeg_one_sentence_says_so(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = video("mp4")
    monkeypatch.setenv("PATH", str(tmp_path))
    code, said = refusal(world, data)
    assert code == "no_ffmpeg"
    assert said.startswith("Videos can't be taken in here yet: the server has no ffmpeg.")
    assert add_media(user=world.vito, client=world.winery, file=png()).kind == "image"


def test_ffmpeg_may_not_take_longer_than_it_may(tmp_path: Path) -> None:
    with pytest.raises(ffmpeg.TooLong):
        ffmpeg.run("ffmpeg", ["-re", "-f", "lavfi", "-i", "testsrc", "-f", "null", "-"], seconds=0.5)


def test_ffmpeg_may_not_write_more_than_it_may(tmp_path: Path) -> None:
    out = tmp_path / "out.avi"
    with pytest.raises(ffmpeg.FfmpegError):
        ffmpeg.run(
            "ffmpeg",
            ["-f", "lavfi", "-i", "testsrc=duration=20", "-c:v", "rawvideo", f"file:{out}"],
            seconds=30,
            most=1_000_000,
        )
    assert out.stat().st_size <= 1_000_000


def test_ffmpeg_may_not_take_more_memory_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg, "MEMORY", 700 * 1024**2)
    huge = ["-f", "lavfi", "-i", "color=size=16000x16000:duration=1,format=rgba64", "-f", "null", "-"]
    with pytest.raises(ffmpeg.FfmpegError):
        ffmpeg.run("ffmpeg", huge, seconds=30)


# Captions and cover


def test_captions_and_cover_are_kept_beside_it(world: World) -> None:
    cover = stored(world.vito, world.winery)
    media = add(world, video("mp4"), captions=b"\xef\xbb\xbf" + SRT.replace("\n", "\r\n").encode(), cover=cover)
    assert (media.captions, media.cover) == (SRT, cover)


@pytest.mark.parametrize(
    ("captions", "said"),
    [
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nCiao", "Caption 1 has no times such as 00:00:01,000 --> 00:00:03,500."),
        (f"{SRT}\n2\nCiao", "Caption 2 has no times such as 00:00:01,000 --> 00:00:03,500."),
        ("00:00:02,000 --> 00:00:01,000\nCiao", "Caption 1 ends before it begins, or begins before the one above it."),
        (f"{SRT}\n2\n00:01:00,000 --> 00:01:01,000\nCiao", "Caption 2 begins after the end of the video."),
        ("è".encode("latin-1"), "These captions are not text in UTF-8. Save them as UTF-8 and send them again."),
        (SRT + "x" * 200_000, "These captions are too heavy: at most 200 KB."),
    ],
    ids=["webvtt", "no times", "backwards", "after the end", "latin-1", "heavy"],
)
def test_what_are_no_captions(world: World, captions: str | bytes, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        add(world, video("mp4"), captions=captions)
    assert refused.value.message_dict == {"captions": [said]}


def test_a_picture_has_neither(world: World) -> None:
    picture, cover = stored(world.vito, world.winery), stored(world.vito, world.winery, colour="#000000")
    for words in ({"captions": SRT}, {"cover": cover}):
        with pytest.raises(ValidationError) as refused:
            describe_media(user=world.vito, media=picture, **words)
        assert refused.value.message_dict == {next(iter(words)): ["Only a video has this."]}


def test_the_preview_shows_a_cover_only_where_it_goes_out(world: World) -> None:
    cover = stored(world.vito, world.winery)
    film = add(world, video("mp4"), alt_text="Film", cover=cover)
    linkedin = Channel.objects.create(client=world.winery, network="linkedin", handle="roero", name="Roero")
    post = world.draft(channels=[world.page, linkedin], media=[film])
    shown = {found.network: found.pictures[0].poster for found in previews(world.winery.pk, content_of(post))}
    assert shown == {"Sandbox": own_url(cover), "LinkedIn": still_url(film)}


def test_a_cover_is_a_picture_of_the_same_client(world: World) -> None:
    film, foreign = add(world, video("mp4")), stored(world.bruno, world.town)
    for cover, code in ((film, "not_a_picture"), (foreign, "does_not_exist")):
        with pytest.raises(ValidationError) as refused:
            describe_media(user=world.vito, media=film, cover=cover)
        assert [error.code for error in refused.value.error_dict["cover"]] == [code]


def test_other_captions_take_approvals_back(world: World) -> None:
    film = add(world, video("mp4"), captions=SRT, alt_text="Film")
    post = world.approved(media=[film])
    review = review_of(post)
    describe_media(user=world.vito, media=film, captions=SRT.replace("Oggi", "Domani"))
    post.refresh_from_db()
    review.refresh_from_db()
    assert (post.state, review.state) == ("draft", "superseded")


# What stands for it


def test_its_first_picture_stands_for_it(world: World) -> None:
    film = add(world, video("mp4", size="1280x720"), alt_text="Film")
    add(world, video("mp4", size="1280x720"), alt_text="Altro")
    (still,) = Rendition.objects.all()
    assert (still.source, still.mime, still.width, still.height) == (film.sha256, "image/jpeg", 640, 360)
    browser = Browser()
    browser.force_login(world.vito)
    answer = browser.get(f"/media/{film.pk}/still/")
    with Image.open(io.BytesIO(b"".join(answer))) as image:
        assert (answer.status_code, image.format, image.size) == (200, "JPEG", (640, 360))
    browser.force_login(world.bruno)
    assert browser.get(f"/media/{film.pk}/still/").status_code == 404
    assert Browser().get(f"/media/{film.pk}/still/").status_code == 404
    signed = Browser().get(poster_url(film, sign=True))
    assert (signed.status_code, len(b"".join(signed))) == (200, still.size)


def test_a_picture_stands_for_itself(world: World) -> None:
    picture = stored(world.vito, world.winery)
    browser = Browser()
    browser.force_login(world.vito)
    assert browser.get(f"/media/{picture.pk}/still/").status_code == 404
    film = add(world, video("mp4"), cover=picture)
    assert poster_url(film) == own_url(picture)
