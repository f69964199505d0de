"""Pinterest's API v5, call by call, and what its errors mean.

How an error becomes an outcome; what is not here goes by the table of `social.networks.wire`. The body has a `code` of
Pinterest's own, of which no list is published: those below were seen in reports.

| what Pinterest says                          | outcome                                                        | source |
|----------------------------------------------|----------------------------------------------------------------|--------|
| 401                                          | CredentialsRefused                                             | [1]    |
| 403, code 29: trial access may not create    | Refused `trial_access`: the app has to be upgraded             | [2]    |
| 403 "not authorized … board"                 | Refused `board_not_ours`                                       | [5]    |
| other 403                                    | Refused `permission_missing`                                   | [1]    |
| any 4xx that speaks of "combat spam"         | Throttled for 20 minutes: it passes by itself                   | [5]    |
| 404                                          | `Gone`: no such board, pin or upload                           | [1]    |
| 400 "Something went wrong on our end"        | as a 5xx: Unknown where readers could see it, else NotSent     | [4]    |
| 409 and other 4xx                            | Refused                                                        | [1]    |
| 429                                          | Throttled; when to come back is in `X-RateLimit-Reset` (seconds), where it is said | [3] |

[1] https://developers.pinterest.com/docs/api/v5/ · [2] https://github.com/gitroomhq/postiz-app/issues/1084 ·
[3] https://developers.pinterest.com/docs/reference/rate-limits/ · [4] tried again by others, in their sources (2026) ·
[5] the words are quoted by others; with which status the block comes is not told
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, MediaItem, NetworkError, Refused, Throttled
from social.networks.wire import Answer, Wire, items, mapping, reset_header, text, word
from social.networks.wired import Wired, access_token, secrets_of

USUAL_SERVER = "https://api.pinterest.com"
READ_SECONDS = 15.0
WRITE_SECONDS = 60.0  # the pictures of a pin go with it
UPLOAD_SECONDS = 300.0
TOTAL_SECONDS = 115.0
_TRIAL = 29
_BLOCKED_FOR = dt.timedelta(minutes=20)
_NOT_OUR_BOARD = re.compile(r"not (authorized|permitted|allowed)\b.{0,40}\bboard", re.IGNORECASE)


class Gone(Refused):
    """Pinterest has no such thing, or not any more."""


class Api(Wired):
    """One account's connection to Pinterest for one piece of work of at most `total` seconds; used by one thread."""

    def __init__(self, account: Account, *, total: float = TOTAL_SECONDS) -> None:
        self._token = access_token("Pinterest", account)
        reset = reset_header("x-ratelimit-reset")
        self._wire = Wire(
            "Pinterest", account.server or USUAL_SERVER, secrets=secrets_of(account), total=total, reset=reset
        )

    def me(self) -> Mapping[str, str]:
        """Who the token belongs to: `id`, `username`, `name`."""
        answer = self._call("GET", "/v5/user_account")
        username = text(answer, "username")
        name = answer.get("business_name")
        return {"id": word(answer, "id"), "username": username, "name": str(name or username)[:200]}

    def boards(self) -> Iterator[Mapping[str, Any]]:
        """The account's boards, those that it shares with others too."""
        return self._all("/v5/boards", pages=40)

    def pins_on(self, board: str, *, pages: int) -> Iterator[Mapping[str, Any]]:
        """The board's pins; after so many pages of 250, the last thing given is empty: there are more."""
        return self._all(f"/v5/boards/{board}/pins", pages=pages)

    def pin(self, pin: str, *, metrics: bool = False) -> Answer:
        """One pin."""
        return self._call("GET", f"/v5/pins/{pin}", params={"pin_metrics": "true" if metrics else None})

    def create(self, body: Mapping[str, Any]) -> str:
        """Publish, and return the pin's id: the one call that readers see."""
        return word(self._call("POST", "/v5/pins", seconds=WRITE_SECONDS, visible=True, json=body), "id")

    def change(self, pin: str, body: Mapping[str, Any]) -> None:
        """Change a pin's words, its link or its board."""
        word(self._call("PATCH", f"/v5/pins/{pin}", visible=True, json=body), "id")

    def delete(self, pin: str) -> None:
        """Take the pin down; what is not there any more is no error."""
        try:
            answer = self._call("DELETE", f"/v5/pins/{pin}", visible=True)
        except Gone:
            return
        if answer.content:
            mapping(answer)

    def upload(self, item: MediaItem) -> str:
        """Register a video and send it to where Pinterest says; return its id."""
        answer = self._call("POST", "/v5/media", json={"media_type": "video"})
        media, where = word(answer, "media_id"), text(answer, "upload_url")
        parameters = {str(name): str(value) for name, value in mapping(answer, "upload_parameters").items()}
        self._wire.hide(*parameters.values())
        with item.open() as stream:
            files = {"file": ("video", stream, item.mime)}
            sent = self._wire.call("POST", where, seconds=UPLOAD_SECONDS, data=parameters, files=files, judge=_meaning)
        if sent.content and "html" in sent.headers.get("content-type", ""):
            raise sent.unreadable("not from the store")
        return media

    def media(self, media: str) -> str:
        """How far Pinterest is with a video: `registered`, `processing`, `succeeded`, `failed`."""
        return text(self._call("GET", f"/v5/media/{media}"), "status")

    def _all(self, path: str, *, pages: int) -> Iterator[Mapping[str, Any]]:
        bookmark = ""
        for _page in range(pages):
            answer = self._call("GET", path, params={"page_size": 250, "bookmark": bookmark or None})
            yield from (found for found in items(answer, "items") if isinstance(found, dict) and found)
            bookmark = str(answer.get("bookmark") or "")
            if not bookmark:
                return
        yield {}

    def _call(self, method: str, path: str, *, seconds: float = READ_SECONDS, **how: Any) -> Answer:
        return self._wire.call(method, path, seconds=seconds, token=self._token, judge=_meaning, **how)


def created_at(pin: Mapping[str, Any]) -> dt.datetime | None:
    """When the pin came, in UTC, which Pinterest leaves unsaid; None where it does not say."""
    try:
        found = dt.datetime.fromisoformat(str(pin.get("created_at")))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _meaning(answer: Answer) -> NetworkError | None:
    if answer.status == httpx.codes.NOT_FOUND:
        return Gone(_("Pinterest has no such pin or board any more."), code="gone")
    if answer.status == httpx.codes.BAD_REQUEST and "went wrong on our end" in answer.said.lower():
        return answer.unreadable("trouble at Pinterest")  # others see it pass
    if httpx.codes.is_client_error(answer.status) and "combat spam" in answer.said.lower():
        return Throttled(
            _("Pinterest takes no pins of this account for a while: to keep out spam, as it says."),
            code="spam_block",
            retry_at=dt.datetime.now(dt.UTC) + _BLOCKED_FOR,
        )
    return _forbidden(answer) if answer.status == httpx.codes.FORBIDDEN else None


def _forbidden(answer: Answer) -> NetworkError:
    if _NOT_OUR_BOARD.search(answer.said):
        return Refused(_("Pinterest does not let this account pin to that board."), code="board_not_ours")
    if answer.get("code") == _TRIAL:
        return Refused(
            _(
                "Pinterest has let this installation in on trial only: it can't publish yet. Who runs Filo has to ask for more."
            ),
            code="trial_access",
        )
    return Refused(
        _("Pinterest says that a permission is missing. Connect the channel again and allow everything that is asked."),
        code="permission_missing",
    )
