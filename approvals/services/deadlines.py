"""When a step's time is up: so many of the client's working minutes after its turn, or so long before it goes out."""

from datetime import datetime, timedelta

from approvals.models import Review, ReviewStep
from clients.working_time import Calendar, calendar_at


def due_of(step: ReviewStep, review: Review, turn: datetime, calendar: Calendar | None = None) -> datetime | None:
    """The earlier of the step's two deadlines, for a turn that began at ``turn``; None where it has none.

    The client's ``calendar`` is read where it is needed and not given.
    """
    found = []
    if step.due_after_minutes is not None:
        found.append((calendar or calendar_at(review.client_id)).after(turn, step.due_after_minutes))
    if step.due_before_minutes is not None and review.goes_out_at is not None:
        found.append(review.goes_out_at - timedelta(minutes=step.due_before_minutes))
    return min(found, default=None)
