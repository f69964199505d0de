"""What the page of one review shows to one person."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from approvals import selectors, subjects
from approvals.mails import by_when
from approvals.models import Decision, Review, ReviewState, ReviewStep, StepState
from approvals.readership import nameable
from approvals.remarks import choices
from approvals.step_words import StepTold, steps_told
from approvals.talk import Reader, Talk, talk_of
from clients.models import Client
from clients.moments import spoken
from portal.asked_strategy import AskedStrategy, asked_strategy, is_strategy
from portal.newer import SHOWN, Newer, newer_than
from portal.standing import Standing, standing_of
from social.acts import ActTold, act_told
from social.differences import Difference, differences
from social.issues import with_issues
from social.kind import POST
from social.models import Post, PostState, PostVersion, Publication
from social.previews import Preview, previews
from social.selectors import posts, publications, reviewed_version, with_after
from social.serves import serves


@dataclass(frozen=True, kw_only=True)
class ReviewPage:
    """One review as one person sees it; of what is no post, a ``strategy`` or ``excerpts`` (each part, and its words) instead of previews."""

    review: Review
    client: Client
    reader: User
    may_decide: bool
    standing: Standing | None
    step: ReviewStep | None
    steps: Sequence[ReviewStep]
    when: str
    serves: str
    version: PostVersion | None
    act: ActTold | None
    previews: list[Preview]
    excerpts: list[tuple[str, str]]
    strategy: AskedStrategy | None
    newer: Newer | None
    before: Review | None
    mine_before: Decision | None
    differences: list[Difference]
    talk: Talk
    told: Sequence[StepTold]
    about_choices: Sequence[tuple[str, str]]
    nameable: Sequence[User]
    agency: bool
    stands_in_for: str
    by_when: Sequence[str]
    publications: list[Publication]


def page_of(reader: User, review: Review, *, by_link: bool) -> ReviewPage:
    """The page, in the active language. ``review`` comes from ``with_steps``; by a link nothing internal is ever shown."""
    steps = list(review.steps.all())
    seat = selectors.my_seat(reader, review)
    post = posts(reader).filter(pk=review.subject_id, review=review).first()
    shown = review.state in SHOWN
    is_post = subjects.kind_of(review.subject_type_id) == POST
    version = reviewed_version(reader, review) if shown and is_post else None
    content = version.content if version else None
    newer = newer_than(reader, review)
    strategy = _strategy(reader, review) if shown and is_strategy(review) else None
    before, mine_before, changes = _since(reader, review, content) if content and not newer else (None, None, [])
    act = act_told(version, sign=by_link)
    drawn = (
        with_issues(previews(review.client_id, version.content, sign=by_link, of=version.post), version, sign=by_link)
        if version
        else []
    )
    ears = ears_of(reader, review, by_link=by_link)
    pictures = {picture.sha256: picture.url for preview in drawn for picture in preview.pictures}
    talk = talk_of(ears, review, pictures=pictures)
    return ReviewPage(
        review=review,
        client=review.client,
        reader=reader,
        may_decide=seat is not None,
        standing=None if seat else standing_of(reader, review, steps, newer),
        step=next((step for step in steps if step.state == StepState.ACTIVE), None),
        steps=steps,
        when=when_out(post) if post and shown else "",
        serves=str(serves(reader, post, inside=ears.staff)) if post and shown else "",
        version=version,
        act=act,
        previews=[] if act and act.takes_down else drawn,
        excerpts=subjects.type_of(review).excerpts(review) if shown and not is_post and not strategy else [],
        strategy=strategy,
        newer=newer,
        before=before,
        mine_before=mine_before,
        differences=changes,
        talk=talk,
        told=steps_told(ears, review),
        about_choices=choices(talk.passages) if shown else [],
        nameable=list(nameable(reader, review)),
        agency=ears.staff,
        stands_in_for=seat.user.name if seat and seat.user_id != reader.pk else "",
        by_when=[*by_when(seat.step, review.client, review.client.zone)] if seat else [],
        publications=_out(reader, post) if post and review.state == ReviewState.APPROVED else [],
    )


def _strategy(reader: User, review: Review) -> AskedStrategy:
    return asked_strategy(review, selectors.asked_before(reader, review))


def ears_of(reader: User, review: Review, *, by_link: bool) -> Reader:
    """Who reads, on the client's clock."""
    return Reader(reader, review, review.client.zone, sheltered=by_link)


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
    return before, said, differences(review.client_id, old.content, content, sign=True)


def _out(reader: User, post: Post) -> list[Publication]:
    found = publications(reader).filter(post=post, version=post.version_id).exclude(state="cancelled")
    return list(with_after(found, reader))


def when_out(post: Post) -> str:
    """When the post is to go out, on its client's clock, and what keeps it from that."""
    if post.publish_at is None and post.corrects_id:
        return _when_done(post)
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


def _when_done(post: Post) -> str:
    """The same of what acts on something live and was given no time."""
    if post.state not in {PostState.IN_REVIEW, PostState.APPROVED, PostState.SCHEDULED}:
        return ""
    if post.client.frozen:
        said = _("Just now everything of %(client)s is stopped: until that is lifted, this is not done.")
        return said % {"client": post.client.name}
    return _("It is done as soon as everybody has approved it.")
