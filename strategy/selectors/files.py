"""Strategies that were written elsewhere, as they are understood for one client."""

from functools import partial

from accounts.models import User
from clients.models import STAFF_ROLES, Client
from clients.selectors import require
from strategy import surroundings
from strategy.reading import Understood, read


def understood(user: User, client: Client, data: bytes, name: str) -> Understood:
    """What a file says, its pictures found among the client's by their bytes. Nothing is stored.

    Raises what ``read`` raises, ``PermissionDenied`` for the client's own people.
    """
    require(user, client, STAFF_ROLES)
    return read(data, name, known=partial(surroundings.pictures_like, client.pk))
