"""X, by its API v2: what it allows, what it costs, publishing, asking back.

What goes out is what was approved: the words; up to four pictures, or one GIF, or one video, with alternative texts; the
link as a last paragraph, where the text does not hold it yet. A thread is a chain of answers, a first comment an answer
to the first post. Limits: see `limits` and, of counting, `weight`; what errors mean stands in `api`.

Nothing is idempotent. A post is looked for among the account's own by its words (`looking`); X refuses the same words
twice within a time that it does not tell (we keep a day), which is the last guard against doubling.

Edits are X's own: for 30 minutes, up to five times, each gives a new id; deleting one of its ids deletes all
(https://docs.x.com/x-api/fundamentals/edit-posts). `remote_id` holds the ids of all posts of a publication, with commas.

Neither tweepy nor X's own xdk is used: both ask by `requests`, which has no door for our transport and so for its time
and its guard; xdk's names of parameters and fields are those that we use (`post.fields`, with the older `tweet.fields`
names understood in answers).
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from social.networks import rules, subtitles
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
    Price,
    Problem,
    Proportions,
    Published,
    Rendition,
    too_long,
)
from social.networks.journal import Given, thread_so_far
from social.networks.x import permitted
from social.networks.x.weight import MAX_WEIGHT, fitting, has_url, weigh

MAX_IMAGES = 4
MAX_IMAGE_BYTES = 5_000_000
MAX_GIF_BYTES = 15_000_000
MAX_VIDEO_BYTES = 512_000_000
SHORTEST_VIDEO, LONGEST_VIDEO = 0.5, 140.0
MAX_ALT = 1_000
IMAGE_KINDS = ("image/jpeg", "image/png", "image/webp", "image/gif")
VIDEO_KINDS = ("video/mp4", "video/quicktime")
PRICES = "https://docs.x.com/x-api/getting-started/pricing (2026-11-21)"
# As of 2026-11-29. "Owned reads", $0.001, are of the accounts of whoever owns the app: an agency's clients are counted in full.
READ_DOLLARS = Decimal("0.005")  # each post that X shows
DELETE_DOLLARS = Decimal("0.010")  # each request


class X(Network):
    """See the module. The credentials come from OAuth 2; the token lasts two hours, and `refresh` renews it."""

    slug: ClassVar[str] = "x"
    name: ClassVar[str] = "X"
    needs: ClassVar[tuple[Need, ...]] = (
        Need("access_token", _("Access token")),
        Need("refresh_token", _("Refresh token"), required=False),
        Need("expires_at", _("Token ends at"), required=False),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "replies",
            _("Who can reply"),
            kind="choice",
            choices=(
                ("", _("Everybody")),
                ("following", _("Accounts that this one follows")),
                ("verified", _("Verified accounts")),
                ("mentionedUsers", _("Only accounts that the post mentions")),
            ),
        ),
        Field("paid_partnership", _("Paid partnership"), kind="yes"),
        Field("made_with_ai", _("Pictures or video made with AI"), kind="yes"),
        subtitles.FIELD,
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_WEIGHT, "unit": "weight"},
        "media": {
            "max": MAX_IMAGES,
            "kinds": [*IMAGE_KINDS, *VIDEO_KINDS],
            "bytes": MAX_IMAGE_BYTES,
            "gif_bytes": MAX_GIF_BYTES,
            "video_bytes": MAX_VIDEO_BYTES,
            "seconds": [SHORTEST_VIDEO, LONGEST_VIDEO],
            "alt_text": MAX_ALT,
        },
        "source": "https://docs.x.com/fundamentals/counting-characters, "
        "https://docs.x.com/x-api/media/quickstart/best-practices, https://docs.x.com/x-api/fundamentals/rate-limits",
        "as_of": "2026-11-21",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.75, widest=2.0, card=1.91)
    patience: ClassVar[int] = 70
    prepares: ClassVar[bool] = True
    threads: ClassVar[bool] = True
    comments: ClassVar[bool] = True
    captions: ClassVar[bool] = True
    edits: ClassVar[bool] = True
    deletes: ClassVar[bool] = True
    counts: ClassVar[bool] = True
    read_price: ClassVar[Price | None] = Price(READ_DOLLARS, PRICES)
    repeats_after: ClassVar[dt.timedelta | None] = dt.timedelta(days=1)
    oauth: ClassVar[OAuth | None] = OAuth(
        authorize="https://x.com/i/oauth2/authorize",
        token="https://api.x.com/2/oauth2/token",  # noqa: S106 - an address
        scopes=("tweet.read", "tweet.write", "users.read", "media.write", "offline.access"),
        lasts=dt.timedelta(hours=2),
        renews_for=dt.timedelta(days=180),
        rotates=True,
    )

    def preflight(self, content: Content) -> Preflight:
        """Check each post: 280 by weight, 4 pictures or a GIF or a video; count the first as it goes out."""
        out = text_out(content)
        used = weigh(out)
        problems = [
            *rules.empty(self.name, content),
            *rules.speakable(self.name, content),
            *rules.web_link(self.name, content.link),
            *permitted.problems(out),
            *self._attached(content.media),
            *self._below(content),
        ]
        if used <= MAX_WEIGHT:
            return Preflight(used, MAX_WEIGHT, "weight", None, tuple(problems))
        problems.insert(0, too_long(self.name, used, MAX_WEIGHT))
        kept = weigh(out[len(content.text) :])
        return Preflight(used, MAX_WEIGHT, "weight", fitting(content.text, MAX_WEIGHT - kept), tuple(problems))

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix since when it is looked for."""
        return {"since": now.astimezone(dt.UTC).isoformat(timespec="seconds")}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Upload what there is, then write the posts, one below the other."""
        from social.networks.x import publishing

        self.refuse_unfit(content)
        posts = publishing.posts_in(content, text_out(content))
        return publishing.publish(account, posts, _options(content), keys, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Look through what the account has published since the first try."""
        from social.networks.x import publishing

        return publishing.find(account, publishing.posts_in(content, text_out(content)), keys, journal)

    def identity(self, account: Account) -> Identity:
        """Ask; the identity is the number that X gives an account for ever."""
        from social.networks.x import publishing

        return publishing.identity(account)

    def rendition(self, item: MediaItem) -> Rendition:
        """Pictures up to 5 MB, GIFs up to 15, videos as X's best practices have them."""
        if item.is_video:
            return Rendition(
                kinds=VIDEO_KINDS,
                max_bytes=MAX_VIDEO_BYTES,
                max_width=1_920,
                max_height=1_920,
                narrowest=1 / 3,
                widest=3.0,
                max_rate=60.0,
                max_bits=25_000_000,
                codecs=("h264",),
                sounds=("aac", ""),
            )
        if item.mime == "image/gif":
            return Rendition(kinds=("image/gif",), max_bytes=MAX_GIF_BYTES, max_width=1_280, max_height=1_080)
        return Rendition(kinds=IMAGE_KINDS[:3], max_bytes=MAX_IMAGE_BYTES, max_width=8_192, max_height=8_192)

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """100 posts of an account in 15 minutes, 10,000 of all accounts together in 24 hours."""
        cost = content.posts
        quarter, day = dt.timedelta(minutes=15), dt.timedelta(days=1)
        return (
            Limit("posts", _("X's 100 posts of an account in 15 minutes"), 100, quarter, cost=cost),
            Limit("app_posts", _("X's 10,000 posts of all accounts in 24 hours"), 10_000, day, scope="app", cost=cost),
        )

    def delete_budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """50 deletions of an account in 15 minutes, one for each post."""
        deletions = _("X's 50 deletions of an account in 15 minutes")
        return (Limit("deletions", deletions, 50, dt.timedelta(minutes=15), cost=content.posts),)

    def words(self, content: Content) -> tuple[str, ...]:
        """The text of each post: X compares every one of them, those of a thread and the comment too."""
        texts = (text_out(content), *(part.text for part in content.parts))
        return (*texts, content.comment) if content.comment else texts

    def price(self, content: Content) -> Price:
        """What X takes for each post, more where it holds a web address; the settings have the figures."""
        plain = Decimal(settings.FILO_X_POST_DOLLARS)
        linked = Decimal(settings.FILO_X_LINK_POST_DOLLARS)
        return Price(sum((linked if has_url(text) else plain for text in self.words(content)), Decimal(0)), PRICES)

    def delete_price(self, posts: int) -> Price:
        """The same for each of them."""
        return Price(DELETE_DOLLARS * posts, PRICES)

    def posts_read(self, live: Published) -> int:
        """All posts of it."""
        return live.remote_id.count(",") + 1

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        """Change the words, where X still lets us."""
        from social.networks.x import publishing

        self.refuse_unfit(content)
        return publishing.edit(account, live, publishing.posts_in(content, text_out(content)))

    def so_far(self, given_by: Given) -> Published | None:
        """The numbers of the posts that are live."""
        return thread_so_far(given_by)

    def delete(self, account: Account, live: Published) -> None:
        """Take down all its posts, the last first."""
        from social.networks.x import publishing

        publishing.delete(account, live)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Look the posts up by their ids."""
        from social.networks.x import publishing

        return publishing.read_back(account, live)

    def numbers(self, account: Account, live: Published) -> Numbers:
        """Read the counts of the first post."""
        from social.networks.x import publishing

        return publishing.numbers(account, live)

    def refresh(self, account: Account) -> Mapping[str, Any]:
        """Renew the token; X ends the refresh token that it was renewed with."""
        from social.networks.renewing import renewed

        assert self.oauth is not None  # noqa: S101 - it stands above
        return renewed(self.name, self.oauth, account)

    def _attached(self, media: tuple[MediaItem, ...]) -> list[Problem]:
        pictures = tuple(item for item in media if not item.is_video)
        alone = [item for item in media if item.is_video or item.mime == "image/gif"]
        problems = [
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
        ]
        if alone and len(media) > 1:
            sentence = _("%(network)s takes a GIF or a video only alone: leave it, or everything else, out.")
            problems.append(Problem("media_mixed", "error", sentence, {"network": self.name}))
        return problems

    def _below(self, content: Content) -> list[Problem]:
        """What is wrong with the parts of a thread and with the first comment."""
        problems = [
            *rules.parts_fit(self.name, content, most=MAX_WEIGHT, measure=weigh),
            *rules.comment_fits(self.name, content, most=MAX_WEIGHT, measure=weigh),
            *rules.thread_fits(content),
        ]
        for part in content.parts:
            problems += [*permitted.problems(part.text), *self._attached(part.media)]
        return [*problems, *permitted.problems(content.comment)]


def text_out(content: Content) -> str:
    """Return the first post's text as it goes out: with the link as last paragraph, where it is not there yet."""
    if not content.link or content.link in content.text:
        return content.text
    return f"{content.text}\n\n{content.link}" if content.text else content.link


def _options(content: Content) -> dict[str, Any]:
    """What is asked beside the text, in X's words."""
    options: dict[str, Any] = {}
    if content.fields.get("replies") in {"following", "verified", "mentionedUsers"}:
        options["reply_settings"] = content.fields["replies"]
    for name in ("paid_partnership", "made_with_ai"):
        if content.fields.get(name) is True:
            options[name] = True
    return options
