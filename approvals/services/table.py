"""The seats of one review as they stand under the lock of its subject, and the moves that everything else is made of."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.prepared import Prepared, PreparedUpdate
from approvals import subjects
from approvals.models import Review, ReviewState, ReviewStep, Seat, StepState
from approvals.services.deadlines import due_of
from approvals.silence import NONE, asks_for_silence, writing_at
from approvals.subjects import Subject
from clients.models import Client
from notifications.services import tell


@dataclass
class Table:
    """One review, its lock held until the end of the transaction.

    ``seats`` are those that have not ended; ``carries`` says whether any step stands from an earlier round.
    """

    review: Review
    subject: Subject
    seats: Sequence[Seat]
    carries: bool
    steps: dict[int, ReviewStep] = field(default_factory=dict)

    def active(self) -> ReviewStep | None:
        """The step whose turn it is."""
        return next((step for step in self.steps.values() if step.state == StepState.ACTIVE), None)

    def of(self, step: ReviewStep) -> list[Seat]:
        """The seats of this step."""
        return [seat for seat in self.seats if seat.step_id == step.pk]

    def undecided(self, step: ReviewStep) -> list[Seat]:
        """The seats of this step that have not said anything."""
        return [seat for seat in self.of(step) if not hasattr(seat, "decision")]

    def votes(self, step: ReviewStep) -> int:
        """How many have approved it."""
        return len(self.of(step)) - len(self.undecided(step))

    def heard(self, step: ReviewStep) -> set[int]:
        """The ids of who has spoken on this step, and for whom: nobody counts twice."""
        said = [seat for seat in self.of(step) if hasattr(seat, "decision")]
        return {seat.user_id for seat in said} | {seat.decision.actor_id for seat in said}

    def barred(self, step: ReviewStep) -> set[int]:
        """The ids of who may not speak on this step, nor be spoken for, since four eyes are asked: here, or on a later one.

        After an approval was taken back, a later step may have been decided already.
        """
        found = set[int]()
        if step.four_eyes:
            found = self.deciders(step) | {*self.review.writers, self.review.author_id}
        for later in self.steps.values():
            if later.four_eyes and later.position > step.position:
                found |= self.heard(later)
        for later in self._carried:
            if later.four_eyes and later.position > step.position:
                found |= carried_deciders(later)
        return found

    @cached_property
    def _carried(self) -> Sequence[ReviewStep]:
        """The steps that stand from an earlier round. Nothing of these changes while the review runs."""
        if not self.carries:
            return ()
        return list(ReviewStep.objects.filter(review=self.review, carried_from__isnull=False))

    def waiting(self) -> ReviewStep | None:
        """The first step whose turn is still to come."""
        later = [step for step in self.steps.values() if step.state == StepState.WAITING]
        return min(later, key=lambda step: step.position, default=None)

    def deciders(self, before: ReviewStep) -> set[int]:
        """The ids of who has decided on a step before this one, for themselves or for others; carried approvals included."""
        found = set[int]()
        for step in self.steps.values():
            if step.position < before.position:
                found |= self.heard(step)
        for step in self._carried:
            if step.position < before.position:
                found |= carried_deciders(step)
        return found


def carried_deciders(step: ReviewStep) -> set[int]:
    """The ids of whose approvals, of an earlier round, stand for this step."""
    while step.carried_from is not None:
        step = step.carried_from
    said = step.seats.filter(ended_at=None, decision__isnull=False)
    pairs = said.values_list("user_id", "decision__actor_id")
    return {user_id for pair in pairs for user_id in pair}


def _seats_of(review: int) -> QuerySet[Any]:
    return (
        Seat.objects.filter(step__review=review, ended_at=None)
        .select_related("step", "decision")
        .annotate(review_state=F("step__review__state"), goes_out_at=F("step__review__goes_out_at"))
        .order_by("step__position", "pk")
    )


def _later_seats_of(review: int) -> QuerySet[Any]:
    carried = ReviewStep.objects.filter(review=review, carried_from__isnull=False)
    seats: QuerySet[Any] = _seats_of(review).annotate(carries=Exists(carried))
    return seats


def _activated(
    step: int, now: datetime, due_at: datetime | None, agreed_on: date | None, document: str
) -> tuple[QuerySet[Any], dict[str, Any]]:
    said = {"tacit_at": None, "tacit_agreed_on": agreed_on, "tacit_document": document}
    times = {"activated_at": now, "due_at": due_at, "wake_at": due_at}
    return ReviewStep.objects.filter(pk=step), {"state": StepState.ACTIVE, **times, **said}


def _ended(step: int, state: str) -> tuple[QuerySet[Any], dict[str, Any]]:
    return ReviewStep.objects.filter(pk=step), {"state": state, "wake_at": None}


def _touched(review: int, now: datetime) -> tuple[QuerySet[Any], dict[str, Any]]:
    return Review.objects.filter(pk=review), {"updated_at": now}


def _closed(review: int, state: str, now: datetime) -> tuple[QuerySet[Any], dict[str, Any]]:
    still_open = Review.objects.filter(pk=review, state=ReviewState.OPEN)
    return still_open, {"state": state, "closed_at": now, "updated_at": now}


_SEATS, _LATER_SEATS = Prepared(_seats_of), Prepared(_later_seats_of)
_ACTIVATE, _END = PreparedUpdate(_activated), PreparedUpdate(_ended)
_TOUCH, _CLOSE = PreparedUpdate(_touched), PreparedUpdate(_closed)


def lay(review: Review) -> Table:
    """Take the lock of the review's subject and read the seats anew."""
    subject = subjects.type_of(review).lock(review.subject_id)
    seats = (_SEATS if review.round == 1 else _LATER_SEATS)(review=review.pk)
    steps = {seat.step_id: seat.step for seat in seats}
    for seat in seats:
        seat.step = steps[seat.step_id]  # one object a step, so that its state is told once
    now = copy(review)  # all else of a review is frozen, so the caller's copy is as good as a new one
    now.state, now.goes_out_at = seats[0].review_state, seats[0].goes_out_at
    return Table(review=now, subject=subject, seats=seats, carries=getattr(seats[0], "carries", False), steps=steps)


