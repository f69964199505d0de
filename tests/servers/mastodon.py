"""Mastodon as its documents and its source have it, in memory: one server, two accounts. The emulator lacks what is here.

`FakeMastodon` is Mastodon 4.5: it works on pictures for a while (202), counts as `StatusLengthValidator` does, forgets what an
edit does not say again, honours Idempotency-Key. `OldServer` has no v2 of the instance and of uploads, and can't edit.
`Compatible` speaks the API without being Mastodon: it ignores the key and counts addresses in full. `Pleroma` is one of
those whose tokens end.
"""

import datetime as dt
import html
import itertools
import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

import regex

from tests.servers.wire import NOW, Answer, FakeNetwork, Request, Upload, route

# In the account's language, as all that a server says (config/locales, `media_attachments.validations`).
NOT_READY = {
    "en": "Cannot attach files that have not finished processing. Try again in a moment!",
    "it": "I file sono ancora in lavorazione.",
}
NOT_FOUND = {
    "en": "Media not found or already attached to another post",
    "it": "Un file non esiste, o sta già in un altro post.",
}


@dataclass
class Status:
    """One status."""

    id: str
    account: str
    given: dict[str, Any]
    at: dt.datetime

    @property
    def text(self) -> str:
        return str(self.given.get("status") or "")


@dataclass
class Media:
    """One upload; `status` is the one that has it."""

    id: str
    upload: Upload
    description: str
    polls: int = 0
    status: str = ""


