"""Facebook pages, by Meta's Graph API: what they allow, publishing, asking back. Errors: see `social.networks.meta`.

What goes out is what was approved: the words; the pictures with their alternative texts, each uploaded unpublished and
then attached to one post; the link as such, or, where there are pictures or a video, which leave no room for it, as a
last paragraph of the text, where it is not there yet.

Limits. 63,206 characters of text and 10 pictures are what others say who publish for many
(https://www.ayrshare.com/docs/media-guidelines/facebook-pages): Meta's own pages give no figure. We count UTF-16 units,
the largest of the counts that it could mean. Pictures are JPEG, PNG, GIF, BMP or TIFF up to 10 MB
(https://developers.facebook.com/docs/graph-api/reference/page/photos).

Videos go to `/{page}/videos` as a resumable upload and not to `/{page}/video_reels`, since reels are upright, of 3 to 90
seconds, and at most 30 a day (https://developers.facebook.com/documentation/video-api/guides/reels-publishing), while a
page's video may be of any proportions and longer. Facebook itself shows both as reels.

A video's subtitles are given to it once it is live (https://developers.facebook.com/docs/graph-api/reference/video/captions,
whose file has its locale in its name), before its first comment.

Nothing is idempotent. The same post twice in a row is refused (506), which is looked into: it may be our own from a try
whose answer was lost. `find` looks for our pictures' ids, which are surely ours, else for the exact words since the
first try. Of a video the id is known before it is published, so that asking is certain.
"""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from social.networks import rules, subtitles
from social.networks.base import (
    Account,
    Content,
    Field,
    Identity,
    Journal,
    Keys,
    MediaItem,
    Need,
    Network,
    Numbers,
    OAuth,
    Preflight,
    Problem,
    Proportions,
    Published,
    Rendition,
    Signed,
    too_long,
)
from social.networks.text import count_utf16, fitting_beside

MAX_TEXT = 63_206
MAX_COMMENT = 8_000
MAX_IMAGES = 10
MAX_IMAGE_BYTES = 10_000_000
MAX_VIDEO_BYTES = 4_000_000_000
LONGEST_VIDEO = 4 * 3_600.0
IMAGE_KINDS = ("image/jpeg", "image/png", "image/gif", "image/webp")  # the last two are made JPEG
TAKEN_KINDS = ("image/jpeg", "image/png")  # of a GIF Facebook keeps the first picture, as a JPEG of its own
VIDEO_KINDS = ("video/mp4", "video/quicktime")


