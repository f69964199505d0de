"""Who may see which channel, label, post, picture and publication."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower

from accounts.models import User
from approvals.models import Review, Seat, StepState
from approvals.selectors import reviews
from clients.models import STAFF_ROLES, Membership, Role
from clients.selectors import clients, is_staff, staff_clients, within
from social.credits import with_credits
from social.fitting import STILL_RECIPE
from social.models import (
    Act,
    Attempt,
    Channel,
    Label,
    Media,
    Post,
    PostLabel,
    PostMedia,
    PostState,
    PostVersion,
    Publication,
    PublicationState,
    Reading,
    Recurrence,
    Rendition,
    SandboxPost,
    Silence,
    Slot,
    Variant,
)
from strategy.selectors import served_objectives, served_occasions

# A client's people see what they were asked about and what was agreed, never the agency's drafts.
AGREED = [
    PostState.APPROVED,
    PostState.SCHEDULED,
    PostState.PUBLISHING,
    PostState.PUBLISHED,
    PostState.PARTLY_PUBLISHED,
    PostState.FAILED,
]


def channels(user: User) -> QuerySet[Channel]:
    """The channels of this person's clients."""
    return Channel.objects.select_related("client").filter(within(user))


def planned_channels(user: User) -> QuerySet[Channel]:
    """The channels of the clients this person is staff for: whose times they plan."""
    return channels(user).filter(within(user, "client", STAFF_ROLES))


def slots(user: User) -> QuerySet[Slot]:
    """The slots of the clients this person is staff for, each with its channel."""
    return Slot.objects.select_related("client", "channel__client").filter(within(user, "client", STAFF_ROLES))


def recurrences(user: User) -> QuerySet[Recurrence]:
    """The series of the clients this person is staff for, each with its pattern."""
    found = Recurrence.objects.select_related("client", "pattern", "author")
    return found.filter(within(user, "client", STAFF_ROLES))


def silences(user: User) -> QuerySet[Silence]:
    """The silences of the clients this person is staff for, with whose cadence each breaks."""
    found = Silence.objects.select_related(
        "client", "channel__client", "owner", "strategy", "filled_by", "dismissed_by"
    )
    return found.filter(within(user, "client", STAFF_ROLES))


def planned_posts(user: User) -> QuerySet[Post]:
    """The posts of the clients this person is staff for: what can be the pattern of a series."""
    return posts(user).filter(within(user, "client", STAFF_ROLES))


def labels(user: User) -> QuerySet[Label]:
    """The labels of the clients this person is staff for: they are the agency's own words."""
    return Label.objects.select_related("client").filter(within(user, "client", STAFF_ROLES))


def labelled(user: User, found: QuerySet[Post], name: str) -> QuerySet[Post]:
    """Those of the posts that have a label of this name, in upper or lower case."""
    same = labels(user).annotate(key=Lower("name")).filter(key=Lower(Value(name)))
    return found.filter(pk__in=PostLabel.objects.filter(label__in=same.values("pk")).values("post"))


def media(user: User) -> QuerySet[Media]:
    """All pictures of one's clients for staff; for a client's people those of posts that they may see."""
    found = Media.objects.select_related("client")
    if user.is_active and user.is_agency_admin:
        return found
    seen = PostMedia.objects.filter(media=OuterRef("pk"), post__in=posts(user).values("pk"))
    return found.filter(Q(client__in=staff_clients(user)) | Q(Exists(seen), client__in=clients(user)))


def renditions(user: User) -> QuerySet[Rendition]:
    """What was made of the pictures and videos that this person may see."""
    source = media(user).select_related(None).filter(client=OuterRef("client"), sha256=OuterRef("source"))
    return Rendition.objects.filter(Exists(source), made_at__isnull=False)


def still_of(item: Media) -> Rendition | None:
    """A video's first picture."""
    return Rendition.objects.filter(
        client=item.client_id, source=item.sha256, recipe=STILL_RECIPE, made_at__isnull=False
    ).first()


def posts(user: User) -> QuerySet[Post]:
    """All posts of one's clients for staff; for a client's people what they were asked about and what was agreed."""
    found = Post.objects.select_related("client", "author", "version", "review", "before", "corrects")
    if user.is_active and user.is_agency_admin:
        return found
    asked = Seat.objects.filter(user=user, step__review=OuterRef("review")).exclude(step__state=StepState.WAITING)
    return found.filter(
        Q(client__in=staff_clients(user)) | Q(Q(state__in=AGREED) | Exists(asked), client__in=clients(user))
    )


def with_content(found: QuerySet[Post]) -> QuerySet[Post]:
    """The same posts with channels, variants and pictures, in a fixed number of queries."""
    rows = PostMedia.objects.select_related("media__cover").order_by("part", "position")
    variants = Variant.objects.select_related("channel").order_by("channel_id")
    return found.prefetch_related(Prefetch("variants", variants), Prefetch("media_rows", rows))


def with_labels(found: QuerySet[Post], user: User) -> QuerySet[Post]:
    """The same posts with the labels that this person may see, by one query."""
    return found.prefetch_related(Prefetch("labels", labels(user).select_related(None).order_by("name", "pk")))


def with_aims(found: QuerySet[Post], user: User) -> QuerySet[Post]:
    """The same posts with ``known_objective`` and ``known_occasion``: what this person may see of what they serve."""
    rows: dict[str, QuerySet[Any]] = {"objective": served_objectives(user), "occasion": served_occasions(user)}
    known = {
        f"known_{name}": Subquery(row.select_related(None).filter(pk=OuterRef(name)).values("pk")[:1])
        for name, row in rows.items()
    }
    return found.annotate(**known)


