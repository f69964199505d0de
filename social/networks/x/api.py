"""X's API v2, call by call, and what its errors mean.

How an error becomes an outcome; what is not here goes by the table of `social.networks.wire`.

| what X says                                             | outcome                       | source |
|---------------------------------------------------------|-------------------------------|--------|
| 401                                                     | CredentialsRefused            | [1]    |
| 402, `problems/credits`                                 | Unpaid `credits_used_up`: nothing is taken until credits are bought | [1] [2] |
| 429 `usage-capped`                                      | Unpaid `credits_used_up`: the month's cap, whatever the limits' headers say | [6] |
| 403 "duplicate content"                                 | `Duplicate`, which is looked into: it may be our own | [3] |
| 403 "suspended", "locked"                               | Refused `account_not_active`  | [4]    |
| 403 `client-forbidden`, `oauth1-permissions`            | Refused `app_refused`: who runs Filo has to look at the app | [1] |
| 403 `unsupported-authentication`                        | CredentialsRefused: a token that X does not know, or does not know just now | [7] |
| 403 "not permitted to perform this action"              | Refused `no_reason`: X says the same of many things | [1] |
| other 403                                               | Refused                       | [1]    |
| 404                                                     | `Gone`                        | [1]    |
| 400 "Your media IDs are invalid", 404 of an upload      | NotSent `media_gone`: it is sent again (`uploading`) | [1] |
| 429                                                     | Throttled, until the limit that is used up begins anew: `x-user-limit-24hour-reset`, `x-app-limit-24hour-reset`, `x-rate-limit-reset` | [5] |
| 200 with `errors`, `resource-not-found`                 | there is no such post         | [1]    |
| 200 with `errors`, `not-authorized-for-field`           | the post without that         | [1]    |
| 200 with other `errors`                                 | NotSent: nobody knows whether it is there | [1] |
| 503                                                     | as any 5xx: Unknown where readers could see it | [1] |

[1] https://docs.x.com/x-api/fundamentals/response-codes-and-errors ·
[2] https://docs.x.com/x-api/getting-started/pricing ("requests are blocked until credits cover it") ·
[3] body seen in https://github.com/akrherz/iembot/issues/163 (2026-02) · [4] codes 64 and 326 of the old API, said in
words by the new one: seen in reports, in no document · [5] https://docs.x.com/x-api/fundamentals/rate-limits ·
[6] the body in https://github.com/xdevplatform/xdk/issues/25 (2026-02) ·
[7] https://github.com/10up/autoshare-for-twitter/issues/387 (2025-10: "Authenticating with Unknown", of one post in fifteen)
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks import metering
from social.networks.base import Account, NetworkError, Refused, Unpaid
from social.networks.throttling import moment
from social.networks.wire import Answer, Wire, items, mapping, word
from social.networks.wired import Wired, access_token, credentials_refused, secrets_of
from social.networks.x import DELETE_DOLLARS, READ_DOLLARS

USUAL_SERVER = "https://api.x.com"
READ_SECONDS = 15.0
WRITE_SECONDS = 20.0
CHUNK_SECONDS = 60.0
TOTAL_SECONDS = 115.0
MAX_ID = 19
PAID_AGAIN = dt.timedelta(minutes=10)  # after which it is tried whether somebody has paid
NOT_THERE, NOT_THIS_FIELD = "resource-not-found", "not-authorized-for-field"  # the ends of `type` in `errors`
_POST_FIELDS = "conversation_id,created_at,entities,note_post,attachments,edit_controls"
_NOT_ACTIVE = re.compile(r"\b(?:suspended|locked)\b")  # "blocked" is said of one post
_LIMITS = ("x-user-limit-24hour", "x-app-limit-24hour", "x-rate-limit")


class Duplicate(Refused):
    """X has this text of this account already."""


class Gone(Refused):
    """X has no such post, or not any more."""


class Api(Wired):
    """One account's connection to X for one piece of work of at most `total` seconds; used by one thread."""

    def __init__(self, account: Account, *, total: float = TOTAL_SECONDS) -> None:
        self._token = access_token("X", account)
        self._wire = Wire("X", account.server or USUAL_SERVER, secrets=secrets_of(account), total=total, reset=_reset)

    def me(self) -> Mapping[str, str]:
        """Who the token belongs to: `id`, `username`, `name`."""
        answer = self._call("GET", "/2/users/me", seconds=READ_SECONDS)
        return {name: word(answer, "data", name) for name in ("id", "username", "name")}

    def create(self, body: Mapping[str, Any]) -> str:
        """Publish, and return the post's id: the one call that readers see."""
        return _id(self._call("POST", "/2/tweets", seconds=WRITE_SECONDS, visible=True, json=body), "data", "id")

    def delete(self, post: str) -> None:
        """Take the post down; what is not there any more is no error."""
        try:
            answer = self._call("DELETE", f"/2/tweets/{post}", seconds=WRITE_SECONDS, visible=True)
        except Gone:
            return
        if answer.get("data", "deleted") is not True:
            raise answer.unreadable("not deleted")
        metering.charge("deleting", DELETE_DOLLARS)

    def posts_of(self, user: str, since: dt.datetime, page: str = "") -> tuple[list[dict[str, Any]], str]:
        """The account's posts since then, the newest first, and the word that asks for more; empty where that is all."""
        params = {
            "max_results": 100,
            "start_time": since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "exclude": "retweets",
            "post.fields": _POST_FIELDS,
            "pagination_token": page or None,
        }
        answer = self._call("GET", f"/2/users/{user}/tweets", seconds=READ_SECONDS, params=params)
        if answer.get("data") is None:  # an account without posts has none of this
            mapping(answer, "meta")
            return [], ""
        found = [post for post in items(answer, "data") if isinstance(post, dict)]
        metering.charge("reading", READ_DOLLARS * len(found))
        return found, str(answer.get("meta", "next_token") or "")

    def posts(self, ids: Sequence[str], fields: str = _POST_FIELDS) -> dict[str, dict[str, Any]]:
        """These posts by their ids; what is not there any more is missing.

        Raises `NotSent` where X won't show one for another reason, such as an account that is locked or suspended: then
        nobody knows whether it is there.
        """
        params = {"ids": ",".join(ids), "post.fields": fields}
        answer = self._call("GET", "/2/tweets", seconds=READ_SECONDS, params=params)
        wrong = items(answer, "errors") if answer.get("data") is None or answer.get("errors") else []
        kinds = {str(error.get("type")).rpartition("/")[2] for error in wrong if isinstance(error, dict)}
        if not wrong:
            found = items(answer, "data")
        elif kinds <= {NOT_THERE, NOT_THIS_FIELD}:
            found = answer.get("data") or []
        else:
            raise answer.unreadable(", ".join(sorted(kinds)))
        posts = [post for post in found if isinstance(post, dict)]
        metering.charge("reading", READ_DOLLARS * len(posts))
        return {known: post for post in posts for known in history(post) if known in ids}

    def initialize(self, *, mime: str, size: int, category: str) -> str:
        """Begin an upload, and return its id."""
        body = {"media_type": mime, "total_bytes": size, "media_category": category}
        return _id(self._call("POST", "/2/media/upload/initialize", seconds=READ_SECONDS, json=body), "data", "id")

    def append(self, upload: str, number: int, piece: bytes) -> None:
        """Send one piece, counted from 0."""
        answer = self._call(
            "POST",
            f"/2/media/upload/{upload}/append",
            seconds=CHUNK_SECONDS,
            data={"segment_index": str(number)},
            files={"media": ("piece", piece, "application/octet-stream")},
        )
        if answer.content:  # the older documents know none
            mapping(answer)

    def finalize(self, upload: str) -> Answer:
        """Say that all pieces are there."""
        answer = self._call("POST", f"/2/media/upload/{upload}/finalize", seconds=CHUNK_SECONDS)
        mapping(answer, "data")
        return answer

    def status(self, upload: str) -> Answer:
        """Ask how far X is with what was uploaded."""
        params = {"media_id": upload, "command": "STATUS"}
        answer = self._call("GET", "/2/media/upload", seconds=READ_SECONDS, params=params)
        mapping(answer, "data")
        return answer

    def describe(self, upload: str, alt_text: str) -> None:
        """Say what a picture shows, for people who can't see it."""
        body = {"id": upload, "metadata": {"alt_text": {"text": alt_text}}}
        mapping(self._call("POST", "/2/media/metadata", seconds=READ_SECONDS, json=body))

    def subtitle(self, video: str, subtitles: str, code: str, name: str) -> None:
        """Give a video subtitles that were uploaded, in the language of that code; the same twice is once."""
        body = {
            "id": video,
            "media_category": "TweetVideo",
            "subtitles": {"id": subtitles, "language_code": code.upper(), "display_name": name},
        }
        mapping(self._call("POST", "/2/media/subtitles", seconds=READ_SECONDS, json=body))

    def _call(self, method: str, path: str, **how: Any) -> Answer:
        return self._wire.call(method, path, token=self._token, judge=_meaning, **how)


