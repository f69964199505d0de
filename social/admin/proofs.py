"""Proofs of approval on the review's page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts.errors import Conflict
from accounts.staff_admin import person
from approvals.models import Review
from approvals.proof.files import Form, proof_of


def proof_answer(request: HttpRequest, review: Review, form: Form) -> HttpResponseBase:
    """The file, for the agency or, with ``?for=client``, without anything internal; or a message why there is none."""
    try:
        file = proof_of(user=person(request), review=review, form=form, asked=request.GET.get("for", ""))
    except Conflict as conflict:
        messages.warning(request, str(conflict.detail))
        return redirect("admin:approvals_review_page", review.pk)
    return file.download()
