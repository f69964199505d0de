"""Google's APIs for places as their documents have them, in memory: one place, its posts, and files at public addresses.

What goes to the APIs of places and accounts is held against Google's own documents; of posts (v4) there is none. Google
fetches a picture when the post comes, looks at the post for a while, and may reject it; it says where a button misses its link.
Each sign-in gives a refresh token that stays, until its person has more than `most` of them: then the oldest is over.
"""

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.servers.consent import Consent
from tests.servers.discovery import Discovery
from tests.servers.fetching import fetch
from tests.servers.requests import Request
from tests.servers.wire import NOW, Answer, FakeNetwork, route

LOCATION = "accounts/104506391/locations/8675309"
SIGNATURE = "signed-for-an-hour-9f8e7d"


class Documents:
    """The documents that there are, each for its own part of the addresses."""

    def problems(self, request: Request) -> list[str]:
        """See `Specification`."""
        if not request.path.startswith("/v1/"):
            return []
        api = "mybusinessaccountmanagement" if request.path == "/v1/accounts" else "mybusinessbusinessinformation"
        return Discovery(f"{api}.v1").problems(request)


@dataclass
class Post:
    """One post; `looks` is how often it was asked for."""

    name: str
    given: dict[str, Any]
    at: dt.datetime
    state: str
    looks: int = 0


