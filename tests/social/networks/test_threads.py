"""Threads keeps the contract, and what is its own: threads of replies, carousels, quotas of two kinds, emojis by bytes."""

import dataclasses
import datetime as dt
import io
from collections.abc import Collection, Iterator

import pytest
from PIL import Image

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    MediaItem,
    NetworkError,
    NotReady,
    NotSent,
    Numbers,
    Part,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.threads import Threads, weigh
from tests.servers.facebook import refusal
from tests.servers.instagram import SIGNATURE
from tests.servers.threads import PROFILE, TOKEN, ThreadsProfile
from tests.servers.wire import Answer, AnswerLost, Fault
from tests.social.networks.case import Try, WireCase
from tests.social.networks.conftest import item_of, picture
from tests.social.networks.contract import WireContract

ME = "GET /v1.0/me"
CREATE = "POST /v1.0/{user}/threads"
STATE = "GET /v1.0/5{container}"
LIMIT = "GET /v1.0/{user}/threads_publishing_limit"
PUBLISH = "POST /v1.0/{user}/threads_publish"
LIST = "GET /v1.0/{user}/threads"
SECRET = "the app's own secret"


class ThreadsCase(WireCase):
    """The winery's profile."""

    def __init__(self, server: ThreadsProfile) -> None:
        self.network: Threads = Threads()
        self.server = server

    def account(self) -> Account:
        app = {"client_id": "77", "client_secret": SECRET}
        return Account("cantinaroero", self.server.url, {"access_token": TOKEN}, PROFILE, app)

    def live(self) -> list[str]:
        return [post["text"] for post in self.server.posts.values()]

    def uploads(self) -> int:
        return len(self.server.fetched)

    def lying(self, item: MediaItem) -> MediaItem:
        """The same, with a public address."""
        with item.open() as stream:
            self.server.files[item.sha256] = stream.read()
        return dataclasses.replace(item, address=lambda: self.server.address(item.sha256))

    def photo(self, size: tuple[int, int] = (40, 30)) -> MediaItem:
        out = io.BytesIO()
        Image.new("RGB", size, "maroon").save(out, "JPEG")
        return self.lying(item_of(out.getvalue(), "image/jpeg", size))

    def video(self, seconds: float = 12.0) -> MediaItem:
        item = item_of(f"v{seconds}".encode(), "video/mp4", (1080, 1920))
        return self.lying(dataclasses.replace(item, seconds=seconds, rate=25.0, codec="h264"))

    def content(self, kind: str, number: int) -> Content:
        words = f"Novità {number}"
        match kind:
            case "link":
                return Content(words, link=f"https://cantina.example/{number}")
            case "photo":
                return Content(words, media=(self.photo((number, 2)),))
            case "video":
                return Content(words, media=(self.video(3.0 + number / 10),))
            case "carousel":
                return Content(words, media=(self.photo((number, 1)), self.photo((1, number + 1))))
            case "thread":
                parts = (Part(f"Seconda {number}", (self.photo((number, 4)),)), Part(f"Terza {number}"))
                return Content(words, media=(self.photo((number, 5)),), parts=parts, comment=f"Prenotate {number}")
        return Content(words)

    def edges(self) -> list[tuple[Content, bool]]:
        photos = tuple(self.photo((number + 1, 1)) for number in range(21))
        links = [f"https://cantina.example/{number}" for number in range(6)]
        return [
            (Content("20", media=photos[:20]), True),
            (Content("21", media=photos), False),
            (Content("5 minutes", media=(self.video(300.0),)), True),
            (Content("more", media=(self.video(301.0),)), False),
            (Content("both", media=(self.video(), photos[0])), True),
            (Content("twenty-one", media=(self.video(), *photos[:20])), False),
            (Content("nowhere", media=(picture(),)), False),
            (Content("nowhere", parts=(Part("a part", (picture(),)),)), False),
            (Content(" ".join(links[:5])), True),
            (Content(" ".join(links)), False),
            (Content(" ".join(links[:4]), link=links[4]), True),
            (Content(" ".join(links[:5]), link=links[5]), False),
            (Content("one", parts=(Part("x" * 500),)), True),
            (Content("one", parts=(Part("x" * 501),)), False),
            (Content("one", parts=(Part(" "),)), False),
            (Content("one", comment="x" * 501), False),
        ]

    def on(self, name: str, *faults: Fault | None) -> None:
        self.server.on(name, *faults)

    def good_day(self) -> None:
        self.server.good_day()

    def calls(self) -> list[str]:
        return list(self.server.calls)

    def secrets(self) -> Collection[str]:
        return [TOKEN, SECRET, SIGNATURE]


