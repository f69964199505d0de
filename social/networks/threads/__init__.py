"""Threads, by Meta's Threads API. Errors: see `social.networks.meta` and `social.networks.meta.containers`, and beside that

| code (subcode) | means                                                                  | outcome | source |
|----------------|------------------------------------------------------------------------|---------|--------|
| 24 (4279009)   | "Media Not Found": of a container, also one that has just been FINISHED | NotSent `container_gone`: it is made anew | [5] |

[5] in no document; https://github.com/trypostit/trypost/pull/280, https://github.com/gitroomhq/postiz-app/pull/2047 (2026-09)

Each post is made as a container and then published (https://developers.facebook.com/documentation/threads/posts). A thread
is a root and replies, each to the one before (`reply_to_id`); the first comment is a reply to the root.

Limits: 500 characters, of which an emoji counts as the bytes of its UTF-8 [1]; up to 20 pictures and videos, in a carousel
from two on [1]; at most 5 different links [2]; pictures JPEG or PNG up to 8 MB, at most ten times as wide as high; videos up
to 5 minutes and 1 GB [1]; 250 posts and 1,000 replies in 24 hours, which are asked for before each (`threads_publishing_limit`)
[3]; deleting 100 a day [4]. Nothing can be edited.
[1] the page above, and its media specifications · [2] https://developers.facebook.com/documentation/threads/create-posts/text-attachments ·
[3] https://developers.facebook.com/documentation/threads/overview · [4] https://developers.facebook.com/docs/threads/posts/delete-posts

What counts as one character beside emojis is not said: we count code points, never fewer than what is seen, so that what
passes here passes there. The link of a post without media goes as its card (`link_attachment`), else into the text, as its
last paragraph. The token goes as the parameter `access_token`, the only way that Meta's pages on Threads show.
"""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import regex
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
    Part,
    Preflight,
    Problem,
    Proportions,
    Published,
    Rendition,
    Signed,
    too_long,
)
from social.networks.journal import Given, thread_so_far
from social.networks.text import count_bytes, fitting_beside, graphemes

MAX_TEXT = 500
MAX_MEDIA = 20
MAX_LINKS = 5
MAX_ALT = 1_000
MAX_IMAGE_BYTES = 8_000_000
MAX_VIDEO_BYTES = 1_000_000_000
LONGEST = 300.0
POSTS_A_DAY = 250
REPLIES_A_DAY = 1_000
DELETIONS_A_DAY = 100
DAY = dt.timedelta(days=1)
IMAGE_KINDS = ("image/jpeg", "image/png", "image/gif", "image/webp")  # the last two are made JPEG
TAKEN_KINDS = ("image/jpeg", "image/png")
VIDEO_KINDS = ("video/mp4", "video/quicktime")
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}\p{Emoji_Presentation}\ufe0f\u20e3]")
_LINK = re.compile(r"(?:https?://|\bwww\.)\S+", re.IGNORECASE)


