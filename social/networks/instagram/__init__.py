"""Instagram's professional accounts, by Meta's Graph API. Errors: see `social.networks.meta`, and beside that

| code (subcode)                              | means                                 | outcome | source |
|---------------------------------------------|---------------------------------------|---------|--------|
| -2 (2207003), 9004 (2207052)                | Meta could not fetch the file         | NotSent `media_not_fetched` | [1] |
| -2 (2207020), 24 (2207006)                  | the container is gone                 | NotSent `container_gone`: it is made anew | [1] |
| -1 (2207001), -1 (2207032), -1 (2207053), 24 (2207008) | a fault that passes        | NotSent, or Unknown when publishing | [1] |
| 4 (2207051)                                 | taken for spam                        | Refused `blocked_by_policy` | [1] |
| 9 (2207042)                                 | all of today's posts are used up      | Throttled | [1] |
| 9007 (2207027)                              | not ready to be published             | NotSent `not_ready` | [1] |
| 25 (2207050)                                | the account is restricted             | Refused `account_not_active` | [1] |
| 352 (2207026), 36000 (2207004), 36001 (2207005), 36003 (2207009), 36004 (2207010) | the file or the caption | Refused | [1] |

[1] https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes/

There are two ways in, which the credential `login` tells apart: by Facebook (a page's token, graph.facebook.com; the
usual one) and by Instagram itself (graph.instagram.com), where nothing can be deleted. Text alone can't be published, and
a caption is never changed. A link in a caption is not alive, so a post's link goes into it as its last paragraph.

Limits: caption 2,200 characters, 30 hashtags, 20 mentions; pictures are JPEG up to 8 MB, from 4:5 to 1.91:1, 320 to
1,440 pixels wide; carousels of 2 to 10; reels of 3 seconds to 15 minutes and 300 MB
(https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media; the figures were read
with others who publish for many, https://www.ayrshare.com/docs/media-guidelines/instagram, of whom some say 1 GB for reels:
we keep to the smaller). Since December 2025 Instagram's own apps take five hashtags, and Meta's page on its API still says thirty: more
than five are warned of, since nobody tells whether such a caption is refused. How many posts a day an
account may publish (50 or 100, carousels count once) is asked before each (`content_publishing_limit`).

The picture or video is fetched by Meta from a public address (see `MediaItem.address`), which we fetch ourselves first.
"""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from social.networks import rules
from social.networks.base import (
    Account,
    Content,
    Identity,
    Journal,
    Keys,
    Limit,
    MediaItem,
    Need,
    Network,
    Numbers,
    OAuth,
    Preflight,
    Problem,
    Proportions,
    Published,
    Refused,
    Rendition,
    Signed,
    too_long,
)
from social.networks.text import count_utf16, fitting_beside

MAX_TEXT = 2_200
MAX_TAGS = 30
USUAL_TAGS = 5
MAX_MENTIONS = 20
MAX_MEDIA = 10
MAX_ALT = 1_000
MAX_COMMENT = 2_200
MAX_IMAGE_BYTES = 8_000_000
MAX_VIDEO_BYTES = 300_000_000
SHORTEST, LONGEST = 3.0, 900.0
NARROWEST, WIDEST = 0.8, 1.91
POSTS_A_DAY = 100
DAY = dt.timedelta(days=1)
IMAGE_KINDS = ("image/jpeg", "image/png", "image/gif", "image/webp")  # all but JPEG are made one
VIDEO_KINDS = ("video/mp4", "video/quicktime")
_TAG = re.compile(r"(?<![\w#])#\w+")
_MENTION = re.compile(r"(?<![\w@.])@[A-Za-z0-9_.]+")