@pytest.fixture
def server() -> Iterator[ThreadsProfile]:
    with ThreadsProfile() as server:
        yield server


@pytest.fixture
def here(server: ThreadsProfile) -> ThreadsCase:
    return ThreadsCase(server)


class TestContract(WireContract):
    kinds = ("words", "link", "photo", "video", "carousel", "thread")
    threads = ("thread",)
    quiet = (ME, CREATE, STATE, LIMIT)
    visible = PUBLISH
    deletes = ("DELETE /v1.0/{thing}",)
    asked = (ME, STATE, LIST)
    # Where the quota is not told, Threads may decide.
    but = {(LIMIT, "html"): None, (LIMIT, "refused"): None}

    @pytest.fixture
    def case(self, here: ThreadsCase) -> WireCase:
        return here


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("Perché", 6),
        ("🍷", 4),
        ("❤️", 6),
        ("👨‍👩‍👧", 18),
        ("🇮🇹", 8),
        ("1️⃣", 7),
        ("123 #*", 6),
        ("©", 2),
        ("नमस्ते", 6),
        ("日本", 2),
        ("e\u0301", 2),
    ],
)
def test_emojis_are_counted_by_their_bytes(text: str, used: int) -> None:
    assert weigh(text) == used


def test_a_text_is_cut_between_what_readers_take_for_characters() -> None:
    network = Threads()
    found = network.preflight(Content("a" * 497 + "🍷b"))
    assert (found.used, found.limit, found.unit, found.cut_at, found.ok) == (502, 500, "threads", 497, False)


def test_a_link_that_is_cut_off_is_added_again(here: ThreadsCase) -> None:
    content = Content("a" * 490 + " https://cantina.example/", "https://cantina.example/", (here.photo(),))
    cut = here.network.preflight(content).cut_at
    assert cut == 500 - len("\n\nhttps://cantina.example/")
    assert here.network.preflight(dataclasses.replace(content, text=content.text[:cut])).used == 500


def test_a_thread_is_a_chain_of_replies(here: ThreadsCase, server: ThreadsProfile) -> None:
    live = Try.of(here, here.content("thread", 1)).publish()
    root, second, third, comment = server.posts.values()
    assert (live.remote_id, root["below"]) == (",".join(server.posts), "")
    assert (second["below"], third["below"], comment["below"]) == (root["id"], second["id"], root["id"])
    assert live.permalink == f"https://www.threads.com/@cantinaroero/post/{root['id']}"


def test_a_video_in_an_answer_rests_before_it_is_published(here: ThreadsCase, server: ThreadsProfile) -> None:
    """Published as soon as it is ready it becomes a post of its own, and no answer."""
    one = Try.of(here, Content("Uno", media=(here.video(),), parts=(Part("Due", (here.video(),)),)))
    with pytest.raises(NotReady) as waits:
        here.network.publish(here.account(), one.content, one.keys, one.notebook)
    assert 25 < (waits.value.retry_at - dt.datetime.now(dt.UTC)).total_seconds() <= 30
    with pytest.raises(NotReady):
        here.network.publish(here.account(), one.content, one.keys, one.notebook)
    assert (one.shown(), one.notebook.in_flight()) == (["Uno"], "")
    (ready,) = (name for name in one.notebook.steps if name.startswith("ready:"))
    one.notebook.steps[ready] = {"at": (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=31)).isoformat()}
    one.publish()
    first, second = server.posts.values()
    assert (one.shown(), second["below"]) == (["Uno", "Due"], first["id"])


