"""Signs of life. Beat's is written when it sends its ticks, the worker's when it carries one out."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from celery.beat import Scheduler
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from agency.models import Heartbeat

BEAT: Final = "beat"
WORKER: Final = "worker"
ALIVE: Final = timedelta(seconds=10)
OFTEN: Final = timedelta(seconds=2)


def note(name: str) -> None:
    """Write down that ``name`` is alive now."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def silent_for(now: datetime) -> dict[str, timedelta | None]:
    """How long beat and worker have been silent; None for one that never spoke."""
    seen = dict(Heartbeat.objects.values_list("name", "at"))
    return {name: now - seen[name] if name in seen else None for name in (BEAT, WORKER)}


class NotingScheduler(Scheduler):
    """Celery's own scheduler, without a file, which also notes that it is alive."""

    _noted: datetime | None = None

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; how many seconds to sleep."""
        now = timezone.now()
        if self._noted is None or now - self._noted >= OFTEN:
            # A database that is away for a moment must not stop the ticks.
            with suppress(DatabaseError):
                note(BEAT)
                self._noted = now
            close_old_connections()
        return super().tick(*args, **kwargs)
