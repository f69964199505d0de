"""From an approval to rows in the outbox, and back. The caller holds the post's lock."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from notifications.services import tell
from social.models import Outcome, Post, PostState, Publication, PublicationState
from social.models.publications import TAKEN
from social.selectors import people_in_charge
from social.services.locks import lock_post
from social.services.needing import needs_for
from social.services.states import refresh_state, set_post


def due_of(post: Post, now: datetime) -> datetime | None:
    """When it goes out once it is approved; what acts on something live does so at once where no time was given."""
    return post.publish_at or (now if post.corrects_id else None)


def schedule(post: Post, by: User | None) -> None:
    """Give an approved post its publications, one a channel. Whose hour has passed is late: it asks a person."""
    now = timezone.now()
    due_at = due_of(post, now)
    if due_at is None:
        set_post(post, state=PostState.APPROVED)
        return
    late = post.publish_at is not None and post.publish_at <= now
    state = PublicationState.LATE if late else PublicationState.SCHEDULED
    entries = post.version.content["channels"] if post.version else []
    taken = set(Publication.objects.filter(post=post, state__in=TAKEN).values_list("channel_id", flat=True))
    needed: dict[int, Any] = dict(needs_for(post, entries))
    Publication.objects.bulk_create(
        Publication(
            post=post,
            version=post.version,
            channel_id=entry["channel"],
            network=entry["network"],
            client_id=post.client_id,
            act=post.act,
            target_id=post.corrects_id,
            state=state,
            due_at=due_at,
            wake_at=None if late else due_at,
            updated_at=now,
            **needed.get(entry["channel"], {}),
        )
        for entry in entries
        if entry["channel"] not in taken
    )
    set_post(post, state=PostState.LATE if late else PostState.SCHEDULED)
    record(
        client_id=post.client_id,
        actor=by,
        verb="post.late" if late else "post.scheduled",
        subject_type="post",
        subject_id=post.pk,
        digest=post.version.digest if post.version else "",
        publish_at=due_at.isoformat(),
        **({"act": post.act, "of": post.corrects_id} if post.corrects_id else {}),
        channels=[entry["channel"] for entry in entries],
    )
    if late:
        tell_late(post, due_at)


def move(post: Post, by: User) -> None:
    """The post's time has changed and the approval stands: what has not begun goes to the new time, or loses it.

    One conditional update. A claim takes the post's lock too, so it finds the new time, or has moved the state on before.
    """
    open_states = [PublicationState.SCHEDULED, PublicationState.LATE, PublicationState.FAILED]
    waiting = Publication.objects.filter(post=post, version=post.version_id, state__in=open_states, begun=False)
    due_at = due_of(post, timezone.now())
    if due_at is None:
        unschedule(post, by)
        set_post(post, state=PostState.APPROVED)
        return
    for failed in waiting.filter(state=PublicationState.FAILED):
        begin_anew(failed)
    moved = waiting.update(
        state=PublicationState.SCHEDULED,
        due_at=due_at,
        wake_at=due_at,
        held=False,
        handed_at=None,
        detail="",
        updated_at=timezone.now(),
    )
    if moved:
        refresh_state(post)
        record(
            client_id=post.client_id,
            actor=by,
            verb="post.moved",
            subject_type="post",
            subject_id=post.pk,
            publish_at=due_at.isoformat(),
        )
    else:
        schedule(post, by)


def begin_anew(publication: Publication) -> None:
    """Let the next try of what failed or was late be its first, as far as nothing of it can be live.

    It need not be recognised on the network then, and its time there is that of the new try.
    """
    keys = publication.keys if publication.attempts.filter(outcome=Outcome.UNKNOWN).exists() else {}
    publication.progress.pop("in_flight", None)
    Publication.objects.filter(pk=publication.pk, begun=False).update(keys=keys, progress=publication.progress)


def unschedule(post: Post, by: User) -> None:
    """Cancel whatever of this post has not begun."""
    open_states = [PublicationState.SCHEDULED, PublicationState.LATE, PublicationState.FAILED]
    waiting = Publication.objects.filter(post=post, state__in=open_states, begun=False)
    cancelled = waiting.update(state=PublicationState.CANCELLED, wake_at=None, updated_at=timezone.now())
    if cancelled:
        record(
            client_id=post.client_id,
            actor=by,
            verb="post.unscheduled",
            subject_type="post",
            subject_id=post.pk,
            publications=cancelled,
        )


def tell_late(post: Post, due_at: datetime) -> None:
    """Tell the author and the client's managers that a post has missed its time, once for each time missed."""
    tell(
        users=people_in_charge(post),
        client_id=post.client_id,
        kind="post_late",
        key=f"post:{post.pk}:{due_at.isoformat()}",
        post=post.pk,
        due_at=due_at.isoformat(),
    )


BATCH = 500  # posts that one sweep marks


def mark_late() -> int:
    """Posts whose hour has come while they are still in review: late, never published. How many that were."""
    now = timezone.now()
    overdue = Post.objects.filter(state=PostState.IN_REVIEW, publish_at__lte=now).order_by("publish_at")
    return sum(_mark_late(pk, now) for pk in overdue.values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _mark_late(pk: int, now: datetime) -> bool:
    post = lock_post(pk)
    if post.state != PostState.IN_REVIEW or post.publish_at is None or post.publish_at > now:
        return False  # decided, moved or taken back meanwhile
    set_post(post, state=PostState.LATE)
    tell_late(post, post.publish_at)
    record(
        client_id=post.client_id,
        actor=None,
        verb="post.late",
        subject_type="post",
        subject_id=post.pk,
        digest=post.version.digest if post.version else "",
        publish_at=post.publish_at.isoformat(),
    )
    return True
