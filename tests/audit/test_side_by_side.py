"""Chains under real threads: one client's has no gap and no fork, and clients do not wait for each other."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from audit import verifying
from audit.models import Event
from audit.services import record

THREADS, EACH = 8, 25
A, B = 71, 72
pytestmark = pytest.mark.django_db(transaction=True)


def write(client: int | None, number: int) -> None:
    record(client_id=client, actor=None, verb="post.edited", subject_type="post", subject_id=number)


def in_threads(work: Callable[[int], None]) -> None:
    """The work in each of the threads, begun at the same moment."""
    together = threading.Barrier(THREADS)

    def one(number: int) -> None:
        try:
            together.wait()
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(THREADS)))


@pytest.mark.parametrize("client", [A, None])
def test_no_gap_and_no_fork(client: int | None) -> None:
    def write_some(thread: int) -> None:
        for number in range(EACH):
            write(client, thread * EACH + number)

    in_threads(write_some)
    seqs = list(Event.objects.filter(client_id=client).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, THREADS * EACH + 1))
    assert [(v.scope, v.events, v.misfit) for v in verifying.verify()] == [(client or 0, THREADS * EACH, None)]


def test_what_is_rolled_back_leaves_no_gap() -> None:
    def write_every_other(thread: int) -> None:
        for number in range(EACH):
            with transaction.atomic():
                write(A, thread * EACH + number)
                transaction.set_rollback(number % 2 == 1)

    in_threads(write_every_other)
    assert [(v.events, v.misfit) for v in verifying.verify()] == [(THREADS * 13, None)]


def test_one_client_does_not_wait_for_another() -> None:
    write(A, 1)
    write(B, 1)
    done = threading.Event()

    def other() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            write(B, 2)
        connection.close()
        done.set()

    with transaction.atomic():
        write(A, 2)  # the lock on A's chain is held until the end of this block
        thread = threading.Thread(target=other)
        thread.start()
        assert done.wait(4)
        thread.join()
    assert [(v.scope, v.events, v.misfit) for v in verifying.verify()] == [(A, 2, None), (B, 2, None)]


def test_the_same_client_does_wait() -> None:
    write(A, 1)
    done = threading.Event()

    def other() -> None:
        write(A, 3)
        connection.close()
        done.set()

    thread = threading.Thread(target=other)
    with transaction.atomic():
        write(A, 2)
        thread.start()
        assert not done.wait(0.3)
    thread.join(5)
    assert list(Event.objects.order_by("seq").values_list("subject_id", flat=True)) == [1, 2, 3]


def test_a_walk_beside_a_writer_is_green() -> None:
    stop = threading.Event()

    def writer() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            write(A, number)
        connection.close()

    thread = threading.Thread(target=writer)
    thread.start()
    try:
        verdicts = [verdict for _ in range(20) for verdict in verifying.verify()]
    finally:
        stop.set()
        thread.join()
    assert [verdict.misfit for verdict in verdicts if verdict.misfit] == []
