"""A link from a mail: one review, for one person, without an account and without a session."""

import re

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.guarding import guarded
from approvals import selectors
from approvals.models import Link, SeatEnd
from approvals.services.links import open_link, usable
from portal.speaking import speaking_to
from portal.views import closed
from portal.views.review import conduct

_SECRET = re.compile(r"[A-Za-z0-9_-]+")


@guarded
@require_http_methods(["GET", "HEAD", "POST"])
def review_by_link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The review, or why there is none. Reading decides nothing and changes nothing, whoever or whatever reads."""
    link = open_link(secret=secret)
    if link is None:
        spoilt = request.method != "POST" and not _SECRET.fullmatch(secret)
        return mended(request, secret) if spoilt else closed.unknown(request)
    reader, client = link.reader, link.seat.step.review.client
    with speaking_to(request, reader, client):
        if not usable(link):
            return _no_longer(request, link)
        review = selectors.with_steps(selectors.reviews(reader)).filter(pk=link.seat.step.review_id).first()
        if review is None:
            return closed.nobody(request)
        return conduct(request, reader, review, link)


def _no_longer(request: HttpRequest, link: Link) -> HttpResponse:
    seat = link.seat
    if not link.reader.is_active:
        return closed.nobody(request)
    if link.revoked_at and not (seat.ended_at and seat.ended_at <= link.revoked_at):
        return closed.revoked(request)
    if seat.ended_why == SeatEnd.REPLACED:
        return closed.replaced(request)
    if seat.ended_why == SeatEnd.TAKEN_BACK:
        asked = selectors.my_seat(link.reader, seat.step.review) is not None
        return closed.taken_back(request) if asked else closed.answered_again(request)
    return closed.expired(request) if link.expires_at <= timezone.now() else closed.over(request)


@guarded
@require_safe
def cut(request: HttpRequest) -> HttpResponse:
    """A link of which nothing is left but its beginning."""
    return closed.unknown(request)


@guarded
@require_safe
def mended(request: HttpRequest, rest: str) -> HttpResponseBase:
    """An address that lost its last slash, or to which a mail program has added a bracket or a full stop: put right."""
    found = _SECRET.match(rest)
    if found is None or "/" in rest.rstrip("/"):
        return closed.unknown(request)
    return redirect("portal:review", found.group())
