"""A rehearsal where the network wants a video: one is made, goes out and, where the network lets us, is deleted."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from social import ffmpeg
from social.services import create_channel
from social.services.rehearsing.media import RATE, SECONDS, VIDEO, make_video
from tests.servers.tiktok import FakeTikTok
from tests.servers.youtube import FakeYouTube
from tests.social.test_rehearse import names, rehearse
from tests.world import World

pytestmark = pytest.mark.django_db


def test_the_video_is_what_it_says(tmp_path: Path) -> None:
    item = make_video()
    path = tmp_path / "video.mp4"
    path.write_bytes(item.open().read())
    found = ffmpeg.probe(path, "mov")
    for one in (item, found):
        assert [one.width, one.height, one.rate, one.codec, one.sound] == [*VIDEO, RATE, "h264", "aac"]
    assert abs(found.seconds - SECONDS) < 0.2
    assert make_video().sha256 != item.sha256


def test_on_youtube_it_is_unlisted_and_nothing_is_left(world: World) -> None:
    with FakeYouTube() as server:
        server.works_for = 0
        channel = create_channel(
            user=world.marta,
            client=world.winery,
            network="youtube",
            handle="@cantinaroero",
            server=server.url,
            credentials={"access_token": server.token, "refresh_token": server.refresh},
        )
        said, wrong = rehearse(channel)
        assert wrong == "", said
        assert (server.inserted, server.videos) == (1, {})
    assert "with: a video (captions, cover); language=it, privacy=unlisted" in said
    assert "seen by: as few as the network allows" in said
    assert {"  step cover", "  step captions"} <= set(names(said))
    assert {"  publish", "  read back", "  edit", "  numbers", "  delete", "  read back, deleted"} <= set(names(said))


def test_on_tiktok_it_is_seen_by_oneself_and_left_behind(world: World) -> None:
    with FakeTikTok() as server:
        server.works_for = 0
        channel = create_channel(
            user=world.marta,
            client=world.winery,
            network="tiktok",
            handle="cantinaroero",
            server=server.url,
            credentials={"access_token": server.token, "refresh_token": server.refresh},
        )
        said, _wrong = rehearse(channel)
        [one] = server.out()
        assert (one.info["privacy_level"], one.data[4:8]) == ("SELF_ONLY", b"ftyp")
    assert "Left behind, delete it by hand: " in said
    assert "  publish" in names(said), said


def test_without_ffmpeg_nothing_is_posted_and_it_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert not ffmpeg.available()
    with FakeYouTube() as server:
        channel = create_channel(
            user=world.marta, client=world.winery, network="youtube", handle="@roero", server=server.url
        )
        with pytest.raises(CommandError, match="wants a video"):
            call_command("rehearse", str(channel.pk), "--yes")
        assert server.calls == []
