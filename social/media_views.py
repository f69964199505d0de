"""Pictures and videos go out through here and nowhere else: to who may see them, or to who holds a signed address."""

import hashlib
import time
from collections.abc import Callable
from typing import TypeVar

from django.core import signing
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts.authentication import TokenAuthentication
from accounts.models import User
from social.addresses import name_of, opened
from social.models import Media, Rendition
from social.selectors import is_over, media, renditions, still_of
from social.serving import served

SIGNED_LIFE = 3600  # seconds
READING_LIFE = 24 * 3600  # seconds: as long as a page may lie open before its last picture is scrolled to
MOST_A_MINUTE = 120  # requests of one public address: a network fetches a large video in parts
_signer = signing.TimestampSigner(salt="social.media")
_reading_signer = signing.TimestampSigner(salt="social.media.reading")
_rendition_signer = signing.TimestampSigner(salt="social.rendition")
Stored = TypeVar("Stored", Media, Rendition)


def own_url(item: Media | Rendition) -> str:
    """Its address for people who are signed in and may see it."""
    return reverse("social:media" if isinstance(item, Media) else "social:rendition", args=[item.pk])


def signed_url(item: Media | Rendition) -> str:
    """An address of it that opens for an hour, whoever asks: for pages without a session."""
    return f"{own_url(item)}?s={_signature(item)}"


def reading_url(item: Media) -> str:
    """The same for a day: for a document that people take their time with, whose pictures come as they are scrolled to."""
    return f"{own_url(item)}?r={_reading_signer.sign(str(item.pk)).partition(':')[2]}"


def poster_url(item: Media, *, sign: bool = False) -> str:
    """What stands for a video until it is played: its cover, else its first picture. Addresses as those above."""
    if item.cover is not None:
        return signed_url(item.cover) if sign else own_url(item.cover)
    return still_url(item, sign=sign)


def still_url(item: Media, *, sign: bool = False) -> str:
    """A video's first picture."""
    still = reverse("social:still", args=[item.pk])
    return f"{still}?s={_signature(item)}" if sign else still


def _signature(item: Media | Rendition) -> str:
    return _signer_of(type(item)).sign(str(item.pk)).partition(":")[2]


def _signer_of(model: type[Media | Rendition]) -> signing.TimestampSigner:
    return _signer if model is Media else _rendition_signer


def _signed(model: type[Media | Rendition], pk: int, signature: str) -> bool:
    return _opens(_signer_of(model), pk, signature, SIGNED_LIFE)


def _opens(signer: signing.TimestampSigner, pk: int, signature: str, seconds: int) -> bool:
    try:
        signer.unsign(f"{pk}:{signature}", max_age=seconds)
    except signing.BadSignature:  # an expired one, too
        return False
    return True


def who_asks(request: HttpRequest) -> User | None:
    """Who is signed in, or whose API token came along: pages that programs read, too."""
    if isinstance(request.user, User):
        return request.user
    try:
        found = TokenAuthentication().authenticate(Request(request))
    except APIException:
        return None
    return found[0] if found else None


@require_safe
def picture(request: HttpRequest, media_id: int) -> HttpResponseBase:
    """The bytes of one picture or video. What the asker may not see does not exist."""
    return _shown(request, _seen(request, Media, media_id, media))


@require_safe
def still(request: HttpRequest, media_id: int) -> HttpResponseBase:
    """A video's first picture, for who may see the video."""
    found = still_of(_seen(request, Media, media_id, media))
    if found is None:
        raise Http404
    return _shown(request, found)


@require_safe
def rendition(request: HttpRequest, rendition_id: int) -> HttpResponseBase:
    """The bytes of what was made of one, for who may see that."""
    return _shown(request, _seen(request, Rendition, rendition_id, renditions))


def _seen(request: HttpRequest, model: type[Stored], pk: int, mine: Callable[[User], QuerySet[Stored]]) -> Stored:
    reading = model is Media and _opens(_reading_signer, pk, request.GET.get("r", ""), READING_LIFE)
    if reading or _signed(model, pk, request.GET.get("s", "")):
        return get_object_or_404(model, pk=pk)
    reader = who_asks(request)
    if reader is None:
        raise Http404
    return get_object_or_404(mine(reader), pk=pk)


def _shown(request: HttpRequest, item: Media | Rendition) -> HttpResponseBase:
    if not item.file:
        raise Http404
    answer = served(request, item)
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


@require_safe
def public(request: HttpRequest, token: str, name: str) -> HttpResponseBase:  # noqa: ARG001 - the name is for networks that read it
    """The bytes behind a public address (see ``social.addresses``): no session, no cookie, for networks that fetch them."""
    if _too_often(token):
        answer: HttpResponseBase = HttpResponse(status=429)
        answer["Retry-After"] = "60"
        return answer
    found = opened(token)
    if found is None or is_over(found[1]):
        raise Http404
    stored, _publication, left = found
    answer = served(request, stored)
    answer["Content-Disposition"] = f'inline; filename="{name_of(stored)}"'
    # Short, so that what is over is not shown on by somebody's cache.
    answer["Cache-Control"] = f"private, max-age={min(left, 60)}"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _too_often(token: str) -> bool:
    """Whether one address was asked for more often than any network does. Each process counts, or Redis for all."""
    key = f"public:{hashlib.sha256(token.encode()).hexdigest()}:{int(time.time()) // 60}"
    cache.add(key, 0, timeout=120)
    try:
        return int(cache.incr(key)) > MOST_A_MINUTE
    except ValueError:  # it has just run out
        return False
