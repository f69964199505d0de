"""Who would be asked: each step of a chain with its people, or why it is left out. Nothing is written here."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.prepared import Prepared
from approvals import conditions
from approvals.models import Chain, OnDeadline, Rule, Step
from approvals.subjects import Candidate, Facts
from clients.models import DECIDING_ROLES, Client, Membership


@dataclass(frozen=True, kw_only=True)
class Template:
    """One step of a chain with the ids of the people whom it names; the step itself need not be saved."""

    step: Step
    named: frozenset[int] = frozenset()
    further: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One step as it would run: its people and how many of them must approve; without people where it is left out.

    ``refusal`` says why it can't run, where it could be left with fewer people than it needs.
    """

    step: Step
    people: Sequence[int] = ()
    needed: int = 1
    escalate_to: Sequence[int] = ()
    skipped: bool = False
    refusal: ValidationError | None = None

    @property
    def recipe(self) -> str:
        """A digest of what the template says, by which the next round knows the step again."""
        step = self.step
        said = [step.name, step.rule, step.needed, step.role, step.managers_up, step.only, step.four_eyes]
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """Who may decide for a client: by role, as agency admins, and who reports to whom."""

    roles: Mapping[int, str]
    admins: Collection[int] = ()
    bosses: Mapping[int, int] = field(default_factory=dict)

    def may_decide(self, people: Iterable[int]) -> set[int]:
        """Those of them who may."""
        return {person for person in people if person in self.roles or person in self.admins}

    def people_of(self, template: Template, author_id: int) -> set[int]:
        """Whom this step asks, for a version of this author's."""
        step = template.step
        if step.role:
            return {user_id for user_id, role in self.roles.items() if role == step.role}
        if step.managers_up:
            above = managers(author_id, self.bosses)
            return self.may_decide(above[step.managers_up - 1 : step.managers_up])
        return self.may_decide(template.named)


def plan_for(*, chain: Chain, subject: Candidate, facts: Facts) -> list[Planned]:
    """Each step of the chain, with the ids of the people who would sit on it.

    The author of the version never sits on it; neither does who is switched off, has no role for the client any more or is
    only a viewer; on a step with four eyes neither does who wrote any version. Raises ``ValidationError`` on ``chain`` for a
    step that has fewer people than it needs, or could come to that, and where no step would be asked at all.
    """
    templates = templates_of(chain)
    staffing = staffing_of(subject.client, templates)
    plan = plan_of(templates, staffing, author_id=subject.author.pk, facts=facts, watched=subject.client.watched_names)
    for planned in plan:
        if planned.refusal:
            raise ValidationError({"chain": planned.refusal})
    return plan


def templates_of(chain: Chain) -> list[Template]:
    """The chain's steps with whom they name, by one query: as they stood at one moment, whoever is just changing them."""
    return [
        Template(step=step, named=frozenset(step.named), further=frozenset(step.further))
        for step in _STEPS(chain=chain.pk)
    ]


def _steps(chain: int) -> QuerySet[Any]:
    named, further = Step.users.through.objects, Step.escalate_to.through.objects
    return Step.objects.filter(chain=chain).annotate(
        named=ArraySubquery(named.filter(step=OuterRef("pk")).values("user_id")),
        further=ArraySubquery(further.filter(step=OuterRef("pk")).values("user_id")),
    )


_STEPS = Prepared(_steps)


def plan_of(
    templates: Sequence[Template], staffing: Staffing, *, author_id: int, facts: Facts, watched: Collection[str]
) -> list[Planned]:
    """The same, of steps that need not be saved; a step that can't run says so itself (``refusal``).

    Raises ``ValidationError`` on ``chain`` where no step would be asked at all.
    """
    if not templates:
        raise ValidationError({"chain": ValidationError(_("This approval chain has no steps."), code="no_steps")})
    asked = [template for template in templates if conditions.is_met(template.step.only, facts, watched)]
    if not asked:
        text = _("No step of this approval chain applies here, so nobody would be asked. Choose another one.")
        raise ValidationError({"chain": ValidationError(text, code="no_step_applies")})
    staffed = iter(staff(asked, staffing, author_id, facts.writers))
    return [next(staffed) if template in asked else Planned(step=template.step, skipped=True) for template in templates]


