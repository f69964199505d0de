"""People who meet: threads that keep their connections, let go together, or made to queue for a lock in a given order."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any

from django.db import connection, connections, transaction
from django.db.models import Model

Act = Callable[[], Any]
PATIENCE = 60.0


class Runner(threading.Thread):
    """Does what it is handed, on a connection of its own."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.acts: Queue[tuple[threading.Barrier | None, Act] | None] = Queue()
        self.results: Queue[Any] = Queue()
        self.start()
        self.do(backend_pid)
        self.pid: int = self.result()

    def run(self) -> None:
        """Until it is handed None."""
        try:
            while (handed := self.acts.get()) is not None:
                barrier, act = handed
                try:
                    if barrier is not None:
                        barrier.wait(PATIENCE)
                    self.results.put(act())
                except Exception as error:  # noqa: BLE001 - it is the result
                    self.results.put(error)
        finally:
            connections.close_all()

    def do(self, act: Act, barrier: threading.Barrier | None = None) -> None:
        """Begin."""
        self.acts.put((barrier, act))

    def result(self) -> Any:
        """What came of it: what it gave, or the exception it ended with."""
        return self.results.get(timeout=PATIENCE)


def backend_pid() -> int:
    """Of this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
        return pid


class Meeting:
    """Two people, again and again."""

    def __init__(self) -> None:
        self.runners = [Runner(), Runner()]

    def end(self) -> None:
        """Their connections are closed."""
        for runner in self.runners:
            runner.acts.put(None)
        for runner in self.runners:
            runner.join(PATIENCE)

    def together(self, *acts: Act) -> list[Any]:
        """Both at the same instant."""
        barrier = threading.Barrier(len(acts))
        for runner, act in zip(self.runners, acts, strict=True):
            runner.do(act, barrier)
        return [runner.result() for runner in self.runners]

    def queued(self, row: Model, *acts: Act, first: int) -> list[Any]:
        """Both have looked and wait for the lock of this row; then ``first`` gets it, and the other one after that."""
        order = [self.runners[first], self.runners[1 - first]]
        with transaction.atomic():
            type(row)._base_manager.select_for_update(no_key=True).get(pk=row.pk)
            for runner, act in zip(order, [acts[first], acts[1 - first]], strict=True):
                runner.do(act)
                self._wait_until_it_waits(runner)
        return [runner.result() for runner in self.runners]

    @staticmethod
    def _wait_until_it_waits(runner: Runner) -> None:
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE:
            if not runner.results.empty():
                return  # it needed no lock: refused before
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pid = %s", [runner.pid])
                if cursor.fetchone():
                    return
            time.sleep(0.001)
        raise AssertionError("it neither waits nor ends")

    def times(self, many: int, row: Callable[[], Model], make: Callable[[], tuple[Act, Act]]) -> Iterator[list[Any]]:
        """So many meetings: half of them free, a quarter with the one first, a quarter with the other.

        ``make`` sets the scene anew and gives both acts; ``row`` then is what both lock.
        """
        for number in range(many):
            acts = make()
            free = number % 4 < 2
            yield self.together(*acts) if free else self.queued(row(), *acts, first=number % 2)


@contextmanager
def meeting() -> Iterator[Meeting]:
    """Two people who are gone afterwards."""
    made = Meeting()
    try:
        yield made
    finally:
        made.end()


def code(result: Any) -> str:
    """How an act was refused; empty where it was done."""

    def again() -> None:
        if isinstance(result, Exception):
            raise result

    from tests.approvals.engine.play import outcome

    return outcome(again)
