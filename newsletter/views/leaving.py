"""One click and no more mails (RFC 8058), or one button for who opens the address in a browser."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.guarding import guarded
from newsletter.models import ReaderState
from newsletter.services.readers import reader_of, sign_off
from newsletter.views.showing import nothing_here, show, speaking, wanted_language

GETS = {ReaderState.CONFIRMED, ReaderState.PENDING, ReaderState.BOUNCED}


# Exempt: mail programs send their one click without a cookie of ours, and who knows the address may do no more than it says.
# It is never redirected either, since they do not follow.
@csrf_exempt
@guarded
@require_http_methods(["GET", "HEAD", "POST"])
def off(request: HttpRequest, token: str) -> HttpResponse:
    """Opening decides nothing, whoever or whatever opens; a POST signs off, whatever is in it. Twice is once."""
    reader = reader_of(token)
    if reader is None:
        return nothing_here(request)
    if request.method == "POST":
        sign_off(reader=reader)
        reader.refresh_from_db(fields=["state"])
    language = request.GET.get("language") or reader.language or wanted_language(request)
    with speaking(request, language, reader.client):
        context = {"reader": reader, "list": reader.mailing_list, "gets": reader.state in GETS}
        return show(request, "newsletter/off.html", reader.client, context)
