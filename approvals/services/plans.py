"""The steps of a chain as somebody wants them, and all that a step can't be.

Whatever is wrong is said at once, each thing at its step and field: ``steps.0.users`` are the people of the first step.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from approvals import conditions, subjects
from approvals.models import Chain, OnDeadline, Rule, Step
from approvals.selectors import people_of_steps
from approvals.services.planning import Template
from clients.models import DECIDING_ROLES, Client, Membership

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_STEPS = 30
MOST_PEOPLE = 100  # in one step
MOST_WORKING_MINUTES = 1000 * 60  # at an hour a week these are nineteen years: a deadline is always to be found
MOST_MINUTES_BEFORE = 366 * 24 * 60


@dataclass(frozen=True, kw_only=True)
class StepPlan:
    """One step as somebody wants it (see ``approvals.models.Step``): the people named, a role, or the author's manager."""

    name: str
    rule: str = Rule.ANY
    needed: int = 1
    role: str = ""
    users: Sequence[User] = field(default=())
    managers_up: int = 0
    only: Mapping[str, Any] = field(default_factory=dict)
    due_after_minutes: int | None = None
    due_before_minutes: int | None = None
    on_deadline: str = OnDeadline.REMIND
    escalate_to: Sequence[User] = field(default=())
    never_tacit: bool = False
    four_eyes: bool = False


class Fault(NamedTuple):
    """One thing that a step can't be; without a field it is of the whole step."""

    field: str
    text: "StrOrPromise"
    code: str
    params: Mapping[str, Any] = {}


def templates_from(plans: Sequence[StepPlan], client: Client | None, choices: subjects.Choices) -> list[Template]:
    """The steps, not saved, with whom they name. ``choices`` are what their conditions may name.

    Raises ``ValidationError`` on ``steps`` for none or too many, and on each step and field for what no step can be.
    """
    _check_number(plans)
    roles: dict[int, str] = {}
    if client:
        roles = dict(Membership.objects.filter(client=client).values_list("user_id", "role"))
    errors: defaultdict[str, list[ValidationError]] = defaultdict(list)
    templates = []
    for number, plan in enumerate(plans):
        for fault in [*_of_who(plan, client, roles), *_of_number(plan), *_of_time(plan, client)]:
            key = ".".join(filter(None, [f"steps.{number}", fault.field]))
            params = {"position": number + 1, **fault.params}
            errors[key].append(ValidationError(fault.text, code=fault.code, params=params))
        step = _step(number, plan)
        for name, found in _of_columns(step, plan, choices).items():
            errors[".".join(filter(None, [f"steps.{number}", name]))].extend(found)
        named, further = ({user.pk for user in people} for people in (plan.users, plan.escalate_to))
        templates.append(Template(step=step, named=frozenset(named), further=frozenset(further)))
    if errors:
        raise ValidationError(dict(errors))
    return templates


def plans_of(chain: Chain) -> list[StepPlan]:
    """The chain's steps as somebody would want them again."""
    return [
        StepPlan(
            name=step.name,
            rule=step.rule,
            needed=step.needed,
            role=step.role,
            users=list(step.users.all()),
            managers_up=step.managers_up,
            only=step.only,
            due_after_minutes=step.due_after_minutes,
            due_before_minutes=step.due_before_minutes,
            on_deadline=step.on_deadline,
            escalate_to=list(step.escalate_to.all()),
            never_tacit=step.never_tacit,
            four_eyes=step.four_eyes,
        )
        for step in chain.steps.prefetch_related(*people_of_steps())
    ]


def _step(number: int, plan: StepPlan) -> Step:
    return Step(
        position=number + 1,
        name=plan.name,
        rule=plan.rule,
        needed=plan.needed,
        role=plan.role,
        managers_up=plan.managers_up,
        due_after_minutes=plan.due_after_minutes,
        due_before_minutes=plan.due_before_minutes,
        on_deadline=plan.on_deadline,
        never_tacit=plan.never_tacit,
        four_eyes=plan.four_eyes,
    )


def _check_number(plans: Sequence[StepPlan]) -> None:
    if not plans:
        raise ValidationError({"steps": ValidationError(_("A chain has at least one step."), code="required")})
    if len(plans) > MOST_STEPS:
        text = _("A chain has at most %(limit)d steps.")
        raise ValidationError({"steps": ValidationError(text, code="max_length", params={"limit": MOST_STEPS})})


