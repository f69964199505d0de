"""Google Business Profile keeps the contract, on a fake at the wire."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

import pytest

from social.networks import get
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    MediaItem,
    NetworkError,
    NotSent,
    Part,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from tests.servers.google_business import LOCATION, SIGNATURE, FakeGoogleBusiness, Post
from tests.servers.wire import Answer, AnswerLost, Cut, Fault
from tests.social.networks.case import WireCase, patiently
from tests.social.networks.conftest import NOW, item_of, noise, picture
from tests.social.networks.contract import WireContract
from tests.social.networks.test_contract_x import gif, video
from tests.social.notebook import Notebook

network = get("google_business")
PLACE = "GET /v1/locations/{location}"
POSTS = "/v4/accounts/{account}/locations/{location}/localPosts"
CREATE, LIST = f"POST {POSTS}", f"GET {POSTS}"
ONE, CHANGE, DELETE = (f"{method} {POSTS}/{{post}}" for method in ("GET", "PATCH", "DELETE"))
LINK = "https://cantina.example/visite"
EVENT = {"kind": "EVENT", "title": "Vendemmia", "starts": "2026-12-01 18:00", "ends": "2026-12-01T22:30"}


class PlaceCase(WireCase):
    """The winery's place."""

    network = network

    def __init__(self, server: FakeGoogleBusiness) -> None:
        self.server = server

    def account(self) -> Account:
        return account_of(self.server)

    def live(self) -> list[str]:
        return self.server.texts()

    def uploads(self) -> int:
        return len(self.server.fetched)

    def lying(self, item: MediaItem) -> MediaItem:
        """The same, with a public address."""
        with item.open() as stream:
            self.server.files[item.sha256] = stream.read()
        return dataclasses.replace(item, address=lambda: self.server.address(item.sha256))

    def photo(self, size: tuple[int, int] = (400, 300)) -> MediaItem:
        return self.lying(noise(size))

    def content(self, kind: str, number: int) -> Content:
        text = f"Novità {number}: «vino» & altro"
        if kind == "event":
            return Content(text, link=LINK, media=(self.photo(),), fields=EVENT)
        if kind == "offer":
            offer = {**EVENT, "kind": "OFFER", "button": "", "coupon": f"VINO {number}", "terms": "Fino a domenica"}
            return Content(text, link=LINK, fields=offer)
        return Content(text, link=LINK)

    def edges(self) -> list[tuple[Content, bool]]:
        photo = self.photo()
        light = dataclasses.replace(photo, size=10_239)
        offer = {**EVENT, "kind": "OFFER", "button": "", "coupon": "VINO"}
        return [
            (Content("a", media=(photo,)), True),
            (Content("b", media=(photo, self.photo())), False),
            (Content("c", media=(self.photo((399, 300)),)), False),
            (Content("d", media=(self.photo((400, 299)),)), False),
            (Content("e", media=(light,)), False),
            (Content("f", media=(dataclasses.replace(photo, address=None),)), False),
            (Content("g", media=(video(9.0, size=900),)), False),
            (Content("h", media=(item_of(b"%PDF", "application/pdf", (500, 500)),)), False),
            (Content("i", fields=EVENT), True),
            (Content("l", fields={**EVENT, "title": "x" * 58}), True),
            (Content("m", fields={**EVENT, "title": "x" * 59}), False),
            (Content("n", fields={**EVENT, "title": ""}), False),
            (Content("o", fields={**EVENT, "ends": "domani"}), False),
            (Content("p", fields={**EVENT, "ends": "2026-12-01 18:00"}), False),
            (Content("q", link=LINK, fields=offer), True),
            (Content("r", fields={"button": "BOOK"}), False),
            (Content("s", fields={"button": "CALL"}), True),
            (Content("t", fields={"button": "KISS"}), False),
            (Content("", media=(photo,)), False),
            (Content("u", parts=(Part("v"),)), False),
            (Content("w", comment="x"), False),
        ]

    def on(self, name: str, *faults: Fault | None) -> None:
        self.server.on(name, *faults)

    def good_day(self) -> None:
        self.server.good_day()

    def calls(self) -> list[str]:
        return list(self.server.calls)

    def secrets(self) -> Collection[str]:
        return [FakeGoogleBusiness.token, FakeGoogleBusiness.refresh, SIGNATURE, "secret of the app"]


