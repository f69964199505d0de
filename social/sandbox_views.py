"""What went out on the sandbox network: a page of this installation, for who may see the client that it belongs to."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from clients.colours import foreground
from clients.moments import spoken
from rest import problems
from social.media_views import own_url, who_asks
from social.models import Channel, Media, Rendition, SandboxPost
from social.selectors import media, renditions, sandbox_channel, sandbox_posts
from social.services.sandbox_page import note_views

MOST = 200  # the newest that the page shows


@require_safe
def page(request: HttpRequest, handle: str) -> HttpResponseBase:
    """The page, the newest first; with ``?format=json`` as a list for programs, whose token counts here too."""
    as_json = request.GET.get("format") == "json"
    reader = who_asks(request)
    if reader is None:
        return problems.unauthenticated() if as_json else redirect_to_login(request.get_full_path())
    channel = sandbox_channel(reader, handle)
    if channel is None:
        if as_json:
            return problems.not_found()
        raise Http404
    posts = list(sandbox_posts(reader, handle)[:MOST])
    pictures = _pictures(reader, channel, _digests(posts))
    zone = ZoneInfo(reader.timezone)
    told = [_told(request, post, channel, pictures) for post in (posts if as_json else threaded(posts))]
    if as_json:
        return JsonResponse(told, safe=False)
    if request.method == "GET":
        note_views(post.pk for post in posts)
    return _page(request, channel, [{**entry, "when": spoken(entry["published_at"], zone)} for entry in told])


def threaded(posts: Sequence[SandboxPost]) -> list[SandboxPost]:
    """The newest first, each post of a thread and each comment below the one that it answers."""
    here = {post.pk: post for post in posts}
    answers: dict[int, list[SandboxPost]] = {}
    for post in reversed(posts):
        answers.setdefault(post.below_id or 0, []).append(post)
    first = [post for post in posts if post.below_id not in here]
    found, todo = [], first[::-1]
    while todo:
        post = todo.pop()
        found.append(post)
        todo += answers.get(post.pk, [])[::-1]
    return found


def _pictures(reader: User, channel: Channel, digests: set[str]) -> dict[str, Media | Rendition]:
    """What is stored of these by digest; whatever was not uploaded like this was made of what was."""
    found: dict[str, Media | Rendition] = {
        item.sha256: item for item in media(reader).filter(client=channel.client, sha256__in=digests)
    }
    made = digests - found.keys()
    if made:
        rows = renditions(reader).filter(client=channel.client, sha256__in=made)
        found |= {row.sha256: row for row in rows}
    return found


def _digests(posts: Sequence[SandboxPost]) -> set[str]:
    shown = [picture for post in posts for picture in post.media]
    return {digest for picture in shown for digest in (picture["sha256"], picture.get("cover")) if digest}


def _told(
    request: HttpRequest, post: SandboxPost, channel: Channel, pictures: dict[str, Media | Rendition]
) -> dict[str, Any]:
    return {
        "id": post.pk,
        "below": post.below_id,
        "is_comment": post.step == "comment",
        "text": post.text,
        "link": post.link,
        "media": [
            {
                "sha256": picture["sha256"],
                "alt_text": picture["alt_text"],
                "is_video": bool(found and found.is_video),
                "url": request.build_absolute_uri(own_url(found)) if found else None,
                "poster": request.build_absolute_uri(own_url(cover)) if cover else None,
            }
            for picture in post.media
            for found, cover in [(pictures.get(picture["sha256"]), pictures.get(picture.get("cover", "")))]
        ],
        "published_at": post.published_at.astimezone(channel.client.zone),
    }


def _page(request: HttpRequest, channel: Channel, posts: list[dict[str, Any]]) -> HttpResponse:
    colour = channel.client.colour
    answer = render(
        request,
        "social/sandbox.html",
        {"channel": channel, "client": channel.client, "ink": foreground(colour), "posts": posts},
    )
    answer["Cache-Control"] = "private, no-store"
    return answer
