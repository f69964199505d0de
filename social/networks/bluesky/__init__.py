"""Bluesky, by the AT protocol: what it allows, publishing under a record key of our own, asking back, deleting.

What errors mean: see `wire`.

Limits are those of the lexicons `app.bsky.feed.post`, `app.bsky.embed.images` and `app.bsky.embed.video`, read on the date in `limits`.

The post's record key (a TID) and its `createdAt` are fixed before the first try, and the record is written by
`com.atproto.repo.putRecord`: a second try with the same keys and content gives the same record, never a second post.
The further posts of a thread and the first comment are records of their own, with keys of their own fixed beside it, each
an answer to the one above (https://docs.bsky.app/docs/advanced-guides/posts#replies-quote-posts-and-embeds). A `remote_id`
is the address of the first record, and after commas the keys of those below it.

What goes out is what was approved: the words unchanged; links, mentions and hashtags made alive; a video, or pictures, with their
alternative texts (what is too heavy made to fit before it is approved, see `rendition`); where there is a link and no picture, a card that names
the link's host. The card's page is not fetched: its title and picture are nobody's approved words, and may change
between approval and publishing. Where there are pictures and the text does not hold the link, the link goes out as a
last paragraph of the text and counts as such, since a post has either pictures or a card.
"""

import datetime as dt
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
    Preflight,
    Problem,
    Proportions,
    Published,
    Rendition,
    too_long,
)
from social.networks.bluesky.pictures import MAX_BYTES as MAX_IMAGE_BYTES
from social.networks.bluesky.richtext import spans
from social.networks.bluesky.tid import new_tid
from social.networks.journal import Given, thread_so_far
from social.networks.text import count_bytes, count_graphemes, fitting

MAX_GRAPHEMES = 300
MAX_TEXT_BYTES = 3_000
MAX_IMAGES = 4
APART = dt.timedelta(milliseconds=1)  # the posts of a thread, so that they are sorted as they stand
IMAGE_KINDS = ("image/jpeg", "image/png", "image/webp", "image/gif")
VIDEO_KINDS = ("video/mp4",)
MAX_VIDEO_BYTES = 300_000_000  # of app.bsky.embed.video; an account's server may take less
SHORTEST_VIDEO, LONGEST_VIDEO = 1.0, 180.0  # https://bsky.app/profile/bsky.app/post/3lk26lxn6sk2u
VIDEO = Rendition(
    kinds=VIDEO_KINDS,
    max_bytes=MAX_VIDEO_BYTES,
    max_width=1_920,
    max_height=1_920,
    narrowest=1 / 3,
    widest=3.0,
    max_rate=60.0,
    codecs=("h264",),
    sounds=("aac", ""),
)
# Sides of what Bluesky's own app sends. A GIF's first picture is all that its app shows of one
# (https://github.com/bluesky-social/social-app/issues/6837), so that alone is approved and goes out.
PICTURE = Rendition(kinds=IMAGE_KINDS[:3], max_bytes=MAX_IMAGE_BYTES, max_width=2_000, max_height=2_000)


# https://docs.bsky.app/docs/advanced-guides/rate-limits, read 2026-11-30: so Bluesky's own servers count, for each account.
POINTS_AN_HOUR, POINTS_A_DAY = 5_000, 35_000
WRITE_POINTS, DELETE_POINTS = 3, 1


