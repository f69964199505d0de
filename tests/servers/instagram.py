"""Instagram at the wire, as Meta's documentation says: one professional account behind a page, and files on our side."""

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.servers.facebook import refusal
from tests.servers.fetching import fetch
from tests.servers.wire import Answer, FakeNetwork, MetaFields, Request, route

USER = "17841405822304914"
TOKEN = "EAAB-page-token-behind-instagram"
OWN_TOKEN = "IGAA-token-of-instagrams-own"
SIGNATURE = "signed-for-an-hour-9f8e7d"


@dataclass
class Container:
    """What is prepared; `looks` is how often it is asked before it is ready."""

    id: str
    fields: dict[str, Any]
    status: str = "FINISHED"
    why: str = ""
    looks: int = 0


@dataclass(eq=False)
class InstagramAccount(FakeNetwork):
    """See the module. `looks`: how often a new container is asked before it is ready. `files` lie at public addresses."""

    looks: int = 0
    quota: int = 100
    files: dict[str, bytes] = field(default_factory=dict)
    containers: dict[str, Container] = field(default_factory=dict)
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    now: dt.datetime = dt.datetime(2026, 11, 21, 9, 0, 5, tzinfo=dt.UTC)

    def __post_init__(self) -> None:
        super().__init__()
        self.ids = itertools.count(1)
        self.spec = MetaFields(self._kind)

    def address(self, name: str) -> str:
        """The signed public address of a file."""
        return f"{self.url}/files/{name}?signature={SIGNATURE}"

    def expire(self) -> None:
        """A day goes by."""
        for container in self.containers.values():
            if container.status != "PUBLISHED":
                container.status = "EXPIRED"

    @route("HEAD /files/{name}", outside="our own files")
    @route("GET /files/{name}", outside="our own files")
    def file(self, request: Request) -> Any:
        data = self.files.get(request.args["name"])
        if data is None or request.query.get("signature") != SIGNATURE:
            return Answer(403, b"")
        assert "authorization" not in request.headers
        if request.headers.get("range"):
            return Answer(206, data[:1], {"Content-Range": f"bytes 0-0/{len(data)}", "Content-Type": "image/jpeg"})
        return Answer(200, data, {"Content-Type": "image/jpeg"})

    @route("GET /{version}/me", outside="a page's or a person's token")
    def me(self, request: Request) -> Any:
        if request.token == OWN_TOKEN:
            assert request.query["fields"] == "user_id,username,name"
            return {"user_id": USER, "username": "cantinaroero", "name": "Cantina Roero"}
        if refused := self._token(request):
            return refused
        return {
            "instagram_business_account": {"id": USER, "username": "cantinaroero", "name": "Cantina Roero"},
            "id": "1",
        }

    @route("GET /{version}/oauth/access_token")
    def long_lived(self, request: Request) -> Any:
        asked = {name: request.query[name] for name in ("grant_type", "client_id", "fb_exchange_token")}
        assert asked == {"grant_type": "fb_exchange_token", "client_id": "77", "fb_exchange_token": request.token}
        return {"access_token": f"{request.token}-for-long", "token_type": "bearer", "expires_in": 5_184_000}

    @route("GET /{version}/me/accounts", outside="an edge of a person")
    def accounts(self, request: Request) -> Any:
        assert request.token.endswith("-for-long")
        return {"data": [{"id": "1", "name": "Cantina Roero", "access_token": TOKEN}]}

    @route("GET /refresh_access_token", outside="signs in")
    def refresh(self, request: Request) -> Any:
        assert request.query["grant_type"] == "ig_refresh_token"
        return {"access_token": "IGAA-the-next", "token_type": "bearer", "expires_in": 5_184_000}

    def _fetched(self, address: str) -> str:
        """The name of the file that lies there; empty where none does."""
        file = address.partition("?")[0].rpartition("/")[2]
        if address.startswith(self.url):
            return file if address == self.address(file) else ""
        data = fetch(address)
        self.files |= {file: data} if data else {}
        return file

    @route("POST /{version}/{user}/media")
    def create(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        fields = dict(request.fields)
        if len(fields.get("caption", "").encode("utf-16-le")) // 2 > 2_200:
            return refusal(36004, 2207010)
        for name in ("image_url", "video_url", "cover_url"):
            if name in fields:
                file = self._fetched(fields[name])
                if file not in self.files:
                    return refusal(9004, 2207052)
                self.fetched.append(file)
        made = Container(f"5{next(self.ids)}", fields, "IN_PROGRESS" if self.looks else "FINISHED", looks=self.looks)
        self.containers[made.id] = made
        return {"id": made.id}

    @route("POST /{version}/{user}/media_publish")
    def publish(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        made = self.containers[request.fields["creation_id"]]
        if made.status == "EXPIRED":
            return refusal(24, 2207006)
        if made.status != "FINISHED":
            return refusal(9007, 2207027)
        if len(self.posts) >= self.quota:
            return refusal(9, 2207042)
        made.status = "PUBLISHED"
        post = f"1{next(self.ids)}"
        self.posts[post] = {
            "id": post,
            "caption": made.fields.get("caption"),
            "timestamp": self.now.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "container": made,
            "comments": [],
        }
        return {"id": post}

    @route("GET /{version}/{user}/content_publishing_limit")
    def limit(self, request: Request) -> Any:
        return {
            "data": [{"quota_usage": len(self.posts), "config": {"quota_total": self.quota, "quota_duration": 86400}}]
        }

    @route("GET /{version}/{user}/media")
    def media(self, request: Request) -> Any:
        if refused := self._token(request):
            return refused
        shown = [{name: post[name] for name in ("id", "caption", "timestamp")} for post in self.posts.values()]
        return {"data": [row if row["caption"] else {**row, "caption": None} for row in reversed(shown)]}

    @route("GET /{version}/{thing}/comments")
    def comments(self, request: Request) -> Any:
        post = self.posts.get(request.args["thing"])
        return {"data": post["comments"]} if post else refusal(100, 33)

    @route("POST /{version}/{thing}/comments")
    def comment(self, request: Request) -> Any:
        said = {"id": f"3{next(self.ids)}", "text": request.fields["message"], "username": "cantinaroero"}
        self.posts[request.args["thing"]]["comments"].append(said)
        return {"id": said["id"]}

    @route("GET /{version}/{thing}/insights")
    def insights(self, request: Request) -> Any:
        counted = {"reach": 80, "views": 120, "likes": 12, "comments": 3, "shares": 0, "profile_activity": 4}
        names = request.query["metric"].split(",")
        post = self.posts[request.args["thing"]]
        if "profile_activity" in names and post["container"].fields.get("media_type") == "REELS":
            return refusal(100, message="(#100) metric[0] must be one that this media product type has")
        return {"data": [{"name": name, "total_value": {"value": counted[name]}} for name in names]}

    @route("GET /{version}/{thing}")
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
            return {"id": found, "status_code": made.status, "status": made.why or made.status}
        if found not in self.posts:
            return refusal(100, 33)
        return {
            "id": found,
            "permalink": f"https://www.instagram.com/p/{found}/",
            "like_count": 12,
            "comments_count": 3,
        }

    @route("DELETE /{version}/{thing}")
    def remove(self, request: Request) -> Any:
        return {"success": True} if self.posts.pop(request.args["thing"], None) else refusal(100, 33)

    def _kind(self, node: str) -> str:
        if node == USER:
            return "IGUser"
        return "IGMedia" if node in self.posts else ""

    def _token(self, request: Request) -> Answer | None:
        return None if request.token in {TOKEN, OWN_TOKEN} else refusal(190, 463, status=401)
