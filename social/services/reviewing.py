"""A post asks for approval: its version is fixed, a review of that version begins."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from accounts.prepared import Prepared
from approvals.models import ReviewState
from approvals.services import start, withdraw
from audit.services import record
from clients.models import STAFF_ROLES
from clients.selectors import require
from social.digest import content_from, digest_of
from social.fitting import Want
from social.models import Act, Post, PostMedia, PostState, PostVersion, Variant
from social.outdated import outdated
from social.services import correctable
from social.services.checks import Stock, check_content, missing, require_ready, stock_of
from social.services.locks import lock_post, require_edition
from social.services.meant_for import hold_accounts
from social.services.renditions import make_now
from social.services.repeating import hold, repeats
from social.services.scheduling import unschedule
from social.services.states import set_post
from social.services.subject import PostSubject
from strategy.leaning import lean_on

ASKABLE = frozenset({PostState.DRAFT, PostState.CHANGES_REQUESTED})
WITHDRAWABLE = frozenset({PostState.IN_REVIEW, PostState.APPROVED, PostState.SCHEDULED, PostState.LATE})


def _variants(post: int) -> QuerySet[Variant]:
    return Variant.objects.filter(post=post).select_related("channel").order_by("channel_id")


def _media_rows(post: int) -> QuerySet[PostMedia]:
    return PostMedia.objects.filter(post=post).select_related("media__cover").order_by("part", "position")


def _last(post: int) -> QuerySet[PostVersion]:
    return PostVersion.objects.filter(post=post).select_related("author").order_by("-number")[:1]


_VARIANTS, _MEDIA_ROWS, _LAST = Prepared(_variants), Prepared(_media_rows), Prepared(_last)


class NotMadeError(Exception):
    """Something of a post has still to be made for its networks."""

    def __init__(self, wants: list[Want]) -> None:
        super().__init__()
        self.wants = wants


def submit_post(*, user: User, post: Post, edition: str | None = None) -> Post:
    """Fix what would go out as a version and start its review.

    Pictures that a network needs otherwise are made before, which is quick; a video has to be ready. Raises
    ``ValidationError`` for what a network would not take (every channel's problems at once), for a time that has passed
    and for a chain that nobody could pass; ``Conflict`` where there is nothing to ask, ``Stale`` for another ``edition``.
    """
    try:
        return _submit(user=user, post=post, edition=edition, ready=False)
    except NotMadeError as late:
        make_now(late.wants)
    return _submit(user=user, post=post, edition=edition, ready=True)


@transaction.atomic
def _submit(*, user: User, post: Post, edition: str | None, ready: bool) -> Post:
    require(user, post.client_id, STAFF_ROLES)
    post = lock_post(post.pk, "client", "chain", "pillar", "written_by")
    require_edition(post, edition)
    if post.state not in ASKABLE:
        raise Conflict("not_a_draft", _("This post is not a draft: it has been submitted already, or is over."))
    if post.publish_at and post.publish_at <= timezone.now():
        text = _("This time has passed. Choose one to come, or none.")
        raise ValidationError({"publish_at": ValidationError(text, code="past")})
    correctable.require_possible(post)
    hold_accounts(post)  # which the version names, until there is a review of it
    variants = _VARIANTS(post=post.pk)
    content = content_from(post, variants, _MEDIA_ROWS(post=post.pk))
    channels = {variant.channel_id: variant.channel for variant in variants}
    prefetch_related_objects([post], "labels")  # its facts are told by them, too
    labels = [label.name for label in post.labels.all()]
    chain = correctable.chain_of(post, channels, labels)
    stock = stock_of([(post.client_id, entry) for entry in content["channels"]]).get(post.client_id, Stock())
    wants = missing(content, stock)
    if wants and not ready:
        raise NotMadeError(wants)
    if post.act != Act.TAKE_DOWN:
        hold(content["channels"])
        said = repeats(content, post=post, at=post.publish_at)
        checks = check_content(post.client_id, content, channels, stock, said)
        require_ready(checks)
        correctable.require_sound(post, content, checks)
    if wants:
        raise Conflict("not_ready", _("A picture of this post is still being made ready. Try again in a moment."))
    post.version = _version(post, content)
    review = start(subject=PostSubject(post), subject_type=Post, chain=chain, asked_by=user)
    set_post(post, version=post.version, review=review, state=PostState.IN_REVIEW)
    lean_on(outdated(post, channels), timezone.now())
    return post


def _version(post: Post, content: dict[str, object]) -> PostVersion:
    digest = digest_of(content)
    last = next(iter(_LAST(post=post.pk)), None)
    if last and last.digest == digest and last.author_id == post.written_by_id:
        return last
    version = PostVersion.objects.create(
        post=post,
        client_id=post.client_id,
        number=last.number + 1 if last else 1,
        author=post.written_by,
        digest=digest,
        content=content,
    )
    record(
        client_id=post.client_id,
        actor=post.written_by,
        verb="post.version",
        subject_type="post",
        subject_id=post.pk,
        digest=digest,
        number=version.number,
    )
    return version


@transaction.atomic
def withdraw_post(*, user: User, post: Post, edition: str | None = None) -> Post:
    """Take the question, or the approval, back before anything has begun to go out. The post is a draft again.

    Raises ``Conflict`` where there is nothing to take back, ``Stale`` for another ``edition``.
    """
    require(user, post.client_id, STAFF_ROLES)
    post = lock_post(post.pk, "review")
    require_edition(post, edition)
    reviewed = post.review and post.review.state in {ReviewState.OPEN, ReviewState.APPROVED}
    if post.state not in WITHDRAWABLE or not (reviewed and post.review):
        raise Conflict(
            "nothing_to_withdraw", _("There is nothing to take back: the post is not in review or scheduled.")
        )
    unschedule(post, user)
    withdraw(review=post.review, user=user)
    set_post(post, state=PostState.DRAFT)
    return post
