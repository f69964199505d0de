"""What posts can serve: objectives and occasions of strategies, also those that were taken out since."""

from typing import Any, TypeVar

from django.db.models import F, Func, JSONField, Q, QuerySet, Value
from django.db.models.functions import JSONObject

from accounts.models import User
from clients.models import Client
from strategy.content import as_said
from strategy.models import Objective, Occasion, StrategyState
from strategy.selectors.strategies import known_to

Row = TypeVar("Row", Objective, Occasion)
ROWS = {Objective: "objectives", Occasion: "occasions"}  # where a version's sections have them


def served_objectives(user: User) -> QuerySet[Objective]:
    """All objectives of the strategies that this person may see: a post keeps naming one that was taken out."""
    return Objective.objects.select_related("strategy", "client").filter(known_to(user, "strategy__"))


def served_occasions(user: User) -> QuerySet[Occasion]:
    """The same of occasions."""
    return Occasion.objects.select_related("strategy", "client").filter(known_to(user, "strategy__"))


def as_agreed(found: QuerySet[Row], pk: int) -> tuple[Row, bool] | None:
    """One of these as its strategy's agreed version has it, and whether it does; else as it reads now. None: not of these."""
    path = f"$.sections[*].{ROWS[found.model]}[*] ? (@.id == $id)"
    entry = Func(
        F("strategy__agreed_version__content"),
        Value(path),
        JSONObject(id=F("pk")),
        template="jsonb_path_query_first(%(expressions)s)",
        output_field=JSONField(),
    )
    row = found.filter(pk=pk).annotate(said=entry).first()
    if row is None:
        return None
    said: dict[str, Any] | None = getattr(row, "said", None)  # null, where the version has no such entry
    return (as_said(row, said), True) if said else (row, False)


def to_choose(found: QuerySet[Row], client: Client, kept: int | None = None) -> QuerySet[Row]:
    """Of these, what a post of this client can be given: living ones of strategies that are not over, and the one it has."""
    given = Q(removed_at=None) & ~Q(strategy__state=StrategyState.SUPERSEDED)
    return found.filter(given | Q(pk=kept), client=client)
