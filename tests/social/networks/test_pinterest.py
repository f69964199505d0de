"""Pinterest keeps the contract, on a fake at the wire; and what is its own."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import replace

import pytest

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    MediaItem,
    NotReady,
    NotSent,
    Numbers,
    Part,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.pinterest import Pinterest
from tests.servers.pinterest import FakePinterest, Pin
from tests.servers.wire import NOW, Answer, Fault
from tests.social.networks.case import WireCase, patiently
from tests.social.networks.conftest import item_of, picture
from tests.social.networks.contract import WireContract
from tests.social.networks.test_contract_x import video
from tests.social.notebook import Notebook

network = Pinterest()
BOARD = {"board": "Vendemmia"}
ME = "GET /v5/user_account"
BOARDS = "GET /v5/boards"
REGISTER = "POST /v5/media"
STORE = "POST /store"
STATUS = "GET /v5/media/{media}"
CREATE = "POST /v5/pins"
LIST = "GET /v5/boards/{board}/pins"


class PinterestCase(WireCase):
    """The winery's account."""

    network = network

    def __init__(self, server: FakePinterest) -> None:
        self.server = server

    def account(self) -> Account:
        return account_of(self.server)

    def live(self) -> list[str]:
        return self.server.texts()

    def uploads(self) -> int:
        return self.server.sent

    def content(self, kind: str, number: int) -> Content:
        text = f"Novità {number} <3 & altro"
        if kind == "picture":
            return Content(text, media=(picture((number, 2)),), fields=BOARD)
        if kind == "carousel":
            pictures = tuple(picture((4, 3), colour) for colour in ("red", "white"))
            return Content(
                text, link="https://cantina.example/a?b=1&c=2", media=pictures, fields={**BOARD, "title": "Tutte"}
            )
        return Content(text, media=(clip(20.0, number),), fields=BOARD)

    def of_length(self, length: int) -> Content:
        return Content("è" * length, media=(picture(),), fields=BOARD)

    def edges(self) -> list[tuple[Content, bool]]:
        pictures = tuple(picture((4, 3), colour) for colour in ("red", "white", "blue", "green", "black", "pink"))
        one = picture()
        link = "https://cantina.example/"
        return [
            (Content("a", fields=BOARD), False),
            (Content("b", media=pictures[:5], fields=BOARD), True),
            (Content("c", media=pictures, fields=BOARD), False),
            (Content("d", media=(clip(4.0, 1),), fields=BOARD), True),
            (Content("e", media=(clip(3.9, 1),), fields=BOARD), False),
            (Content("f", media=(clip(900.0, 1),), fields=BOARD), True),
            (Content("g", media=(clip(900.1, 1),), fields=BOARD), False),
            (Content("h", media=(clip(9.0, 1), one), fields=BOARD), False),
            (Content("i", media=(item_of(b"%PDF", "application/pdf", (1, 1)),), fields=BOARD), False),
            (Content("l", media=(picture(alt_text="x" * 500),), fields=BOARD), True),
            (Content("m", media=(picture(alt_text="x" * 501),), fields=BOARD), False),
            (Content("n", media=(one,), fields={**BOARD, "title": "x" * 100}), True),
            (Content("o", media=(one,), fields={**BOARD, "title": "x" * 101}), False),
            (Content("p", media=(one,), fields={"title": "x"}), False),
            (Content("q", link=link.ljust(2_048, "x"), media=(one,), fields=BOARD), True),
            (Content("r", link=link.ljust(2_049, "x"), media=(one,), fields=BOARD), False),
            (Content("s", media=(one,), parts=(Part("t"),), fields=BOARD), False),
            (Content("u", media=(one,), comment="v", fields=BOARD), False),
        ]

    def on(self, name: str, *faults: Fault | None) -> None:
        self.server.on(name, *faults)

    def good_day(self) -> None:
        self.server.good_day()

    def calls(self) -> list[str]:
        return list(self.server.calls)

    def secrets(self) -> Collection[str]:
        return [FakePinterest.token, FakePinterest.refresh, FakePinterest.signature, "secret of the app"]


