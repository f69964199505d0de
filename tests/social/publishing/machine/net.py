"""The network of the machine: what stands on it, and how each call ends.

It is the sandbox, with a page in memory (``Page``) on which every call meets what the day has for it, also between two posts
of one publication. ``OneByOne`` is what Mastodon, X and Bluesky are: each post of a thread has a number of its own, and is
changed and taken down by itself.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils import timezone

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    Identity,
    Journal,
    Keys,
    NetworkError,
    NotSent,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.halfway import halfway
from social.networks.journal import Given
from social.networks.sandbox import FIRST, Entry, Sandbox, entries_in

THROTTLES = {"busy": dt.timedelta(minutes=1), "busier": dt.timedelta(hours=3), "busiest": dt.timedelta(days=1)}
# What a call of ours may meet: before the network has done what it asks, and after.
BEFORE = ["refused", "forbidden", "token", "not_sent", "cut", "killed", *THROTTLES]
AFTER = ["lost", "killed_after", "frozen_after"]
FATES = ["ok", *BEFORE, *AFTER]


class Killed(SystemExit):
    """The worker is gone: no code of ours hears of it."""


@dataclass(eq=False)
class Row:
    """One post that readers see."""

    id: int
    key: str
    step: str
    text: str
    below: "Row | None"


@dataclass
class Page:
    """What stands there. ``day``: what the next calls meet. ``looks``: what is asked before anything is said."""

    rows: list[Row] = field(default_factory=list)
    day: list[str] = field(default_factory=list)
    last: int = 0
    looks: Callable[[str], None] = lambda _text: None
    freezes: Callable[[], None] = lambda: None

    def row(self, entry: int | str) -> Row | None:
        return next((row for row in self.rows if str(row.id) == str(entry)), None)

    def meet(self, work: Callable[[], Any]) -> Any:
        """Do it, or what the day has instead."""
        fate = self.day.pop(0) if self.day else "ok"
        error = _before(fate)
        if error:
            raise error
        done = work()
        if fate == "lost":
            raise Unknown("The answer was lost.", code="lost")
        if fate == "killed_after":
            raise Killed
        if fate == "frozen_after":
            self.freezes()
        return done

    # The store of the sandbox

    def put(self, *, key: str, text: str, step: str = FIRST, below: Any = None, **_shown: Any) -> int:
        """A new entry, also with the same key."""
        self.looks(text)

        def work() -> int:
            self.last += 1
            self.rows.append(Row(self.last, key, step, text, None if below is None else self.row(below)))
            return self.last

        given: int = self.meet(work)
        return given

    def get(self, *, key: str, step: str = FIRST, **_handle: Any) -> int | None:
        """What stands there by that key."""
        fate = self.day.pop(0) if self.day else "ok"
        if fate == "killed":
            raise Killed
        if fate == "token":
            raise CredentialsRefused("No such token.", code="token")
        if fate in {"not_sent", "cut", *THROTTLES}:
            raise NotSent("Not to be had.", code="not_sent")
        if fate in {"refused", "forbidden"}:
            raise CannotTell("Nobody knows.", code="cannot_tell")
        return next((row.id for row in self.rows if row.key == key and row.step == step), None)

    def change(self, *, entry: str, text: str, **_shown: Any) -> bool:
        """Other words."""
        self.looks(text)

        def work() -> bool:
            row = self.row(entry)
            if row is not None:
                row.text = text
            return row is not None

        done: bool = self.meet(work)
        return done

    def remove(self, *, entry: str, **_handle: Any) -> None:
        """The whole of what was published with it."""
        self.looks("")
        self.meet(lambda: self._go(entry, alone=False))

    def remove_one(self, entry: str) -> None:
        """This one alone."""
        self.looks("")
        self.meet(lambda: self._go(entry, alone=True))

    def _go(self, entry: str, *, alone: bool) -> None:
        found = self.row(entry)
        if found is None:
            return
        gone = [row for row in self.rows if row is found or (not alone and row.key == found.key)]
        self.rows = [row for row in self.rows if row not in gone]
        for row in self.rows:
            row.below = None if row.below in gone else row.below

    def views(self, *, entry: str, **_handle: Any) -> int | None:
        """Nobody has looked at it yet."""
        return None if self.row(entry) is None else 0


def _before(fate: str) -> BaseException | None:
    found: dict[str, NetworkError] = {
        "refused": Refused("No.", code="refused"),
        "forbidden": Refused("Not yours.", code="permission_missing"),
        "token": CredentialsRefused("No such token.", code="token"),
        "not_sent": NotSent("Not to be had.", code="not_sent"),
        "cut": Unknown("The line went dead.", code="cut"),
    }
    if fate in THROTTLES:
        return Throttled("Later.", code="later", retry_at=timezone.now() + THROTTLES[fate])
    return Killed() if fate == "killed" else found.get(fate)


class AllAtOnce(Sandbox):
    """The sandbox as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.use(self.page)

    def identity(self, account: Account) -> Identity:
        """Who we are: yes, no or nothing, as every call."""
        fate = self.page.day.pop(0) if self.page.day else "ok"
        error = NotSent("Not to be had.", code="not_sent") if fate in {"cut", *THROTTLES} else _before(fate)
        if error:
            raise error
        return Identity(id=f"sandbox:{account.handle}", handle=account.handle, name=account.handle)


class OneByOne(AllAtOnce):
    """Each post for itself."""

    edits_threads: ClassVar[bool] = True
    prepares: ClassVar[bool] = True

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        for entry in entries_in(content):
            if journal.given(entry.step) is None:
                above = journal.given(entry.answers) if entry.answers else None
                journal.sending(entry.step)
                below = above["id"] if above else None
                number = self.page.put(key=keys["key"], text=entry.text, step=entry.step, below=below)
                journal.sent(entry.step, {"id": str(number)})
        return self._where(entries_in(content), journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        step = journal.in_flight() or FIRST
        found = self.page.get(key=keys["key"], step=step)
        if found is None:
            return None
        journal.sent(step, {"id": str(found)})
        entries = entries_in(content)
        return None if any(journal.given(entry.step) is None for entry in entries) else self._where(entries, journal)

    def so_far(self, given_by: Given) -> Published | None:
        steps = [FIRST, *(f"part:{number}" for number in range(1, 9)), "comment"]
        ids = [str(given["id"]) for given in map(given_by, steps) if given and given.get("id")]
        return Published(",".join(ids), "") if ids else None

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        ids, entries = live.remote_id.split(","), entries_in(content)
        rows = [self.page.row(known) for known in ids]
        if None in rows or len(ids) != len(entries):
            raise Refused("There is no such thread.", code="gone")
        with halfway() as each:
            for row, entry in zip(rows, entries, strict=True):
                if row is not None and row.text != entry.text:
                    with each():
                        self.page.change(entry=str(row.id), text=entry.text)
        return live

    def delete(self, account: Account, live: Published) -> None:
        with halfway() as each:
            for known in reversed(live.remote_id.split(",")):
                with each():
                    self.page.remove_one(known)

    def read_back(self, account: Account, live: Published) -> Published | None:
        first = live.remote_id.partition(",")[0]
        return None if self.page.row(first) is None else live

    @staticmethod
    def _where(entries: list[Entry], journal: Journal) -> Published:
        ids = [str((journal.given(entry.step) or {}).get("id") or "") for entry in entries]
        return Published(",".join(ids), "")
