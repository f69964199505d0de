"""Who would be asked: each step of a chain with its people, or why it is left out. Nothing is written here."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from approvals import conditions
from approvals.models import Chain, Rule, Step
from approvals.subjects import Candidate, Facts
from clients.models import DECIDING_ROLES, STAFF_ROLES, Client, Membership


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One step as it would run: its people and how many of them must approve; without people where it is left out."""

    step: Step
    people: Sequence[int]
    needed: int
    escalate_to: Sequence[int]
    skipped: bool

    @property
    def recipe(self) -> str:
        """A digest of what the template says, by which the next round knows the step again."""
        step = self.step
        said = [step.name, step.rule, step.needed, step.role, step.managers_up, step.only, step.four_eyes]
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def plan_for(*, chain: Chain, subject: Candidate, facts: Facts) -> list[Planned]:
    """Each step of the chain, with the ids of the people who would sit on it.

    The author of the version never sits on it; neither does who is switched off, has no role for the client any more or is
    only a viewer; on a step with four eyes neither does who wrote any version. Raises ``ValidationError`` on ``chain`` for a
    step that has fewer people than it needs, or could come to that, and where no step would be asked at all.
    """
    steps = list(chain.steps.all())
    staffing = _staffing(chain, subject.client, steps)
    by_name = any(conditions.NAME in step.only.get("text", ()) for step in steps)
    watched = subject.client.watched_names if by_name else ()
    asked = [step for step in steps if conditions.is_met(step.only, facts, watched)]
    if not steps:
        raise ValidationError({"chain": ValidationError(_("This approval chain has no steps."), code="no_steps")})
    if not asked:
        text = _("No step of this approval chain applies here, so nobody would be asked. Choose another one.")
        raise ValidationError({"chain": ValidationError(text, code="no_step_applies")})
    staffed = {planned.step.pk: planned for planned in _staff(asked, staffing, subject.author.pk, facts.writers)}
    left_out = Planned(step=steps[0], people=(), needed=1, escalate_to=(), skipped=True)
    return [staffed.get(step.pk) or replace(left_out, step=step) for step in steps]


def require_passable(*, chain: Chain, client: Client) -> None:
    """Refuse a chain that nobody's post could ever pass, with all of its steps asked.

    Raises ``ValidationError`` on ``steps`` with what is wrong for the author with whom it gets furthest.
    """
    steps = list(chain.steps.all())
    staffing = _staffing(chain, client, steps)
    furthest: tuple[int, ValidationError] | None = None
    writers = [user_id for user_id, role in staffing.roles.items() if role in STAFF_ROLES]
    for author_id in [*writers, 0]:  # 0: an agency admin who sits nowhere
        try:
            _staff(steps, staffing, author_id, frozenset())
        except ValidationError as error:
            params: Any = error.error_dict["chain"][0].params
            position = int(params["position"])
            if furthest is None or position > furthest[0]:
                furthest = position, error
        else:
            return
    if furthest is not None:
        raise ValidationError({"steps": furthest[1].error_dict["chain"]})


def _staff(steps: Sequence[Step], staffing: "_Staffing", author_id: int, writers: Collection[int]) -> list[Planned]:
    plan: list[Planned] = []
    for step in steps:
        barred = {author_id, *writers} if step.four_eyes else {author_id}
        people, spare = _four_eyes(step, staffing.people_of(step, author_id) - barred, plan)
        needed = {Rule.ANY: 1, Rule.ALL: max(1, len(people)), Rule.AT_LEAST: step.needed}[Rule(step.rule)]
        if len(people) - spare < needed:
            raise _too_few(step, len(people) - spare, needed)
        further = staffing.may_decide(staffing.further[step.pk]) - people - barred
        plan.append(
            Planned(step=step, people=sorted(people), needed=needed, escalate_to=sorted(further), skipped=False)
        )
    return plan


def _four_eyes(step: Step, people: set[int], before: Iterable[Planned]) -> tuple[set[int], int]:
    """The people of a step with four eyes, and how many of them the steps before may use up at most.

    Where all must approve, whoever sits on a step before is left out, so that the number stays what it is. Otherwise who
    decided before is refused when it comes to it.
    """
    spare = 0
    for planned in before:
        if planned.skipped or not step.four_eyes:
            continue
        shared = people & set(planned.people)
        if step.rule == Rule.ALL:
            people = people - shared
        else:
            spare += min(planned.needed, len(shared))
    return people, spare


@dataclass(frozen=True, kw_only=True)
class _Staffing:
    """Who may decide for this client, by role and by name."""

    roles: Mapping[int, str]
    admins: Collection[int]
    named: Mapping[int, set[int]]
    further: Mapping[int, set[int]]
    bosses: Mapping[int, int]

    def may_decide(self, people: set[int]) -> set[int]:
        return people & (self.roles.keys() | self.admins)

    def people_of(self, step: Step, author_id: int) -> set[int]:
        if step.role:
            return {user_id for user_id, role in self.roles.items() if role == step.role}
        if step.managers_up:
            return self.may_decide(set(_managers(author_id, self.bosses)[step.managers_up - 1 : step.managers_up]))
        return self.may_decide(self.named[step.pk])


def _staffing(chain: Chain, client: Client, steps: Sequence[Step]) -> _Staffing:
    named, further = _through(Step.users.through, chain), defaultdict(set)
    if any(step.on_deadline == "escalate" for step in steps):
        further = _through(Step.escalate_to.through, chain)
    deciding = Membership.objects.filter(client=client, user__is_active=True, role__in=DECIDING_ROLES)
    roles: dict[int, str] = {}
    bosses: dict[int, int] = {}
    for user_id, role, manager_id in deciding.values_list("user_id", "role", "manager_id"):
        roles[user_id] = role
        if manager_id:
            bosses[user_id] = manager_id
    admins: set[int] = set()
    asked = set[int]().union(bosses.values(), *named.values(), *further.values())
    if asked - roles.keys():
        admins = set(User.objects.filter(is_active=True, is_agency_admin=True).values_list("pk", flat=True))
    return _Staffing(roles=roles, admins=admins, named=named, further=further, bosses=bosses)


def _through(through: Any, chain: Chain) -> defaultdict[int, set[int]]:
    found = defaultdict(set)
    for step_id, user_id in through.objects.filter(step__chain=chain).values_list("step_id", "user_id"):
        found[step_id].add(user_id)
    return found


def _managers(author_id: int, bosses: Mapping[int, int]) -> list[int]:
    """The author's manager, that one's manager, and so on; it ends where a loop would begin."""
    found: list[int] = []
    here = author_id
    while here in bosses and bosses[here] not in {author_id, *found}:
        here = bosses[here]
        found.append(here)
    return found


def _too_few(step: Step, people: int, needed: int) -> ValidationError:
    text = _(
        "Step %(position)d, “%(name)s”, has %(people)d of the %(needed)d people it needs. "
        "The author of a post never approves it."
    )
    if step.four_eyes:
        text = _(
            "Step %(position)d, “%(name)s”, could be left with %(people)d of the %(needed)d people it needs: with four "
            "eyes, nobody decides who wrote a version or decided on a step before."
        )
    params = {"position": step.position, "name": step.name, "people": max(0, people), "needed": needed}
    return ValidationError({"chain": ValidationError(text, code="no_eligible_approver", params=params)})
