"""What a person says of themselves: name, language, hours, mails."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods

from accounts.guarding import guarded
from clients.forms import SettingsForm
from clients.models import DECIDING_ROLES
from clients.selectors import clients, is_staff, own_language
from notifications import letters
from portal.people import signed_in
from portal.speaking import say


@guarded
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponseBase:
    """One form. Saved, it is shown again, in the language that was chosen."""
    reader = signed_in(request)
    language = own_language(reader)
    with translation.override(language):
        request.LANGUAGE_CODE = language
        form = SettingsForm(user=reader, data=request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.try_save() is not None:
            return redirect(reverse("portal:settings") + "?saved")
        return _page(request, form)


def _page(request: HttpRequest, form: SettingsForm) -> HttpResponse:
    staff = is_staff(form.user)
    context = {
        "form": form,
        "saved": "saved" in request.GET and not form.is_bound,
        "duties": letters.duties(staff=staff),
        "staff": staff,
        "decides": clients(form.user, DECIDING_ROLES).exists(),
        "signed_in": True,
    }
    return say(request, "portal/settings.html", context)
