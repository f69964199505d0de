"""Instagram keeps the contract, and what is its own: containers, addresses that Meta fetches, quotas."""

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
    CredentialsRefused,
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
from social.networks.instagram import Instagram
from tests.servers.facebook import refusal
from tests.servers.instagram import OWN_TOKEN, SIGNATURE, TOKEN, USER, InstagramAccount
from tests.servers.wire import Answer, AnswerLost, Cut, Fault
from tests.social.networks.case import Try, WireCase
from tests.social.networks.conftest import item_of, picture
from tests.social.networks.contract import WireContract

ME = "GET /{version}/me"
CREATE = "POST /{version}/{user}/media"
STATE = "GET /{version}/5{container}"
LIMIT = "GET /{version}/{user}/content_publishing_limit"
PUBLISH = "POST /{version}/{user}/media_publish"
LIST = "GET /{version}/{user}/media"
COMMENT = "POST /{version}/{thing}/comments"
SECRET = "the app's own secret"


class InstagramCase(WireCase):
    """The winery's account."""

    def __init__(self, server: InstagramAccount) -> None:
        self.network: Instagram = Instagram()
        self.server = server

    def account(self) -> Account:
        app = {"client_id": "77", "client_secret": SECRET}
        return Account("cantinaroero", self.server.url, {"access_token": TOKEN}, USER, app)

    def live(self) -> list[str]:
        posts = self.server.posts.values()
        return [
            text for post in posts for text in (post["caption"] or "", *(said["text"] for said in post["comments"]))
        ]

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
            case "reel":
                return Content(words, media=(self.video(3.0 + number / 10),))
            case "comment":
                return Content(words, media=(self.photo((number, 3)),), comment=f"Prenotate {number}")
            case "carousel":
                return Content(words, media=(self.photo((number, 1)), self.photo((1, number + 1))))
        return Content(words, media=(self.photo((number, 2)),))

    def of_length(self, length: int) -> Content:
        return Content("a" * length, media=(self.photo(),))

    def edges(self) -> list[tuple[Content, bool]]:
        photos = tuple(self.photo((number + 1, 1)) for number in range(11))
        return [
            (Content("10", media=photos[:10]), True),
            (Content("11", media=photos), False),
            (Content("15 minutes", media=(self.video(900.0),)), True),
            (Content("more", media=(self.video(901.0),)), False),
            (Content("2 seconds", media=(self.video(2.0),)), False),
            (Content("both", media=(self.video(), photos[0])), True),
            (Content("eleven", media=(self.video(), *photos[:10])), False),
            (Content("nothing to see"), False),
            (Content("nowhere", media=(picture(),)), False),
            (Content("thread", media=photos[:1], parts=(Part("more"),)), False),
            (Content(" ".join(f"#t{n}" for n in range(30)), media=photos[:1]), True),
            (Content(" ".join(f"#t{n}" for n in range(31)), media=photos[:1]), False),
            (Content(" ".join(f"@t{n}" for n in range(20)), media=photos[:1]), True),
            (Content(" ".join(f"@t{n}" for n in range(21)), media=photos[:1]), False),
            (Content("a@b.example and a#b", media=photos[:1]), True),
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
def server() -> Iterator[InstagramAccount]:
    with InstagramAccount() as server:
        yield server


@pytest.fixture
def here(server: InstagramAccount) -> InstagramCase:
    return InstagramCase(server)


class TestContract(WireContract):
    kinds = ("photo", "reel", "comment", "carousel")
    quiet = (ME, CREATE, STATE, LIMIT)
    visible = PUBLISH
    deletes = ("DELETE /{version}/{thing}",)
    asked = (ME, STATE, LIST)
    # Where the quota is not told, Instagram may decide.
    but = {(LIMIT, "html"): None, (LIMIT, "refused"): None}

    @pytest.fixture
    def case(self, here: InstagramCase) -> WireCase:
        return here


def ended(case: InstagramCase, content: Content | None = None) -> NetworkError:
    one = Try.of(case, content or case.content("photo", 1))
    with pytest.raises(NetworkError) as error:
        one.publish()
    return error.value


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (refusal(-2, 2207003), NotSent, "media_not_fetched"),
        (refusal(9004, 2207052), NotSent, "media_not_fetched"),
        (refusal(-1, 2207032), NotSent, "server_error"),
        (refusal(4, 2207051), Refused, "blocked_by_policy"),
        (refusal(4), Throttled, "throttled"),
        (refusal(9, 2207042), Throttled, "throttled"),
        (refusal(25, 2207050), Refused, "account_not_active"),
        (refusal(352, 2207026), Refused, "media_not_taken"),
        (refusal(36003, 2207009), Refused, "media_not_taken"),
        (refusal(36004, 2207010), Refused, "text_not_taken"),
        (refusal(80002), Throttled, "throttled"),
        (refusal(190, 463), CredentialsRefused, "credentials_refused"),
        (refusal(10), Refused, "permission_missing"),
    ],
    ids=str,
)
def test_what_instagram_says_by_its_codes(
    here: InstagramCase, answer: Answer, kind: type[NetworkError], code: str
) -> None:
    here.on(CREATE, answer)
    error = ended(here)
    assert (type(error), error.code) == (kind, code)
    assert "fbtrace_id AbCdEfGh123" in error.said


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (refusal(-1, 2207001), Unknown, "server_error"),
        (refusal(24, 2207008), Unknown, "server_error"),
        (refusal(9, 2207042), Throttled, "throttled"),
        (refusal(9007, 2207027), NotSent, "not_ready"),
    ],
    ids=str,
)
def test_what_instagram_says_when_it_publishes(
    here: InstagramCase, answer: Answer, kind: type[NetworkError], code: str
) -> None:
    here.on(PUBLISH, answer)
    error = ended(here)
    assert (type(error), error.code) == (kind, code)


