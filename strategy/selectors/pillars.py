"""Who may see which pillar."""

from django.db.models import QuerySet

from accounts.models import User
from clients.models import STAFF_ROLES
from clients.selectors import within
from strategy.models import Pillar, PillarShare
from strategy.selectors.strategies import known_to


def pillars(user: User) -> QuerySet[Pillar]:
    """The pillars of the clients this person is staff for."""
    found = Pillar.objects.select_related("client")
    return found.filter(within(user, "client", STAFF_ROLES))


def shared_pillars(user: User) -> QuerySet[Pillar]:
    """The pillars that stand in a strategy which was shared with its client, of the clients that this person may see."""
    named = PillarShare.objects.filter(known_to(user, "strategy__"), strategy__shared_at__isnull=False)
    return Pillar.objects.select_related("client").filter(pk__in=named.values("pillar"))
