"""LinkedIn's versioned API, call by call, and what its errors mean.

How an error becomes an outcome; what is not here goes by the table of `social.networks.wire`.

| what LinkedIn says                                  | outcome                                                         | source |
|-----------------------------------------------------|-----------------------------------------------------------------|--------|
| 401                                                 | CredentialsRefused                                              | [1]    |
| 403 that names `partnerApi…`                        | `Forbidden` `app_not_allowed`: LinkedIn gives that to apps, one by one | [5] |
| other 403                                           | `Forbidden` (Refused `permission_missing`)                      | [1]    |
| 404                                                 | `Gone`                                                          | [1]    |
| 409, 422 "duplicate"                                | `Duplicate`, which is looked into: it may be our own            | [2]    |
| 426                                                 | Throttled `version_retired`: waits until the operator sets FILO_LINKEDIN_VERSION | [3] |
| 429                                                 | Throttled; LinkedIn does not say until when                     | [1]    |

[1] https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling ·
[2] 422 `DUPLICATE_POST`, seen in https://github.com/ComposioHQ/composio/issues/2710 ·
[3] https://learn.microsoft.com/en-us/linkedin/marketing/versioning ·
[4] https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/videos-api (`uploadCaptions`,
`captionsUploadUrl`); the form as three independent clients send it, which repeat LinkedIn's example ·
[5] "Not enough permissions to access: partnerApiSocialActions.CREATE" and `partnerApiVideosExternal`, in reports of 2026 alone.
Its `serviceErrorCode` 100 says nothing: LinkedIn gives it for a scope that a token lacks, too.
"""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, MediaItem, NetworkError, Refused, Throttled
from social.networks.subtitles import Language
from social.networks.wire import Answer, Wire, items, mapping, number, text, word
from social.networks.wired import Wired, access_token, secrets_of

USUAL_SERVER = "https://api.linkedin.com"
READ_SECONDS = 15.0
WRITE_SECONDS = 30.0
UPLOAD_SECONDS = 60.0  # of a picture, or of one piece of a video
TOTAL_SECONDS = 115.0
MAX_PIECE = 100_000_000  # bytes of a video at a time: LinkedIn asks for 4 MB
_OF_LINKEDIN = ".linkedin.com"
_RETIRED_FOR = dt.timedelta(minutes=10)  # between two looks at whether a newer version is set


class Forbidden(Refused):
    """The token, or the app, may not do that."""


class Gone(Refused):
    """LinkedIn has no such thing, or not any more."""


class Duplicate(Refused):
    """LinkedIn has these words of this author already."""