def test_a_carousel_is_one_post_with_its_pictures_in_order(here: InstagramCase, server: InstagramAccount) -> None:
    photos = (here.photo((5, 5)), here.photo((5, 5)), here.photo((6, 5)))
    content = Content("Vendemmia", link="https://cantina.example/", media=photos)
    live = Try.of(here, content).publish()
    made = server.posts[live.remote_id]["container"].fields
    assert (made["media_type"], made["caption"]) == ("CAROUSEL", "Vendemmia\n\nhttps://cantina.example/")
    assert server.fetched == [photo.sha256 for photo in photos]
    assert live.permalink == f"https://www.instagram.com/p/{live.remote_id}/"
    assert "A vineyard" in {one.fields.get("alt_text") for one in server.containers.values()}


def test_a_reel_shows_its_cover(here: InstagramCase, server: InstagramAccount) -> None:
    reel = dataclasses.replace(here.video(), cover=here.photo())
    live = Try.of(here, Content("Vendemmia", media=(reel,))).publish()
    made = server.posts[live.remote_id]["container"].fields
    assert (made["media_type"], made["cover_url"]) == ("REELS", server.address(here.photo().sha256))


def test_instagram_s_work_is_waited_for_elsewhere(here: InstagramCase, server: InstagramAccount) -> None:
    server.looks = 2
    content = here.content("carousel", 1)
    one = Try.of(here, content)
    waits = []
    for _turn in range(20):
        try:
            here.network.publish(here.account(), content, one.keys, one.notebook)
        except NotReady as wait:
            waits.append((wait.retry_at - dt.datetime.now(dt.UTC)).total_seconds())
        else:
            break
    assert (len(waits), one.uploads(), one.shown()) == (6, 2, ["Novità 1"])
    assert all(4 < wait <= 5 for wait in waits)


def test_what_expired_is_made_again(here: InstagramCase, server: InstagramAccount) -> None:
    one = Try.of(here, here.content("carousel", 1))
    here.on(PUBLISH, refusal(4), None)
    with pytest.raises(Throttled):
        one.publish()
    server.expire()
    one.publish()
    assert (one.uploads(), one.shown()) == (4, ["Novità 1"])


def test_what_expires_at_the_last_moment_is_made_again(here: InstagramCase, server: InstagramAccount) -> None:
    one = Try.of(here, here.content("photo", 1))
    here.on(PUBLISH, refusal(24, 2207006), None)
    with pytest.raises(NotSent) as error:
        one.publish()
    assert error.value.code == "container_gone"
    one.publish()
    assert (one.uploads(), one.shown()) == (2, ["Novità 1"])


