"""Who can be named in a strategy."""

from django.db.models import Q, QuerySet

from accounts.models import User
from clients.models import STAFF_ROLES, Client
from clients.selectors import memberships


def people(user: User, client: Client, *, staff: bool = False, also: int | None = None) -> QuerySet[User]:
    """The client's people on both sides that this person may know of (``staff``: the agency's alone), and oneself, by name.

    ``also`` is the number of who is named already, whatever became of their role.
    """
    found = memberships(user).filter(client=client)
    if staff:
        found = found.filter(role__in=STAFF_ROLES)
    there = Q(pk__in=found.order_by().values("user"), is_active=True)
    return User.objects.filter(there | Q(pk__in=[user.pk, also or user.pk])).order_by("name", "pk")
