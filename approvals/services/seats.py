"""Who sits where changes while a review runs: an approval is taken back, a person is replaced, one more is asked."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Link, Review, ReviewState, ReviewStep, Seat, SeatEnd, SeatSource, StepState, Verdict
from approvals.services.table import Table, activate, lay, tell_turn, touch
from audit.services import record
from clients.models import DECIDING_ROLES, Role
from clients.selectors import require, role_of
from notifications.services import tell

REASON_LENGTH = 500


def checked_reason(reason: str) -> str:
    """Why, in a few words. Raises ``ValidationError`` on ``reason``."""
    reason = reason.replace("\r\n", "\n").strip()
    if not reason:
        raise ValidationError({"reason": ValidationError(_("Say why: it stays in the evidence."), code="required")})
    if len(reason) > REASON_LENGTH:
        text = _("Too long: at most %(limit)d characters.")
        raise ValidationError({"reason": ValidationError(text, code="max_length", params={"limit": REASON_LENGTH})})
    return reason


@transaction.atomic
def take_back(*, review: Review, user: User, reason: str) -> Review:
    """The approval that this person gave counts no more, and they are asked again: so is nobody else.

    Possible until the first publication is claimed. What was scheduled goes back. Raises ``Conflict`` where there is
    nothing of theirs to take back (``nothing_to_take_back``), or where it is too late.
    """
    reason = checked_reason(reason)
    table = lay(review)
    if table.review.state not in {ReviewState.OPEN, ReviewState.APPROVED}:
        raise Conflict("review_closed", _("This review is already closed."))
    seat = _given_by(table, user)
    _end(seat, user, SeatEnd.TAKEN_BACK, reason)
    again = Seat.objects.create(
        step=seat.step, client_id=seat.client_id, user_id=seat.user_id, source=SeatSource.AGAIN, instead_of=seat
    )
    table.seats = [other for other in table.seats if other.pk != seat.pk] + [again]
    step = seat.step
    if step.state == StepState.PASSED:
        _reopen(table, step, user)
    else:
        touch(table.review)
        tell_turn(table.review, [again])
    tell(
        users={table.review.author_id, table.review.asked_by_id},
        client_id=seat.client_id,
        kind="taken_back",
        key=f"seat:{seat.pk}",
        review=table.review.pk,
        seat=seat.pk,
        by=user.pk,
    )
    record(
        client_id=seat.client_id,
        actor=user,
        verb="review.taken_back",
        subject_type="review",
        subject_id=table.review.pk,
        digest=table.review.digest,
        seat=seat.pk,
        again=again.pk,
        step=step.position,
        reason=reason,
    )
    return table.review


def _given_by(table: Table, user: User) -> Seat:
    """The seat of the last approval that is this person's, given by themselves or by whoever stood in for them."""
    given = [
        seat
        for seat in table.seats
        if user.pk in {seat.user_id, getattr(getattr(seat, "decision", None), "actor_id", None)}
        and hasattr(seat, "decision")
        and seat.decision.verdict == Verdict.APPROVE
    ]
    if not given or role_of(user, table.review.client_id) not in DECIDING_ROLES:
        raise Conflict("nothing_to_take_back", _("You have given no approval here that could be taken back."))
    return max(given, key=lambda seat: seat.decision.pk)


def _reopen(table: Table, step: ReviewStep, user: User) -> None:
    """The step lacks an approval again: it is its turn, and what it led to is undone. Other steps keep what they said."""
    review = table.review
    if review.state == ReviewState.APPROVED:
        table.subject.review_reopened(review, user)
        Review.objects.filter(pk=review.pk).update(state=ReviewState.OPEN, closed_at=None)
        review.state, review.closed_at = ReviewState.OPEN, None
    now_asked = table.active()
    if now_asked is not None:
        ReviewStep.objects.filter(pk=now_asked.pk).update(state=StepState.WAITING, wake_at=None, due_at=None)
        now_asked.state = StepState.WAITING
    activate(table, step)


def _end(seat: Seat, by: User, why: SeatEnd, reason: str) -> None:
    now = timezone.now()
    Seat.objects.filter(pk=seat.pk).update(ended_at=now, ended_by=by, ended_why=why, reason=reason)
    Link.objects.filter(seat=seat, revoked_at=None).update(revoked_at=now)


@transaction.atomic
def replace_seat(*, user: User, seat: Seat, person: User, reason: str) -> Seat:
    """Somebody else sits here from now on; a manager of the client says so, and why.

    Raises ``ValidationError`` on ``person`` for who can't sit there, ``Conflict`` for a seat that is over or decided.
    """
    require(user, seat.client_id, {Role.MANAGER})
    reason = checked_reason(reason)
    table = lay(seat.step.review)
    here = next((other for other in table.seats if other.pk == seat.pk), None)
    open_states = {StepState.WAITING, StepState.ACTIVE}
    if here is None or table.review.state != ReviewState.OPEN or here.step.state not in open_states:
        raise Conflict("seat_over", _("This seat is over: nobody is asked there any more."))
    if hasattr(here, "decision"):
        raise Conflict("already_decided", _("This seat has decided. What was said stays said."))
    require_eligible(table, here.step, person)
    _end(here, user, SeatEnd.REPLACED, reason)
    new = Seat.objects.create(
        step=here.step, client_id=here.client_id, user=person, source=SeatSource.REPLACEMENT, instead_of=here
    )
    touch(table.review)
    if here.step.state == StepState.ACTIVE:
        tell_turn(table.review, [new])
    tell(users=[here.user_id], client_id=here.client_id, kind="replaced", key=f"seat:{here.pk}", seat=here.pk)
    record(
        client_id=here.client_id,
        actor=user,
        verb="review.seat_replaced",
        subject_type="review",
        subject_id=table.review.pk,
        digest=table.review.digest,
        step=here.step.position,
        seat=here.pk,
        by_seat=new.pk,
        was=here.user_id,
        now=person.pk,
        reason=reason,
    )
    return new


def require_eligible(table: Table, step: ReviewStep, person: User) -> None:
    """Raises ``ValidationError`` on ``person`` for who may not sit on this step."""
    text, code = None, ""
    if role_of(person, table.review.client_id) not in DECIDING_ROLES:
        text, code = _("%(name)s may not decide for this client."), "role"
    elif person.pk == table.review.author_id:
        text, code = _("%(name)s has written it, and nobody approves their own words."), "author"
    elif any(seat.user_id == person.pk for seat in table.of(step)):
        text, code = _("%(name)s sits on this step already."), "seated"
    elif person.pk in table.heard(step):
        text, code = _("%(name)s has decided on this step already, for somebody else."), "heard"
    elif person.pk in table.barred(step):
        text, code = _("This step asks for other eyes than those of %(name)s."), "four_eyes"
    if text is not None:
        raise ValidationError({"person": ValidationError(text, code=code, params={"name": str(person)})})


def escalate(table: Table, step: ReviewStep, people: Iterable[User]) -> list[Seat]:
    """One seat more for each of these people who may sit there; what the step needs stays as it is."""
    seats = []
    for person in people:
        try:
            require_eligible(table, step, person)
        except ValidationError:
            continue  # gone, seated already, or the author by now: nobody is worse off
        seats.append(Seat(step=step, client_id=step.client_id, user=person, source=SeatSource.ESCALATION))
    Seat.objects.bulk_create(seats)
    table.seats = [*table.seats, *seats]
    tell_turn(table.review, seats)
    return seats
