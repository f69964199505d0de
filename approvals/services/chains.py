"""Templates: written by managers, chosen when something is submitted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from approvals import conditions, subjects
from approvals.models import Chain, ChainDefault, DefaultScope, OnDeadline, Restart, Rule, Step, SubjectKind
from approvals.services.planning import require_passable
from audit.services import record
from clients.models import DECIDING_ROLES, Client, Membership, Role
from clients.selectors import require
from clients.services import require_admin

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_STEPS = 30


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


def chain_for(
    *,
    client: Client,
    subject: str,
    chosen: Chain | None,
    channels: Collection[int] = (),
    labels: Collection[str] = (),
) -> Chain:
    """The chain to use: the chosen one, else that of a label, of a channel, the client's default, the agency's.

    Raises ``ValidationError`` on ``chain`` when there is none, and where two labels or two channels have different ones.
    """
    if chosen is not None:
        if chosen.active and chosen.subject == subject and chosen.client_id in {None, client.pk}:
            return chosen
        raise ValidationError({"chain": ValidationError(_("This approval chain can't be used here."), code="chain")})
    closer = _closer(client, subject, channels, labels)
    if closer is not None:
        return closer
    defaults = Chain.objects.filter(active=True, is_default=True, subject=subject)
    found = defaults.filter(client=client).first() or defaults.filter(client=None).first()
    if found is None:
        raise ValidationError(
            {"chain": ValidationError(_("Choose an approval chain: there is no default one yet."), code="required")}
        )
    return found


def _closer(client: Client, subject: str, channels: Collection[int], labels: Collection[str]) -> Chain | None:
    """The chain for one of the labels, else for one of the channels."""
    values = {DefaultScope.LABEL: set(labels), DefaultScope.CHANNEL: {str(pk) for pk in channels}}
    rows = ChainDefault.objects.filter(client=client, subject=subject, chain__active=True).select_related("chain")
    found: dict[str, dict[int, Chain]] = {DefaultScope.LABEL: {}, DefaultScope.CHANNEL: {}}
    for row in rows:
        if row.value in values[DefaultScope(row.scope)]:
            found[row.scope][row.chain_id] = row.chain
    for scope in (DefaultScope.LABEL, DefaultScope.CHANNEL):
        if len(found[scope]) > 1:
            names = ", ".join(sorted(chain.name for chain in found[scope].values()))
            text = _("More than one approval chain is meant for this: %(names)s. Choose one.")
            raise ValidationError({"chain": ValidationError(text, code="ambiguous", params={"names": names})})
        if found[scope]:
            return next(iter(found[scope].values()))
    return None


@transaction.atomic
def save_chain(  # noqa: PLR0913 - a chain is all of these
    *,
    user: User,
    client: Client | None,
    name: str,
    steps: Sequence[StepPlan],
    chain: Chain | None = None,
    subject: str = SubjectKind.POST,
    is_default: bool = False,
    active: bool = True,
    restart: str = Restart.FIRST,
    default_channels: Collection[int] = (),
    default_labels: Collection[str] = (),
    copied_from: Chain | None = None,
) -> Chain:
    """Write a chain anew or change it; reviews under way keep the copy that they started with.

    Managers write those of their client, agency admins the agency's own. A chain stays with its client. Raises
    ``ValidationError`` on ``steps`` for what no step can be, and for a chain that nobody could ever pass.
    """
    if client is None:
        require_admin(user)
    else:
        require(user, client, {Role.MANAGER})
    if chain is not None:
        chain = Chain.objects.select_for_update().get(pk=chain.pk, client=client)
    verb = "chain.edited" if chain else "chain.created"
    choices = subjects.of_kind(subject).choices(client) if subjects.is_known(subject) else subjects.Choices()
    cleaned = [conditions_of(position, plan, choices) for position, plan in enumerate(steps, start=1)]
    _check_steps(client, steps)
    chain = chain or Chain(client=client, copied_from=copied_from)
    chain.name, chain.subject, chain.is_default, chain.active = name, subject, is_default, active
    chain.restart = restart
    chain.full_clean()
    chain.save()
    _write_steps(chain, steps, cleaned)
    _write_defaults(chain, choices, default_channels, default_labels)
    if client is not None and active:
        require_passable(chain=chain, client=client)
    record(
        client_id=chain.client_id,
        actor=user,
        verb=verb,
        subject_type="chain",
        subject_id=chain.pk,
        name=chain.name,
        restart=str(restart),
        steps=[_as_evidence(plan, only) for plan, only in zip(steps, cleaned, strict=True)],
    )
    return chain


@transaction.atomic
def copy_chain(*, user: User, chain: Chain, client: Client, name: str) -> Chain:
    """A client's own chain with the steps of one of the agency's, to be changed from there. The original stays."""
    return save_chain(
        user=user,
        client=client,
        name=name,
        subject=chain.subject,
        restart=chain.restart,
        steps=plans_of(chain),
        copied_from=chain,
    )


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
        for step in chain.steps.prefetch_related("users", "escalate_to")
    ]


def conditions_of(position: int, plan: StepPlan, choices: subjects.Choices) -> dict[str, list[Any]]:
    """The step's condition, checked. Raises ``ValidationError`` on ``steps``."""
    try:
        return conditions.clean(plan.only, choices)
    except ValidationError as error:
        text = _("Step %(position)d: %(what)s")
        params = {"position": position, "what": " ".join(error.messages)}
        raise ValidationError({"steps": ValidationError(text, code="only", params=params)}) from error


