"""Who looks after something of a client's: whoever is named for it, while they are still here; else somebody in charge."""

from collections.abc import Collection

from accounts.models import User
from clients.models import STAFF_ROLES, Membership, Role


class Caretakers:
    """The staff of these clients, read once: two queries. For services: it asks nobody whether they may know."""

    def __init__(self, clients: Collection[int]) -> None:
        admins = User.objects.filter(is_active=True, is_agency_admin=True)
        self._admins = list(admins.order_by("pk").values_list("pk", flat=True))
        self._staff: set[tuple[int, int]] = set()
        self._managers: dict[int, list[int]] = {}
        here = Membership.objects.filter(client__in=clients, role__in=STAFF_ROLES, user__is_active=True)
        for client, user, role in here.order_by("pk").values_list("client", "user", "role"):
            self._staff.add((client, user))
            if role == Role.MANAGER:
                self._managers.setdefault(client, []).append(user)

    def first(self, client: int, *named: int | None) -> int | None:
        """The first of these who is still staff for the client; else its manager, else an agency admin."""
        for user in named:
            if user is not None and ((client, user) in self._staff or user in self._admins):
                return user
        return next(iter(self.managers(client)), None)

    def managers(self, client: int) -> list[int]:
        """The client's managers, the first one first; where there are none left, the agency's admins."""
        return self._managers.get(client) or self._admins