def history(post: Mapping[str, Any]) -> list[str]:
    """All ids that a post has had, the first first: each edit gives it a new one."""
    found = post.get("edit_history_post_ids") or post.get("edit_history_tweet_ids") or []
    ids = [str(known) for known in found] if isinstance(found, list) else []
    return ids if str(post.get("id")) in ids else [*ids, str(post.get("id"))]


def _id(answer: Answer, *path: str) -> str:
    found = word(answer, *path)
    if not (found.isascii() and found.isdigit() and len(found) <= MAX_ID):
        raise answer.unreadable("no id")
    return found


def _meaning(answer: Answer) -> NetworkError | None:
    if answer.status == httpx.codes.PAYMENT_REQUIRED:
        return _unpaid(
            _("X takes nothing more of this installation until credits are bought in its Developer Console.")
        )
    if answer.status == httpx.codes.TOO_MANY_REQUESTS and _kind(answer) == "usage-capped":
        return _unpaid(_("X takes nothing more of this installation until its cap is raised in X's Developer Console."))
    if answer.status == httpx.codes.NOT_FOUND:
        return Gone(_("X has no such post any more."), code="gone")
    if answer.status != httpx.codes.FORBIDDEN:
        return None
    if _kind(answer) == "unsupported-authentication":
        return credentials_refused("X")
    return _forbidden(answer.said.lower())


