"""The outbox's clock: the database's, one for all machines.

A worker whose own clock is wrong would send early, or write a lease that has ended before it began, so that somebody else
takes the row for a dead worker's.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

TOGETHER: Final = timedelta(seconds=1)


def now() -> datetime:
    """What the database's clock says, aware, UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
        return found


def here(moment: datetime) -> datetime:
    """A moment that was reckoned on this machine's clock, on the outbox's; the same where the two go together."""
    apart = now() - timezone.now()
    return moment + apart if abs(apart) > TOGETHER else moment
