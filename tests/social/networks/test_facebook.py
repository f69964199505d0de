"""Facebook keeps the contract, and what is its own: pages, pictures, videos in pieces, the same post twice."""

import dataclasses
import datetime as dt
import hashlib
import itertools
from collections.abc import Collection, Iterator
from typing import Any

import pytest

from social.networks import get, rules
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    MediaItem,
    NetworkError,
    NotSent,
    Numbers,
    Part,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.facebook import Facebook
from social.networks.meta import Graph, debug_token, version
from social.networks.signing_in import Visit
from tests.servers.facebook import PAGE, PERSON_TOKEN, PIECE, TOKEN, FacebookPages, refusal
from tests.servers.wire import Answer, AnswerLost, Cut, Fault
from tests.social.networks.case import Try, WireCase
from tests.social.networks.conftest import item_of, picture
from tests.social.networks.contract import WireContract
from tests.social.notebook import Killed, Notebook

ME = "GET /{version}/me"
PHOTO = "POST /{version}/{page}/photos"
FEED = "POST /{version}/{page}/feed"
VIDEO = "POST /{version}/{page}/videos"
POSTS = "GET /{version}/{page}/published_posts"
THING = f"GET /{{version}}/{PAGE}_{{post}}"
COMMENT = "POST /{version}/{thing}/comments"
COMMENTS = "GET /{version}/{thing}/comments"
SECRET = "the app's own secret"
SRT = "1\n00:00:00,000 --> 00:00:02,000\nSi vendemmia.\n"


def video(size: int = 2 * PIECE + 100) -> MediaItem:
    return dataclasses.replace(item_of(b"v" * size, "video/mp4", (1280, 720)), seconds=12.0, rate=25.0, codec="h264")


class FacebookCase(WireCase):
    """The winery's page."""

    def __init__(self, server: FacebookPages) -> None:
        self.network: Facebook = Facebook()
        self.server = server

    def account(self) -> Account:
        app = {"client_id": "77", "client_secret": SECRET}
        return Account("cantinaroero", self.server.url, {"access_token": TOKEN}, PAGE, app)

    def live(self) -> list[str]:
        videos = [
            words
            for video in self.server.videos.values()
            if video.published
            for words in (video.description, *(said["message"] for said in video.comments))
        ]
        posts = [
            [post["message"], *(said["message"] for said in post["comments"])] for post in self.server.posts.values()
        ]
        return [*videos, *itertools.chain.from_iterable(posts)]

    def uploads(self) -> int:
        return len(self.server.photos)

    def content(self, kind: str, number: int) -> Content:
        words = f"Novità {number}"
        match kind:
            case "link":
                return Content(words, link=f"https://cantina.example/{number}")
            case "pictures":
                return Content(words, media=(picture((number, 1)), picture((1, number + 1))))
            case "film":
                film = dataclasses.replace(video(PIECE + number), captions=SRT)
                return Content(words, media=(film,), comment=f"Prenotate {number}", fields={"captions_language": "it"})
            case "comment":
                return Content(words, media=(picture((number, 3)),), comment=f"Prenotate {number}")
        return Content(words)

    def edges(self) -> list[tuple[Content, bool]]:
        pictures = [picture((number + 1, 1)) for number in range(11)]
        long = dataclasses.replace(video(), seconds=4 * 3600.0)
        return [
            (Content("10", media=tuple(pictures[:10])), True),
            (Content("11", media=tuple(pictures)), False),
            (Content("4 h", media=(long,)), True),
            (Content("more", media=(dataclasses.replace(long, seconds=4 * 3600 + 1.0),)), False),
            (Content("both", media=(pictures[0], long)), False),
            (Content("two", media=(long, long)), False),
            (Content("bitmap", media=(dataclasses.replace(pictures[0], mime="image/svg+xml"),)), False),
            (Content("thread", parts=(Part("more"),)), False),
            (Content("said", comment="x" * 8_000), True),
            (Content("said", comment="x" * 8_001), False),
        ]

    def on(self, name: str, *faults: Fault | None) -> None:
        self.server.on(name, *faults)

    def good_day(self) -> None:
        self.server.good_day()

    def calls(self) -> list[str]:
        return list(self.server.calls)

    def secrets(self) -> Collection[str]:
        return [TOKEN, SECRET]