@dataclass(eq=False)
class FakeGoogleBusiness(FakeNetwork):
    """One place. `state` is what a new post is, `then` what it is after `looks` questions."""

    token = "ya29.access-token-of-the-winery"
    refresh = "1//refresh-token-of-the-winery"
    state: str = "LIVE"
    then: str = "LIVE"
    looks: int = 1
    posts_allowed: bool = True
    most: int = 100
    person: str = "accounts/104506391"
    places: dict[str, str] = field(default_factory=lambda: {"8675309": "Cantina Roero", "42": "Cantina Roero, negozio"})
    files: dict[str, bytes] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.spec = Documents()
        self._numbers = itertools.count(1)
        self.consent = Consent(basic=False)
        self.tokens = {self.token}
        self.living = [self.refresh]  # the refresh tokens that are good, the oldest first

    def texts(self) -> list[str]:
        """What readers see, the oldest first."""
        return [post.given["summary"] for post in self.posts.values() if post.state == "LIVE"]

    def address(self, name: str) -> str:
        """The signed public address of a file."""
        return f"{self.url}/files/{name}?signature={SIGNATURE}"

    @route("HEAD /files/{name}")
    @route("GET /files/{name}")
    def file(self, request: Request) -> Answer:
        data = self.files.get(request.args["name"])
        if data is None or request.query.get("signature") != SIGNATURE:
            return Answer(403)
        assert "authorization" not in request.headers
        return Answer(200, data, {"Content-Type": "image/png"})

    @route("GET /v1/accounts")
    def accounts(self, request: Request) -> Answer:
        return self._denied(request) or Answer(
            200,
            {"accounts": [{"name": "accounts/7", "type": "LOCATION_GROUP"}, {"name": self.person, "type": "PERSONAL"}]},
        )

    @route("GET /v1/accounts/{account}/locations")
    def locations(self, request: Request) -> Answer:
        if request.args["account"] == "7":
            return self._denied(request) or Answer(200, {})
        found = [{"name": f"locations/{known}", "title": title} for known, title in self.places.items()]
        start = int(request.query.get("pageToken", 0))
        more = {"nextPageToken": str(start + 1)} if start + 1 < len(found) else {}
        return self._denied(request) or Answer(200, {"locations": found[start : start + 1], **more})

    @route("GET /v1/locations/{location}")
    def location(self, request: Request) -> Answer:
        known = request.args["location"]
        found = {
            "name": f"locations/{known}",
            "title": self.places.get(known),
            "metadata": {
                "mapsUri": "https://maps.google.com/maps?cid=8675309",
                "canOperateLocalPost": self.posts_allowed,
            },
        }
        gone = None if known in self.places else _error(404, "NOT_FOUND")
        return self._denied(request) or gone or Answer(200, found)

    @route("POST /v4/accounts/{account}/locations/{location}/localPosts")
    def create(self, request: Request) -> Answer:
        denied = self._denied(request) or self._wrong(request.json)
        if denied:
            return denied
        for media in request.json.get("media", []):
            name, _, signature = media["sourceUrl"].rpartition("/")[2].partition("?signature=")
            if not media["sourceUrl"].startswith(self.url):
                self.files[name], signature = fetch(media["sourceUrl"]) or b"", SIGNATURE
            if name not in self.files or signature != SIGNATURE:
                return _error(400, "INVALID_ARGUMENT", "PHOTO_FETCH_FAILED")
            self.fetched.append(name)
        number = next(self._numbers)
        name = f"{LOCATION}/localPosts/{number}"
        post = Post(name, dict(request.json), NOW + dt.timedelta(seconds=number), self.state)
        self.posts[name] = post
        return Answer(200, _shown(post))

    @route("GET /v4/accounts/{account}/locations/{location}/localPosts")
    def list_posts(self, request: Request) -> Answer:
        size, start = int(request.query["pageSize"]), int(request.query.get("pageToken", 0))
        newest = sorted(self.posts.values(), key=lambda post: post.at, reverse=True)
        more = {"nextPageToken": str(start + size)} if len(newest) > start + size else {}
        page = newest[start : start + size]
        shown = {"localPosts": [_shown(post) for post in page]} if page else {}
        return self._denied(request) or Answer(200, {**shown, **more})

    @route("GET /v4/accounts/{account}/locations/{location}/localPosts/{post}")
    @route("PATCH /v4/accounts/{account}/locations/{location}/localPosts/{post}")
    @route("DELETE /v4/accounts/{account}/locations/{location}/localPosts/{post}")
    def one(self, request: Request) -> Answer:
        post = self.posts.get(request.path.removeprefix("/v4/"))
        denied = self._denied(request)
        if denied or post is None:
            return denied or _error(404, "NOT_FOUND")
        if request.method == "DELETE":
            del self.posts[post.name]
            return Answer(200, {})
        if request.method == "PATCH":
            mask = set(request.query["updateMask"].split(","))
            assert mask >= set(request.json)
            changed = {name: value for name, value in post.given.items() if name not in mask} | request.json
            wrong = self._wrong(changed)
            if wrong:
                return wrong
            post.given = changed
        post.looks += 1
        if post.looks >= self.looks:
            post.state = self.then
        return Answer(200, _shown(post))

    @route("POST /token")
    def renew(self, request: Request) -> Answer:
        given: dict[str, Any] = {"access_token": f"ya29.new-{next(self._numbers)}", "expires_in": 3_599}
        if request.fields.get("grant_type") == "authorization_code":
            wrong = self.consent.redeem(request)
            if wrong:
                return wrong
            given["refresh_token"] = f"1//refresh-token-{next(self._numbers)}"
            self.living = [*self.living, given["refresh_token"]][-self.most :]
        elif request.fields.get("refresh_token") not in self.living:
            said = "Token has been expired or revoked."
            return Answer(400, {"error": "invalid_grant", "error_description": said})
        self.tokens.add(given["access_token"])
        return Answer(200, given)

    @route("GET /o/oauth2/v2/auth")
    def authorize(self, request: Request) -> Answer:
        assert (request.query["access_type"], request.query["prompt"]) == ("offline", "consent")
        return self.consent.authorize(request)

    def _wrong(self, post: dict[str, Any]) -> Answer | None:
        event, offer = post.get("event"), post["topicType"] == "OFFER"
        schedule = set((event or {}).get("schedule", {}))
        action = post.get("callToAction", {})
        call = action.get("actionType") == "CALL"
        checks = (
            (len(post["summary"].encode("utf-16-le")) // 2 > 1_500, "Must be at most 1500 characters"),
            ((post["topicType"] != "STANDARD") != bool(event), "event"),
            (bool(event) and schedule != {"startDate", "startTime", "endDate", "endTime"}, "schedule"),
            (len((event or {}).get("title", "")) > 58, "Must be at most 58 characters"),
            (bool(action) and (offer or call == ("url" in action)), "url"),
            (("offer" in post) and not offer, "offer"),
            (len(post.get("media", [])) > 1, "media"),
        )
        return next((_error(400, "INVALID_ARGUMENT", said) for is_wrong, said in checks if is_wrong), None)

    def _denied(self, request: Request) -> Answer | None:
        return None if request.token in self.tokens else _error(401, "UNAUTHENTICATED")


def _shown(post: Post) -> dict[str, Any]:
    at = post.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    kept = {name: value for name, value in post.given.items() if name != "media"}
    link = f"https://local.google.com/place?id=8675309&use=posts&lpsid={post.name.rpartition('/')[2]}"
    return {**kept, "name": post.name, "state": post.state, "createTime": at, "updateTime": at, "searchUrl": link}


def _error(status: int, code: str, said: str = "") -> Answer:
    details = [
        {"@type": "type.googleapis.com/google.mybusiness.v4.ValidationError", "errorDetails": [{"message": said}]}
    ]
    return Answer(
        status, {"error": {"code": status, "status": code, "message": "no", "details": details if said else []}}
    )
