"""What every writing to a strategy has in common: the lock first, who may, and what a change of its content takes back."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict, Stale
from accounts.models import User
from approvals.models import ReviewState
from approvals.services import supersede
from audit.services import record
from clients.models import CONTACT_ROLES, STAFF_ROLES, Role
from clients.selectors import require
from strategy.models import Strategy, StrategyState, StrategyWriter


def lock_strategy(pk: int) -> Strategy:
    """The strategy as it stands, its row locked until the end of the transaction: the one lock, always first.

    It is read once it is locked: in one statement, whoever waited for the lock would get the rows beside it as they stood
    before the wait.
    """
    Strategy.objects.select_for_update(no_key=True).order_by().values_list("pk").get(pk=pk)
    return Strategy.objects.select_related("client", "version", "agreed_version", "review").get(pk=pk)


def lock_for_staff(user: User, pk: int, edition: int | None = None) -> Strategy:
    """The same, to change what is the agency's to change. Raises ``Stale`` where ``edition`` is not the one that stands."""
    strategy = lock_strategy(pk)
    require_known(user, strategy, STAFF_ROLES)
    require_writable(strategy, edition)
    return strategy


def lock_for_writing(user: User, pk: int, edition: int | None = None) -> Strategy:
    """The same for whoever may write in it: staff, and the client's approvers where the agency lets them."""
    strategy = lock_strategy(pk)
    role = require_known(user, strategy, set(Role))
    if not may_write(role, strategy):
        text = _("You may read this strategy, and suggest other words. Writing in it is for others.")
        raise PermissionDenied(text)
    require_writable(strategy, edition)
    return strategy


def require_known(user: User, strategy: Strategy, roles: Iterable[str]) -> Role:
    """This person's role, which must be one of these. Raises ``DoesNotExist`` for whom there is no such strategy."""
    role = require(user, strategy.client_id, set(Role))
    if role in CONTACT_ROLES and not strategy.shared:
        raise Strategy.DoesNotExist
    return require(user, strategy.client_id, set(roles))


def may_write(role: Role | None, strategy: Strategy) -> bool:
    """Whether somebody in this role writes in the sections themselves."""
    return role in STAFF_ROLES or (role == Role.APPROVER and strategy.shared and strategy.contacts_write)


def require_writable(strategy: Strategy, edition: int | None = None) -> None:
    """Raises ``Conflict`` for one that is over, ``Stale`` where somebody changed it since that edition."""
    if edition is not None and edition != strategy.edition:
        text = _("Somebody else has changed this strategy since you read it. Read it again, then change it.")
        raise Stale("changed_meanwhile", text)
    if strategy.state == StrategyState.SUPERSEDED:
        raise Conflict("over", _("This strategy is over: it stays as it is. Begin a new one from it."))


def set_strategy(strategy: Strategy, **fields: Any) -> None:
    """Write these fields of a locked strategy, as its next edition."""
    strategy.edition += 1
    strategy.updated_at = timezone.now()
    for name, value in fields.items():
        setattr(strategy, name, value)
    strategy.save(update_fields=[*fields, "edition", "updated_at"])


def content_changed(strategy: Strategy, user: User, *beside: int, **fields: Any) -> None:
    """The locked strategy reads otherwise now: what was in review counts no more. What is in force stays so.

    ``beside`` are the ids of others who wrote of it, too; ``fields`` are written along.
    """
    if strategy.review and strategy.state == StrategyState.IN_REVIEW and strategy.review.state == ReviewState.OPEN:
        supersede(review=strategy.review, user=user)
    if strategy.state != StrategyState.DRAFT or strategy.version_id is not None:
        fields |= {"state": StrategyState.DRAFT, "version": None, "review": None}
    if require(user, strategy.client_id, set(Role)) in STAFF_ROLES:
        fields["written_by"] = user
    set_strategy(strategy, **fields)
    note_writers(strategy, [user.pk, *beside])


def note_writers(strategy: Strategy, users: Iterable[int]) -> None:
    """These people (by id) wrote something of it. It is never forgotten."""
    StrategyWriter.objects.bulk_create(
        [StrategyWriter(strategy=strategy, client_id=strategy.client_id, user_id=user) for user in sorted(set(users))],
        ignore_conflicts=True,
    )


def note(strategy: Strategy, user: User | None, verb: str, digest: str = "", **data: Any) -> None:
    """Into the evidence, last."""
    record(
        client_id=strategy.client_id,
        actor=user,
        verb=f"strategy.{verb}",
        subject_type="strategy",
        subject_id=strategy.pk,
        digest=digest,
        **data,
    )
