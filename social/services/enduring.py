"""What has happened is written down, also where the database is away for a moment."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import InterfaceError, OperationalError, connection

Result = TypeVar("Result")
PATIENCE: Final = 60.0  # seconds; a server that is started again needs two or three
PAUSE: Final = 0.5


def enduring(work: Callable[[], Result]) -> Result:
    """Do what only writes, again where the database was away: it must be the same whether done once or twice.

    Within a transaction nothing can be done again: there it is done once.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            connection.close()
            time.sleep(PAUSE)