class TestPlace(WireContract):
    kinds = ("words", "offer", "event")
    quiet = (PLACE,)
    visible = CREATE
    edits = (CHANGE,)
    deletes = (DELETE,)
    asked = (PLACE, ONE)

    @pytest.fixture
    def case(self) -> Iterator[WireCase]:
        with FakeGoogleBusiness() as server:
            yield PlaceCase(server)


@pytest.fixture
def server() -> Iterator[FakeGoogleBusiness]:
    with FakeGoogleBusiness() as fake:
        yield fake


def account_of(server: FakeGoogleBusiness, location: str = LOCATION) -> Account:
    credentials = {
        "access_token": FakeGoogleBusiness.token,
        "refresh_token": FakeGoogleBusiness.refresh,
        "location": location,
    }
    app = {"client_id": "the app", "client_secret": "secret of the app"}
    return Account("Cantina Roero", server.url, credentials, app=app)


def publish(server: FakeGoogleBusiness, content: Content, notebook: Notebook | None = None) -> Published:
    keys, notebook = network.new_keys(NOW, content), notebook or Notebook()
    return patiently(lambda: network.publish(account_of(server), content, keys, notebook))


def find(server: FakeGoogleBusiness, content: Content, notebook: Notebook | None = None) -> Published | None:
    return network.find(account_of(server), content, network.new_keys(NOW, content), notebook or Notebook())


def post(number: int, text: str, at: dt.datetime = NOW, state: str = "LIVE") -> Post:
    return Post(f"{LOCATION}/localPosts/p{number}", {"summary": text, "topicType": "STANDARD"}, at, state)


def sent(server: FakeGoogleBusiness) -> dict[str, Any]:
    given: dict[str, Any] = next(reversed(server.posts.values())).given
    return {name: value for name, value in given.items() if name != "summary"}


def test_a_post_is_news_an_event_or_an_offer(server: FakeGoogleBusiness) -> None:
    day = {"year": 2026, "month": 12, "day": 1}
    schedule = {
        "startDate": day,
        "startTime": {"hours": 18, "minutes": 0, "seconds": 0, "nanos": 0},
        "endDate": day,
        "endTime": {"hours": 22, "minutes": 30, "seconds": 0, "nanos": 0},
    }
    event = {"title": "Vendemmia", "schedule": schedule}
    live = publish(server, Content("Uno", link=LINK))
    assert live == Published(f"{LOCATION}/localPosts/1", "https://local.google.com/place?id=8675309&use=posts&lpsid=1")
    assert sent(server) == {"topicType": "STANDARD", "callToAction": {"actionType": "LEARN_MORE", "url": LINK}}
    publish(server, Content("Due", link=LINK, fields={**EVENT, "button": "BOOK"}))
    assert sent(server) == {
        "topicType": "EVENT",
        "callToAction": {"actionType": "BOOK", "url": LINK},
        "event": event,
    }
    publish(server, Content("Tre", link=LINK, fields={**EVENT, "kind": "OFFER", "coupon": " VINO ", "terms": "Sì"}))
    assert sent(server) == {
        "topicType": "OFFER",
        "event": event,
        "offer": {"couponCode": "VINO", "redeemOnlineUrl": LINK, "termsConditions": "Sì"},
    }
    publish(server, Content("Quattro", link=LINK, fields={"button": "CALL"}))
    assert sent(server) == {"topicType": "STANDARD", "callToAction": {"actionType": "CALL"}}
    assert server.texts()[-1] == f"Quattro\n\n{LINK}"


def test_google_fetches_the_picture_that_we_saw_first(server: FakeGoogleBusiness) -> None:
    photo = PlaceCase(server).photo()
    publish(server, Content("x", media=(photo,)))
    assert sent(server)["media"] == [{"mediaFormat": "PHOTO", "sourceUrl": server.address(photo.sha256)}]
    assert server.calls.index("HEAD /files/{name}") < server.calls.index(CREATE)
    server.files.clear()
    with pytest.raises(NetworkError) as error:
        publish(server, Content("y", media=(photo,)))
    assert (error.value.code, server.texts(), server.count(CREATE)) == ("media_not_reachable", ["x"], 1)