def versions(user: User, post: Post) -> QuerySet[PostVersion]:
    """The versions of a post that this person may see: staff all, a client's people those they were asked about or agreed."""
    found = post.versions.select_related("author").order_by("-number")
    if is_staff(user) and staff_clients(user).filter(pk=post.client_id).exists():
        return found
    asked = Seat.objects.filter(
        user=user, step__review__digest=OuterRef("digest"), step__review__subject_id=post.pk, client=post.client_id
    ).exclude(step__state=StepState.WAITING)
    agreed = Q(pk=post.version_id) if post.state in AGREED else Q(pk=None)
    return found.filter(agreed | Q(Exists(asked)))


def reviewed_version(user: User, review: Review) -> PostVersion:
    """The very version that a review of a post is about, with ``credits``, for who may see that review. Raises ``DoesNotExist``."""
    seen = reviews(user).filter(pk=review.pk, subject_type__app_label="social", subject_type__model="post")
    return with_credits(PostVersion.objects.select_related("post"), user).get(
        Exists(seen), client=review.client_id, post=review.subject_id, number=review.version
    )


def versions_under(user: User, found: Sequence[Review]) -> dict[int, PostVersion]:
    """The versions that these reviews are about, by the review's number, as far as they are of posts; by one query."""
    mine = reviews(user).filter(
        pk__in=[review.pk for review in found], subject_type__app_label="social", subject_type__model="post"
    )
    pairs = mine.filter(subject_id=OuterRef("post"), version=OuterRef("number"))
    rows = PostVersion.objects.filter(post__in=[review.subject_id for review in found])
    rows = rows.select_related("post__before", "post__corrects").annotate(
        review_id=Subquery(pairs.order_by("-round").values("pk")[:1])
    )
    return {row.review_id: row for row in rows if row.review_id}


def publications(user: User) -> QuerySet[Publication]:
    """The publications of this person's clients, with their attempts. Each was agreed once, so the client's people see all."""
    found = Publication.objects.select_related("client", "channel", "post").prefetch_related(
        Prefetch("attempts", Attempt.objects.order_by("number"))
    )
    return found.filter(within(user))


def with_after(found: QuerySet[Publication], user: User) -> QuerySet[Publication]:
    """The same with what became of them: read back, corrected, taken down; two more queries."""
    downs = Publication.objects.filter(act=Act.TAKE_DOWN, state=PublicationState.PUBLISHED)
    corrections = posts(user).select_related(None).defer("text").order_by("pk")
    return found.select_related("watch__client").prefetch_related(
        Prefetch("acts", downs.select_related("client", "post__author"), to_attr="downs"),
        Prefetch("corrections", corrections, to_attr="corrected_by"),
    )


def readings(publication: Publication) -> QuerySet[Reading]:
    """What was counted of a publication that the person may see."""
    return Reading.objects.filter(publication=publication).select_related("client").order_by("pk")


def is_over(publication: int) -> bool:
    """Whether a publication (0: none) has come to an end, so that nothing needs to be fetched for it any more."""
    going = [PublicationState.SCHEDULED, PublicationState.PUBLISHING, PublicationState.UNKNOWN]
    return bool(publication) and not Publication.objects.filter(pk=publication, state__in=going).exists()


def sandbox_channel(user: User, handle: str) -> Channel | None:
    """The channel whose sandbox page this is, for people who may see its client; None where there is no such page for them."""
    found = channels(user).filter(network="sandbox", handle__iexact=handle)
    return found.order_by(Case(When(status="retired", then=1), default=0), "-pk").first()


def sandbox_posts(user: User, handle: str) -> QuerySet[SandboxPost]:
    """What this person may see of a sandbox page, the newest first.

    A handle may have belonged to another client before: what that one published is not shown.
    """
    keys = Publication.objects.filter(
        channel__in=channels(user).filter(network="sandbox", handle__iexact=handle)
    ).annotate(sandbox_key=KeyTextTransform("key", "keys"))
    return SandboxPost.objects.filter(handle=handle.lower(), key__in=keys.values("sandbox_key")).order_by("-id")


def people_in_charge(post: Post) -> set[int]:
    """Who must act when something goes wrong with this post: its author and the client's managers."""
    managers = Membership.objects.filter(client=post.client_id, role=Role.MANAGER, user__is_active=True)
    still_here = Membership.objects.filter(client=post.client_id, user=post.author_id, role__in=STAFF_ROLES)
    return {*managers.values_list("user_id", flat=True), *still_here.values_list("user_id", flat=True)}


def oldest_due_age(now: datetime) -> timedelta | None:
    """How long the publication that waits longest for its first try is overdue; None when none is. Stopped clients do not count."""
    # The sweep hands a row out for HAND_OUT seconds at a time, so what is overdue wakes within that from now.
    waiting = Publication.objects.filter(state="scheduled", wake_at__lte=now + timedelta(minutes=1), tries=0)
    found = waiting.filter(due_at__lte=now, client__frozen_at=None).order_by("due_at").values_list("due_at", flat=True)
    first = found.first()
    return now - first if first else None


def counts_by_state(user: User) -> dict[tuple[int, str], int]:
    """How many posts each of one's clients has in each state."""
    rows = (
        Post.objects.filter(within(user, "client", STAFF_ROLES)).values_list("client", "state").annotate(n=Count("pk"))
    )
    return {(client, state): n for client, state, n in rows}