class Instagram(Network):
    """See the module."""

    slug: ClassVar[str] = "instagram"
    name: ClassVar[str] = "Instagram"
    needs: ClassVar[tuple[Need, ...]] = (
        Need("access_token", _("Access token")),
        Need("login", _("Signed in by: facebook or instagram"), required=False),
    )
    oauth: ClassVar[OAuth | None] = OAuth(
        authorize="https://www.facebook.com/dialog/oauth",
        token="https://graph.facebook.com/oauth/access_token",  # noqa: S106 - an address
        scopes=(
            "instagram_basic",
            "instagram_content_publish",
            "instagram_manage_comments",
            "instagram_manage_insights",
            "instagram_manage_contents",
            "pages_show_list",
            "pages_read_engagement",
            "business_management",  # pages that a business portfolio holds are not listed without it: as reported, see docs
        ),
        pkce=False,
        separator=",",
        basic=False,
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_TEXT, "unit": "utf16"},
        "media": {"max": MAX_MEDIA, "min": 1, "kinds": [*IMAGE_KINDS, *VIDEO_KINDS], "bytes": MAX_IMAGE_BYTES},
        "posts": {"max": POSTS_A_DAY, "hours": 24},
        "source": "https://developers.facebook.com/docs/instagram-platform/content-publishing/",
        "as_of": "2026-11-21",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=NARROWEST, widest=WIDEST, card=1.91, fold_at=125)
    covers: ClassVar[bool] = True
    company: ClassVar[str] = "meta"
    patience: ClassVar[int] = 120
    prepares: ClassVar[bool] = True
    comments: ClassVar[bool] = True
    deletes: ClassVar[bool] = True
    counts: ClassVar[bool] = True

    def preflight(self, content: Content) -> Preflight:
        """Check: something to see, 2,200 units of caption, hashtags and mentions, kinds, numbers, addresses."""
        used = count_utf16(content.text + appended(content))
        images = tuple(item for item in content.media if not item.is_video)
        problems = [
            *_nothing_to_see(self.name, content),
            *rules.speakable(self.name, content),
            *rules.one_post(self.name, content),
            *rules.web_link(self.name, content.link),
            *rules.pictures(self.name, images, most=MAX_MEDIA, kinds=IMAGE_KINDS),
            *rules.alt_texts(self.name, images, most=MAX_ALT),
            *rules.videos(
                self.name,
                content.media,
                most=MAX_MEDIA,
                kinds=VIDEO_KINDS,
                shortest=SHORTEST,
                longest=LONGEST,
                max_bytes=MAX_VIDEO_BYTES,
            ),
            *_too_many(self.name, content, len(images)),
            *rules.addressed(self.name, content),
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
        """Fix since when `find` looks; Instagram takes no key of ours."""
        return {"created_at": now.astimezone(dt.UTC).isoformat(), "key": uuid.uuid4().hex}

    def takes_cover(self, content: Content) -> bool:
        """A reel's; a video in a carousel has none."""
        return len(content.media) == 1

    def rendition(self, item: MediaItem) -> Rendition | None:
        """JPEG within Instagram's proportions; videos as MP4 in H.264 and AAC."""
        if item.is_video:
            return Rendition(
                kinds=VIDEO_KINDS,
                max_bytes=MAX_VIDEO_BYTES,
                max_width=1_920,
                max_rate=60.0,
                max_bits=25_000_000,
                codecs=("h264", "hevc"),
                sounds=("aac",),
            )
        return Rendition(
            kinds=("image/jpeg",),
            max_bytes=MAX_IMAGE_BYTES,
            max_width=1_440,
            narrowest=NARROWEST,
            widest=WIDEST,
        )

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """100 posts in 24 hours; what the account really has is asked before each post."""
        return (Limit("posts", _("Instagram's posts a day"), most=POSTS_A_DAY, window=DAY),)

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Make the containers, wait until Instagram has fetched all, publish, then comment."""
        from social.networks.instagram import publishing

        self.refuse_unfit(content)
        return publishing.publish(account, content, keys, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Ask the container whether it was published, and look for what it became."""
        from social.networks.instagram import publishing

        return publishing.find(account, content, keys, journal)

    def identity(self, account: Account) -> Identity:
        """The account that the token is for."""
        from social.networks.instagram import people

        return people.identity(account)

    def accounts(self, account: Account) -> list[tuple[str, str, str]]:
        """Id, name and token of the Instagram accounts behind a person's pages; for choosing one when connecting.

        Raises:
            Refused, CredentialsRefused, Throttled, NotSent.
        """
        from social.networks.instagram import people

        return people.accounts(account)

    def signed_in(self, account: Account, way: str = "") -> tuple[Signed, ...]:
        """The professional accounts behind the person's pages, each with its page's token."""
        return tuple(
            Signed(Identity(id=known, handle=name, name=name), {"access_token": token, "login": "facebook"})
            for known, name, token in self.accounts(account)
        )

    def renews(self, credentials: Mapping[str, Any]) -> bool:
        """Only tokens of Instagram's own sign-in: a page's does not end."""
        return credentials.get("login") == "instagram"

    def refresh(self, account: Account) -> Mapping[str, Any]:
        """Renew a token of Instagram's own, which lasts 60 days; a page's does not end."""
        from social.networks.instagram import people

        if people.by_instagram(account):
            return people.refreshed(account)
        return super().refresh(account)

    def delete(self, account: Account, live: Published) -> None:
        """Delete the post, where the account is connected by way of Facebook."""
        from social.networks.instagram import changing, people

        if people.by_instagram(account):
            sentence = _("Connected by Instagram's own sign-in, a post can only be deleted in Instagram's app.")
            raise Refused(sentence, code="no_delete")
        changing.delete(account, live)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Read the post."""
        from social.networks.instagram import changing

        return changing.read_back(account, live)

    def numbers(self, account: Account, live: Published) -> Numbers:
        """Viewers, views, likes, comments and shares."""
        from social.networks.instagram import changing

        return changing.numbers(account, live)


def caption(content: Content) -> str:
    """Return the caption as it goes out."""
    return content.text + appended(content)


def appended(content: Content) -> str:
    """Return what is added to the text: the link, where it does not hold it."""
    if not content.link or content.link.rstrip("/") in content.text:
        return ""
    return f"\n\n{content.link}" if content.text else content.link


def _nothing_to_see(network: str, content: Content) -> list[Problem]:
    if content.media:
        return []
    if not (content.text.strip() or content.link):
        return list(rules.empty(network, content))
    sentence = _("%(network)s needs a picture or a video: text alone can't be published there.")
    return [Problem("media_missing", "error", sentence, {"network": network})]


def _too_many(network: str, content: Content, images: int) -> list[Problem]:
    found = []
    if len(content.media) > MAX_MEDIA >= images:
        sentence = _("Too many pictures and videos for %(network)s: %(used)d of %(limit)d.")
        params = {"network": network, "used": len(content.media), "limit": MAX_MEDIA}
        found.append(Problem("media_too_many", "error", sentence, params))
    out = caption(content)
    for code, marks, most, sentence in (
        ("hashtags_too_many", _TAG, MAX_TAGS, _("Too many hashtags for %(network)s: %(used)d of %(limit)d.")),
        ("mentions_too_many", _MENTION, MAX_MENTIONS, _("Too many mentions for %(network)s: %(used)d of %(limit)d.")),
    ):
        used = len(marks.findall(out))
        if used > most:
            found.append(Problem(code, "error", sentence, {"network": network, "used": used, "limit": most}))
    if USUAL_TAGS < (used := len(_TAG.findall(out))) <= MAX_TAGS:
        sentence = _("%(network)s lets people write %(limit)d hashtags: with %(used)d it may refuse the post.")
        params = {"network": network, "used": used, "limit": USUAL_TAGS}
        found.append(Problem("hashtags_many", "warning", sentence, params))
    return found
