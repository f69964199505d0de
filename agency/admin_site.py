"""The staff's admin: unfold's, with our own door."""

from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite

from accounts.models import User
from clients.selectors import is_staff


class StaffSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold ships no types
    """The admin, open to agency admins and to whoever works on the agency's side of a client."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this person may enter; asked of the database at each request, since roles change at once."""
        return isinstance(request.user, User) and is_staff(request.user)
