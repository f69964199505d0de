"""TikTok's API v2, call by call, and what its errors mean.

All answers have an `error` with a `code`, which is `ok` where it worked; some errors come with HTTP 200. What is not here
goes by the table of `social.networks.wire`; a code that is not known, with 200, is an answer that can't be read.

| code (HTTP)                                              | outcome                                                      | source |
|----------------------------------------------------------|--------------------------------------------------------------|--------|
| `access_token_invalid` (401)                             | CredentialsRefused                                           | [1]    |
| `scope_not_authorized`, `scope_permission_missed`        | CredentialsRefused `permission_missing`                      | [1]    |
| `rate_limit_exceeded` (429)                              | Throttled for a minute                                       | [1]    |
| `spam_risk_too_many_posts`                               | Throttled `too_many_posts` for six hours: the account's day  | [2]    |
| `reached_active_user_cap`                                | Throttled `user_cap` for six hours: the installation's day   | [2]    |
| `spam_risk_user_banned_from_posting`                     | Refused `account_not_active`                                 | [2]    |
| `unaudited_client_can_only_post_to_private_accounts`     | Refused `unaudited`                                          | [2]    |
| `privacy_level_option_mismatch`                          | Refused `privacy_not_allowed`                                | [2]    |
| `url_ownership_unverified`                               | Refused `address_not_verified`                               | [3]    |
| `invalid_publish_id`, `token_not_authorized_for_specified_publish_id` | `Gone`                                          | [4]    |
| `invalid_param`, `invalid_params`, `invalid_file_upload` | Refused                                                      | [1]    |
| `internal_error`                                         | as any 5xx                                                   | [1]    |
| 403, 404, 410 of a piece                                 | `Expired`: asked how it stands, then the upload begins anew  | [5]    |
| 416 of a piece                                           | NotSent: asked how far it is, and gone on                    | [5]    |

A publishing that has FAILED says why (`fail_reason`):

| `fail_reason`                                            | outcome                             | source |
|----------------------------------------------------------|-------------------------------------|--------|
| `file_format_check_failed`, `duration_…`, `frame_rate_…`, `picture_size_…` | Refused `media_failed` | [4] |
| `internal`                                               | NotSent: asked for once more, then begun anew | [4] |
| `video_pull_failed`, `photo_pull_failed`                 | NotSent `media_not_fetched`: the same | [4]  |
| `auth_removed`                                           | CredentialsRefused                  | [4]    |
| `publish_cancelled`                                      | Refused `cancelled_there`           | [4]    |
| `spam_risk`, `spam_risk_text`                            | Refused `blocked_by_policy`         | [4]    |
| others                                                   | as the codes above, else Refused `media_failed` | [4] |

[1] https://developers.tiktok.com/doc/tiktok-api-v2-error-handling ·
[2] https://developers.tiktok.com/doc/content-posting-api-reference-direct-post ·
[3] https://developers.tiktok.com/doc/content-posting-api-reference-photo-post ·
[4] https://developers.tiktok.com/doc/content-posting-api-reference-get-video-status ·
[5] https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlsplit

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, MediaItem, NetworkError, NotSent, Refused, Throttled
from social.networks.fetched import address_of
from social.networks.wire import Answer, Wire, items, mapping, number, text
from social.networks.wired import Wired, access_token, credentials_refused, secrets_of

USUAL_SERVER = "https://open.tiktokapis.com"
READ_SECONDS = 15.0
WRITE_SECONDS = 30.0
PIECE_SECONDS = 300.0
TOTAL_SECONDS = 115.0
_OF_TIKTOK = ".tiktokapis.com"
_MOST_ADDRESS = 2_000
_OVER = frozenset({403, 404, 410})
_OF_UPLOADS = _OVER | {416}  # said by the address of an upload, without an object
COMPLETE, FAILED = "PUBLISH_COMPLETE", "FAILED"


class Gone(Refused):
    """TikTok knows no such publishing, or not any more."""


class Expired(NotSent):
    """The upload's address is over; nothing of this piece arrived."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a publishing stands: TikTok's word for it, why it failed or is slow, bytes that have arrived, the post's own id.

    `posts`: how many posts TikTok names for it, of which `post` is the first.
    """

    status: str
    why: str = ""
    received: int = 0
    post: str = ""
    posts: int = 0


class Api(Wired):
    """One account's connection to TikTok for one piece of work of at most `total` seconds; used by one thread."""

    def __init__(self, account: Account, *, total: float = TOTAL_SECONDS) -> None:
        self._token = access_token("TikTok", account)
        server = account.server or USUAL_SERVER
        self._host = urlsplit(server).hostname or ""
        self._wire = Wire("TikTok", server, secrets=secrets_of(account), total=total)

    def creator(self) -> Mapping[str, Any]:
        """Whose the token is and what TikTok lets them do now, in TikTok's own two calls: JSON-able, without secrets."""
        answer = self._call("GET", "/v2/user/info/", params={"fields": "open_id,display_name"})
        known = {"id": text(answer, "data", "user", "open_id"), "name": text(answer, "data", "user", "display_name")}
        answer = self._call("POST", "/v2/post/publish/creator_info/query/", json={})
        longest = answer.get("data", "max_video_post_duration_sec")
        return {
            **known,
            "handle": text(answer, "data", "creator_username"),
            "privacy": [str(option) for option in items(answer, "data", "privacy_level_options")],
            "comments_off": answer.get("data", "comment_disabled") is True,
            "duets_off": answer.get("data", "duet_disabled") is True,
            "stitches_off": answer.get("data", "stitch_disabled") is True,
            "longest": longest if type(longest) is int else 0,
        }

    def begin_video(self, info: Mapping[str, Any], size: int, chunk: int, count: int) -> Mapping[str, str]:
        """Begin the publishing of a video: its id, and the address that the pieces go to."""
        source = {"source": "FILE_UPLOAD", "video_size": size, "chunk_size": chunk, "total_chunk_count": count}
        body = {"post_info": info, "source_info": source}
        answer = self._call("POST", "/v2/post/publish/video/init/", seconds=WRITE_SECONDS, json=body)
        where = text(answer, "data", "upload_url", most=_MOST_ADDRESS)
        self._wire.hide(where, *urlsplit(where).query.split("&"))
        host = urlsplit(where).hostname or ""
        if not (host == self._host or host.endswith(_OF_TIKTOK)):
            raise answer.unreadable("no address to send to")
        return {"publish": text(answer, "data", "publish_id"), "address": where}

    def send(self, address: str, stream: IO[bytes], item: MediaItem, at: int, length: int) -> None:
        """Send a piece from where the stream stands; after the last one the video goes out.

        Raises:
            Expired: the address is over; and as always.
        """
        last = at + length == item.size
        self._wire.hide(address, *urlsplit(address).query.split("&"))
        answer = self._wire.call(
            "PUT",
            address,
            seconds=PIECE_SECONDS,
            visible=last,
            headers={"Content-Type": item.mime, "Content-Range": f"bytes {at}-{at + length - 1}/{item.size}"},
            content=stream,
            length=length,
            judge=_meaning_of_piece,
            theirs=lambda answer: answer.status in _OF_UPLOADS,
        )
        wanted = httpx.codes.CREATED if last else httpx.codes.PARTIAL_CONTENT
        if answer.status not in {wanted, httpx.codes.CREATED}:
            raise answer.unreadable("not what a piece is answered")

    def publish_pictures(self, info: Mapping[str, Any], addresses: Sequence[str]) -> str:
        """Publish pictures, which TikTok fetches, and return the publishing's id: the one call that readers see."""
        source = {"source": "PULL_FROM_URL", "photo_cover_index": 0, "photo_images": list(addresses)}
        body = {"post_info": info, "source_info": source, "post_mode": "DIRECT_POST", "media_type": "PHOTO"}
        path = "/v2/post/publish/content/init/"
        answer = self._call("POST", path, seconds=WRITE_SECONDS, visible=True, json=body)
        return text(answer, "data", "publish_id")

    def address_of(self, item: MediaItem) -> str:
        """A picture's public address, which was seen to lead there."""
        return address_of("TikTok", self._wire, item)

    def standing(self, publish: str) -> Standing:
        """How that publishing stands."""
        answer = self._call("POST", "/v2/post/publish/status/fetch/", json={"publish_id": publish})
        data = mapping(answer, "data")
        posts = data.get("publicaly_available_post_id")  # TikTok's own spelling
        return Standing(
            status=text(answer, "data", "status"),
            why=str(data.get("fail_reason") or ""),
            received=number(answer, "data", "uploaded_bytes") if data.get("uploaded_bytes") is not None else 0,
            post=_id(posts[0]) if isinstance(posts, list) and posts else "",
            posts=len(posts) if isinstance(posts, list) else 0,
        )

    def _call(self, method: str, path: str, *, seconds: float = READ_SECONDS, **how: Any) -> Answer:
        return self._wire.call(method, path, seconds=seconds, token=self._token, judge=_meaning, **how)


