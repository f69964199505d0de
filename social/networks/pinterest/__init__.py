"""Pinterest, by its API v5: what it allows, publishing pins, asking back. What errors mean: see `api`.

A pin is one to five pictures, or a video, on a board. What goes out is what was approved: the text as the pin's
description, the title and the board that are asked beside it, the link, and the pictures' alternative texts as the one
that a pin has. Pictures go along with the pin, so that this installation needs no public address for them; a video is
sent ahead, and Pinterest works on it. Limits stand in Pinterest's own OpenAPI document
(https://github.com/pinterest/api-description, 5.23.0); of videos and of weights Pinterest tells only on its help pages,
and others who publish for many (https://www.ayrshare.com/docs/media-guidelines/pinterest): where they differ, we keep
the lesser.

Nothing is idempotent. A pin is looked for on its board, by title, description and link, since the first try.

Edits are by a call that Pinterest names beta and gives to some apps only: where it is refused, the pin stays as it was.

Pinterest's own client, pinterest-api-sdk, is not used: it asks by urllib3, which has no door for our transport and so
for its time and its guard; what we send is held against the same OpenAPI document that it is made from.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from social.networks import rules
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
    Numbers,
    OAuth,
    Preflight,
    Problem,
    Proportions,
    Published,
    Rendition,
    too_long,
)
from social.networks.text import fitting_as

MAX_TEXT = 800
MAX_TITLE = 100
MAX_ALT = 500
MAX_LINK = 2_048
MAX_IMAGES = 5
MAX_IMAGE_BYTES = 10_000_000
MAX_VIDEO_BYTES = 1_000_000_000
SHORTEST_VIDEO, LONGEST_VIDEO = 4.0, 900.0
IMAGE_KINDS = ("image/jpeg", "image/png", "image/webp", "image/gif")
TAKEN_KINDS = ("image/jpeg", "image/png")
VIDEO_KINDS = ("video/mp4", "video/quicktime")
TRIAL_REQUESTS = 1_000
REQUESTS_OF_A_PIN = 5


class Pinterest(Network):
    """See the module. The credentials come from OAuth 2; the token lasts thirty days, and `refresh` renews it."""

    slug: ClassVar[str] = "pinterest"
    name: ClassVar[str] = "Pinterest"
    needs: ClassVar[tuple[Need, ...]] = (
        Need("access_token", _("Access token")),
        Need("refresh_token", _("Refresh token"), required=False),
        Need("expires_at", _("Token ends at"), required=False),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("title", _("Title of the pin"), most=MAX_TITLE),
        Field(
            "board", _("Board"), required=True, most=180, help=_("Its name, as it stands on Pinterest, or its number.")
        ),
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_TEXT, "unit": "characters"},
        "title": {"max": MAX_TITLE},
        "link": {"max": MAX_LINK},
        "media": {
            "min": 1,
            "max": MAX_IMAGES,
            "kinds": [*IMAGE_KINDS, *VIDEO_KINDS],
            "bytes": MAX_IMAGE_BYTES,
            "video_bytes": MAX_VIDEO_BYTES,
            "seconds": [SHORTEST_VIDEO, LONGEST_VIDEO],
            "alt_text": MAX_ALT,
        },
        "source": "https://github.com/pinterest/api-description (5.23.0), "
        "https://developers.pinterest.com/docs/reference/rate-limits/",
        "as_of": "2026-11-21",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.47, widest=1.91, card=1.0, fold_at=50)
    covers: ClassVar[bool] = True
    patience: ClassVar[int] = 330
    prepares: ClassVar[bool] = True
    edits: ClassVar[bool] = True
    edits_alt_texts: ClassVar[bool] = True
    edits_fields: ClassVar[tuple[str, ...]] = ("title", "board")
    keeps_fields: ClassVar[tuple[str, ...]] = ("title",)
    deletes: ClassVar[bool] = True
    counts: ClassVar[bool] = True
    oauth: ClassVar[OAuth | None] = OAuth(
        authorize="https://www.pinterest.com/oauth/",
        token="https://api.pinterest.com/v5/oauth/token",  # noqa: S106 - an address
        scopes=("boards:read", "boards:write", "pins:read", "pins:write", "user_accounts:read"),
        separator=",",
        pkce=False,
        lasts=dt.timedelta(days=30),
        renews_for=dt.timedelta(days=60),
        rotates=True,
    )

    def preflight(self, content: Content) -> Preflight:
        """Check: 800 characters, a picture or a video, a board, a title of 100, a link of 2,048."""
        used = len(content.text)
        problems = [
            *rules.speakable(self.name, content),
            *rules.one_post(self.name, content),
            *rules.no_comment(self.name, content),
            *rules.web_link(self.name, content.link),
            *rules.fields_fit(self.name, self.fields, content),
            *self._attached(content),
        ]
        if len(content.link) > MAX_LINK:
            sentence = _("The link is too long for %(network)s: %(used)d of %(limit)d characters.")
            named = {"network": self.name, "used": len(content.link), "limit": MAX_LINK}
            problems.append(Problem("link_too_long", "error", sentence, named))
        if used <= MAX_TEXT:
            return Preflight(used, MAX_TEXT, "characters", None, tuple(problems))
        problems.insert(0, too_long(self.name, used, MAX_TEXT))
        return Preflight(used, MAX_TEXT, "characters", fitting_as(content.text, MAX_TEXT, len), tuple(problems))

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix since when it is looked for."""
        return {"since": now.astimezone(dt.UTC).isoformat(timespec="seconds")}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Find the board, send the video ahead where there is one, create the pin."""
        from social.networks.pinterest import publishing

        self.refuse_unfit(content)
        return publishing.publish(account, content, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Look through the board."""
        from social.networks.pinterest import publishing

        return publishing.find(account, content, keys, journal)

    def identity(self, account: Account) -> Identity:
        """Ask; the identity is the account's number."""
        from social.networks.pinterest import publishing

        return publishing.identity(account)

    def rendition(self, item: MediaItem) -> Rendition:
        """Pictures as JPEG or PNG up to 10 MB, videos as MP4 or MOV up to 1 GB."""
        if item.is_video:
            return Rendition(
                kinds=VIDEO_KINDS,
                max_bytes=MAX_VIDEO_BYTES,
                narrowest=0.5,
                widest=1.91,
                codecs=("h264", "hevc"),
                sounds=("aac", ""),
            )
        return Rendition(kinds=TAKEN_KINDS, max_bytes=MAX_IMAGE_BYTES)

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """On trial, 1,000 requests a day for all accounts together; else far more than anybody publishes."""
        if not account.app.get("trial"):
            return ()
        label = _("Pinterest's 1,000 requests a day on trial")
        day = dt.timedelta(days=1)
        return (Limit("requests", label, TRIAL_REQUESTS, day, scope="app", zone="UTC", cost=REQUESTS_OF_A_PIN),)

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        """Change words, link and board."""
        from social.networks.pinterest import publishing

        self.refuse_unfit(content)
        return publishing.edit(account, live, content)

    def delete(self, account: Account, live: Published) -> None:
        """Take the pin down."""
        from social.networks.pinterest import publishing

        publishing.delete(account, live)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Look the pin up by its id."""
        from social.networks.pinterest import publishing

        return publishing.read_back(account, live)

    def numbers(self, account: Account, live: Published) -> Numbers:
        """Read what Pinterest has counted over the pin's life."""
        from social.networks.pinterest import publishing

        return publishing.numbers(account, live)

    def refresh(self, account: Account) -> Mapping[str, Any]:
        """Renew the token; the refresh token is good for sixty days more."""
        from social.networks.renewing import renewed

        assert self.oauth is not None  # noqa: S101 - it stands above
        return renewed(self.name, self.oauth, account)

    def _attached(self, content: Content) -> list[Problem]:
        media = content.media
        pictures = tuple(item for item in media if not item.is_video)
        problems = [
            *rules.pictures(self.name, pictures, most=MAX_IMAGES, kinds=IMAGE_KINDS),
            *rules.videos(
                self.name,
                media,
                most=1,
                kinds=VIDEO_KINDS,
                shortest=SHORTEST_VIDEO,
                longest=LONGEST_VIDEO,
                max_bytes=MAX_VIDEO_BYTES,
            ),
        ]
        named: dict[str, Any] = {"network": self.name}
        if not media:
            sentence = _("%(network)s needs a picture or a video.")
            problems.append(Problem("media_missing", "error", sentence, named))
        problems += rules.pictures_or_video(self.name, media)
        if len({round(item.width / max(1, item.height), 2) for item in pictures}) > 1:
            sentence = _("%(network)s wants all pictures of a pin in the same proportions: some may be cut.")
            problems.append(Problem("media_proportions", "warning", sentence, named))
        used = len(alt_text_of(content))
        if used > MAX_ALT:
            sentence = _("The alternative texts are too long for %(network)s: %(used)d of %(limit)d together.")
            problems.append(Problem("alt_text_too_long", "error", sentence, {**named, "used": used, "limit": MAX_ALT}))
        return problems


def alt_text_of(content: Content) -> str:
    """Return the one alternative text that a pin has: that of all its pictures, a line each."""
    return "\n".join(dict.fromkeys(item.alt_text.strip() for item in content.media if item.alt_text.strip()))
