"""One network's places among a worker's threads, and who waits for one.

A network may have a third of the threads: where it hangs, the others have the rest. What comes beyond that waits here, in
memory, for the thread that becomes free first: a thread that waited would be taken from the other networks, and a row that
went back to the table would come again a second later, however fast the network is.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from django.db import close_old_connections

from social.services.claiming import HAND_OUT

log = logging.getLogger(__name__)

STALE: Final = HAND_OUT.total_seconds()  # after which the sweep hands it out to others, too


class Lane:
    """So many at once; the others in the order in which they came."""

    def __init__(self, places: int) -> None:
        self._lock = threading.Lock()
        self._free = places
        self._waiting: dict[int, float] = {}  # since when, by the clock that does not jump

    def run(self, one: int, work: Callable[[int], None]) -> None:
        """Work on this one, then on whoever waits; where all places are taken, whoever has one does it later."""
        if not self._enter(one):
            return
        try:
            work(one)
        finally:
            while (other := self._next()) is not None:
                close_old_connections()  # as between two tasks
                try:
                    work(other)
                except Exception:
                    # Its row says how it stands, and the sweep comes by again.
                    log.exception("publishing broke", extra={"publication": other})

    def clear(self) -> list[int]:
        """Let nobody wait any more. Who did."""
        with self._lock:
            waiting = list(self._waiting)
            self._waiting.clear()
        return waiting

    def _enter(self, one: int) -> bool:
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            self._waiting.setdefault(one, time.monotonic())
            return False

    def _next(self) -> int | None:
        """Whose turn it is; where it is nobody's, the place is free."""
        with self._lock:
            while self._waiting:
                one = next(iter(self._waiting))
                if time.monotonic() - self._waiting.pop(one) < STALE:
                    return one
            self._free += 1
            return None
