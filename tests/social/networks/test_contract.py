"""The contract itself: a network that keeps it passes, and each way to break it is caught."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from social.networks.base import Account, Content, Part
from tests.servers.wire import Fault
from tests.social.networks.case import WireCase
from tests.social.networks.conftest import picture
from tests.social.networks.contract import WireContract
from tests.social.networks.pinboard import LIMIT, MOST_MEDIA, Board, Pinboard


class PinboardCase(WireCase):
    """An account on the board."""

    def __init__(self, board: Board, careless: str = "") -> None:
        self.board = board
        self.network = Pinboard(careless)

    def account(self) -> Account:
        return Account("roero", self.board.url, {"token": "hunter2"})

    def live(self) -> list[str]:
        return [post["text"] for post in self.board.posts.values()]

    def uploads(self) -> int:
        return self.board.uploads

    def content(self, kind: str, number: int) -> Content:
        pictures = (picture((number, 1)), picture((number, 2))) if kind == "pictures" else ()
        parts = (Part(f"e {number}"), Part(f"poi {number}")) if kind == "thread" else ()
        return Content(f"Novità {number}", media=pictures, parts=parts)

    def edges(self) -> list[tuple[Content, bool]]:
        pictures = tuple(picture((size, 1)) for size in range(1, MOST_MEDIA + 2))
        return [(Content("x", media=pictures[:-1]), True), (Content("x", media=pictures), False)]

    def takes(self, content: Content) -> bool | None:
        return None if content.media else len(content.text) <= LIMIT

    def on(self, name: str, *faults: Fault | None) -> None:
        self.board.on(name, *faults)

    def good_day(self) -> None:
        self.board.good_day()

    def calls(self) -> list[str]:
        return list(self.board.calls)

    def secrets(self) -> Collection[str]:
        return ["hunter2"]


class TestPinboard(WireContract):
    kinds = ("words", "thread", "pictures")
    threads = ("thread",)
    quiet = ("GET /me", "POST /media")
    visible = "POST /posts"
    asked = ("GET /posts",)
    edits = ("PUT /posts/{post}",)
    deletes = ("DELETE /posts/{post}",)

    @pytest.fixture
    def case(self) -> Iterator[WireCase]:
        with Board() as board:
            yield PinboardCase(board)


LOST = {"day": "accepted and dropped"}
PUT = {"edit_call": "PUT /posts/{post}"}
DELETE = {"delete_call": "DELETE /posts/{post}"}
CARELESS: list[tuple[str, str, dict[str, Any]]] = [
    ("takes one more", "test_a_text_at_the_limit_goes_out_whole", {}),
    ("takes all pictures", "test_media_at_the_edges", {}),
    ("sends what lies there", "test_other_bytes_than_the_approved_ones_go_nowhere", {}),
    ("uploads again", "test_a_kill_between_any_two_calls_doubles_nothing", {"kind": "pictures"}),
    ("says nothing before", "test_a_bad_day_on_the_visible_call_doubles_nothing", LOST),
    ("forgets its parts", "test_a_kill_between_any_two_calls_doubles_nothing", {"kind": "thread"}),
    ("any account", "test_nothing_goes_out_on_another_account", {"kind": "words"}),
    ("any account", "test_on_another_account_the_visible_call_is_never_made", {}),
    ("tries again", "test_a_bad_day_on_the_visible_call_doubles_nothing", LOST),
    ("thinks a break is none", "test_a_bad_day_on_the_visible_call_doubles_nothing", {"day": "cut"}),
    ("thinks a break is none", "test_an_edit_on_a_bad_day_is_done_or_not_and_says_so", {**PUT, **LOST}),
    ("thinks a break is none", "test_a_deletion_on_a_bad_day_is_done_or_not_and_says_so", {**DELETE, **LOST}),
    ("repeats", "test_no_error_repeats_a_secret", {"any_call": "POST /media"}),
    (
        "takes anything for no",
        "test_find_on_a_bad_day_never_says_that_it_is_not_live",
        {"asked_call": "GET /posts", "day": "html"},
    ),
    ("keeps the first", "test_deleted_twice_is_deleted_whole", {"kind": "thread"}),
    ("counts less than none", "test_numbers_are_counts_or_unknown", {}),
    ("takes nothing for gone", "test_a_question_on_a_bad_day_has_no_wrong_answer", {}),
    ("takes any no", "test_a_no_of_somebody_between_is_no_refusal", {"status": 401}),
    ("takes any page", "test_a_page_of_somebody_between_says_of_nothing_that_it_is_gone", {}),
]


@contextmanager
def case_of(careless: str) -> Iterator[WireCase]:
    with Board() as board:
        yield PinboardCase(board, careless)


@pytest.mark.parametrize(("careless", "check", "given"), CARELESS)
def test_each_way_to_break_the_contract_is_caught(careless: str, check: str, given: dict[str, Any]) -> None:
    with case_of("") as case:
        getattr(TestPinboard(), check)(case=case, **given)
    with case_of(careless) as case, pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(TestPinboard(), check)(case=case, **given)
