"""The whole mail of a newsletter's issue, for who may see the post or holds a signed address; shown in a frame of our pages."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from accounts.models import User
from clients.selectors import within
from social.digest import content_of
from social.issues import is_signed, issue_of
from social.media_views import who_asks
from social.models import Channel, Post, PostVersion
from social.selectors import planned_posts, versions

# The mail's styles stand on its elements. Nothing of it runs or asks for anything elsewhere, wherever it is opened; its links
# open beside it.
ALONE = "allow-popups allow-popups-to-escape-sandbox"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    f"frame-ancestors 'self'; sandbox {ALONE}"
)


@require_safe
@xframe_options_sameorigin
def of_version(request: HttpRequest, version_id: int, channel_id: int) -> HttpResponse:
    """As it was submitted, with the list's imprint of now."""
    found = PostVersion.objects.all()
    if not is_signed(version_id, channel_id, request.GET.get("s", "")):
        reader = _reader(request)
        post = get_object_or_404(Post.objects.filter(within(reader)), versions=version_id)
        found = versions(reader, post)
    return framed(_of(get_object_or_404(found, pk=version_id).content, channel_id))


@require_safe
@xframe_options_sameorigin
def of_post(request: HttpRequest, post_id: int, channel_id: int) -> HttpResponse:
    """As it is written now, for the agency."""
    post = get_object_or_404(planned_posts(_reader(request)), pk=post_id)
    return framed(_of(content_of(post), channel_id))


def _reader(request: HttpRequest) -> User:
    reader = who_asks(request)
    if reader is None:
        raise Http404
    return reader


def _of(content: Mapping[str, Any], channel_id: int) -> str:
    entry = next((entry for entry in content["channels"] if entry["channel"] == channel_id), None)
    channel = Channel.objects.select_related("client").filter(pk=channel_id).first()
    issue = issue_of(channel, entry) if channel and entry else ""
    if not issue:
        raise Http404
    return issue


def framed(page: str) -> HttpResponse:
    """A page for a frame of ours: by its headers nothing runs, and it is neither kept nor found."""
    answer = HttpResponse(page)
    answer["Content-Security-Policy"] = POLICY
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer
