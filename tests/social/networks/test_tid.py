"""Record keys: unique, sorted by time, valid."""

import datetime as dt
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from social.networks.base import Content, Network
from social.networks.bluesky.tid import is_tid, new_tid

SPECIFIED = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")  # https://atproto.com/specs/tid
ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"


def test_a_key_is_the_microsecond_it_was_made_in() -> None:
    before = dt.datetime.now(dt.UTC).timestamp()
    key = new_tid()
    assert SPECIFIED.fullmatch(key)
    number = 0
    for char in key:
        number = number * 32 + ALPHABET.index(char)
    assert 0 <= (number >> 10) / 1e6 - before < 5


def test_keys_of_many_threads_are_all_different_and_those_of_one_are_sorted() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: [new_tid() for _ in range(500)], range(8)))
    assert len({key for keys in made for key in keys}) == 4000
    assert all(keys == sorted(keys) for keys in made)


def test_keys_of_one_moment_are_all_different(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_795_251_600_000_000_000)  # a clock that stands still
    made = [new_tid() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert made == sorted(made)


@pytest.mark.parametrize(
    "key", ["", "a", None, 3, "3n2rtsvmjmmi1", "zn2rtsvmjmmib", "3n2rtsvmjmmib\n", "3N2rtsvmjmmib"]
)
def test_what_is_no_key(key: object) -> None:
    assert not is_tid(key)


def test_bluesky_fixes_key_and_time_before_sending(bluesky: Network) -> None:
    rome = dt.timezone(dt.timedelta(hours=1))
    keys = bluesky.new_keys(dt.datetime(2026, 11, 26, 9, 0, 0, 123456, tzinfo=rome), Content("x"))
    assert (sorted(keys), keys["created_at"]) == (["created_at", "rkey"], "2026-11-26T08:00:00.123Z")
    assert is_tid(keys["rkey"])
