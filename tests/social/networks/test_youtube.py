"""YouTube keeps the contract, on a fake at the wire whose every request is held against Google's own document."""

import dataclasses
import datetime as dt
import json
from collections.abc import Collection, Iterator
from contextlib import nullcontext, suppress
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from social.networks import get
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    MediaItem,
    NetworkError,
    NotReady,
    NotSent,
    Numbers,
    Part,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from tests.servers.discovery import Discovery
from tests.servers.wire import Answer, AnswerLost, Cut, FakeNetwork, Fault, Request, route
from tests.servers.youtube import UNIT, FakeYouTube
from tests.social.networks.case import Try, WireCase, patiently
from tests.social.networks.conftest import NOW, item_of, picture
from tests.social.networks.contract import WireContract, was_killed
from tests.social.networks.test_contract_x import video
from tests.social.notebook import Notebook

network = get("youtube")
ME = "GET /youtube/v3/channels"
BEGIN = "POST /upload/youtube/v3/videos"
PIECE = "PUT /upload/youtube/v3/videos"
LIST = "GET /youtube/v3/videos"
COVER = "POST /upload/youtube/v3/thumbnails/set"
CAPTIONS = "POST /upload/youtube/v3/captions"
UPDATE = "PUT /youtube/v3/videos"
UPLOADS = "GET /youtube/v3/playlistItems"
LINK = "https://cantina.example/visite"
SRT = "1\n00:00:01,000 --> 00:00:02,000\nBenvenuti\n"


class YouTubeCase(WireCase):
    """The winery's channel."""

    network = network

    def __init__(self, server: FakeYouTube) -> None:
        self.server = server

    def account(self) -> Account:
        return account_of(self.server)

    def live(self) -> list[str]:
        return self.server.texts()

    def uploads(self) -> int:
        return self.server.inserted

    def content(self, kind: str, number: int) -> Content:
        words = f"Novità {number} & altro: «vino»"
        if kind == "dressed":
            return Content(words, link=LINK, media=(dressed(number),), fields={"language": "it"})
        return Content(words, media=(film(number),))

    def shown(self, content: Content) -> list[str]:
        return [f"{content.text}\n\n{content.link}" if content.link else content.text]

    def of_length(self, length: int) -> Content:
        return Content("a" * length, media=(film(length),), fields={"title": "Vendemmia"})

    def edges(self) -> list[tuple[Content, bool]]:
        heavy = dataclasses.replace(picture(), size=2_000_001)
        webp = item_of(b"RIFF", "image/webp", (16, 9))
        return [
            (Content("a" * 100, media=(film(1),)), True),
            (Content("a" * 101, media=(film(1),)), False),
            (Content("b", media=(film(1),), fields={"title": "x" * 100, "tags": ["y" * 250, "z" * 249]}), True),
            (Content("c", media=(film(1),), fields={"title": "x" * 101}), False),
            (Content("d", media=(film(1),), fields={"tags": ["y" * 250, "z" * 250]}), False),
            (Content("e", media=(film(1),), fields={"tags": ["y y" + "y" * 496]}), False),
            (Content("f <b>", media=(film(1),)), False),
            (Content("g", media=(film(1), film(2))), False),
            (Content("h", media=(film(1), picture())), False),
            (Content("i", media=(picture(),)), False),
            (Content("l"), False),
            (Content("m", media=(dataclasses.replace(film(1), seconds=43_200.5),)), False),
            (Content("n", media=(dataclasses.replace(film(1), cover=heavy),)), False),
            (Content("o", media=(dataclasses.replace(film(1), cover=webp),)), False),
            (Content("p", media=(dataclasses.replace(film(1), captions=SRT),)), False),
            (Content("q", media=(film(1),), fields={"language": "italiano?"}), False),
            (Content("r", media=(film(1),), fields={"category": "99"}), False),
            (Content("s", media=(film(1),), parts=(Part("t"),)), False),
            (Content("u", media=(film(1),), comment="v"), False),
            (Content("", media=(film(1),)), False),
        ]

    def on(self, name: str, *faults: Fault | None) -> None:
        self.server.on(name, *faults)

    def good_day(self) -> None:
        self.server.good_day()

    def calls(self) -> list[str]:
        return list(self.server.calls)

    def secrets(self) -> Collection[str]:
        return [FakeYouTube.token, FakeYouTube.refresh, FakeYouTube.key, "secret of the app"]


