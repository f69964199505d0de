"""YouTube, by its Data API v3: what it allows, publishing in steps that nobody sees but the last, changing, numbers.

What goes out is what was approved: one video with its title (the first line of the text, where none is given), the text as
its description with the link as last paragraph, tags, category, cover, subtitles. What errors mean: see `api`.

The video is sent as private, in pieces, and waited for; it gets its cover and subtitles; then it is made public, which is
the one call that readers see and may be made twice without harm. So nothing of it can double: whether it is public is
asked of the video itself. What YouTube can't use shows before anybody else has seen it, unless YouTube takes more than
twenty minutes to say so: then the video is made public while YouTube works on it. YouTube's own scheduling
(`publishAt`) is not used: what is stopped or changed here must not go out there. To send a video days ahead, so that its
minute needs one call only, is a later step, for which everything is in place.

Limits. Title 100 characters, no `<` and `>`, tags 500 characters with commas and quotes, description 5,000 bytes, cover
2 MB (https://developers.google.com/youtube/v3/docs/videos, `snippet`; …/docs/thumbnails/set); 256 GB and 12 hours
(https://support.google.com/youtube/answer/71673; channels that are not verified: 15 minutes). Of a day in California,
over all clients of this installation: 100 uploads, and 10,000 units for everything else
(https://developers.google.com/youtube/v3/determine_quota_cost). Google grants more to those who ask: the settings
FILO_YOUTUBE_UPLOADS and FILO_YOUTUBE_UNITS say how many there are.

Google's own library, google-api-python-client, is not used: it asks by httplib2, waits and repeats by itself, and has no
door for our transport and so for its time and its guard. Its document of the API is what requests are held against in
the tests.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django.conf import settings
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
    Numbers,
    OAuth,
    Preflight,
    Proportions,
    Published,
    Rendition,
    too_long,
)
from social.networks.google import ENDED
from social.networks.text import count_bytes, fitting_beside
from social.networks.youtube import checking
from social.networks.youtube.checking import (
    LONGEST_VIDEO,
    MAX_COVER_BYTES,
    MAX_TEXT,
    MAX_TITLE,
    MAX_VIDEO_BYTES,
    VIDEO_KINDS,
    appended,
)

DAY = dt.timedelta(days=1)
CALIFORNIA = "America/Los_Angeles"  # where Google's day begins
UNITS, COVER_UNITS, CAPTION_UNITS = (
    60,
    50,
    400,
)  # asking and making public, beside the upload; setting the one, the other
CHANGE_UNITS, DELETE_UNITS, READ_UNITS = 51, 50, 1  # videos.list and videos.update; videos.delete; videos.list


def _units(cost: int, *, kept: int = 0) -> Limit:
    """So many of the installation's units of a day, as long as more than those `kept` are left."""
    label = _("YouTube's units a day of this installation")
    return Limit("units", label, settings.FILO_YOUTUBE_UNITS - kept, DAY, scope="app", zone=CALIFORNIA, cost=cost)


