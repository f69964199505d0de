"""What a reviewer reads: the version's own words, never the post's, and what is new in them."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from approvals import showing
from approvals.models import Review
from approvals.showing import Shown
from social.acts import ActTold, act_told
from social.credits import with_credits
from social.differences import Difference, differences
from social.issues import with_issues
from social.kind import POST
from social.models import Post, PostVersion
from social.previews import Preview, previews
from social.selectors import posts
from social.serves import serves
from social.services import withdraw_post
from social.services.suggesting import reach_of


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One version as it would go out. ``before`` is the version that was last reviewed before it, if any."""

    version: PostVersion | None = None
    act: ActTold | None = None
    previews: list[Preview] = field(default_factory=list)
    before: Review | None = None
    changes: list[Difference] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every network would take it."""
        return all(preview.ok for preview in self.previews)


def reading_of(user: User, review: Review) -> Reading:
    """The version under this review, and how it differs from the one that the review before it was about."""
    mine = PostVersion.objects.filter(post_id=review.subject_id, client=review.client_id)
    found = with_credits(mine.select_related("post"), user)
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
        previews=with_issues(previews(review.client_id, version.content, of=version.post), version),
        before=before,
        changes=changes,
    )


class PostShowing:
    """Reviews of posts, and of what corrects them."""

    def shown(self, user: User, review: Review) -> Shown:
        """The version as it would go out."""
        post, reading = _post(user, review), reading_of(user, review)
        return Shown(
            head="admin/review_post_head.html",
            body="admin/review_post.html",
            styles=("social/preview.css",),
            context={
                "post": post,
                "reading": reading,
                "serves": str(serves(user, post, inside=True)) if post else "",
            },
            stands=post.review if post else None,
            compare=reverse("admin:social_post_differences", args=[post.pk]) if post else "",
            pictures={picture.sha256: picture.url for preview in reading.previews for picture in preview.pictures},
            reaches=reach_of(post) if post else {},
        )

    def withdraw(self, user: User, review: Review) -> str:
        """The post is a draft again."""
        withdraw_post(user=user, post=Post.objects.get(pk=review.subject_id))
        return _("Taken back. The post is a draft again, and whoever was asked is told.")

    def taking_back(self) -> str:
        """It goes out no more, for now."""
        return _("What was scheduled goes back until you have approved again.")


def _post(user: User, review: Review) -> Post | None:
    return posts(user).filter(pk=review.subject_id).select_related("client", "written_by", "review").first()


showing.register(POST, PostShowing())
