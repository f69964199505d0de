"""Publishing on X, step by step.

Longest times of a step: asking who we are 15 s, beginning an upload 15 s, one piece of 4 MB 60 s, ending it 60 s, asking
how far it is 15 s, a description 15 s, one post 20 s. All pictures and videos of a thread are ready before its first
post goes out, so that what X can't use breaks nothing in the middle.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks import clocks
from social.networks.base import (
    Account,
    Content,
    Identity,
    Journal,
    Keys,
    MediaItem,
    NetworkError,
    Numbers,
    Published,
    Refused,
    Unknown,
)
from social.networks.halfway import halfway
from social.networks.subtitles import Language, language_of
from social.networks.throttling import moment
from social.networks.x.api import Api, Duplicate, Gone, history
from social.networks.x.looking import look, media_of, same
from social.networks.x.uploading import known, lost, uploaded

SURE_FOR = dt.timedelta(hours=1)  # that a token belongs to the account that it belonged to
UPLOAD_SECONDS = 3_600.0  # for all of a large video's pieces together


@dataclass(frozen=True, slots=True)
class Post:
    """One post of a publication, and the step that stands for it in the journal; `answers` is the step above it.

    `language` is that of its video's subtitles; without one they stay away.
    """

    step: str
    text: str
    media: tuple[MediaItem, ...] = ()
    answers: str = ""
    language: Language | None = None


def posts_in(content: Content, text: str) -> list[Post]:
    """The posts of a publication: its own with `text`, its parts each below the one before, its comment below the first."""
    language = language_of(content)
    posts = [Post("publish", text, content.media, language=language)]
    for number, part in enumerate(content.parts, start=1):
        posts.append(Post(f"part:{number}", part.text, part.media, answers=posts[-1].step, language=language))
    if content.comment:
        posts.append(Post("comment", content.comment, answers="publish"))
    return posts


def publish(account: Account, posts: list[Post], options: Mapping[str, Any], keys: Keys, journal: Journal) -> Published:
    """Publish once, or go on; see `Network.publish`. `options` go with the first post."""
    with Api(account, total=UPLOAD_SECONDS) as api:
        work = _Work(api, _ourselves(api, account, journal), posts, keys, journal)
        todo = [post for post in posts if journal.given(post.step) is None]
        media = {post.step: [uploaded(api, item, journal, post.language) for item in post.media] for post in todo}
        for post in todo:
            body = work.body(post, media[post.step]) | ({} if post.answers else dict(options))
            journal.sending(post.step)
            journal.sent(post.step, {"id": work.sent(post, body)})
        return work.published()


def find(account: Account, posts: list[Post], keys: Keys, journal: Journal) -> Published | None:
    """Look for the post in flight among the account's; see `Network.find`."""
    step = journal.in_flight() or "publish"
    post = next((one for one in posts if one.step == step), posts[0])
    with Api(account) as api:
        work = _Work(api, _ourselves(api, account, journal), posts, keys, journal)
        found = work.look(post)
        if found is None:
            return None
        journal.sent(post.step, {"id": found})
        return None if any(journal.given(one.step) is None for one in posts) else work.published()


def identity(account: Account) -> Identity:
    """Ask who the token belongs to."""
    with Api(account) as api:
        me = api.me()
        return Identity(id=me["id"], handle=me["username"], name=me["name"])


def edit(account: Account, live: Published, posts: list[Post]) -> Published:
    """Give each post its new words, which gives it a new id; what has them already is left alone."""
    ids = live.remote_id.split(",")
    with Api(account) as api:
        found = api.posts(ids)
        if len(ids) != len(posts):
            raise _words_only()
        both = list(zip(ids, posts, strict=True))
        if any(known in found and len(media_of(found[known])) != len(post.media) for known, post in both):
            raise _words_only()
        with halfway() as each:
            return _with_ids(live, [_edited(api, found.get(known), post, each) for known, post in both])


def delete(account: Account, live: Published) -> None:
    """Take down all posts of it, the last first."""
    with Api(account) as api, halfway() as each:
        for post in reversed(live.remote_id.split(",")):
            with each():
                api.delete(post)


def read_back(account: Account, live: Published) -> Published | None:
    """Where it is now: each edit has given it a new id. None where its first post is gone."""
    ids = live.remote_id.split(",")
    with Api(account) as api:
        found = api.posts(ids)
    if ids[0] not in found:
        return None
    return _with_ids(live, [history(found[known])[-1] for known in ids if known in found])


