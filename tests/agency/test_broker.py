"""The queue of an installation without a broker: a folder, read and written by several processes at once."""

import threading
from pathlib import Path

import kombu
import pytest

import agency.celery  # noqa: F401 - says what filo-folder:// means


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    """Its folders. Each test has a queue of its own name too: kombu remembers for the process what it has declared."""
    for name in ("queue", "taken", "control"):
        (tmp_path / name).mkdir()
    return tmp_path


def connection(queue: Path) -> kombu.Connection:
    """A process' way into it."""
    options = {
        "data_folder_in": str(queue / "queue"),
        "data_folder_out": str(queue / "queue"),
        "processed_folder": str(queue / "taken"),
        "control_folder": str(queue / "control"),
    }
    return kombu.Connection("filo-folder://localhost", transport_options=options)


def put(queue: Path, numbers: range) -> None:
    with connection(queue) as broker, broker.SimpleQueue(queue.name) as work:
        for number in numbers:
            work.put({"number": number})


def take_all(queue: Path) -> list[int]:
    with connection(queue) as broker, broker.SimpleQueue(queue.name) as work:
        found: list[int] = []
        while True:
            try:
                message = work.get_nowait()
            except work.Empty:
                return found
            found.append(message.payload["number"])
            message.ack()


def test_in_the_order_they_came(queue: Path) -> None:
    put(queue, range(20))
    assert take_all(queue) == list(range(20))
    assert [list((queue / name).iterdir()) for name in ("queue", "taken")] == [[], []]


def test_each_message_goes_to_one(queue: Path) -> None:
    taken: list[int] = []
    readers = [threading.Thread(target=lambda: taken.extend(take_all(queue))) for _ in range(4)]
    put(queue, range(200))
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert sorted(taken) == list(range(200))


def test_half_a_message_is_no_message(queue: Path) -> None:
    put(queue, range(1))
    [whole] = (queue / "queue").iterdir()
    whole.with_name(f".{whole.name}").write_text(whole.read_text()[:10])
    assert take_all(queue) == [0]
