"""What a network has published for one account, as it saw it itself."""

import datetime as dt
import hashlib
import time
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Seen:
    """What a reader could see on an account: the text, and when it came (seconds since 1970, on the network's clock).

    ``below``: the words of what it answers, as they were. ``shows``: the digests of its pictures and videos.
    """

    account: str
    text: str
    at: float
    below: str = ""
    shows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Changed:
    """What was live got other words; none: it was taken down."""

    account: str
    before: str
    after: str
    at: float


class Record:
    """What one network has published for one account, as it saw it itself."""

    pulse: ClassVar[float] = 0.5  # seconds: there are many of them
    account = ""
    called = ""  # the handle that the network gives the account, where it has one

    def time(self) -> float:
        """The right time, whatever the installation's clocks say."""
        return time.time()

    def time_of_day(self) -> dt.datetime:
        """The same, as posts have it."""
        return dt.datetime.fromtimestamp(self.time(), dt.UTC)

    def saw(self, text: str, below: str = "", shows: tuple[str, ...] = (), at: float = 0.0) -> None:
        """Keep it."""
        self.seen.append(Seen(self.account, text, at or time.time(), below, shows))

    def changed(self, before: str, after: str = "") -> None:
        """Keep that, too."""
        self.changes.append(Changed(self.account, before, after, time.time()))

    @property
    def seen(self) -> list[Seen]:
        """All of it, the oldest first."""
        found: list[Seen] = self.__dict__.setdefault("_seen", [])
        return found

    @property
    def changes(self) -> list[Changed]:
        """All of them, the oldest first."""
        found: list[Changed] = self.__dict__.setdefault("_changes", [])
        return found

    def settle(self) -> None:
        """What it has worked on for long enough is done, where it works on something."""

    def expire(self) -> None:
        """What is prepared and not published runs out, where the network has such a thing."""


def digest(data: bytes) -> str:
    """What a picture or video is known by."""
    return hashlib.sha256(data).hexdigest()
