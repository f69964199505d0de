"""A review begins, is taken back, or is overtaken by a change. The caller holds the subject's lock."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from accounts.prepared import Prepared
from approvals import conditions
from approvals.models import Chain, OnDeadline, Review, ReviewState, ReviewStep, Seat, StepState
from approvals.services.carrying import carried_over
from approvals.services.deadlines import due_of
from approvals.services.planning import Planned, plan_for
from approvals.services.table import tell_turn
from approvals.silence import writing_at
from approvals.subjects import Facts, Subject
from audit.services import record
from clients.moments import spoken
from notifications.services import tell

STILL_TO_COME = (StepState.WAITING, StepState.ACTIVE)


@transaction.atomic(savepoint=False)
def start(*, subject: Subject, subject_type: type[models.Model], chain: Chain, asked_by: User) -> Review:
    """Open a review of the subject's version: steps and seats are copied, the first step's people are told.

    Steps whose condition is not met are left out and say why; what an earlier round approved stands where the chain says
    so. Raises ``ValidationError`` on ``chain`` for one that nobody could pass, on the time of publishing where a step would
    have had to be over before now, ``Conflict`` for what is in review already.
    """
    if chain.client_id not in {None, subject.client.pk}:
        raise ValidationError({"chain": ValidationError(_("This approval chain can't be used here."), code="chain")})
    content_type = ContentType.objects.get_for_model(subject_type)
    before = next(iter(_BEFORE(kind=content_type.pk, subject=subject.pk)), None)
    if before is not None and before.state == ReviewState.OPEN:
        raise Conflict("already_in_review", _("This is in review already."))
    facts = subject.facts()
    plan = plan_for(chain=chain, subject=subject, facts=facts)
    now = timezone.now()
    review = Review.objects.create(
        client=subject.client,
        subject_type=content_type,
        subject_id=subject.pk,
        title=subject.title[:300],
        version=subject.version,
        digest=subject.digest,
        author=subject.author,
        writers=sorted({subject.author.pk, *facts.writers}),
        chain=chain,
        chain_name=chain.name,
        round=before.round + 1 if before else 1,
        goes_out_at=facts.goes_out_at,
        asked_by=asked_by,
        opened_at=now,
        updated_at=now,
    )
    steps = _steps(review, plan, facts, before)
    _require_time(review, steps, now, facts.time_field)
    first = next(step for step in steps if step.state == StepState.WAITING)
    first.state, first.activated_at = StepState.ACTIVE, now
    first.due_at = first.wake_at = due_of(first, review, now)
    first.tacit_agreed_on, first.tacit_document = writing_at(first, review.client, now)
    ReviewStep.objects.bulk_create(steps)
    seats = Seat.objects.bulk_create(
        Seat(step=copy, client=review.client, user_id=user_id)
        for copy, planned in zip(steps, plan, strict=True)
        if copy.carried_from_id is None
        for user_id in planned.people
    )
    tell_turn(review, [seat for seat in seats if seat.step_id == first.pk])
    record(
        client_id=review.client_id,
        actor=asked_by,
        verb="review.started",
        subject_type="review",
        subject_id=review.pk,
        digest=review.digest,
        of=[content_type.model, subject.pk],
        version=review.version,
        round=review.round,
        chain=chain.name,
        seats=[planned.people for planned in plan],
        **_left_out(steps),
    )
    return review


def _before(kind: int, subject: int) -> models.QuerySet[Review]:
    return Review.objects.filter(subject_type=kind, subject_id=subject).order_by("-round")[:1]


_BEFORE = Prepared(_before)


def _steps(review: Review, plan: Sequence[Planned], facts: Facts, before: Review | None) -> list[ReviewStep]:
    steps = [_step(review, number, planned, facts) for number, planned in enumerate(plan, start=1)]
    for step, stem in carried_over(steps, plan, before, facts.writers).items():
        steps[step].carried_from = stem
        steps[step].state = StepState.PASSED
    return steps


def _require_time(review: Review, steps: Iterable[ReviewStep], now: datetime, time_field: str) -> None:
    """Nobody is asked to decide by a time that has passed already."""
    for step in steps:
        if step.state not in STILL_TO_COME or step.due_before_minutes is None or review.goes_out_at is None:
            continue
        due_at = review.goes_out_at - timedelta(minutes=step.due_before_minutes)
        if due_at <= now:
            text = _("Step %(position)d, “%(name)s”, would have to be over already: by %(due)s. Choose a later time.")
            params = {"position": step.position, "name": step.name, "due": spoken(due_at, review.client.zone)}
            raise ValidationError({time_field: ValidationError(text, code="deadline_passed", params=params)})


def _step(review: Review, number: int, planned: Planned, facts: Facts) -> ReviewStep:
    step = planned.step
    return ReviewStep(
        review=review,
        client=review.client,
        position=number,
        name=step.name,
        rule=step.rule,
        needed=planned.needed,
        state=StepState.SKIPPED if planned.skipped else StepState.WAITING,
        skipped_because=step.only if planned.skipped else None,
        due_after_minutes=step.due_after_minutes,
        due_before_minutes=step.due_before_minutes,
        on_deadline=step.on_deadline,
        escalate_to=list(planned.escalate_to),
        never_tacit=step.never_tacit,
        four_eyes=step.four_eyes,
        part=conditions.part_of(step.only, facts, review.digest),
        recipe=planned.recipe,
    )


def _left_out(steps: Sequence[ReviewStep]) -> dict[str, Any]:
    """What the evidence says of steps that are not asked, where there are any."""
    skipped = {str(step.position): step.skipped_because for step in steps if step.state == StepState.SKIPPED}
    carried = {str(step.position): step.carried_from_id for step in steps if step.carried_from_id}
    return ({"left_out": skipped} if skipped else {}) | ({"carried": carried} if carried else {})


@transaction.atomic(savepoint=False)
def move(*, review: Review, goes_out_at: datetime | None, time_field: str = "goes_out_at") -> None:
    """What is under review goes out at another time: deadlines that count back from it move along.

    Never to an earlier one where silence would count: whoever was told until when they may speak keeps that time.
    Raises ``ValidationError`` on ``time_field`` where a step that is not over would have had to be so before now.
    """
    steps = list(
        ReviewStep.objects.filter(review=review, state__in=STILL_TO_COME, due_before_minutes__isnull=False).order_by(
            "position"
        )
    )
    review.goes_out_at = goes_out_at
    _require_time(review, steps, timezone.now(), time_field)
    moved = Review.objects.filter(pk=review.pk).exclude(goes_out_at=goes_out_at)
    moved.update(goes_out_at=goes_out_at, moved_at=timezone.now())
    for step in steps:
        if step.state != StepState.ACTIVE:
            continue
        due_at = due_of(step, review, step.activated_at or timezone.now())
        if step.on_deadline == OnDeadline.TACIT and due_at is not None and step.due_at is not None:
            due_at = max(due_at, step.due_at)
        if step.on_deadline == OnDeadline.TACIT and due_at is not None and due_at <= timezone.now():
            continue  # nobody could keep a deadline that has passed already: it stays what it was
        ReviewStep.objects.filter(pk=step.pk).exclude(due_at=due_at).update(due_at=due_at, wake_at=due_at)


@transaction.atomic(savepoint=False)
def withdraw(*, review: Review, user: User) -> None:
    """Take the question back, or an approval before it has led to anything. Whoever was asked is told."""
    _close(review, ReviewState.WITHDRAWN, user, "review.withdrawn")


@transaction.atomic(savepoint=False)
def supersede(*, review: Review, user: User, because: str = "") -> None:
    """The digest has changed: the review and every vote in it count no more. Who voted or was asked is told.

    Where something else than the content has changed, ``because`` is the word for it of the subject's own kind (see
    ``SubjectType.overtaken``).
    """
    _close(review, ReviewState.SUPERSEDED, user, "review.superseded", **({"because": because} if because else {}))


def _close(review: Review, state: ReviewState, user: User, verb: str, **more: str) -> None:
    now = timezone.now()
    open_or_approved = Review.objects.filter(pk=review.pk, state__in=[ReviewState.OPEN, ReviewState.APPROVED])
    if not open_or_approved.update(state=state, closed_at=now, updated_at=now):
        raise Conflict("review_closed", _("This review is already closed."))
    asked = Seat.objects.filter(step__review=review, ended_at=None).exclude(user=user)
    tell(
        users=set(asked.exclude(step__state=StepState.WAITING).values_list("user_id", flat=True)),
        client_id=review.client_id,
        kind=str(state),
        key=f"review:{review.pk}",
        review=review.pk,
        by=user.pk,
    )
    record(
        client_id=review.client_id,
        actor=user,
        verb=verb,
        subject_type="review",
        subject_id=review.pk,
        digest=review.digest,
        **more,
    )
