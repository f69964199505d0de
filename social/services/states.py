"""A post's state, as it follows from its publications. The caller holds the post's lock."""

from collections.abc import Collection
from typing import Any

from django.utils import timezone

from accounts.prepared import Prepared, PreparedUpdate
from social.models import Post, PostState, Publication, PublicationState

PARTLY = "partly"

_STATE = PreparedUpdate(lambda post, state, now: (Post.objects.filter(pk=post), {"state": state, "updated_at": now}))
_STAND = Prepared(
    lambda post, version: Publication.objects.filter(post=post, version=version).values_list("state", "begun")
)


def state_from(publications: Collection[str]) -> PostState | None:
    """The state of a post whose publications stand like this; None where they say nothing (there are none)."""
    states = set(publications) - {PublicationState.CANCELLED}
    if not states:
        return PostState.CANCELLED if publications else None
    if states & {PublicationState.PUBLISHING, PublicationState.UNKNOWN}:
        return PostState.PUBLISHING
    if PublicationState.SCHEDULED in states:
        return PostState.SCHEDULED if states == {PublicationState.SCHEDULED} else PostState.PUBLISHING
    if states == {PublicationState.PUBLISHED}:
        return PostState.PUBLISHED
    if states & {PublicationState.PUBLISHED, PARTLY}:
        return PostState.PARTLY_PUBLISHED
    return PostState.LATE if PublicationState.LATE in states else PostState.FAILED


def set_post(post: Post, **fields: Any) -> None:
    """Write these fields of a locked post. The database refuses a transition that its table does not allow."""
    now = timezone.now()
    for name, value in {**fields, "updated_at": now}.items():
        setattr(post, name, value)
    if fields.keys() == {"state"}:
        _STATE(post=post.pk, state=post.state, now=now)
    else:
        post.save(update_fields=[*fields, "updated_at"])


# What has begun and waits for its next try is going out, and nothing of it can be changed any more; where it ended in the
# middle, a part of it is out.
_BEGUN: dict[str, str] = {
    PublicationState.SCHEDULED: PublicationState.PUBLISHING,
    PublicationState.FAILED: PARTLY,
    PublicationState.LATE: PARTLY,
}


def refresh_state(post: Post) -> None:
    """Let the post's state follow from where the publications of its version stand."""
    rows = _STAND(post=post.pk, version=post.version_id)
    states = [_BEGUN.get(state, state) if begun else state for state, begun in rows]
    state = state_from(states)
    if state is not None and state != post.state:
        set_post(post, state=state)