class YouTube(Network):
    """See the module. The credentials come from OAuth 2, of a person who may manage the channel; a token lasts an hour."""

    slug: ClassVar[str] = "youtube"
    name: ClassVar[str] = "YouTube"
    needs: ClassVar[tuple[Need, ...]] = (
        Need("access_token", _("Access token")),
        Need("refresh_token", _("Refresh token"), required=False),
        Need("expires_at", _("Token ends at"), required=False),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("title", _("Title"), most=MAX_TITLE, help=_("Empty: the first line of the text.")),
        Field("tags", _("Tags"), kind="words", help=_("Together at most 500 characters.")),
        Field(
            "category",
            _("Category"),
            kind="choice",
            choices=(
                ("", _("People and blogs")),
                ("1", _("Film and animation")),
                ("2", _("Cars and vehicles")),
                ("10", _("Music")),
                ("15", _("Animals")),
                ("17", _("Sport")),
                ("19", _("Travel and events")),
                ("20", _("Games")),
                ("23", _("Comedy")),
                ("24", _("Entertainment")),
                ("25", _("News and politics")),
                ("26", _("Tips and style")),
                ("27", _("Education")),
                ("28", _("Science and technology")),
                ("29", _("Social commitment")),
            ),
        ),
        Field(
            "privacy",
            _("Who can see it"),
            kind="choice",
            choices=(("", _("Everybody")), ("unlisted", _("Who has the address"))),
        ),
        Field("made_for_kids", _("Made for children"), kind="yes"),
        Field("paid_promotion", _("Paid promotion"), kind="yes"),
        Field("made_with_ai", _("Altered or made with AI, and looks real"), kind="yes"),
        Field("language", _("Language of the video"), most=35, help=_("Such as it or en; subtitles need it.")),
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_TEXT, "unit": "bytes"},
        "title": {"max": MAX_TITLE},
        "tags": {"max": checking.MAX_TAGS},
        "media": {
            "max": 1,
            "min": 1,
            "kinds": list(VIDEO_KINDS),
            "video_bytes": MAX_VIDEO_BYTES,
            "cover_bytes": MAX_COVER_BYTES,
            "seconds": [1.0, LONGEST_VIDEO],
        },
        "source": "https://developers.google.com/youtube/v3/docs/videos, "
        "https://developers.google.com/youtube/v3/determine_quota_cost",
        "as_of": "2026-11-29",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.5625, widest=1.78, card=1.78, fold_at=150)
    covers: ClassVar[bool] = True
    patience: ClassVar[int] = 330
    prepares: ClassVar[bool] = True
    certain: ClassVar[bool] = True
    captions: ClassVar[bool] = True
    edits: ClassVar[bool] = True
    edits_fields: ClassVar[tuple[str, ...]] = (
        "title",
        "tags",
        "category",
        "privacy",
        "made_for_kids",
        "made_with_ai",
        "language",
    )
    deletes: ClassVar[bool] = True
    counts: ClassVar[bool] = True
    oauth: ClassVar[OAuth | None] = OAuth(
        authorize="https://accounts.google.com/o/oauth2/v2/auth",
        token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        scopes=("https://www.googleapis.com/auth/youtube.force-ssl",),
        basic=False,
        more={"access_type": "offline", "prompt": "consent"},
        lasts=dt.timedelta(hours=1),
        ended=ENDED,
    )

    def preflight(self, content: Content) -> Preflight:
        """Check: one video, 5,000 bytes of description, title, tags, cover, subtitles."""
        used = count_bytes(content.text + appended(content))
        problems = tuple(checking.problems(self.name, self.fields, content))
        if used <= MAX_TEXT:
            return Preflight(used, MAX_TEXT, "bytes", None, problems)
        cut_at = fitting_beside(content.text, MAX_TEXT, count_bytes, lambda text: appended(replace(content, text=text)))
        return Preflight(used, MAX_TEXT, "bytes", cut_at, (too_long(self.name, used, MAX_TEXT), *problems))

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix since when an upload is looked for whose end was never heard."""
        return {"since": now.astimezone(dt.UTC).isoformat(timespec="seconds")}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Send the video as private, wait, dress it, make it public."""
        from social.networks.youtube import publishing

        self.refuse_unfit(content)
        return publishing.publish(account, content, keys, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Ask the video whether it is public."""
        from social.networks.youtube import publishing

        return publishing.find(account, journal)

    def identity(self, account: Account) -> Identity:
        """Ask; the identity is the channel's own id (UC…)."""
        from social.networks.youtube import publishing

        return publishing.identity(account)

    def rendition(self, item: MediaItem) -> Rendition | None:
        """YouTube makes its own of whatever it is given: a video goes as it is, if it is of a kind that is known."""
        return Rendition(kinds=VIDEO_KINDS, max_bytes=MAX_VIDEO_BYTES) if item.is_video else None

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """One of the installation's uploads a day, and its share of the units that all else takes."""
        video = next((item for item in content.media if item.is_video), None)
        dressing = (COVER_UNITS if video.cover else 0) + (CAPTION_UNITS if video.captions else 0) if video else 0
        each = _("YouTube's uploads a day of this installation")
        uploads = Limit("uploads", each, settings.FILO_YOUTUBE_UPLOADS, DAY, scope="app", zone=CALIFORNIA)
        return (uploads, _units(UNITS + dressing))

    def edit_budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """Units alone: what is changed is not uploaded anew."""
        return (_units(CHANGE_UNITS),)

    def delete_budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """Units alone."""
        return (_units(DELETE_UNITS),)

    def read_budgets(self) -> tuple[Limit, ...]:
        """A unit for each look; the last tenth of a day's units is left to what goes out."""
        return (_units(READ_UNITS, kept=settings.FILO_YOUTUBE_UNITS // 10),)

    def check_budgets(self) -> tuple[Limit, ...]:
        """A unit of the installation's."""
        return (_units(READ_UNITS),)

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        """Change title, description, tags and what else is said of it; the video itself stays."""
        from social.networks.youtube import publishing

        self.refuse_unfit(content)
        return publishing.edit(account, live, content)

    def delete(self, account: Account, live: Published) -> None:
        """Take the video down."""
        from social.networks.youtube import publishing

        publishing.delete(account, live)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Ask whether the video is there and to be seen."""
        from social.networks.youtube import publishing

        return publishing.read_back(account, live)

    def numbers(self, account: Account, live: Published) -> Numbers:
        """Views, likes and comments; what the channel hides is unknown."""
        from social.networks.youtube import publishing

        return publishing.numbers(account, live)

    def refresh(self, account: Account) -> Mapping[str, Any]:
        """Renew the token. The refresh token stays; of an app that is still in Google's testing it ends after a week."""
        from social.networks.renewing import renewed

        assert self.oauth is not None  # noqa: S101 - it stands above
        return renewed(self.name, self.oauth, account)