class TestPinterest(WireContract):
    kinds = ("picture", "carousel", "video")
    quiet = (ME, BOARDS, REGISTER, STORE, STATUS)
    visible = CREATE
    edits = (BOARDS, "PATCH /v5/pins/{pin}")
    deletes = ("DELETE /v5/pins/{pin}",)
    asked = (ME, BOARDS, LIST)

    @pytest.fixture
    def case(self) -> Iterator[WireCase]:
        with FakePinterest() as server:
            yield PinterestCase(server)


@pytest.fixture
def server() -> Iterator[FakePinterest]:
    with FakePinterest() as fake:
        yield fake


def account_of(server: FakePinterest) -> Account:
    credentials = {"access_token": FakePinterest.token, "refresh_token": FakePinterest.refresh}
    return Account(
        "cantinaroero", server.url, credentials, app={"client_id": "1", "client_secret": "secret of the app"}
    )


def clip(seconds: float, number: int) -> MediaItem:
    return video(seconds, size=1_000 + number)


def publish(server: FakePinterest, content: Content, notebook: Notebook | None = None) -> Published:
    keys, notebook = network.new_keys(NOW, content), notebook or Notebook()
    return patiently(lambda: network.publish(account_of(server), content, keys, notebook))


def find(server: FakePinterest, content: Content) -> Published | None:
    return network.find(account_of(server), content, network.new_keys(NOW, content), Notebook())


def test_what_goes_out_is_what_was_approved(server: FakePinterest) -> None:
    pictures = (picture((4, 3), "red", "Grappoli"), picture((4, 3), "blue", "Botti"), picture((4, 3), "pink", "Botti"))
    link = "https://cantina.example/"
    live = publish(
        server, Content("Vieni", link=link, media=pictures, fields={"board": "cantina ", "title": "La cantina"})
    )
    [pin] = server.pins
    assert {name: value for name, value in pin.given.items() if name != "media_source"} == {
        "board_id": "999658517227244889",
        "title": "La cantina",
        "description": "Vieni",
        "link": link,
        "alt_text": "Grappoli\nBotti",
    }
    assert pin.pictures == [item.open().read() for item in pictures]
    assert live == Published(pin.id, f"https://www.pinterest.com/pin/{pin.id}/")


def test_a_board_may_be_named_by_its_number(server: FakePinterest) -> None:
    publish(server, Content("x", media=(picture(),), fields={"board": "999658517227244889"}))
    assert (server.pins[0].given["board_id"], server.count(BOARDS)) == ("999658517227244889", 0)


def test_without_the_board_nothing_goes_out(server: FakePinterest) -> None:
    with pytest.raises(Refused) as refused:
        publish(server, Content("x", media=(clip(9.0, 1),), fields={"board": "Natale"}))
    assert refused.value.detail == "This account has no board “Natale” on Pinterest."
    assert (server.pins, server.sent, server.count(BOARDS)) == ([], 0, 2)


def test_a_video_goes_ahead_with_its_cover(server: FakePinterest) -> None:
    film = replace(clip(9.0, 1), cover=picture((9, 16)))
    publish(server, Content("x", media=(film,), fields=BOARD))
    [(media, stored)] = server.videos.items()
    source = server.pins[0].given["media_source"]
    assert stored.data == film.open().read()
    assert (source["media_id"], source["cover_image_content_type"]) == (media, "image/png")
    publish(server, Content("y", media=(clip(9.0, 2),), fields=BOARD))
    assert server.pins[1].given["media_source"]["cover_image_key_frame_time"] == 0


def test_pinterest_is_asked_again_later(server: FakePinterest) -> None:
    content = Content("x", media=(clip(9.0, 1),), fields=BOARD)
    with pytest.raises(NotReady) as waits:
        network.publish(account_of(server), content, network.new_keys(NOW, content), Notebook())
    assert dt.timedelta(seconds=5) < waits.value.retry_at - dt.datetime.now(dt.UTC) <= dt.timedelta(seconds=10)


