"""LinkedIn, for persons and organisations, by its versioned API: what it allows, publishing, asking back.

What errors mean: see `api`.

What goes out is what was approved: the words, in LinkedIn's own way of writing them (`little`), with live hashtags; one
picture or two to twenty, or a video; the link as an article with the title that is asked beside it (else its host), or,
where there are pictures, as a last paragraph of the text. Alternative texts go with the pictures. The first comment is
plain words.

Limits. 3,000 characters: LinkedIn's error counts "ShareCommentary text length", the text after it was read
(https://github.com/n8n-io/n8n/issues/22899); we count UTF-16 units of what readers see, the largest that this may mean
short of the escapes themselves. The rest: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/
(posts-api, multiimage-post-api, images-api, videos-api, comments-api, which names what a token needs for the first comment:
`…_organization_social_feed`; of a person `w_member_social_feed`, which apps that only share are not given); 1,250 characters of a comment are what its own pages allow.
For a person, few apps are let write comments, publish videos or change posts; all others are answered 403, as reports of 2026
have it. Whether this installation's app is, nobody tells before: it is warned of, and said plainly where it is refused.

Versions are dated, live a year, and are then refused with 426: the setting FILO_LINKEDIN_VERSION says which is spoken.

Nothing is idempotent. A post is looked for among the author's own, where the token may read them: an organisation's by
`r_organization_social`; a person's by `r_member_social`, which LinkedIn gives to few. Else nobody but a person can tell.
LinkedIn refuses the same words twice (`DUPLICATE_POST`) for a day or two, which is the last guard against doubling.

No library: LinkedIn's own, linkedin-api-client, is a thin layer over `requests`, which has no door for our transport.
"""

import datetime as dt
import time
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from social.networks import rules, subtitles
from social.networks.base import (
    Account,
    Content,
    CredentialsRefused,
    Field,
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
    Rendition,
    Signed,
    too_long,
)
from social.networks.text import count_utf16, fitting_as

MAX_TEXT = 3_000
MAX_COMMENT = 1_250
MAX_TITLE = 400
MAX_ALT = 4_086
MAX_IMAGES = 20
MAX_IMAGE_BYTES = 10_000_000
MAX_SIDE = 6_000  # 36,152,320 pixels in all
MAX_VIDEO_BYTES = 500_000_000
SHORTEST_VIDEO, LONGEST_VIDEO = 3.0, 1_800.0
IMAGE_KINDS = ("image/jpeg", "image/png", "image/gif", "image/webp")  # WebP is made a JPEG
TAKEN_KINDS = ("image/jpeg", "image/png", "image/gif")
VIDEO_KINDS = ("video/mp4",)
POSTS_A_DAY = 150
# A token that was just given may be called revoked for so many seconds:
# https://github.com/jclusso/omniauth-linkedin-openid/issues/6, https://github.com/decioferreira/omniauth-linkedin-oauth2/issues/17
JUST_GIVEN = 5.0
ORGANIZATION = "organization"  # the way to sign in for one
_AUTHORIZE = "https://www.linkedin.com/oauth/v2/authorization"
_TOKEN = "https://www.linkedin.com/oauth/v2/accessToken"  # noqa: S105 - an address


