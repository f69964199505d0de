"""Steps whose time is up, one transaction each: what fails delays itself, not the others."""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError

from approvals.models import ReviewStep, StepState
from approvals.services.asking import BATCH
from approvals.services.time_up import time_up

log = logging.getLogger(__name__)
AGAIN = timedelta(minutes=10)  # after a failure; until then it is out of the others' way


def sweep(*, now: datetime) -> int:
    """Do what each step whose time is up says of it. How many had something to do.

    Two sweeps at once, or one that died in the middle, do nothing twice: each step is looked at anew under its lock.
    """
    done = 0
    while steps := _due(now):
        done += sum(_do(step_id, now) for step_id in steps)
        if len(steps) < BATCH:
            break
    return done


def _due(now: datetime) -> list[int]:
    waiting = ReviewStep.objects.filter(state=StepState.ACTIVE, wake_at__lte=now).order_by("wake_at")
    return list(waiting.values_list("pk", flat=True)[:BATCH])


def _do(step_id: int, now: datetime) -> bool:
    try:
        return time_up(step_id=step_id, now=now)
    except Exception:
        log.exception("the time of a step is up, and what follows failed", extra={"step": step_id})
    try:
        ReviewStep.objects.filter(pk=step_id, wake_at__lte=now).update(wake_at=now + AGAIN)
    except DatabaseError:
        log.exception("could not put a step off", extra={"step": step_id})
        raise  # nothing can be written now: the next sweep begins anew
    return False
