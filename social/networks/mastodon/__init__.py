"""Mastodon, and what speaks its API (GoToSocial, Pleroma, Akkoma, Pixelfed …): what it allows, publishing, asking back.

What goes out is what was approved: the words; up to four pictures or a video, with alternative texts; the link as a last
paragraph, where the text does not hold it yet. A thread is a chain of answers, a first comment an answer to the first
post; visibility, content warning and language are the same for all of them. What errors mean stands in `api`.

Limits are the server's own affair. It tells them (`terms`) when the channel is checked, and they are kept on it, so that
the composer knows them (`Content.allows`); before anything is sent it is asked once more. Usual ones: 500 characters, an
address 23, four pictures of 16 MB or a video of 99 MB; of an account 300 requests in 5 minutes and 30 uploads in 30
(https://docs.joinmastodon.org/user/posting/, https://docs.joinmastodon.org/api/rate-limits/, 2026-11-29).

Each status goes with an `Idempotency-Key` of its own, under which Mastodon gives back the status that it has, for an hour
(https://docs.joinmastodon.org/methods/statuses/#create), or, from 4.6.0 until it was mended in September 2026, a 500
(https://github.com/mastodon/mastodon/issues/40399); others ignore it (Pixelfed:
https://github.com/pixelfed/pixelfed/issues/3581). So what is uncertain is always looked for first (`looking`).

Mastodon's tokens have no end until they are taken back. Pleroma's and Akkoma's end when their server says so, and come with
a refresh token (https://github.com/captainepoch/husky/issues/162). So do Pixelfed's, after a year as it is installed; those
that a person makes there end then, too, and don't say so (https://github.com/pixelfed/pixelfed/issues/6186).

`remote_id` holds the ids of all statuses of a publication, with commas.

Mastodon.py is not used: it asks by `requests`, which has no door for our transport and so for its time and its guard.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django.conf.locale import LANG_INFO
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
from social.networks.journal import Given, thread_so_far
from social.networks.mastodon import terms as usual
from social.networks.mastodon.counting import fitting, measure
from social.networks.mastodon.terms import Terms

IMAGE_BYTES, IMAGE_SIDE = 10_000_000, 4_096  # what is made to fit: every server takes it, older ones too
VIDEO_BYTES, VIDEO_SIDE = 99_000_000, 1_920
_LETTERS = 2  # of a code of ISO 639-1
LANGUAGES = tuple(
    (code, str(info["name_local"]))
    for code, info in sorted(LANG_INFO.items())
    if len(code) == _LETTERS and "name_local" in info
)
_VISIBILITIES = frozenset({"unlisted", "private"})


class Mastodon(Network):
    """See the module. Every channel names its server; the token comes from OAuth 2 there, or from the account's settings."""

    slug: ClassVar[str] = "mastodon"
    name: ClassVar[str] = "Mastodon"
    needs: ClassVar[tuple[Need, ...]] = (
        Need("access_token", _("Access token")),
        Need("expires_at", _("Token ends at"), required=False),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "visibility",
            _("Who sees it"),
            kind="choice",
            choices=(
                ("", _("Everybody")),
                ("unlisted", _("Everybody, but not in public timelines")),
                ("private", _("Followers only")),
            ),
        ),
        Field("content_warning", _("Content warning"), help=_("It stands before the post, which opens on a tap.")),
        Field("sensitive", _("Hide pictures until they are tapped"), kind="yes"),
        Field(
            "language", _("Language of the post"), kind="choice", choices=(("", _("As the account has it")), *LANGUAGES)
        ),
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": usual.MAX_TEXT, "unit": "graphemes"},
        "media": {
            "max": usual.MAX_MEDIA,
            "kinds": [*usual.IMAGE_KINDS, *usual.VIDEO_KINDS],
            "bytes": usual.MAX_IMAGE_BYTES,
            "video_bytes": usual.MAX_VIDEO_BYTES,
            "alt_text": usual.MAX_ALT,
        },
        "source": "https://docs.joinmastodon.org/user/posting/, https://docs.joinmastodon.org/entities/Instance/",
        "as_of": "2026-11-29",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.5, widest=2.0, card=1.91)
    describes_videos: ClassVar[bool] = True
    patience: ClassVar[int] = 660
    prepares: ClassVar[bool] = True
    threads: ClassVar[bool] = True
    comments: ClassVar[bool] = True
    edits: ClassVar[bool] = True
    edits_fields: ClassVar[tuple[str, ...]] = ("content_warning",)
    deletes: ClassVar[bool] = True
    counts: ClassVar[bool] = True
    own_server: ClassVar[bool] = True
    many_servers: ClassVar[bool] = True
    registers: ClassVar[bool] = True
    oauth: ClassVar[OAuth | None] = OAuth(
        authorize="https://mastodon.social/oauth/authorize",
        token="https://mastodon.social/oauth/token",  # noqa: S106 - an address
        scopes=("read:accounts", "read:statuses", "write:statuses", "write:media"),
        basic=False,
        rotates=True,
    )

    def preflight(self, content: Content) -> Preflight:
        """Check each post against what the account's server takes, or Mastodon's usual limits where nobody knows."""
        takes = Terms.of(content.allows)
        out, warning = text_out(content), str(content.fields.get("content_warning") or "")
        taken = measure(warning, takes.way)
        used = measure(out, takes.way) + taken
        problems = [
            *rules.empty(self.name, content),
            *rules.speakable(self.name, replace(content, text=f"{content.text}{warning}")),
            *rules.web_link(self.name, content.link),
            *rules.fields_fit(self.name, self.fields, content),
            *self._attached(content.media, takes),
            *self._below(content, takes, taken),
        ]
        if used <= takes.max_text:
            return Preflight(used, takes.max_text, "graphemes", None, tuple(problems))
        problems.insert(0, too_long(self.name, used, takes.max_text))
        kept = measure(out[len(content.text) :], takes.way) + taken
        cut_at = fitting(content.text, max(0, takes.max_text - kept), takes.way)
        return Preflight(used, takes.max_text, "graphemes", cut_at, tuple(problems))

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix since when it is looked for, and the key under which the server knows it again."""
        return {"since": now.astimezone(dt.UTC).isoformat(timespec="seconds"), "key": uuid.uuid4().hex}

    def keys_for_rest(self, keys: Keys, now: dt.datetime, content: Content, live: int) -> Keys:
        """Another key for other words: under the old one the server gives back what it has of the old ones."""
        return {**keys, "key": uuid.uuid4().hex}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Ask what the server takes, upload what there is, then write the posts, one below the other."""
        from social.networks.mastodon import publishing

        self.refuse_unfit(content)

        def check(allows: Mapping[str, Any]) -> Preflight:
            return self.preflight(replace(content, allows=allows))

        return publishing.publish(
            account, publishing.posts_in(content, text_out(content), _options(content.fields)), check, keys, journal
        )

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Look through what the account has published since the first try."""
        from social.networks.mastodon import publishing

        return publishing.find(
            account, publishing.posts_in(content, text_out(content), _options(content.fields)), keys, journal
        )

    def identity(self, account: Account) -> Identity:
        """Ask; the identity is the number that the server gives an account for ever."""
        from social.networks.mastodon import publishing

        return publishing.identity(account)

    def rendition(self, item: MediaItem) -> Rendition:
        """Pictures as JPEG, PNG or GIF, videos as MP4, of a weight and size that older servers take too."""
        if item.is_video:
            return Rendition(
                kinds=usual.VIDEO_KINDS[:1],
                max_bytes=VIDEO_BYTES,
                max_width=VIDEO_SIDE,
                max_height=VIDEO_SIDE,
                max_rate=60.0,
                codecs=("h264",),
                sounds=("aac", ""),
            )
        kinds = ("image/gif",) if item.mime == "image/gif" else usual.IMAGE_KINDS[:2]
        return Rendition(kinds=kinds, max_bytes=IMAGE_BYTES, max_width=IMAGE_SIDE, max_height=IMAGE_SIDE)

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """300 requests of an account in 5 minutes, 30 uploads in 30."""
        media = len(content.media) + sum(len(part.media) for part in content.parts)
        posts = content.posts
        requests = _("Mastodon's 300 requests of an account in 5 minutes")
        limits = [Limit("requests", requests, 300, dt.timedelta(minutes=5), cost=3 + posts + 2 * media)]
        if media:
            uploads = _("Mastodon's 30 uploads of an account in 30 minutes")
            limits.append(Limit("uploads", uploads, 30, dt.timedelta(minutes=30), cost=media))
        return tuple(limits)

    def delete_budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """30 deletions of an account in 30 minutes."""
        deletions = _("Mastodon's 30 deletions of an account in 30 minutes")
        return (Limit("deletions", deletions, 30, dt.timedelta(minutes=30), cost=content.posts),)

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        """Change the words, where the server can."""
        from social.networks.mastodon import publishing

        self.refuse_unfit(content)
        return publishing.edit(account, live, publishing.posts_in(content, text_out(content), _options(content.fields)))

    def so_far(self, given_by: Given) -> Published | None:
        """The numbers of the posts that are live."""
        return thread_so_far(given_by)

    def delete(self, account: Account, live: Published) -> None:
        """Take down all its posts, the last first."""
        from social.networks.mastodon import publishing

        publishing.delete(account, live)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Look the posts up by their ids."""
        from social.networks.mastodon import publishing

        return publishing.read_back(account, live)

    def numbers(self, account: Account, live: Published) -> Numbers:
        """Read the counts of the first post."""
        from social.networks.mastodon import publishing

        return publishing.numbers(account, live)

    def refresh(self, account: Account) -> Mapping[str, Any]:
        """Renew the token, where the server's tokens end: each renewal ends the refresh token that it was made with."""
        from social.networks.renewing import renewed

        assert self.oauth is not None  # noqa: S101 - it stands above
        return renewed(self.name, self.oauth, account)

    def register_app(self, server: str, redirects: Sequence[str]) -> Mapping[str, str]:
        """Register Filo at one server, which asks nobody."""
        from social.networks.mastodon import apps

        assert self.oauth is not None  # noqa: S101 - it stands above
        return apps.register(server, redirects, self.oauth.scopes)

    def _attached(self, media: tuple[MediaItem, ...], takes: Terms) -> list[Problem]:
        pictures = tuple(item for item in media if not item.is_video)
        kinds = [kind for kind in usual.IMAGE_KINDS if kind in takes.kinds]
        return [
            *rules.pictures(self.name, pictures, most=takes.max_media, kinds=kinds),
            *rules.alt_texts(self.name, media, most=takes.max_alt),
            *rules.videos(
                self.name,
                media,
                most=1,
                kinds=[kind for kind in usual.VIDEO_KINDS if kind in takes.kinds],
                longest=float("inf"),
                max_bytes=takes.video_bytes,
            ),
            *(
                problem
                for number, item in enumerate(media, start=1)
                if not item.is_video
                for problem in _too_large(number, item, takes)
            ),
            *rules.pictures_or_video(self.name, media),
        ]

    def _below(self, content: Content, takes: Terms, taken: int) -> list[Problem]:
        """What is wrong with the parts of a thread and with the first comment; the warning stands before each."""

        def weigh(text: str) -> int:
            return measure(text, takes.way) + taken if text else 0

        problems = [
            *rules.parts_fit(self.name, content, most=takes.max_text, measure=weigh),
            *rules.comment_fits(self.name, content, most=takes.max_text, measure=weigh),
            *rules.thread_fits(content),
        ]
        for part in content.parts:
            problems += self._attached(part.media, takes)
        return problems


