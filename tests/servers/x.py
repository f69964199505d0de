"""X as its documents have it: API v2 in memory. Requests are held against X's own OpenAPI document where SPECS_DIR has it.

Ours by necessity, and so no proof of how X behaves: texts come back with t.co's addresses and HTML's entities, the same
text twice is 403, each edit gives a new id, an upload that has ended can't be ended again, GIFs and videos take a while.
"""

import datetime as dt
import html
import itertools
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from tests.servers.consent import Consent
from tests.servers.wire import NOW, Answer, FakeNetwork, OpenApi, Request, Upload, route

_EDITS = 5


@dataclass
class Post:
    """One post, over all its edits."""

    ids: list[str]
    text: str
    at: dt.datetime
    media: list[str] = field(default_factory=list)
    answers: str = ""
    thread: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    edits: bool = True


@dataclass
class Media:
    """One upload."""

    mime: str
    size: int
    category: str
    pieces: dict[int, bytes] = field(default_factory=dict)
    ended: bool = False
    polls: int = 0
    alt_text: str = ""
    subtitles: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces[number] for number in sorted(self.pieces))


class FakeX(FakeNetwork):
    """One account, `user`, whose token is `token`. `works_for` is how many polls a GIF or video takes."""

    spec = OpenApi("x.json")
    user: str = "2244994945"
    token: str = "access-token-of-the-winery"
    refresh: str = "refresh-token-of-the-winery"

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[Post] = []
        self.media: dict[str, Media] = {}
        self.works_for = 2
        self.fails = False
        self.consent = Consent()
        self.used: list[str] = []  # the refresh tokens that were used, also in vain
        self._ids = itertools.count(1_900_000_000_000_000_001)
        self._ticks = itertools.count(1)

    def texts(self) -> list[str]:
        """What readers see, the oldest first."""
        return [post.text for post in self.posts]

    def uploads(self) -> int:
        """How many uploads were ended."""
        return sum(media.ended for media in self.media.values())

    @route("GET /2/users/me")
    def me(self, request: Request) -> Answer:
        return self._allowed(request) or Answer(
            200, {"data": {"id": self.user, "name": "Cantina Roero", "username": "cantinaroero"}}
        )

    @route("POST /2/tweets")
    def create(self, request: Request) -> Answer:
        body = request.json
        denied = self._allowed(request) or self._edited(body)
        if denied:
            return denied
        text = unicodedata.normalize("NFC", body.get("text", ""))
        media = body.get("media", {}).get("media_ids", [])
        if text and text in self.texts():
            return _problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
        if any(known not in self.media or not self.media[known].ended for known in media) or not (text or media):
            return _problem(400, "Invalid Request", "Your media IDs are invalid.")
        answers = body.get("reply", {}).get("in_reply_to_tweet_id", "")
        options = {name: body[name] for name in body if name not in {"text", "media", "reply"}}
        at = NOW + dt.timedelta(seconds=next(self._ticks))
        known = str(next(self._ids))
        thread = next((post.thread for post in self.posts if answers in post.ids), known)
        post = Post([known], text, at, media, answers, thread, options)
        self.posts.append(post)
        return Answer(201, {"data": {"id": post.ids[-1], "text": _kept(post)["text"]}})

    @route("GET /2/users/{user}/tweets")
    def timeline(self, request: Request) -> Answer:
        denied = self._allowed(request)
        if denied:
            return denied
        since = dt.datetime.fromisoformat(request.query["start_time"])
        found = [post for post in reversed(self.posts) if post.at >= since]
        start = int(request.query.get("pagination_token", "0"))
        shown = found[start : start + int(request.query["max_results"])]
        meta: dict[str, Any] = {"result_count": len(shown)}
        if start + len(shown) < len(found):
            meta["next_token"] = str(start + len(shown))
        return Answer(200, {"data": [_kept(post) for post in shown], "meta": meta} if shown else {"meta": meta})

    @route("GET /2/tweets")
    def lookup(self, request: Request) -> Answer:
        denied = self._allowed(request)
        if denied:
            return denied
        ids = request.query["ids"].split(",")
        found = [post for post in self.posts if set(post.ids) & set(ids)]
        missing = [known for known in ids if not any(known in post.ids for post in found)]
        body: dict[str, Any] = {"data": [_kept(post) for post in found]} if found else {}
        if missing:
            kind = "https://api.x.com/2/problems/resource-not-found"
            body["errors"] = [{"type": kind, "title": "Not Found Error", "value": known} for known in missing]
        return Answer(200, body)

    @route("DELETE /2/tweets/{post}")
    def delete(self, request: Request) -> Answer:
        denied = self._allowed(request)
        if denied:
            return denied
        left = [post for post in self.posts if request.args["post"] not in post.ids]
        if len(left) == len(self.posts):
            return _problem(404, "Not Found Error", "Could not find tweet with that id")
        self.posts = left
        return Answer(200, {"data": {"deleted": True}})

    @route("POST /2/media/upload/initialize")
    def initialize(self, request: Request) -> Answer:
        denied = self._allowed(request)
        if denied:
            return denied
        body, media = request.json, str(next(self._ids))
        self.media[media] = Media(body["media_type"], body["total_bytes"], body["media_category"])
        return Answer(200, {"data": {"id": media, "media_key": f"3_{media}", "expires_after_secs": 86400}})

    @route("POST /2/media/upload/{media}/append")
    def append(self, request: Request) -> Answer:
        denied = self._allowed(request)
        if denied:
            return denied
        media, file = self.media.get(request.args["media"]), request.fields["media"]
        if media is None or media.ended or not isinstance(file, Upload) or len(file.data) > 5 * 1024 * 1024:
            return _problem(400, "Invalid Request", "The media ID is invalid.")
        media.pieces[int(request.fields["segment_index"])] = file.data
        return Answer(200, {"data": {"expires_at": 1_795_000_000}})

    @route("POST /2/media/upload/{media}/finalize")
    def finalize(self, request: Request) -> Answer:
        denied = self._allowed(request)
        if denied:
            return denied
        media = self.media.get(request.args["media"])
        if media is None or media.ended or len(media.data) != media.size:
            return _problem(400, "Invalid Request", "Segments do not add up to provided total file size.")
        media.ended = True
        return Answer(200, {"data": {"id": request.args["media"], **self._progress(media)}})

    @route("GET /2/media/upload")
    def status(self, request: Request) -> Answer:
        media = self.media.get(request.query["media_id"])
        if media is None:
            return _problem(404, "Not Found Error", "Could not find that media.")
        media.polls += 1
        return self._allowed(request) or Answer(
            200, {"data": {"id": request.query["media_id"], **self._progress(media)}}
        )

    @route("POST /2/media/metadata")
    def describe(self, request: Request) -> Answer:
        self.media[request.json["id"]].alt_text = request.json["metadata"]["alt_text"]["text"]
        return self._allowed(request) or Answer(200, {"data": {"id": request.json["id"]}})

    @route("POST /2/media/subtitles")
    def subtitle(self, request: Request) -> Answer:
        denied = self._allowed(request)
        if denied:
            return denied
        video, given = self.media.get(request.json["id"]), request.json["subtitles"]
        file = self.media.get(given["id"])
        if not (video and file and file.ended and file.category == "subtitles" and file.mime == "text/srt"):
            return _problem(400, "Invalid Request", "The media ID is invalid.")
        video.subtitles[given["language_code"]] = (given["display_name"], file.data)
        return Answer(200, {"data": {"id": request.json["id"], "media_category": "TweetVideo"}})

    @route("POST /2/oauth2/token", outside="X's document has the address of this call, and not the call")
    def renew(self, request: Request) -> Answer:
        if request.fields.get("grant_type") == "authorization_code":
            return self.consent.redeem(request) or self.renewed()
        self.used.append(str(request.fields.get("refresh_token")))
        wanted = {"grant_type": "refresh_token", "refresh_token": self.refresh}
        if {name: request.fields.get(name) for name in wanted} != wanted:
            said = "Value passed for the token was invalid."
            return Answer(400, {"error": "invalid_request", "error_description": said})
        return self.renewed()

    @route("GET /i/oauth2/authorize", outside="a page for people")
    def authorize(self, request: Request) -> Answer:
        return self.consent.authorize(request)

    def renewed(self) -> Answer:
        """New tokens; the ones before are over."""
        turn = next(self._ids)
        self.token, self.refresh = f"access-token-{turn}", f"refresh-token-{turn}"
        given = {"token_type": "bearer", "access_token": self.token, "refresh_token": self.refresh}
        return Answer(200, {**given, "expires_in": 7200, "scope": "tweet.read"})

    def _allowed(self, request: Request) -> Answer | None:
        return None if request.token == self.token else _problem(401, "Unauthorized", "Unauthorized")

    def _edited(self, body: dict[str, Any]) -> Answer | None:
        previous = body.get("edit_options", {}).get("previous_post_id")
        if not previous:
            return None
        post = next((post for post in self.posts if post.ids[-1] == previous), None)
        if post is None or not post.edits or len(post.ids) > _EDITS:
            return _problem(403, "Forbidden", "This Post can not be edited.")
        post.text, post.media = body["text"], body.get("media", {}).get("media_ids", [])
        post.ids.append(str(next(self._ids)))
        return Answer(201, {"data": {"id": post.ids[-1], "text": post.text}})

    def _progress(self, media: Media) -> dict[str, Any]:
        if media.category in {"tweet_image", "subtitles"}:
            return {}
        state = "pending" if media.polls < self.works_for else "failed" if self.fails else "succeeded"
        return {"processing_info": {"state": state, "check_after_secs": 1}}


