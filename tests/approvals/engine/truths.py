"""What must be true of the rows, whoever wrote them; and how they are compared with the model."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from tests.approvals.engine.cast import AGREED_ON, DOCUMENT, START, Stage
from tests.approvals.engine.model import Model

REVIEWS = """
SELECT review.id, review.state, review.digest, review.author_id, review.round, review.chain_id, quote.writers,
    quote.state, quote.review_id, encode(
        sha256(convert_to(concat_ws(E'\n', quote.client_id, quote.id, quote.amount, quote.terms), 'UTF8')), 'hex'
    )
FROM approvals_review review JOIN quotes_quote quote ON quote.id = review.subject_id
JOIN django_content_type type ON type.id = review.subject_type_id AND type.model = 'quote'
WHERE quote.id = %s ORDER BY review.round
"""
STEPS = """
SELECT step.id, step.review_id, step.position, step.state, step.needed, step.due_at, step.wake_at, step.tacit_at IS NOT NULL,
    step.tacit_agreed_on, step.tacit_document, step.on_deadline, step.never_tacit, step.carried_from_id, step.four_eyes, step.part,
    step.escalate_to
FROM approvals_reviewstep step WHERE step.review_id = ANY(%s) ORDER BY step.review_id, step.position
"""
SEATS = """
SELECT seat.step_id, seat.user_id, seat.source, seat.ended_why, decision.actor_id, decision.verdict, decision.digest
FROM approvals_seat seat JOIN approvals_reviewstep step ON step.id = seat.step_id
LEFT JOIN approvals_decision decision ON decision.seat_id = seat.id
WHERE step.review_id = ANY(%s) ORDER BY seat.id
"""


@dataclass
class SeatRow:
    """A seat with what was said on it."""

    user: int
    source: str
    ended: str
    actor: int | None
    verdict: str | None
    digest: str | None


@dataclass
class StepRow:
    """A step with its seats."""

    id: int
    review: int
    position: int
    state: str
    needed: int
    due: datetime | None
    wake: datetime | None
    tacit: bool
    agreed_on: Any
    document: str
    on_deadline: str
    never_tacit: bool
    carried: int | None
    four_eyes: bool
    part: str
    escalate_to: list[int]
    seats: list[SeatRow] = field(default_factory=list)

    @property
    def approvals(self) -> list[SeatRow]:
        """What counts."""
        return [seat for seat in self.seats if not seat.ended and seat.verdict == "approve"]

    @property
    def spoke(self) -> set[int]:
        """Who approved it, and for whom."""
        return {person for seat in self.approvals for person in (seat.user, seat.actor or 0)}


@dataclass
class ReviewRow:
    """A review with its steps; and of what it is about, as that stands now: its state, its review, the digest of its words."""

    id: int
    state: str
    digest: str
    author: int
    round: int
    chain: int
    writers: list[int]
    thing: str
    asked: int | None
    words: str
    steps: list[StepRow] = field(default_factory=list)


@dataclass
class Rows:
    """All reviews of one quote, in their order."""

    reviews: list[ReviewRow]
    steps: dict[int, StepRow]


def read(quote: int) -> Rows:
    """Three queries."""
    with connection.cursor() as cursor:
        cursor.execute(REVIEWS, [quote])
        reviews = {row[0]: ReviewRow(*row) for row in cursor.fetchall()}
        cursor.execute(STEPS, [list(reviews)])
        steps = {row[0]: StepRow(*row) for row in cursor.fetchall()}
        cursor.execute(SEATS, [list(reviews)])
        for step_id, *seat in cursor.fetchall():
            steps[step_id].seats.append(SeatRow(*seat))
    for step in steps.values():
        reviews[step.review].steps.append(step)
    return Rows(list(reviews.values()), steps)


def hold(rows: Rows) -> None:
    """What must be true of them, by the rows alone. Raises ``AssertionError``."""
    assert sum(review.state == "open" for review in rows.reviews) <= 1, "two open reviews of one thing"
    for review in rows.reviews:
        active = [step for step in review.steps if step.state == "active"]
        assert len(active) <= 1, "two steps at once"
        if review.state == "open":
            assert len(active) == 1, "an open review of which nobody is asked"
        if review.state == "approved":
            assert {step.state for step in review.steps} <= {"passed", "skipped"}, "approved, and a step is not"
        for step in review.steps:
            _hold_step(rows, review, step)
    _hold_thing(rows.reviews[-1])
    _eyes(rows, rows.reviews[-1])


def _hold_thing(last: ReviewRow) -> None:
    """What it is about is approved, or goes out, by its last review alone, and in the very words that were read."""
    assert last.asked == last.id
    if last.state in {"open", "approved"}:
        assert last.digest == last.words, "other words than those under review"
    assert (last.thing in {"approved", "sent"}) == (last.state == "approved"), "approved, and its review is not"


def _hold_step(rows: Rows, review: ReviewRow, step: StepRow) -> None:
    """Enough people have approved it, or an earlier round's approval stands, or silence does where it may."""
    said = [seat for seat in step.seats if not seat.ended and seat.verdict]
    assert {seat.digest for seat in said} <= {review.digest}, "a decision on other words"
    once = [person for seat in said for person in {seat.user, seat.actor}]
    assert len(once) == len(set(once)), "somebody counts twice"
    assert review.author not in once, "an author counts"
    if step.state != "passed":
        assert not step.tacit
        return
    if step.carried is not None:
        _hold_carried(review, step, rows.steps[step.carried])
    elif step.tacit:
        assert step.on_deadline == "tacit"
        assert not step.never_tacit
        assert (step.agreed_on, step.document) == (AGREED_ON, Path(DOCUMENT).stem)
    else:
        assert len(step.approvals) >= step.needed, "passed without the approvals it needs"


