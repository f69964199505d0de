"""What posts can serve: objectives and occasions of strategies, also those that were taken out since."""

from typing import TypeVar

from django.db.models import Q, QuerySet

from accounts.models import User
from clients.models import Client
from strategy.models import Objective, Occasion, StrategyState
from strategy.selectors.strategies import known_to

Row = TypeVar("Row", Objective, Occasion)


def served_objectives(user: User) -> QuerySet[Objective]:
    """All objectives of the strategies that this person may see: a post keeps naming one that was taken out."""
    return Objective.objects.select_related("strategy", "client").filter(known_to(user, "strategy__"))


def served_occasions(user: User) -> QuerySet[Occasion]:
    """The same of occasions."""
    return Occasion.objects.select_related("strategy", "client").filter(known_to(user, "strategy__"))


def to_choose(found: QuerySet[Row], client: Client, kept: int | None = None) -> QuerySet[Row]:
    """Of these, what a post of this client can be given: living ones of strategies that are not over, and the one it has."""
    given = Q(removed_at=None) & ~Q(strategy__state=StrategyState.SUPERSEDED)
    return found.filter(given | Q(pk=kept), client=client)
