"""The client's pictures that stand in a strategy. For who may see it: nobody is asked here."""

from strategy import surroundings
from strategy.models import Revision, Strategy, StrategyVersion
from strategy.pictures import pictures_in
from strategy.surroundings import Picture


def pictures_of(strategy: Strategy) -> list[Picture]:
    """Those in what it says now, by their numbers; two queries."""
    bodies = strategy.sections.filter(removed_at=None, body__contains="media:").values_list("body", flat=True)
    return _found(strategy.client_id, {pk for body in bodies for pk in pictures_in(body)})


def pictures_in_version(version: StrategyVersion) -> list[Picture]:
    """Those in one of its versions, by their numbers; one query."""
    return _found(version.client_id, {picture["id"] for picture in version.content["media"]})


def ever_pictured(strategy: Strategy) -> set[int]:
    """The numbers of all that ever stood in one of its sections, or beside it."""
    bodies = Revision.objects.filter(section__strategy=strategy, body__contains="media:").values_list("body", flat=True)
    return {pk for body in bodies for pk in pictures_in(body)}


def _found(client_id: int, named: set[int]) -> list[Picture]:
    found = surroundings.pictures(client_id, sorted(named))
    return [found[pk] for pk in sorted(found)]
