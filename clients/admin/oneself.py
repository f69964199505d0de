"""The page about oneself, for staff: the same form as in the portal."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.staff_admin import StaffAdmin, person
from clients.forms import SettingsForm
from notifications import letters

NAME = "accounts_user_settings"


def settings_page(of: StaffAdmin, request: HttpRequest) -> HttpResponseBase:
    """One form. Saved, it is shown again, in the language that was chosen."""
    user = person(request)
    form = SettingsForm(user=user, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.try_save() is not None:
        return redirect(reverse(f"admin:{NAME}") + "?saved")
    context = {
        "form": form,
        "action": reverse(f"admin:{NAME}"),
        "saved": "saved" in request.GET and not form.is_bound,
        "duties": letters.duties(),
        "doors": [
            (_("Change password"), reverse("account_change_password")),
            (_("API tokens"), reverse("admin:accounts_apitoken_changelist")),
        ],
        "title": _("Myself"),
        "list_url": "",
    }
    return of.show(request, user, context, template="admin/settings.html")
