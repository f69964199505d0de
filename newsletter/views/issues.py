"""An issue in the browser: the mail as everybody got it, without what is one reader's own."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from newsletter.models import CopyState, Issue
from social.models import Media, Rendition
from social.networks.newsletter.writing import for_all
from social.serving import served

# The mail's styles stand on its elements; nothing of it runs, asks for anything elsewhere, or is shown within another page.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@require_safe
def issue(request: HttpRequest, page_key: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The issue, from when the first copy was begun."""
    found = _out(page_key)
    page = for_all(found.html)
    for item in found.media:
        address = reverse("newsletter:picture", args=[found.page_key, item["sha256"]])
        page = page.replace(f'src="cid:{item["sha256"]}"', f'src="{address}"')
    answer = HttpResponse(page)
    answer["Content-Language"] = found.client.language
    return _guarded(answer)


@require_safe
def picture(request: HttpRequest, page_key: str, sha256: str) -> HttpResponseBase:
    """One of its pictures, as it went out."""
    found = _out(page_key)
    if sha256 not in {item["sha256"] for item in found.media}:
        raise Http404
    mine = {"client": found.client_id, "sha256": sha256}
    stored = Media.objects.filter(**mine).first() or Rendition.objects.filter(**mine, made_at__isnull=False).first()
    if stored is None or not stored.file:
        raise Http404
    answer = served(request, stored)
    answer["Cache-Control"] = "public, max-age=86400, immutable"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _out(page_key: str) -> Issue:
    found = get_object_or_404(Issue.objects.select_related("client"), page_key=page_key)
    if not found.copies.exclude(state__in=[CopyState.WAITING, CopyState.SKIPPED]).exists():
        raise Http404
    return found


def _guarded(answer: HttpResponse) -> HttpResponse:
    answer["Content-Security-Policy"] = POLICY
    answer["Cache-Control"] = "public, max-age=300"
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
