"""Things that are done to several posts one after the other: where the next one goes wrong, those before it are done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from social.networks.outcomes import NetworkError


@contextmanager
def halfway() -> Iterator[Callable[[], None]]:
    """Gives what is called after each thing that is done; what then goes wrong says that a part was (`NetworkError.partly`)."""
    some = False

    def done() -> None:
        nonlocal some
        some = True

    try:
        yield done
    except NetworkError as error:
        error.partly = error.partly or some
        raise