@pytest.mark.parametrize(
    ("why", "kind", "code"),
    [
        ("Error: Media upload has failed with error code 2207026", Refused, "media_not_taken"),
        ("Error: Media upload has failed with error code 2207082", NotSent, "media_failed"),
        ("", NotSent, "media_failed"),
    ],
)
def test_a_container_that_failed_is_forgotten(
    here: InstagramCase, why: str, kind: type[NetworkError], code: str
) -> None:
    here.on(STATE, Answer(200, {"status_code": "ERROR", "status": why}), None)
    one = Try.of(here, here.content("photo", 1))
    with pytest.raises(kind) as error:
        one.publish()
    assert error.value.code == code
    assert one.notebook.steps == {}
    one.publish()
    assert one.shown() == ["Novità 1"]


def test_a_container_is_never_published_twice(here: InstagramCase, server: InstagramAccount) -> None:
    one = Try.of(here, here.content("photo", 1))
    here.on(PUBLISH, AnswerLost())
    with pytest.raises(Unknown):
        one.publish()
    one.notebook.flying = ""  # as if somebody had said that it is not live
    here.good_day()
    live = one.publish()
    assert (server.count(PUBLISH), list(server.posts)) == (1, [live.remote_id])


def test_what_is_published_and_not_shown_yet_is_asked_again(here: InstagramCase) -> None:
    one = Try.of(here, here.content("photo", 1))
    here.on(PUBLISH, AnswerLost())
    here.on(LIST, Answer(200, {"data": []}))
    with pytest.raises(Unknown):
        one.publish()
    with pytest.raises(NotSent):
        one.find()
    one.notebook.flying = ""
    with pytest.raises(Unknown):
        one.publish()
    here.good_day()
    assert one.find()


def test_what_was_prepared_and_is_unknown_can_not_be_told(here: InstagramCase) -> None:
    one = Try.of(here, here.content("photo", 1))
    here.on(PUBLISH, Cut())
    with pytest.raises(Unknown):
        one.publish()
    here.on(STATE, refusal(100, 33))
    with pytest.raises(CannotTell):
        one.find()


def test_a_used_up_quota_waits(here: InstagramCase, server: InstagramAccount) -> None:
    server.quota = 1
    Try.of(here, here.content("photo", 1)).publish()
    error = ended(here, here.content("photo", 2))
    assert isinstance(error, Throttled)
    assert error.code == "quota"
    assert server.count(PUBLISH) == 1


def test_an_address_signed_for_reading_alone_is_asked_for_a_byte(here: InstagramCase, server: InstagramAccount) -> None:
    here.on("HEAD /files/{name}", Answer(403))
    Try.of(here, here.content("photo", 1)).publish()
    assert here.live() == ["Novità 1"]
    assert "GET /files/{name}" in server.calls


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Answer(404), Refused), (Answer(401), Refused), (Answer(500), NotSent), (Answer(429), NotSent), (Cut(), NotSent)],
    ids=str,
)
def test_an_address_that_leads_nowhere_is_never_handed_on(
    here: InstagramCase, server: InstagramAccount, fault: Fault, kind: type[NetworkError]
) -> None:
    for name in ("HEAD /files/{name}", "GET /files/{name}"):
        here.on(name, fault)
    error = ended(here)
    assert (type(error), error.code) == (kind, "media_not_reachable")
    assert SIGNATURE not in f"{error!r} {error.said}"
    assert server.count(CREATE) == 0


def test_an_address_of_something_else_is_never_handed_on(here: InstagramCase, server: InstagramAccount) -> None:
    content = here.content("photo", 1)
    server.files = dict.fromkeys(server.files, b"another file")
    assert ended(here, content).code == "media_not_reachable"
    assert server.count(CREATE) == 0


def test_another_file_of_the_same_weight_is_never_handed_on(here: InstagramCase, server: InstagramAccount) -> None:
    content = here.content("photo", 1)
    [size] = {len(data) for data in server.files.values()}
    told = Answer(200, b"", {"Content-Length": str(size), "ETag": f'"{"0" * 64}"'})
    here.on("HEAD /files/{name}", told)
    assert ended(here, content).code == "media_not_reachable"
    assert server.count(CREATE) == 0


def test_an_address_inside_is_never_handed_on(here: InstagramCase, server: InstagramAccount) -> None:
    inside = dataclasses.replace(here.photo(), address=lambda: "http://10.0.0.1/file.jpg")
    error = ended(here, Content("x", media=(inside,)))
    assert (type(error), error.code) == (Refused, "media_not_reachable")
    assert server.count(CREATE) == 0


