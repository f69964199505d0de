"""A rehearsal goes out: all of it, going on where it broke, and asking the network where its answer was lost."""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from social.networks.base import (
    Account,
    Content,
    Keys,
    Network,
    NetworkError,
    NotReady,
    NotSent,
    Published,
    Unknown,
)
from social.services import clock
from social.services.rehearsing.memory import Memory
from social.services.rehearsing.steps import Step, as_expected, searched

WAIT = 300.0  # seconds until a network that still works on it is given up
BREAKS = 3  # so often it breaks at the same post before it is given up
LOOKS = 3  # questions to a network that lists late
PAUSE = 2.0  # seconds before each


@dataclass
class GoingOut:
    """``live`` is where it is; ``in_doubt``, that something may be live of which nobody knows where.

    ``deleted`` and ``survives`` are for whoever takes it down: that the network said so, and that it is seen all the same.
    """

    network: Network
    account: Account
    content: Content
    live: Published | None = field(default=None, init=False)
    in_doubt: bool = field(default=False, init=False)
    deleted: bool = field(default=False, init=False)
    survives: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Fix its keys."""
        self.journal = Memory()
        self.keys: Keys = self.network.new_keys(clock.now(), self.content)

    def steps(self) -> Iterator[Step]:
        """Publish until all of it is live, or it can't be."""
        name, breaks = "publish", 0
        while breaks < BREAKS:
            so_far = len(self.journal.live)
            told, error = self._sent(name)
            yield told
            if error is None:
                return
            if self.journal.flying:
                yield from self._asked(error)
            if self.live or self.in_doubt:
                return
            self.journal.flying = ""
            if not isinstance(error, NotSent | Unknown):
                return
            breaks = 0 if len(self.journal.live) > so_far else breaks + 1
            name = "publish, the rest" if self.journal.live else "publish, again"
            time.sleep(PAUSE)

    def _sent(self, name: str) -> tuple[Step, NetworkError | None]:
        until, expected = time.monotonic() + WAIT, "it is out"
        while True:
            if not self.network.prepares and not self.journal.live:
                self.journal.sending()  # all of it is sending
            try:
                self.live = self.network.publish(self.account, self.content, self.keys, self.journal)
            except NotReady as waits:
                if time.monotonic() > until:
                    return Step(name, expected, str(waits), "differs"), waits
                time.sleep(min(10.0, max(0.2, (waits.retry_at - dt.datetime.now(dt.UTC)).total_seconds())))
            except NetworkError as error:
                return Step(name, expected, f"{type(error).__name__}: {error}", "differs"), error
            else:
                self.journal.flying = ""
                return Step(name, expected, f"{self.live.remote_id} {self.live.permalink}", "as expected"), None

    def _asked(self, error: NetworkError) -> Iterator[Step]:
        """Is it live? Where the answer was lost that is asked; where it was a no, it surely is not."""
        lost = isinstance(error, Unknown)
        name, expected = ("no clear answer", "it is told whether it is live") if lost else ("a no", "it is not live")
        told, _found = self.search(f"find, after {name}")
        for _look in range(LOOKS - 1 if lost and not self.network.certain else 0):
            if told.verdict != "as expected" or not self.journal.flying:
                break
            time.sleep(PAUSE)
            told, _found = self.search(f"find, after {name}")
        there = not self.journal.flying
        if there and not lost:
            told = replace(told, verdict="differs")
        yield replace(told, expected=expected)
        self.in_doubt = lost and not there and not (self.network.certain and told.verdict == "as expected")

    def search(self, name: str = "find") -> tuple[Step, Published | None]:
        """Ask for what is in flight, and write down what is found of it."""

        def ask() -> Published | None:
            return self.network.find(self.account, self.content, self.keys, self.journal)

        told, found = searched(name, "", ask, nothing="it is not live")
        if found:
            self.live, self.journal.flying = found, ""
        elif not self.journal.flying:
            told = replace(told, found="this part is live")
        return told, found

    def found_again(self) -> Iterator[Step]:
        """Each post of it, as if its answer had been lost. What was prepared before is told as done."""
        live = self.journal.live
        for name in self.journal.steps:
            yield Step(f"step {name if name in live else name.partition(':')[0]}", "done", "done", "as expected")
        for step in live or ["publish"]:
            yield self._found(step)

    def _found(self, step: str) -> Step:
        journal, mine = self.journal.as_before_the_answer(step), self.journal.given(step)
        expected = (
            self.live.remote_id if self.live and self.journal.live in ([], [step]) else str((mine or {}).get("id"))
        )
        name = "find" if step == "publish" else f"find {step}"

        def ask() -> Published | None:
            return self.network.find(self.account, self.content, self.keys, journal)

        told, found = searched(name, expected, ask, nothing="it is not live")
        given = journal.given(step)
        if told.verdict != "as expected":
            return told
        if given is not None and mine is not None:  # of a thread, what is asked for is written down
            return replace(told, found=str(given.get("id")), verdict=as_expected(given.get("id") == mine.get("id")))
        same = found is not None and self.live is not None and found.remote_id == self.live.remote_id
        return replace(told, verdict=as_expected(same))
