"""What is to be done when the work with a client has ended; the apps that keep something of clients say so here."""

from collections.abc import Callable

_doors: list[Callable[[int], object]] = []


def when_client_leaves(door: Callable[[int], object]) -> None:
    """From now on call ``door`` with the client's number, after that was committed; twice does no harm."""
    _doors.append(door)


def tell_left(client_id: int) -> None:
    """The work with this client has ended."""
    for door in _doors:
        door(client_id)
