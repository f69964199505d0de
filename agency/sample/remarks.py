"""What the people of the sample agency say of a post: remarks, answers, and the words that they would write instead."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from agency.sample.plans import Remark
from approvals import subjects
from approvals.models import Comment, Review
from approvals.services import add_comment, resolve_comment, take_over


def say(remark: Remark, *, review: Review, people: Mapping[str, User], author: User) -> Comment:
    """Somebody says it, others answer; ``author`` takes suggested words over where the remark says so."""
    comment = add_comment(
        review=review,
        user=people[remark.who],
        text=remark.text,
        audience=remark.audience,
        anchor=_anchor(remark, review),
        suggestion=remark.suggestion,
    )
    for answer in remark.answers:
        user = people[answer.who]
        add_comment(review=review, user=user, text=answer.text, audience=remark.audience, parent=comment)
    if remark.taken:
        take_over(comment=comment, user=author, submit=True)
    elif remark.settled:
        resolve_comment(comment=comment, user=author)
    return comment


def _anchor(remark: Remark, review: Review) -> dict[str, Any] | None:
    """The place that the remark is about, on the first channel that has it."""
    if not remark.quote and not remark.pointing:
        return None
    for part in subjects.type_of(review).passages(review):
        start = part.text.find(remark.quote) if remark.quote else -1
        if start >= 0:
            return {"part": part.key, "start": start, "end": start + len(remark.quote), "quote": remark.quote}
        if remark.pointing and part.pictures:
            x, y = remark.pointing
            return {"part": part.key, "picture": part.pictures[0][0], "x": x, "y": y}
    raise ValueError(f"nowhere in this version: {remark.quote or remark.pointing}")
