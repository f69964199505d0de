"""A WordPress in memory, for its bad days alone: what its REST API answers on the ways that Filo goes, seen on the real one.

The real one (`tests.servers.wordpress`) is what the module is held against; a hundred bad days would take it minutes.
"""

import itertools
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.servers.wire import NOW, Answer, Call, FakeNetwork, Request, Upload, route

HERE = "/wp-json/wp/v2"
BASIC = "Basic cm9lcm86aXRzIG93biBwYXNzd29yZA=="  # roero:its own password


class FakeWordPress(FakeNetwork):
    """A site with one author. `posts` by their numbers, in any state; `media` all that was uploaded.

    `ways`: under which paths its API answers: `/wp-json`, or by `rest_route` at `/index.php` and `/`, which plain permalinks
    leave; `elsewhere` is what its web server says to the others. `cache`: what was read once, where something between keeps
    it by its address, whoever asks.
    """

    password = "its own password"

    def __init__(self) -> None:
        super().__init__()
        self.posts: dict[int, dict[str, Any]] = {}
        self.media: list[dict[str, Any]] = []
        self.ways = {"/wp-json", "/index.php", "/"}
        self.elsewhere = Answer(404, b"<h1>Not Found</h1>", {"Content-Type": "text/html"})
        self.cache: dict[str, Answer] | None = None
        self._ids = itertools.count(7)

    def answer(self, call: Call) -> Answer:
        """Answer by the cache, where there is one, and by the ways that are open."""
        if self.cache is None or call.method != "GET":
            return self._by_its_way(call)
        return self.cache.setdefault(call.target, self.cache.get(call.target) or self._by_its_way(call))

    def _by_its_way(self, call: Call) -> Answer:
        query = dict(parse_qsl(call.target.partition("?")[2]))
        place, method = query.pop("rest_route", ""), query.pop("_method", call.method)
        if (call.path if place else "/wp-json") not in self.ways:
            return self.elsewhere
        path = f"/wp-json{place}" if place else call.path
        return super().answer(replace(call, method=method, target=f"{path}?{urlencode(query)}"))

    @route(f"GET {HERE}/users/me")
    def me(self, request: Request) -> Answer:
        given = {"id": 3, "slug": "roero", "name": "Roero", "capabilities": {"publish_posts": True}}
        return self._denied(request) or Answer(200, given)

    @route("GET /wp-json/")
    def index(self, request: Request) -> Answer:
        return self._denied(request) or Answer(200, {"name": "Cantina Roero"})

    @route(f"GET {HERE}/posts")
    def listed(self, request: Request) -> Answer:
        slug = request.query["slug"]
        found = [post for post in self.posts.values() if post["slug"] == slug and post["status"] != "trash"]
        return self._denied(request) or Answer(200, [{"id": post["id"], "slug": slug} for post in found])

    @route(f"POST {HERE}/posts")
    def create(self, request: Request) -> Answer:
        return self._denied(request) or self._written({"id": next(self._ids), "content": ""}, request.json, 201)

    @route(f"POST {HERE}/posts/{{post}}")
    def write(self, request: Request) -> Answer:
        post = self.posts.get(int(request.args["post"]))
        return self._denied(request) or (self._written(post, request.json, 200) if post else _gone(404))

    @route(f"GET {HERE}/posts/{{post}}")
    def post(self, request: Request) -> Answer:
        post = self.posts.get(int(request.args["post"]))
        return self._denied(request) or (Answer(200, self._shown(post)) if post else _gone(404))

    @route(f"DELETE {HERE}/posts/{{post}}")
    def delete(self, request: Request) -> Answer:
        post = self.posts.get(int(request.args["post"]))
        if self._denied(request) or post is None:
            return self._denied(request) or _gone(404)
        if post["status"] == "trash":
            return _gone(410)
        if request.query.get("force") == "true":
            del self.posts[post["id"]]
        post["status"] = "trash"
        return Answer(200, self._shown(post))

    @route(f"GET {HERE}/comments")
    def comments(self, request: Request) -> Answer:
        return self._denied(request) or Answer(200, [], {"X-WP-Total": "0", "X-WP-TotalPages": "0"})

    @route(f"GET {HERE}/media")
    def pictures(self, request: Request) -> Answer:
        found = [item for item in self.media if item["slug"] == request.query["slug"]]
        return self._denied(request) or Answer(200, found)

    @route(f"POST {HERE}/media")
    def upload(self, request: Request) -> Answer:
        file = request.fields["file"]
        if self._denied(request) or not isinstance(file, Upload):
            return self._denied(request) or _refused(400, "rest_upload_no_data")
        slug, number = file.name.rpartition(".")[0], next(self._ids)
        item = {"id": number, "slug": slug, "source_url": f"{self.url}/wp-content/uploads/{file.name}"}
        self.media.append(item)
        return Answer(201, item)

    def _denied(self, request: Request) -> Answer | None:
        right = request.headers.get("authorization") == BASIC
        return None if right else _refused(401, "incorrect_password")

    def _written(self, post: dict[str, Any], body: dict[str, Any], status: int) -> Answer:
        changed = {**post, **body}
        if changed.get("status") == "publish" and str(changed.get("date") or "") > NOW.isoformat():
            changed["status"] = "future"  # as WordPress does
        if not (changed.get("title") or changed["content"]):
            return _refused(400, "empty_content")
        self.posts[post["id"]] = changed
        return Answer(status, self._shown(changed))

    def _shown(self, post: dict[str, Any]) -> dict[str, Any]:
        words = {name: {"raw": post.get(name, "")} for name in ("title", "content", "excerpt")}
        return {**post, **words, "link": f"{self.url}/{post['slug'] or post['id']}/"}


def _refused(status: int, code: str) -> Answer:
    return Answer(status, {"code": code, "message": "No.", "data": {"status": status}})


def _gone(status: int) -> Answer:
    return _refused(status, "rest_post_invalid_id" if status == 404 else "rest_already_trashed")
