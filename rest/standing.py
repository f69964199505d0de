"""What a person is to whom. An app above this one says it; here it is only compared: what was taken, what was not."""

from collections.abc import Callable, Collection

from accounts.models import User

Teller = Callable[[User], Collection[str]]
_teller: list[Teller] = []


def register(teller: Teller) -> None:
    """``teller`` names all that this person is now, each in a word of its own."""
    _teller[:] = [teller]


def standing_of(user: User) -> list[str]:
    """All that this person is now."""
    return sorted(_teller[0](user)) if _teller else []
