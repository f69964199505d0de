"""A step's time is up: its people are reminded, more are asked, or silence counts, where that was agreed in writing."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from approvals.models import OnDeadline, Reminder, ReminderKind, Review, ReviewState, ReviewStep, StepState
from approvals.services.seats import escalate
from approvals.services.table import Table, lay, pass_step
from audit.services import record
from notifications.services import tell


@transaction.atomic
def time_up(*, step_id: int, now: datetime) -> bool:
    """Do what the step says of its deadline, once; whether there was anything to do."""
    review = Review.objects.select_related("client").get(steps=step_id)
    table = lay(review)
    step = table.steps.get(step_id)
    if step is None or table.review.state != ReviewState.OPEN or step.state != StepState.ACTIVE:
        return False
    if step.wake_at is None or step.wake_at > now:
        return False  # another sweep was here, or it was moved
    ReviewStep.objects.filter(pk=step.pk).update(wake_at=None)
    step.wake_at = None
    if step.on_deadline == OnDeadline.TACIT and not step.never_tacit and review.client.tacit_consent:
        _consent(table, step)
    else:
        _press(table, step)
    return True


def _consent(table: Table, step: ReviewStep) -> None:
    """Silence lets the step pass, and is written down as what it is."""
    step.tacit_at, step.tacit_agreed_on = timezone.now(), table.review.client.tacit_consent_agreed_on
    ReviewStep.objects.filter(pk=step.pk).update(tacit_at=step.tacit_at, tacit_agreed_on=step.tacit_agreed_on)
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
        silent=[seat.user_id for seat in table.undecided(step)],
        state=str(table.review.state),
    )
    if table.review.state != ReviewState.OPEN:
        table.subject.review_closed(table.review, None)


def _press(table: Table, step: ReviewStep) -> None:
    """Remind whoever has not decided, and ask more people where the step says so."""
    late = table.undecided(step)
    Reminder.objects.bulk_create(
        [Reminder(seat=seat, client_id=seat.client_id, kind=ReminderKind.DEADLINE, number=1) for seat in late],
        ignore_conflicts=True,
    )
    for seat in late:
        tell(
            users=[seat.user_id],
            client_id=seat.client_id,
            kind="time_up",
            key=f"seat:{seat.pk}",
            seat=seat.pk,
        )
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