def _of_columns(step: Step, plan: StepPlan, choices: subjects.Choices) -> dict[str, list[ValidationError]]:
    """What the table itself refuses, and what the condition can't name, by field."""
    found: dict[str, list[ValidationError]] = {}
    try:
        step.only = conditions.clean(plan.only, choices)
    except ValidationError as error:
        found |= {f"only.{name}".removesuffix("."): errors for name, errors in error.error_dict.items()}
    try:
        step.full_clean(exclude=["chain", "only"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        found |= {name if name != NON_FIELD_ERRORS else "": errors for name, errors in error.error_dict.items()}
    return found


def _of_who(plan: StepPlan, client: Client | None, roles: Mapping[int, str]) -> Iterator[Fault]:
    if sum([bool(plan.users), bool(plan.role), bool(plan.managers_up)]) != 1:
        text = _("Step %(position)d needs people by name, a role, or the author's manager, and just one of these.")
        yield Fault("", text, "who")
    if plan.role and plan.role not in DECIDING_ROLES:
        yield Fault("role", _("Step %(position)d asks people who may only look."), "viewer")
    for name, people in (("users", plan.users), ("escalate_to", plan.escalate_to)):
        if len(people) > MOST_PEOPLE:
            yield Fault(name, _("At most %(limit)d people in one step."), "max_length", {"limit": MOST_PEOPLE})
        for person in people:
            yield from _of_person(name, person, client, roles)


def _of_person(name: str, person: User, client: Client | None, roles: Mapping[int, str]) -> Iterator[Fault]:
    said = {"name": str(person)}
    if not person.is_active:
        yield Fault(name, _("Step %(position)d names %(name)s, who is switched off."), "inactive", said)
    elif person.is_agency_admin or not client:
        return
    elif person.pk not in roles:
        yield Fault(name, _("Step %(position)d names %(name)s, who has no role for this client."), "member", said)
    elif roles[person.pk] not in DECIDING_ROLES:
        yield Fault(name, _("Step %(position)d names %(name)s, who may only look."), "viewer", said)


def _of_number(plan: StepPlan) -> Iterator[Fault]:
    if plan.rule != Rule.AT_LEAST:
        return
    seats = 1 if plan.managers_up else len({person.pk for person in plan.users}) or MOST_PEOPLE
    if plan.needed > seats:
        yield Fault("needed", _("Step %(position)d asks for more approvals than it has people."), "needed")


def _of_time(plan: StepPlan, client: Client | None) -> Iterator[Fault]:
    limits = {"due_after_minutes": MOST_WORKING_MINUTES, "due_before_minutes": MOST_MINUTES_BEFORE}
    given = {name: minutes for name in limits if (minutes := getattr(plan, name)) is not None}
    for name, minutes in given.items():
        if minutes <= 0:
            yield Fault(name, _("Step %(position)d has a deadline of no time at all."), "deadline")
        if minutes > limits[name]:
            text = _("Step %(position)d has a deadline too far away: at most %(hours)d hours.")
            yield Fault(name, text, "max_value", {"hours": limits[name] // 60})
    if not given and plan.on_deadline != OnDeadline.REMIND:
        yield Fault("on_deadline", _("Step %(position)d says what happens at its deadline, and has none."), "deadline")
    yield from _of_deadline(plan, client)


def _of_deadline(plan: StepPlan, client: Client | None) -> Iterator[Fault]:
    escalates = plan.on_deadline == OnDeadline.ESCALATE
    if escalates and not plan.escalate_to:
        text = _("Step %(position)d asks more people at its deadline, and names none.")
        yield Fault("escalate_to", text, "escalate_to")
    if plan.escalate_to and not escalates:
        text = _("Step %(position)d names whom to ask at its deadline, and does not ask more people then.")
        yield Fault("escalate_to", text, "escalate_to")
    if plan.on_deadline != OnDeadline.TACIT:
        return
    if plan.never_tacit:
        text = _("Step %(position)d is never tacit, and counts silence as consent.")
        yield Fault("on_deadline", text, "tacit")
    if client and not client.tacit_consent:
        text = _(
            "Step %(position)d counts silence as consent, which %(client)s has not agreed to in writing. Put the date and "
            "the document of that agreement on the client first; or remind, or ask more people."
        )
        yield Fault("on_deadline", text, "tacit_consent", {"client": client.name})
