"""What a network charges for beside what goes out: what it was asked for, and what it took down.

How much that is, is known only when the answer is there (of a search, as many posts as it found). So who pays listens while a
network is at work (`metered`), and each answer that costs something says so at once (`charge`), so that a worker that is killed
in the middle has paid for what it had.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Literal

Cause = Literal["reading", "deleting"]
Pay = Callable[[Cause, Decimal], None]

_pay: ContextVar[Pay | None] = ContextVar("pay", default=None)


@contextmanager
def metered(pay: Pay) -> Iterator[None]:
    """Have `pay` told of each charge within this block, in US dollars."""
    token = _pay.set(pay)
    try:
        yield
    finally:
        _pay.reset(token)


def charge(cause: Cause, dollars: Decimal) -> None:
    """A network has answered, and takes this for it."""
    pay = _pay.get()
    if pay is not None and dollars:
        pay(cause, dollars)
