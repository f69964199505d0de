"""Who stands in for whom: a person names their own deputies, and ends what concerns themselves."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import Conflict
from accounts.guarding import guarded
from accounts.models import User
from approvals.deputies import now_and_to_come, own_deputies
from approvals.models import Deputy
from approvals.services import end_deputy
from clients.models import DECIDING_ROLES, Client
from clients.moments import city
from clients.selectors import clients, own_language, require
from portal.paging import paged
from portal.people import signed_in
from portal.speaking import say, speaking_to
from portal.standing_in import OwnDeputyForm, stands_in

ROWS = 10


@guarded
@login_required
@require_safe
def deputies(request: HttpRequest) -> HttpResponse:
    """Those of now and those to come, and for which clients one may name another."""
    return _list(request, signed_in(request))


@guarded
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, client_id: int) -> HttpResponseBase:
    """Name one's own deputy for this client. What this person may not see does not exist."""
    reader = signed_in(request)
    client = get_object_or_404(clients(reader), pk=client_id)
    with speaking_to(request, reader, client):
        require(reader, client, DECIDING_ROLES)
        typed = request.POST if request.method == "POST" else None
        form = OwnDeputyForm(user=reader, client=client, data=typed)
        if typed is not None and form.try_save() is not None:
            return redirect(reverse("portal:deputies") + "?named")
        context = {"form": form, "client": client, "city": city(form.zone), "signed_in": True}
        return say(request, "portal/deputy_new.html", context, 400 if form.errors else 200)


@guarded
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, deputy_id: int) -> HttpResponseBase:
    """End one that concerns oneself, after asking once more."""
    reader = signed_in(request)
    deputy = get_object_or_404(own_deputies(reader), pk=deputy_id)
    if request.method == "POST":
        return _end(request, reader, deputy)
    if deputy.cancelled_at is not None or deputy.until <= timezone.now():  # an old address, or one tap too many
        return redirect("portal:deputies")
    with speaking_to(request, reader, deputy.client):
        context = {"row": stands_in(reader, deputy), "client": deputy.client, "signed_in": True}
        return say(request, "portal/deputy_end.html", context)


def _end(request: HttpRequest, reader: User, deputy: Deputy) -> HttpResponseBase:
    try:
        end_deputy(user=reader, deputy=deputy)
    except Client.DoesNotExist:  # their role ended while they were reading
        raise Http404 from None
    except Conflict as conflict:
        deputy.refresh_from_db()
        if deputy.cancelled_by_id != reader.pk:  # a second tap of the same hand is no news
            return _list(request, reader, conflict)
    return redirect(reverse("portal:deputies") + "?ended")


def _list(request: HttpRequest, reader: User, conflict: Conflict | None = None) -> HttpResponse:
    language = own_language(reader)
    with translation.override(language):
        request.LANGUAGE_CODE = language
        context = {
            "rows": [stands_in(reader, deputy) for deputy in now_and_to_come(own_deputies(reader))],
            "clients": paged(request, clients(reader, DECIDING_ROLES).order_by("name", "pk"), "clients", ROWS),
            "notice": str(conflict.detail) if conflict else "",
            "named": "named" in request.GET,
            "ended": "ended" in request.GET,
            "signed_in": True,
        }
        return say(request, "portal/deputies.html", context, 409 if conflict else 200)