def _problem(status: int, title: str, detail: str) -> Answer:
    kind = {"Content-Type": "application/problem+json"}
    return Answer(status, {"title": title, "detail": detail, "type": "about:blank", "status": status}, kind)


def _kept(post: Post) -> dict[str, Any]:
    """The post as X gives it."""
    urls, text = [], html.escape(post.text.strip(), quote=False)
    for number, found in enumerate(dict.fromkeys(re.findall(r"https?://\S+", text))):
        short = f"https://t.co/a{number}{post.ids[0][-6:]}"
        text = text.replace(found, short)
        urls.append({"start": 0, "end": 23, "url": short, "expanded_url": html.unescape(found)})
    if post.media:
        short = f"https://t.co/m{post.ids[0][-6:]}"
        text = f"{text} {short}".strip()
        page = f"https://x.com/cantinaroero/status/{post.ids[0]}/photo/1"
        urls.append({"start": 0, "end": 23, "url": short, "expanded_url": page, "media_key": f"3_{post.media[0]}"})
    counts = ("bookmark_count", "impression_count", "like_count", "quote_count", "reply_count", "repost_count")
    given: dict[str, Any] = {
        "id": post.ids[-1],
        "text": text,
        "edit_history_post_ids": post.ids,
        "conversation_id": post.thread,
        "created_at": post.at.isoformat().replace("+00:00", ".000Z"),
        "entities": {"urls": urls} if urls else {},
        "attachments": {"media_keys": [f"3_{known}" for known in post.media]} if post.media else {},
        "edit_controls": {"is_edit_eligible": post.edits, "edits_remaining": _EDITS + 1 - len(post.ids)},
        "public_metrics": {name: number for number, name in enumerate(counts, start=1)},
        "non_public_metrics": {"url_link_clicks": 7},
    }
    return given