def pass_step(table: Table, step: ReviewStep, by: User | None) -> None:
    """The step has what it needs: on to the next one, or the end."""
    end_step(table, step, StepState.PASSED, by)
    following = table.waiting()
    if following is None:
        close(table.review, ReviewState.APPROVED)
        return
    activate(table, following)


def activate(table: Table, step: ReviewStep) -> None:
    """It is this step's turn: its time begins, its people are told. Where silence had let it pass, that counts no more."""
    now = timezone.now()
    due_at = due_of(step, table.review, now)
    step.state, step.activated_at, step.due_at, step.wake_at = StepState.ACTIVE, now, due_at, due_at
    agreed_on, document = NONE
    if asks_for_silence(step):
        agreed_on, document = writing_at(step, Client.objects.get(pk=step.client_id), now)
    step.tacit_at, step.tacit_agreed_on, step.tacit_document = None, agreed_on, document
    _ACTIVATE(step=step.pk, now=now, due_at=due_at, agreed_on=agreed_on, document=document)
    touch(table.review)
    barred = table.barred(step)
    tell_turn(table.review, [seat for seat in table.undecided(step) if seat.user_id not in barred])


def touch(review: Review) -> None:
    """Something of the review has changed."""
    _TOUCH(review=review.pk, now=timezone.now())


def end_step(table: Table, step: ReviewStep, state: StepState, by: User | None) -> None:
    """The step is over; whoever of it was asked and not heard is told so."""
    barred = table.barred(step)
    _END(step=step.pk, state=state)
    step.state, step.wake_at = state, None
    for seat in table.undecided(step):
        if seat.user_id in barred:
            continue
        tell(
            users=[seat.user_id],
            client_id=seat.client_id,
            kind="step_over",
            key=f"seat:{seat.pk}",
            seat=seat.pk,
            by=by.pk if by else None,
            verdict=str(state),
        )


def close(review: Review, state: ReviewState) -> None:
    """The review ends; who wrote and who asked are told."""
    now = timezone.now()
    _CLOSE(review=review.pk, state=state, now=now)
    review.state, review.closed_at = state, now
    tell(
        users={review.author_id, review.asked_by_id},
        client_id=review.client_id,
        kind=str(state),
        key=f"review:{review.pk}:{now.isoformat()}",
        review=review.pk,
    )


def tell_turn(review: Review, seats: Iterable[Seat]) -> None:
    """It is these people's turn: one mail for one seat, ever."""
    for seat in seats:
        tell(users=[seat.user_id], client_id=review.client_id, kind="turn", key=f"seat:{seat.pk}", seat=seat.pk)
