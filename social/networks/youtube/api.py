"""YouTube's Data API v3, call by call, and what its errors mean.

The `reason` of the first of `error.errors` decides; what is not here goes by the table of `social.networks.wire`.

| status, reason                                                            | outcome                                | source |
|---------------------------------------------------------------------------|----------------------------------------|--------|
| 401                                                                       | CredentialsRefused                     | [1]    |
| 403 `insufficientPermissions`, `ACCESS_TOKEN_SCOPE_INSUFFICIENT`          | CredentialsRefused `permission_missing`| [1]    |
| 403 `quotaExceeded`, `dailyLimitExceeded`                                 | Throttled until midnight in California | [1] [2]|
| 400, 403 `uploadLimitExceeded`                                            | Throttled for a day: the channel's own limit | [1] |
| 403, 429 `rateLimitExceeded`, `userRateLimitExceeded`, `RATE_LIMIT_EXCEEDED` | Throttled                           | [1]    |
| the same with "per day" in its message ("limit 'Video Uploads per day'")  | Throttled until midnight in California | [6]    |
| 403 `accessNotConfigured`, `SERVICE_DISABLED`, `unregisteredCallers`      | Refused `app_refused`: who runs Filo has to look | [1] |
| 401, 403 `youtubeSignupRequired`, `authenticatedUserAccountClosed`, `…Suspended`, `…NotChannel`, `channelClosed`, `channelSuspended` | Refused `account_not_active` | [1] |
| 403 on the cover                                                          | Refused `cover_refused`: the channel may not set covers | [3] |
| 404 of a video                                                            | `Gone`                                 | [1]    |
| 404, 410 of an upload                                                     | `Expired`: it begins anew              | [4]    |
| 308 of an upload                                                          | `Incomplete`: it goes on from there    | [4]    |
| 409 `captionExists`                                                       | it is there already, which is well     | [5]    |
| 400 `invalidTitle`, `invalidDescription`, `invalidTags`, `invalidCategoryId`, `invalidVideoMetadata` … | Refused   | [1]    |

[1] https://developers.google.com/youtube/v3/docs/errors ·
[2] https://developers.google.com/youtube/v3/determine_quota_cost ("reset at midnight Pacific Time") ·
[3] https://developers.google.com/youtube/v3/docs/thumbnails/set · [5] https://developers.google.com/youtube/v3/docs/captions/insert ·
[4] https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol ·
[6] the body in https://github.com/googleapis/google-api-python-client/issues/2753 (2026-05)
"""

import datetime as dt
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import IO, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, MediaItem, NetworkError, NotSent, Refused, Throttled
from social.networks.wire import Answer, Wire, items, mapping, text, word
from social.networks.wired import Wired, access_token, secrets_of

USUAL_SERVER = "https://www.googleapis.com"
READ_SECONDS = 15.0
WRITE_SECONDS = 30.0
PIECE_SECONDS = 300.0
UPLOAD_SECONDS = 60.0  # of a cover, of subtitles
TOTAL_SECONDS = 115.0
_OF_GOOGLE = ".googleapis.com"
_CALIFORNIA = ZoneInfo("America/Los_Angeles")
_RANGE = re.compile(r"bytes=0-([0-9]{1,15})")
_PAGE = 50


class Gone(Refused):
    """YouTube has no such video, or not any more."""


class Expired(NotSent):
    """The upload is over, and has to begin anew."""


class Incomplete(NotSent):
    """YouTube has `received` so many bytes of the upload, and waits for more."""

    received: int = 0