def test_a_picture_that_was_not_made_a_jpeg_is_refused(here: InstagramCase) -> None:
    assert ended(here, Content("x", media=(here.lying(picture()),))).code == "media_kind"


def test_a_post_without_words_is_a_person_s_to_tell(here: InstagramCase, server: InstagramAccount) -> None:
    """Somebody may have put one there by hand: none without words is taken for ours, nor deleted in its place."""
    one = Try.of(here, Content("", media=(here.photo(),)))
    here.on(PUBLISH, AnswerLost())
    with pytest.raises(Unknown):
        one.publish()
    with pytest.raises(CannotTell) as wordless:
        one.find()
    assert (wordless.value.code, one.notebook.given("publish")) == ("wordless", None)


def test_a_first_comment_without_an_answer_is_found(here: InstagramCase) -> None:
    one = Try.of(here, here.content("comment", 1))
    here.on(COMMENT, AnswerLost())
    with pytest.raises(Unknown):
        one.publish()
    assert one.find()
    assert one.shown() == ["Novità 1", "Prenotate 1"]


def test_a_first_comment_that_is_refused_is_said_and_tried_alone(here: InstagramCase, server: InstagramAccount) -> None:
    one = Try.of(here, here.content("comment", 1))
    here.on(COMMENT, refusal(10), None)
    with pytest.raises(Refused) as error:
        one.publish()
    assert error.value.code == "comment_refused"
    one.publish()
    assert (one.shown(), server.count(PUBLISH)) == (["Novità 1", "Prenotate 1"], 1)


def test_numbers_are_those_of_the_insights_else_of_the_post(here: InstagramCase) -> None:
    live = Try.of(here, here.content("photo", 1)).publish()
    assert here.network.numbers(here.account(), live) == Numbers(80, 120, 12, 3, 0, conversions=4)
    here.on("GET /{version}/{thing}/insights", refusal(10, message="(#10) Not enough viewers"))
    here.on("GET /{version}/{thing}/insights", refusal(10, message="(#10) Not enough viewers"))
    assert here.network.numbers(here.account(), live) == Numbers(None, None, 12, 3, None, None)


def test_a_reel_has_no_conversions(here: InstagramCase) -> None:
    live = Try.of(here, here.content("reel", 1)).publish()
    assert here.network.numbers(here.account(), live) == Numbers(80, 120, 12, 3, 0, conversions=None)


def test_what_we_may_not_see_is_not_called_gone(here: InstagramCase) -> None:
    live = Try.of(here, here.content("photo", 1)).publish()
    here.on("GET /{version}/1{post}", refusal(100, 33))
    here.on(LIST, refusal(10))
    with pytest.raises(CannotTell):
        here.network.read_back(here.account(), live)


def test_instagram_s_own_sign_in(here: InstagramCase, server: InstagramAccount) -> None:
    own = dataclasses.replace(here.account(), credentials={"access_token": OWN_TOKEN, "login": "instagram"}, app={})
    assert here.network.identity(own).id == USER
    one = Try.of(here, here.content("photo", 1))
    live = here.network.publish(own, one.content, one.keys, one.notebook)
    with pytest.raises(Refused) as error:
        here.network.delete(own, live)
    assert error.value.code == "no_delete"
    assert here.live() == ["Novità 1"]
    renewed = here.network.refresh(own)
    assert (renewed["access_token"], renewed["login"]) == ("IGAA-the-next", "instagram")
    days = (dt.datetime.fromisoformat(renewed["expires_at"]) - dt.datetime.now(dt.UTC)).total_seconds() / 86400
    assert 59.9 < days <= 60
    with pytest.raises(Refused):
        here.network.refresh(here.account())


def test_the_accounts_behind_a_person_s_pages(here: InstagramCase) -> None:
    assert here.network.accounts(here.account()) == [(USER, "cantinaroero", TOKEN)]


def test_a_page_without_an_account_is_said_to_be_one(here: InstagramCase) -> None:
    here.on(ME, Answer(200, {"id": "1"}))
    with pytest.raises(Refused) as error:
        here.network.identity(here.account())
    assert error.value.code == "not_professional"


def test_what_is_counted_against_the_day(here: InstagramCase) -> None:
    (limit,) = here.network.budgets(here.account(), here.content("carousel", 1))
    assert (limit.most, limit.window, limit.cost, limit.scope) == (100, dt.timedelta(days=1), 1, "channel")
