"""How a strategy is built, for another client or for the agency's library: nothing of its own client comes along."""

from typing import Any

from django.db.models import Q

from accounts.models import User
from strategy.content import content_of
from strategy.models import Pillar, Strategy
from strategy.starts import emptied


def lent(strategy: Strategy) -> list[dict[str, Any]]:
    """Its sections as templates have them, as the strategy reads now (see ``strategy.starts.emptied``)."""
    return emptied(content_of(strategy), names=_names(strategy))


def _names(strategy: Strategy) -> set[str]:
    """What tells of this client: its own name, those of its people, staff and contacts, watched names, and pillars."""
    client = strategy.client
    people = User.objects.filter(
        Q(memberships__client=client) | Q(pk__in=strategy.writers.values("user")) | Q(pk=strategy.owner_id)
    )
    pillars = Pillar.objects.filter(client=client).values_list("name", flat=True)
    return {client.name, *people.values_list("name", flat=True).distinct(), *client.watched_names, *pillars}
