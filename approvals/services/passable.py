"""A chain that nobody could ever pass is refused when it is written, not when somebody waits for it."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError

from accounts.models import User
from approvals.models import Rule
from approvals.models.chains import MOST_MANAGERS_UP
from approvals.services.planning import Staffing, Template, agency_admins, staff, staffing_of
from clients.models import DECIDING_ROLES, STAFF_ROLES, Client


def require_passable(*, templates: Sequence[Template], client: Client | None) -> None:
    """Refuse a chain that nobody's post could ever pass, with all of its steps asked.

    Without a client, where it could pass at no client at all, however many people that had. Raises ``ValidationError`` on
    the step (``steps.0`` is the first) at which it ends for the author with whom it gets furthest.
    """
    staffing, authors = _anywhere(templates) if client is None else _at(client, templates)
    stuck = stuck_at(templates, staffing, authors)
    if stuck is not None:
        raise ValidationError({f"steps.{stuck[0]}": stuck[1]})


def stuck_at(
    templates: Sequence[Template], staffing: Staffing, authors: Iterable[int]
) -> tuple[int, ValidationError] | None:
    """None where what one of these authors writes can pass; else at which step it ends for the one who gets furthest, and why."""
    furthest: tuple[int, ValidationError] | None = None
    for author_id in authors:
        plan = staff(templates, staffing, author_id)
        stuck = next(((number, step.refusal) for number, step in enumerate(plan) if step.refusal), None)
        if stuck is None:
            return None
        if furthest is None or stuck[0] > furthest[0]:
            furthest = stuck
    return furthest


def _at(client: Client, templates: Sequence[Template]) -> tuple[Staffing, Iterable[int]]:
    """The client's own people, and those of them who write."""
    staffing = staffing_of(client, templates)
    writers = {user_id for user_id, role in staffing.roles.items() if role in STAFF_ROLES}
    return staffing, sorted(writers | agency_admins())


def _anywhere(templates: Sequence[Template]) -> tuple[Staffing, Iterable[int]]:
    """A client made up so that it suits the chain best: everybody named has a role, every role has enough people.

    Made-up people have numbers below zero. The author is none of those whom a step asks; their managers have no other part.
    """
    enough = sum(step.needed if step.rule == Rule.AT_LEAST else 1 for step in (item.step for item in templates)) + 1
    roles: dict[int, str] = {}
    for role in sorted(DECIDING_ROLES):
        for _person in range(enough):
            roles[-1 - len(roles)] = role
    author = -1 - len(roles)
    line = [author - up for up in range(1, MOST_MANAGERS_UP + 1)]
    bosses = dict(zip([author, *line], line, strict=False))
    named = set[int]().union(*(template.named for template in templates))
    there = set(User.objects.filter(pk__in=named, is_active=True).values_list("pk", flat=True)) if named else set()
    return Staffing(roles=roles, admins=there | set(line), bosses=bosses), [author]
