"""What has taken the place of the version that a page is about, for who was asked about both."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from approvals import selectors, subjects
from approvals.models import Review, ReviewState
from portal.asked_strategy import is_strategy, new_between
from social.comparing import Comparison, compare
from social.kind import POST
from social.selectors import reviewed_version
from strategy.rewritten import Changed

# Of these, the words are shown; what was taken back or overtaken is nobody's question any more.
SHOWN = {ReviewState.OPEN, ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED}
STANDING = {ReviewState.OPEN, ReviewState.APPROVED}


@dataclass(frozen=True, kw_only=True)
class Newer:
    """The later review. ``waits``: this person's decision is asked there; ``what_is_new`` is None where its version is the same.

    Of a strategy it is ``rewritten`` that says what is new.
    """

    review: Review
    waits: bool
    what_is_new: Comparison | None
    rewritten: Sequence[Changed] = ()


def newer_than(reader: User, review: Review) -> Newer | None:
    """None as long as this review stands, and as long as nobody has asked this person about what came after it."""
    if review.state in STANDING:
        return None
    later = selectors.asked_since(reader, review)
    if later is None or later.state not in SHOWN:
        return None
    return Newer(
        review=later,
        waits=selectors.my_seat(reader, later) is not None,
        what_is_new=_what_is_new(reader, review, later),
        rewritten=new_between(review, later) if is_strategy(review) and review.version != later.version else (),
    )


def _what_is_new(reader: User, old: Review, new: Review) -> Comparison | None:
    if old.version == new.version or subjects.kind_of(old.subject_type_id) != POST:
        return None
    return compare(reviewed_version(reader, old), reviewed_version(reader, new), sign=True)
