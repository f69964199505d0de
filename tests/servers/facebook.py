"""Facebook pages at the wire, as Meta's documentation says: one page, its posts, pictures, videos and comments."""

import datetime as dt
import hashlib
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from tests.servers.consent import Consent
from tests.servers.wire import Answer, FakeNetwork, MetaFields, Request, Upload, route

PAGE = "102030405060708"
TOKEN = "EAAB-page-token-of-the-winery"
PERSON_TOKEN = "EAAB-token-of-vito-himself"
MAX_TEXT = 63_206
PIECE = 1_000


def refusal(code: int, subcode: int = 0, *, status: int = 400, transient: bool = False, **more: Any) -> Answer:
    """An error as Meta words it."""
    error = {"message": f"(#{code}) No", "type": "OAuthException", "code": code, "fbtrace_id": "AbCdEfGh123"}
    if subcode:
        error["error_subcode"] = subcode
    if transient:
        error["is_transient"] = True
    return Answer(status, {"error": {**error, **more}})


@dataclass
class Video:
    """An upload, or what came of it."""

    id: str
    size: int
    data: bytes = b""
    description: str = ""
    cover: str = ""
    published: bool = False
    stage: str = "uploading"
    captions: dict[str, bytes] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)


@dataclass(eq=False)
class FacebookPages(FakeNetwork):
    """See the module. `slow_videos`: Facebook works on a video until `work` is called."""

    page: str = PAGE
    slow_videos: bool = False
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    photos: dict[str, dict[str, Any]] = field(default_factory=dict)
    videos: dict[str, Video] = field(default_factory=dict)
    now: dt.datetime = dt.datetime(2026, 11, 21, 9, 0, 5, tzinfo=dt.UTC)
    consent: Consent = field(default_factory=lambda: Consent(client_id="77", pkce=False, basic=False))

    def __post_init__(self) -> None:
        super().__init__()
        self.ids = itertools.count(9_000_000_001)
        # /me is the page for a page's token. The file itself has no name in Meta's field specification; it has in
        # https://developers.facebook.com/docs/graph-api/reference/page/photos#upload
        self.spec = MetaFields(lambda node: "Page" if node in {"me", self.page} else "", also={"photos": ["source"]})

    def work(self) -> None:
        """Let Facebook finish what it works on."""
        for video in self.videos.values():
            if video.stage == "processing":
                video.stage, video.published = "ready", True

    def uploads(self) -> list[str]:
        """The digests of the pictures that were uploaded, one for each upload."""
        return [photo["sha256"] for photo in self.photos.values()]

    @route("GET /{version}/me")
    def me(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        if request.token == PERSON_TOKEN:
            return refusal(100, message="(#100) Tried accessing nonexisting field (category) on node type (User)")
        return {"id": self.page, "name": "Cantina Roero", "username": "cantinaroero", "category": "Winery"}

    @route("GET /{version}/oauth/access_token")
    def long_lived(self, request: Request) -> Any:
        asked = {name: request.query[name] for name in ("grant_type", "client_id", "fb_exchange_token")}
        assert asked == {"grant_type": "fb_exchange_token", "client_id": "77", "fb_exchange_token": request.token}
        return {"access_token": f"{request.token}-for-long", "token_type": "bearer", "expires_in": 5_184_000}

    @route("GET /dialog/oauth", outside="a page for people")
    def authorize(self, request: Request) -> Answer:
        return self.consent.authorize(request)

    @route("POST /oauth/access_token", outside="how a code becomes a person's token")
    def signed_in(self, request: Request) -> Any:
        given = {"access_token": "EAAB-person", "token_type": "bearer", "expires_in": 5_184_000}
        return self.consent.redeem(request) or given

    @route("GET /{version}/me/accounts", outside="an edge of a person")
    def accounts(self, request: Request) -> Any:
        assert request.token.endswith("-for-long")
        if request.query.get("after") == "two":
            return {"data": [{"id": "3", "name": "Osteria", "access_token": "EAAB-page-three"}], "paging": {}}
        rows = [
            {"id": self.page, "name": "Cantina Roero", "access_token": TOKEN},
            {"id": "2", "name": "Nothing to say there"},
        ]
        return {"data": rows, "paging": {"cursors": {"after": "two"}, "next": "https://graph.facebook.com/next"}}

    @route("GET /{version}/debug_token")
    def debug(self, request: Request) -> Any:
        known = request.query["input_token"] == TOKEN
        return {"data": {"is_valid": known, "profile_id": self.page, "expires_at": 0, "scopes": ["pages_manage_posts"]}}

    @route("POST /{version}/{page}/photos")
    def photo(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        source = request.fields["source"]
        assert isinstance(source, Upload)
        assert request.fields["published"] == "false"
        photo = f"{next(self.ids)}"
        alt = request.fields.get("alt_text_custom", "")
        self.photos[photo] = {"sha256": hashlib.sha256(source.data).hexdigest(), "mime": source.mime, "alt": alt}
        return {"id": photo}

    @route("POST /{version}/{page}/feed")
    def feed(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        fields = request.fields
        message = fields.get("message", "")
        photos = [one["media_fbid"] for one in json.loads(fields.get("attached_media", "[]"))]
        if len(message.encode("utf-16-le")) // 2 > MAX_TEXT or not (message or photos or fields.get("link")):
            return refusal(100)
        assert set(photos) <= set(self.photos)
        last = max(self.posts.values(), key=lambda post: int(post["created"]), default=None)
        if last and message and (last["message"], last["link"]) == (message, fields.get("link", "")):
            return refusal(506, 1455006)
        post = f"{self.page}_{next(self.ids)}"
        self.posts[post] = {
            "id": post,
            "created": next(self.ids),
            "created_time": self.now.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "message": message,
            "link": fields.get("link", ""),
            "photos": photos,
            "comments": [],
        }
        return {"id": post}

    @route("GET /{version}/{page}/published_posts")
    def published(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        rows = sorted(self.posts.values(), key=lambda post: -int(post["created"]))
        return {"data": [_shown(row) for row in rows[: int(request.query["limit"])]]}

    @route("POST /{version}/{page}/videos")
    def video(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        fields = request.fields
        if fields["upload_phase"] == "start":
            video = Video(f"{next(self.ids)}", int(fields["file_size"]))
            self.videos[video.id] = video
            return {"video_id": video.id, "upload_session_id": f"8{video.id}", **_range(video)}
        video = self.videos[fields["upload_session_id"][1:]]
        if fields["upload_phase"] == "transfer":
            piece = fields["video_file_chunk"]
            assert isinstance(piece, Upload)
            if int(fields["start_offset"]) != len(video.data):
                return refusal(6001, 1363037, error_data=_range(video))
            video.data += piece.data
            return _range(video)
        if len(video.data) != video.size or video.stage == "error":
            return refusal(6000, 1363019)
        video.description = fields.get("description", "")
        cover = fields.get("thumb")
        video.cover = hashlib.sha256(cover.data).hexdigest() if isinstance(cover, Upload) else ""
        video.stage = "processing"
        if not self.slow_videos:
            self.work()
        return {"success": True}

    @route("GET /{version}/{thing}/comments")
    def comments(self, request: Request) -> Any:
        said = self._comments(request.args["thing"])
        return refusal(100, 33) if said is None else {"data": said}

    @route("POST /{version}/{thing}/comments")
    def comment(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        comments = self._comments(request.args["thing"])
        if comments is None:
            return refusal(100, 33)
        said = {"id": f"{next(self.ids)}", "message": request.fields["message"], "from": {"id": self.page}}
        comments.append(said)
        return {"id": said["id"]}

    @route("POST /{version}/{thing}/captions")
    def captions(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        video, file = self.videos.get(request.args["thing"]), request.fields["captions_file"]
        assert isinstance(file, Upload)
        _name, locale, kind = file.name.split(".")
        if video is None or not video.published or (kind, locale) != ("srt", request.fields["default_locale"]):
            return refusal(100, 1363004)
        video.captions[locale] = file.data
        return {"success": True}

    @route("GET /{version}/{thing}/insights")
    def insights(self, request: Request) -> Any:
        counted = {"post_media_view": 120, "post_total_media_view_unique": 80, "post_clicks": 7}
        names = request.query["metric"].split(",")
        return {"data": [{"name": name, "values": [{"value": counted[name]}]} for name in names]}

    @route("GET /{version}/{thing}")
    def thing(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        found = request.args["thing"]
        if found in self.videos:
            video = self.videos[found]
            said = {"id": found, "permalink_url": f"/cantinaroero/videos/{found}/", "published": video.published}
            return {**said, "status": {"video_status": video.stage}, "post_id": f"7{found}"}
        if found not in self.posts:
            return refusal(100, 33) if not found.startswith(f"{self.page}_7") else _counted()
        link = f"https://www.facebook.com/cantinaroero/posts/{found.partition('_')[2]}"
        return {"id": found, "permalink_url": link, **_counted()}

    @route("POST /{version}/{thing}")
    def change(self, request: Request) -> Any:
        found = request.args["thing"]
        if found in self.videos:
            self.videos[found].description = request.fields["description"]
            return {"success": True}
        if found not in self.posts:
            return refusal(100, 33)
        self.posts[found]["message"] = request.fields["message"]
        return {"success": True}

    @route("DELETE /{version}/{thing}")
    def remove(self, request: Request) -> Any:
        if self.posts.pop(request.args["thing"], None) is None and self.videos.pop(request.args["thing"], None) is None:
            return refusal(100, 33)
        return {"success": True}

    def _comments(self, thing: str) -> list[dict[str, Any]] | None:
        """What stands below a post, or a video; None where there is none."""
        if thing in self.videos:
            return self.videos[thing].comments
        return self.posts[thing]["comments"] if thing in self.posts else None

    def _token(self, request: Request) -> Answer | None:
        return None if request.token in {TOKEN, PERSON_TOKEN} else refusal(190, 460, status=401)


def _shown(post: dict[str, Any]) -> dict[str, Any]:
    parts = [{"target": {"id": photo}} for photo in post["photos"]]
    attached = [{"subattachments": {"data": parts}}] if parts else [{"unshimmed_url": post["link"]}]
    return {**{name: post[name] for name in ("id", "message", "created_time")}, "attachments": {"data": attached}}


def _counted() -> dict[str, Any]:
    return {
        "reactions": {"data": [], "summary": {"total_count": 12}},
        "comments": {"data": [], "summary": {"total_count": 3}},
    }


def _range(video: Video) -> dict[str, str]:
    start = len(video.data)
    return {"start_offset": str(start), "end_offset": str(min(start + PIECE, video.size))}
