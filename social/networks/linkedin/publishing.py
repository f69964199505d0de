"""Publishing on LinkedIn, step by step.

Longest times of a step: asking who we are 30 s, a picture 75 s, a video with its subtitles 300 s in all (its pieces'
addresses are secrets and not written down, so that it is sent as a whole), asking how far it is 15 s, the post 30 s, its
comment 30 s.
"""

import datetime as dt
import unicodedata
from collections.abc import Mapping
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
    NetworkError,
    NotReady,
    NotSent,
    Numbers,
    Published,
    Refused,
    Signed,
    Unknown,
)
from social.networks.linkedin.api import Api, Duplicate, Forbidden, Gone
from social.networks.linkedin.little import little, shown
from social.networks.outcomes import wordless
from social.networks.subtitles import Language, language_of

SURE_FOR = dt.timedelta(hours=1)  # that the token may speak for the author
KEPT_FOR = dt.timedelta(hours=12)  # what is uploaded; LinkedIn does not say for how long
LOOK_AGAIN = dt.timedelta(seconds=5)
VIDEO_SECONDS = 300.0
MAX_ALT = 4_086
_PAGES = 3
_MOST_ORGANIZATIONS = 50
_CUT_AFTER = 10  # so many letters of ours and no more: it may be ours, cut
_SPEAKS = frozenset({"ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"})


def publish(account: Account, content: Content, out: str, keys: Keys, journal: Journal) -> Published:
    """Publish once, or go on; see `Network.publish`. `out` is the text with its link."""
    with Api(account, total=VIDEO_SECONDS + 100) as api:
        work = _Work(api, _author(api, account, journal), out, content.comment, keys, journal)
        if journal.given("publish") is None:
            body = _body(
                work.author,
                content,
                out,
                [_uploaded(api, work.author, item, journal, language_of(content)) for item in content.media],
            )
            work.send("publish", lambda: api.create(body), work.look_for_post)
        if content.comment and journal.given("comment") is None:
            work.send("comment", work.comment, work.look_for_comment)
        return work.published()


def find(account: Account, content: Content, out: str, keys: Keys, journal: Journal) -> Published | None:
    """Look for what is in flight; see `Network.find`."""
    step = journal.in_flight() or "publish"
    with Api(account) as api:
        try:
            work = _Work(api, _author(api, account, journal), out, content.comment, keys, journal)
            found = work.look_for_comment() if step == "comment" else work.look_for_post()
        except Forbidden as forbidden:
            raise CannotTell(
                _("LinkedIn does not let us read this account's posts, so it can't say whether this one is live."),
                code="cannot_read",
                said=forbidden.said,
            ) from None
        if found is None:
            return None
        journal.sent(step, {"id": found})
        return None if content.comment and journal.given("comment") is None else work.published()


def identity(account: Account) -> Identity:
    """Ask who the token speaks for: the organisation that is named, else its person."""
    with Api(account) as api:
        found = _asked(api, account)
        allows = {} if found["urn"].startswith("urn:li:organization:") else {"person": True}
        return Identity(found["urn"], found.get("handle") or found["name"], found["name"], allows)


def edit(account: Account, live: Published, out: str) -> Published:
    """Give the post other words."""
    with Api(account) as api:
        api.change(live.remote_id, little(out))
        return live


def delete(account: Account, live: Published) -> None:
    """Take the post down, and its comments with it."""
    with Api(account) as api:
        api.delete(live.remote_id)


def read_back(account: Account, live: Published) -> Published | None:
    """Where it is; None where it is gone."""
    with Api(account) as api:
        try:
            api.post(live.remote_id)
        except Gone:
            return None
        except Forbidden as forbidden:
            sentence = _("LinkedIn does not let us read this account's posts.")
            raise CannotTell(sentence, code="cannot_read", said=forbidden.said) from None
        return published(live.remote_id)