def test_it_is_not_published_before_google_shows_it(server: FakeGoogleBusiness) -> None:
    server.state, server.looks = "PROCESSING", 3
    content, notebook = Content("x"), Notebook()
    for _turn in range(2):
        with pytest.raises(Unknown) as looking:
            publish(server, content, notebook)
        assert (looking.value.code, "publish" in notebook.steps, server.texts()) == ("in_review", False, [])
    with pytest.raises(NotSent):
        find(server, content, notebook)
    assert find(server, content, notebook) == publish(server, content, notebook)
    assert (server.texts(), server.count(CREATE)) == (["x"], 1)


def test_where_google_does_not_say_how_it_stands_it_is_uncertain(server: FakeGoogleBusiness) -> None:
    server.state, server.looks = "PROCESSING", 9
    content, notebook = Content("x"), Notebook()
    with pytest.raises(Unknown):
        publish(server, content, notebook)
    for fault in (error(500), error(429), error(404), Cut()):
        server.on(ONE, fault)
        with pytest.raises(Unknown) as unclear:
            publish(server, content, notebook)
        assert unclear.value.code == "standing_unclear"
    assert server.count(CREATE) == 1


def test_what_google_rejects_is_not_called_published(server: FakeGoogleBusiness) -> None:
    server.state, server.then = "PROCESSING", "REJECTED"
    content, notebook = Content("Chiamate lo 0173 978 123", fields={"button": "CALL"}), Notebook()
    with pytest.raises(Unknown):
        publish(server, content, notebook)
    assert find(server, content, notebook) is None
    with pytest.raises(Refused) as refused:
        publish(server, content, notebook)
    assert (refused.value.code, server.texts(), server.count(CREATE)) == ("rejected", [], 1)
    [found] = server.posts.values()
    live = Published(found.name, "")
    assert network.read_back(account_of(server), live) is None
    with pytest.raises(Refused) as refused:
        network.edit(account_of(server), live, content)
    assert refused.value.code == "rejected"


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("Chiamate lo 0173 978 123", True),
        ("Tel. +39 335/1234567", True),
        ("Dal 01/12/2026 al 24/12/2026, 12,50 €", False),
        ("Bottiglia 2026, da 750 ml", False),
        ("https://a.it/articolo/123456789", False),
    ],
)
def test_a_telephone_number_is_warned_of(text: str, warned: bool) -> None:  # noqa: FBT001
    assert ("telephone_number" in [problem.code for problem in network.preflight(Content(text)).problems]) is warned


def test_a_post_whose_answer_was_lost_is_found_and_waited_for(server: FakeGoogleBusiness) -> None:
    server.state, server.looks = "PROCESSING", 2
    content, notebook = Content("x"), Notebook()
    server.on(CREATE, AnswerLost(), None)
    with pytest.raises(Unknown):
        publish(server, content, notebook)
    with pytest.raises(NotSent):
        find(server, content, notebook)
    publish(server, content, notebook)
    assert (server.texts(), server.count(CREATE)) == (["x"], 1)


def test_a_post_is_found_by_its_words_since_the_first_try(server: FakeGoogleBusiness) -> None:
    old, other = post(1, "Aperti sabato", NOW - dt.timedelta(hours=1)), post(2, "Altro")
    server.posts = {one.name: one for one in (old, other)}
    assert find(server, Content("Aperti sabato")) is None
    new = post(3, "Aperti  sabato ")
    server.posts[new.name] = new
    found = find(server, Content("Aperti sabato"))
    assert found is not None
    assert found.remote_id == new.name
    new.given["summary"] = "aperti sabato!"
    with pytest.raises(CannotTell):
        find(server, Content("Aperti sabato"))


def test_too_many_posts_to_look_through_are_for_a_person_to_tell(server: FakeGoogleBusiness) -> None:
    ones = [post(number, f"Post {number}", NOW + dt.timedelta(seconds=number)) for number in range(301)]
    server.posts = {one.name: one for one in ones}
    with pytest.raises(CannotTell):
        find(server, Content("Altro"))
    for one in ones[:50]:
        one.at -= dt.timedelta(days=1)
    assert find(server, Content("Altro")) is None
    assert server.count(LIST) == 6


def test_an_edit_takes_away_what_is_left_out(server: FakeGoogleBusiness) -> None:
    live = publish(server, Content("Sabbato", link=LINK))
    assert network.edit(account_of(server), live, Content("Sabato")) == live
    assert (server.texts(), sent(server)) == (["Sabato"], {"topicType": "STANDARD"})


