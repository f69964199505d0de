"""What took back the votes of a review: the thing itself was changed. What kind of change it was, its own kind says."""

from approvals import selectors, subjects
from approvals.models import Review
from approvals.subjects import Overtaken


def overtaken(review: Review) -> Overtaken:
    """For a review that is superseded; in the active language."""
    event = selectors.ending(review)
    who = event.actor if event and event.actor else review.author
    because = event.data.get("because", "") if event else ""
    return subjects.type_of(review).overtaken(because, who.name, review.version)
