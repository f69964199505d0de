"""TikTok's API v2 as its documents have it, in memory: one account. There is no specification to hold requests against.

As there, errors have a code and may come with 200; a video goes out by itself once its last piece has arrived; pictures are fetched
when they are asked for; the post's own id comes later than its publishing, or never.
"""

import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.servers.wire import Answer, FakeNetwork, Request, route

SIGNATURE = "signed-for-an-hour-9f8e7d"


@dataclass
class Publishing:
    """One post on its way; `looks` is how often it was asked for."""

    id: str
    info: dict[str, Any]
    source: dict[str, Any]
    data: bytes = b""
    pieces: int = 0
    looks: int = 0

    @property
    def arrived(self) -> bool:
        return "photo_images" in self.source or len(self.data) == self.source["video_size"]


@dataclass(eq=False)
class FakeTikTok(FakeNetwork):
    """See the module. `works_for`: how often it says that it is working; `fails`: why posts fail; `shown_after`: how often it is asked until it gives the post's own id; `posts`: how many of those."""

    token: str = "act.access-token-of-the-winery"
    refresh: str = "rft.refresh-token-of-the-winery"
    key: str = "key-of-an-upload-5f3a9c"
    works_for: int = 1
    fails: str = ""
    posts: int = 1
    shown_after: int = 0
    upload_over: bool = False
    options: list[str] = field(default_factory=lambda: ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"])
    switched_off: dict[str, bool] = field(default_factory=dict)
    longest: int = 600
    ends_tokens: bool = True
    files: dict[str, bytes] = field(default_factory=dict)
    publishings: dict[str, Publishing] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(7_312_345_678_901_234_001)

    def out(self) -> list[Publishing]:
        """What is out, the oldest first."""
        return [one for one in self.publishings.values() if one.arrived and not self.fails]

    def texts(self) -> list[str]:
        """What readers see."""
        return [one.info.get("description", one.info["title"]) for one in self.out()]

    def address(self, name: str) -> str:
        """The signed public address of a file."""
        return f"{self.url}/files/{name}?signature={SIGNATURE}"

    @route("HEAD /files/{name}")
    @route("GET /files/{name}")
    def file(self, request: Request) -> Answer:
        data = self.files.get(request.args["name"])
        if data is None or request.query.get("signature") != SIGNATURE:
            return Answer(403)
        return Answer(200, data, {"Content-Type": "image/jpeg"})

    @route("GET /v2/user/info/")
    def user(self, request: Request) -> Answer:
        assert request.query["fields"] == "open_id,display_name"
        return self._denied(request) or _ok({"user": {"open_id": "-000Fm2pQ", "display_name": "Cantina Roero"}})

    @route("POST /v2/post/publish/creator_info/query/")
    def creator(self, request: Request) -> Answer:
        found = {
            "creator_username": "cantinaroero",
            "creator_nickname": "Cantina Roero",
            "privacy_level_options": self.options,
            "comment_disabled": False,
            "duet_disabled": False,
            "stitch_disabled": False,
            "max_video_post_duration_sec": self.longest,
            **self.switched_off,
        }
        return self._denied(request) or _ok(found)

    @route("POST /v2/post/publish/video/init/")
    def begin(self, request: Request) -> Answer:
        info, source = request.json["post_info"], request.json["source_info"]
        size, chunk, count = (source[name] for name in ("video_size", "chunk_size", "total_chunk_count"))
        # One piece alone is announced as large as the video, as TikTok has wanted it since 2026-08.
        right = count == size // chunk and chunk <= 64_000_000 and (chunk == size or (chunk >= 5_000_000 and count > 1))
        denied = self._denied(request) or self._wrong(info, "title", 2_200)
        if denied or not right or source["source"] != "FILE_UPLOAD":
            return denied or _error(400, "invalid_params")
        one = self._new("v_pub_file~v2-1.", info, source)
        return _ok({"publish_id": one.id, "upload_url": f"{self.url}/upload/{one.id}?upload_token={self.key}"})

    @route("PUT /upload/{publish}")
    def put(self, request: Request) -> Answer:
        one = self.publishings[request.args["publish"]]
        assert "authorization" not in request.headers
        if self.upload_over or request.query["upload_token"] != self.key:
            return Answer(403)
        span, _, total = request.headers["content-range"].removeprefix("bytes ").partition("/")
        first, last = map(int, span.split("-"))
        assert (int(total), last - first + 1) == (one.source["video_size"], len(request.body))
        if first != len(one.data):
            return Answer(416)
        final = one.pieces == one.source["total_chunk_count"] - 1
        assert final or len(request.body) == one.source["chunk_size"]
        one.data += request.body
        one.pieces += 1
        return Answer(201 if one.arrived else 206, b"")

    @route("POST /v2/post/publish/content/init/")
    def pictures(self, request: Request) -> Answer:
        body = request.json
        info, source = body["post_info"], body["source_info"]
        assert (body["media_type"], body["post_mode"], source["source"]) == ("PHOTO", "DIRECT_POST", "PULL_FROM_URL")
        denied = self._denied(request) or self._wrong(info, "title", 90) or self._wrong(info, "description", 4_000)
        if denied or not 1 <= len(source["photo_images"]) <= 35:
            return denied or _error(400, "invalid_params")
        names = [address.rpartition("/")[2].partition("?")[0] for address in source["photo_images"]]
        self.fetched += [name for name in names if name in self.files]
        return _ok({"publish_id": self._new("p_pub_url~v2.", info, source).id})

    @route("POST /v2/post/publish/status/fetch/")
    def status(self, request: Request) -> Answer:
        one = self.publishings.get(request.json["publish_id"])
        denied = self._denied(request)
        if denied or one is None:
            return denied or _error(400, "invalid_publish_id")
        found: dict[str, Any] = {"uploaded_bytes": len(one.data)}
        if not one.arrived:
            return _ok({**found, "status": "PROCESSING_UPLOAD"})
        one.looks += 1
        if one.looks < self.works_for:
            working = "PROCESSING_DOWNLOAD" if "photo_images" in one.source else "PROCESSING_UPLOAD"
            return _ok({**found, "status": working, **({"fail_reason": self.fails} if self.fails else {})})
        if self.fails:
            return _ok({**found, "status": "FAILED", "fail_reason": self.fails})
        number = int(one.id.rpartition(".")[2])
        shown = [number + 1_000 * turn for turn in range(self.posts)] if one.looks > self.shown_after else []
        return _ok({**found, "status": "PUBLISH_COMPLETE", "publicaly_available_post_id": shown})

    @route("POST /v2/oauth/token/")
    def renew(self, request: Request) -> Answer:
        asked = request.fields
        if asked.get("client_key") != "the app" or asked.get("refresh_token") != self.refresh:
            return Answer(
                200, {"error": "invalid_grant", "error_description": "Refresh token is invalid", "log_id": "1"}
            )
        self.refresh = "rft.the-next"
        return Answer(200, {"access_token": "act.new", "expires_in": 86_400, "refresh_token": self.refresh})

    def _new(self, kind: str, info: dict[str, Any], source: dict[str, Any]) -> Publishing:
        one = Publishing(f"{kind}{next(self._numbers)}", info, source)
        self.publishings[one.id] = one
        return one

    def _wrong(self, info: dict[str, Any], name: str, most: int) -> Answer | None:
        if info["privacy_level"] not in self.options:
            return _error(403, "privacy_level_option_mismatch")
        too_long = len(info[name].encode("utf-16-le")) // 2 > most
        return _error(400, "invalid_params") if too_long else None

    def _denied(self, request: Request) -> Answer | None:
        return None if request.token == self.token else _error(401, "access_token_invalid")


def _ok(data: Any) -> Answer:
    return Answer(200, {"data": data, "error": {"code": "ok", "message": "", "log_id": "2026112109"}})


def _error(status: int, code: str) -> Answer:
    return Answer(status, {"data": {}, "error": {"code": code, "message": "no", "log_id": "2026112109"}})