@pytest.fixture
def server() -> Iterator[FacebookPages]:
    with FacebookPages() as server:
        yield server


@pytest.fixture
def here(server: FacebookPages) -> FacebookCase:
    return FacebookCase(server)


class TestContract(WireContract):
    kinds = ("words", "link", "comment", "film", "pictures")
    quiet = (ME, PHOTO)
    visible = FEED
    edits = (f"POST /{{version}}/{PAGE}_{{post}}",)
    deletes = ("DELETE /{version}/{thing}",)
    asked = (ME, POSTS)

    @pytest.fixture
    def case(self, here: FacebookCase) -> WireCase:
        return here


def ended(case: FacebookCase, content: Content | None = None) -> NetworkError:
    with pytest.raises(NetworkError) as error:
        Try.of(case, content or Content("x")).publish()
    return error.value


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"message": "This authorization code has been used.", "code": 100, "error_subcode": 36009}, "code_refused"),
        ({"message": "Error validating client secret.", "type": "OAuthException", "code": 1}, "app_refused"),
        ({"message": "Error validating application.", "type": "OAuthException", "code": 101}, "app_refused"),
    ],
)
def test_what_meta_says_of_a_code_in_its_own_way(here: FacebookCase, error: dict[str, Any], code: str) -> None:
    assert here.network.oauth is not None
    here.on("POST /oauth/access_token", Answer(400, {"error": error}))
    with pytest.raises(Refused) as refused:
        Visit("Facebook", here.network.oauth, here.account(), "https://filo.example/back/", "v").exchanged("code")
    assert refused.value.code == code


QUIET = [
    (refusal(190, 463), CredentialsRefused, "credentials_refused"),
    (refusal(190, 459), CredentialsRefused, "sign_in_needed"),
    (refusal(102), CredentialsRefused, "credentials_refused"),
    (refusal(190, transient=True), NotSent, "server_error"),
    (refusal(10), Refused, "permission_missing"),
    (refusal(200), Refused, "permission_missing"),
    (refusal(4), Throttled, "throttled"),
    (refusal(17), Throttled, "throttled"),
    (refusal(32), Throttled, "throttled"),
    (refusal(80001), Throttled, "throttled"),
    (refusal(613), Throttled, "throttled"),
    (refusal(368), Refused, "blocked_by_policy"),
    (refusal(1609005), Refused, "link_not_readable"),
    (refusal(1, status=500), NotSent, "server_error"),
    (refusal(2, status=503), NotSent, "server_error"),
    (refusal(12345), Refused, "refused"),
    (refusal(12345, status=500), NotSent, "server_error"),
]


@pytest.mark.parametrize("call", [PHOTO, FEED])
@pytest.mark.parametrize(("answer", "kind", "code"), QUIET, ids=str)
def test_what_meta_says_by_its_codes(
    here: FacebookCase, call: str, answer: Answer, kind: type[NetworkError], code: str
) -> None:
    here.on(call, answer)
    error = ended(here, Content("x", media=(picture(),)))
    unclear = call == FEED and kind is NotSent
    assert (type(error), error.code) == (Unknown if unclear else kind, code)
    assert "fbtrace_id AbCdEfGh123" in error.said
    assert here.live() == []


def test_the_headers_of_usage_say_when_to_come_back(here: FacebookCase) -> None:
    use = '{"102": [{"type": "pages", "call_count": 101, "estimated_time_to_regain_access": 19}]}'
    here.on(FEED, dataclasses.replace(refusal(32), headers={"X-Business-Use-Case-Usage": use}))
    error = ended(here)
    assert isinstance(error, Throttled)
    assert 18.9 < (error.retry_at - dt.datetime.now(dt.UTC)).total_seconds() / 60 <= 19


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({"X-App-Usage": '{"call_count": 100, "total_time": 25, "total_cputime": 25}'}, 15),
        ({"X-Business-Use-Case-Usage": '{"1": [{"estimated_time_to_regain_access": 5}]}'}, 5),
    ],
)
def test_what_is_used_up_is_not_asked_for(here: FacebookCase, headers: dict[str, str], minutes: float) -> None:
    here.on(ME, Answer(200, {"id": PAGE, "name": "Cantina Roero"}, headers))
    error = ended(here)
    assert isinstance(error, Throttled)
    assert 0 <= minutes - (error.retry_at - dt.datetime.now(dt.UTC)).total_seconds() / 60 < 0.1
    assert here.calls() == [ME]