def _as_evidence(plan: StepPlan, only: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": plan.name,
        "rule": str(plan.rule),
        "needed": plan.needed,
        "role": str(plan.role),
        "users": [person.pk for person in plan.users],
    }
    further = {
        "managers_up": plan.managers_up,
        "only": dict(only),
        "due_after_minutes": plan.due_after_minutes,
        "due_before_minutes": plan.due_before_minutes,
        "on_deadline": str(plan.on_deadline) if plan.on_deadline != OnDeadline.REMIND else "",
        "escalate_to": [person.pk for person in plan.escalate_to],
        "never_tacit": plan.never_tacit,
        "four_eyes": plan.four_eyes,
    }
    return said | {key: value for key, value in further.items() if value}


def _write_steps(chain: Chain, plans: Sequence[StepPlan], cleaned: Sequence[Mapping[str, Any]]) -> None:
    chain.steps.all().delete()
    for position, (plan, only) in enumerate(zip(plans, cleaned, strict=True), start=1):
        step = Step(
            chain=chain,
            position=position,
            name=plan.name,
            rule=plan.rule,
            needed=plan.needed,
            role=plan.role,
            managers_up=plan.managers_up,
            only=dict(only),
            due_after_minutes=plan.due_after_minutes,
            due_before_minutes=plan.due_before_minutes,
            on_deadline=plan.on_deadline,
            never_tacit=plan.never_tacit,
            four_eyes=plan.four_eyes,
        )
        step.full_clean(exclude=["chain"], validate_unique=False, validate_constraints=False)
        step.save(force_insert=True)
        step.users.set(plan.users)
        step.escalate_to.set(plan.escalate_to)


def _write_defaults(
    chain: Chain, choices: subjects.Choices, channels: Collection[int], labels: Collection[str]
) -> None:
    known: dict[str, dict[Any, str]] = {
        DefaultScope.CHANNEL: dict(choices.channels),
        DefaultScope.LABEL: dict(choices.labels),
    }
    for scope, field_name, wanted in (
        (DefaultScope.CHANNEL, "default_channels", channels),
        (DefaultScope.LABEL, "default_labels", labels),
    ):
        for value in wanted:
            if value not in known[scope]:
                text = _("There is no %(value)s here.")
                raise ValidationError(
                    {field_name: ValidationError(text, code="does_not_exist", params={"value": str(value)[:60]})}
                )
    chain.defaults.all().delete()
    rows = [(DefaultScope.CHANNEL, str(pk)) for pk in channels] + [(DefaultScope.LABEL, name) for name in labels]
    for scope, value in rows:
        row = ChainDefault(chain=chain, client=chain.client, subject=chain.subject, scope=scope, value=value)
        row.full_clean()
        row.save(force_insert=True)


def _check_steps(client: Client | None, plans: Sequence[StepPlan]) -> None:
    if not plans:
        raise ValidationError({"steps": ValidationError(_("A chain has at least one step."), code="required")})
    if len(plans) > MOST_STEPS:
        text = _("A chain has at most %(limit)d steps.")
        raise ValidationError({"steps": ValidationError(text, code="max_length", params={"limit": MOST_STEPS})})
    roles: dict[int, str] = {}
    if client:
        roles = dict(Membership.objects.filter(client=client).values_list("user_id", "role"))
    for position, plan in enumerate(plans, start=1):
        _check_who(position, plan, client, roles)
        _check_time(position, plan)


def _check_who(position: int, plan: StepPlan, client: Client | None, roles: Mapping[int, str]) -> None:
    if sum([bool(plan.users), bool(plan.role), bool(plan.managers_up)]) != 1:
        text = _("Step %(position)d needs people by name, a role, or the author's manager, and just one of these.")
        raise _step_error(position, text, "who")
    for person in [*plan.users, *plan.escalate_to]:
        if person.is_agency_admin or not client:
            continue
        if person.pk not in roles:
            text = _("Step %(position)d names %(name)s, who has no role for this client.")
            raise _step_error(position, text, "member", person)
        if roles[person.pk] not in DECIDING_ROLES:
            text = _("Step %(position)d names %(name)s, who may only look.")
            raise _step_error(position, text, "viewer", person)
    if plan.users and plan.rule == Rule.AT_LEAST and plan.needed > len(plan.users):
        raise _step_error(position, _("Step %(position)d asks for more approvals than it has people."), "needed")
    if plan.managers_up and plan.rule == Rule.AT_LEAST and plan.needed > 1:
        raise _step_error(position, _("Step %(position)d asks for more approvals than it has people."), "needed")


def _check_time(position: int, plan: StepPlan) -> None:
    has_deadline = plan.due_after_minutes is not None or plan.due_before_minutes is not None
    if not has_deadline and plan.on_deadline != OnDeadline.REMIND:
        raise _step_error(position, _("Step %(position)d says what happens at its deadline, and has none."), "deadline")
    if 0 in {plan.due_after_minutes, plan.due_before_minutes}:
        raise _step_error(position, _("Step %(position)d has a deadline of no time at all."), "deadline")
    if plan.on_deadline == OnDeadline.ESCALATE and not plan.escalate_to:
        raise _step_error(
            position, _("Step %(position)d asks more people at its deadline, and names none."), "escalate_to"
        )
    if plan.on_deadline != OnDeadline.ESCALATE and plan.escalate_to:
        text = _("Step %(position)d names whom to ask at its deadline, and does not ask more people then.")
        raise _step_error(position, text, "escalate_to")
    if plan.on_deadline == OnDeadline.TACIT and plan.never_tacit:
        raise _step_error(position, _("Step %(position)d is never tacit, and counts silence as consent."), "tacit")


def _step_error(position: int, text: "StrOrPromise", code: str, person: User | None = None) -> ValidationError:
    params = {"position": position, "name": person.name if person else ""}
    return ValidationError({"steps": ValidationError(text, code=code, params=params)})
