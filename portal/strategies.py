"""Strategies as one of the client's people finds them: where each stands, and who may do what there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.models import User
from approvals.models import Audience, Review
from approvals.selectors import waiting_for
from clients.selectors import role_of
from portal.asked_strategy import is_strategy
from strategy.models import Agreement, Section, Strategy, StrategyState
from strategy.selectors import in_force
from strategy.services import is_in
from strategy.services.changing import may_write


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One strategy in the list. ``waits``: the review in which this person's decision is asked now."""

    strategy: Strategy
    in_force: Agreement | None
    waits: Review | None


@dataclass(frozen=True, kw_only=True)
class Ways:
    """What leads on from a section: how much is open there, and who is writing in it."""

    section: Section
    open: int
    inside: User | None


def standings(reader: User, found: Iterable[Strategy]) -> list[Standing]:
    """Each strategy where it stands; two queries for all of them."""
    rows = list(found)
    force = in_force(reader, [row.pk for row in rows])
    waits = waiting_in(reader, rows)
    return [Standing(strategy=row, in_force=force.get(row.pk), waits=waits.get(row.pk)) for row in rows]


def waiting_in(reader: User, rows: Iterable[Strategy]) -> Mapping[int, Review]:
    """The reviews of these strategies in which this person's decision is asked now, by the strategy; one query."""
    named = [row.review_id for row in rows if row.review_id and row.state == StrategyState.IN_REVIEW]
    if not named:
        return {}
    return {review.subject_id: review for review in waiting_for(reader).filter(pk__in=named) if is_strategy(review)}


def writes(reader: User, strategy: Strategy) -> bool:
    """Whether this person writes in the sections themselves; of one that is over nobody does."""
    if strategy.state == StrategyState.SUPERSEDED:
        return False
    return may_write(role_of(reader, strategy.client_id), strategy)


def ways_on(strategy: Strategy) -> dict[int, Ways]:
    """Of each living section, by its id; one query. What stays in the agency counts for nobody here."""
    open_ones = Q(suggestions__state="open", suggestions__audience=Audience.CLIENT)
    talked = Q(remarks__parent=None, remarks__resolved_at=None, remarks__audience=Audience.CLIENT)
    found = (
        strategy.sections.filter(removed_at=None)
        .select_related("locked_by")
        .annotate(
            suggested=Count("suggestions", filter=open_ones, distinct=True),
            said=Count("remarks", filter=talked, distinct=True),
        )
    )
    return {row.pk: Ways(section=row, open=row.suggested + row.said, inside=is_in(row)) for row in found}