def _hold_carried(review: ReviewRow, step: StepRow, stem: StepRow) -> None:
    assert not step.seats
    assert (stem.state, stem.tacit, stem.carried) == ("passed", False, None), "carried from what nobody approved"
    assert len(stem.approvals) >= step.needed, "carried with fewer approvals than it needs"
    others = [seat for seat in stem.approvals if review.author not in {seat.user, seat.actor}]
    assert len(others) >= step.needed, "an author's own approval is carried"


def _eyes(rows: Rows, review: ReviewRow) -> None:
    """Where four eyes are asked, nobody has spoken who spoke before, or wrote any version."""
    before: set[int] = set()
    for step in review.steps:
        spoke = rows.steps[step.carried].spoke if step.carried is not None else step.spoke
        if step.four_eyes and review.state in {"open", "approved"}:
            assert not spoke & before, "the same eyes twice"
            assert not spoke & set(review.writers), "a writer's eyes"
        before |= spoke


def same(stage: Stage, model: Model, rows: Rows) -> None:
    """The rows are what the model says."""
    names = {user.pk: name for name, user in stage.people.items()}
    assert [review.state for review in rows.reviews] == [run.state for run in model.runs]
    review, run = rows.reviews[-1], model.runs[-1]
    places = {(one.round, step.position): step.id for one in rows.reviews for step in one.steps}
    got = [_told(step, names, wake=run.state == "open") for step in review.steps]
    want = [
        (
            expected.state,
            expected.needed,
            (expected.tacit, expected.agreed),
            (expected.wanted.four_eyes, expected.wanted.never_tacit, expected.wanted.on_deadline, expected.escalate_to),
            places[expected.stem.round, expected.stem.position] if expected.stem else None,
            (expected.due, expected.wake) if expected.state == "active" and run.state == "open" else None,
            [(p.user, p.source, p.ended, p.actor or None, p.verdict or None) for p in expected.places],
        )
        for expected in run.stages
    ]
    assert got == want
    assert review.thing == model.state


def _told(step: StepRow, names: dict[int, str], *, wake: bool) -> tuple[Any, ...]:
    return (
        step.state,
        step.needed,
        (step.tacit, step.agreed_on is not None and step.document == Path(DOCUMENT).stem),
        (step.four_eyes, step.never_tacit, step.on_deadline, [names[user] for user in step.escalate_to]),
        step.carried,
        (_minute(step.due), _minute(step.wake)) if step.state == "active" and wake else None,
        [
            (names[seat.user], seat.source, seat.ended, names[seat.actor] if seat.actor else None, seat.verdict)
            for seat in step.seats
        ],
    )


def _minute(moment: datetime | None) -> int | None:
    return None if moment is None else int((moment - START).total_seconds()) // 60


def minutes(moments: Iterable[datetime | None]) -> list[int | None]:
    """So many minutes after the beginning each."""
    return [_minute(moment) for moment in moments]