def test_a_video_that_pinterest_can_not_use_is_sent_again_the_next_time(server: FakePinterest) -> None:
    notebook, content = Notebook(), Content("x", media=(clip(9.0, 1),), fields=BOARD)
    server.fails = True
    with pytest.raises(Refused) as refused:
        publish(server, content, notebook)
    assert refused.value.code == "media_failed"
    server.fails = False
    publish(server, content, notebook)
    assert (server.sent, server.texts()) == (2, ["x"])


def test_a_video_that_pinterest_has_forgotten_is_sent_again(server: FakePinterest) -> None:
    notebook, content = Notebook(), Content("x", media=(clip(9.0, 1),), fields=BOARD)
    with pytest.raises(NotReady):
        network.publish(account_of(server), content, network.new_keys(NOW, content), notebook)
    server.videos.clear()
    with pytest.raises(NotSent) as gone:  # a try like others, of which there is an end
        publish(server, content, notebook)
    assert gone.value.code == "media_gone"
    publish(server, content, notebook)
    assert (server.sent, server.texts()) == (2, ["x"])


def test_a_picture_that_was_changed_since_goes_nowhere(server: FakePinterest) -> None:
    changed = replace(picture(), open=picture(colour="green").open)
    with pytest.raises(Refused) as refused:
        publish(server, Content("x", media=(changed,), fields=BOARD))
    assert (refused.value.code, server.pins) == ("picture_not_valid", [])


def test_a_pin_is_found_by_its_words_since_the_first_try(server: FakePinterest) -> None:
    content = Content("Vieni  a trovarci", media=(picture(),), fields={**BOARD, "title": "Sabato"})
    given = {"board_id": "999658517227244888", "title": "Sabato", "description": "Vieni a trovarci"}
    old = Pin("7", NOW - dt.timedelta(hours=1), given)
    server.pins = [
        old,
        Pin("8", NOW, {**given, "title": "Domenica"}),
        Pin("9", NOW, {**given, "link": "https://a.it/"}),
    ]
    with pytest.raises(CannotTell):
        find(server, content)
    server.pins.append(Pin("10", NOW, given))
    assert find(server, content) == Published("10", "https://www.pinterest.com/pin/10/")
    server.pins = [old]
    assert find(server, content) is None
    server.pins = [Pin("11", NOW, {**given, "media_source": {"items": [{}, {}]}})]
    with pytest.raises(CannotTell):
        find(server, content)


def test_too_many_pins_to_look_through_are_for_a_person_to_tell(server: FakePinterest) -> None:
    server.pins = [Pin(str(n), NOW, {"board_id": "999658517227244888", "description": f"{n}"}) for n in range(2_001)]
    with pytest.raises(CannotTell):
        find(server, Content("0", media=(picture(),), fields=BOARD))
    assert server.count(LIST) == 8


def test_on_a_large_board_that_is_listed_by_time_what_is_not_there_is_not_out(server: FakePinterest) -> None:
    board, old = "999658517227244888", NOW - dt.timedelta(days=30)
    server.pins = [
        Pin(str(n), old + dt.timedelta(minutes=n), {"board_id": board, "description": f"{n}"}) for n in range(2_001)
    ]
    content = Content("Vendemmia", media=(picture(),), fields=BOARD)
    assert find(server, content) is None
    server.newest_first = False  # beyond what we read there may be newer ones
    with pytest.raises(CannotTell):
        find(server, content)
    server.newest_first = True
    server.pins[1_500], server.pins[1_501] = server.pins[1_501], server.pins[1_500]  # put in another order by hand
    with pytest.raises(CannotTell):
        find(server, content)
    for pin in server.pins:
        pin.given["board_section_id"] = "1"  # what stands on the board itself has not begun yet
    server.pins.sort(key=lambda pin: pin.at)
    with pytest.raises(CannotTell):
        find(server, content)