def numbers(account: Account, live: Published) -> Numbers:
    """What X counts of the first post. Clicks are told for 30 days, and only to its author."""
    root = live.remote_id.partition(",")[0]
    with Api(account) as api:
        found = api.posts([root], "public_metrics,non_public_metrics") or api.posts([root], "public_metrics")
    if root not in found:
        raise Gone(_("X has no such post any more."), code="gone")
    shown, ours = (found[root].get(name) for name in ("public_metrics", "non_public_metrics"))
    shares = [_count(shown, "repost_count", "retweet_count"), _count(shown, "quote_count")]
    return Numbers(
        views=_count(shown, "impression_count"),
        reactions=_count(shown, "like_count"),
        comments=_count(shown, "reply_count"),
        shares=sum(filter(None, shares)) if any(count is not None for count in shares) else None,
        clicks=_count(ours, "url_link_clicks"),
    )


def _ourselves(api: Api, account: Account, journal: Journal) -> Mapping[str, Any]:
    """Who the token belongs to, which has to be the channel's account."""
    me = journal.once("account", api.me, good_for=SURE_FOR)
    if account.identity and account.identity != me["id"]:
        raise Refused(
            _("These credentials belong to %(handle)s, not to this channel's account. Nothing was published."),
            code="wrong_account",
            params={"handle": me["username"]},
        )
    return me


@dataclass(frozen=True, slots=True)
class _Work:
    """What publishing and finding have in common: the connection, who we are, what goes out, and how far it is."""

    api: Api
    me: Mapping[str, Any]
    posts: list[Post]
    keys: Keys
    journal: Journal

    def body(self, post: Post, media: list[str]) -> dict[str, Any]:
        """The post as X takes it."""
        body: dict[str, Any] = {"text": post.text}
        if media:
            body["media"] = {"media_ids": media}
        if post.answers:
            body["reply"] = {"in_reply_to_tweet_id": self.id_of(post.answers)}
        return body

    def sent(self, post: Post, body: dict[str, Any]) -> str:
        """Send, and return the post's id. What X has already may be ours, of a try whose answer never came."""
        try:
            return self.api.create(body)
        except Duplicate:
            try:
                found = self.look(post)
            except NetworkError as error:
                sentence = _("X has this text already, and could not say whether it is this post.")
                raise Unknown(sentence, code="duplicate_unclear", said=error.said) from error
            if found is None:
                raise
            return found
        except Refused as refused:
            if post.media and "media ids are invalid" in refused.said.lower():
                raise lost(post.media, self.journal, refused) from None
            raise

    def look(self, post: Post) -> str | None:
        """The id of the post, if it is live."""
        since = clocks.since(self.keys.get("since"), self.journal)
        if since is None:
            raise Refused(_("This publication has no valid time for X."), code="keys_not_valid")
        return look(
            self.api,
            str(self.me["id"]),
            since=since,
            text=post.text,
            media=len(post.media),
            uploads=known(post.media, self.journal),
            thread=self.id_of("publish") if post.answers else "",
            known=[self.id_of(one.step) for one in self.posts if one.step != post.step],
            is_another=self.journal.is_another,
        )

    def published(self) -> Published:
        """Where all of it is."""
        ids = [self.id_of(post.step) for post in self.posts]
        return Published(remote_id=",".join(ids), permalink=f"https://x.com/{self.me['username']}/status/{ids[0]}")

    def id_of(self, step: str) -> str:
        """The id of the post of that step, empty where it is not out yet."""
        given = self.journal.given(step)
        return str(given["id"]) if given else ""


def _edited(
    api: Api, post: Mapping[str, Any] | None, wanted: Post, each: Callable[[], AbstractContextManager[None]]
) -> str:
    if post is None:
        raise Gone(_("X has no such post any more."), code="gone")
    latest = history(post)[-1]
    if same(post, wanted.text, len(wanted.media)):
        return latest
    controls = post.get("edit_controls")
    if isinstance(controls, dict) and _is_over(controls):
        raise Refused(
            _("X lets a post be changed for 30 minutes, five times. Correct it below, or delete it."), code="edit_over"
        )
    body: dict[str, Any] = {"text": wanted.text, "edit_options": {"previous_post_id": latest}}
    if media_of(post):
        body["media"] = {"media_ids": media_of(post)}
    with each():
        return api.create(body)


def _words_only() -> Refused:
    sentence = _("On X only the words of a post can be changed. Correct it below, or delete it.")
    return Refused(sentence, code="edit_words_only")


def _is_over(controls: Mapping[str, Any]) -> bool:
    until = moment(str(controls.get("editable_until") or ""))
    return (
        controls.get("is_edit_eligible") is False
        or controls.get("edits_remaining") == 0
        or (until is not None and until <= dt.datetime.now(dt.UTC))
    )


def _with_ids(live: Published, ids: list[str]) -> Published:
    return Published(remote_id=",".join(ids), permalink=f"{live.permalink.rpartition('/')[0]}/{ids[0]}")


def _count(given: Any, *names: str) -> int | None:
    found = next((given[name] for name in names if isinstance(given, dict) and name in given), None)
    return found if type(found) is int and found >= 0 else None
