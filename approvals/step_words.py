"""The steps of a review in words: why one was left out or stands from before, what silence did, who sat there and sits no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel.dates import format_date
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from accounts.models import User
from approvals import conditions, silence, subjects
from approvals.models import Decision, Review, ReviewState, ReviewStep, Seat, SeatEnd, SeatSource, StepState
from approvals.rule_words import rule_in_words
from approvals.selectors import kept_out
from approvals.subjects import Choices
from approvals.talk import Reader, decided_by
from clients.moments import locale


@dataclass(frozen=True, kw_only=True)
class SeatTold:
    """One seat. ``notes``: how it came about and how it ended; ``words`` only where the reader may read them.

    ``asked``: whether it is this person's turn, and nothing bars them.
    """

    seat: Seat
    asked: bool
    decision: Decision | None
    by: str
    words: str
    when: str
    notes: Sequence[str]

    @property
    def ended(self) -> bool:
        """Whether it counts no more."""
        return self.seat.ended_at is not None


@dataclass(frozen=True, kw_only=True)
class StepTold:
    """One step. ``notes``: all that is not said by its state; ``rule``: how many must approve, to whoever reads of all its seats."""

    step: ReviewStep
    rule: str
    notes: Sequence[str]
    seats: Sequence[SeatTold]


def steps_told(reader: Reader, review: Review) -> list[StepTold]:
    """Each step as this person may know it; ``review`` comes from ``with_steps``. Further queries only for what is rare.

    A client's people read of their own side's seats alone; of the agency's steps where they stand.
    """
    steps = list(review.steps.all())
    choices = Choices()
    if any(step.state == StepState.SKIPPED for step in steps):
        choices = subjects.type_of(review).choices(review.client)
    origins = _origins(review, steps)
    return [
        StepTold(
            step=step,
            rule=_rule(reader, step),
            notes=[note for note in _notes(reader, review, step, choices, origins) if note],
            seats=[
                _seat(reader, seat, is_turn(review, step)) for seat in step.seats.all() if reader.hears(seat.user_id)
            ],
        )
        for step in steps
    ]


def is_turn(review: Review, step: ReviewStep) -> bool:
    """Whether this step's people are asked now."""
    return step.state == StepState.ACTIVE and review.state == ReviewState.OPEN


def is_barred(seat: Seat) -> bool:
    """Whether four eyes keep who sits here, in a step whose turn it is, from deciding; ``seat`` comes from ``with_steps``."""
    waits = seat.ended_at is None and not hasattr(seat, "decision")
    return waits and bool(seat.barred)  # type: ignore[attr-defined]  # annotated


def why_not_asked(reader: User, review: Review) -> str:
    """Why this person is not asked although it is the turn of a seat of theirs; empty where four eyes don't bar it.

    ``review`` comes from ``with_steps``: where no step asks for other eyes, nothing is looked up.
    """
    if review.state != ReviewState.OPEN or not any(step.four_eyes for step in review.steps.all()):
        return ""
    seat = kept_out(reader, review)
    if seat is None:
        return ""
    if seat.reader_barred:  # type: ignore[attr-defined]  # annotated
        return _("This step asks for other eyes: you have decided on another step, or have written a version yourself.")
    return _("This step asks for other eyes than those of %(name)s.") % {"name": seat.user.name}


def _notes(
    reader: Reader, review: Review, step: ReviewStep, choices: Choices, origins: Mapping[int, ReviewStep]
) -> list[str]:
    notes = []
    if step.state == StepState.SKIPPED:
        notes.append(left_out(step, choices, staff=reader.staff))
    if step.carried_from_id is not None:
        notes.append(_carried(reader, origins[step.pk]))
    if step.tacit_at is not None:
        notes.append(_tacit(reader, step))
    if step.state == StepState.ACTIVE and step.due_at is not None:
        notes.append(_("Asked for by %(when)s.") % {"when": reader.when(step.due_at)})
    if is_turn(review, step):
        notes.append(silence.to_whoever_reads(step, review.client))
    return notes


