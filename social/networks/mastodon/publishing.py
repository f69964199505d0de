"""Publishing on Mastodon, step by step.

Longest times of a step: asking who we are 15 s, asking what the server takes 30 s, a picture 120 s, a video 600 s (each
twice as long where the server has only the older call), asking how far it is 15 s, one status 30 s. All pictures and
videos of a thread are ready before its first post goes out, so that what the server can't use breaks nothing in the middle.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks import clocks
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    Identity,
    Journal,
    Keys,
    MediaItem,
    NotSent,
    Numbers,
    Preflight,
    Published,
    Refused,
    Unknown,
)
from social.networks.halfway import halfway
from social.networks.mastodon.api import Api, Gone, NotHere
from social.networks.mastodon.attaching import behind_refusal, missed_lazily, steps_of, uploaded
from social.networks.mastodon.looking import look, media_of, same

SURE_FOR = dt.timedelta(hours=1)  # that a token belongs to the account that it belonged to
UPLOAD_SECONDS = 3_600.0  # for all of a thread's media together

Check = Callable[[Mapping[str, Any]], Preflight]
"""The rules, held against what a server says that it takes."""


@dataclass(frozen=True, slots=True)
class Post:
    """One status of a publication, and the step that stands for it in the journal; `answers` is the step above it."""

    step: str
    text: str
    options: Mapping[str, Any]
    media: tuple[MediaItem, ...] = ()
    answers: str = ""

    @property
    def warning(self) -> str:
        """What stands before the text."""
        return str(self.options.get("spoiler_text") or "")


def posts_in(content: Content, text: str, options: Mapping[str, Any]) -> list[Post]:
    """The posts of a publication: its own with `text`, its parts each below the one before, its comment below the first.

    `options` are what is asked beside the text, the same for all of them.
    """
    posts = [Post("publish", text, options, content.media)]
    for number, part in enumerate(content.parts, start=1):
        posts.append(Post(f"part:{number}", part.text, options, part.media, answers=posts[-1].step))
    if content.comment:
        posts.append(Post("comment", content.comment, options, answers="publish"))
    return posts


def publish(account: Account, posts: list[Post], check: Check, keys: Keys, journal: Journal) -> Published:
    """Publish once, or go on; see `Network.publish`."""
    with Api(account, total=UPLOAD_SECONDS) as api:
        work = _Work(api, _ourselves(api, account, journal), posts, keys, journal)
        todo = [post for post in posts if journal.given(post.step) is None]
        _require_taken(api, check, journal)
        media = {post.step: [uploaded(api, post, at, journal) for at in range(len(post.media))] for post in todo}
        for post in todo:
            body, again = work.body(post, media[post.step]), work.was_tried(post)
            journal.sending(post.step)
            journal.sent(post.step, _written(work, post, body, again=again))
        return work.published()


def _written(work: "_Work", post: Post, body: Mapping[str, Any], *, again: bool) -> Mapping[str, Any]:
    """Write the status. A busy server may not know yet what stands above it, of a moment ago: then it is tried again.

    So it is where the server was not ready for what is attached, or does not have it any more; unless that is in this very
    status, of an earlier try that had no answer.
    """
    try:
        return work.api.create(body, work.key(post))
    except Gone as gone:
        if "in_reply_to_id" not in body:
            raise
        sentence = _("The server does not know yet the post that this one stands below. It is tried again.")
        raise NotSent(sentence, code="not_there_yet", said=gone.said) from None
    except Refused as refused:
        if refused.code != "not_taken" or not post.media:
            raise
        if again:
            found = _there_already(work, post, refused)
            if found is not None:
                return found
        else:
            work.was_refused(post)
        raise behind_refusal(work.api, post, work.journal) or refused from None


def _there_already(work: "_Work", post: Post, refused: Refused) -> Mapping[str, str] | None:
    try:
        return work.look(post)
    except CannotTell as unclear:
        raise Unknown(unclear.template, code=unclear.code, said=refused.said) from None


def find(account: Account, posts: list[Post], keys: Keys, journal: Journal) -> Published | None:
    """Look for the status in flight among the account's own; see `Network.find`."""
    step = journal.in_flight() or "publish"
    post = next((one for one in posts if one.step == step), posts[0])
    with Api(account) as api:
        work = _Work(api, _ourselves(api, account, journal), posts, keys, journal)
        found = work.look(post)
        if found is None:
            return None
        journal.sent(post.step, found)
        return None if any(journal.given(one.step) is None for one in posts) else work.published()


def identity(account: Account) -> Identity:
    """Ask who the token belongs to, and what its server takes."""
    with Api(account) as api:
        me = api.me()
        return Identity(id=me["id"], handle=me["handle"], name=me["name"], allows=api.allows())


def edit(account: Account, live: Published, posts: list[Post]) -> Published:
    """Give each status its new words; what has them already is left alone."""
    ids = live.remote_id.split(",")
    with Api(account) as api:
        found = [api.status(known) for known in ids]
        both = list(zip(found, posts, strict=False))
        if len(ids) != len(posts) or any(len(media_of(status)) != len(post.media) for status, post in both):
            sentence = _("On Mastodon only the words of a post can be changed. Correct it below, or delete it.")
            raise Refused(sentence, code="edit_words_only")
        with halfway() as each:
            for known, (status, post) in zip(ids, both, strict=True):
                if not same(status, post.text, post.warning, len(post.media)):
                    with each():
                        _change(api, known, status, post)
    return live


