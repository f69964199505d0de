"""YouTube as its documents have it: Data API v3 in memory, resumable uploads included.

Requests are held against Google's own document of the API; how the server behaves is ours. An upload takes pieces of which
all but the last are a multiple of 256 KiB, and says with 308 how far it is; asked after its end it gives the video again.
A part that is changed is changed as a whole. What nobody may see, nobody but the channel sees.
"""

import datetime as dt
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from tests.servers.discovery import Discovery
from tests.servers.wire import NOW, Answer, FakeNetwork, Request, route

UNIT = 262_144


@dataclass
class Video:
    """One video; `polls` is how often its status was asked."""

    id: str
    parts: dict[str, dict[str, Any]]
    data: bytes
    at: dt.datetime
    polls: int = 0
    cover: bytes = b""
    captions: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Session:
    """One upload."""

    body: dict[str, Any]
    size: int
    data: bytes = b""
    video: str = ""


class FakeYouTube(FakeNetwork):
    """One channel. `works_for` is how many polls a video takes; `takes` how much of a piece arrives; `audited` whether the app may make public."""

    spec = Discovery("youtube.v3")
    channel = "UCx2kWq0m8vVY1rX5n3Jt7dA"
    token = "ya29.access-token-of-the-winery"
    refresh = "1//refresh-token-of-the-winery"
    key = "AHmUCY0-key-of-an-upload"

    def __init__(self) -> None:
        super().__init__()
        self.videos: dict[str, Video] = {}
        self.sessions: dict[str, Session] = {}
        self.works_for = 2
        self.ends_as: dict[str, str] = {"uploadStatus": "processed"}
        self.takes = 1_000_000_000
        self.audited = True
        self.inserted = 0
        self._numbers = itertools.count(1)

    def texts(self) -> list[str]:
        """The descriptions of what anybody can see, the oldest first."""
        seen = (video.parts for video in self.videos.values())
        return [parts["snippet"]["description"] for parts in seen if parts["status"]["privacyStatus"] != "private"]

    @route("GET /youtube/v3/channels")
    def channels(self, request: Request) -> Answer:
        mine = {
            "id": self.channel,
            "snippet": {"title": "Cantina Roero", "customUrl": "@cantinaroero"},
            "contentDetails": {"relatedPlaylists": {"uploads": "UU" + self.channel[2:]}},
        }
        return self._denied(request) or Answer(200, {"items": [mine], "pageInfo": {"totalResults": 1}})

    @route("POST /upload/youtube/v3/videos")
    def begin(self, request: Request) -> Answer:
        denied = self._denied(request)
        if denied:
            return denied
        assert request.query["uploadType"] == "resumable"
        assert request.headers["x-upload-content-type"] == "video/mp4"
        key = f"{self.key}-{next(self._numbers)}"
        self.sessions[key] = Session(request.json, int(request.headers["x-upload-content-length"]))
        where = f"{self.url}/upload/youtube/v3/videos?uploadType=resumable&part={request.query['part']}&upload_id={key}"
        return Answer(200, b"", {"Location": where})

    @route("PUT /upload/youtube/v3/videos", outside="the protocol of uploads, not the API")
    def put(self, request: Request) -> Answer:
        session = self.sessions.get(request.query["upload_id"])
        denied = self._denied(request)
        if denied or session is None:
            return denied or _error(404, "notFound")
        span, _, total = request.headers["content-range"].removeprefix("bytes ").partition("/")
        assert int(total) == session.size
        if span != "*" and not session.video:
            first, last = map(int, span.split("-"))
            assert len(request.body) == last - first + 1
            assert len(request.body) % UNIT == 0 or last + 1 == session.size
            if first != len(session.data):
                return _error(400, "badContent")
            session.data += request.body[: self.takes]
        if len(session.data) < session.size:
            got = {"Range": f"bytes=0-{len(session.data) - 1}"} if session.data else {}
            return Answer(308, b"", got)
        return Answer(200, self._shown(self._insert(session), "snippet,status"))

    @route("GET /youtube/v3/videos")
    def list_videos(self, request: Request) -> Answer:
        found = [video for video in self.videos.values() if video.id in request.query["id"].split(",")]
        for video in found:
            video.polls += 1
            if video.polls >= self.works_for:
                video.parts["status"].update(self.ends_as)
        return self._denied(request) or Answer(
            200, {"items": [self._shown(video, request.query["part"]) for video in found], "pageInfo": {}}
        )

    @route("PUT /youtube/v3/videos")
    def update(self, request: Request) -> Answer:
        video = self.videos.get(request.json["id"])
        denied = self._denied(request)
        if denied or video is None:
            return denied or _error(404, "videoNotFound")
        for part, given in request.json.items():
            if part == "id":
                continue
            told = {"uploadStatus": video.parts["status"]["uploadStatus"]} if part == "status" else {}
            video.parts[part] = {**given, **told}
        if not self.audited:
            video.parts["status"]["privacyStatus"] = "private"
        return Answer(200, self._shown(video, request.query["part"]))

    @route("DELETE /youtube/v3/videos")
    def delete(self, request: Request) -> Answer:
        denied = self._denied(request)
        if denied or self.videos.pop(request.query["id"], None) is None:
            return denied or _error(404, "videoNotFound")
        return Answer(204)

    @route("GET /youtube/v3/playlistItems")
    def uploads_of(self, request: Request) -> Answer:
        newest = list(reversed(self.videos.values()))[: int(request.query["maxResults"])]
        shown = [
            {
                "snippet": {
                    "title": video.parts["snippet"]["title"],
                    "publishedAt": video.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "resourceId": {"kind": "youtube#video", "videoId": video.id},
                }
            }
            for video in newest
        ]
        return self._denied(request) or Answer(200, {"items": shown, "pageInfo": {}})

    @route("POST /upload/youtube/v3/thumbnails/set")
    def cover(self, request: Request) -> Answer:
        denied = self._denied(request)
        if denied is None:
            self.videos[request.query["videoId"]].cover = request.body
        return denied or Answer(200, {"items": [{"default": {"url": "https://i.ytimg.com/x.jpg"}}]})

    @route("POST /upload/youtube/v3/captions")
    def caption(self, request: Request) -> Answer:
        edge = request.headers["content-type"].partition("boundary=")[2].encode()
        said, file = (piece.partition(b"\r\n\r\n")[2] for piece in request.body.split(b"--" + edge)[1:3])
        snippet = json.loads(said)["snippet"]
        captions = self.videos[snippet["videoId"]].captions
        denied = self._denied(request)
        if denied or snippet["language"] in captions:
            return denied or _error(409, "captionExists")
        captions[snippet["language"]] = file.removesuffix(b"\r\n")
        return Answer(200, {"id": "AUieDab", "snippet": snippet})

    @route("POST /token", outside="OAuth")
    def renew(self, request: Request) -> Answer:
        asked = request.fields
        if asked.get("client_secret") != "secret of the app" or asked.get("refresh_token") != self.refresh:
            return Answer(400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."})
        return Answer(200, {"access_token": "ya29.new", "expires_in": 3_599, "token_type": "Bearer"})

    def _insert(self, session: Session) -> Video:
        if not session.video:
            self.inserted += 1
            number = next(self._numbers)
            session.video = f"dQw4w9WgX{number:02d}"
            parts = {name: dict(part) for name, part in session.body.items()}
            parts["status"] |= {"uploadStatus": "uploaded", "license": "youtube", "embeddable": True}
            at = NOW + dt.timedelta(seconds=number)
            self.videos[session.video] = Video(session.video, parts, session.data, at)
        return self.videos[session.video]

    def _shown(self, video: Video, asked: str) -> dict[str, Any]:
        more = {
            "statistics": {"viewCount": "44", "likeCount": "6", "commentCount": "2", "favoriteCount": "0"},
            "fileDetails": {"fileSize": str(len(video.data))},
        }
        parts = {**video.parts, **more}
        return {"kind": "youtube#video", "id": video.id, **{part: dict(parts[part]) for part in asked.split(",")}}

    def _denied(self, request: Request) -> Answer | None:
        return None if request.token == self.token else _error(401, "authError")


def _error(status: int, reason: str) -> Answer:
    errors = [{"domain": "youtube", "reason": reason, "message": "no"}]
    return Answer(status, {"error": {"code": status, "message": "no", "errors": errors}})
