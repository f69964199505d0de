"""Whom what is said of a strategy concerns: they are told of it after a while, and of all that was said meanwhile at once."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from approvals.models import Audience
from clients.models import STAFF_ROLES, Membership, Role
from clients.selectors import roles_of
from notifications.services import tell
from strategy.models import Remark, Section, Strategy, Suggestion

TALK = "strategy_talk"
SUGGESTED, SETTLED, REMARKED = "suggested", "settled", "remarked"
HOLD = timedelta(minutes=10)


def tell_of_suggestion(strategy: Strategy, suggestion: Suggestion) -> None:
    """Somebody would write other words."""
    people = _concerned(strategy, suggestion.section, suggestion.author_id, suggestion.audience, others=())
    _tell(strategy, SUGGESTED, suggestion.pk, people - {suggestion.author_id})


def tell_of_fate(strategy: Strategy, suggestion: Suggestion) -> None:
    """Somebody has taken them over, or declined them."""
    _tell(strategy, SETTLED, suggestion.pk, {suggestion.author_id} - {suggestion.settled_by_id or 0})


def tell_of_remark(strategy: Strategy, remark: Remark) -> None:
    """Somebody has said something, or answered: then whoever speaks there hears of it."""
    parent = remark.parent
    others = [parent.author_id, *parent.answers.values_list("author_id", flat=True)] if parent else []
    people = _concerned(strategy, remark.section, remark.author_id, remark.audience, others=others)
    _tell(strategy, REMARKED, remark.pk, people - {remark.author_id})


def _concerned(strategy: Strategy, section: Section, author: int, audience: str, *, others: Iterable[int]) -> set[int]:
    """Of the agency who owns it and who wrote last; of the client who takes part, and its approvers where staff begin to speak.

    What stays in the agency concerns nobody outside it.
    """
    asked = {strategy.owner_id, strategy.written_by_id, *others, author}
    if section.owner_id:
        asked.add(section.owner_id)
    roles = roles_of(sorted(asked), strategy.client_id)
    people = {pk for pk in asked - {author} if roles.get(pk) in STAFF_ROLES}
    if audience != Audience.CLIENT or not strategy.shared:
        return people
    people |= {pk for pk in others if pk in roles}
    if not others and roles.get(author) in STAFF_ROLES:
        approvers = Membership.objects.filter(client=strategy.client_id, role=Role.APPROVER, user__is_active=True)
        people |= set(approvers.values_list("user_id", flat=True))
    return people


def _tell(strategy: Strategy, what: str, pk: int, people: Iterable[int]) -> None:
    tell(
        users=sorted(people),
        client_id=strategy.client_id,
        kind=TALK,
        key=f"{what}:{pk}",
        at=timezone.now() + HOLD,
        strategy=strategy.pk,
        events=[[what, pk]],
    )