class Api(Wired):
    """One account's connection to LinkedIn for one piece of work of at most `total` seconds; used by one thread."""

    def __init__(self, account: Account, *, total: float = TOTAL_SECONDS) -> None:
        self._token = access_token("LinkedIn", account)
        server = account.server or USUAL_SERVER
        self._host = urlsplit(server).hostname or ""
        headers = {"LinkedIn-Version": settings.FILO_LINKEDIN_VERSION, "X-Restli-Protocol-Version": "2.0.0"}
        self._wire = Wire("LinkedIn", server, secrets=secrets_of(account), total=total, headers=headers)

    def person(self) -> Mapping[str, str]:
        """Whose the token is: `urn`, `name`."""
        answer = self._call("GET", "/v2/userinfo")
        return {"urn": f"urn:li:person:{word(answer, 'sub')}", "name": text(answer, "name", most=400)}

    def roles(self) -> list[Mapping[str, Any]]:
        """What the token's person may do for organisations."""
        path = "/rest/organizationAcls?q=roleAssignee&state=APPROVED&count=100"
        return _elements(self._call("GET", path, headers={"X-RestLi-Method": "FINDER"}))

    def organization(self, urn: str) -> Mapping[str, str]:
        """An organisation's `urn`, `name` and `handle`."""
        answer = self._call("GET", f"/rest/organizations/{urn.rpartition(':')[2]}")
        name = text(answer, "localizedName", most=400)
        return {"urn": urn, "name": name, "handle": str(answer.get("vanityName") or name)}

    def create(self, body: Mapping[str, Any]) -> str:
        """Publish, and return the post's URN, which stands in a header: the one call that readers see."""
        answer = self._call("POST", "/rest/posts", seconds=WRITE_SECONDS, visible=True, json=body)
        urn = str(answer.headers.get("x-restli-id", ""))
        if not _is_urn(urn):
            raise answer.unreadable("no x-restli-id")
        return urn

    def comment(self, post: str, author: str, words: str) -> None:
        """Comment on the post, in plain words."""
        body = {"actor": author, "object": post, "message": {"text": words}}
        path = f"/rest/socialActions/{quote(post, safe='')}/comments"
        answer = self._call("POST", path, seconds=WRITE_SECONDS, visible=True, json=body)
        if answer.content:
            mapping(answer)

    def comments(self, post: str) -> list[Mapping[str, Any]]:
        """The newest comments on the post."""
        return _elements(self._call("GET", f"/rest/socialActions/{quote(post, safe='')}/comments?count=100"))

    def change(self, post: str, commentary: str) -> None:
        """Give the post other words."""
        body = {"patch": {"$set": {"commentary": commentary}}}
        headers = {"X-RestLi-Method": "PARTIAL_UPDATE"}
        answer = self._call("POST", _of(post), seconds=WRITE_SECONDS, visible=True, json=body, headers=headers)
        _require_empty(answer)

    def delete(self, post: str) -> None:
        """Take the post down; what is not there any more is no error."""
        try:
            headers = {"X-RestLi-Method": "DELETE"}
            _require_empty(self._call("DELETE", _of(post), seconds=WRITE_SECONDS, visible=True, headers=headers))
        except Gone:
            return

    def post(self, post: str) -> Answer:
        """One post, as its author sees it."""
        answer = self._call("GET", f"{_of(post)}?viewContext=AUTHOR")
        mapping(answer)
        return answer

    def posts_of(self, author: str, start: int) -> list[Mapping[str, Any]]:
        """A hundred of the author's posts, the last created first."""
        path = f"/rest/posts?author={quote(author, safe='')}&q=author&count=100&start={start}&sortBy=CREATED"
        return _elements(self._call("GET", path, headers={"X-RestLi-Method": "FINDER"}))

    def statistics(self, organization: str, post: str) -> Mapping[str, Any]:
        """What LinkedIn counts of an organisation's post, empty where it counts nothing yet."""
        kind = "ugcPosts" if post.startswith("urn:li:ugcPost:") else "shares"
        path = "/rest/organizationalEntityShareStatistics?q=organizationalEntity"
        path += f"&organizationalEntity={quote(organization, safe='')}&{kind}=List({quote(post, safe='')})"
        found = _elements(self._call("GET", path, headers={"X-RestLi-Method": "FINDER"}))
        counts = found[0].get("totalShareStatistics") if found else None
        return counts if isinstance(counts, dict) else {}

    def upload_picture(self, owner: str, item: MediaItem) -> str:
        """Send a picture; return its URN."""
        body = {"initializeUploadRequest": {"owner": owner}}
        answer = self._call("POST", "/rest/images?action=initializeUpload", json=body)
        urn, where = text(answer, "value", "image"), text(answer, "value", "uploadUrl", most=4_000)
        with item.open() as stream:
            self._put(where, stream.read(), item.mime)
        return urn

    def upload_video(self, owner: str, item: MediaItem, language: Language | None = None) -> str:
        """Send a video in the pieces that LinkedIn asks for, with its subtitles where their language is known; return its URN."""
        captions = item.captions if language else ""
        asked = {"owner": owner, "fileSizeBytes": item.size, "uploadCaptions": bool(captions), "uploadThumbnail": False}
        answer = self._call("POST", "/rest/videos?action=initializeUpload", json={"initializeUploadRequest": asked})
        urn, parts = text(answer, "value", "video"), []
        with item.open() as stream:
            for at in range(len(items(answer, "value", "uploadInstructions"))):
                here: tuple[str | int, ...] = ("value", "uploadInstructions", at)
                first, last = number(answer, *here, "firstByte"), number(answer, *here, "lastByte")
                if first != stream.tell() or not 0 <= last - first < MAX_PIECE:
                    raise answer.unreadable("pieces that are none")
                sent = self._put(text(answer, *here, "uploadUrl", most=4_000), stream.read(last - first + 1), "")
                parts.append(sent.headers.get("etag", "").strip('"'))
        if captions and language:
            self._caption(text(answer, "value", "captionsUploadUrl", most=4_000), captions, language)
        token = str(answer.get("value", "uploadToken") or "")
        done = {"video": urn, "uploadToken": token, "uploadedPartIds": parts}
        _require_empty(
            self._call("POST", "/rest/videos?action=finalizeUpload", json={"finalizeUploadRequest": done}),
        )
        return urn

    def state(self, urn: str) -> str:
        """How far LinkedIn is with a picture or video: `WAITING_UPLOAD`, `PROCESSING`, `AVAILABLE`, `PROCESSING_FAILED`."""
        kind = "videos" if urn.startswith("urn:li:video:") else "images"
        return text(self._call("GET", f"/rest/{kind}/{quote(urn, safe='')}"), "status")

    def _put(self, where: str, data: bytes, mime: str) -> Answer:
        """Send bytes to where LinkedIn says."""
        return self._send("PUT", where, content=data, headers={"Content-Type": mime or "application/octet-stream"})

    def _caption(self, where: str, captions: str, language: Language) -> None:
        """Send a video's subtitles, as a form of what they are and the file [4]. They belong to the upload that is under way."""
        code, _line, country = language.locale.partition("_")
        about = {
            "format": "SRT",
            "formattedForEasyReader": False,
            "largeText": False,
            "source": "USER_PROVIDED",
            "locale": {"language": code.upper(), "country": country},
            "transcriptType": "CLOSED_CAPTION",
        }
        files = {
            "metadata": (None, json.dumps(about), "application/json"),
            "file": ("captions.srt", captions.encode(), "application/x-subrip"),
        }
        self._send("POST", where, files=files)

    def _send(self, method: str, where: str, **how: Any) -> Answer:
        """Send something to where LinkedIn says; the token goes along to LinkedIn only."""
        self._wire.hide(where, urlsplit(where).query)
        host = urlsplit(where).hostname or ""
        token = self._token if host == self._host or host.endswith(_OF_LINKEDIN) else ""
        answer = self._wire.call(method, where, seconds=UPLOAD_SECONDS, token=token, judge=_meaning, **how)
        _require_empty(answer)
        return answer

    def _call(self, method: str, path: str, *, seconds: float = READ_SECONDS, **how: Any) -> Answer:
        return self._wire.call(method, path, seconds=seconds, token=self._token, judge=_meaning, **how)