@pytest.mark.parametrize("usage", ['{"call_count": 99}', "[]", "{", '{"1": [1, {"call_count": "x"}]}', "9" * 30_000])
def test_other_words_of_usage_change_nothing(here: FacebookCase, usage: str) -> None:
    here.on(ME, Answer(200, {"id": PAGE, "name": "Cantina Roero"}, {"X-App-Usage": usage}))
    Try.of(here, Content("x")).publish()
    assert here.live() == ["x"]


def test_pictures_go_out_with_their_words(here: FacebookCase, server: FacebookPages) -> None:
    one, two = picture(alt_text="Le vigne"), picture((5, 5), alt_text="")
    live = Try.of(here, Content("Vendemmia", link="https://cantina.example/", media=(one, two))).publish()
    post = server.posts[live.remote_id]
    assert post["message"] == "Vendemmia\n\nhttps://cantina.example/"
    assert [server.photos[photo]["alt"] for photo in post["photos"]] == ["Le vigne", ""]
    assert [server.photos[photo]["sha256"] for photo in post["photos"]] == [one.sha256, two.sha256]
    assert live.permalink == f"https://www.facebook.com/cantinaroero/posts/{live.remote_id.partition('_')[2]}"


def test_each_call_is_signed_and_versioned(here: FacebookCase, server: FacebookPages) -> None:
    Try.of(here, Content("x")).publish()
    for request in server.requests:
        signed = {**request.query, **request.fields}
        assert len(signed["appsecret_proof"]) == 64
        assert request.path.startswith(f"/{version()}/")
        assert "access_token" not in signed


def test_a_picture_that_changed_is_refused(here: FacebookCase) -> None:
    changed = dataclasses.replace(picture(), sha256="0" * 64)
    assert ended(here, Content("x", media=(changed,))).code == "picture_not_valid"


def test_a_picture_that_was_not_made_fit_is_refused(here: FacebookCase) -> None:
    assert ended(here, Content("x", media=(dataclasses.replace(picture(), mime="image/webp"),))).code == "media_kind"


def test_the_same_post_twice_in_a_row_is_refused(here: FacebookCase, server: FacebookPages) -> None:
    Try.of(here, Content("x")).publish()
    server.posts = {post: {**said, "created_time": "2026-11-20T09:00:00+0000"} for post, said in server.posts.items()}
    error = ended(here)
    assert (type(error), error.code) == (Refused, "duplicate")


def test_the_same_post_twice_in_a_row_may_be_our_own(here: FacebookCase, server: FacebookPages) -> None:
    one = Try.of(here, Content("x"))
    here.on(FEED, AnswerLost(), None)
    with pytest.raises(Unknown):
        one.publish()
    one.notebook.flying = ""  # as if somebody had said that it is not live
    assert one.publish().remote_id == next(iter(server.posts))
    assert here.live() == ["x"]


def test_a_post_without_words_is_found_by_its_picture_or_its_link(here: FacebookCase) -> None:
    for content in (Content("", media=(picture(),)), Content("", link="https://cantina.example/x")):
        one = Try.of(here, content)
        here.on(FEED, AnswerLost(), None)
        with pytest.raises(Unknown):
            one.publish()
        assert one.find()
    other = Try.of(here, Content("", link="https://cantina.example/y"))
    other.notebook.sending()
    assert other.find() is None


def test_an_older_post_with_the_same_words_is_not_it(here: FacebookCase, server: FacebookPages) -> None:
    server.now -= dt.timedelta(minutes=11)
    Try.of(here, Content("x")).publish()
    one = Try.of(here, Content("x"))
    one.notebook.sending()
    assert one.find() is None


def test_too_many_posts_since_can_not_be_told(here: FacebookCase) -> None:
    row = {"id": "1_1", "message": "y", "created_time": "2026-11-21T09:00:05+0000"}
    here.on(POSTS, Answer(200, {"data": [row], "paging": {"cursors": {"after": "z"}, "next": "https://x.example"}}))
    one = Try.of(here, Content("x"))
    one.notebook.sending()
    with pytest.raises(CannotTell):
        one.find()


