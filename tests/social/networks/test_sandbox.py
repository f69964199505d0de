"""The sandbox rehearses good and bad days."""

import datetime as dt
import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest

from social.networks.base import (
    Account,
    Content,
    Identity,
    MediaItem,
    NetworkError,
    NotSent,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.sandbox import FIRST, Sandbox
from tests.social.networks.conftest import NOW, POST, picture
from tests.social.notebook import Notebook


class Page:
    """A page in memory: every put is another entry."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)

    def put(
        self,
        *,
        handle: str,
        key: str,
        text: str,
        link: str,
        media: tuple[MediaItem, ...],
        published_at: dt.datetime,
        step: str = FIRST,
        below: int | str | None = None,
    ) -> int:
        entry = {"id": next(self._numbers), "handle": handle, "key": key, "text": text, "link": link, "below": below}
        self.entries.append({**entry, "step": step, "media": media, "published_at": published_at})
        return int(self.entries[-1]["id"])

    def get(self, *, handle: str, key: str, step: str = FIRST) -> int | None:
        wanted = (handle, key, step)
        return next((int(e["id"]) for e in self.entries if (e["handle"], e["key"], e["step"]) == wanted), None)

    def change(self, *, handle: str, entry: str, text: str, link: str, media: tuple[MediaItem, ...]) -> bool:
        found = self._entry(handle, entry)
        for one in found:
            one.update(text=text, link=link, media=media)
        return bool(found)

    def remove(self, *, handle: str, entry: str) -> None:
        keys = {one["key"] for one in self._entry(handle, entry)}
        self.entries = [one for one in self.entries if one["key"] not in keys]

    def views(self, *, handle: str, entry: str) -> int | None:
        return 0 if self._entry(handle, entry) else None

    def _entry(self, handle: str, entry: str) -> list[dict[str, Any]]:
        return [one for one in self.entries if (one["handle"], str(one["id"])) == (handle, entry)]


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def sandbox(page: Page) -> Sandbox:
    network = Sandbox()
    network.use(page)
    return network


def channel(behaviour: str = "", latency_ms: object = None) -> Account:
    return Account("roero", credentials={"behaviour": behaviour, "latency_ms": latency_ms})


def test_what_is_published_is_on_the_page(sandbox: Sandbox, page: Page) -> None:
    media = (picture(),)
    keys = sandbox.new_keys(NOW, Content("x"))
    live = sandbox.publish(Account("cantina roero"), Content("Novità", "https://a.example/", media), keys, Notebook())
    assert live == Published("1", "/sandbox/cantina%20roero/#1")
    [entry] = page.entries
    assert (entry["text"], entry["link"], entry["media"]) == ("Novità", "https://a.example/", media)
    assert (entry["handle"], entry["key"]) == ("cantina roero", keys["key"])
    assert abs((dt.datetime.now(dt.UTC) - entry["published_at"]).total_seconds()) < 5


def test_two_tries_are_two_entries_unless_one_asks_first(sandbox: Sandbox, page: Page) -> None:
    keys = sandbox.new_keys(NOW, Content("x"))
    assert sandbox.find(channel(), POST, keys, Notebook()) is None
    first = sandbox.publish(channel(), POST, keys, Notebook())
    assert sandbox.find(channel(), POST, keys, Notebook()) == first
    assert sandbox.find(channel(), POST, sandbox.new_keys(NOW, Content("x")), Notebook()) is None
    sandbox.publish(channel(), POST, keys, Notebook())
    assert len(page.entries) == 2


@pytest.mark.parametrize(
    ("behaviour", "outcome", "code", "entries"),
    [
        ("refuse", Refused, "refused", 0),
        ("throttle", Throttled, "throttled", 0),
        ("unavailable", NotSent, "unavailable", 0),
        ("drop_after_accept", Unknown, "dropped", 1),
        ("dance", Refused, "behaviour_unknown", 0),
    ],
)
def test_bad_days(
    sandbox: Sandbox, page: Page, behaviour: str, outcome: type[NetworkError], code: str, entries: int
) -> None:
    with pytest.raises(NetworkError) as error:
        sandbox.publish(channel(behaviour), POST, sandbox.new_keys(NOW, Content("x")), Notebook())
    assert (type(error.value), error.value.code, len(page.entries)) == (outcome, code, entries)


def test_throttled_is_for_a_minute(sandbox: Sandbox) -> None:
    with pytest.raises(Throttled) as throttled:
        sandbox.publish(channel("throttle"), POST, sandbox.new_keys(NOW, Content("x")), Notebook())
    assert 55 < (throttled.value.retry_at - dt.datetime.now(dt.UTC)).total_seconds() <= 60


def test_what_was_dropped_after_it_was_accepted_is_found(sandbox: Sandbox) -> None:
    keys = sandbox.new_keys(NOW, Content("x"))
    with pytest.raises(Unknown):
        sandbox.publish(channel("drop_after_accept"), POST, keys, Notebook())
    assert sandbox.find(channel("drop_after_accept"), POST, keys, Notebook()) == Published("1", "/sandbox/roero/#1")


@pytest.mark.parametrize(("behaviour", "outcome"), [("unavailable", NotSent), ("throttle", Throttled)])
def test_who_can_not_be_reached_can_not_be_asked(sandbox: Sandbox, behaviour: str, outcome: type[NetworkError]) -> None:
    calls: list[Callable[[], object]] = [
        lambda: sandbox.find(channel(behaviour), POST, sandbox.new_keys(NOW, Content("x")), Notebook()),
        lambda: sandbox.identity(channel(behaviour)),
    ]
    for call in calls:
        with pytest.raises(outcome):
            call()


@pytest.mark.parametrize("behaviour", ["", "slow"])
def test_latency_is_waited(sandbox: Sandbox, behaviour: str) -> None:
    started = time.monotonic()
    sandbox.publish(channel(behaviour, "150"), POST, sandbox.new_keys(NOW, Content("x")), Notebook())
    assert 0.15 <= time.monotonic() - started < 15


def test_slow_is_twenty_seconds(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    sandbox.publish(channel("slow"), POST, sandbox.new_keys(NOW, Content("x")), Notebook())
    sandbox.find(channel("slow"), POST, sandbox.new_keys(NOW, Content("x")), Notebook())
    assert waited == [20.0, 0.0]
    assert max(waited) < Sandbox.patience


@pytest.mark.parametrize("latency", ["soon", -1, 60_001, "nan", [1], "1e999"])
def test_a_latency_that_is_none_is_refused(sandbox: Sandbox, page: Page, latency: object) -> None:
    with pytest.raises(Refused) as refused:
        sandbox.publish(channel("ok", latency), POST, sandbox.new_keys(NOW, Content("x")), Notebook())
    assert (refused.value.code, page.entries) == ("latency_not_valid", [])


def test_nothing_is_published_as_somebody_else(sandbox: Sandbox, page: Page) -> None:
    who = sandbox.identity(Account("roero"))
    assert who == Identity("sandbox:roero", "roero", "roero")
    with pytest.raises(Refused) as refused:
        sandbox.publish(Account("other", identity=who.id), POST, sandbox.new_keys(NOW, Content("x")), Notebook())
    assert (refused.value.code, page.entries) == ("wrong_account", [])
    sandbox.publish(Account("roero", identity=who.id), POST, sandbox.new_keys(NOW, Content("x")), Notebook())
    assert len(page.entries) == 1


def test_what_preflight_forbids_is_refused(sandbox: Sandbox, page: Page) -> None:
    with pytest.raises(Refused) as refused:
        sandbox.publish(channel(), Content("a" * 501), sandbox.new_keys(NOW, Content("x")), Notebook())
    assert (refused.value.code, page.entries) == ("text_too_long", [])
