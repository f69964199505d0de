"""Signs of life of whoever publishes, while something of ours takes long: bytes that are fetched from a store elsewhere.

What a network's calls take is counted in its steps (`Network.patience`); how far away our own store is, no network knows.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

EVERY = 10.0  # seconds

_giving: ContextVar[Callable[[], None] | None] = ContextVar("giving", default=None)


@contextmanager
def given_by(alive: Callable[[], None]) -> Iterator[None]:
    """Call `alive` now and then within this block, while there is something to wait for."""
    last = time.monotonic()

    def now_and_then() -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            alive()
            last = time.monotonic()

    token = _giving.set(now_and_then)
    try:
        yield
    finally:
        _giving.reset(token)


def give() -> None:
    """We are still at it. Raises what `alive` raises: `LeaseLost` where somebody else is."""
    giving = _giving.get()
    if giving is not None:
        giving()
