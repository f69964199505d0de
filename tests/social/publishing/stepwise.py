"""A made-up network in memory that publishes in steps, has limits, and does what it is told to."""

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar
from uuid import uuid4

from social.networks.base import (
    Account,
    Content,
    Identity,
    Journal,
    Keys,
    Limit,
    Network,
    NetworkError,
    Preflight,
    Price,
    Proportions,
    Published,
)


class Killed(BaseException):
    """The worker dies here."""


class Stepwise(Network):
    """Uploads the text, then shows it, part by part. ``before`` is called with the name of each call about to be made.

    ``asked_who`` is called when it is asked who we are.
    """

    slug: ClassVar[str] = "stepwise"
    name: ClassVar[str] = "Stepwise"
    limits: ClassVar[Mapping[str, Any]] = {
        "text": {"max": 500, "unit": "graphemes"},
        "media": {"max": 0, "kinds": []},
        "source": "made up",
        "as_of": "2026-11-21",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=1, widest=1, card=1)
    patience: ClassVar[int] = 60
    prepares: ClassVar[bool] = True
    certain: ClassVar[bool] = True
    threads: ClassVar[bool] = True

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.live: list[tuple[str, str]] = []
        self.before: Callable[[str], None] = lambda _call: None
        self.after: Callable[[str], None] = lambda _call: None
        self.asked_who: Callable[[], None] = lambda: None
        self.allowed: tuple[Limit, ...] = ()
        self.costs = Decimal(0)  # each part of it
        self.shared = ""
        self.lacks = ""
        self.parts = 1
        self._lock = threading.Lock()

    def preflight(self, content: Content) -> Preflight:
        """Everything fits."""
        return Preflight(len(content.text), 500, "graphemes")

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """The text is the key."""
        return {"key": content.text}

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """What the test says."""
        return self.allowed

    def price(self, content: Content) -> Price | None:
        """What the test says, for each part."""
        return Price(self.costs * (1 + len(content.parts)), "made up") if self.costs else None

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Upload, then show each part."""
        journal.once(f"upload:{content.text}", lambda: self._call("upload", {"id": 7}), shared=self.shared)
        for number in range(self.parts):
            step = f"part:{number}" if number else "publish"
            if journal.given(step) is None:
                journal.sending(step)
                self._call(step, {}, shows=(account.handle, f"{keys['key']}/{number}"))
                journal.sent(step, {})
        return Published(
            remote_id=f"{keys['key']}/{uuid4().hex}", permalink="https://stepwise.example/1", lacks=self.lacks
        )

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Look for what was in flight."""
        self._call("find", {})
        step = journal.in_flight()
        number = int(step.partition(":")[2] or 0)
        if (account.handle, f"{keys['key']}/{number}") not in self.live:
            return None
        journal.sent(step, {})
        return self.publish(account, content, keys, journal) if number == self.parts - 1 else None

    def identity(self, account: Account) -> Identity:
        """The handle."""
        self.asked_who()
        return Identity(id=account.handle, handle=account.handle, name=account.handle)

    def _call(self, name: str, given: dict[str, Any], shows: tuple[str, str] | None = None) -> dict[str, Any]:
        self.before(name)
        with self._lock:
            self.calls.append(name)
            if shows:
                self.live.append(shows)
        self.after(name)
        return given


def fails_once(at: str, error: BaseException | NetworkError) -> Callable[[str], None]:
    """Something that goes wrong at the first call of this name."""
    left = [error]

    def act(call: str) -> None:
        if call == at and left:
            raise left.pop()

    return act