class LinkedIn(Network):
    """See the module. The credentials come from OAuth 2, of a person; with `organization` they speak for that.

    `oauth` asks for what a person's account needs, `oauth_organization` for what an organisation's needs: LinkedIn gives
    the second to apps that have its Community Management product, and nothing else beside.
    """

    slug: ClassVar[str] = "linkedin"
    name: ClassVar[str] = "LinkedIn"
    needs: ClassVar[tuple[Need, ...]] = (
        Need("access_token", _("Access token")),
        Need("organization", _("Number of the organisation, empty for a person"), required=False),
        Need("refresh_token", _("Refresh token"), required=False),
        Need("expires_at", _("Token ends at"), required=False),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("link_title", _("Title of the link"), most=MAX_TITLE, help=_("Empty: the name of its site.")),
        subtitles.FIELD,
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_TEXT, "unit": "utf16"},
        "comment": {"max": MAX_COMMENT},
        "media": {
            "max": MAX_IMAGES,
            "kinds": [*IMAGE_KINDS, *VIDEO_KINDS],
            "bytes": MAX_IMAGE_BYTES,
            "video_bytes": MAX_VIDEO_BYTES,
            "seconds": [SHORTEST_VIDEO, LONGEST_VIDEO],
            "alt_text": MAX_ALT,
        },
        "source": "https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api",
        "as_of": "2026-11-21",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.8, widest=1.91, card=1.91, fold_at=210)
    patience: ClassVar[int] = 330
    prepares: ClassVar[bool] = True
    comments: ClassVar[bool] = True
    captions: ClassVar[bool] = True
    edits: ClassVar[bool] = True
    deletes: ClassVar[bool] = True
    counts: ClassVar[bool] = True
    repeats_after: ClassVar[dt.timedelta | None] = dt.timedelta(days=2)
    oauth: ClassVar[OAuth | None] = OAuth(
        authorize=_AUTHORIZE,
        token=_TOKEN,
        scopes=("openid", "profile", "w_member_social"),
        pkce=False,
        basic=False,
        lasts=dt.timedelta(days=60),
        renews_for=dt.timedelta(days=365),
        label=_("A person"),
    )
    oauth_organization: ClassVar[OAuth] = OAuth(
        authorize=_AUTHORIZE,
        token=_TOKEN,
        scopes=(
            "r_organization_social",
            "w_organization_social",
            "r_organization_social_feed",  # comments are apart since 2025
            "w_organization_social_feed",
            "rw_organization_admin",
        ),
        pkce=False,
        basic=False,
        lasts=dt.timedelta(days=60),
        renews_for=dt.timedelta(days=365),
        label=_("An organisation"),
    )

    def preflight(self, content: Content) -> Preflight:
        """Check: 3,000 characters, 20 pictures or a video, a comment of 1,250; count what readers see."""
        out = text_out(content)
        used = count_utf16(out)
        problems = [
            *rules.empty(self.name, content),
            *rules.speakable(self.name, content),
            *rules.one_post(self.name, content),
            *rules.web_link(self.name, content.link),
            *rules.fields_fit(self.name, self.fields, content),
            *rules.comment_fits(self.name, content, most=MAX_COMMENT, measure=count_utf16),
            *self._attached(content.media),
            *_perhaps_not_let(content),
        ]
        if used <= MAX_TEXT:
            return Preflight(used, MAX_TEXT, "utf16", None, tuple(problems))
        problems.insert(0, too_long(self.name, used, MAX_TEXT))
        kept = count_utf16(out[len(content.text) :])
        cut_at = fitting_as(content.text, max(0, MAX_TEXT - kept), count_utf16)
        return Preflight(used, MAX_TEXT, "utf16", cut_at, tuple(problems))

    def count_comment(self, content: Content) -> tuple[int, int]:
        """Comments have a limit of their own."""
        return count_utf16(content.comment), MAX_COMMENT

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix since when it is looked for."""
        return {"since": now.astimezone(dt.UTC).isoformat(timespec="seconds")}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Send pictures or video ahead, write the post, then its first comment."""
        from social.networks.linkedin import publishing

        self.refuse_unfit(content)
        return publishing.publish(account, content, text_out(content), keys, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Look through the author's posts, where the token may read them."""
        from social.networks.linkedin import publishing

        return publishing.find(account, content, text_out(content), keys, journal)

    def identity(self, account: Account) -> Identity:
        """Ask; the identity is the author's URN, of the organisation that is named or of the token's person."""
        from social.networks.linkedin import publishing

        return publishing.identity(account)

    def ways(self) -> Mapping[str, OAuth]:
        """As a person, or for an organisation: two apps at LinkedIn."""
        return {"": self.oauth, ORGANIZATION: self.oauth_organization} if self.oauth else {}

    def way_of(self, credentials: Mapping[str, Any]) -> str:
        """Where an organisation is named, its token came from the second app."""
        return ORGANIZATION if credentials.get("organization") else ""

    def signed_in(self, account: Account, way: str = "") -> tuple[Signed, ...]:
        """The person, or the organisations that they may speak for. A token that was just given may not count for a moment."""
        try:
            return self._signed_in(account, way)
        except CredentialsRefused as refused:
            if "REVOKED_ACCESS_TOKEN" not in refused.said:
                raise
            time.sleep(JUST_GIVEN)
            return self._signed_in(account, way)

    def _signed_in(self, account: Account, way: str) -> tuple[Signed, ...]:
        from social.networks.linkedin import publishing

        return publishing.organizations(account) if way == ORGANIZATION else super().signed_in(account)

    def rendition(self, item: MediaItem) -> Rendition:
        """Pictures as JPEG, PNG or GIF of less than 36 megapixels, videos as MP4 up to 500 MB."""
        if item.is_video:
            return Rendition(
                kinds=VIDEO_KINDS,
                max_bytes=MAX_VIDEO_BYTES,
                narrowest=1 / 2.4,
                widest=2.4,
                max_rate=60.0,
                codecs=("h264",),
                sounds=("aac", ""),
            )
        return Rendition(kinds=TAKEN_KINDS, max_bytes=MAX_IMAGE_BYTES, max_width=MAX_SIDE, max_height=MAX_SIDE)

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """150 requests that publish, of one person a day."""
        label = _("LinkedIn's 150 posts of an account a day")
        return (Limit("posts", label, POSTS_A_DAY, dt.timedelta(days=1), zone="UTC", cost=1 + bool(content.comment)),)

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        """Change the words."""
        from social.networks.linkedin import publishing

        self.refuse_unfit(content)
        return publishing.edit(account, live, text_out(content))

    def delete(self, account: Account, live: Published) -> None:
        """Take the post down."""
        from social.networks.linkedin import publishing

        publishing.delete(account, live)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Look the post up, where the token may read it."""
        from social.networks.linkedin import publishing

        return publishing.read_back(account, live)

    def numbers(self, account: Account, live: Published) -> Numbers:
        """Read what LinkedIn counts of an organisation's post."""
        from social.networks.linkedin import publishing

        return publishing.numbers(account, live)

    def refresh(self, account: Account) -> Mapping[str, Any]:
        """Renew the token, where LinkedIn has given a refresh token: it does so for chosen partners."""
        from social.networks.renewing import renewed

        assert self.oauth is not None  # noqa: S101 - it stands above
        return renewed(self.name, self.oauth, account)

    def _attached(self, media: tuple[MediaItem, ...]) -> list[Problem]:
        pictures = tuple(item for item in media if not item.is_video)
        return [
            *rules.pictures(self.name, pictures, most=MAX_IMAGES, kinds=IMAGE_KINDS),
            *rules.alt_texts(self.name, pictures, most=MAX_ALT),
            *rules.videos(
                self.name,
                media,
                most=1,
                kinds=VIDEO_KINDS,
                shortest=SHORTEST_VIDEO,
                longest=LONGEST_VIDEO,
                max_bytes=MAX_VIDEO_BYTES,
            ),
            *rules.pictures_or_video(self.name, media),
        ]


def _perhaps_not_let(content: Content) -> Iterator[Problem]:
    """What LinkedIn lets few apps do for a person."""
    if content.allows.get("person") is not True:
        return
    if content.comment.strip():
        sentence = _(
            "LinkedIn lets few apps write comments for a person. Where it does not let this installation's, the post stays"
            " without its first comment."
        )
        yield Problem("comment_perhaps_not", "warning", sentence)
    if any(item.is_video for item in content.media):
        sentence = _(
            "LinkedIn lets few apps publish videos for a person. Where it does not let this installation's, the post does not"
            " go out."
        )
        yield Problem("video_perhaps_not", "warning", sentence)


def text_out(content: Content) -> str:
    """Return the text as readers see it: with the link as last paragraph, where pictures leave no room for it."""
    if not (content.link and content.media) or content.link in content.text:
        return content.text
    return f"{content.text}\n\n{content.link}" if content.text else content.link
