"""What a living worker is at, said by locks of the database that go when it goes, whatever the clocks say.

A lease tells a dead worker's row by the time, and clocks jump: where one goes on by an hour, every lease has ended, and what
is being sent would be asked for, not found yet, and sent again. So a worker holds a lock (PostgreSQL's advisory ones, of a
session) on each publication while it sends it, all of them on one connection of its own; a lease ends only where nobody
holds the lock. Where the database is started again, the locks are gone and taken anew within ``OFTEN``; whoever would end
a lease looks twice, ``TWICE`` apart by a clock that does not jump.

Behind a pooler such as PgBouncer that needs its session mode; where locks get lost there, the lease is what it was.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from django.db import DatabaseError, InterfaceError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

log = logging.getLogger(__name__)

OFTEN: Final = 0.5  # seconds
TWICE: Final = 3.0  # seconds; more than a worker needs to take its locks anew

# Never waited for: all of a worker's locks are on one connection, and each of its threads would wait, too.
_TAKE = "SELECT pg_try_advisory_lock(hashtextextended('publication:' || %s, 0))"
_GIVE = "SELECT pg_advisory_unlock(hashtextextended('publication:' || %s, 0))"
_TRY = "SELECT pg_try_advisory_xact_lock(hashtextextended('publication:' || %s, 0))"


class Holder:
    """One process' locks, on a connection that is used by nothing else."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[int, float] = {}  # until when, by the clock that does not jump
        self._taken: set[int] = set()
        self._connection: BaseDatabaseWrapper | None = None
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="holding", daemon=True)
        self._thread.start()

    @contextmanager
    def holding(self, publication_id: int, seconds: float) -> Iterator[bool]:
        """Hold the lock for the length of a block, at most so many seconds: who hangs for longer is given up.

        False where a living worker is at it already, this one or another. While the database is away nobody can say, and
        the lease holds.
        """
        with self._lock:
            ours = publication_id not in self._held
            if ours:
                self._held[publication_id] = time.monotonic() + seconds
                self._renew()
                ours = publication_id in self._taken or self._connection is None
                if not ours:
                    del self._held[publication_id]
        try:
            yield ours
        finally:
            if ours:
                with self._lock:
                    self._held.pop(publication_id, None)
                    self._renew()

    def prolong(self, publication_id: int, seconds: float) -> None:
        """It has come a step further."""
        with self._lock:
            if publication_id in self._held:
                self._held[publication_id] = time.monotonic() + seconds

    def end(self) -> None:
        """Let go of everything."""
        self._ends.set()
        self._thread.join()
        with self._lock:
            self._held.clear()
            self._renew()
            self._forget()

    def _keep(self) -> None:
        while not self._ends.wait(OFTEN):
            with self._lock:
                over = [one for one, until in self._held.items() if until <= time.monotonic()]
                for one in over:
                    del self._held[one]
                self._renew(look=True)

    def _renew(self, *, look: bool = False) -> None:
        """Let what is locked be what is held; ``look`` whether the connection still lives. The caller has the lock."""
        if not self._held and not self._taken:
            return
        try:
            own = self._opened()
            with own.cursor() as cursor:
                for one in [*(self._held.keys() - self._taken)]:
                    cursor.execute(_TAKE, [str(one)])
                    if cursor.fetchone()[0]:
                        self._taken.add(one)
                    look = False
                for one in [*(self._taken - self._held.keys())]:
                    cursor.execute(_GIVE, [str(one)])
                    self._taken.discard(one)
                    look = False
                if look:
                    cursor.execute("SELECT 1")
        except (DatabaseError, InterfaceError):
            self._forget()  # and soon again: the lease holds meanwhile

    def _opened(self) -> BaseDatabaseWrapper:
        if self._connection is None:
            own = connection.copy()
            own.settings_dict["OPTIONS"].pop("pool", None)
            own.inc_thread_sharing()
            self._connection = own
        return self._connection

    def _forget(self) -> None:
        self._taken.clear()
        own, self._connection = self._connection, None
        if own is not None:
            with suppress(DatabaseError, InterfaceError):
                own.close()


_holders: list[Holder] = []


def start() -> None:
    """From now on this process holds what it sends: a worker, at its start."""
    if not _holders:
        _holders.append(Holder())


def stop() -> None:
    """The contrary."""
    while _holders:
        _holders.pop().end()


@contextmanager
def holding(publication_id: int, seconds: float) -> Iterator[bool]:
    """Hold this publication, in a process that holds what it sends. False where a living worker is at it already."""
    if not _holders:
        yield True
        return
    with _holders[0].holding(publication_id, seconds) as ours:
        yield ours


def prolong(publication_id: int, seconds: float) -> None:
    """It has come a step further: hold it for so long from now."""
    for holder in _holders:
        holder.prolong(publication_id, seconds)


def is_held(publication_id: int) -> bool:
    """Whether a living worker is at it. In a worker that looks twice; outside of any transaction."""
    return _is_locked(publication_id) or (bool(_holders) and _is_locked_later(publication_id))


def _is_locked_later(publication_id: int) -> bool:
    time.sleep(TWICE)
    return _is_locked(publication_id)


def _is_locked(publication_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [str(publication_id)])  # given back at once, with its transaction
        return not cursor.fetchone()[0]
