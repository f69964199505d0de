"""One network's places among a worker's threads, and who waits for one.

A network may have a third of the threads: where it hangs, the others have the rest. What comes beyond that waits here, in
memory, for the thread that becomes free first: a thread that waited would be taken from the other networks, and a row that
went back to the table would come again a second later, however fast the network is.
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

log = logging.getLogger(__name__)

HAND_OUT: Final = timedelta(seconds=30)  # for so long a row that was handed out is not handed out again
STALE: Final = HAND_OUT.total_seconds()  # after which the sweep hands it out to others, too
Question = Literal["ask", "check", "renew"]


class Lane:
    """So many at once; the others in the order in which they came. ``once``: who comes while it is being worked on is done with."""

    def __init__(self, places: int, *, once: bool = False) -> None:
        self._lock = threading.Lock()
        self._free = places
        self._waiting: dict[int, float] = {}  # since when, by the clock that does not jump
        self._once = once
        self._at: set[int] = set()

    def run(self, one: int, work: Callable[[int], None]) -> None:
        """Work on this one, then on whoever waits; where all places are taken, whoever has one does it later."""
        if not self._enter(one):
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
            waiting = list(self._waiting)
            self._waiting.clear()
        return waiting

    def _enter(self, one: int) -> bool:
        with self._lock:
            if self._once and one in self._at:
                return False
            if self._free:
                self._free -= 1
                self._at.add(one)
                return True
            self._waiting.setdefault(one, time.monotonic())
            return False

    def _next(self, done: int) -> int | None:
        """Whose turn it is after that one; where it is nobody's, the place is free."""
        with self._lock:
            self._at.discard(done)
            while self._waiting:
                one = next(iter(self._waiting))
                if time.monotonic() - self._waiting.pop(one) < STALE:
                    self._at.add(one)
                    return one
            self._free += 1
            return None


@cache
def questions(network: str, question: Question) -> Lane:  # noqa: ARG001 - the cache's key
    """The places of those who only ask a network: few, since a network that hangs lets each wait as long as it can.

    What has no place by then wakes by itself, so that nothing need be put back at a worker's end.
    """
    return Lane(max(1, settings.THREADS // (8 if question == "ask" else 16)), once=True)
