"""How the staff's page of a review shows what it is about: each kind of thing says so itself, and the page is one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from accounts.models import User
from approvals import subjects
from approvals.models import Review


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What stands in the middle of the page, and what follows from it around that.

    ``head`` and ``body`` are templates, which get ``shown`` and what ``context`` has. ``stands`` is the review that the thing is
    in now, if any. ``compare`` is the address that takes ``?from=1&to=2``. ``pictures`` and ``reaches`` as ``approvals.talk`` wants
    them.
    """

    body: str
    head: str = ""
    styles: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    stands: Review | None = None
    compare: str = ""
    pictures: Mapping[str, str] = field(default_factory=dict)
    reaches: Mapping[str, str] = field(default_factory=dict)

    def is_withdrawable(self, review: Review) -> bool:
        """Whether the thing is in this review still, so that it can be taken back by whoever asked."""
        return self.stands is not None and self.stands.pk == review.pk

    def newer(self, review: Review) -> Review | None:
        """The review that has taken over from this one, if one has."""
        return None if self.stands is None or self.stands.pk == review.pk else self.stands


class Showing(Protocol):
    """One kind of things that are reviewed, as its page needs it."""

    def shown(self, user: User, review: Review) -> Shown:
        """The version under this review, as far as this person may see it."""

    def withdraw(self, user: User, review: Review) -> str:
        """Take it back, and say so. Raises ``Conflict`` where that is too late."""

    def taking_back(self) -> str:
        """What becomes of the thing where somebody takes their approval back."""


_known: dict[str, Showing] = {}


def register(kind: str, showing: Showing) -> None:
    """Reviews of things of this kind are shown so."""
    _known[kind] = showing


def showing_of(review: Review) -> Showing | None:
    """How the thing under this review is shown; None where nobody said."""
    return _known.get(subjects.kind_of(review.subject_type_id))


def shown(user: User, review: Review) -> Shown:
    """The same for this person; of what nobody said how to show, the excerpts that mails have."""
    showing = showing_of(review)
    if showing is not None:
        return showing.shown(user, review)
    return Shown(body="admin/review_excerpts.html", context={"excerpts": subjects.type_of(review).excerpts(review)})
