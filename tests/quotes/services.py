"""The verbs of quotes, as any other subject would write them: the lock first, then the engine."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Chain, Review
from approvals.services import chain_for, move, start, supersede, withdraw
from clients.models import STAFF_ROLES, Client
from clients.selectors import require
from tests.quotes.models import Quote, QuoteState
from tests.quotes.subject import KIND, QuoteSubject, digest_of

ASKABLE = {QuoteState.DRAFT, QuoteState.CHANGES_REQUESTED}
REVIEWED = {QuoteState.IN_REVIEW, QuoteState.APPROVED}


def create_quote(*, user: User, client: Client, title: str, amount: str, terms: str = "") -> Quote:
    """A draft."""
    require(user, client, STAFF_ROLES)
    quote = Quote(client=client, title=title, amount=amount, terms=terms, author=user, writers=[user.pk])
    quote.save()
    return quote


def _lock(quote: Quote) -> Quote:
    # What belongs to it is read after this: whoever had the lock until now may have changed it.
    return Quote.objects.select_for_update().get(pk=quote.pk)


@transaction.atomic
def edit_quote(
    *, user: User, quote: Quote, amount: str | None = None, terms: str | None = None, beside: Iterable[int] = ()
) -> Quote:
    """Write other words. What was in review, or approved, counts no more once they are others; ``beside`` wrote them too."""
    require(user, quote.client_id, STAFF_ROLES)
    quote = _lock(quote)
    if quote.state == QuoteState.SENT:
        raise Conflict("already_sent", "The quote was sent.")
    was = quote.amount, quote.terms
    quote.amount = quote.amount if amount is None else amount
    quote.terms = quote.terms if terms is None else terms
    if (quote.amount, quote.terms) == was:
        return quote
    if quote.review and quote.state in REVIEWED:
        supersede(review=quote.review, user=user)
    if quote.state != QuoteState.CHANGES_REQUESTED:
        quote.state = QuoteState.DRAFT
    quote.author, quote.writers = user, sorted({*quote.writers, user.pk, *beside})
    quote.save()
    return quote


@transaction.atomic
def submit_quote(*, user: User, quote: Quote, chain: Chain | None = None) -> Review:
    """Ask for its approval."""
    require(user, quote.client_id, STAFF_ROLES)
    quote = _lock(quote)
    if quote.state not in ASKABLE:
        raise Conflict("not_a_draft", "The quote is not a draft.")
    digest = digest_of(quote)
    if digest != quote.digest:
        quote.version, quote.digest = quote.version + 1, digest
    quote.versions[str(quote.version)] = [quote.amount, quote.terms]
    chain = chain_for(client=quote.client, subject=KIND, chosen=chain)
    quote.review = start(subject=QuoteSubject(quote), subject_type=Quote, chain=chain, asked_by=user)
    quote.state = QuoteState.IN_REVIEW
    quote.save()
    return quote.review


@transaction.atomic
def withdraw_quote(*, user: User, quote: Quote) -> Quote:
    """Take the question, or the approval, back."""
    require(user, quote.client_id, STAFF_ROLES)
    quote = _lock(quote)
    if quote.review is None or quote.state not in REVIEWED:
        raise Conflict("nothing_to_withdraw", "There is nothing to take back.")
    withdraw(review=quote.review, user=user)
    quote.state = QuoteState.DRAFT
    quote.save()
    return quote


@transaction.atomic
def move_quote(*, user: User, quote: Quote, goes_out_at: datetime | None) -> Quote:
    """It is to be sent at another time."""
    require(user, quote.client_id, STAFF_ROLES)
    quote = _lock(quote)
    quote.goes_out_at = goes_out_at
    quote.save()
    if quote.review and quote.state == QuoteState.IN_REVIEW:
        move(review=quote.review, goes_out_at=goes_out_at)
    return quote


@transaction.atomic
def send_quote(*, quote: Quote) -> Quote:
    """What the client agreed to goes out. It can't be taken back any more."""
    quote = _lock(quote)
    if quote.state != QuoteState.APPROVED:
        raise Conflict("not_approved", "Nobody has agreed to this quote.")
    quote.state = QuoteState.SENT
    quote.save()
    return quote
