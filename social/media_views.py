"""Pictures go out through here and nowhere else: to who may see them, or to who holds a signed address."""

from django.core import signing
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts.authentication import TokenAuthentication
from accounts.models import User
from social.models import Media
from social.selectors import media

SIGNED_LIFE = 3600  # seconds
_signer = signing.TimestampSigner(salt="social.media")


def own_url(item: Media) -> str:
    """The picture's address for people who are signed in and may see it."""
    return reverse("social:media", args=[item.pk])


def signed_url(item: Media) -> str:
    """An address of the picture that opens for an hour, whoever asks: for pages without a session."""
    return f"{own_url(item)}?s={_signer.sign(str(item.pk)).partition(':')[2]}"


def _signed(media_id: int, signature: str) -> bool:
    try:
        _signer.unsign(f"{media_id}:{signature}", max_age=SIGNED_LIFE)
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
def picture(request: HttpRequest, media_id: int) -> FileResponse:
    """The bytes of one picture. What the asker may not see does not exist."""
    if _signed(media_id, request.GET.get("s", "")):
        item = get_object_or_404(Media, pk=media_id)
    elif (reader := who_asks(request)) is not None:
        item = get_object_or_404(media(reader), pk=media_id)
    else:
        raise Http404
    try:
        answer = FileResponse(item.file.open("rb"), content_type=item.mime)
    except FileNotFoundError:
        raise Http404 from None
    answer["Cache-Control"] = "private, max-age=3600"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
