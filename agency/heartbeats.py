"""Signs of life. Beat's is written when it sends its ticks, the worker's when it carries one out."""

from datetime import datetime, timedelta
from typing import Final

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


class NotingScheduler(Scheduler):  # type: ignore[misc]  # celery-types leaves it untyped
    """Celery's own scheduler, without a file, which also notes that it is alive."""

    _noted: datetime | None = None

    def tick(self, *args: object, **kwargs: object) -> float:
        """Send what is due; how many seconds to sleep."""
        now = timezone.now()
        if self._noted is None or now - self._noted >= OFTEN:
            try:
                note(BEAT)
                self._noted = now
            except DatabaseError:
                pass  # a database that is away for a moment must not stop the ticks
            finally:
                close_old_connections()
        wait: float = super().tick(*args, **kwargs)
        return wait
