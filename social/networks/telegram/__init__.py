"""Telegram channels, by a bot that is administrator there: what they allow, publishing, changing.

What goes out is what was approved: a text; or one picture, GIF or video, or an album of two to ten, with the text as its
caption; the link as a last paragraph, where the text does not hold it yet, with its preview where there are no pictures.
The text goes as it is, without any of Telegram's ways of marking it, so that nothing in it has to be escaped and none of
it is lost: addresses, hashtags and @names are made live by Telegram itself.

Limits. 4,096 of a text, 1,024 of a caption, "after entities parsing", pictures of 10 MB, of 10,000 pixels of width and
height together and a ratio of at most 20, videos and GIFs of 50 MB, albums of 2 to 10, which go with one call: so we
keep to 50 MB for all of it
(https://core.telegram.org/bots/api, sendMessage, sendPhoto, sendVideo, sendMediaGroup). It is counted in UTF-16 units,
in which Telegram counts its entities: the most that "characters" may mean. One message a second in a chat and 30 a second
in all of a bot (https://core.telegram.org/bots/faq); 20 a minute in groups, which by reports holds for channels too.
An installation may have several bots: the 30 are counted over all of them, which is less than Telegram allows.

Nothing is idempotent, and a bot can't read what stands in a channel, not even its own posts: what is uncertain stays so
until a person has looked (`CannotTell`). Views can't be asked either.

`remote_id` holds the message's number, and of what has pictures the beginning of each one's digest (`12.0a1b2c3d,13.…`),
so that an edit sends only what has changed.

Neither python-telegram-bot nor another library is used: it is asynchronous, retries by itself and has no door for our
transport and so for its time and its guard; the calls are seven.
"""

import datetime as dt
from dataclasses import replace
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from social.networks import rules
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    Field,
    Identity,
    Journal,
    Keys,
    Limit,
    MediaItem,
    Need,
    Network,
    Preflight,
    Problem,
    Proportions,
    Published,
    Rendition,
    too_long,
)
from social.networks.text import count_utf16, fitting_beside

MAX_TEXT = 4_096
MAX_CAPTION = 1_024
MAX_MEDIA = 10
MAX_IMAGE_BYTES = 10_000_000
MAX_VIDEO_BYTES = 50_000_000
MAX_BYTES = 50_000_000  # of all that goes with one call
MAX_SIDE = 2_560  # which is what Telegram keeps; it takes 10,000 of width and height together
MAX_RATIO = 20.0
LONGEST_VIDEO = 14_400.0  # what weighs 50 MB is shorter
IMAGE_KINDS = ("image/jpeg", "image/png", "image/webp", "image/gif")
VIDEO_KINDS = ("video/mp4",)