def _kind(answer: Answer) -> str:
    """The end of `type`, by which X tells its problems."""
    return str(answer.get("type") or "").rpartition("/")[2]


def _unpaid(sentence: Any) -> Unpaid:
    return Unpaid(sentence, code="credits_used_up", retry_at=dt.datetime.now(dt.UTC) + PAID_AGAIN)


def _forbidden(said: str) -> NetworkError | None:
    if "duplicate content" in said:
        sentence = _("X does not take the same text twice within a short time. Change it a little.")
        return Duplicate(sentence, code="duplicate")
    if _NOT_ACTIVE.search(said):
        sentence = _("X has closed, suspended or locked this account. Nothing was published.")
        return Refused(sentence, code="account_not_active")
    if "client-forbidden" in said or "oauth1-permissions" in said:
        sentence = _("X does not accept this installation's registration. Who runs Filo has to look at it.")
        return Refused(sentence, code="app_refused")
    if "not permitted to perform this action" in said:
        sentence = _(
            "X did not permit this post, and does not say why. It may be a mention, a cashtag, who may be answered, or the "
            "account itself. Nothing was published."
        )
        return Refused(sentence, code="no_reason")
    return None


def _reset(headers: httpx.Headers) -> dt.datetime | None:
    """When the limit that is used up begins anew; where several are, the last of them."""
    used = [moment(headers.get(f"{limit}-reset", "")) for limit in _LIMITS if headers.get(f"{limit}-remaining") == "0"]
    known = [at for at in used if at]
    return max(known) if known else moment(headers.get("x-rate-limit-reset", ""))
