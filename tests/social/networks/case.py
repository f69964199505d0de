"""What the contract of all networks needs of one: how to reach it, and how to look at its server behind its back."""

import dataclasses
import datetime as dt
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    Keys,
    Network,
    NetworkError,
    NotReady,
    Published,
    Unknown,
)
from tests.servers.bad_days import Fault
from tests.servers.keeping import free_port
from tests.social.networks.conftest import NOW
from tests.social.notebook import Killed, Notebook

WAITS = 50  # how often a network may say that it is not ready yet


class Case(ABC):
    """One network with a server, and one account on it. A test module fills it and hands it to `Contract`.

    `finds` is False where the network has no way to ask back: then `find` always says that it can't tell.
    """

    network: Network
    finds: ClassVar[bool] = True

    @abstractmethod
    def account(self) -> Account:
        """The account, as its channel knows it."""

    @abstractmethod
    def live(self) -> list[str]:
        """The texts that readers see there now, the oldest first, asked of the server itself."""

    def uploads(self) -> int:
        """How many pictures and videos the server has been given until now, the same twice counted twice."""
        return 0

    def content(self, kind: str, number: int) -> Content:
        """Something that fits, of one of the contract's `kinds`; another number, other words."""
        return Content(f"Novità {number}")

    def shown(self, content: Content) -> list[str]:
        """The texts that readers see once it is live: of the post, of its parts, of its comment."""
        texts = [content.text, *(part.text for part in content.parts)]
        return [*texts, content.comment] if content.comment else texts

    def of_length(self, length: int) -> Content:
        """Something that fits but for its text, which is so long as the network counts."""
        return Content("a" * length)

    def edges(self) -> Sequence[tuple[Content, bool]]:
        """Media at the edges of what the network takes, and just beyond; whether it takes them."""
        return ()

    def takes(self, content: Content) -> bool | None:
        """What the server itself says to this content, without us between; None where that can't be asked."""
        return None

    def changed(self, content: Content) -> Content:
        """What it is edited into."""
        return dataclasses.replace(content, text=f"{content.text} (corretto)")

    def mistaken(self) -> Account:
        """The account's credentials on a channel that was connected to another one."""
        return dataclasses.replace(self.account(), identity="somebody else")

    def nowhere(self) -> Account:
        """The account on a server where nobody listens."""
        return dataclasses.replace(self.account(), server=f"http://127.0.0.1:{free_port()}")

    def keys(self, content: Content, begun: dt.datetime = NOW) -> Keys:
        """Keys of a new publication, which begins then by our clock."""
        return self.network.new_keys(begun, content)


class WireCase(Case):
    """A case whose network goes through a server that has bad days (`Faults`, or a `FakeNetwork`)."""

    @abstractmethod
    def on(self, name: str, *faults: Fault | None) -> None:
        """Set bad days for a call; see `tests.servers.bad_days`."""

    @abstractmethod
    def good_day(self) -> None:
        """End all bad days; and forget sessions that the network keeps, if they may be broken now."""

    @abstractmethod
    def calls(self) -> list[str]:
        """The names of the calls that came over the wire, in order."""

    @abstractmethod
    def secrets(self) -> Collection[str]:
        """What may stand in no error: tokens and passwords, also those that came with a session; as they are sent."""


@dataclass
class Try:
    """One publication, over all its tries; the first worker is killed at the word `kill_at`, if any."""

    case: Case
    content: Content
    keys: Keys
    notebook: Notebook
    before: list[str]
    uploads_before: int
    kill_at: int = 0

    @classmethod
    def of(cls, case: Case, content: Content, kill_at: int = 0, begun: dt.datetime = NOW) -> "Try":
        """A new publication."""
        return cls(
            case, content, case.keys(content, begun), Notebook(kill_at or None), case.live(), case.uploads(), kill_at
        )

    def publish(self) -> Published:
        """One try, as a worker does it: waiting where the network is not ready."""
        network, account = self.case.network, self.case.account()
        return patiently(lambda: network.publish(account, self.content, self.keys, self.notebook))

    def find(self) -> Published | None:
        """Ask the network."""
        return self.case.network.find(self.case.account(), self.content, self.keys, self.notebook)

    def go_on(self) -> Published:
        """What the next worker does after a crash: asks where something was being sent, then goes on."""
        self.notebook.kill_at = None
        if self.notebook.in_flight():
            found = self._asked()
            if found:
                return found
            self.notebook.flying = ""
        return self.publish()

    def _asked(self) -> Published | None:
        try:
            return self.find()
        except CannotTell:
            assert not self.case.finds, "find can't tell on a good day"
        # Now a person looks, and says whether it is live.
        return Published("as a person said", "") if self.shown() == self.case.shown(self.content) else None

    def settle(self, error: BaseException) -> None:
        """Do what the engine does with a try that ended so: only what is uncertain stays in flight."""
        if not isinstance(error, (Unknown, Killed)):
            self.notebook.flying = ""

    def shown(self) -> list[str]:
        """What readers see since it began, that was not there before."""
        before = Counter(self.before)
        shown = []
        for text in self.case.live():
            if before[text]:
                before[text] -= 1
            else:
                shown.append(text)
        return shown

    def uploads(self) -> int:
        """How many uploads it took."""
        return self.case.uploads() - self.uploads_before


def patiently(call: Callable[[], Published]) -> Published:
    """Call again as long as the network says that it is not ready."""
    for _ in range(WAITS):
        try:
            return call()
        except NotReady:
            continue
    message = f"not ready after {WAITS} calls"
    raise AssertionError(message)


def said_by(error: NetworkError) -> str:
    """All that an error could say in a log: itself, what it holds, and what it came from."""
    words, seen = [], set()
    chain: list[BaseException | None] = [error]
    while chain:
        link = chain.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            words += [str(link), repr(link), repr(link.__dict__)]
            chain += [link.__cause__, link.__context__]
    return "\n".join(words)