class Bluesky(Network):
    """See the module.

    What only workers need is imported where it is used: the faces, which check and count, are spared the client library.
    """

    slug: ClassVar[str] = "bluesky"
    name: ClassVar[str] = "Bluesky"
    needs: ClassVar[tuple[Need, ...]] = (Need("app_password", _("App password")),)
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_GRAPHEMES, "unit": "graphemes", "bytes": MAX_TEXT_BYTES},
        "media": {
            "max": MAX_IMAGES,
            "kinds": [*IMAGE_KINDS, *VIDEO_KINDS],
            "bytes": MAX_IMAGE_BYTES,
            "video_bytes": MAX_VIDEO_BYTES,
            "seconds": [SHORTEST_VIDEO, LONGEST_VIDEO],
        },
        "source": "https://github.com/bluesky-social/atproto/tree/main/lexicons/app/bsky",
        "as_of": "2026-11-21",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.5, widest=2.0, card=1.91)
    patience: ClassVar[int] = 360
    prepares: ClassVar[bool] = True
    certain: ClassVar[bool] = True
    threads: ClassVar[bool] = True
    comments: ClassVar[bool] = True
    deletes: ClassVar[bool] = True
    counts: ClassVar[bool] = True
    describes_videos: ClassVar[bool] = True

    def rendition(self, item: MediaItem) -> Rendition | None:
        """Ask for smaller pictures where one is too heavy; a lighter one goes out byte for byte, however large."""
        if item.is_video:
            return VIDEO
        return None if item.size <= MAX_IMAGE_BYTES and item.mime in PICTURE.kinds else PICTURE

    def preflight(self, content: Content) -> Preflight:
        """Check: 300 graphemes, 3,000 bytes, 4 pictures or a video, a link that is one; count what goes out."""
        out = text_out(content)
        used, size = count_graphemes(out), count_bytes(out)
        problems = [
            *rules.empty(self.name, content),
            *rules.speakable(self.name, content),
            *rules.web_link(self.name, content.link),
            *self._attached(content.media),
            *_shrunk(content),
            *self._below(content),
        ]
        if used > MAX_GRAPHEMES:
            problems.insert(0, too_long(self.name, used, MAX_GRAPHEMES))
            return Preflight(used, MAX_GRAPHEMES, "graphemes", _cut_at(content), tuple(problems))
        if size > MAX_TEXT_BYTES:
            problems.insert(0, _too_heavy(size))
            return Preflight(size, MAX_TEXT_BYTES, "bytes", _cut_at(content), tuple(problems))
        return Preflight(used, MAX_GRAPHEMES, "graphemes", None, tuple(problems))

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix the record's key (of this moment, so that no two are the same) and its time of creation.

        Feeds sort by the earlier of that time and the time of arrival
        (https://docs.bsky.app/docs/advanced-guides/timestamps): a time of days ago would bury the post.
        """
        below = len(content.parts) + bool(content.comment)
        first, *more = [_keys(now + number * APART) for number in range(1 + below)]
        return {**first, "below": more} if more else first

    def keys_for_rest(self, keys: Keys, now: dt.datetime, content: Content, live: int) -> Keys:
        """A record key for each post that is still to come: there may be more of them than there were, or fewer."""
        fresh = self.new_keys(now, content)
        below = [*keys.get("below", ())[: live - 1], *fresh.get("below", ())[live - 1 :]]
        first = {name: keys[name] for name in ("rkey", "created_at")}
        return {**first, "below": below} if below else first

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """Three points for each record that is written."""
        return _points(WRITE_POINTS * content.posts)

    def delete_budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """A point, as for each record that is deleted."""
        return _points(DELETE_POINTS * content.posts)

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Sign in where needed, upload the pictures, find whom the text mentions, write the records one after the other."""
        from social.networks.bluesky import publishing

        self.refuse_unfit(content)
        return publishing.publish(account, content, keys, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Read the record in flight, which has our key, from the account's repository."""
        from social.networks.bluesky import publishing

        return publishing.find(account, content, keys, journal)

    def so_far(self, given_by: Given) -> Published | None:
        """The first record's address, and the keys of those below it."""
        found = thread_so_far(given_by)
        if found is None:
            return None
        first, *below = found.remote_id.split(",")
        return Published(",".join([first, *(uri.rpartition("/")[2] for uri in below)]), "")

    def delete(self, account: Account, live: Published) -> None:
        """Delete all records of it, the last first, from the account's own repository."""
        from social.networks.bluesky import publishing

        publishing.delete(account, live)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Read its records, by their keys, from the account's repository."""
        from social.networks.bluesky import publishing

        return publishing.read_back(account, live)

    def identity(self, account: Account) -> Identity:
        """Sign in afresh; the identity is the account's DID."""
        from social.networks.bluesky import publishing

        return publishing.identity(account)

    def numbers(self, account: Account, live: Published) -> Numbers:
        """Likes, answers, reposts and quotes of the first post."""
        from social.networks.bluesky import publishing

        return publishing.numbers(account, live)

    def _attached(self, media: tuple[MediaItem, ...]) -> list[Problem]:
        """What is wrong with the pictures or the video of one post."""
        pictures = tuple(item for item in media if not item.is_video)
        return [
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
            *rules.pictures_or_video(self.name, media),
        ]

    def _below(self, content: Content) -> list[Problem]:
        """What is wrong with the parts of a thread and with the first comment, each of which is a post like the first."""
        problems = [
            *rules.parts_fit(self.name, content, most=MAX_GRAPHEMES, measure=count_graphemes),
            *rules.comment_fits(self.name, content, most=MAX_GRAPHEMES, measure=count_graphemes),
            *rules.thread_fits(content),
        ]
        texts = (*(part.text for part in content.parts), content.comment)
        heavy = (count_bytes(text) for text in texts if count_graphemes(text) <= MAX_GRAPHEMES)
        problems += [_too_heavy(size) for size in heavy if size > MAX_TEXT_BYTES]
        for part in content.parts:
            problems += self._attached(part.media)
            problems += _shrunk(Content("", media=part.media))
        return problems

    def warm_up(self) -> None:
        """Load the client library, about a second and 45 MB: for a worker, before it is asked to publish."""
        import social.networks.bluesky.publishing  # noqa: F401 - loading is all it is for


def _keys(moment: dt.datetime) -> Keys:
    created = moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"rkey": new_tid(), "created_at": created}


def text_out(content: Content) -> str:
    """Return the text as it goes out: with the link as last paragraph where no card can hold it."""
    return content.text + _appended(content)


def _appended(content: Content) -> str:
    if not (content.link and content.media):
        return ""
    named = {span.target.rstrip("/") for span in spans(content.text) if span.kind == "link"}
    if content.link.rstrip("/") in named:
        return ""
    return f"\n\n{content.link}" if content.text else content.link


def _cut_at(content: Content) -> int:
    """Where the words end that fit, the appended link being kept."""
    kept = _appended(content)
    return fitting(
        content.text,
        max_graphemes=MAX_GRAPHEMES - count_graphemes(kept),
        max_bytes=MAX_TEXT_BYTES - count_bytes(kept),
    )


def _too_heavy(size: int) -> Problem:
    return Problem(
        "text_too_heavy",
        "error",
        _("Too heavy for %(network)s: %(used)d of %(limit)d bytes. This is where it is cut."),
        {"network": Bluesky.name, "used": size, "limit": MAX_TEXT_BYTES},
    )


def _shrunk(content: Content) -> list[Problem]:
    return [
        Problem(
            "picture_shrunk",
            "warning",
            _("Picture %(number)d is larger than %(network)s takes: it goes out smaller."),
            {"number": number, "network": Bluesky.name},
        )
        for number, item in enumerate(content.media, start=1)
        if item.size > MAX_IMAGE_BYTES and not item.is_video
    ]


def _points(cost: int) -> tuple[Limit, ...]:
    hour, day = dt.timedelta(hours=1), dt.timedelta(days=1)
    return (
        Limit("points_an_hour", _("Bluesky's points of an account an hour"), POINTS_AN_HOUR, hour, cost=cost),
        Limit("points_a_day", _("Bluesky's points of an account a day"), POINTS_A_DAY, day, cost=cost),
    )
