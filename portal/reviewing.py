"""What the page of one review shows to one person."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from approvals import selectors, subjects
from approvals.models import Audience, Decision, Review, ReviewState, ReviewStep, StepState
from clients.models import Client
from clients.moments import spoken
from portal.standing import Standing, standing_of
from social.differences import Difference, differences
from social.kind import POST
from social.models import Post, PostState, Publication
from social.previews import Preview, previews
from social.selectors import posts, publications, reviewed_version

# Of these, the words are shown; what was taken back or overtaken is nobody's question any more.
SHOWN = {ReviewState.OPEN, ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED}


@dataclass(frozen=True, kw_only=True)
class Said:
    """Something somebody said or decided. ``verdict`` is empty for a comment; ``internal``: the client's people never see it."""

    who: str
    when: str
    words: str
    verdict: str = ""
    internal: bool = False


@dataclass(frozen=True, kw_only=True)
class ReviewPage:
    """One review as one person sees it; of what is no post, ``excerpts`` (each part, and its words) instead of previews."""

    review: Review
    client: Client
    reader: User
    may_decide: bool
    standing: Standing | None
    step: ReviewStep | None
    steps: Sequence[ReviewStep]
    when: str
    previews: list[Preview]
    excerpts: list[tuple[str, str]]
    before: Review | None
    mine_before: Decision | None
    differences: list[Difference]
    said: list[Said]
    publications: list[Publication]


def page_of(reader: User, review: Review, *, by_link: bool) -> ReviewPage:
    """The page, in the active language. ``review`` comes from ``with_steps``; by a link nothing internal is ever shown."""
    steps = list(review.steps.all())
    seat = selectors.my_seat(reader, review)
    post = posts(reader).filter(pk=review.subject_id, review=review).first()
    shown = review.state in SHOWN
    is_post = subjects.kind_of(review.subject_type_id) == POST
    content = reviewed_version(reader, review).content if shown and is_post else None
    before, mine_before, changes = _since(reader, review, content) if content else (None, None, [])
    return ReviewPage(
        review=review,
        client=review.client,
        reader=reader,
        may_decide=seat is not None,
        standing=None if seat else standing_of(reader, review, steps),
        step=next((step for step in steps if step.state == StepState.ACTIVE), None),
        steps=steps,
        when=when_out(post) if post and shown else "",
        previews=previews(review.client_id, content, sign=by_link) if content else [],
        excerpts=subjects.type_of(review).excerpts(review) if shown and not is_post else [],
        before=before,
        mine_before=mine_before,
        differences=changes,
        said=_said(reader, review, by_link=by_link),
        publications=_out(reader, post) if post and review.state == ReviewState.APPROVED else [],
    )


def _since(
    reader: User, review: Review, content: dict[str, object]
) -> tuple[Review | None, Decision | None, list[Difference]]:
    """The review of the version that this person saw last, what they said of it, and what is new since."""
    before = selectors.asked_before(reader, review)
    if before is None:
        return None, None, []
    said = selectors.decisions(reader, before).filter(actor=reader).last()
    if before.digest == review.digest:
        return before, said, []
    old = reviewed_version(reader, before)
    return before, said, differences(review.client_id, old.content, content)


def _said(reader: User, review: Review, *, by_link: bool) -> list[Said]:
    comments = selectors.comments(reader, review)
    if by_link:
        comments = comments.filter(audience=Audience.CLIENT)
    zone = review.client.zone
    both = [
        (
            comment.at,
            Said(
                who=comment.author.name,
                when=spoken(comment.at, zone),
                words=comment.text,
                internal=comment.audience == Audience.INTERNAL,
            ),
        )
        for comment in comments
    ]
    both += [
        (
            decision.at,
            Said(
                who=decision.actor.name,
                when=spoken(decision.at, zone),
                words=decision.comment,
                verdict=decision.verdict,
            ),
        )
        for decision in selectors.decisions(reader, review)
    ]
    return [said for _at, said in sorted(both, key=lambda pair: pair[0])]


def _out(reader: User, post: Post) -> list[Publication]:
    return list(publications(reader).filter(post=post, version=post.version_id).exclude(state="cancelled"))


def when_out(post: Post) -> str:
    """When the post is to go out, on its client's clock, and what keeps it from that."""
    if post.publish_at is None:
        return _("It has no time yet. It goes out only once it has one.")
    when = spoken(post.publish_at, post.client.zone)
    if post.state in {PostState.PUBLISHED, PostState.PARTLY_PUBLISHED, PostState.PUBLISHING, PostState.FAILED}:
        return _("Its time: %(when)s.") % {"when": when}
    if post.publish_at <= timezone.now():
        return _("Its time has passed: %(when)s. It goes out only once the agency gives it another one.") % {
            "when": when
        }
    if post.client.frozen:
        said = _(
            "It is to go out on %(when)s. Just now everything of %(client)s is stopped: until that is lifted, nothing goes out."
        )
        return said % {"when": when, "client": post.client.name}
    return _("It is to go out on %(when)s.") % {"when": when}
