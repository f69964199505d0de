"""A person decides on their seat. One lock first, then every reason to say no, then the count."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals import subjects
from approvals.models import Decision, Review, ReviewState, ReviewStep, Seat, StepState, Verdict, Via
from approvals.services.reviews import tell_turn
from audit.services import record
from clients.models import DECIDING_ROLES
from clients.selectors import role_of
from notifications.services import tell

COMMENT_LENGTH = 5000


@dataclass
class _Table:
    """The seats of one review as they stand under the lock."""

    review: Review
    seats: Sequence[Seat]

    def step(self) -> ReviewStep:
        return next(seat.step for seat in self.seats if seat.step.state == StepState.ACTIVE)

    def of(self, step: ReviewStep) -> list[Seat]:
        return [seat for seat in self.seats if seat.step_id == step.pk]

    def after(self, step: ReviewStep) -> ReviewStep | None:
        later = {seat.step.position: seat.step for seat in self.seats if seat.step.position > step.position}
        return later[min(later)] if later else None


@transaction.atomic
def decide(  # noqa: PLR0913 - a decision is all of these
    *, review: Review, user: User, digest: str, verdict: str, comment: str = "", via: str = Via.ADMIN
) -> Review:
    """Write down what this person says of the version that they saw (``digest``), and move the review on.

    Raises ``Conflict`` when the review is closed (``review_closed``), the digest is not the one under review
    (``stale_digest``), the step is not theirs yet or no more (``not_your_turn``) or they decided already
    (``already_decided``); ``PermissionDenied`` for who has no seat; ``ValidationError`` on ``comment``.
    """
    comment = _checked_comment(verdict, comment)
    subject = subjects.type_of(review).lock(review.subject_id)
    table = _load(review)
    seat = _seat_of(table, user, digest)
    Decision.objects.bulk_create(
        [
            Decision(
                seat=seat,
                client_id=seat.client_id,
                actor=user,
                verdict=verdict,
                comment=comment,
                digest=digest,
                via=via,
            )
        ]
    )
    _advance(table, seat, verdict, user)
    record(
        client_id=review.client_id,
        actor=user,
        verb="review.approved" if verdict == Verdict.APPROVE else "review.changes_requested",
        subject_type="review",
        subject_id=review.pk,
        digest=digest,
        seat=seat.pk,
        step=seat.step.position,
        via=str(via),
        state=str(table.review.state),
    )
    if table.review.state != ReviewState.OPEN:
        subject.review_closed(table.review, user)
    return table.review


def _checked_comment(verdict: str, comment: str) -> str:
    comment = comment.replace("\r\n", "\n").strip()
    if verdict not in Verdict.values:
        raise ValidationError({"verdict": ValidationError(_("Approve, or ask for changes."), code="invalid")})
    if verdict == Verdict.REQUEST_CHANGES and not comment:
        raise ValidationError(
            {"comment": ValidationError(_("Say what should change: the author has only your words."), code="required")}
        )
    if len(comment) > COMMENT_LENGTH:
        raise ValidationError(
            {
                "comment": ValidationError(
                    _("Too long: at most %(limit)d characters."), code="max_length", params={"limit": COMMENT_LENGTH}
                )
            }
        )
    return comment


def _load(review: Review) -> _Table:
    seats = list(
        Seat.objects.filter(step__review=review)
        .select_related("step", "decision")
        .annotate(review_state=F("step__review__state"))
        .order_by("step__position", "pk")
    )
    steps = {seat.step_id: seat.step for seat in seats}
    for seat in seats:
        seat.step = steps[seat.step_id]  # one object a step, so that its state is told once
    now = copy(review)  # all but the state of a review is frozen, so the caller's copy is as good as a new one
    now.state = seats[0].review_state
    return _Table(review=now, seats=seats)


def _seat_of(table: _Table, user: User, digest: str) -> Seat:
    mine = [seat for seat in table.seats if seat.user_id == user.pk]
    if not mine or role_of(user, table.review.client_id) not in DECIDING_ROLES:
        raise PermissionDenied(_("You have no say in this review."))
    if table.review.state != ReviewState.OPEN:
        raise Conflict("review_closed", _("This review is already closed."))
    if digest != table.review.digest:
        raise Conflict(
            "stale_digest",
            _("The text has changed since you opened it. Look at what is new: your yes counts only for what you see."),
        )
    active = [seat for seat in mine if seat.step.state == StepState.ACTIVE]
    if not active:
        raise Conflict("not_your_turn", _("It is not your turn in this review, or your step is over."))
    if hasattr(active[0], "decision"):
        raise Conflict("already_decided", _("You have already decided. Your decision stands."))
    return active[0]


def _advance(table: _Table, seat: Seat, verdict: str, user: User) -> None:
    step, now = seat.step, timezone.now()
    if verdict == Verdict.REQUEST_CHANGES:
        _end_step(table, step, StepState.REFUSED, user)
        _close(table.review, ReviewState.CHANGES_REQUESTED)
        return
    if len([s for s in table.of(step) if s is seat or hasattr(s, "decision")]) < step.needed:
        Review.objects.filter(pk=table.review.pk).update(updated_at=now)
        return
    _end_step(table, step, StepState.PASSED, user)
    following = table.after(step)
    if following is None:
        _close(table.review, ReviewState.APPROVED)
        return
    ReviewStep.objects.filter(pk=following.pk).update(state=StepState.ACTIVE, activated_at=now)
    Review.objects.filter(pk=table.review.pk).update(updated_at=now)
    tell_turn(table.review, table.of(following))


def _end_step(table: _Table, step: ReviewStep, state: StepState, user: User) -> None:
    ReviewStep.objects.filter(pk=step.pk).update(state=state)
    step.state = state
    undecided = [s for s in table.of(step) if not hasattr(s, "decision") and s.user_id != user.pk]
    for seat in undecided:
        tell(
            users=[seat.user_id],
            client_id=seat.client_id,
            kind="step_over",
            key=f"seat:{seat.pk}",
            seat=seat.pk,
            by=user.pk,
            verdict=str(state),
        )


def _close(review: Review, state: ReviewState) -> None:
    now = timezone.now()
    Review.objects.filter(pk=review.pk, state=ReviewState.OPEN).update(state=state, closed_at=now, updated_at=now)
    review.state, review.closed_at = state, now
    tell(
        users={review.author_id, review.asked_by_id},
        client_id=review.client_id,
        kind=str(state),
        key=f"review:{review.pk}",
        review=review.pk,
    )