def failed(why: str) -> NetworkError:
    """Return the outcome of a publishing that has failed for that reason."""
    meant = _FAILED.get(why) or _CODES.get(why)
    error = meant() if meant else _media_failed()
    error.said = error.said or why[:100]
    return error


def _id(post: Any) -> str:
    found = str(post)
    return found if found.isascii() and found.isdigit() and len(found) <= 20 else ""  # noqa: PLR2004 - of 64 bits


def _meaning(answer: Answer) -> NetworkError | None:
    code = str(answer.get("error", "code") or "")
    meant = _CODES.get(code) if answer.status < httpx.codes.INTERNAL_SERVER_ERROR else None
    if meant is not None:
        return meant()
    if not answer.ok or code == "ok":
        return None
    return answer.unreadable(f"error {code[:50]}" if code else "no error code")


def _meaning_of_piece(answer: Answer) -> NetworkError | None:
    if answer.status in _OVER:
        return Expired(_("TikTok does not know this upload any more. It begins anew."), code="upload_expired")
    if answer.status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        return NotSent(_("TikTok waits for another part of the video."), code="upload_out_of_step")
    return None


def _no_rights() -> CredentialsRefused:
    return CredentialsRefused(
        _("TikTok says that a permission is missing. Connect the channel again and allow everything that is asked."),
        code="permission_missing",
    )


