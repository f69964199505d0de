"""Mastodon's REST API, call by call, and what its errors mean.

How an error becomes an outcome; what is not here goes by the table of `social.networks.wire`.

| what the server says                     | outcome                                                             | source  |
|------------------------------------------|---------------------------------------------------------------------|---------|
| 401                                      | CredentialsRefused: the token was taken back, or is no token; Friendica says so by a page until May 2026 | [1] [5] |
| 403 to who we are                        | CredentialsRefused `permission_missing`: so Pleroma and Akkoma say it | [6]   |
| 403                                      | Refused `permission_missing`: outside the token's scopes, or the account is suspended | [2] |
| 404, 410                                 | `Gone`: no such status, media or, on other servers, no such call    | [1] [3] |
| 405, 501                                 | `NotHere`: the server does not have this call; where it may be too old for one, its pages say so, too | RFC 9110 |
| 422                                      | Refused `not_taken`, with the server's words: too long, not processable; about media see `attaching` | [1] [3] |
| 429                                      | Throttled, until `X-RateLimit-Reset`                                | [4]     |
| 202 on an upload, 206 on asking for it   | the server is still working on it                                   | [3]     |

[1] https://docs.joinmastodon.org/methods/statuses/ · [2] https://docs.joinmastodon.org/api/oauth-scopes/ ·
[3] https://docs.joinmastodon.org/methods/media/ · [4] https://docs.joinmastodon.org/api/rate-limits/ (all 2026-11-29) ·
[5] https://github.com/friendica/friendica/issues/14840, https://github.com/friendica/friendica/issues/11738 ·
[6] `EnsureAuthenticatedPlug` of Pleroma
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, MediaItem, NetworkError, Refused
from social.networks.mastodon.terms import heard
from social.networks.wire import Answer, Wire, items, mapping, reset_header, text, word
from social.networks.wired import Wired, access_token, secrets_of

READ_SECONDS = 15.0
WRITE_SECONDS = 30.0
PICTURE_SECONDS = 60.0
VIDEO_SECONDS = 300.0
TOTAL_SECONDS = 115.0
MAX_ID = 26  # GoToSocial's are ULIDs; Mastodon's have 18 digits
MAX_URL = 1_000
PAGE = 40  # Mastodon's own limit
_GONE, _NO_CALL = frozenset({404, 410}), frozenset({405, 501})
_NO_SUCH_TOKEN = re.compile(rb"<title>\s*Unauthorized\s*</title>", re.IGNORECASE)


class NotHere(Refused):
    """The server has no such call: nothing is told of any status."""


class Gone(NotHere):
    """The server has no such status or media, or no such call."""


class Api(Wired):
    """One account's connection to its server for one piece of work of at most `total` seconds; used by one thread."""

    def __init__(self, account: Account, *, total: float = TOTAL_SECONDS) -> None:
        self._token = access_token("Mastodon", account)
        if not account.server:
            sentence = _("This channel says nothing of its server. Enter the server's address.")
            raise Refused(sentence, code="server_missing")
        reset = reset_header("x-ratelimit-reset")
        self._wire = Wire("Mastodon", account.server, secrets=secrets_of(account), total=total, reset=reset)

    def me(self) -> Mapping[str, str]:
        """Who the token belongs to: `id`, `handle`, `name`."""
        try:
            answer = self._call("GET", "/api/v1/accounts/verify_credentials")
        except Refused as refused:
            if refused.code != "permission_missing":
                raise
            raise CredentialsRefused(refused.template, code=refused.code, said=refused.said) from None
        handle = text(answer, "username")
        return {"id": _id(answer), "handle": handle, "name": str(answer.get("display_name") or handle)[:200]}

    def allows(self) -> dict[str, Any]:
        """What the server says of itself, as `terms.heard` writes it down; empty where it says nothing."""
        for path in ("/api/v2/instance", "/api/v1/instance"):
            try:
                answer = self._call("GET", path, theirs=_no_such_call)
            except NotHere:
                continue
            mapping(answer)
            return heard(answer)
        return {}

    def create(self, body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Publish: the one call that readers see. `key` holds for an hour.

        Returns the status's `id` and `url`, and how many of the `media_ids` were `missed`, where some were.
        """
        answer = self._call(
            "POST",
            "/api/v1/statuses",
            seconds=WRITE_SECONDS,
            visible=True,
            json=body,
            headers={"Idempotency-Key": key},
        )
        given = {"id": _id(answer), "url": _url(answer)}
        shown = answer.get("media_attachments")
        missed = len(body.get("media_ids", ())) - len(shown) if isinstance(shown, list) else 0
        return {**given, "missed": missed} if missed > 0 else given

    def change(self, status: str, body: Mapping[str, Any]) -> None:
        """Give the status this content."""
        answer = self._call("PUT", _of(status), seconds=WRITE_SECONDS, visible=True, json=body)
        if _id(answer) != status:
            raise answer.unreadable("another status")

    def delete(self, status: str) -> None:
        """Take the status down; what is not there any more is no error."""
        try:
            mapping(self._call("DELETE", _of(status), seconds=WRITE_SECONDS, visible=True))
        except Gone:
            return

    def status(self, status: str) -> dict[str, Any]:
        """One status, as its author sees it."""
        answer = self._call("GET", _of(status))
        if _id(answer) != status:
            raise answer.unreadable("another status")
        return mapping(answer)

    def statuses_of(self, account: str, before: str = "") -> list[dict[str, Any]]:
        """A page of the account's own statuses, the newest first; older than the status `before`, where that is given."""
        params = {"limit": PAGE, "exclude_reblogs": "true", "max_id": before or None}
        answer = self._call("GET", f"/api/v1/accounts/{quote(account, safe='')}/statuses", params=params)
        return [found for found in items(answer) if isinstance(found, dict) and known_id(found)]

    def upload(self, item: MediaItem) -> Mapping[str, Any]:
        """Send a picture or video with its description; return its `id`, and whether the server is still `working` on it."""
        try:
            return self._upload("/api/v2/media", item, theirs=_no_such_call)
        except NotHere:  # before Mastodon 3.1.3, and elsewhere
            return self._upload("/api/v1/media", item)

    def is_ready(self, media: str) -> bool:
        """Whether the server has done its work on what was uploaded."""
        answer = self._call("GET", f"/api/v1/media/{quote(media, safe='')}")
        return answer.status != httpx.codes.PARTIAL_CONTENT and bool(mapping(answer))

    def _upload(self, path: str, item: MediaItem, **how: Any) -> Mapping[str, Any]:
        described = {"description": item.alt_text} if item.alt_text.strip() else {}
        name = f"media.{item.mime.partition('/')[2]}"
        with item.open() as stream:
            answer = self._call(
                "POST",
                path,
                seconds=VIDEO_SECONDS if item.is_video else PICTURE_SECONDS,
                data=described,
                files={"file": (name, stream, item.mime)},
                **how,
            )
        return {"id": _id(answer), "working": answer.status == httpx.codes.ACCEPTED}

    def _call(
        self,
        method: str,
        path: str,
        *,
        seconds: float = READ_SECONDS,
        theirs: Callable[[Answer], bool] | None = None,
        **how: Any,
    ) -> Answer:
        own = theirs or _no_such_token
        return self._wire.call(method, path, seconds=seconds, token=self._token, judge=_meaning, theirs=own, **how)


def known_id(given: Mapping[str, Any]) -> str:
    """The id of what the server gave, empty where it has none that can be one."""
    found = str(given.get("id") or "")
    return found if found.isascii() and found.isalnum() and len(found) <= MAX_ID else ""


def is_url(url: Any) -> bool:
    """Whether it can be the address of a status."""
    return isinstance(url, str) and url.startswith(("https://", "http://")) and len(url) <= MAX_URL


def _of(status: str) -> str:
    return f"/api/v1/statuses/{quote(status, safe='')}"


def _id(answer: Answer) -> str:
    found = word(answer, "id")
    if not known_id({"id": found}):
        raise answer.unreadable("no id")
    return found


def _url(answer: Answer) -> str:
    """Where readers see it; a few servers say nothing there but `uri`."""
    found = next((url for url in (answer.get("url"), answer.get("uri")) if is_url(url)), "")
    if not found:
        raise answer.unreadable("no url")
    return str(found)


def _no_such_token(answer: Answer) -> bool:
    return answer.status == httpx.codes.UNAUTHORIZED and bool(_NO_SUCH_TOKEN.search(answer.content))


def _no_such_call(answer: Answer) -> bool:
    return answer.status in _GONE | _NO_CALL


def _meaning(answer: Answer) -> NetworkError | None:
    if answer.status in _GONE:
        return Gone(_("This server has no such post any more."), code="gone")
    if answer.status in _NO_CALL:
        return NotHere(_("This server does not know that, or somebody between answers for it."), code="not_here")
    if answer.status == httpx.codes.FORBIDDEN:
        sentence = _(
            "The server says that this account may not do that. Look at the account there, or connect it again."
        )
        return Refused(sentence, code="permission_missing")
    if answer.status == httpx.codes.UNPROCESSABLE_ENTITY:
        return Refused(_("The server did not take this. Nothing was published."), code="not_taken")
    return None