def test_words_are_the_same_however_they_are_composed(here: FacebookCase, server: FacebookPages) -> None:
    one = Try.of(here, Content("Perché no \n"))
    live = one.publish()
    server.posts[live.remote_id]["message"] = "Perche\u0301 no"
    assert one.find() == live


def test_a_first_comment_that_is_refused_is_said_and_tried_alone(here: FacebookCase, server: FacebookPages) -> None:
    one = Try.of(here, here.content("comment", 1))
    here.on(COMMENT, refusal(200), None)
    with pytest.raises(Refused) as error:
        one.publish()
    assert error.value.code == "comment_refused"
    assert one.shown() == ["Novità 1"]
    one.settle(error.value)
    one.publish()
    assert one.shown() == ["Novità 1", "Prenotate 1"]
    assert server.count(FEED) == 1


def test_a_first_comment_without_an_answer_is_found(here: FacebookCase, server: FacebookPages) -> None:
    one = Try.of(here, here.content("comment", 1))
    here.on(COMMENT, AnswerLost())
    with pytest.raises(Unknown):
        one.publish()
    assert one.notebook.in_flight() == "comment"
    assert one.find() == Published(*dataclasses.astuple(one.publish()))
    assert one.shown() == ["Novità 1", "Prenotate 1"]


def test_a_comment_that_is_not_there_has_still_to_go_out(here: FacebookCase, server: FacebookPages) -> None:
    one = Try.of(here, here.content("comment", 1))
    here.on(COMMENT, refusal(2, status=500), None)
    with pytest.raises(Unknown):
        one.publish()
    assert one.find() is None
    one.notebook.flying = ""
    one.publish()
    assert one.shown() == ["Novità 1", "Prenotate 1"]


def test_a_video_goes_up_in_pieces_and_is_one(here: FacebookCase, server: FacebookPages) -> None:
    item = video()
    one = Try.of(here, Content("Vendemmia", link="https://cantina.example/", media=(item,)))
    live = one.publish()
    sent = server.videos[live.remote_id]
    assert (hashlib.sha256(sent.data).hexdigest(), sent.published) == (item.sha256, True)
    assert sent.description == "Vendemmia\n\nhttps://cantina.example/"
    assert live.permalink == f"https://www.facebook.com/cantinaroero/videos/{live.remote_id}/"
    assert server.count(VIDEO) == 1 + 3 + 1


def test_a_kill_anywhere_leaves_one_video(here: FacebookCase, server: FacebookPages) -> None:
    for number in itertools.count(1):
        item = video(2 * PIECE + number)
        one = Try.of(here, Content(f"Video {number}", media=(item,)), kill_at=number)
        before = len(server.videos)
        try:
            one.publish()
        except Killed:
            first = one.notebook.heard == [f"once video:{item.sha256}"]
            one.go_on()
            assert len(server.videos) - before == 1 + first
            assert one.shown() == [f"Video {number}"], one.notebook.heard
        else:
            break
    assert number == 7


def test_an_upload_that_is_over_begins_anew(here: FacebookCase, server: FacebookPages) -> None:
    one = Try.of(here, Content("Vendemmia", media=(video(2 * PIECE),)))
    here.on(VIDEO, None, Cut())
    with pytest.raises(NotSent):
        one.publish()
    here.on(VIDEO, refusal(100, 1363033), None)  # its session does not exist any more
    one.publish()
    assert (one.shown(), server.count(VIDEO)) == (["Vendemmia"], 2 + 1 + 1 + 2 + 1)


def test_a_video_that_is_refused_is_begun_anew_by_whoever_tries_again(
    here: FacebookCase, server: FacebookPages
) -> None:
    one = Try.of(here, Content("Vendemmia", media=(video(),)))
    here.on(VIDEO, None, refusal(100, 1363033))
    with pytest.raises(Refused):
        one.publish()
    assert one.notebook.steps == {}
    here.good_day()
    one.publish()
    assert one.shown() == ["Vendemmia"]


