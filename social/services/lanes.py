"""One network's places among a worker's threads, and who waits for one.

A network may have a third of the threads: where it hangs, the others have the rest. Those that hang on the servers of one
company have them together. What comes beyond that waits here, in memory, for the thread that becomes free first: a thread
that waited would be taken from the other networks, and a row that went back to the table would come again a second later,
however fast the network is. Whose client has the fewest at work is first, then it goes in turns. Where each client has a
server of its own (`Network.many_servers`), one of them has at most half of the places: its server may hang by itself.

Several may come together, by one message, and with one thread. Those of them for which there is a place by then are sent on
in messages of their own, for the threads that there are in this worker or another: what waits here waits for a place.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cache
from typing import Any, Final, Literal

from django.conf import settings
from django.db import close_old_connections

from social import networks

log = logging.getLogger(__name__)

HAND_OUT: Final = timedelta(seconds=30)  # for so long a row that was handed out is not handed out again
STALE: Final = HAND_OUT.total_seconds()  # after which the sweep hands it out to others, too
Question = Literal["ask", "check", "connect", "renew"]
Work = Callable[[int], None]
Errand = tuple[int, int, Work]  # a row, whose it is, and what is to be done with it


def company_of(network: str) -> str:
    """By which name the network has its places: that of the company on whose servers it hangs, else its own."""
    return networks.get(network).company or network


def share_of(places: int) -> int:
    """Of so many places, how many one client may have where each has a server of its own."""
    return max(1, places // 2)


class Lane:
    """So many at once; of the others those whose fewest are at work, in turns, of each in the order in which they came.

    ``share``: so many of one whose they are, at most. ``once``: who comes while it is being worked on is done with.
    """

    def __init__(self, places: int, *, share: int | None = None, once: bool = False) -> None:
        self._lock = threading.Lock()
        self._free, self._share = places, share or places
        # Whose they are, whose turn is next first; of each its rows, since when, by the clock that does not jump, for what.
        self._waiting: dict[int, dict[int, tuple[float, Work]]] = {}
        self._once = once
        self._at: set[int] = set()
        self._busy: Counter[int] = Counter()  # of whom so many are at work

    def run(self, one: int, work: Work, *, whose: int = 0) -> None:
        """Work on this one, then on whoever waits; where there is no place for it, whoever has one does it later."""
        self.run_all([(one, whose, work)], nobody)

    def run_all(self, errands: Iterable[Errand], elsewhere: Callable[[int], Any]) -> None:
        """The same for several that came together, by one thread: those for which there is a place, too, are given elsewhere."""
        first, spare = self._enter(errands)
        if first is None:
            return
        one, whose, work = first
        try:
            for more in spare:
                _give(more, elsewhere)
            work(one)
        finally:
            while (other := self._next(one, whose)) is not None:
                one, whose, work = other
                try:
                    close_old_connections()  # as between two tasks
                    work(one)
                except Exception:
                    # Its row says how it stands, and the sweep comes by again.
                    log.exception("work in a lane broke", extra={"row": one})

    def clear(self) -> list[int]:
        """Let nobody wait any more. Who did."""
        with self._lock:
            waiting = [one for theirs in self._waiting.values() for one in theirs]
            self._waiting.clear()
        return waiting

    def _enter(self, errands: Iterable[Errand]) -> tuple[Errand | None, list[int]]:
        """Which of these is at work from now on, and which of the others need not wait for a place; the rest does."""
        found, spare = None, list[int]()
        with self._lock:
            for one, whose, work in errands:
                if self._once and one in self._at:
                    continue
                if not (self._free and self._busy[whose] < self._share):
                    # Whoever comes again was handed out anew: it keeps its place, and is not stale.
                    self._waiting.setdefault(whose, {})[one] = time.monotonic(), work
                elif found is None:
                    found = one, whose, work
                    self._free -= 1
                    self._begin(one, whose)
                else:
                    spare.append(one)
        return found, spare

    def _begin(self, one: int, whose: int) -> None:
        self._at.add(one)
        self._busy[whose] += 1

    def _next(self, done: int, whose: int) -> Errand | None:
        """Which one is next after that one; where there is none, the place is free."""
        with self._lock:
            self._at.discard(done)
            self._busy[whose] -= 1
            if not self._busy[whose]:
                del self._busy[whose]
            while (turn := self._turn()) is not None:
                theirs = self._waiting.pop(turn)
                one = next(iter(theirs))
                since, work = theirs.pop(one)
                if theirs:
                    self._waiting[turn] = theirs  # behind all others
                if time.monotonic() - since < STALE:
                    self._begin(one, turn)
                    return one, turn, work
            self._free += 1
            return None

    def _turn(self) -> int | None:
        # Of those who have as few at work the first: `min` keeps to the order.
        whose = min(self._waiting, key=self._busy.__getitem__, default=None)
        return None if whose is None or self._busy[whose] >= self._share else whose


def nobody(_one: int) -> None:
    """Whom nothing is given: where one comes alone."""


def _give(one: int, elsewhere: Callable[[int], Any]) -> None:
    try:
        elsewhere(one)
    except Exception:
        log.exception("a row could not be sent on", extra={"row": one})  # the sweep comes by again


def questions(network: str, question: Question) -> Lane:
    """The places of those who only ask a network: few, since a network that hangs lets each wait as long as it can.

    What has no place by then wakes by itself, so that nothing need be put back at a worker's end.
    """
    return _questions(company_of(network), question, apart=networks.get(network).many_servers)


@cache
def _questions(company: str, question: Question, *, apart: bool) -> Lane:  # noqa: ARG001 - the cache's key
    places = max(1, settings.THREADS // (8 if question in {"ask", "connect"} else 16))
    return Lane(places, share=share_of(places) if apart else None, once=True)
