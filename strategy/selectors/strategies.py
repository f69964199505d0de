"""Who may see which strategy: staff all of their clients', a client's people those that were shared with them."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from approvals.models import Audience
from clients.models import STAFF_ROLES, Role
from clients.selectors import is_staff, staff_clients, within
from strategy.models import (
    Agreement,
    Cadence,
    Objective,
    ObjectiveNumber,
    Occasion,
    PillarShare,
    Remark,
    Section,
    Strategy,
    StrategyVersion,
    Suggestion,
    SuggestionState,
    Template,
)


def strategies(user: User) -> QuerySet[Strategy]:
    """The strategies that this person may see."""
    found = Strategy.objects.select_related("client", "owner", "version", "agreed_version", "review")
    return found.defer("version__content", "agreed_version__content").filter(known_to(user))


def staff_strategies(user: User) -> QuerySet[Strategy]:
    """Those of the clients this person is staff for: whose numbers and sections they write."""
    return strategies(user).filter(within(user, "client", STAFF_ROLES))


def with_sections(found: QuerySet[Strategy]) -> QuerySet[Strategy]:
    """The same with their living sections and the shares of their pillars: two more queries."""
    sections = Section.objects.filter(removed_at=None).select_related("owner", "locked_by")
    shares = PillarShare.objects.select_related("pillar").order_by("position", "pk")
    return found.prefetch_related(Prefetch("sections", sections.order_by("position", "pk")), Prefetch("shares", shares))


def sections(user: User, *, removed: bool = False) -> QuerySet[Section]:
    """The sections that this person may see; ``removed``: those that were taken out too, which only staff do."""
    found = Section.objects.select_related("strategy", "client", "owner", "locked_by").filter(
        known_to(user, "strategy__")
    )
    if removed:
        return found.filter(Q(removed_at=None) | within(user, "client", STAFF_ROLES))
    return found.filter(removed_at=None)


def taken_out(user: User) -> QuerySet[Section]:
    """The sections that were taken out after this person could read them: what they were typing there is given back to them."""
    found = Section.objects.select_related("strategy", "client").filter(
        known_to(user, "strategy__"), removed_at__isnull=False
    )
    return found.filter(Q(removed_at__gte=F("strategy__shared_at")) | within(user, "client", STAFF_ROLES))


def with_talk(found: QuerySet[Section], user: User) -> QuerySet[Section]:
    """The same sections, each with how many suggestions and conversations on it this person finds open."""
    waiting = suggestions(user).filter(state__in=[SuggestionState.OPEN, SuggestionState.OUTDATED])
    talking = remarks(user).filter(parent=None, resolved_at=None)
    return found.annotate(open_suggestions=_many_of(waiting), open_remarks=_many_of(talking))


def _many_of(found: QuerySet[Any]) -> Coalesce:
    own = found.select_related(None).filter(section=OuterRef("pk")).order_by().values("section")
    return Coalesce(Subquery(own.annotate(many=Count("pk")).values("many")), 0)


def versions(user: User, strategy: Strategy) -> QuerySet[StrategyVersion]:
    """The versions of a strategy that this person may see, the newest first, without their content."""
    found = StrategyVersion.objects.filter(known_to(user, "strategy__"), strategy=strategy)
    return found.select_related("author", "client").defer("content").order_by("-number")


def version(user: User, strategy: Strategy, number: int) -> StrategyVersion:
    """One version with its content. Raises ``DoesNotExist``."""
    return versions(user, strategy).defer(None).get(number=number)


def agreements(user: User, strategy: Strategy) -> QuerySet[Agreement]:
    """What was in force from when until when, the newest first."""
    found = Agreement.objects.filter(known_to(user, "strategy__"), strategy=strategy)
    return found.select_related("version", "review", "client").defer("version__content").order_by("-pk")


def in_force(user: User, found: Collection[int]) -> dict[int, Agreement]:
    """What is in force of these strategies (by id), with its version; one query."""
    rows = Agreement.objects.filter(known_to(user, "strategy__"), strategy__in=found, ended_at=None)
    return {row.strategy_id: row for row in rows.select_related("version", "client").defer("version__content")}


def suggestions(user: User) -> QuerySet[Suggestion]:
    """The suggestions that this person may see: a client's people none that stay in the agency."""
    found = Suggestion.objects.select_related("section__strategy", "client", "author", "settled_by")
    return found.filter(_heard_by(user))


def remarks(user: User) -> QuerySet[Remark]:
    """The remarks that this person may see: a client's people none that stay in the agency."""
    found = Remark.objects.select_related("section__strategy", "client", "author", "resolved_by")
    return found.filter(_heard_by(user))


def objectives(user: User) -> QuerySet[Objective]:
    """The living objectives of the strategies that this person may see."""
    return Objective.objects.select_related("strategy", "client").filter(known_to(user, "strategy__"), removed_at=None)


def numbers(objective: Objective) -> QuerySet[ObjectiveNumber]:
    """How an objective that the person may see stood, by month."""
    return objective.numbers.select_related("by", "client").order_by("month")


def numbers_in(user: User, strategy: Strategy) -> dict[int, list[ObjectiveNumber]]:
    """How each living objective of the strategy stood, by its id and then by month; one query."""
    found = ObjectiveNumber.objects.filter(objective__in=objectives(user).filter(strategy=strategy).values("pk"))
    stood: dict[int, list[ObjectiveNumber]] = {}
    for row in found.order_by("objective", "month"):
        stood.setdefault(row.objective_id, []).append(row)
    return stood


def cadences(user: User) -> QuerySet[Cadence]:
    """The cadences of the strategies that this person may see."""
    return Cadence.objects.select_related("strategy", "client", "owner").filter(known_to(user, "strategy__"))


def occasions(user: User) -> QuerySet[Occasion]:
    """The living occasions of the strategies that this person may see."""
    return Occasion.objects.select_related("strategy", "client").filter(known_to(user, "strategy__"), removed_at=None)


def templates(user: User, *, retired: bool = False) -> QuerySet[Template]:
    """The agency's library, for its staff; ``retired``: with what nothing is begun from any more."""
    if not is_staff(user):
        return Template.objects.none()
    found = Template.objects.all()
    return found if retired else found.filter(retired_at=None)


def keeps_library(user: User) -> bool:
    """Whether this person writes the agency's templates: whoever is manager or editor of any client."""
    if not user.is_active:
        return False
    return user.is_agency_admin or user.memberships.filter(role__in=[Role.MANAGER, Role.EDITOR]).exists()


def known_to(user: User, path: str = "") -> Q:
    """A filter on the strategies that this person may know of, for a table whose strategy is at ``path``."""
    if not user.is_active:
        return Q(pk=None)
    if user.is_agency_admin:
        return Q()
    mine = Q(**{f"{path}client__in": staff_clients(user)})
    return mine | (Q(**{f"{path}shared_at__isnull": False}) & within(user, f"{path}client"))


def _heard_by(user: User) -> Q:
    if user.is_active and user.is_agency_admin:
        return Q()
    mine = Q(client__in=staff_clients(user))
    return known_to(user, "section__strategy__") & (mine | Q(audience=Audience.CLIENT))
