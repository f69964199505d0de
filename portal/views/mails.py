"""The address in a mail of news that switches off mails of its kind: for whoever has the mail, without signing in."""

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.addressing import addressed, language_of
from accounts.guarding import guarded
from notifications import letters, switching
from notifications.selectors import muted
from notifications.services import mute, unmute
from portal.speaking import say
from portal.views import closed


# Exempt: mail programs send their one click (RFC 8058) without a cookie of ours, and who knows the address may do no more
# than it says. It is never redirected either, since they do not follow.
@csrf_exempt
@guarded
@addressed
@require_http_methods(["GET", "HEAD", "POST"])
def mails_off(request: HttpRequest, token: str) -> HttpResponse:
    """One button. Opening decides nothing, whoever or whatever opens; a POST switches off, or with ``do=on`` on again."""
    found = switching.read(token)
    if found is None:
        return closed.unknown(request)
    reader, kind = found
    if request.method == "POST":
        change = unmute if request.POST.get("do") == "on" else mute
        change(user=reader, kind=kind)
    language = language_of(reader)
    with translation.override(language):
        request.LANGUAGE_CODE = language
        context = {
            "reader": reader,
            "kind": letters.name_of(kind),
            "off": kind in muted(reader),
            "changed": request.method == "POST",
        }
        return say(request, "portal/mails_off.html", context)