class TestYouTube(WireContract):
    kinds = ("film", "dressed")
    quiet = (ME, BEGIN, PIECE, LIST, COVER, CAPTIONS)
    visible = UPDATE
    edits = (LIST, UPDATE)
    deletes = ("DELETE /youtube/v3/videos",)
    asked = (ME, LIST)

    @pytest.fixture
    def case(self) -> Iterator[WireCase]:
        with FakeYouTube() as server:
            yield YouTubeCase(server)


@pytest.fixture
def server() -> Iterator[FakeYouTube]:
    with FakeYouTube() as fake:
        yield fake


def account_of(server: FakeYouTube) -> Account:
    credentials = {"access_token": FakeYouTube.token, "refresh_token": FakeYouTube.refresh}
    app = {"client_id": "the app", "client_secret": "secret of the app"}
    return Account("@cantinaroero", server.url, credentials, app=app)


def film(number: int) -> MediaItem:
    return video(20.0, size=1_000 + number)


def dressed(number: int) -> MediaItem:
    return dataclasses.replace(film(number), cover=picture((number, 9)), captions=SRT)


def publish(server: FakeYouTube, content: Content, notebook: Notebook | None = None) -> Published:
    keys, notebook = network.new_keys(NOW, content), notebook or Notebook()
    return patiently(lambda: network.publish(account_of(server), content, keys, notebook))


def refusal(status: int, reason: str, message: str = "no") -> Answer:
    return Answer(status, {"error": {"code": status, "errors": [{"reason": reason}], "message": message}})


PER_DAY = "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service 'youtube…'."
PER_MINUTE = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service 'youtube…'."


def test_all_that_was_asked_arrives(server: FakeYouTube) -> None:
    fields = {
        "title": " La vendemmia ",
        "tags": ["vino", " Roero ", ""],
        "category": "19",
        "privacy": "unlisted",
        "made_for_kids": True,
        "paid_promotion": True,
        "made_with_ai": True,
        "language": "it",
    }
    item = dressed(1)
    live = publish(server, Content("Guardate", link=LINK, media=(item,), fields=fields))
    [found] = server.videos.values()
    assert live == Published(found.id, f"https://www.youtube.com/watch?v={found.id}")
    assert found.parts["snippet"] == {
        "title": "La vendemmia",
        "description": f"Guardate\n\n{LINK}",
        "tags": ["vino", "Roero"],
        "categoryId": "19",
        "defaultLanguage": "it",
        "defaultAudioLanguage": "it",
    }
    assert found.parts["status"] == {
        "privacyStatus": "unlisted",
        "selfDeclaredMadeForKids": True,
        "containsSyntheticMedia": True,
        "uploadStatus": "processed",
        "license": "youtube",
        "embeddable": True,
    }
    assert found.parts["paidProductPlacementDetails"] == {"hasPaidProductPlacement": True}
    assert item.cover is not None
    assert (found.data, found.cover) == (item.open().read(), item.cover.open().read())
    assert found.captions == {"it": SRT.encode()}


def test_the_first_line_is_the_title_where_none_is_given(server: FakeYouTube) -> None:
    publish(server, Content("\n  La vendemmia \nE altro", media=(film(1),)))
    [found] = server.videos.values()
    assert (found.parts["snippet"]["title"], found.parts["snippet"]["categoryId"]) == ("La vendemmia", "22")
    assert found.parts["status"]["selfDeclaredMadeForKids"] is False


def test_nobody_sees_it_before_it_is_whole_and_dressed(server: FakeYouTube) -> None:
    content, notebook = Content("x", media=(dressed(1),), fields={"language": "it"}), Notebook()
    server.works_for = 3
    with pytest.raises(NotReady) as waits:
        network.publish(account_of(server), content, network.new_keys(NOW, content), notebook)
    assert waits.value.retry_at > dt.datetime.now(dt.UTC)
    [found] = server.videos.values()
    assert (server.texts(), found.parts["status"]["privacyStatus"], found.cover) == ([], "private", b"")
    publish(server, content, notebook)
    assert (server.texts(), server.inserted) == (["x"], 1)
    assert server.calls.index(CAPTIONS) < server.calls.index(UPDATE)
    assert FakeYouTube.key not in repr(notebook.steps)


def test_what_youtube_works_on_for_long_is_made_public_in_time(server: FakeYouTube) -> None:
    content, notebook = Content("x", media=(film(1),)), Notebook()
    server.works_for = 1_000
    for minutes, ready in ((19, False), (20, True)):
        with suppress(NotReady):
            network.publish(account_of(server), content, network.new_keys(NOW, content), notebook)
        since = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes)
        notebook.steps["video"]["at"] = since.isoformat(timespec="seconds")
        with nullcontext() if ready else pytest.raises(NotReady):
            network.publish(account_of(server), content, network.new_keys(NOW, content), notebook)
        assert server.texts() == (["x"] if ready else [])