def test_pictures_that_are_gone_are_sent_anew(here: FacebookCase, server: FacebookPages) -> None:
    one = Try.of(here, Content("Vendemmia", media=(picture(),)))
    here.on(FEED, Cut())
    with pytest.raises(Unknown):
        one.publish()
    assert one.find() is None
    here.on(FEED, refusal(100), None)
    one.publish()
    assert (one.shown(), server.count(PHOTO)) == (["Vendemmia"], 2)
    other = Try.of(here, Content("Altro", media=(picture(),)))
    here.on(FEED, refusal(100))
    with pytest.raises(Refused):
        other.publish()
    here.on(FEED, refusal(100), None)
    other.publish()  # whoever tries again is not refused for pictures that are gone
    assert (other.shown(), server.count(PHOTO)) == (["Altro"], 4)


def test_a_video_that_facebook_works_on_is_asked_for(here: FacebookCase, server: FacebookPages) -> None:
    server.slow_videos = True
    one = Try.of(here, Content("Vendemmia", media=(video(),)))
    with pytest.raises(Unknown) as error:
        one.publish()
    assert error.value.code == "processing"
    with pytest.raises(NotSent):
        one.find()
    server.work()
    live = one.find()
    assert live is not None
    assert (live.remote_id, one.shown()) == (next(iter(server.videos)), ["Vendemmia"])


def test_a_video_that_never_was_finished_is_not_live(here: FacebookCase) -> None:
    one = Try.of(here, Content("Vendemmia", media=(video(),)))
    here.on(VIDEO, None, None, None, None, refusal(2, status=500))
    with pytest.raises(Unknown):
        one.publish()
    assert one.find() is None
    here.good_day()
    one.notebook.flying = ""
    one.publish()
    assert one.shown() == ["Vendemmia"]


def test_a_video_that_is_refused_begins_anew(here: FacebookCase, server: FacebookPages) -> None:
    one = Try.of(here, Content("Vendemmia", media=(video(),)))
    here.on(VIDEO, None, None, None, None, refusal(6000, 1363019), None)
    with pytest.raises(Refused):
        one.publish()
    assert one.notebook.steps == {}
    one.publish()
    assert (len(server.videos), one.shown()) == (2, ["Vendemmia"])


def test_a_video_shows_its_cover_until_it_is_played(here: FacebookCase, server: FacebookPages) -> None:
    item = dataclasses.replace(video(), cover=picture())
    live = Try.of(here, Content("Vendemmia", media=(item,))).publish()
    assert server.videos[live.remote_id].cover == picture().sha256


CAPTIONS = "POST /{version}/{thing}/captions"


def subtitled(text: str = "Vendemmia", number: int = 100) -> Content:
    item = dataclasses.replace(video(2 * PIECE + number), captions=SRT)
    return Content(text, media=(item,), fields={"captions_language": "it"}, comment="Prenotate")


def test_a_live_video_is_given_its_subtitles_once(here: FacebookCase, server: FacebookPages) -> None:
    server.slow_videos = True
    one = Try.of(here, subtitled())
    with pytest.raises(Unknown):
        one.publish()
    server.work()
    assert one.find() is None  # the video is; its subtitles have still to go out
    here.on(CAPTIONS, Cut(), refusal(100), None)
    for error in (NotSent, Refused):
        with pytest.raises(error):
            one.publish()
    live = one.publish()
    assert server.videos[live.remote_id].captions == {"it_IT": SRT.encode()}
    assert (server.count(CAPTIONS), [said["message"] for said in server.videos[live.remote_id].comments]) == (
        3,
        ["Prenotate"],
    )


def test_without_a_language_subtitles_stay_away_and_it_is_said(here: FacebookCase, server: FacebookPages) -> None:
    silent = dataclasses.replace(subtitled(), fields={}, comment="")
    told = {(problem.code, problem.level) for problem in rules.checked(here.network, silent).problems}
    assert told - {("video_alt_text_lost", "warning")} == {("captions_left_out", "warning")}
    live = Try.of(here, silent).publish()
    assert server.videos[live.remote_id].captions == {}


def test_a_video_that_changed_is_refused(here: FacebookCase, server: FacebookPages) -> None:
    changed = dataclasses.replace(video(), sha256="0" * 64)
    assert ended(here, Content("x", media=(changed,))).code == "video_not_valid"
    assert server.videos == {}


def test_a_range_that_is_none_is_no_reason_to_go_round(here: FacebookCase) -> None:
    start = Answer(200, {"video_id": "1", "upload_session_id": "81", "start_offset": "0", "end_offset": "10"})
    here.on(VIDEO, start, Answer(200, {"start_offset": "0", "end_offset": "10"}))
    assert ended(here, Content("x", media=(video(),))).code == "upload_confused"