def test_what_was_ready_and_is_not_found_is_made_anew(here: ThreadsCase, server: ThreadsProfile) -> None:
    """Threads says FINISHED of a container, and does not know it when it is published: seen of every kind of post."""
    for step in range(4):
        one = Try.of(here, here.content("thread", step + 1))
        here.on(PUBLISH, *[None] * step, refusal(24, 4279009), None)
        with pytest.raises(NotSent) as error:
            one.publish()
        assert (error.value.code, len(one.shown())) == ("container_gone", step)
        one.settle(error.value)
        before = len(server.containers)
        one.publish()
        assert (one.shown(), len(server.containers) > before) == (here.shown(one.content), True)
        here.good_day()


def test_the_same_words_twice_in_a_thread_are_two_posts(here: ThreadsCase, server: ThreadsProfile) -> None:
    one = Try.of(here, Content("Uno", parts=(Part("Di nuovo"), Part("Di nuovo"))))
    here.on(PUBLISH, None, None, AnswerLost(), None)
    with pytest.raises(Unknown):
        one.publish()
    assert one.find() is not None
    ids = {step: given["id"] for step, given in one.notebook.steps.items() if not step.startswith("container")}
    assert list(ids) == ["publish", "part:1", "part:2"]
    assert len(set(ids.values())) == 3
    assert one.shown() == ["Uno", "Di nuovo", "Di nuovo"]


def test_a_part_that_is_live_is_written_down_and_the_rest_goes_out(here: ThreadsCase) -> None:
    one = Try.of(here, here.content("thread", 1))
    here.on(PUBLISH, None, AnswerLost(), None)
    with pytest.raises(Unknown):
        one.publish()
    assert one.notebook.in_flight() == "part:1"
    assert one.find() is None
    assert "part:1" in one.notebook.steps
    one.publish()
    assert one.shown() == here.shown(one.content)


def test_a_link_is_a_card_where_there_is_room(here: ThreadsCase, server: ThreadsProfile) -> None:
    link = "https://cantina.example/"
    contents = [
        Content("Sola", link),
        Content("C'è già: https://cantina.example", link),
        Content("Con foto", link, (here.photo(),)),
        Content("", link),
    ]
    for content in contents:
        Try.of(here, content).publish()
    sent = [post["container"].fields for post in server.posts.values()]
    assert [(one["text"], one.get("link_attachment", "")) for one in sent] == [
        ("Sola", link),
        ("C'è già: https://cantina.example", ""),
        (f"Con foto\n\n{link}", ""),
        (link, ""),
    ]


def test_alternative_texts_go_with_each_picture(here: ThreadsCase, server: ThreadsProfile) -> None:
    Try.of(here, here.content("carousel", 1)).publish()
    children = [one.fields for one in server.containers.values() if "is_carousel_item" in one.fields]
    assert [child["alt_text"] for child in children] == ["A vineyard", "A vineyard"]


def test_the_work_of_threads_is_waited_for_elsewhere(here: ThreadsCase, server: ThreadsProfile) -> None:
    server.looks = 1
    content = here.content("video", 1)
    one = Try.of(here, content)
    with pytest.raises(NotReady) as wait:
        here.network.publish(here.account(), content, one.keys, one.notebook)
    assert 19 < (wait.value.retry_at - dt.datetime.now(dt.UTC)).total_seconds() <= 20
    one.publish()
    assert (one.uploads(), one.shown()) == (1, ["Novità 1"])


def test_what_expired_is_made_again(here: ThreadsCase, server: ThreadsProfile) -> None:
    one = Try.of(here, here.content("carousel", 1))
    here.on(PUBLISH, refusal(4), None)
    with pytest.raises(Throttled):
        one.publish()
    server.expire()
    one.publish()
    assert (one.uploads(), one.shown()) == (4, ["Novità 1"])


@pytest.mark.parametrize(
    ("why", "kind"),
    [("INVALID_DURATION", Refused), ("FAILED_PROCESSING_VIDEO", Refused), ("FAILED_DOWNLOADING_VIDEO", NotSent)],
)
def test_a_container_that_failed_is_forgotten(here: ThreadsCase, why: str, kind: type[NetworkError]) -> None:
    here.on(STATE, Answer(200, {"status": "ERROR", "error_message": why}), None)
    one = Try.of(here, here.content("video", 1))
    with pytest.raises(kind) as error:
        one.publish()
    assert error.value.said == why
    one.publish()
    assert one.shown() == ["Novità 1"]


