"""Google Business Profile: posts of a place on Google Search and Maps, by the My Business API v4.

What goes out is what was approved: a text; one picture, which Google fetches from a public address; the link as a button
("Learn more", unless another is asked for), of an offer as the way to redeem it. A post is news, an event or an offer.
Google looks at each post first: it is not called published before Google says LIVE, and what it rejects is refused.

Limits. 1,500 characters, which Google's pages do not name any more and its API says ("Must be at most 1500 characters"), 58 of a title
(likewise), an event and an offer from a day and hour to another in the place's own time; one JPEG or PNG from 10 KB to 5 MB, of 400 × 300
pixels at least (https://support.google.com/business/answer/6103862 has 250 × 250 for profiles; others who post
measured or keep to the rest, 2026-07). No videos: the API answers them with 500. 10 edits a minute of a profile, 300
requests a minute in all (https://developers.google.com/my-business/content/limits). Telephone numbers in a text are
against Google's rules (https://support.google.com/business/answer/7213077): a warning says so.

Nothing is idempotent. A post is looked for among the place's own by its words and time. A picture can't be changed; posts
have no numbers since Google took them away in 2023
(https://developers.google.com/my-business/content/sunset-dates).

No library: Google's own has no document of v4, and no door for our transport.
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
    Signed,
    too_long,
)
from social.networks.google import ENDED
from social.networks.google_business import checking
from social.networks.google_business.checking import IMAGE_KINDS, MAX_IMAGE_BYTES, MAX_TEXT, MAX_TITLE, appended
from social.networks.text import count_utf16, fitting_beside

MINUTE = dt.timedelta(minutes=1)
TAKEN_KINDS = ("image/jpeg", "image/png")


class GoogleBusiness(Network):
    """See the module. The credentials come from OAuth 2, of a person who manages the place; `location` names it."""

    slug: ClassVar[str] = "google_business"
    name: ClassVar[str] = "Google Business Profile"
    needs: ClassVar[tuple[Need, ...]] = (
        Need("access_token", _("Access token")),
        Need("location", _("Place (accounts/…/locations/…)")),
        Need("refresh_token", _("Refresh token"), required=False),
        Need("expires_at", _("Token ends at"), required=False),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "kind",
            _("Kind of post"),
            kind="choice",
            choices=(("", _("News")), ("EVENT", _("Event")), ("OFFER", _("Offer"))),
        ),
        Field(
            "button",
            _("Button"),
            kind="choice",
            choices=(
                ("", _("Learn more")),
                ("BOOK", _("Book")),
                ("ORDER", _("Order online")),
                ("SHOP", _("Buy")),
                ("SIGN_UP", _("Sign up")),
                ("CALL", _("Call")),
            ),
            help=_("It leads to the link; “Call” dials the place's own number."),
        ),
        Field("title", _("Title of the event or offer"), most=MAX_TITLE),
        Field("starts", _("Begins"), most=16, help=_("Such as 2026-12-01 18:00, in the place's own time.")),
        Field("ends", _("Ends"), most=16, help=_("Such as 2026-12-01 22:00.")),
        Field("coupon", _("Code of the offer"), most=58),
        Field("terms", _("Terms of the offer"), kind="text", most=1_000),
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_TEXT, "unit": "utf16"},
        "title": {"max": MAX_TITLE},
        "media": {
            "max": 1,
            "kinds": list(IMAGE_KINDS),
            "bytes": MAX_IMAGE_BYTES,
            "pixels": [checking.MIN_WIDTH, checking.MIN_HEIGHT],
        },
        "source": "https://developers.google.com/my-business/reference/rest/v4/accounts.locations.localPosts, "
        "https://developers.google.com/my-business/content/limits, https://support.google.com/business/answer/6103862",
        "as_of": "2026-11-29",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.75, widest=1.78, card=1.33)
    patience: ClassVar[int] = 100
    prepares: ClassVar[bool] = True
    edits: ClassVar[bool] = True
    edits_fields: ClassVar[tuple[str, ...]] = ("button", "title", "starts", "ends", "coupon", "terms")
    deletes: ClassVar[bool] = True
    oauth: ClassVar[OAuth | None] = OAuth(
        authorize="https://accounts.google.com/o/oauth2/v2/auth",
        token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        scopes=("https://www.googleapis.com/auth/business.manage",),
        basic=False,
        more={"access_type": "offline", "prompt": "consent"},
        lasts=dt.timedelta(hours=1),
        ended=ENDED,
    )

    def preflight(self, content: Content) -> Preflight:
        """Check: 1,500 units of text, one picture with a public address, what events and offers want."""
        used = count_utf16(content.text + appended(content))
        problems = tuple(checking.problems(self.name, self.fields, content))
        if used <= MAX_TEXT:
            return Preflight(used, MAX_TEXT, "utf16", None, problems)
        cut_at = fitting_beside(content.text, MAX_TEXT, count_utf16, lambda text: appended(replace(content, text=text)))
        return Preflight(used, MAX_TEXT, "utf16", cut_at, (too_long(self.name, used, MAX_TEXT), *problems))

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix since when it is looked for."""
        return {"since": now.astimezone(dt.UTC).isoformat(timespec="seconds")}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Write the post; it is published once Google shows it."""
        from social.networks.google_business import publishing

        self.refuse_unfit(content)
        return publishing.publish(account, content, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Look through the place's posts."""
        from social.networks.google_business import publishing

        return publishing.find(account, content, keys, journal)

    def identity(self, account: Account) -> Identity:
        """Ask; the identity is the place's own number (locations/…), whoever manages it."""
        from social.networks.google_business import publishing

        return publishing.identity(account)

    def signed_in(self, account: Account, way: str = "") -> tuple[Signed, ...]:
        """The places that the person manages, each with the same tokens."""
        from social.networks.google_business import publishing

        return publishing.places(account)

    def rendition(self, item: MediaItem) -> Rendition | None:
        """JPEG or PNG of 5 MB."""
        if item.is_video:
            return None
        return Rendition(kinds=TAKEN_KINDS, max_bytes=MAX_IMAGE_BYTES, max_width=4_000, max_height=4_000)

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """10 edits a minute of a place, and a post's few calls of the 300 a minute in all."""
        return (
            Limit("edits", _("Google's 10 changes a minute of a place"), 10, MINUTE),
            Limit(
                "requests", _("Google's 300 requests a minute of this installation"), 300, MINUTE, scope="app", cost=3
            ),
        )

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        """Change words, button, event and offer; the picture stays."""
        from social.networks.google_business import publishing

        self.refuse_unfit(content)
        return publishing.edit(account, live, content)

    def delete(self, account: Account, live: Published) -> None:
        """Take the post down."""
        from social.networks.google_business import publishing

        publishing.delete(account, live)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Ask for the post; None where it is gone, or was rejected."""
        from social.networks.google_business import publishing

        return publishing.read_back(account, live)

    def refresh(self, account: Account) -> Mapping[str, Any]:
        """Renew the token. The refresh token stays."""
        from social.networks.renewing import renewed

        assert self.oauth is not None  # noqa: S101 - it stands above
        return renewed(self.name, self.oauth, account)