def test_a_video_that_somebody_deleted_before_it_was_public_is_sent_anew(server: FakeYouTube) -> None:
    content, notebook = Content("x", media=(film(1),)), Notebook()
    server.works_for = 1_000
    with pytest.raises(NotReady):
        network.publish(account_of(server), content, network.new_keys(NOW, content), notebook)
    server.videos.clear()
    server.works_for = 0
    for minutes in (1, 20):  # a video of a moment ago may only be shown late
        since = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes)
        notebook.steps["video"]["at"] = since.isoformat(timespec="seconds")
        with pytest.raises(NotSent) as unseen:
            network.publish(account_of(server), content, network.new_keys(NOW, content), notebook)
        assert unseen.value.code == "not_shown"
    publish(server, content, notebook)
    assert (server.texts(), server.inserted) == (["x"], 2)


def test_a_large_video_goes_in_pieces_and_on_from_what_has_arrived(server: FakeYouTube) -> None:
    item = video(60.0, size=20_000_000)
    content = Content("Il film", media=(item,))
    case = YouTubeCase(server)
    one = Try.of(case, content, kill_at=1)
    while was_killed(one):
        one.go_on()
        assert (one.shown(), one.uploads()) == (["Il film"], 1), one.notebook.heard
        one = Try.of(case, content, kill_at=one.kill_at + 1)
    assert one.kill_at > 8
    data = item.open().read()
    assert all(found.data == data for found in server.videos.values())
    assert server.count(PIECE) < 12 * 8


def test_what_did_not_arrive_of_a_piece_is_sent_again(server: FakeYouTube) -> None:
    item = video(60.0, size=9_000_000)
    server.takes = 7 * UNIT
    publish(server, Content("x", media=(item,)))
    [found] = server.videos.values()
    assert found.data == item.open().read()


def test_a_piece_that_never_arrives_is_not_sent_for_ever(server: FakeYouTube) -> None:
    server.takes = 0
    with pytest.raises(NotSent) as stuck:
        publish(server, Content("x", media=(video(60.0, size=9_000_000),)))
    assert (stuck.value.code, server.count(PIECE)) == ("upload_stuck", 3)


def test_where_the_last_answer_was_lost_the_upload_says_what_it_became(server: FakeYouTube) -> None:
    content, notebook = Content("x", media=(film(1),)), Notebook()
    server.on(PIECE, AnswerLost(), None)
    with pytest.raises(NotSent):
        publish(server, content, notebook)
    publish(server, content, notebook)
    assert (server.texts(), server.inserted) == (["x"], 1)


def test_an_upload_that_is_over_begins_anew(server: FakeYouTube) -> None:
    content, notebook = Content("x", media=(video(60.0, size=9_000_000),)), Notebook()
    server.on(PIECE, None, Cut())
    with pytest.raises(NotSent):
        publish(server, content, notebook)
    server.good_day()
    server.sessions.clear()
    publish(server, content, notebook)
    assert (server.texts(), server.inserted, server.count(BEGIN), server.count(UPLOADS)) == (["x"], 1, 2, 1)


def test_an_upload_s_address_is_kept_sealed_and_done_without_where_its_key_is_gone(server: FakeYouTube) -> None:
    content, notebook = Content("x", media=(video(60.0, size=9_000_000),)), Notebook()
    server.on(PIECE, None, Cut())
    with pytest.raises(NotSent):
        publish(server, content, notebook)
    assert set(notebook.sealed["session"]) == {"address"}
    assert FakeYouTube.key not in json.dumps(notebook.steps)
    server.good_day()
    notebook.sealed.clear()
    publish(server, content, notebook)
    assert (server.texts(), server.inserted, server.count(BEGIN)) == (["x"], 1, 2)
    assert notebook.sealed == {}


@pytest.mark.parametrize(("title", "size", "found"), [("x", 0, 1), ("Altro", 0, 2), ("x", 9, 2)])
def test_an_upload_that_is_over_may_have_ended_well(server: FakeYouTube, title: str, size: int, found: int) -> None:
    content, notebook = Content("x", media=(film(1),)), Notebook()
    server.on(PIECE, AnswerLost(), None)
    with pytest.raises(NotSent):
        publish(server, content, notebook)
    server.sessions.clear()
    [sent] = server.videos.values()
    sent.parts["snippet"]["title"] = title
    sent.data += b"x" * size
    publish(server, content, notebook)
    assert (server.texts(), server.inserted) == (["x"], found)


