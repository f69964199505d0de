"""The networks of a run, at the wire: those of tests/servers, which also keep their own record of what readers could see."""

import datetime as dt
import random
import time
from dataclasses import dataclass
from typing import Any

from tests.servers.bad_days import Answer, AnswerLost, Between, Cut, Fault, Slow
from tests.servers.facebook import TOKEN as PAGE_TOKEN
from tests.servers.facebook import FacebookPages
from tests.servers.linkedin import FakeLinkedIn
from tests.servers.threads import TOKEN as THREADS_TOKEN
from tests.servers.threads import ThreadsProfile
from tests.servers.wire import Request, route
from tests.servers.x import FakeX


@dataclass(frozen=True)
class Seen:
    """What a reader could see on an account: the text, and when it came (seconds since 1970, on the network's clock)."""

    account: str
    text: str
    at: float


class Record:
    """What one network has published for one account, as it saw it itself."""

    account = ""

    def time(self) -> float:
        """The right time, whatever the installation's clocks say."""
        return time.time()

    def time_of_day(self) -> dt.datetime:
        """The same, as posts have it."""
        return dt.datetime.fromtimestamp(self.time(), dt.UTC)

    def saw(self, text: str) -> None:
        """Keep it."""
        self.seen.append(Seen(self.account, text, time.time()))

    @property
    def seen(self) -> list[Seen]:
        """All of it, the oldest first."""
        found: list[Seen] = self.__dict__.setdefault("_seen", [])
        return found


def _good(answer: Any) -> bool:
    return not isinstance(answer, Answer) or answer.status < 300


class X(Record, FakeX):
    """X, on a clock of its own."""

    @route("POST /2/tweets")
    def create(self, request: Request) -> Answer:
        """Publish."""
        answer = FakeX.create(self, request)
        if _good(answer):
            self.posts[-1].at = self.time_of_day()
            self.saw(self.posts[-1].text)
        return answer


class LinkedIn(Record, FakeLinkedIn):
    """LinkedIn for a person, whose posts nobody may read: what is uncertain there stays so."""

    @route("POST /rest/posts")
    def create(self, request: Request) -> Answer:
        """Publish."""
        self.reads = False
        answer = FakeLinkedIn.create(self, request)
        if _good(answer):
            self.saw(self.posts[-1].text)
        return answer


class Facebook(Record, FacebookPages):
    """A page, on a clock of its own."""

    @route("POST /{version}/{page}/feed")
    def feed(self, request: Request) -> Any:
        """Publish."""
        self.now = self.time_of_day()
        answer = FacebookPages.feed(self, request)
        if _good(answer):
            self.saw(request.fields.get("message", ""))
        return answer


class Threads(Record, ThreadsProfile):
    """A profile, on a clock of its own."""

    @route("POST /v1.0/{user}/threads_publish")
    def publish(self, request: Request) -> Any:
        """Publish what was prepared."""
        self.now = self.time_of_day()
        answer = ThreadsProfile.publish(self, request)
        if _good(answer):
            self.saw(self.containers[request.fields["creation_id"]].fields.get("text", ""))
        return answer


KINDS: dict[str, tuple[type[Any], dict[str, str]]] = {
    "x": (X, {"access_token": FakeX.token}),
    "linkedin": (LinkedIn, {"access_token": FakeLinkedIn.token}),
    "facebook": (Facebook, {"access_token": PAGE_TOKEN}),
    "threads": (Threads, {"access_token": THREADS_TOKEN}),
}
# Whose posts can't be read back: there, and only there, an outcome may stay uncertain.
UNDECIDABLE = {"linkedin"}


def bad_day(chance: random.Random) -> Fault:
    """One of the ways in which a network, or the way to it, breaks."""
    faults: list[Fault] = [
        Cut(),
        Cut(unread=True),
        Slow(3),
        AnswerLost(),
        AnswerLost(),
        Answer(503, b"soon back"),
        Answer(429, b"", {"Retry-After": "2"}),
    ]
    return chance.choice(faults)


def break_all(networks: list[Between], fault: Fault | None) -> None:
    """The same bad day on all of them; None is a good one."""
    for network in networks:
        network.good_day() if fault is None else network.on("*", fault)