class Threads(Network):
    """See the module."""

    slug: ClassVar[str] = "threads"
    name: ClassVar[str] = "Threads"
    needs: ClassVar[tuple[Need, ...]] = (Need("access_token", _("Access token")),)
    oauth: ClassVar[OAuth | None] = OAuth(
        authorize="https://threads.com/oauth/authorize",
        token="https://graph.threads.net/oauth/access_token",  # noqa: S106 - an address
        scopes=(
            "threads_basic",
            "threads_content_publish",
            "threads_manage_replies",
            "threads_read_replies",
            "threads_manage_insights",
            "threads_delete",
        ),
        pkce=False,
        separator=",",
        basic=False,
        lasts=dt.timedelta(hours=1),
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_TEXT, "unit": "threads"},
        "media": {"max": MAX_MEDIA, "kinds": [*IMAGE_KINDS, *VIDEO_KINDS], "bytes": MAX_IMAGE_BYTES},
        "links": {"max": MAX_LINKS},
        "posts": {"max": POSTS_A_DAY, "hours": 24},
        "source": "https://developers.facebook.com/documentation/threads/posts",
        "as_of": "2026-11-21",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.5, widest=2.0, card=1.91)
    describes_videos: ClassVar[bool] = True
    company: ClassVar[str] = "meta"
    patience: ClassVar[int] = 120
    prepares: ClassVar[bool] = True
    threads: ClassVar[bool] = True
    comments: ClassVar[bool] = True
    deletes: ClassVar[bool] = True
    counts: ClassVar[bool] = True

    def preflight(self, content: Content) -> Preflight:
        """Check: 500 characters as Threads counts them, of each post; media, their addresses, links."""
        used = weigh(content.text + appended(content))
        posts = (Part(content.text + appended(content), content.media), *content.parts)
        problems = [
            *rules.empty(self.name, content),
            *rules.speakable(self.name, content),
            *rules.web_link(self.name, content.link),
            *rules.parts_fit(self.name, content, most=MAX_TEXT, measure=weigh),
            *(problem for post in posts for problem in _media(self.name, post.media)),
            *_links(self.name, content, posts),
            *rules.addressed(self.name, content),
            *rules.comment_fits(self.name, content, most=MAX_TEXT, measure=weigh),
            *rules.thread_fits(content),
        ]
        if used <= MAX_TEXT:
            return Preflight(used, MAX_TEXT, "threads", None, tuple(problems))
        cut_at = fitting_beside(content.text, MAX_TEXT, weigh, lambda text: appended(replace(content, text=text)))
        return Preflight(used, MAX_TEXT, "threads", cut_at, (too_long(self.name, used, MAX_TEXT), *problems))

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix since when `find` looks; Threads takes no key of ours."""
        return {"created_at": now.astimezone(dt.UTC).isoformat(), "key": uuid.uuid4().hex}

    def rendition(self, item: MediaItem) -> Rendition | None:
        """JPEG or PNG up to 8 MB and ten to one; videos as MP4 in H.264 and AAC."""
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
        return Rendition(kinds=TAKEN_KINDS, max_bytes=MAX_IMAGE_BYTES, max_width=1_440, narrowest=0.1, widest=10.0)

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """250 posts and 1,000 replies in 24 hours; a thread's further posts and the first comment are replies."""
        replies = len(content.parts) + bool(content.comment)
        post = Limit("posts", _("Threads' posts a day"), most=POSTS_A_DAY, window=DAY)
        if not replies:
            return (post,)
        return (post, Limit("replies", _("Threads' replies a day"), most=REPLIES_A_DAY, window=DAY, cost=replies))

    def delete_budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """100 deletions in 24 hours."""
        return (
            Limit("deletions", _("Threads' deletions a day"), most=DELETIONS_A_DAY, window=DAY, cost=content.posts),
        )

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Make and publish the root, each part below the one before, and the first comment."""
        from social.networks.threads import publishing

        self.refuse_unfit(content)
        return publishing.publish(account, content, keys, journal)

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Ask the container of what was in flight, and look for what it became."""
        from social.networks.threads import publishing

        return publishing.find(account, content, keys, journal)

    def identity(self, account: Account) -> Identity:
        """The profile that the token is for."""
        from social.networks.threads import people

        return people.identity(account)

    def signed_in(self, account: Account, way: str = "") -> tuple[Signed, ...]:
        """The profile; its token, good for an hour, is made one of 60 days at once."""
        lasting = self.refresh(account)
        return (Signed(self.identity(replace(account, credentials=lasting)), lasting),)

    def renews(self, credentials: Mapping[str, Any]) -> bool:
        """Any token: Threads has no refresh tokens, the token itself is renewed."""
        return bool(credentials.get("access_token"))

    def refresh(self, account: Account) -> Mapping[str, Any]:
        """Make the short-lived token of the sign-in a long-lived one, or renew that; 60 days each."""
        from social.networks.threads import people

        return people.refreshed(account)

    def so_far(self, given_by: Given) -> Published | None:
        """The numbers of the posts that are live."""
        return thread_so_far(given_by)

    def delete(self, account: Account, live: Published) -> None:
        """Delete all posts of it, the last first: answers stay where what they answer is deleted."""
        from social.networks.threads import changing

        changing.delete(account, live)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Read the posts."""
        from social.networks.threads import changing

        return changing.read_back(account, live)

    def numbers(self, account: Account, live: Published) -> Numbers:
        """Views, likes, replies, reposts and quotes and shares."""
        from social.networks.threads import changing

        return changing.numbers(account, live)


def weigh(text: str) -> int:
    """Count as Threads does: an emoji as the bytes of its UTF-8, all else by code points."""
    if text.isascii():
        return len(text)
    return sum(count_bytes(one) if _EMOJI.search(one) else len(one) for one in graphemes(text))


def appended(content: Content) -> str:
    """Return what is added to the text: the link, where media leave no room for its card or there is no text."""
    bare = not content.text.strip()
    if not content.link or not (content.media or bare) or content.link.rstrip("/") in content.text:
        return ""
    return content.link if bare else f"\n\n{content.link}"


def card(content: Content) -> str:
    """Return the link that goes out as a card; empty where there is none, or it stands in the text."""
    return "" if content.media or content.link.rstrip("/") in content.text + appended(content) else content.link


def _media(network: str, media: tuple[MediaItem, ...]) -> list[Problem]:
    images = tuple(item for item in media if not item.is_video)
    found = [
        *rules.pictures(network, images, most=MAX_MEDIA, kinds=IMAGE_KINDS),
        *rules.alt_texts(network, media, most=MAX_ALT),
        *rules.videos(network, media, most=MAX_MEDIA, kinds=VIDEO_KINDS, longest=LONGEST, max_bytes=MAX_VIDEO_BYTES),
    ]
    if len(media) > MAX_MEDIA >= len(images):
        sentence = _("Too many pictures and videos for %(network)s: %(used)d of %(limit)d.")
        params = {"network": network, "used": len(media), "limit": MAX_MEDIA}
        found.append(Problem("media_too_many", "error", sentence, params))
    return found


def _links(network: str, content: Content, posts: tuple[Part, ...]) -> list[Problem]:
    """Refuse a post with more than five different links, its card among them."""
    counts = [len(set(_LINK.findall(post.text))) for post in posts]
    counts[0] += bool(card(content))
    used = max(counts)
    if used <= MAX_LINKS:
        return []
    sentence = _("Too many links for %(network)s: %(used)d of %(limit)d.")
    return [Problem("links_too_many", "error", sentence, {"network": network, "used": used, "limit": MAX_LINKS})]