def numbers(account: Account, live: Published) -> Numbers:
    """What LinkedIn counts of an organisation's post. Of a person's it tells nobody but chosen partners."""
    with Api(account) as api:
        author = _asked(api, account)["urn"]
        if not author.startswith("urn:li:organization:"):
            return Numbers()
        counts = api.statistics(author, live.remote_id)
    count = {name: value for name, value in counts.items() if type(value) is int and value >= 0}
    return Numbers(
        reach=count.get("uniqueImpressionsCount"),
        views=count.get("impressionCount"),
        reactions=count.get("likeCount"),
        comments=count.get("commentCount"),
        shares=count.get("shareCount"),
        clicks=count.get("clickCount"),
    )


def published(urn: str) -> Published:
    """Where the post is."""
    return Published(remote_id=urn, permalink=f"https://www.linkedin.com/feed/update/{urn}/")


@dataclass(frozen=True, slots=True)
class _Work:
    """What publishing and finding have in common."""

    api: Api
    author: str
    out: str
    words: str  # of the comment
    keys: Keys
    journal: Journal

    def send(self, step: str, create: Any, look: Any) -> None:
        """Send, and write down what came of it. What LinkedIn has already may be ours, of a try that had no answer."""
        again = self.journal.given(f"tried:{step}") is not None
        self.journal.once(f"tried:{step}", dict)
        self.journal.sending(step)
        try:
            given = create()
        except Duplicate as duplicate:
            if not again:
                raise
            try:
                given = look()
            except NetworkError as error:
                sentence = _("LinkedIn has this text already, and could not say whether it is this post.")
                raise Unknown(sentence, code="duplicate_unclear", said=error.said) from error
            if given is None:
                raise duplicate from None
        self.journal.sent(step, {"id": given})

    def comment(self) -> str:
        """Write the first comment."""
        self.api.comment(self.post(), self.author, self.words)
        return "comment"

    def look_for_post(self) -> str | None:
        """The URN of the author's post with these words since the first try; None where there surely is none."""
        since = clocks.since(self.keys.get("since"), self.journal)
        if since is None:
            raise Refused(_("This publication has no valid time for LinkedIn."), code="keys_not_valid")
        near, more = False, True
        for page in range(_PAGES):
            posts = self.api.posts_of(self.author, page * 100)
            for post in posts:
                if _created(post) is not None and _created(post) < since:  # type: ignore[operator]
                    more = False
                    continue
                theirs = _plain(shown(str(post.get("commentary") or "")))
                known = str(post.get("id") or "")
                if not _alike(theirs, _plain(self.out)) or self.journal.is_another(known):
                    continue
                if not _plain(self.out):
                    raise wordless("LinkedIn")  # somebody may have put one there by hand
                if theirs == _plain(self.out) and known:
                    return known
                near = True
            more = more and bool(posts)
            if not more:
                break
        if near or more:
            raise _cannot_tell()
        return None

    def look_for_comment(self) -> str | None:
        """Whether the author has commented in these words."""
        for comment in self.api.comments(self.post()):
            message = comment.get("message")
            theirs = _plain(str(message.get("text") or "") if isinstance(message, dict) else "")
            if comment.get("actor") == self.author and theirs == _plain(self.words):
                return "comment"
        return None

    def post(self) -> str:
        """The URN of the post itself, once it is out."""
        given = self.journal.given("publish")
        return str(given["id"]) if given else ""

    def published(self) -> Published:
        """Where it is."""
        return published(self.post())


def _author(api: Api, account: Account, journal: Journal) -> str:
    """For whom the token speaks, which has to be the channel's account."""
    found = journal.once("account", lambda: _asked(api, account), good_for=SURE_FOR)
    if account.identity and account.identity != found["urn"]:
        raise Refused(
            _("These credentials belong to %(handle)s, not to this channel's account. Nothing was published."),
            code="wrong_account",
            params={"handle": str(found["name"])},
        )
    return str(found["urn"])


def _asked(api: Api, account: Account) -> Mapping[str, str]:
    """The organisation that the credentials name, if the token may speak for it; else the token's person."""
    named = str(account.credentials.get("organization") or "").strip()
    if not named:
        return api.person()
    urn = named if named.startswith("urn:li:organization:") else f"urn:li:organization:{named}"
    mine = {str(role.get("organization")) for role in api.roles() if role.get("role") in _SPEAKS}
    if urn not in mine or not urn.rpartition(":")[2].isdigit():
        raise Refused(
            _("The person who connected this channel may not publish for that organisation on LinkedIn."),
            code="organization_not_ours",
        )
    return api.organization(urn)