class Facebook(Network):
    """See the module. The credentials are a page's token; with a person's, `accounts` tells which pages there are."""

    slug: ClassVar[str] = "facebook"
    name: ClassVar[str] = "Facebook"
    needs: ClassVar[tuple[Need, ...]] = (Need("access_token", _("Page access token")),)
    oauth: ClassVar[OAuth | None] = OAuth(
        authorize="https://www.facebook.com/dialog/oauth",
        token="https://graph.facebook.com/oauth/access_token",  # noqa: S106 - an address
        scopes=(
            "pages_show_list",
            "pages_read_engagement",
            "pages_manage_posts",
            "pages_manage_engagement",
            "pages_read_user_content",
            "read_insights",
            "business_management",  # pages that a business portfolio holds are not listed without it: as reported, see docs
        ),
        pkce=False,
        separator=",",
        basic=False,
    )
    fields: ClassVar[tuple[Field, ...]] = (subtitles.FIELD,)
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_TEXT, "unit": "utf16"},
        "media": {"max": MAX_IMAGES, "kinds": [*IMAGE_KINDS, *VIDEO_KINDS], "bytes": MAX_IMAGE_BYTES},
        "source": "https://developers.facebook.com/docs/graph-api/reference/page/photos",
        "as_of": "2026-11-21",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.5, widest=2.0, card=1.91, fold_at=477)
    covers: ClassVar[bool] = True
    company: ClassVar[str] = "meta"
    patience: ClassVar[int] = 120
    prepares: ClassVar[bool] = True
    comments: ClassVar[bool] = True
    captions: ClassVar[bool] = True
    edits: ClassVar[bool] = True
    deletes: ClassVar[bool] = True
    counts: ClassVar[bool] = True

    def preflight(self, content: Content) -> Preflight:
        """Check: 63,206 units of text, 10 pictures or a video, a link that is one."""
        used = count_utf16(content.text + appended(content))
        images = tuple(item for item in content.media if not item.is_video)
        problems = [
            *rules.empty(self.name, content),
            *rules.speakable(self.name, content),
            *rules.one_post(self.name, content),
            *rules.web_link(self.name, content.link),
            *rules.pictures(self.name, images, most=MAX_IMAGES, kinds=IMAGE_KINDS),
            *rules.videos(
                self.name,
                content.media,
                most=1,
                kinds=VIDEO_KINDS,
                longest=LONGEST_VIDEO,
                max_bytes=MAX_VIDEO_BYTES,
            ),
            *_mixed(self.name, content.media),
            *rules.comment_fits(self.name, content, most=MAX_COMMENT, measure=count_utf16),
        ]
        if used <= MAX_TEXT:
            return Preflight(used, MAX_TEXT, "utf16", None, tuple(problems))
        cut_at = fitting_beside(content.text, MAX_TEXT, count_utf16, lambda text: appended(replace(content, text=text)))
        return Preflight(used, MAX_TEXT, "utf16", cut_at, (too_long(self.name, used, MAX_TEXT), *problems))

    def count_comment(self, content: Content) -> tuple[int, int]:
        """Comments have a limit of their own."""
        return count_utf16(content.comment), MAX_COMMENT

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix since when `find` looks. The rest is of no use to Facebook, which takes no key of ours."""
        return {"created_at": now.astimezone(dt.UTC).isoformat(), "key": uuid.uuid4().hex}

    def rendition(self, item: MediaItem) -> Rendition | None:
        """Pictures up to 10 MB in the kinds that Facebook takes; videos as MP4."""
        if item.is_video:
            return Rendition(kinds=VIDEO_KINDS, max_bytes=MAX_VIDEO_BYTES, codecs=("h264", "hevc"), sounds=("aac",))
        return Rendition(kinds=TAKEN_KINDS, max_bytes=MAX_IMAGE_BYTES)

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Upload pictures or video, write the post, then its first comment."""
        from social.networks.facebook import publishing

        self.refuse_unfit(content)
        return publishing.publish(account, content, keys, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Ask for the video, or look through the page's posts, or the post's comments."""
        from social.networks.facebook import finding

        return finding.find(account, content, keys, journal)

    def identity(self, account: Account) -> Identity:
        """The page that the token is for."""
        from social.networks.facebook import pages

        return pages.identity(account)

    def accounts(self, account: Account) -> list[tuple[str, str, str]]:
        """Id, name and token of the pages that a person's token gives; for choosing one when connecting.

        Where the app's secret is known, the person's token is made a long-lived one first, so that the pages' don't end.

        Raises:
            Refused, CredentialsRefused, Throttled, NotSent.
        """
        from social.networks.facebook import pages

        return pages.accounts(account)

    def signed_in(self, account: Account, way: str = "") -> tuple[Signed, ...]:
        """The pages that the person may publish on, each with its own token."""
        return tuple(
            Signed(Identity(id=page, handle=page, name=name), {"access_token": token})
            for page, name, token in self.accounts(account)
        )

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        """Change the words; pictures, video and link card stay as they are."""
        from social.networks.facebook import changing

        self.refuse_unfit(content)
        return changing.edit(account, live, content)

    def delete(self, account: Account, live: Published) -> None:
        """Delete the post."""
        from social.networks.facebook import changing

        changing.delete(account, live)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Read the post."""
        from social.networks.facebook import changing

        return changing.read_back(account, live)

    def numbers(self, account: Account, live: Published) -> Numbers:
        """Views, viewers, clicks, reactions, comments and shares, as far as the page's insights tell."""
        from social.networks.facebook import changing

        return changing.numbers(account, live)


def appended(content: Content) -> str:
    """Return what is added to the text: the link, where media leave no room for its card."""
    if not (content.link and content.media) or content.link.rstrip("/") in content.text:
        return ""
    return f"\n\n{content.link}" if content.text else content.link


def _mixed(network: str, media: tuple[MediaItem, ...]) -> list[Problem]:
    if len(media) > 1 and any(item.is_video for item in media):
        sentence = _("%(network)s takes pictures or a video in one post, not both.")
        return [Problem("media_mixed", "error", sentence, {"network": network})]
    return []