def test_trouble_that_pinterest_tells_with_a_no_is_trouble(server: FakePinterest) -> None:
    content = Content("x", media=(picture(),), fields=BOARD)
    trouble = Answer(400, {"code": 1, "message": "Something went wrong on our end. Sorry about that."})
    server.on(CREATE, trouble, None)
    with pytest.raises(Unknown):
        publish(server, content)
    server.on(ME, trouble, None)
    with pytest.raises(NotSent):
        publish(server, content)
    server.on(CREATE, Answer(400, {"code": 1, "message": "Sorry! This site doesn't allow you to save Pins."}), None)
    with pytest.raises(Refused):
        publish(server, content)
    assert server.pins == []


@pytest.mark.parametrize("status", [400, 403, 429])
def test_a_block_against_spam_passes_by_itself(server: FakePinterest, status: int) -> None:
    said = "Sorry! You've hit a block (Pins) we have in place to combat spam. Please try again later."
    server.on(CREATE, Answer(status, {"code": 9, "message": said}))
    with pytest.raises(Throttled) as waits:
        publish(server, Content("x", media=(picture(),), fields=BOARD))
    left = waits.value.retry_at - dt.datetime.now(dt.UTC)
    assert (waits.value.code, dt.timedelta(minutes=19) < left <= dt.timedelta(minutes=20)) == ("spam_block", True)


def test_a_board_of_somebody_elses_is_that_pins_affair(server: FakePinterest) -> None:
    server.on(CREATE, Answer(403, {"code": 29, "message": "You are not authorized to create pins on this board."}))
    with pytest.raises(Refused) as refused:
        publish(server, Content("x", media=(picture(),), fields=BOARD))
    assert refused.value.code == "board_not_ours"


def test_an_edit_changes_words_and_board(server: FakePinterest) -> None:
    content = Content("Sabbato", media=(picture(),), fields=BOARD)
    live = publish(server, content)
    assert network.edit(account_of(server), live, replace(content, text="Sabato", fields={"board": "Cantina"})) == live
    assert (server.texts(), server.pins[0].given["board_id"]) == (["Sabato"], "999658517227244889")
    server.on("PATCH /v5/pins/{pin}", Answer(403, {"code": 3, "message": "beta"}))
    with pytest.raises(Refused) as refused:
        network.edit(account_of(server), live, content)
    assert (refused.value.code, server.texts()) == ("permission_missing", ["Sabato"])


def test_numbers_are_those_of_its_life(server: FakePinterest) -> None:
    live = publish(server, Content("x", media=(picture(),), fields=BOARD))
    assert network.numbers(account_of(server), live) == Numbers(views=40, reactions=10, comments=2, shares=5, clicks=3)
    server.on("GET /v5/pins/{pin}", Answer(200, {"id": live.remote_id, "pin_metrics": None}))
    assert network.numbers(account_of(server), live) == Numbers()


def test_on_trial_it_says_who_has_to_do_something(server: FakePinterest) -> None:
    server.on(CREATE, Answer(403, {"code": 29, "message": "Apps with Trial access may not create Pins in production"}))
    with pytest.raises(Refused) as refused:
        publish(server, Content("x", media=(picture(),), fields=BOARD))
    assert refused.value.code == "trial_access"


def test_on_trial_requests_are_counted(server: FakePinterest) -> None:
    account = account_of(server)
    assert network.budgets(account, Content("x")) == ()
    [limit] = network.budgets(replace(account, app={"trial": True}), Content("x"))
    assert (limit.most, limit.scope, limit.cost, limit.zone) == (1_000, "app", 5, "UTC")


def test_pictures_of_other_proportions_are_warned_of() -> None:
    content = Content("x", media=(picture((4, 3)), picture((3, 4))), fields=BOARD)
    checked = network.preflight(content)
    assert (checked.ok, [problem.code for problem in checked.problems]) == (True, ["media_proportions"])


def test_a_token_is_renewed(server: FakePinterest) -> None:
    given = network.refresh(account_of(server))
    assert (given["access_token"], given["refresh_token"]) == (server.token, server.refresh)
    ends = dt.datetime.fromisoformat(given["expires_at"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=29) < ends < dt.timedelta(days=30, seconds=1)
    with pytest.raises(CredentialsRefused):
        network.refresh(account_of(server))
