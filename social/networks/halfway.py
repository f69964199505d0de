"""Things that are done to several posts one after the other: where the next one goes wrong, those before it are done."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

from social.networks.outcomes import NetworkError

_asking: ContextVar[Callable[[], None] | None] = ContextVar("asking", default=None)


@contextmanager
def asking(going_on: Callable[[], None]) -> Iterator[None]:
    """Within this block, call `going_on` before each thing but the first: it raises where no more of them may be done."""
    token = _asking.set(going_on)
    try:
        yield
    finally:
        _asking.reset(token)


@contextmanager
def halfway() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Gives what each thing is done in (`with each(): ...`); what goes wrong says that a part was done (`NetworkError.partly`).

    The first was allowed when it all began; before every other one it is asked once more (see `asking`).
    """
    some = False

    @contextmanager
    def each() -> Iterator[None]:
        nonlocal some
        going_on = _asking.get()
        if some and going_on is not None:
            going_on()
        yield
        some = True

    try:
        yield each
    except NetworkError as error:
        error.partly = error.partly or some
        raise
