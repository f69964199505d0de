"""One network's places among a worker's threads, and who waits for one.

A network may have a third of the threads: where it hangs, the others have the rest. Those that hang on the servers of one
company have them together. What comes beyond that waits here, in memory, for the thread that becomes free first, in turns
between clients: a thread that waited would be taken from the other networks, and a row that went back to the table would
come again a second later, however fast the network is.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Final, Literal

from django.conf import settings
from django.db import close_old_connections

from social import networks

log = logging.getLogger(__name__)

HAND_OUT: Final = timedelta(seconds=30)  # for so long a row that was handed out is not handed out again
STALE: Final = HAND_OUT.total_seconds()  # after which the sweep hands it out to others, too
Question = Literal["ask", "check", "connect", "renew"]


def company_of(network: str) -> str:
    """By which name the network has its places: that of the company on whose servers it hangs, else its own."""
    return networks.get(network).company or network


class Lane:
    """So many at once; the others in turns between those whose they are, of each in the order in which they came.

    ``once``: who comes while it is being worked on is done with.
    """

    def __init__(self, places: int, *, once: bool = False) -> None:
        self._lock = threading.Lock()
        self._free = places
        # Whose they are, whose turn is next first; of each its rows, since when, by the clock that does not jump.
        self._waiting: dict[int, dict[int, float]] = {}
        self._once = once
        self._at: set[int] = set()

    def run(self, one: int, work: Callable[[int], None], *, whose: int = 0) -> None:
        """Work on this one, then on whoever waits; where all places are taken, whoever has one does it later."""
        if not self._enter(one, whose):
            return
        try:
            work(one)
        finally:
            while (other := self._next(one)) is not None:
                one = other
                close_old_connections()  # as between two tasks
                try:
                    work(other)
                except Exception:
                    # Its row says how it stands, and the sweep comes by again.
                    log.exception("work in a lane broke", extra={"row": other})

    def clear(self) -> list[int]:
        """Let nobody wait any more. Who did."""
        with self._lock:
            waiting = [one for theirs in self._waiting.values() for one in theirs]
            self._waiting.clear()
        return waiting

    def _enter(self, one: int, whose: int) -> bool:
        with self._lock:
            if self._once and one in self._at:
                return False
            if self._free:
                self._free -= 1
                self._at.add(one)
                return True
            self._waiting.setdefault(whose, {}).setdefault(one, time.monotonic())
            return False

    def _next(self, done: int) -> int | None:
        """Whose turn it is after that one; where it is nobody's, the place is free."""
        with self._lock:
            self._at.discard(done)
            while self._waiting:
                whose = next(iter(self._waiting))
                theirs = self._waiting.pop(whose)
                one = next(iter(theirs))
                since = theirs.pop(one)
                if theirs:
                    self._waiting[whose] = theirs  # behind all others
                if time.monotonic() - since < STALE:
                    self._at.add(one)
                    return one
            self._free += 1
            return None


def questions(network: str, question: Question) -> Lane:
    """The places of those who only ask a network: few, since a network that hangs lets each wait as long as it can.

    What has no place by then wakes by itself, so that nothing need be put back at a worker's end.
    """
    return _questions(company_of(network), question)


@cache
def _questions(company: str, question: Question) -> Lane:  # noqa: ARG001 - the cache's key
    return Lane(max(1, settings.THREADS // (8 if question in {"ask", "connect"} else 16)), once=True)
