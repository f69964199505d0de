"""Pinterest as its documents have it: API v5 in memory. Requests are held against Pinterest's own OpenAPI document where
SPECS_DIR has it. How it behaves beside that is ours, and no proof.
"""

import base64
import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.servers.wire import NOW, Answer, FakeNetwork, OpenApi, Request, Upload, route

METRICS = {"impression": 40, "pin_click": 9, "clickthrough": 3, "reaction": 10, "comment": 2, "save": 5}


@dataclass
class Video:
    """One upload; empty until it is sent."""

    data: bytes = b""
    polls: int = 0


@dataclass
class Pin:
    """One pin, as it was asked for."""

    id: str
    at: dt.datetime
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def pictures(self) -> list[bytes]:
        source = self.given["media_source"]
        return [base64.b64decode(item["data"]) for item in source.get("items", [source]) if "data" in item]


class FakePinterest(FakeNetwork):
    """One account, `user`, with two boards, whose token is `token`."""

    spec = OpenApi("pinterest.json")
    user = "2783136121146311751"
    token = "pina-access-token-of-the-winery"
    refresh = "pinr-refresh-token-of-the-winery"
    signature = "signature-of-the-store"

    def __init__(self) -> None:
        super().__init__()
        self.pins: list[Pin] = []
        self.videos: dict[str, Video] = {}
        self.boards = [
            {"id": "999658517227244888", "name": "Vendemmia"},
            {"id": "999658517227244889", "name": "Cantina"},
        ]
        self.newest_first = True  # else the oldest
        self.sent = 0
        self.works_for = 2
        self.fails = False
        self._ids = itertools.count(999_658_448_514_149_001)
        self._ticks = itertools.count(1)

    def texts(self) -> list[str]:
        """What readers see, the oldest first."""
        return [pin.given.get("description", "") for pin in self.pins]

    @route("GET /v5/user_account")
    def me(self, request: Request) -> Answer:
        given = {
            "id": self.user,
            "username": "cantinaroero",
            "business_name": "Cantina Roero",
            "account_type": "BUSINESS",
        }
        return self._denied(request) or Answer(200, given)

    @route("GET /v5/boards")
    def list_boards(self, request: Request) -> Answer:
        start = int(request.query.get("bookmark", "0"))
        more = str(start + 1) if start + 1 < len(self.boards) else None
        return self._denied(request) or Answer(200, {"items": self.boards[start : start + 1], "bookmark": more})

    @route("GET /v5/boards/{board}/pins")
    def pins_on(self, request: Request) -> Answer:
        denied = self._denied(request)
        if denied or request.args["board"] not in {board["id"] for board in self.boards}:
            return denied or _error(404, 40, "Board not found.")
        listed = reversed(self.pins) if self.newest_first else self.pins
        found = [pin for pin in listed if pin.given["board_id"] == request.args["board"]]
        start, size = int(request.query.get("bookmark", "0")), int(request.query["page_size"])
        more = str(start + size) if start + size < len(found) else None
        return Answer(200, {"items": [_shown(pin) for pin in found[start : start + size]], "bookmark": more})

    @route("POST /v5/pins")
    def create(self, request: Request) -> Answer:
        denied = self._denied(request)
        body, source = request.json, request.json["media_source"]
        if denied or body["board_id"] not in {board["id"] for board in self.boards}:
            return denied or _error(404, 40, "Board not found.")
        if source["source_type"] == "video_id" and not self.videos.get(source["media_id"], Video()).data:
            return _error(400, 1, "Media is not ready.")
        pin = Pin(str(next(self._ids)), NOW + dt.timedelta(seconds=next(self._ticks)), body)
        self.pins.append(pin)
        return Answer(201, _shown(pin))

    @route("GET /v5/pins/{pin}")
    def pin(self, request: Request) -> Answer:
        return self._denied(request) or self._with(request, lambda pin: Answer(200, _shown(pin, request)))

    @route("PATCH /v5/pins/{pin}")
    def change(self, request: Request) -> Answer:
        def changed(pin: Pin) -> Answer:
            pin.given |= request.json
            return Answer(200, _shown(pin))

        return self._denied(request) or self._with(request, changed)

    @route("DELETE /v5/pins/{pin}")
    def delete(self, request: Request) -> Answer:
        def deleted(pin: Pin) -> Answer:
            self.pins.remove(pin)
            return Answer(204)

        return self._denied(request) or self._with(request, deleted)

    @route("POST /v5/media")
    def register(self, request: Request) -> Answer:
        denied = self._denied(request)
        if denied:
            return denied
        media = str(next(self._ids))
        self.videos[media] = Video()
        parameters = {"key": media, "Content-Type": "multipart/form-data", "x-amz-signature": self.signature}
        given = {"media_id": media, "media_type": "video", "upload_parameters": parameters}
        return Answer(201, {**given, "upload_url": f"{self.url}/store"})

    @route("POST /store", outside="the store is Amazon's, not Pinterest's")
    def store(self, request: Request) -> Answer:
        file, names = request.fields.get("file"), list(request.fields)
        if "authorization" in request.headers or names[-1] != "file" or not isinstance(file, Upload):
            return Answer(400, "<Error><Code>InvalidRequest</Code></Error>", {"Content-Type": "application/xml"})
        self.videos[request.fields["key"]].data = file.data
        self.sent += 1
        return Answer(204)

    @route("GET /v5/media/{media}")
    def media(self, request: Request) -> Answer:
        video = self.videos.get(request.args["media"])
        if video is None:
            return self._denied(request) or _error(404, 404, "Media not found.")
        video.polls += 1
        state = "processing" if video.polls < self.works_for else "failed" if self.fails else "succeeded"
        given = {"media_id": request.args["media"], "media_type": "video", "status": state}
        return self._denied(request) or Answer(200, given)

    @route("POST /v5/oauth/token", outside="its form depends on the kind of grant, which our checking does not follow")
    def renew(self, request: Request) -> Answer:
        if request.fields.get("refresh_token") != self.refresh:
            return _error(400, 283, "Your refresh token is invalid.")
        return self.renewed()

    def renewed(self) -> Answer:
        """New tokens; the ones before are over."""
        turn = next(self._ids)
        self.token, self.refresh = f"pina-{turn}", f"pinr-{turn}"
        given = {"access_token": self.token, "refresh_token": self.refresh, "token_type": "bearer"}
        return Answer(200, {**given, "expires_in": 2_592_000, "scope": "pins:write"})

    def _denied(self, request: Request) -> Answer | None:
        return None if request.token == self.token else _error(401, 2, "Authentication failed.")

    def _with(self, request: Request, do: Any) -> Answer:
        pin = next((pin for pin in self.pins if pin.id == request.args["pin"]), None)
        found: Answer = do(pin) if pin else _error(404, 50, "Pin not found.")
        return found


def _error(status: int, code: int, message: str) -> Answer:
    return Answer(status, {"code": code, "message": message})


def _shown(pin: Pin, request: Request | None = None) -> dict[str, Any]:
    given = {
        name: pin.given.get(name)
        for name in ("title", "description", "link", "alt_text", "board_id", "board_section_id")
    }
    metrics = request and request.query.get("pin_metrics") == "true"
    counted = {"90d": {}, "lifetime_metrics": METRICS} if metrics else None
    items = pin.given.get("media_source", {}).get("items", [])
    kind = {"media_type": "multiple_images", "items": [{} for _ in items]} if items else {"media_type": "image"}
    created = pin.at.replace(tzinfo=None).isoformat()
    return {"id": pin.id, **given, "created_at": created, "media": kind, "is_owner": True, "pin_metrics": counted}
