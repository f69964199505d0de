"""What a chain would ask of things that are there, before it is saved. Nothing is written, nothing is locked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.utils import timezone

from accounts.models import User
from approvals import kinds, subjects
from approvals.models import OnDeadline, Review, ReviewStep, Step
from approvals.services.deadlines import due_of
from approvals.services.planning import Planned, Staffing, Template, plan_of, staffing_of
from approvals.services.plans import StepPlan, templates_from
from approvals.subjects import Candidate, Facts
from clients.models import STAFF_ROLES, Client
from clients.selectors import require
from clients.working_time import Calendar, calendar_of

EXAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class ForeseenStep:
    """One step as it would run for one thing: who would be asked, or why nobody.

    ``due_at`` is known where it is the first step's turn at once, where every step before takes all of its time, or where
    the time of publishing says so; ``is_over`` says that it would have passed before anybody was asked. ``silence_counts``
    is None unless the step asks for tacit consent; False where the client has not agreed to that, or nobody had time to
    speak: then its people are reminded instead.
    """

    client: Client
    step: Step
    people: Sequence[User]
    needed: int
    further: Sequence[User]
    skipped: bool
    refusal: ValidationError | None
    due_at: datetime | None
    is_over: bool
    silence_counts: bool | None


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What a chain would do for one thing. ``refusal`` says why it can't run, where that is so."""

    subject: Candidate
    steps: Sequence[ForeseenStep]
    refusal: ValidationError | None


def foresee(
    *, user: User, client: Client, steps: Sequence[StepPlan], subject: str = "", template: bool = False
) -> list[Foreseen]:
    """What these steps would do if each of the latest things of this client that the person may see were submitted now.

    With ``template`` the steps are the agency's own: they may name people who have no role for this client, who are not
    asked there, and silence that it has not agreed to, which reminds instead.
    Raises ``ValidationError`` as ``save_chain`` does for what no step can be; a chain that nobody could pass is shown.
    """
    require(user, client, STAFF_ROLES)
    subject = subject or kinds.usual()
    if not subjects.is_known(subject):
        return []
    kind = subjects.of_kind(subject)
    owner = None if template else client
    templates = templates_from(steps, owner, kind.choices(owner))
    found = kind.recent(user, client, EXAMPLES)
    prefetch_related_objects([client], "working_hours", "closing_days", "watched")
    staffing, now = staffing_of(client, templates), timezone.now()
    planned = [_planned(candidate, candidate.facts(), templates, staffing, client) for candidate in found]
    named = {pk for plan, _facts, _refusal in planned for step in plan for pk in [*step.people, *step.escalate_to]}
    people = User.objects.in_bulk(named)
    return [
        Foreseen(subject=candidate, steps=_in_time(plan, facts, client, people, now), refusal=refusal)
        for candidate, (plan, facts, refusal) in zip(found, planned, strict=True)
    ]


def _planned(
    candidate: Candidate, facts: Facts, templates: Sequence[Template], staffing: Staffing, client: Client
) -> tuple[list[Planned], Facts, ValidationError | None]:
    try:
        plan = plan_of(templates, staffing, author_id=candidate.author.pk, facts=facts, watched=client.watched_names)
    except ValidationError as error:
        skipped = [Planned(step=template.step, skipped=True) for template in templates]
        return skipped, facts, error.error_dict["chain"][0]
    return plan, facts, next((step.refusal for step in plan if step.refusal), None)


def _in_time(
    plan: Sequence[Planned], facts: Facts, client: Client, people: Mapping[int, User], now: datetime
) -> list[ForeseenStep]:
    """The steps one after the other, each taking all the time it has; after one that has no end nothing is known."""
    steps: list[ForeseenStep] = []
    turn: datetime | None = now
    review, calendar = Review(client=client, goes_out_at=facts.goes_out_at), calendar_of(client)
    for planned in plan:
        due_at = None if planned.skipped else _due(planned.step, review, turn, calendar)
        is_over = due_at is not None and due_at <= (turn or now)
        tacit = planned.step.on_deadline == OnDeadline.TACIT and not planned.skipped
        if not planned.skipped:
            turn = max(due_at, turn or now) if due_at else None
        steps.append(
            ForeseenStep(
                client=client,
                step=planned.step,
                people=_named(planned.people, people),
                needed=planned.needed,
                further=_named(planned.escalate_to, people),
                skipped=planned.skipped,
                refusal=planned.refusal,
                due_at=due_at,
                is_over=is_over,
                silence_counts=client.tacit_consent and not is_over if tacit else None,
            )
        )
    return steps


def _named(ids: Sequence[int], people: Mapping[int, User]) -> list[User]:
    return sorted((people[pk] for pk in ids), key=lambda person: (person.name, person.pk))


def _due(step: Step, review: Review, turn: datetime | None, calendar: Calendar) -> datetime | None:
    """When this step would be due; counted back from the time of publishing alone where its turn is not known."""
    asked = ReviewStep(due_after_minutes=step.due_after_minutes, due_before_minutes=step.due_before_minutes)
    if turn is None:
        asked.due_after_minutes = None
    return due_of(asked, review, turn or timezone.now(), calendar)