def test_a_video_is_edited_read_counted_and_deleted(here: FacebookCase, server: FacebookPages) -> None:
    network, account = here.network, here.account()
    live = Try.of(here, Content("Vendemmia", media=(video(),))).publish()
    assert network.edit(account, live, Content("Vendemmia 2026", media=(video(),))) == live
    assert server.videos[live.remote_id].description == "Vendemmia 2026"
    assert network.read_back(account, live) == live
    assert network.numbers(account, live).views == 120
    network.delete(account, live)
    assert server.videos == {}
    assert network.read_back(account, live) is None


def test_numbers_are_what_facebook_counts_and_unknown_is_not_zero(here: FacebookCase) -> None:
    live = Try.of(here, Content("x")).publish()
    account, network = here.account(), here.network
    assert network.numbers(account, live) == Numbers(80, 120, 12, 3, None, 7)
    here.on("GET /{version}/{thing}/insights", refusal(100))
    assert network.numbers(account, live) == Numbers(None, None, 12, 3, None, None)
    here.on("GET /{version}/{thing}/insights", refusal(4))
    with pytest.raises(Throttled):
        network.numbers(account, live)


def test_what_we_may_not_see_is_not_called_gone(here: FacebookCase) -> None:
    live = Try.of(here, Content("x")).publish()
    here.on(THING, refusal(100, 33))
    here.on(POSTS, refusal(10))
    with pytest.raises(CannotTell):
        here.network.read_back(here.account(), live)
    here.on("DELETE /{version}/{thing}", refusal(100, 33))
    with pytest.raises(Refused):
        here.network.delete(here.account(), live)
    assert here.live() == ["x"]


def test_where_it_is_can_be_told_without_facebook(here: FacebookCase) -> None:
    here.on(THING, Answer(500, {}))
    live = Try.of(here, Content("x")).publish()
    assert live.permalink == f"https://www.facebook.com/{live.remote_id}"


def test_a_token_of_a_person_is_no_pages_and_tells_which_there_are(here: FacebookCase, server: FacebookPages) -> None:
    person = dataclasses.replace(here.account(), credentials={"access_token": PERSON_TOKEN}, identity="")
    with pytest.raises(Refused) as error:
        here.network.identity(person)
    assert error.value.code == "not_a_page"
    assert here.network.accounts(person) == [(PAGE, "Cantina Roero", TOKEN), ("3", "Osteria", "EAAB-page-three")]


def test_a_channel_without_a_token_needs_a_connection(here: FacebookCase) -> None:
    with pytest.raises(CredentialsRefused):
        here.network.identity(dataclasses.replace(here.account(), credentials={}))
    assert here.calls() == []


def test_a_token_can_be_asked_about(here: FacebookCase) -> None:
    account = dataclasses.replace(here.account(), credentials={"access_token": TOKEN})
    found = debug_token("Facebook", account, version=version())
    assert (found.valid, found.subject, found.scopes, found.expires_at) == (True, PAGE, ("pages_manage_posts",), None)


def test_the_version_of_the_api_is_set_by_the_operator(here: FacebookCase, settings: object) -> None:
    settings.FILO_META_VERSION = "v27.0"  # type: ignore[attr-defined]
    Try.of(here, Content("x")).publish()
    assert {request.path.split("/")[1] for request in here.server.requests} == {"v27.0"}


def test_characters_are_counted_as_the_largest_count_that_facebook_could_mean() -> None:
    network = get("facebook")
    checked = network.preflight(Content("a" * 63_205 + "🍷"))
    assert (checked.used, checked.cut_at, checked.ok) == (63_207, 63_205, False)
    with_link = Content("a" * 63_200, link="https://cantina.example/", media=(picture(),))
    assert network.preflight(with_link).cut_at == 63_206 - len("\n\nhttps://cantina.example/")


def test_a_connection_is_closed_where_there_is_no_token() -> None:
    with pytest.raises(CredentialsRefused):
        Graph("Facebook", Account("x", "https://graph.facebook.com"), version="v26.0")


def test_notebooks_of_other_publications_are_not_read(here: FacebookCase) -> None:
    assert here.network.find(here.account(), Content("x"), here.keys(Content("x")), Notebook()) is None