def left_out(step: ReviewStep, choices: Choices, *, staff: bool) -> str:
    """Why this step was not asked; a client's people learn nothing of labels, pillars and watched names."""
    only = step.skipped_because or {}
    if not staff and not conditions.is_shared(only):
        return _("Left out: it was not needed for this one.")
    return _("Left out: it is asked only for %(what)s.") % {"what": conditions.in_words(only, choices)}


def _rule(reader: Reader, step: ReviewStep) -> str:
    living = [seat for seat in step.seats.all() if seat.ended_at is None]
    if step.state == StepState.SKIPPED or not all(reader.hears(seat.user_id) for seat in living):
        return ""
    return rule_in_words(step.rule, step.needed, len(living))


def _carried(reader: Reader, origin: ReviewStep) -> str:
    number = origin.review.version
    seats = [seat for seat in origin.seats.all() if seat.ended_at is None and hasattr(seat, "decision")]
    names = [decided_by(seat) for seat in seats if reader.hears(seat.user_id)]
    if not names:
        return _("Its approval of version %(number)d stands.") % {"number": number}
    return _("Its approval of version %(number)d stands: %(names)s.") % {"number": number, "names": ", ".join(names)}


def _tacit(reader: Reader, step: ReviewStep) -> str:
    if step.tacit_at is None or step.tacit_agreed_on is None:
        return ""
    words = {
        "when": reader.when(step.tacit_at),
        "date": format_date(step.tacit_agreed_on, "d MMMM y", locale=locale()),
    }
    return (
        _("Tacit consent: nobody decided until %(when)s, and silence counts as a yes by the agreement of %(date)s.")
        % words
    )


def _origins(review: Review, steps: Sequence[ReviewStep]) -> dict[int, ReviewStep]:
    """For each step whose approval stands from before: the step that people really approved."""
    if not any(step.carried_from_id for step in steps):
        return {}
    seats = Seat.objects.select_related("user", "decision__actor").order_by("pk")
    before = ReviewStep.objects.filter(
        review__subject_type=review.subject_type_id,
        review__subject_id=review.subject_id,
        review__round__lt=review.round,
    )
    found = {step.pk: step for step in before.select_related("review").prefetch_related(Prefetch("seats", seats))}
    origins = {}
    for step in steps:
        here = step
        while here.carried_from_id is not None:
            here = found[here.carried_from_id]
        origins[step.pk] = here
    return origins


def _seat(reader: Reader, seat: Seat, turn: bool) -> SeatTold:  # noqa: FBT001 - of two, and each is named
    decision = seat.decision if hasattr(seat, "decision") else None
    kept_out = turn and is_barred(seat)
    return SeatTold(
        seat=seat,
        asked=turn and not kept_out and decision is None and seat.ended_at is None,
        decision=decision,
        by=decided_by(seat) if decision else "",
        words=decision.comment if decision and reader.hears(decision.actor_id) else "",
        when=reader.when(decision.at) if decision else "",
        notes=[note for note in (_source(seat), _end(reader, seat), _kept_out() if kept_out else "") if note],
    )


def _source(seat: Seat) -> str:
    if seat.source == SeatSource.ESCALATION:
        return _("asked as well, since the time was up")
    if seat.source == SeatSource.REPLACEMENT and seat.instead_of is not None:
        return _("instead of %(name)s") % {"name": seat.instead_of.user.name}
    if seat.source == SeatSource.AGAIN:
        return _("asked again")
    return ""


def _kept_out() -> str:
    return _("not asked: this step wants other eyes")


def _end(reader: Reader, seat: Seat) -> str:
    if seat.ended_at is None:
        return ""
    words = {"who": seat.ended_by.name if seat.ended_by else "", "when": reader.when(seat.ended_at), "why": seat.reason}
    heard = seat.ended_by_id is not None and reader.hears(seat.ended_by_id)
    if seat.ended_why == SeatEnd.TAKEN_BACK:
        if heard:
            return _("%(who)s took this back on %(when)s: “%(why)s”") % words
        return _("taken back on %(when)s") % words
    if heard:
        return _("replaced by %(who)s on %(when)s: “%(why)s”") % words
    return _("no longer asked since %(when)s") % words