def test_which_places_a_person_manages(server: FakeGoogleBusiness) -> None:
    found = network.signed_in(account_of(server, ""))
    assert [(one.identity.id, one.identity.name, one.credentials["location"]) for one in found] == [
        ("locations/8675309", "Cantina Roero", LOCATION),
        ("locations/42", "Cantina Roero, negozio", "accounts/104506391/locations/42"),
    ]
    assert {one.credentials["access_token"] for one in found} == {FakeGoogleBusiness.token}


@pytest.mark.parametrize(
    "location", ["", "locations/8675309", "accounts/1/locations/../../x", "accounts/me/locations/1"]
)
def test_a_place_is_named_as_google_names_it(server: FakeGoogleBusiness, location: str) -> None:
    with pytest.raises(Refused) as refused:
        network.identity(account_of(server, location))
    assert (refused.value.code, server.calls) == ("location_not_valid", [])


def error(status: int, **more: Any) -> Answer:
    return Answer(status, {"error": {"code": status, "message": "no", **more}})


def detailed(message: str) -> list[dict[str, Any]]:
    return [{"@type": "…ValidationError", "errorDetails": [{"code": 3, "message": message}]}]


@pytest.mark.parametrize(
    ("call", "answer", "kind", "code"),
    [
        (
            PLACE,
            error(403, details=[{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]),
            CredentialsRefused,
            "permission_missing",
        ),
        (PLACE, error(403), Refused, "permission_missing"),
        (PLACE, error(403, details=[{"reason": "SERVICE_DISABLED"}]), Refused, "app_refused"),
        (PLACE, error(429, details=[{"metadata": {"quota_limit_value": "0"}}]), Refused, "app_refused"),
        (PLACE, error(429, details=[{"metadata": {"quota_limit_value": "300"}}]), Throttled, "throttled"),
        (PLACE, error(404), Refused, "gone"),
        (CREATE, error(400, details=detailed("LOCATION_DISABLED_FOR_LOCAL_POST_API")), Refused, "posts_not_allowed"),
        (CREATE, error(400, details=detailed("PHOTO_FETCH_FAILED")), NotSent, "media_not_fetched"),
        (CREATE, error(400, details=detailed("Must be at most 1500 characters")), Refused, "refused"),
        (CREATE, error(500), Unknown, "server_error"),
        (CREATE, Answer(200, {"name": "../x", "state": "LIVE"}), Unknown, "answer_not_readable"),
        (CREATE, Answer(200, {"name": f"{LOCATION}/localPosts/1"}), Unknown, "answer_not_readable"),
    ],
)
def test_what_google_says_becomes_an_outcome(
    server: FakeGoogleBusiness, call: str, answer: Answer, kind: type[NetworkError], code: str
) -> None:
    server.on(call, answer)
    with pytest.raises(NetworkError) as found:
        publish(server, Content("x"))
    assert isinstance(found.value, kind)
    assert found.value.code == code


def test_a_place_that_google_takes_no_posts_of_is_refused_before(server: FakeGoogleBusiness) -> None:
    server.posts_allowed = False
    with pytest.raises(Refused) as refused:
        publish(server, Content("x"))
    assert (refused.value.code, server.count(CREATE)) == ("posts_not_allowed", 0)


def test_the_token_is_renewed_and_the_place_stays(server: FakeGoogleBusiness) -> None:
    given = network.refresh(account_of(server))
    assert (given["access_token"] in server.tokens - {server.token}, given["location"]) == (True, LOCATION)


def test_what_a_post_takes_of_the_limits() -> None:
    limits = network.budgets(Account("x"), Content("x"))
    assert [(one.name, one.most, one.window.total_seconds(), one.scope, one.cost) for one in limits] == [
        ("edits", 10, 60.0, "channel", 1),
        ("requests", 300, 60.0, "app", 3),
    ]


def test_pictures_are_made_as_google_takes_them() -> None:
    made = network.rendition(gif(1))
    assert made is not None
    assert made.kinds == ("image/jpeg", "image/png")
    assert network.rendition(video(9.0, size=900)) is None
    assert [problem.code for problem in network.preflight(Content("x", media=(picture(),))).problems] == [
        "media_too_small",
        "alt_text_lost",
        "media_no_address",
    ]
