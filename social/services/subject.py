"""Posts as a subject of approvals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals import subjects
from approvals.models import Comment, Review, ReviewState
from approvals.proof.exhibits import Exhibit
from approvals.subjects import Candidate, Choices, Facts, Overtaken, Passage, Wording
from clients.models import Client
from social.acts import act_words
from social.kind import CORRECTION, POST
from social.models import Act, Channel, Post, PostState, PostVersion
from social.passages import passages_of
from social.services.exhibiting import exhibit_of
from social.services.facts import choices_for, facts_of, latest
from social.services.locks import lock_post
from social.services.scheduling import schedule, unschedule
from social.services.states import set_post
from social.told import excerpts_of

# Why a review of a post is superseded though its content is the same: its labels or its pillar are others.
SORTED = "sorted"
# While nothing of a post has begun to go out, an approval of it can be taken back.
BEFORE_CLAIM = frozenset({PostState.APPROVED, PostState.SCHEDULED, PostState.LATE})


@dataclass(frozen=True)
class PostSubject:
    """A post that is locked and has a version; or one that is only looked at, and might have one (``drafted``)."""

    post: Post
    drafted: Mapping[str, Any] | None = None

    @property
    def pk(self) -> int:
        """The post's number."""
        return self.post.pk

    @property
    def client(self) -> Client:
        """Whose it is."""
        return self.post.client

    @property
    def title(self) -> str:
        """The post's title, or its first words."""
        return str(self.post)

    @property
    def version(self) -> int:
        """The number of its version."""
        return self._version.number

    @property
    def digest(self) -> str:
        """The digest of its version."""
        return self._version.digest

    @property
    def author(self) -> User:
        """Who wrote that version, or would be its author."""
        return self.post.version.author if self.post.version else self.post.written_by

    def facts(self) -> Facts:
        """What conditions of steps ask about that version."""
        return facts_of(self.post, self.drafted)

    @property
    def _version(self) -> PostVersion:
        if self.post.version is None:
            raise PostVersion.DoesNotExist
        return self.post.version

    def review_closed(self, review: Review, by: User | None) -> None:
        """Approved: into the outbox. Changes asked: back to its author."""
        if self.post.review_id != review.pk:
            return  # a newer review has taken over
        if review.state == ReviewState.APPROVED:
            schedule(self.post, by)
        else:
            set_post(self.post, state=PostState.CHANGES_REQUESTED)

    def review_reopened(self, review: Review, by: User) -> None:
        """What was scheduled goes back. Raises ``Conflict`` once anything has gone out or is going."""
        if self.post.review_id != review.pk or self.post.state not in BEFORE_CLAIM:
            text = _("It is too late to take this back: the post is out, or going out right now.")
            raise Conflict("already_published", text)
        unschedule(self.post, by)
        set_post(self.post, state=PostState.IN_REVIEW)


class PostSubjectType:
    """What approvals ask of posts."""

    kind = POST
    name = _("Posts")
    wording = Wording(
        asks=_("%(who)s asks for your approval of a post for %(client)s. Step: %(step)s."),
        link=_("This link is for you alone and for this post alone. Opening it decides nothing."),
        counted=_("Your approval was for the words you saw: it no longer counts, and nothing goes out with it."),
        counted_same=_("Your approval no longer counts, and nothing goes out with it."),
        taken_back=_("Nothing goes out until it is given again. What others approved still counts."),
    )

    def lock(self, pk: int) -> PostSubject:
        """The post, its row locked."""
        return PostSubject(lock_post(pk))

    def choices(self, client: Client | None) -> Choices:
        """What conditions of this client's chains may name; of the agency's own chains the networks alone."""
        return choices_for(client)

    def recent(self, user: User, client: Client, limit: int = 3) -> list[Candidate]:
        """The latest posts of this client that have or could have a version; nothing is locked, nothing written."""
        return [PostSubject(post, content) for post, content in latest(user, client, limit)]

    def excerpts(self, review: Review) -> list[tuple[str, str]]:
        """Each channel of the version, and the words that go out there; each post of a thread by itself."""
        version = PostVersion.objects.get(post_id=review.subject_id, number=review.version)
        entries = version.content["channels"]
        channels = Channel.objects.in_bulk([entry["channel"] for entry in entries])
        act = act_words(version.content)
        names = {pk: " · ".join(filter(None, [channel.name, act])) for pk, channel in channels.items()}
        return [said for entry in entries for said in excerpts_of(entry, names[entry["channel"]])]

    def passages(self, review: Review) -> list[Passage]:
        """The words and pictures of each channel of the version under review; two queries."""
        version = PostVersion.objects.get(post_id=review.subject_id, number=review.version)
        if version.content.get("act", {}).get("kind") == Act.TAKE_DOWN:
            return []  # what was live is nobody's to write anew
        return passages_of(review.client_id, version.content)

    def exhibit(self, review: Review) -> Exhibit:
        """The version under review as a proof of approval shows it."""
        return exhibit_of(review)

    def overtaken(self, because: str, who: str, number: int) -> Overtaken:
        """Labels and pillar are not named: a client's people don't read them."""
        said = gettext("%(who)s has changed the post after version %(number)d.")
        if because == SORTED:
            said = gettext(
                "%(who)s has sorted the post anew after version %(number)d: what goes out is the same, but others may "
                "have to approve it."
            )
        return Overtaken(who=who, said=said % {"who": who, "number": number}, same=because == SORTED)

    def take_over(self, *, user: User, comment: Comment, submit: bool) -> None:
        """See ``social.services.suggesting``."""
        from social.services.suggesting import put_words  # it submits, and submitting needs posts as a subject

        put_words(user=user, comment=comment, submit=submit)


def register() -> None:
    """Make posts reviewable; chains may be for those alone that correct what is live, or take it down."""
    posts = PostSubjectType()
    subjects.register("social", "post", posts, usual=True)
    subjects.register_purpose(CORRECTION, _("Corrections and taking down"), posts)
