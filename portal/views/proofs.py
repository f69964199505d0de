"""Proofs of approval for the client's people: what was approved, as a file to keep."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.errors import Conflict
from accounts.guarding import guarded
from accounts.models import User
from approvals import selectors
from approvals.models import Review
from approvals.proof.files import Form, proof_of
from approvals.services.links import open_link, usable
from portal.people import signed_in
from portal.speaking import speaking_to
from portal.views import closed


@guarded
@login_required
@require_safe
def signed_proof(request: HttpRequest, review_id: int, form: Form) -> HttpResponseBase:
    """The proof of a review, for who is signed in. What this person may not see does not exist."""
    reader = signed_in(request)
    review = get_object_or_404(selectors.reviews(reader), pk=review_id)
    return _proof(request, reader, review, form)


@guarded
@require_safe
def proof_by_link(request: HttpRequest, secret: str, form: Form) -> HttpResponseBase:
    """The same for who has the link in the mail; as the page itself, it decides and changes nothing."""
    link = open_link(secret=secret)
    if link is None:
        return closed.unknown(request)
    reader = link.reader
    with speaking_to(request, reader, link.seat.step.review.client):
        review = selectors.reviews(reader).filter(pk=link.seat.step.review_id).first() if usable(link) else None
        if review is None:
            return closed.nobody(request)
        return _proof(request, reader, review, form)


def _proof(request: HttpRequest, reader: User, review: Review, form: Form) -> HttpResponseBase:
    with speaking_to(request, reader, review.client):
        try:
            return proof_of(user=reader, review=review, form=form, asked="client").download()
        except Conflict as conflict:
            return closed.show(
                request, closed.Closed(_("There is no proof to take away"), (str(conflict.detail),), 409)
            )