def organizations(account: Account) -> tuple[Signed, ...]:
    """See `LinkedIn.signed_in`. Asks for the name of each, so for no more than `_MOST_ORGANIZATIONS`."""
    found: list[Signed] = []
    with Api(account) as api:
        urns = [str(role.get("organization")) for role in api.roles() if role.get("role") in _SPEAKS]
        for urn in list(dict.fromkeys(urns))[:_MOST_ORGANIZATIONS]:
            number = urn.removeprefix("urn:li:organization:")
            if number.isdigit():
                named = api.organization(urn)
                identity = Identity(id=urn, handle=named["handle"], name=named["name"])
                found.append(Signed(identity, {**account.credentials, "organization": number}))
    return tuple(found)


def _uploaded(api: Api, owner: str, item: MediaItem, journal: Journal, language: Language | None) -> str:
    """The URN of the picture or video at LinkedIn, sent once and ready; a video with its subtitles, if we know their language."""
    step = f"media:{item.sha256}"

    def send() -> Mapping[str, Any]:
        return {"urn": api.upload_video(owner, item, language) if item.is_video else api.upload_picture(owner, item)}

    urn = str(journal.once(step, send, good_for=KEPT_FOR)["urn"])
    try:
        journal.once(f"ready:{urn}", lambda: _ready(api, urn), good_for=KEPT_FOR)
    except Gone as gone:
        journal.forget(step)
        sentence = _("LinkedIn does not have the picture or video any more that it was sent. It is sent again.")
        raise NotSent(sentence, code="media_gone", said=gone.said) from None
    except Refused as refused:
        if refused.code == "media_failed":
            journal.forget(step)
        raise
    return urn


def _ready(api: Api, urn: str) -> Mapping[str, Any]:
    state = api.state(urn)
    if state == "AVAILABLE":
        return {}
    if state == "PROCESSING_FAILED":
        raise Refused(
            _(
                "LinkedIn could not use this picture or video. It may be damaged, or of a kind that LinkedIn does not know."
            ),
            code="media_failed",
        )
    raise _working()


def _working() -> NotReady:
    sentence = _("LinkedIn is still working on the picture or video.")
    return NotReady(sentence, code="media_working", retry_at=dt.datetime.now(dt.UTC) + LOOK_AGAIN)


def _body(author: str, content: Content, out: str, media: list[str]) -> dict[str, Any]:
    """The post as LinkedIn takes it."""
    body: dict[str, Any] = {
        "author": author,
        "commentary": little(out),
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    shows = [{"id": urn, **_described(item)} for urn, item in zip(media, content.media, strict=True)]
    if len(shows) == 1:
        body["content"] = {"media": shows[0]}
    elif shows:
        body["content"] = {"multiImage": {"images": shows}}
    elif content.link:
        title = str(content.fields.get("link_title") or "") or content.link.partition("://")[2].partition("/")[0]
        body["content"] = {"article": {"source": content.link, "title": title}}
    return body


def _described(item: MediaItem) -> dict[str, str]:
    return {"altText": item.alt_text} if item.alt_text.strip() and not item.is_video else {}


def _created(post: Mapping[str, Any]) -> dt.datetime | None:
    """When the post was made; LinkedIn counts milliseconds since 1970."""
    found = post.get("createdAt") or post.get("publishedAt")
    try:
        return dt.datetime.fromtimestamp(found / 1000, dt.UTC) if isinstance(found, int) else None
    except (ValueError, OverflowError, OSError):
        return None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _alike(theirs: str, ours: str) -> bool:
    """Whether it may be ours all the same: the same letters, or the beginning of them, as where the text was cut."""
    theirs, ours = ("".join(filter(str.isalnum, one)) for one in (theirs, ours))
    return theirs == ours or (len(theirs) >= _CUT_AFTER and ours.startswith(theirs))


def _cannot_tell() -> CannotTell:
    sentence = _("LinkedIn shows a post that is nearly the same, or too many to look through.")
    return CannotTell(sentence, code="cannot_tell")
