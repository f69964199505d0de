"""A step's time is up: its people are reminded, more are asked, or silence counts, where that was agreed in writing."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from approvals.models import OnDeadline, ReminderKind, Review, ReviewState, ReviewStep, StepState
from approvals.services.asking import ASKED, claim, minute_of
from approvals.services.seats import escalate
from approvals.services.table import Table, lay, pass_step
from approvals.silence import asks_for_silence, counts
from audit.services import record
from clients.models import DECIDING_ROLES
from clients.selectors import role_of
from notifications.services import Message, tell_many

LATE = f"""
SELECT asked.*, %(number)s AS number FROM ({ASKED}) asked WHERE asked.step = %(step)s AND asked.reader IS NOT NULL
"""  # noqa: S608 - ours, from above


@transaction.atomic
def time_up(*, step_id: int, now: datetime) -> bool:
    """Do what the step says of its deadline, once; whether there was anything to do."""
    review = Review.objects.get(steps=step_id)
    table = lay(review)
    step = table.steps.get(step_id)
    if step is None or table.review.state != ReviewState.OPEN or step.state != StepState.ACTIVE:
        ReviewStep.objects.filter(pk=step_id, wake_at__lte=now).update(wake_at=None)
        return False
    if step.wake_at is None or step.wake_at > now:
        return False  # another sweep was here, or it was moved
    ReviewStep.objects.filter(pk=step.pk).update(wake_at=None)
    step.wake_at = None
    if _silence_counts(table, step):
        _consent(table, step)
    else:
        _press(table, step, now)
    return True


def _silence_counts(table: Table, step: ReviewStep) -> bool:
    """Only where it was agreed in writing when the turn came, and still is, and where people could have spoken.

    A deadline that had passed before the turn gave them no time. Who has no role any more is silent for another reason: a
    step that can't pass with those who are left is stuck, and not agreed to.
    """
    if not asks_for_silence(step) or not counts(step, table.review.client):
        return False
    if step.due_at is None or step.activated_at is None or step.due_at <= step.activated_at:
        return False
    kept_out = table.heard(step) | table.barred(step)
    able = [
        seat
        for seat in table.undecided(step)
        if seat.user_id not in kept_out and role_of(seat.user, seat.client_id) in DECIDING_ROLES
    ]
    return table.votes(step) + len(able) >= step.needed


def _consent(table: Table, step: ReviewStep) -> None:
    """Silence lets the step pass, and is written down as what it is."""
    step.tacit_at = timezone.now()
    ReviewStep.objects.filter(pk=step.pk).update(tacit_at=step.tacit_at)
    pass_step(table, step, None)
    record(
        client_id=step.client_id,
        actor=None,
        verb="review.tacit_consent",
        subject_type="review",
        subject_id=table.review.pk,
        digest=table.review.digest,
        step=step.position,
        agreed_on=str(step.tacit_agreed_on),
        document=step.tacit_document,
        silent=[seat.user_id for seat in table.undecided(step)],
        state=str(table.review.state),
    )
    if table.review.state != ReviewState.OPEN:
        table.subject.review_closed(table.review, None)


def _press(table: Table, step: ReviewStep, now: datetime) -> None:
    """Remind whoever has not decided, once for each deadline, and ask more people where the step says so."""
    values = {"step": step.pk, "number": minute_of(step.due_at or now)}
    late = [seat for seat in claim(LATE, kind=ReminderKind.DEADLINE, now=now, values=values) if seat.ours]
    messages = [
        Message(
            user=seat.reader,
            client=seat.client,
            key=f"seat:{seat.seat}:{seat.number}",
            until=seat.goes_out_at,
            context={"seat": seat.seat},
        )
        for seat in late
        if seat.reader is not None
    ]
    tell_many(kind="time_up", messages=messages)
    if step.on_deadline != OnDeadline.ESCALATE:
        return
    seats = escalate(table, step, User.objects.filter(pk__in=step.escalate_to).order_by("pk"))
    record(
        client_id=step.client_id,
        actor=None,
        verb="review.escalated",
        subject_type="review",
        subject_id=table.review.pk,
        digest=table.review.digest,
        step=step.position,
        to=[seat.user_id for seat in seats],
    )
