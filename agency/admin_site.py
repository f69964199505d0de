"""The staff's admin: unfold's, with our own door and our own first page."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from accounts.models import User
from accounts.staff_admin import StaffAdmin
from clients.selectors import is_staff

# Django's and unfold's pages that look things up across models: nothing of ours uses them.
CLOSED = frozenset({"autocomplete", "search", "view_on_site"})

_KEPT = "_may_enter_the_admin"


class StaffSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold ships no types
    """The admin, open to agency admins and to whoever works on the agency's side of a client."""

    index_title = _("Today")
    index_template = "admin/today.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this person may enter: asked of the database once a request, and at each, since roles change at once.

        The frame of a page asks it several times. The answer is kept on the request, with the person that it is about.
        """
        user = request.user
        if not isinstance(user, User):
            return False
        asked, answer = getattr(request, _KEPT, (None, False))
        if asked != user.pk:
            answer = is_staff(user)
            setattr(request, _KEPT, (user.pk, answer))
        return bool(answer)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take our own pages only: those that other packages bring would write past the services."""
        if admin_class is not None and issubclass(admin_class, StaffAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self) -> list[URLPattern]:
        """Without the pages that look things up across models."""
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") not in CLOSED]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # noqa: ARG002
        """Everybody signs in at one door. Who has signed in and is no staff is told so, and not sent round in circles."""
        if isinstance(request.user, User) and not self.has_permission(request):
            raise PermissionDenied(_("These pages are for the agency's own people."))
        wanted = request.GET.get("next", "")
        return redirect_to_login(wanted if wanted.startswith("/admin/") else "/admin/", settings.LOGIN_URL)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """Where everybody changes their password."""
        return redirect("account_change_password")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Today: what waits for this person, what went wrong, what goes out next."""
        from agency.today import today  # the admin's site is made before the models are there

        if not isinstance(request.user, User):
            raise PermissionDenied
        answer: TemplateResponse = super().index(request, {**today(request.user), **(extra_context or {})})
        return answer