def delete(account: Account, live: Published) -> None:
    """Take down all statuses of it, the last first."""
    with Api(account) as api, halfway() as each:
        for status in reversed(live.remote_id.split(",")):
            with each():
                api.delete(status)


def read_back(account: Account, live: Published) -> Published | None:
    """Where it is; None where its first status is gone."""
    root, *rest = live.remote_id.split(",")
    with Api(account) as api:
        try:
            api.status(root)
        except Gone:
            return None
        there = [root, *(status for status in rest if _is_there(api, status))]
    return Published(remote_id=",".join(there), permalink=live.permalink)


def numbers(account: Account, live: Published) -> Numbers:
    """What the server counts of the first status. Other servers tell it what happens there, late or never."""
    with Api(account) as api:
        status = api.status(live.remote_id.partition(",")[0])
    shares = [_count(status, "reblogs_count"), _count(status, "quotes_count")]
    return Numbers(
        reactions=_count(status, "favourites_count"),
        comments=_count(status, "replies_count"),
        shares=None if shares[0] is None else sum(filter(None, shares)),
    )


def _ourselves(api: Api, account: Account, journal: Journal) -> str:
    """The id of the token's account, which has to be the channel's."""
    me = journal.once("account", api.me, good_for=SURE_FOR)
    if account.identity and account.identity != me["id"]:
        raise Refused(
            _("These credentials belong to %(handle)s, not to this channel's account. Nothing was published."),
            code="wrong_account",
            params={"handle": str(me["handle"])},
        )
    return str(me["id"])


def _require_taken(api: Api, check: Check, journal: Journal) -> None:
    """Hold the content against what the server says today: it may take less than when it was written."""
    allows = journal.once("allows", api.allows, good_for=SURE_FOR)
    for problem in check(allows).problems:
        if problem.level == "error":
            raise Refused(problem.template, code=problem.code, params=problem.params)


@dataclass(frozen=True, slots=True)
class _Work:
    """What publishing and finding have in common: the connection, who we are, what goes out, and how far it is."""

    api: Api
    me: str
    posts: list[Post]
    keys: Keys
    journal: Journal

    def body(self, post: Post, media: list[str]) -> dict[str, Any]:
        """The status as the server takes it."""
        body: dict[str, Any] = {"status": post.text, **post.options}
        if media:
            body["media_ids"] = media
        if post.answers:
            body["in_reply_to_id"] = self.id_of(post.answers)
        return body

    def was_tried(self, post: Post) -> bool:
        """Whether a status with these media was sent before, and was not refused; from now on it was."""
        step = f"tried:{post.step}"
        before = self.journal.given(step) is not None
        if post.media and not before:
            self.journal.once(step, dict)
        return before

    def was_refused(self, post: Post) -> None:
        """It is not there: the server has said so."""
        self.journal.forget(f"tried:{post.step}")

    def key(self, post: Post) -> str:
        """What is the same for all tries of this status, and for no other."""
        key = self.keys.get("key")
        if not isinstance(key, str) or not key:
            raise Refused(_("This publication has no valid key for Mastodon."), code="keys_not_valid")
        return f"{key}-{post.step}"

    def look(self, post: Post) -> Mapping[str, str] | None:
        """The status, if it is live."""
        since = clocks.since(self.keys.get("since"), self.journal)
        if since is None:
            raise Refused(_("This publication has no valid key for Mastodon."), code="keys_not_valid")
        return look(
            self.api,
            self.me,
            since=since,
            text=post.text,
            warning=post.warning,
            media=len(post.media),
            uploads=[str(given["id"]) for given in map(self.journal.given, steps_of(post)) if given],
            answers=self.id_of(post.answers),
            known=[self.id_of(one.step) for one in self.posts if one.step != post.step],
            is_another=self.journal.is_another,
        )

    def published(self) -> Published:
        """Where all of it is."""
        given = [self.journal.given(post.step) or {} for post in self.posts]
        return Published(
            remote_id=",".join(str(one.get("id") or "") for one in given),
            permalink=str(given[0].get("url") or ""),
            lacks=missed_lazily(sum(one.get("missed", 0) for one in given)),
        )

    def id_of(self, step: str) -> str:
        """The id of the status of that step, empty where it is not out yet."""
        given = self.journal.given(step) if step else None
        return str(given["id"]) if given else ""


def _change(api: Api, known: str, status: Mapping[str, Any], post: Post) -> None:
    """Change one status. What is not said again would be gone: media, warning, language."""
    options = {name: value for name, value in post.options.items() if name != "visibility"}
    body = {"status": post.text, "spoiler_text": "", "media_ids": media_of(status), **options}
    if not options.get("language") and status.get("language"):
        body["language"] = str(status["language"])
    try:
        api.change(known, body)
    except NotHere as gone:  # it was there a moment ago
        sentence = _("This server can't change what is live. Correct it below, or delete it.")
        raise Refused(sentence, code="edit_not_here", said=gone.said) from None


def _is_there(api: Api, status: str) -> bool:
    try:
        return bool(api.status(status))
    except Gone:
        return False


def _count(status: Mapping[str, Any], name: str) -> int | None:
    found = status.get(name)
    return found if type(found) is int and found >= 0 else None