def text_out(content: Content) -> str:
    """Return the first post's text as it goes out: with the link as last paragraph, where it is not there yet."""
    if not content.link or content.link in content.text:
        return content.text
    return f"{content.text}\n\n{content.link}" if content.text else content.link


def _options(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked beside the text, in Mastodon's words."""
    visibility = str(fields.get("visibility") or "")
    options: dict[str, Any] = {"visibility": visibility if visibility in _VISIBILITIES else "public"}
    warning = str(fields.get("content_warning") or "").strip()
    if warning:
        options["spoiler_text"] = warning
    if fields.get("sensitive") is True or warning:
        options["sensitive"] = True
    if fields.get("language") in dict(LANGUAGES):
        options["language"] = fields["language"]
    return options


def _too_large(number: int, item: MediaItem, takes: Terms) -> list[Problem]:
    """What is wrong with a picture's weight and size at this server."""
    if item.size > takes.image_bytes:
        sentence = _("Picture %(number)d weighs %(used)d MB: this server takes at most %(limit)d MB.")
        params = {"number": number, "used": -(-item.size // 1_000_000), "limit": takes.image_bytes // 1_000_000}
        return [Problem("media_too_heavy", "error", sentence, params)]
    if item.width * item.height > takes.image_pixels:
        sentence = _("Picture %(number)d is too large: this server takes at most %(limit)d million pixels.")
        params = {"number": number, "limit": takes.image_pixels // 1_000_000}
        return [Problem("media_too_large", "error", sentence, params)]
    return []
