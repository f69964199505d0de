"""TikTok, by its Content Posting API (direct post): what it allows, publishing, asking how it stands.

What goes out is what was approved: one video with the text as its caption, sent in pieces; or one to thirty-five pictures,
which TikTok fetches from public addresses, with a title and the text as their description. A link is no link there, and stands as
the last paragraph. Who can see it has to be chosen for each post, among what TikTok allows this account at that moment:
so TikTok is asked before each (`creator_info`), as its guidelines want
(https://developers.tiktok.com/doc/content-sharing-guidelines), and comments, duets and stitches are off unless they are
wanted. An installation that TikTok has not audited can publish for the account's own eyes only.

Limits. Caption 2,200 UTF-16 units, of pictures 4,000 and a title of 90
(https://developers.tiktok.com/doc/content-posting-api-reference-direct-post, …/content-posting-api-reference-photo-post);
videos MP4, MOV, WebM of 3 seconds to 10 minutes (the account's own limit is asked), 4 GB, 23 to 60 frames a second, 360 to
4,096 pixels; pictures JPEG or WebP of 20 MB and 1,080 × 1,920 (…/content-posting-api-media-transfer-guide). 6 beginnings a minute of
an account; about 15 posts of an account in 24 hours, over all programs that it uses (the guidelines).

A video is out once its last piece has arrived, pictures once they are asked for: those are the calls that readers could
see. Whatever comes of them is asked of TikTok by the id of the publishing (`status/fetch`); only where pictures were
asked for and no answer came there is no id, and nobody but a person can tell. The post's own id comes after TikTok has looked at it,
in minutes or hours, and for posts that not everybody sees never: until then `remote_id` is the publishing's id, the
address is the account's, and `read_back` gives the real one as soon as there is one.

Nothing can be edited or deleted. No library: TikTok has none.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from social.networks.base import (
    Account,
    Content,
    Field,
    Identity,
    Journal,
    Keys,
    Limit,
    MediaItem,
    Need,
    Network,
    OAuth,
    Preflight,
    Proportions,
    Published,
    Rendition,
    too_long,
)
from social.networks.text import count_utf16, fitting_beside
from social.networks.tiktok import checking
from social.networks.tiktok.checking import (
    IMAGE_KINDS,
    LONGEST_VIDEO,
    MAX_DESCRIPTION,
    MAX_IMAGE_BYTES,
    MAX_IMAGES,
    MAX_TEXT,
    MAX_TITLE,
    MAX_VIDEO_BYTES,
    SHORTEST_VIDEO,
    VIDEO_KINDS,
    appended,
)

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


class TikTok(Network):
    """See the module. The credentials come from OAuth 2; the token lasts a day, and `refresh` renews it."""

    slug: ClassVar[str] = "tiktok"
    name: ClassVar[str] = "TikTok"
    needs: ClassVar[tuple[Need, ...]] = (
        Need("access_token", _("Access token")),
        Need("refresh_token", _("Refresh token"), required=False),
        Need("expires_at", _("Token ends at"), required=False),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "privacy",
            _("Who can see it"),
            kind="choice",
            required=True,
            choices=(
                ("PUBLIC_TO_EVERYONE", _("Everybody")),
                ("FOLLOWER_OF_CREATOR", _("Followers")),
                ("MUTUAL_FOLLOW_FRIENDS", _("Friends: who follows each other")),
                ("SELF_ONLY", _("Only this account")),
            ),
            help=_(
                "TikTok decides which of these an account has. Until TikTok has audited this installation: the last."
            ),
        ),
        Field("comments", _("Allow comments"), kind="yes"),
        Field("duets", _("Allow duets with the video"), kind="yes"),
        Field("stitches", _("Allow parts of the video in others"), kind="yes"),
        Field("own_brand", _("Promotes the account's own brand"), kind="yes"),
        Field("paid_partnership", _("Paid partnership with another brand"), kind="yes"),
        Field("made_with_ai", _("Video made with AI"), kind="yes"),
        Field("title", _("Title of the pictures"), most=MAX_TITLE),
        Field("music", _("Let TikTok add music to the pictures"), kind="yes"),
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_TEXT, "unit": "utf16", "with_pictures": MAX_DESCRIPTION},
        "title": {"max": MAX_TITLE},
        "media": {
            "max": MAX_IMAGES,
            "min": 1,
            "kinds": [*IMAGE_KINDS, *VIDEO_KINDS],
            "bytes": MAX_IMAGE_BYTES,
            "video_bytes": MAX_VIDEO_BYTES,
            "seconds": [SHORTEST_VIDEO, LONGEST_VIDEO],
        },
        "source": "https://developers.tiktok.com/doc/content-posting-api-reference-direct-post, "
        "https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide",
        "as_of": "2026-11-29",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.5625, widest=1.78, card=0.5625, fold_at=100)
    patience: ClassVar[int] = 330
    prepares: ClassVar[bool] = True
    oauth: ClassVar[OAuth | None] = OAuth(
        authorize="https://www.tiktok.com/v2/auth/authorize/",
        token="https://open.tiktokapis.com/v2/oauth/token/",  # noqa: S106 - an address
        scopes=("user.info.basic", "video.publish"),
        pkce=False,
        separator=",",
        basic=False,
        lasts=DAY,
        renews_for=dt.timedelta(days=365),
        rotates=True,
        client_name="client_key",
    )

    def preflight(self, content: Content) -> Preflight:
        """Check: one video or 35 pictures, 2,200 units of caption or 4,000 of description, who can see it."""
        limit = MAX_DESCRIPTION if checking.is_of_pictures(content) else MAX_TEXT
        used = count_utf16(content.text + appended(content))
        problems = tuple(checking.problems(self.name, self.fields, content))
        if used <= limit:
            return Preflight(used, limit, "utf16", None, problems)
        cut_at = fitting_beside(content.text, limit, count_utf16, lambda text: appended(replace(content, text=text)))
        return Preflight(used, limit, "utf16", cut_at, (too_long(self.name, used, limit), *problems))

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """TikTok takes no key of ours; the time is for whoever has to look."""
        return {"since": now.astimezone(dt.UTC).isoformat(timespec="seconds")}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Ask what the account may, send the video or name the pictures, and ask whether it is out."""
        from social.networks.tiktok import publishing

        self.refuse_unfit(content)
        return publishing.publish(account, content, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Ask how the publishing stands, where its id is known."""
        from social.networks.tiktok import publishing

        return publishing.find(account, content, journal)

    def identity(self, account: Account) -> Identity:
        """Ask; the identity is the id that TikTok gives the account for this installation (`open_id`)."""
        from social.networks.tiktok import publishing

        return publishing.identity(account)

    def rendition(self, item: MediaItem) -> Rendition:
        """Videos as MP4, MOV or WebM, pictures as JPEG or WebP of 1,080 × 1,920."""
        if item.is_video:
            return Rendition(
                kinds=VIDEO_KINDS,
                max_bytes=MAX_VIDEO_BYTES,
                max_width=1_920,
                max_height=1_920,
                max_rate=60.0,
                codecs=("h264", "hevc", "vp8", "vp9"),
            )
        return Rendition(
            kinds=("image/jpeg", "image/webp"), max_bytes=MAX_IMAGE_BYTES, max_width=1_080, max_height=1_920
        )

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """6 beginnings a minute, 15 posts in 24 hours, of an account."""
        return (
            Limit("begun", _("TikTok's 6 posts a minute of an account"), 6, MINUTE),
            Limit("posts", _("TikTok's 15 posts of an account in 24 hours"), 15, DAY),
        )

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Ask for the post's own id, as long as it is known by its publishing only."""
        from social.networks.tiktok import publishing

        return publishing.read_back(account, live)

    def refresh(self, account: Account) -> Mapping[str, Any]:
        """Renew the token; TikTok may end the refresh token that it was renewed with."""
        from social.networks.renewing import renewed

        assert self.oauth is not None  # noqa: S101 - it stands above
        return renewed(self.name, self.oauth, account)
