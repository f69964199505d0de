"""What a reviewer reads: the version's own words, never the post's, and what is new in them."""

from dataclasses import dataclass, field

from accounts.models import User
from approvals import subjects
from approvals.models import Review
from social.acts import ActTold, act_told
from social.credits import with_credits
from social.differences import Difference, differences
from social.kind import POST
from social.models import PostVersion
from social.previews import Preview, previews


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One version as it would go out. ``before`` is the version that was last reviewed before it, if any.

    Of what is no post there are ``excerpts`` alone: each part, and its words.
    """

    version: PostVersion | None = None
    act: ActTold | None = None
    previews: list[Preview] = field(default_factory=list)
    before: Review | None = None
    changes: list[Difference] = field(default_factory=list)
    excerpts: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every network would take it."""
        return all(preview.ok for preview in self.previews)


def reading_of(user: User, review: Review) -> Reading:
    """The version under this review, and how it differs from the one that the review before it was about."""
    if subjects.kind_of(review.subject_type_id) != POST:
        return Reading(excerpts=subjects.type_of(review).excerpts(review))
    found = with_credits(PostVersion.objects.filter(post_id=review.subject_id, client=review.client_id), user)
    before = (
        Review.objects.filter(subject_type=review.subject_type_id, subject_id=review.subject_id)
        .filter(round__lt=review.round)
        .order_by("-round")
        .first()
    )
    numbers = [review.version, *([before.version] if before else [])]
    versions = {version.number: version for version in found.filter(number__in=numbers)}
    version = versions.get(review.version)
    if version is None:
        return Reading(before=before)
    old = versions.get(before.version) if before else None
    changes = differences(review.client_id, old.content, version.content) if old else []
    return Reading(
        version=version,
        act=act_told(version),
        previews=previews(review.client_id, version.content),
        before=before,
        changes=changes,
    )
