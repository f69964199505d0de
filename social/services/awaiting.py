"""Waiting in a request for what a worker does beside it: the table is looked at again and again. Outside any transaction."""

from collections.abc import Iterator
from time import monotonic, sleep
from typing import Final

EACH: Final = 0.2  # seconds between two looks


def looks(seconds: float) -> Iterator[None]:
    """One look at once, and more of them for at most so many seconds."""
    until = monotonic() + seconds
    yield
    while (left := until - monotonic()) > 0:
        sleep(min(EACH, left))
        yield
