"""Templates: written by managers, chosen when something is submitted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from approvals.models import Chain, Rule, Step, SubjectKind
from audit.services import record
from clients.models import Client, Membership, Role
from clients.selectors import require
from clients.services import require_admin

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, kw_only=True)
class StepPlan:
    """One step as somebody wants it: the people named, or a role, and how many of them must approve."""

    name: str
    rule: str = Rule.ANY
    needed: int = 1
    role: str = ""
    users: Sequence[User] = field(default=())


def chain_for(*, client: Client, subject: str, chosen: Chain | None) -> Chain:
    """The chain to use: the chosen one, else the client's default, else the agency's.

    Raises ``ValidationError`` on ``chain`` when there is none.
    """
    if chosen is not None:
        if chosen.active and chosen.subject == subject and chosen.client_id in {None, client.pk}:
            return chosen
        raise ValidationError({"chain": ValidationError(_("This approval chain can't be used here."), code="chain")})
    defaults = Chain.objects.filter(active=True, is_default=True, subject=subject)
    found = defaults.filter(client=client).first() or defaults.filter(client=None).first()
    if found is None:
        raise ValidationError(
            {"chain": ValidationError(_("Choose an approval chain: there is no default one yet."), code="required")}
        )
    return found


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
) -> Chain:
    """Write a chain anew or change it; reviews under way keep the copy that they started with.

    Managers write those of their client, agency admins the agency's own. A chain stays with its client.
    """
    if client is None:
        require_admin(user)
    else:
        require(user, client, {Role.MANAGER})
    if chain is not None:
        chain = Chain.objects.select_for_update().get(pk=chain.pk, client=client)
    verb = "chain.edited" if chain else "chain.created"
    _check_steps(client, steps)
    chain = chain or Chain(client=client)
    chain.name, chain.subject, chain.is_default, chain.active = name, subject, is_default, active
    chain.full_clean()
    chain.save()
    _write_steps(chain, steps)
    record(
        client_id=chain.client_id,
        actor=user,
        verb=verb,
        subject_type="chain",
        subject_id=chain.pk,
        name=chain.name,
        steps=[
            {
                "name": s.name,
                "rule": str(s.rule),
                "needed": s.needed,
                "role": str(s.role),
                "users": [u.pk for u in s.users],
            }
            for s in steps
        ],
    )
    return chain


def _write_steps(chain: Chain, plans: Sequence[StepPlan]) -> None:
    chain.steps.all().delete()
    for position, plan in enumerate(plans, start=1):
        step = Step(chain=chain, position=position, name=plan.name, rule=plan.rule, needed=plan.needed, role=plan.role)
        step.full_clean(exclude=["chain"], validate_unique=False, validate_constraints=False)
        step.save(force_insert=True)
        step.users.set(plan.users)


def _check_steps(client: Client | None, plans: Sequence[StepPlan]) -> None:
    if not plans:
        raise ValidationError({"steps": ValidationError(_("A chain has at least one step."), code="required")})
    members = set(Membership.objects.filter(client=client).values_list("user_id", flat=True)) if client else set()
    for position, plan in enumerate(plans, start=1):
        if bool(plan.users) == bool(plan.role):
            raise _step_error(position, _("Step %(position)d needs people by name or a role, and not both."), "who")
        for person in plan.users:
            if client and person.pk not in members and not person.is_agency_admin:
                raise _step_error(
                    position, _("Step %(position)d names %(name)s, who has no role for this client."), "member", person
                )
        if plan.users and plan.rule == Rule.AT_LEAST and plan.needed > len(plan.users):
            raise _step_error(position, _("Step %(position)d asks for more approvals than it has people."), "needed")


def _step_error(position: int, text: "StrOrPromise", code: str, person: User | None = None) -> ValidationError:
    params = {"position": position, "name": person.name if person else ""}
    return ValidationError({"steps": ValidationError(text, code=code, params=params)})