class Api(Wired):
    """One account's connection to YouTube for one piece of work of at most `total` seconds; used by one thread."""

    def __init__(self, account: Account, *, total: float = TOTAL_SECONDS) -> None:
        self._token = access_token("YouTube", account)
        server = account.server or USUAL_SERVER
        self._host = urlsplit(server).hostname or ""
        self._wire = Wire("YouTube", server, secrets=secrets_of(account), total=total)

    def me(self) -> Mapping[str, str]:
        """The channel of the token: `id`, `handle`, `title`, and `uploads`, the list of all that was ever sent there."""
        answer = self._call("GET", "channels", params={"part": "snippet,contentDetails", "mine": "true"})
        if answer.get("items") is None:  # which YouTube leaves out where there are none
            mapping(answer, "pageInfo")
            raise _no_channel()
        if not items(answer, "items"):
            raise _no_channel()
        title = text(answer, "items", 0, "snippet", "title")
        return {
            "id": word(answer, "items", 0, "id"),
            "handle": str(answer.get("items", 0, "snippet", "customUrl") or title),
            "title": title,
            "uploads": str(answer.get("items", 0, "contentDetails", "relatedPlaylists", "uploads") or ""),
        }

    def begin(self, body: Mapping[str, Any], item: MediaItem) -> str:
        """Begin an upload of this video, and return the address that its pieces go to."""
        answer = self._call(
            "POST",
            "videos",
            upload=True,
            seconds=WRITE_SECONDS,
            params={"uploadType": "resumable", "part": ",".join(body)},
            json=body,
            headers={"X-Upload-Content-Length": str(item.size), "X-Upload-Content-Type": item.mime},
        )
        where = str(answer.headers.get("location", ""))
        host = urlsplit(where).hostname or ""
        if not where.startswith("http") or not (host == self._host or host.endswith(_OF_GOOGLE)):
            raise answer.unreadable("no address to send to")
        return where

    def received(self, session: str, size: int) -> tuple[int, str]:
        """How many bytes of the upload have arrived, and the video's id once it is whole.

        Raises:
            Expired: YouTube does not know the upload any more.
        """
        return self._put(session, f"bytes */{size}", b"", None)

    def send(self, session: str, item: MediaItem, stream: IO[bytes], at: int, length: int) -> tuple[int, str]:
        """Send a piece, from where the stream stands; what has arrived, as `received` says it."""
        return self._put(session, f"bytes {at}-{at + length - 1}/{item.size}", stream, length)

    def video(self, video: str, parts: str) -> Mapping[str, Any] | None:
        """Parts of a video; None where there is none that this token may see."""
        answer = self._call("GET", "videos", params={"part": parts, "id": video})
        found = items(answer, "items")
        return found[0] if found and isinstance(found[0], dict) else None

    def uploads(self, playlist: str) -> Iterator[tuple[str, str, str]]:
        """The newest fifty of what was sent to the channel: id, title, and when (RFC 3339)."""
        params = {"part": "snippet", "playlistId": playlist, "maxResults": _PAGE}
        for place, _row in enumerate(items(answer := self._call("GET", "playlistItems", params=params), "items")):
            known, title, at = (
                str(answer.get("items", place, "snippet", *path) or "")
                for path in (("resourceId", "videoId"), ("title",), ("publishedAt",))
            )
            yield known, title, at

    def change(self, video: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Change these parts of a video, each as a whole, and return them as they are now: what readers see."""
        params = {"part": ",".join(body)}
        whole = {"id": video, **body}
        return mapping(
            self._call("PUT", "videos", seconds=WRITE_SECONDS, visible=True, params=params, json=whole),
        )

    def cover(self, video: str, item: MediaItem) -> None:
        """Set the picture that stands for the video."""
        with item.open() as stream:
            answer = self._call(
                "POST",
                "thumbnails/set",
                upload=True,
                seconds=UPLOAD_SECONDS,
                params={"videoId": video, "uploadType": "media"},
                content=stream,
                length=item.size,
                headers={"Content-Type": item.mime},
                meaning=_meaning_of_cover,
            )
        items(answer, "items")

    def caption(self, video: str, language: str, captions: str) -> None:
        """Give the video subtitles (SubRip), unless it has some in that language already."""
        snippet = {"videoId": video, "language": language, "name": "", "isDraft": False}
        kind, body = _related({"snippet": snippet}, captions.encode(), "application/x-subrip")
        with suppress(_Exists):
            answer = self._call(
                "POST",
                "captions",
                upload=True,
                seconds=UPLOAD_SECONDS,
                params={"part": "snippet", "uploadType": "multipart"},
                content=body,
                headers={"Content-Type": kind},
            )
            word(answer, "id")

    def delete(self, video: str) -> None:
        """Take the video down; what is not there any more is no error."""
        with suppress(Gone):
            answer = self._call("DELETE", "videos", seconds=WRITE_SECONDS, visible=True, params={"id": video})
            if answer.content:
                mapping(answer)

    def _put(self, session: str, piece: str, content: IO[bytes] | bytes, length: int | None) -> tuple[int, str]:
        """Speak to an upload's own address, which is a secret: who has it can send to it."""
        self._wire.hide(session, *urlsplit(session).query.split("&"))
        try:
            answer = self._wire.call(
                "PUT",
                session,
                seconds=PIECE_SECONDS if length else READ_SECONDS,
                token=self._token,
                headers={"Content-Range": piece},
                content=content,
                length=length,
                judge=_meaning_of_upload,
                theirs=_is_over,
            )
        except Incomplete as incomplete:
            return incomplete.received, ""
        return int(piece.rpartition("/")[2]), word(answer, "id")

    def _call(
        self,
        method: str,
        path: str,
        *,
        upload: bool = False,
        seconds: float = READ_SECONDS,
        meaning: Callable[[Answer], NetworkError | None] | None = None,
        **how: Any,
    ) -> Answer:
        path = f"{'/upload' if upload else ''}/youtube/v3/{path}"
        judge = meaning or _meaning
        return self._wire.call(method, path, seconds=seconds, token=self._token, judge=judge, **how)


class _Exists(Refused):
    """It has such subtitles already."""


def _related(described: Mapping[str, Any], data: bytes, mime: str) -> tuple[str, bytes]:
    """A body of two parts (RFC 2387), as Google takes a file with what is said of it; its kind, and itself."""
    edge = secrets.token_hex(16)
    head = f"--{edge}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{json.dumps(described)}\r\n"
    head += f"--{edge}\r\nContent-Type: {mime}\r\n\r\n"
    return f"multipart/related; boundary={edge}", head.encode() + data + f"\r\n--{edge}--\r\n".encode()


def _reason(answer: Answer) -> str:
    """The first reason that is given, of whichever of Google's two ways to say it."""
    found = answer.get("error", "errors", 0, "reason") or answer.get("error", "details", 0, "reason")
    return str(found or "").lower()


def _meaning(answer: Answer) -> NetworkError | None:
    if answer.ok:
        return None
    if answer.status == httpx.codes.NOT_FOUND:
        return Gone(_("YouTube has no such video any more."), code="gone")
    meant = _REASONS.get(_reason(answer)) if answer.status < httpx.codes.INTERNAL_SERVER_ERROR else None
    if meant is _rate and "per day" in str(answer.get("error", "message")).lower():
        meant = _quota
    return meant() if meant else None


def _meaning_of_cover(answer: Answer) -> NetworkError | None:
    meant = _meaning(answer)
    if meant is None and answer.status == httpx.codes.FORBIDDEN:
        return Refused(
            _("YouTube does not let this channel set covers: confirm its phone number there, or leave the cover out."),
            code="cover_refused",
        )
    return meant


def _is_over(answer: Answer) -> bool:
    """Whether the upload is, which Google's servers for them say by the status alone, with a page of theirs."""
    return answer.status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}


