"""Who may see which pillar."""

from django.db.models import QuerySet

from accounts.models import User
from clients.models import STAFF_ROLES
from clients.selectors import within
from strategy.models import Pillar


def pillars(user: User) -> QuerySet[Pillar]:
    """The pillars of the clients this person is staff for."""
    found = Pillar.objects.select_related("client")
    return found.filter(within(user, "client", STAFF_ROLES))