def _of(post: str) -> str:
    return f"/rest/posts/{quote(post, safe='')}"


def _is_urn(urn: str) -> bool:
    kind, _sign, known = urn.rpartition(":")
    return kind in {"urn:li:share", "urn:li:ugcPost"} and known.isascii() and known.isdigit()


def _elements(answer: Answer) -> list[Mapping[str, Any]]:
    return [found for found in items(answer, "elements") if isinstance(found, dict)]


def _require_empty(answer: Answer) -> None:
    """What LinkedIn answers without a body may also be an object, but no page of somebody between."""
    if answer.content:
        mapping(answer)


def _meaning(answer: Answer) -> NetworkError | None:
    if answer.status == httpx.codes.FORBIDDEN and "partnerapi" in answer.said.lower():
        return Forbidden(
            _("LinkedIn has not let this installation's app do that. Who runs Filo has to ask LinkedIn for it."),
            code="app_not_allowed",
        )
    if answer.status == httpx.codes.FORBIDDEN:
        return Forbidden(
            _(
                "LinkedIn says that a permission is missing. Connect the channel again and allow everything that is asked."
            ),
            code="permission_missing",
        )
    if answer.status == httpx.codes.NOT_FOUND:
        return Gone(_("LinkedIn has no such post any more."), code="gone")
    if answer.status == httpx.codes.UPGRADE_REQUIRED:
        return Throttled(
            _(
                "LinkedIn has retired the version that Filo speaks. Who runs Filo sets a newer one (FILO_LINKEDIN_VERSION)."
            ),
            code="version_retired",
            retry_at=dt.datetime.now(dt.UTC) + _RETIRED_FOR,
        )
    if answer.status in {409, 422} and "duplicate" in answer.said.lower():
        sentence = _("LinkedIn does not take the same text twice within a short time. Change it a little.")
        return Duplicate(sentence, code="duplicate")
    return None