def test_what_youtube_can_not_use_is_refused_before_anybody_has_seen_it(server: FakeYouTube) -> None:
    server.ends_as = {"uploadStatus": "failed", "failureReason": "codec"}
    with pytest.raises(Refused) as refused:
        publish(server, Content("x", media=(film(1),)))
    assert (refused.value.code, refused.value.said, server.texts()) == ("media_failed", "codec", [])


def test_what_youtube_keeps_private_is_not_called_published(server: FakeYouTube) -> None:
    server.audited = False
    content, notebook = Content("x", media=(film(1),)), Notebook()
    with pytest.raises(Refused) as refused:
        publish(server, content, notebook)
    assert (refused.value.code, server.texts()) == ("kept_private", [])
    server.audited = True
    publish(server, content, notebook)
    assert (server.texts(), server.inserted) == (["x"], 1)


def test_an_answer_that_does_not_say_who_can_see_it_is_uncertain_and_asked(server: FakeYouTube) -> None:
    content, notebook = Content("x", media=(film(1),)), Notebook()
    server.on(UPDATE, Answer(200, {"id": "1", "status": {}}), None)
    with pytest.raises(Unknown):
        publish(server, content, notebook)
    account, keys = account_of(server), network.new_keys(NOW, content)
    assert network.find(account, content, keys, notebook) is None
    [found] = server.videos.values()
    found.parts["status"]["privacyStatus"] = "unlisted"
    assert network.find(account, content, keys, notebook) is not None
    server.videos.clear()
    with pytest.raises(CannotTell):
        network.find(account, content, keys, notebook)


def test_an_edit_says_other_words_and_leaves_the_rest(server: FakeYouTube) -> None:
    live = publish(server, Content("Sabbato", media=(film(1),)))
    [found] = server.videos.values()
    found.parts["status"]["embeddable"] = False
    fields = {"title": "Sabato", "tags": ["vino"]}
    assert network.edit(account_of(server), live, Content("Sabato!", media=(film(1),), fields=fields)) == live
    assert (found.parts["snippet"]["title"], server.texts()) == ("Sabato", ["Sabato!"])
    assert (found.parts["status"]["embeddable"], found.parts["status"]["privacyStatus"]) == (False, "public")
    server.videos.clear()
    with pytest.raises(Refused) as refused:
        network.edit(account_of(server), live, Content("y", media=(film(1),)))
    assert refused.value.code == "gone"


def test_numbers_are_those_of_its_life(server: FakeYouTube) -> None:
    live = publish(server, Content("x", media=(film(1),)))
    assert network.numbers(account_of(server), live) == Numbers(views=44, reactions=6, comments=2)
    hidden = {"items": [{"id": live.remote_id, "statistics": {"viewCount": "7", "likeCount": -1}}]}
    server.on(LIST, Answer(200, hidden))
    assert network.numbers(account_of(server), live) == Numbers(views=7)


@pytest.mark.parametrize(
    ("call", "answer", "kind", "code"),
    [
        (BEGIN, refusal(403, "quotaExceeded"), Throttled, "quota"),
        (BEGIN, refusal(400, "uploadLimitExceeded"), Throttled, "upload_limit"),
        (LIST, refusal(403, "userRateLimitExceeded"), Throttled, "throttled"),
        (BEGIN, refusal(429, "rateLimitExceeded", PER_MINUTE), Throttled, "throttled"),
        (ME, refusal(403, "insufficientPermissions"), CredentialsRefused, "permission_missing"),
        (ME, refusal(403, "accessNotConfigured"), Refused, "app_refused"),
        (ME, refusal(401, "youtubeSignupRequired"), Refused, "account_not_active"),
        (ME, Answer(200, {"pageInfo": {"totalResults": 0}}), Refused, "account_not_active"),
        (ME, Answer(200, {"items": []}), Refused, "account_not_active"),
        (ME, Answer(403, {"error": {"details": [{"reason": "SERVICE_DISABLED"}]}}), Refused, "app_refused"),
        (BEGIN, refusal(400, "invalidTitle"), Refused, "refused"),
        (BEGIN, Answer(200, b"", {"Location": "https://evil.example/upload"}), NotSent, "answer_not_readable"),
        (BEGIN, Answer(200, b""), NotSent, "answer_not_readable"),
        (PIECE, refusal(503, "backendError"), NotSent, "server_error"),
        (PIECE, Answer(308, b"", {"Range": "bytes=0-99999"}), NotSent, "upload_stuck"),
        (COVER, refusal(403, "forbidden"), Refused, "cover_refused"),
        (UPDATE, refusal(404, "videoNotFound"), Refused, "gone"),
        (LIST, Answer(200, {"items": []}), NotSent, "not_shown"),
    ],
)
def test_what_youtube_says_becomes_an_outcome(
    server: FakeYouTube, call: str, answer: Answer, kind: type[NetworkError], code: str
) -> None:
    server.on(call, answer)
    with pytest.raises(NetworkError) as error:
        publish(server, Content("x", media=(dressed(1),), fields={"language": "it"}))
    assert isinstance(error.value, kind)
    assert (error.value.code, server.texts()) == (code, [])


