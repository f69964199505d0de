"""Two versions beside each other, among those that a person was asked about."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from accounts.guarding import guarded
from accounts.models import User
from approvals import selectors
from approvals.models import Review
from approvals.services.links import open_link, usable
from portal.asked_strategy import is_strategy
from portal.newer import SHOWN, newer_than
from portal.people import signed_in
from portal.speaking import say, speaking_to
from portal.views import closed
from social.comparing import asked_versions, choosing


@guarded
@login_required
@require_safe
def signed_differences(request: HttpRequest, review_id: int) -> HttpResponseBase:
    """For who is signed in. What this person may not see does not exist."""
    reader = signed_in(request)
    found = selectors.reviews(reader).filter(subject_type__app_label="social", subject_type__model="post")
    review = get_object_or_404(found, pk=review_id)
    if not _readable(reader, review):
        return redirect("portal:signed_review", review.pk)
    with speaking_to(request, reader, review.client):
        return _page(request, reader, review, by_link=False)


@guarded
@require_safe
def differences_by_link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """For who has the link from a mail."""
    link = open_link(secret=secret)
    if link is None:
        return closed.unknown(request)
    reader, review = link.reader, link.seat.step.review
    seen = usable(link) and selectors.reviews(reader).filter(pk=review.pk).exists()
    if not seen or is_strategy(review) or not _readable(reader, review):
        return redirect("portal:review", secret)  # which says why, and what is new in a strategy
    with speaking_to(request, reader, review.client):
        return _page(request, reader, review, by_link=True)


def _readable(reader: User, review: Review) -> bool:
    """Whether its words are shown to this person: as long as they are in question, or beside those that took their place."""
    return review.state in SHOWN or newer_than(reader, review) is not None


def _page(request: HttpRequest, reader: User, review: Review, *, by_link: bool) -> HttpResponse:
    found = asked_versions(reader, review)
    chosen = choosing(found, request.GET.get("from", ""), request.GET.get("to", ""), sign=True)
    context = {"review": review, "client": review.client, "choosing": chosen, "signed_in": not by_link}
    return say(request, "portal/differences.html", context)
