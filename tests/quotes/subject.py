"""Quotes as a subject of approvals: all that the engine ever sees of them."""

import hashlib
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from accounts.errors import Conflict
from accounts.models import User
from approvals import subjects
from approvals.models import Comment, Review, ReviewState
from approvals.proof.exhibits import Exhibit, Part
from approvals.subjects import Candidate, Choices, Facts, Overtaken, Passage, Wording
from clients.models import Client
from clients.selectors import staff_clients
from tests.quotes.models import Quote, QuoteState

KIND = "quote"
# The parts of a quote, as conditions of steps name them: in the place where posts have channels.
AMOUNT, TERMS = 1, 2


def sha256(text: str) -> str:
    """In hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(quote: Quote) -> str:
    """The digest of all that would be agreed to: whose quote it is, the amount, the terms."""
    return sha256(f"{quote.client_id}\n{quote.pk}\n{quote.amount}\n{quote.terms}")


@dataclass(frozen=True)
class QuoteSubject:
    """One quote, locked, or one that is only looked at."""

    quote: Quote

    @property
    def pk(self) -> int:
        """Its number."""
        return self.quote.pk

    @property
    def client(self) -> Client:
        """Who would pay."""
        return self.quote.client

    @property
    def title(self) -> str:
        """What people call it."""
        return self.quote.title

    @property
    def version(self) -> int:
        """The number of the version that stands now."""
        return self.quote.version

    @property
    def digest(self) -> str:
        """Of that version."""
        return self.quote.digest

    @property
    def author(self) -> User:
        """Who wrote that version."""
        return self.quote.author

    def facts(self) -> Facts:
        """The amount is a text and a part, the terms are another."""
        parts = {AMOUNT: self.quote.amount, TERMS: self.quote.terms}
        written = {part: text for part, text in parts.items() if text}
        return Facts(
            channels=frozenset(written),
            texts=tuple(written.values()),
            goes_out_at=self.quote.goes_out_at,
            parts={part: sha256(text) for part, text in written.items()},
            writers=frozenset({*self.quote.writers, self.quote.author_id}),
        )

    def review_closed(self, review: Review, by: User | None) -> None:
        """Approved, or back to its author."""
        if self.quote.review_id != review.pk:
            return
        approved = review.state == ReviewState.APPROVED
        self.quote.state = QuoteState.APPROVED if approved else QuoteState.CHANGES_REQUESTED
        self.quote.save(update_fields=["state"])

    def review_reopened(self, review: Review, by: User) -> None:
        """Back into review, unless it was sent."""
        if self.quote.review_id != review.pk or self.quote.state != QuoteState.APPROVED:
            raise Conflict("already_sent", "The quote was sent.")
        self.quote.state = QuoteState.IN_REVIEW
        self.quote.save(update_fields=["state"])


class QuoteSubjectType:
    """What approvals ask of quotes."""

    kind = KIND
    name = "Quotes"
    wording = Wording(
        asks="%(who)s asks for your approval of a quote for %(client)s. Step: %(step)s.",
        link="This link is for you alone and for this quote alone. Opening it decides nothing.",
        counted="Your approval was for the words you saw: it no longer counts.",
        counted_same="Your approval no longer counts.",
        taken_back="The quote is not sent until it is given again.",
    )

    def lock(self, pk: int) -> QuoteSubject:
        """The quote, its row locked."""
        return QuoteSubject(Quote.objects.select_for_update(of=("self",)).select_related("client").get(pk=pk))

    def choices(self, client: Client | None) -> Choices:
        """The parts of a quote."""
        return Choices(channels=[(AMOUNT, "Amount"), (TERMS, "Terms")])

    def recent(self, user: User, client: Client, limit: int = 3) -> list[Candidate]:
        """The latest quotes."""
        found = Quote.objects.filter(client=client, client__in=staff_clients(user)).order_by("-pk")
        return [QuoteSubject(quote) for quote in found.select_related("client", "author")[:limit]]

    def excerpts(self, review: Review) -> list[tuple[str, str]]:
        """The words of that version."""
        amount, terms = self._words(review)
        return [("Amount", amount), ("Terms", terms)]

    def passages(self, review: Review) -> list[Passage]:
        """The same, to be commented on."""
        amount, terms = self._words(review)
        return [Passage(key="amount", name="Amount", text=amount), Passage(key="terms", name="Terms", text=terms)]

    def exhibit(self, review: Review) -> Exhibit:
        """The same, for a proof: a digest need not be of JSON."""
        amount, terms = self._words(review)
        return Exhibit(
            content=f"{review.client_id}\n{review.subject_id}\n{amount}\n{terms}",
            recipe="Client, number, amount and terms, a line each.",
            parts=(Part(where="Amount", network="", text=amount), Part(where="Terms", network="", text=terms)),
        )

    @staticmethod
    def _words(review: Review) -> list[str]:
        words: list[str] = Quote.objects.get(pk=review.subject_id).versions[str(review.version)]
        return words

    def overtaken(self, because: str, who: str, number: int) -> Overtaken:
        """There is nothing but content in a quote."""
        return Overtaken(who=who, said=f"{who} has changed the quote after version {number}.")

    def take_over(self, *, user: User, comment: Comment, submit: bool) -> None:
        """The suggested words take the place of the part they are anchored to."""
        from tests.quotes import services  # it needs this module

        quote = Quote.objects.select_related("client").get(pk=comment.review.subject_id)
        if not staff_clients(user).filter(pk=quote.client_id).exists():
            raise PermissionDenied
        part = (comment.anchor or {}).get("part", "")
        if part not in {"amount", "terms"} or comment.suggestion is None:
            raise Conflict("passage_gone", "This passage is no longer there.")
        services.edit_quote(user=user, quote=quote, **{part: comment.suggestion}, beside=[comment.author_id])
        if submit:
            services.submit_quote(user=user, quote=quote)


def register() -> None:
    """Make quotes reviewable."""
    subjects.register("quotes", "quote", QuoteSubjectType())