@pytest.mark.parametrize("said", [refusal(403, "quotaExceeded"), refusal(429, "rateLimitExceeded", PER_DAY)])
def test_a_day_at_google_ends_in_california(server: FakeYouTube, said: Answer) -> None:
    server.on(BEGIN, said)
    with pytest.raises(Throttled) as throttled:
        publish(server, Content("x", media=(film(1),)))
    there = throttled.value.retry_at.astimezone(ZoneInfo("America/Los_Angeles"))
    assert (there.hour, there.minute) == (0, 0)
    assert dt.timedelta() < throttled.value.retry_at - dt.datetime.now(dt.UTC) <= dt.timedelta(hours=25)


def test_uploads_are_counted_over_all_clients(settings: Any) -> None:
    settings.FILO_YOUTUBE_UPLOADS = 250
    account = Account("@cantinaroero")
    limits = network.budgets(account, Content("x", media=(dressed(1),)))
    assert [(one.name, one.most, one.cost) for one in limits] == [("uploads", 250, 1), ("units", 10_000, 510)]
    assert {(one.scope, one.zone, one.window) for one in limits} == {
        ("app", "America/Los_Angeles", dt.timedelta(days=1))
    }


def test_changing_deleting_and_looking_take_units_and_no_upload(settings: Any) -> None:
    settings.FILO_YOUTUBE_UNITS = 5_000
    account, content = Account("@cantinaroero"), Content("x", media=(film(1),))
    taken = [network.edit_budgets(account, content), network.delete_budgets(account, content), network.read_budgets()]
    assert [[(one.name, one.most, one.cost) for one in limits] for limits in taken] == [
        [("units", 5_000, 51)],
        [("units", 5_000, 50)],
        [("units", 4_500, 1)],  # a tenth is left to what goes out
    ]
    assert {one.scope for limits in taken for one in limits} == {"app"}


def test_the_token_is_renewed_and_the_refresh_token_stays(server: FakeYouTube) -> None:
    given = network.refresh(account_of(server))
    assert (given["access_token"], given["refresh_token"]) == ("ya29.new", FakeYouTube.refresh)
    assert "expires_at" in given


@pytest.mark.parametrize(
    ("method", "target", "body", "reason"),
    [
        ("PUT", "videos?part=status", {"id": "1", "status": {"privacyStatus": "public"}}, ""),
        ("PUT", "videos?part=status", {"id": "1", "status": {"privacyStatus": "secret"}}, "is not one of"),
        ("PUT", "videos?part=status", {"id": "1", "status": {"colour": "red"}}, "unexpected"),
        ("PUT", "videos?part=status", {"id": "1", "snippet": {"title": "x"}}, "part asks for"),
        ("PUT", "videos", {"id": "1"}, "part is missing"),
        ("GET", "videos?part=status&colour=red", None, "colour is not in the document"),
        ("GET", "playlistItems?part=snippet&maxResults=many", None, "is no integer"),
        ("GET", "vidoes?part=status", None, "is not in the document"),
    ],
)
def test_what_is_held_against_the_document(method: str, target: str, body: Any, reason: str) -> None:
    class Anything(FakeNetwork):
        spec = Discovery("youtube.v3")

        @route("GET /{rest...}")
        @route("PUT /{rest...}")
        def all(self, request: Request) -> Any:
            return {}

    with Anything() as fake:
        httpx.request(method, f"{fake.url}/youtube/v3/{target}", json=body)
        wrong, fake.wrong = fake.wrong, []
    assert [reason in said for said in wrong][:1] == ([True] if reason else []), wrong