@dataclass(eq=False)
class FakeMastodon(FakeNetwork):
    """See the module. `works_for`: how often it is asked before what was uploaded is ready; `fails`: it can't use it.

    `hasty`: it says of an upload at once that it is ready, as under load
    (https://github.com/mastodon/mastodon/issues/21864). `drops`: media that it does not have are left out without a word,
    as before 4.3 (https://github.com/mastodon/mastodon/pull/31681). `repeats_fail`: a key that it knows already breaks it,
    as 4.6.0 (https://github.com/mastodon/mastodon/issues/40399). `locale`: in which language it says what is wrong.
    """

    version: ClassVar[str] = "4.5.2"
    honours: ClassVar[bool] = True
    token: str = "ZA-Yj3aBD8U8Cm7lKUp-token-of-the-winery"
    account: str = "109706560901933647"
    max_text: int = 500
    works_for: int = 1
    fails: bool = False
    hasty: bool = False
    drops: bool = False
    repeats_fail: bool = False
    locale: str = "en"
    statuses: list[Status] = field(default_factory=list)
    now: dt.datetime = NOW
    media: dict[str, Media] = field(default_factory=dict)
    by_key: dict[str, Status] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._ids = itertools.count(115_580_000_000_000_001)
        self._ticks = itertools.count(1)

    def texts(self) -> list[str]:
        """What readers see, the oldest first."""
        return [status.text for status in self.statuses]

    def length(self, text: str, warning: str) -> int:
        """How long it is for this server."""
        text = re.sub(r"https?://[^\s()]+", "x" * 23, text)
        text = re.sub(r"(?<![=/\w])(@\w+)@[\w.-]+\w", r"\1", text)
        return len(regex.findall(r"\X", warning + text))

    def shown(self, status: Status) -> dict[str, Any]:
        """The status as the API gives it."""
        url = f"{self.url}/@roero/{status.id}"
        return {
            "id": status.id,
            "created_at": status.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "in_reply_to_id": status.given.get("in_reply_to_id"),
            "spoiler_text": status.given.get("spoiler_text", ""),
            "visibility": status.given.get("visibility", "public"),
            "language": status.given.get("language", "it"),
            "uri": url,
            "url": url,
            "content": as_html(status.text),
            "account": {"id": status.account, "username": "roero", "acct": "roero"},
            "media_attachments": [{"id": known, "type": "image"} for known in status.given.get("media_ids", [])],
            "replies_count": sum(one.given.get("in_reply_to_id") == status.id for one in self.statuses),
            "reblogs_count": 3,
            "quotes_count": 1,
            "favourites_count": 7,
        }

    @route("GET /api/v1/accounts/verify_credentials")
    def me(self, request: Request) -> Answer:
        given = {"id": self.account, "username": "roero", "acct": "roero", "display_name": "Cantina Roero"}
        return self._denied(request) or Answer(200, given)

    @route("GET /api/v2/instance")
    def instance(self, request: Request) -> Answer:
        return Answer(200, {"domain": "toot.example", "version": self.version, "configuration": self.configuration()})

    def configuration(self) -> dict[str, Any]:
        """What it says of its limits."""
        per_url = {"characters_reserved_per_url": 23}
        media = {
            "supported_mime_types": ["image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "video/mp4"],
            "image_size_limit": 16_777_216,
            "image_matrix_limit": 33_177_600,
            "video_size_limit": 103_809_024,
            "description_limit": 1_500,
        }
        statuses = {"max_characters": self.max_text, "max_media_attachments": 4, **per_url}
        return {"statuses": statuses, "media_attachments": media, "polls": {}}

    @route("POST /api/v2/media")
    def upload(self, request: Request) -> Answer:
        return self._uploaded(request)

    @route("GET /api/v1/media/{media}")
    def processed(self, request: Request) -> Answer:
        media = self.media.get(request.args["media"])
        if media is None or media.status:
            return self._denied(request) or _error(404, "Record not found")
        media.polls += 1
        if self.fails:
            return self._denied(request) or _error(422, "Error processing thumbnail for uploaded media")
        if media.polls <= self.works_for:
            return self._denied(request) or Answer(206, {"id": media.id, "type": "image", "url": None})
        return self._denied(request) or Answer(
            200, {"id": media.id, "type": "image", "url": f"{self.url}/m/{media.id}"}
        )

    @route("POST /api/v1/statuses")
    def create(self, request: Request) -> Answer:
        key = request.headers.get("idempotency-key", "")
        if not self._denied(request) and self.honours and key in self.by_key:
            if self.repeats_fail:
                return Answer(500, {"error": "undefined method `id' for nil"})
            return Answer(200, self.shown(self.by_key[key]))
        refused = self._denied(request) or self._refused(request.json)
        if refused:
            return refused
        at = self.now + dt.timedelta(seconds=next(self._ticks))
        status = Status(str(next(self._ids)), self.account, dict(request.json), at)
        if "media_ids" in status.given:
            status.given["media_ids"] = [known for known in status.given["media_ids"] if self._is_free(known)]
        for known in status.given.get("media_ids", []):
            self.media[known].status = status.id
        self.statuses.append(status)
        self.by_key[key] = status
        return Answer(200, self.shown(status))

    @route("GET /api/v1/accounts/{account}/statuses")
    def timeline(self, request: Request) -> Answer:
        mine = [one for one in reversed(self.statuses) if one.account == request.args["account"]]
        before = request.query.get("max_id")
        older = [one for one in mine if before is None or int(one.id) < int(before)]
        page = older[: min(40, int(request.query["limit"]))]
        return self._denied(request) or Answer(200, [self.shown(one) for one in page])

    @route("GET /api/v1/statuses/{status}")
    def status(self, request: Request) -> Answer:
        found = self._status(request)
        return self._denied(request) or (Answer(200, self.shown(found)) if found else _error(404, "Record not found"))

    @route("PUT /api/v1/statuses/{status}")
    def change(self, request: Request) -> Answer:
        found = self._status(request)
        refused = self._denied(request) or (None if found else _error(404, "Record not found"))
        if refused or found is None:
            return refused or _error(404, "Record not found")
        same = {name: found.given.get(name) for name in ("visibility", "in_reply_to_id")}
        found.given = {**same, **request.json}  # what is not said again is gone
        return Answer(200, self.shown(found))

    @route("DELETE /api/v1/statuses/{status}")
    def delete(self, request: Request) -> Answer:
        found = self._status(request)
        if self._denied(request) or found is None:
            return self._denied(request) or _error(404, "Record not found")
        self.statuses.remove(found)
        return Answer(200, {**self.shown(found), "text": found.text})

    @route("GET /.well-known/oauth-authorization-server")
    def tell(self, request: Request) -> Answer:
        scopes = ["read", "read:accounts", "read:statuses", "write", "write:media", "write:statuses"]
        return Answer(200, {"issuer": self.url, "scopes_supported": scopes})

    @route("POST /api/v1/apps")
    def register(self, request: Request) -> Answer:
        asked = request.fields
        if not asked.get("redirect_uris", "").startswith("https://"):
            return _error(422, "Validation failed: Redirect URI must be an absolute URI.")
        return Answer(200, {"id": "1", "name": asked["client_name"], "client_id": "TWhM", "client_secret": "ZEaF"})

    def _denied(self, request: Request) -> Answer | None:
        return None if request.token == self.token else _error(401, "The access token is invalid")

    def _status(self, request: Request) -> Status | None:
        return next((one for one in self.statuses if one.id == request.args["status"]), None)

    def _refused(self, body: dict[str, Any]) -> Answer | None:
        text, media = body.get("status", ""), body.get("media_ids", [])
        if not (text.strip() or media):
            return _error(422, "Validation failed: Text can't be blank")
        if self.length(text, body.get("spoiler_text", "")) > self.max_text:
            return _error(422, f"Validation failed: Text character limit of {self.max_text} exceeded")
        if not (self.drops or all(self._is_free(known) for known in media)):
            return _error(422, NOT_FOUND[self.locale])
        if any(self.media[known].polls <= self.works_for for known in media if self._is_free(known)):
            return _error(422, NOT_READY[self.locale])
        answered = body.get("in_reply_to_id")
        if answered and all(one.id != answered for one in self.statuses):
            return _error(404, "Record not found")
        return None

    def _is_free(self, media: str) -> bool:
        return media in self.media and not self.media[media].status

    def _uploaded(self, request: Request) -> Answer:
        denied = self._denied(request)
        if denied:
            return denied
        known = str(next(self._ids))
        description = str(request.fields.get("description", ""))
        self.media[known] = Media(known, request.files["file"], description)
        if self.works_for and not self.hasty:
            return Answer(202, {"id": known, "type": "image", "url": None})
        self.media[known].polls = 0 if self.hasty else 1
        return Answer(200, {"id": known, "type": "image", "url": f"{self.url}/m/{known}"})


@dataclass(eq=False)
class OldServer(FakeMastodon):
    """Mastodon 3.0, of before there was much."""

    version: ClassVar[str] = "3.0.1"
    works_for: int = 0

    @route("GET /api/v2/instance")
    def instance(self, request: Request) -> Answer:
        return _error(404, "Not found")

    @route("GET /api/v1/instance")
    def older_instance(self, request: Request) -> Answer:
        return Answer(200, {"uri": "toot.example", "version": self.version})

    @route("POST /api/v2/media")
    def upload(self, request: Request) -> Answer:
        return _error(404, "Not found")

    @route("POST /api/v1/media")
    def older_upload(self, request: Request) -> Answer:
        return self._uploaded(request)

    @route("PUT /api/v1/statuses/{status}")
    def change(self, request: Request) -> Answer:
        return _error(404, "Not found")


@dataclass(eq=False)
class Compatible(FakeMastodon):
    """What speaks the API without being Mastodon."""

    version: ClassVar[str] = "2.7.2 (compatible; Akkoma 3.15.2)"
    honours: ClassVar[bool] = False
    max_text: int = 5_000
    works_for: int = 0

    def length(self, text: str, warning: str) -> int:
        return len(warning + text)


@dataclass(eq=False)
class Pleroma(Compatible):
    """Its tokens end, and each renewal ends both tokens of before, as Pleroma and Akkoma have it by default.

    Whom it does not know is forbidden (`EnsureAuthenticatedPlug`), not unauthorized.
    """

    refresh: str = "refresh-token-of-the-winery"
    lasts: int = 900
    used: list[str] = field(default_factory=list)

    @route("POST /oauth/token")
    def give_token(self, request: Request) -> Answer:
        asked = request.fields
        self.used.append(str(asked.get("refresh_token")))
        app = (asked.get("client_id"), asked.get("client_secret"))
        if app != ("id of the app", "secret of the app") or asked.get("refresh_token") != self.refresh:
            return _error(400, "Invalid credentials")
        turn = len(self.used)
        self.token, self.refresh = f"token-{turn}-of-the-winery", f"refresh-token-{turn}-of-the-winery"
        return Answer(
            200,
            {
                "token_type": "Bearer",
                "access_token": self.token,
                "refresh_token": self.refresh,
                "expires_in": self.lasts,
                "scope": "read write",
            },
        )

    def _denied(self, request: Request) -> Answer | None:
        return super()._denied(request) and _error(403, "Invalid credentials.")


@dataclass(eq=False)
class Friendica(Compatible):
    """It says to people what it says of tokens that it does not know (https://github.com/friendica/friendica/issues/14840)."""

    version: ClassVar[str] = "2.8.0 (compatible; Friendica 2024.12)"

    def _denied(self, request: Request) -> Answer | None:
        page = b"<html><head><title>Unauthorized</title></head><body><h1>Unauthorized</h1></body></html>"
        return super()._denied(request) and Answer(401, page, {"Content-Type": "text/html; charset=utf-8"})


def as_html(text: str) -> str:
    """The words as Mastodon shows them: addresses whole though shortened to the eye, mentions without their server."""

    def link(found: re.Match[str]) -> str:
        scheme, rest = found[1], found[2]
        hidden = f'<span class="invisible">{scheme}</span>'
        tail = f'<span class="invisible">{rest[30:]}</span>' if len(rest) > 30 else ""
        kind = "ellipsis" if tail else ""
        return f'<a href="{scheme}{rest}" rel="nofollow">{hidden}<span class="{kind}">{rest[:30]}</span>{tail}</a>'

    shown = html.escape(text, quote=False)
    shown = re.sub(r"(https?://)([^\s<>()]+)", link, shown)
    shown = re.sub(
        r"(?<![=/\w])@(\w+)@[\w.-]+\w", r'<span class="h-card"><a href="#">@<span>\1</span></a></span>', shown
    )
    shown = re.sub(r"(?<![\w&/#])#(\w+)", r'<a href="#" rel="tag">#<span>\1</span></a>', shown)
    paragraphs = (part.replace("\n", "<br />") for part in re.split(r"\n{2,}", shown))
    return "".join(f"<p>{part}</p>" for part in paragraphs)


def _error(status: int, message: str) -> Answer:
    return Answer(status, {"error": message})