def staff(
    templates: Sequence[Template], staffing: Staffing, author_id: int, writers: Collection[int] = ()
) -> list[Planned]:
    """The people of these steps, all of which are asked."""
    plan: list[Planned] = []
    for template in templates:
        step = template.step
        barred = {author_id, *writers} if step.four_eyes else {author_id}
        people, spare = _four_eyes(step, staffing.people_of(template, author_id) - barred, plan)
        needed = {Rule.ANY: 1, Rule.ALL: max(1, len(people)), Rule.AT_LEAST: step.needed}[Rule(step.rule)]
        certain = len(people) - spare
        further = set[int]()
        if step.on_deadline == OnDeadline.ESCALATE:
            further = staffing.may_decide(template.further) - people - barred
        plan.append(
            Planned(
                step=step,
                people=sorted(people),
                needed=needed,
                escalate_to=sorted(further),
                refusal=_too_few(step, certain, needed) if certain < needed else None,
            )
        )
    return plan


def _four_eyes(step: Step, people: set[int], before: Sequence[Planned]) -> tuple[set[int], int]:
    """The people of a step with four eyes, and how many of them the steps before may use up at most.

    Where all must approve, whoever sits on a step before (or may be asked there at its deadline) is left out, so that the
    number stays what it is. Otherwise who decided before is refused when it comes to it.
    """
    if not step.four_eyes:
        return people, 0
    if step.rule == Rule.ALL:
        return people.difference(*(_sitters(planned) for planned in before)), 0
    return people, most_used_up(people, [(_sitters(planned), planned.needed) for planned in before])


def _sitters(planned: Planned) -> set[int]:
    return {*planned.people, *planned.escalate_to}


def most_used_up(people: Collection[int], before: Sequence[tuple[Collection[int], int]]) -> int:
    """How many of these people can have decided before, at most: each step before has its people and takes so many of them.

    Every person is used up once, however many steps they decided on, so this is a largest matching of people to steps.
    People who sit on the same steps are moved together.
    """
    groups = Counter(
        frozenset(number for number, (sitters, _needed) in enumerate(before) if person in sitters) for person in people
    )
    free = [needed for _sitters, needed in before]
    placed: Counter[tuple[frozenset[int], int]] = Counter()

    def place(group: frozenset[int], many: int, tried: set[int]) -> int:
        for number in sorted(group - tried):
            tried.add(number)
            if free[number]:
                moved = min(many, free[number])
                free[number] -= moved
                placed[group, number] += moved
                return moved
            for other in groups:
                moved = place(other, min(many, placed[other, number]), tried) if placed[other, number] else 0
                if moved:
                    placed[other, number] -= moved
                    placed[group, number] += moved
                    return moved
        return 0

    for group, many in groups.items():
        left = many
        while left and (moved := place(group, left, set())):
            left -= moved
    return sum(placed.values())


def staffing_of(client: Client, templates: Sequence[Template]) -> Staffing:
    """Who may decide for this client, as far as these steps ask; two queries at most."""
    deciding = Membership.objects.filter(client=client, user__is_active=True, role__in=DECIDING_ROLES)
    roles: dict[int, str] = {}
    bosses: dict[int, int] = {}
    for user_id, role, manager_id in deciding.values_list("user_id", "role", "manager_id"):
        roles[user_id] = role
        if manager_id:
            bosses[user_id] = manager_id
    asked = set(bosses.values()).union(*(template.named | template.further for template in templates))
    return Staffing(roles=roles, bosses=bosses, admins=agency_admins() if asked - roles.keys() else ())


def agency_admins() -> set[int]:
    """The ids of the agency's admins."""
    return set(User.objects.filter(is_active=True, is_agency_admin=True).values_list("pk", flat=True))


def managers(author_id: int, bosses: Mapping[int, int]) -> list[int]:
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
    return ValidationError(text, code="no_eligible_approver", params=params)