def _token() -> CredentialsRefused:
    return credentials_refused("TikTok")


def _later(code: str, sentence: Any, wait: dt.timedelta) -> Callable[[], Throttled]:
    params = {"network": "TikTok"}
    return lambda: Throttled(sentence, code=code, params=params, retry_at=dt.datetime.now(dt.UTC) + wait)


def _refused(code: str, sentence: Any) -> Callable[[], Refused]:
    return lambda: Refused(sentence, code=code)


def _gone() -> Gone:
    return Gone(_("TikTok does not know any more how this post stands."), code="gone")


def _media_failed() -> Refused:
    return Refused(
        _("TikTok could not use this picture or video: check its kind, length, frames a second and size."),
        code="media_failed",
    )


def _not_sent(code: str, sentence: Any) -> Callable[[], NotSent]:
    return lambda: NotSent(sentence, code=code)


_CODES: Mapping[str, Callable[[], NetworkError]] = {
    "access_token_invalid": _token,
    **dict.fromkeys(("scope_not_authorized", "scope_permission_missed"), _no_rights),
    "rate_limit_exceeded": _later(
        "throttled", _("%(network)s asks to wait: too many requests for this account."), dt.timedelta(minutes=1)
    ),
    "spam_risk_too_many_posts": _later(
        "too_many_posts", _("TikTok takes no more posts of this account today."), dt.timedelta(hours=6)
    ),
    "reached_active_user_cap": _later(
        "user_cap", _("TikTok takes posts of no more accounts of this installation today."), dt.timedelta(hours=6)
    ),
    "spam_risk_user_banned_from_posting": _refused(
        "account_not_active", _("TikTok has forbidden this account to publish. Nothing was published.")
    ),
    "unaudited_client_can_only_post_to_private_accounts": _refused(
        "unaudited",
        _(
            "TikTok has not audited this installation: it can publish only on accounts that are private, "
            "for their own eyes. Who runs Filo has to ask for the audit."
        ),
    ),
    "privacy_level_option_mismatch": _refused(
        "privacy_not_allowed", _("TikTok does not let this account choose that anybody sees it so. Choose again.")
    ),
    "url_ownership_unverified": _refused(
        "address_not_verified",
        _("TikTok fetches pictures only from addresses that were confirmed there. Who runs Filo has to do that."),
    ),
    **dict.fromkeys(("invalid_publish_id", "token_not_authorized_for_specified_publish_id"), _gone),
}
_FAILED: Mapping[str, Callable[[], NetworkError]] = {
    "internal": _not_sent("failed_there", _("TikTok had trouble with this post. It begins anew.")),
    **dict.fromkeys(
        ("video_pull_failed", "photo_pull_failed"),
        _not_sent("media_not_fetched", _("TikTok could not fetch the pictures. Nothing was published.")),
    ),
    "auth_removed": _token,
    "publish_cancelled": _refused("cancelled_there", _("This post was cancelled in TikTok's app.")),
    **dict.fromkeys(
        ("spam_risk", "spam_risk_text"),
        _refused(
            "blocked_by_policy", _("TikTok takes this post for spam. Look at the text, and at how often you post.")
        ),
    ),
}