class Telegram(Network):
    """See the module. The token is the bot's, from BotFather; it has no end."""

    slug: ClassVar[str] = "telegram"
    name: ClassVar[str] = "Telegram"
    needs: ClassVar[tuple[Need, ...]] = (
        Need("bot_token", _("Token of the bot")),
        Need("chat_id", _("Number of the channel (-100…), empty: its @name"), required=False),
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("silent", _("Without a sound"), kind="yes", help=_("Readers get the notification without a sound.")),
        Field("protected", _("Not to be forwarded or saved"), kind="yes"),
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_TEXT, "unit": "utf16", "with_media": MAX_CAPTION},
        "media": {
            "max": MAX_MEDIA,
            "kinds": [*IMAGE_KINDS, *VIDEO_KINDS],
            "bytes": MAX_IMAGE_BYTES,
            "gif_bytes": MAX_VIDEO_BYTES,
            "video_bytes": MAX_VIDEO_BYTES,
        },
        "source": "https://core.telegram.org/bots/api",
        "as_of": "2026-11-29",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.05, widest=20.0, card=1.91)
    patience: ClassVar[int] = 330
    prepares: ClassVar[bool] = True
    edits: ClassVar[bool] = True
    edits_media: ClassVar[bool] = True
    edits_count: ClassVar[bool] = False
    deletes: ClassVar[bool] = True

    def preflight(self, content: Content) -> Preflight:
        """Check: 4,096 units of text, or 1,024 of a caption; an album of ten, a GIF alone."""
        limit = MAX_CAPTION if content.media else MAX_TEXT
        used = count_utf16(content.text + appended(content))
        problems = [
            *rules.empty(self.name, content),
            *rules.speakable(self.name, content),
            *rules.one_post(self.name, content),
            *rules.no_comment(self.name, content),
            *rules.web_link(self.name, content.link),
            *_attached(self.name, content.media),
            *rules.no_alt_texts(self.name, content.media),
        ]
        if used <= limit:
            return Preflight(used, limit, "utf16", None, tuple(problems))
        cut_at = fitting_beside(content.text, limit, count_utf16, lambda text: appended(replace(content, text=text)))
        return Preflight(used, limit, "utf16", cut_at, (too_long(self.name, used, limit), *problems))

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Telegram takes no key of ours; the time is for whoever has to look."""
        return {"since": now.astimezone(dt.UTC).isoformat(timespec="seconds")}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """See that the bot may, then send all of it in one call."""
        from social.networks.telegram import publishing

        self.refuse_unfit(content)
        return publishing.publish(account, content, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Telegram gives a bot no way to look."""
        raise CannotTell(
            _("Telegram does not let a bot read its channel: look there whether the post is live."), code="cannot_read"
        )

    def identity(self, account: Account) -> Identity:
        """Ask; the identity is the channel's number, and the bot has to be an administrator who may post."""
        from social.networks.telegram import publishing

        return publishing.identity(account)

    def rendition(self, item: MediaItem) -> Rendition:
        """Pictures of as many pixels as Telegram keeps, so that ten of them are one call; videos as MP4 of 50 MB."""
        if item.is_video:
            return Rendition(
                kinds=VIDEO_KINDS,
                max_bytes=MAX_VIDEO_BYTES,
                max_width=1_920,
                max_height=1_920,
                codecs=("h264",),
                sounds=("aac", ""),
            )
        if item.mime == "image/gif":
            return Rendition(kinds=("image/gif",), max_bytes=MAX_VIDEO_BYTES)
        return Rendition(
            kinds=IMAGE_KINDS[:3],
            max_bytes=MAX_BYTES // MAX_MEDIA,
            max_width=MAX_SIDE,
            max_height=MAX_SIDE,
            narrowest=1 / MAX_RATIO,
            widest=MAX_RATIO,
        )

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """A post a second and 20 messages a minute in a channel, 30 messages a second in all; an album is several."""
        messages = max(1, len(content.media))
        second, minute = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
        return (
            Limit("posts", _("Telegram's post a second of a channel"), 1, second),
            Limit("minute", _("Telegram's 20 messages a minute of a channel"), 20, minute, cost=messages),
            Limit("app", _("Telegram's 30 messages a second of all channels"), 30, second, scope="app", cost=messages),
        )

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        """Change words, and those pictures or videos that are others now."""
        from social.networks.telegram import publishing

        self.refuse_unfit(content)
        return publishing.edit(account, live, content)

    def delete(self, account: Account, live: Published) -> None:
        """Take all its messages down, within 48 hours."""
        from social.networks.telegram import publishing

        publishing.delete(account, live)


def text_out(content: Content) -> str:
    """Return the text or caption as it goes out."""
    return content.text + appended(content)


def appended(content: Content) -> str:
    """Return what is added to the text: the link, where it does not hold it."""
    if not content.link or content.link in content.text:
        return ""
    return f"\n\n{content.link}" if content.text else content.link


def _attached(network: str, media: tuple[MediaItem, ...]) -> list[Problem]:
    pictures = tuple(item for item in media if not item.is_video)
    checked = [
        *rules.pictures(network, pictures, most=MAX_MEDIA, kinds=IMAGE_KINDS),
        *rules.videos(
            network, media, most=MAX_MEDIA, kinds=VIDEO_KINDS, longest=LONGEST_VIDEO, max_bytes=MAX_VIDEO_BYTES
        ),
    ]
    problems = [problem for problem in checked if problem.code != "alt_text_missing"]
    if len(media) > MAX_MEDIA >= len(pictures):
        sentence = _("Too many pictures and videos for %(network)s: %(used)d of %(limit)d.")
        params = {"network": network, "used": len(media), "limit": MAX_MEDIA}
        problems.append(Problem("media_too_many", "error", sentence, params))
    weight = sum(item.size for item in media)
    if len(media) > 1 and weight > MAX_BYTES:
        sentence = _("The pictures and videos weigh %(used)d MB together: %(network)s takes at most %(limit)d MB.")
        params = {"network": network, "used": -(-weight // 1_000_000), "limit": MAX_BYTES // 1_000_000}
        problems.append(Problem("media_too_heavy", "error", sentence, params))
    if len(media) > 1 and any(item.mime == "image/gif" for item in media):
        sentence = _("%(network)s takes a GIF only alone: leave it, or everything else, out.")
        problems.append(Problem("media_mixed", "error", sentence, {"network": network}))
    return problems