def _meaning_of_upload(answer: Answer) -> NetworkError | None:
    if answer.status == httpx.codes.PERMANENT_REDIRECT and not answer.headers.get("location"):
        found = _RANGE.fullmatch(answer.headers.get("range", "").strip())
        incomplete = Incomplete(_("YouTube waits for more of the video."), code="incomplete")
        incomplete.received = int(found[1]) + 1 if found else 0
        return incomplete
    if _is_over(answer):
        return Expired(_("YouTube does not know this upload any more. It begins anew."), code="upload_expired")
    return _meaning(answer)


def _no_rights() -> CredentialsRefused:
    return CredentialsRefused(
        _("YouTube says that a permission is missing. Connect the channel again and allow everything that is asked."),
        code="permission_missing",
    )


def _no_channel() -> Refused:
    return Refused(
        _("YouTube has no channel for this account, or has closed or suspended it. Nothing was published."),
        code="account_not_active",
    )


def _app_refused() -> Refused:
    return Refused(
        _("YouTube does not accept this installation's registration. Who runs Filo has to look at it."),
        code="app_refused",
    )


def _quota() -> Throttled:
    """Until Google's next day begins."""
    tomorrow = dt.datetime.now(_CALIFORNIA).date() + dt.timedelta(days=1)
    return Throttled(
        _("What YouTube lets this installation do in a day is used up."),
        code="quota",
        retry_at=dt.datetime.combine(tomorrow, dt.time(), _CALIFORNIA).astimezone(dt.UTC),
    )


def _uploads() -> Throttled:
    return Throttled(
        _("YouTube takes no more videos of this channel today."),
        code="upload_limit",
        retry_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=1),
    )


def _rate() -> Throttled:
    return Throttled(
        _("%(network)s asks to wait: too many requests for this account."),
        code="throttled",
        params={"network": "YouTube"},
        retry_at=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1),
    )


def _exists() -> _Exists:
    return _Exists(_("The video has subtitles in this language already."), code="caption_exists")


_REASONS: Mapping[str, Callable[[], NetworkError]] = {
    **dict.fromkeys(("insufficientpermissions", "access_token_scope_insufficient"), _no_rights),
    **dict.fromkeys(("quotaexceeded", "dailylimitexceeded"), _quota),
    "uploadlimitexceeded": _uploads,
    **dict.fromkeys(("ratelimitexceeded", "userratelimitexceeded", "rate_limit_exceeded"), _rate),
    **dict.fromkeys(("accessnotconfigured", "service_disabled", "unregisteredcallers"), _app_refused),
    **dict.fromkeys(
        (
            "youtubesignuprequired",
            "authenticateduseraccountclosed",
            "authenticateduseraccountsuspended",
            "authenticatedusernotchannel",
            "channelclosed",
            "channelsuspended",
        ),
        _no_channel,
    ),
    "captionexists": _exists,
}
