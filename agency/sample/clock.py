"""The clock of a story: what services and models take for the present moment while the past is told.

Everybody here reads the time through ``django.utils.timezone``, but for the outbox, which reads the database's clock
(``social.services.clock``): two names are all there is to set. Only the sample agency does it, in a process of its own
and before anybody else is here; each chain of its evidence ends by saying so.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo

from django.utils import timezone

from social.services import clock as outbox

BEAT = timedelta(milliseconds=40)  # how far the clock moves each time that somebody looks at it


@contextmanager
def clock_at(moment: datetime) -> Iterator[Callable[[], datetime]]:
    """It is ``moment`` (aware), and a little later each time that somebody asks; gives what tells the time without asking."""
    looks = 0

    def reached() -> datetime:
        return moment + looks * BEAT

    class Told(datetime):
        """A ``datetime`` whose now is that of the story."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain one, as others expect
            nonlocal looks
            looks += 1
            return reached().astimezone(tz)

    ours = timezone.datetime  # type: ignore[attr-defined]  # imported there, and not declared
    the_outboxs = outbox.now
    timezone.datetime = Told  # type: ignore[attr-defined]
    outbox.now = timezone.now
    try:
        yield reached
    finally:
        timezone.datetime = ours  # type: ignore[attr-defined]
        outbox.now = the_outboxs
