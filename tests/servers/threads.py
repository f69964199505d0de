"""Threads at the wire, as Meta's documentation says: one profile, and files at public addresses.

There is no specification of Threads to hold requests against: this fake is ours, and checks what its documentation says.
"""

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.servers.facebook import refusal
from tests.servers.fetching import fetch
from tests.servers.instagram import SIGNATURE, Container
from tests.servers.wire import Answer, FakeNetwork, Request, route

PROFILE = "24531234567890123"
TOKEN = "THAA-token-of-the-winery"
KNOWN = {
    "media_type",
    "text",
    "image_url",
    "video_url",
    "is_carousel_item",
    "children",
    "reply_to_id",
    "link_attachment",
    "alt_text",
    "access_token",
}


@dataclass(eq=False)
class ThreadsProfile(FakeNetwork):
    """See the module. `looks`: how often a new container is asked before it is ready."""

    looks: int = 0
    posts_a_day: int = 250
    replies_a_day: int = 1_000
    files: dict[str, bytes] = field(default_factory=dict)
    containers: dict[str, Container] = field(default_factory=dict)
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    now: dt.datetime = dt.datetime(2026, 11, 21, 9, 0, 5, tzinfo=dt.UTC)

    def __post_init__(self) -> None:
        super().__init__()
        self.ids = itertools.count(1)

    def address(self, name: str) -> str:
        """The signed public address of a file."""
        return f"{self.url}/files/{name}?signature={SIGNATURE}"

    def expire(self) -> None:
        """A day goes by."""
        for container in self.containers.values():
            if container.status != "PUBLISHED":
                container.status = "EXPIRED"

    @route("HEAD /files/{name}")
    @route("GET /files/{name}")
    def file(self, request: Request) -> Any:
        data = self.files.get(request.args["name"])
        if data is None or request.query.get("signature") != SIGNATURE:
            return Answer(403, b"")
        assert "access_token" not in request.query
        return Answer(200, data, {"Content-Type": "image/jpeg"})

    @route("GET /v1.0/me")
    def me(self, request: Request) -> Any:
        return self._token(request) or {"id": PROFILE, "username": "cantinaroero", "name": "Cantina Roero"}

    @route("GET /access_token")
    def exchange(self, request: Request) -> Any:
        assert (request.query["grant_type"], request.query["client_secret"]) == (
            "th_exchange_token",
            "the app's own secret",
        )
        return {"access_token": "THAA-for-sixty-days", "token_type": "bearer", "expires_in": 5_184_000}

    @route("GET /refresh_access_token")
    def refresh(self, request: Request) -> Any:
        assert request.query["grant_type"] == "th_refresh_token"
        return {"access_token": "THAA-the-next", "token_type": "bearer", "expires_in": 5_184_000}

    @route("POST /v1.0/{user}/threads")
    def create(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        fields = dict(request.fields)
        assert set(fields) <= KNOWN, set(fields) - KNOWN
        kind = fields["media_type"]
        if len(fields.get("text", "")) > 500 or (kind == "TEXT" and not fields.get("text")):
            return refusal(100)
        assert kind == "TEXT" or "link_attachment" not in fields
        assert fields.get("reply_to_id", "") in {"", *self.posts}
        for name in ("image_url", "video_url"):
            if name in fields:
                file = fields[name].partition("?")[0].rpartition("/")[2]
                if fields[name].startswith(self.url):
                    assert fields[name] == self.address(file)
                else:
                    self.files[file] = fetch(fields[name]) or b""
                self.fetched.append(file)
        if kind == "CAROUSEL":
            children = fields["children"].split(",")
            assert 2 <= len(children) <= 20
            assert all(self.containers[child].fields["is_carousel_item"] == "true" for child in children)
        made = Container(f"5{next(self.ids)}", fields, "IN_PROGRESS" if self.looks else "FINISHED", looks=self.looks)
        self.containers[made.id] = made
        return {"id": made.id}

    @route("POST /v1.0/{user}/threads_publish")
    def publish(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        made = self.containers[request.fields["creation_id"]]
        if made.status != "FINISHED":
            return refusal(24, 4279009)
        made.status = "PUBLISHED"
        post = f"1{next(self.ids)}"
        self.posts[post] = {
            "id": post,
            "text": made.fields.get("text", ""),
            "timestamp": self.now.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "below": made.fields.get("reply_to_id", ""),
            "container": made,
        }
        return {"id": post}

    @route("GET /v1.0/{user}/threads_publishing_limit")
    def limit(self, request: Request) -> Any:
        replies = len([post for post in self.posts.values() if post["below"]])
        told = {
            "quota_usage": len(self.posts) - replies,
            "config": {"quota_total": self.posts_a_day, "quota_duration": 86400},
            "reply_quota_usage": replies,
            "reply_config": {"quota_total": self.replies_a_day, "quota_duration": 86400},
        }
        return {"data": [{name: told[name] for name in request.query["fields"].split(",")}]}

    @route("GET /v1.0/{user}/threads")
    def threads(self, request: Request) -> Any:
        return self._token(request) or self._list(replies=False)

    @route("GET /v1.0/{user}/replies")
    def replies(self, request: Request) -> Any:
        return self._token(request) or self._list(replies=True)

    @route("GET /v1.0/{thing}/insights")
    def insights(self, request: Request) -> Any:
        counted = {"views": 120, "likes": 12, "replies": 3, "reposts": 2, "quotes": 1, "shares": 4}
        names = request.query["metric"].split(",")
        return {"data": [{"name": name, "period": "lifetime", "values": [{"value": counted[name]}]} for name in names]}

    @route("GET /v1.0/{thing}")
    def thing(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        found = request.args["thing"]
        if found in self.containers:
            made = self.containers[found]
            if made.looks:
                made.looks -= 1
            elif made.status == "IN_PROGRESS":
                made.status = "FINISHED"
            return {"id": found, "status": made.status, "error_message": made.why}
        if found not in self.posts:
            return refusal(100, 33)
        return {"id": found, "permalink": f"https://www.threads.com/@cantinaroero/post/{found}"}

    @route("DELETE /v1.0/{thing}")
    def remove(self, request: Request) -> Any:
        gone = self.posts.pop(request.args["thing"], None)
        return {"success": True, "deleted_id": gone["id"]} if gone else refusal(100, 33)

    def _list(self, *, replies: bool) -> Any:
        shown = [post for post in self.posts.values() if bool(post["below"]) == replies]
        return {"data": [{name: post[name] for name in ("id", "text", "timestamp")} for post in reversed(shown)]}

    def _token(self, request: Request) -> Answer | None:
        given = request.query.get("access_token") or request.fields.get("access_token")
        return None if given == TOKEN else refusal(190, 463, status=401)
