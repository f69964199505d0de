"""What is kept of an account: for how long its server keeps our uploads, and where its session lies for all our processes."""

import datetime as dt
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

# https://atproto.com/specs/blob#blob-lifecycle: an hour at least, for what no record names yet.
KEPT_FOR = dt.timedelta(minutes=50)


class Held(Protocol):
    """One channel's session, held by us alone for a moment."""

    def get(self) -> Mapping[str, Any]:
        """What was kept; empty where there is none, or nobody can read it."""

    def put(self, kept: Mapping[str, Any]) -> None:
        """Keep this instead."""


class Keeper(Protocol):
    """Where sessions are kept for all processes, by the number of their channel."""

    def turn(self, channel: int, seconds: float) -> AbstractContextManager[Held | None]:
        """Hold the channel's session within a block; None where nothing is kept of it.

        Raises:
            TimeoutError: others held it for so many seconds.
        """


_keeper: Keeper | None = None


def use(keeper: Keeper | None) -> None:
    """Share sessions with all processes that have this keeper; with None only within this one."""
    global _keeper  # noqa: PLW0603 - set once, when the process starts
    _keeper = keeper


def keeper() -> Keeper | None:
    """The keeper, if there is one."""
    return _keeper