def test_a_container_is_never_published_twice(here: ThreadsCase, server: ThreadsProfile) -> None:
    one = Try.of(here, here.content("words", 1))
    here.on(PUBLISH, AnswerLost())
    with pytest.raises(Unknown):
        one.publish()
    one.notebook.flying = ""  # as if somebody had said that it is not live
    live = one.publish()
    assert (server.count(PUBLISH), list(server.posts)) == (1, [live.remote_id])


def test_what_is_published_and_not_shown_yet_is_asked_again(here: ThreadsCase) -> None:
    one = Try.of(here, here.content("words", 1))
    here.on(PUBLISH, AnswerLost())
    here.on(LIST, Answer(200, {"data": []}))
    with pytest.raises(Unknown):
        one.publish()
    with pytest.raises(NotSent):
        one.find()
    here.on(STATE, refusal(100, 33))
    with pytest.raises(CannotTell):
        one.find()


def test_used_up_quotas_wait_each_for_its_own(here: ThreadsCase, server: ThreadsProfile) -> None:
    server.posts_a_day, server.replies_a_day = 2, 1
    one = Try.of(here, Content("Uno", parts=(Part("Due"), Part("Tre"))))
    with pytest.raises(Throttled) as error:
        one.publish()
    assert error.value.code == "quota"
    assert one.shown() == ["Uno", "Due"]
    server.replies_a_day = 2
    one.publish()
    Try.of(here, Content("Quattro")).publish()
    with pytest.raises(Throttled):
        Try.of(here, Content("Cinque")).publish()


def test_what_is_counted_against_the_day(here: ThreadsCase) -> None:
    limits = here.network.budgets(here.account(), here.content("thread", 1))
    assert [(limit.name, limit.most, limit.cost) for limit in limits] == [("posts", 250, 1), ("replies", 1_000, 3)]
    assert [limit.name for limit in here.network.budgets(here.account(), Content("x"))] == ["posts"]
    deletions = here.network.delete_budgets(here.account(), here.content("thread", 1))
    assert [(limit.name, limit.most, limit.cost) for limit in deletions] == [("deletions", 100, 4)]


def test_a_picture_that_was_not_made_fit_is_refused(here: ThreadsCase) -> None:
    with pytest.raises(Refused) as error:
        Try.of(here, Content("x", media=(dataclasses.replace(here.photo(), mime="image/webp"),))).publish()
    assert error.value.code == "media_kind"


def test_numbers_are_what_threads_counts(here: ThreadsCase) -> None:
    live = Try.of(here, here.content("words", 1)).publish()
    assert here.network.numbers(here.account(), live) == Numbers(None, 120, 12, 3, 7, None)
    here.on("GET /v1.0/{thing}/insights", Answer(200, {"data": [{"name": "likes", "values": [{"value": 2}]}]}))
    assert here.network.numbers(here.account(), live) == Numbers(None, None, 2, None, None, None)


def test_what_we_may_not_see_is_not_called_gone(here: ThreadsCase) -> None:
    live = Try.of(here, here.content("words", 1)).publish()
    here.on("GET /v1.0/1{post}", refusal(100, 33))
    here.on(LIST, refusal(10))
    with pytest.raises(CannotTell):
        here.network.read_back(here.account(), live)


def test_tokens_are_made_long_and_renewed(here: ThreadsCase) -> None:
    long = here.network.refresh(here.account())
    assert (long["access_token"], long["long_lived"]) == ("THAA-for-sixty-days", True)
    days = (dt.datetime.fromisoformat(long["expires_at"]) - dt.datetime.now(dt.UTC)).total_seconds() / 86400
    assert 59.9 < days <= 60
    longer = here.network.refresh(dataclasses.replace(here.account(), credentials=long))
    assert longer["access_token"] == "THAA-the-next"
    with pytest.raises(Refused) as error:
        here.network.refresh(dataclasses.replace(here.account(), app={}))
    assert error.value.code == "app_missing"


def test_no_token_stands_in_a_header(here: ThreadsCase, server: ThreadsProfile) -> None:
    Try.of(here, here.content("photo", 1)).publish()
    assert all("authorization" not in request.headers for request in server.requests)
