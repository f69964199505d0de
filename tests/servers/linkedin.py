r"""LinkedIn as its documents have it: the versioned API in memory. There is no specification to hold requests against.

Its texts are "little", read as strictly as LinkedIn does: at the first reserved character that is not escaped and makes
no sense where it stands, the text ends, and nobody says so.
"""

import datetime as dt
import itertools
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.servers.consent import Consent
from tests.servers.wire import NOW, Answer, FakeNetwork, Request, Upload, route

RESERVED = set("\\|{}@[]()<>#*_~")
PIECE = 4_194_304


@dataclass
class Post:
    """One post; `text` is what readers see, `tags` its live hashtags."""

    urn: str
    author: str
    given: dict[str, Any]
    at: dt.datetime
    comments: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return read(self.given["commentary"])[0]

    @property
    def tags(self) -> list[str]:
        return read(self.given["commentary"])[1]


@dataclass
class Media:
    """One upload."""

    owner: str
    size: int = 0
    pieces: dict[int, bytes] = field(default_factory=dict)
    ended: bool = False
    polls: int = 0
    wants_captions: bool = False
    captions: dict[str, bytes] = field(default_factory=dict)  # by language and country, such as `IT_IT`

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces[number] for number in sorted(self.pieces))


class FakeLinkedIn(FakeNetwork):
    """A person who speaks for one organisation and may only look at another; `reads` says whether posts may be read."""

    person = "urn:li:person:8675309"
    winery = "urn:li:organization:5509810"
    other = "urn:li:organization:7"
    token = "AQXaccess-token-of-the-winery"
    refresh = "AQYrefresh-token-of-the-winery"
    signature = "signature-of-an-upload"
    version = "202607"

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[Post] = []
        self.media: dict[str, Media] = {}
        self.reads = True
        self.works_for = 2
        self.fails = False
        self.refuses_again = True
        self.consent = Consent(pkce=False, basic=False)
        self._ids = itertools.count(7_431_329_065_766_260_001)
        self._ticks = itertools.count(1)

    def texts(self) -> list[str]:
        """What readers see, the oldest first, comments below their post."""
        return [text for post in self.posts for text in (post.text, *(one["message"]["text"] for one in post.comments))]

    def uploads(self) -> int:
        """How many uploads were ended."""
        return sum(media.ended for media in self.media.values())

    @route("GET /v2/userinfo")
    def userinfo(self, request: Request) -> Answer:
        given = {"sub": self.person.rpartition(":")[2], "name": "Ada Roero", "locale": "it"}
        return self._denied(request) or Answer(200, given)

    @route("GET /rest/organizationAcls")
    def roles(self, request: Request) -> Answer:
        mine = {"organization": self.winery, "role": "ADMINISTRATOR", "state": "APPROVED", "roleAssignee": self.person}
        return self._denied(request, "FINDER") or Answer(
            200, {"elements": [{**mine, "organization": self.other, "role": "ANALYST"}, mine], "paging": {}}
        )

    @route("GET /rest/organizations/{number}")
    def organization(self, request: Request) -> Answer:
        given = {"id": int(request.args["number"]), "localizedName": "Cantina Roero", "vanityName": "cantina-roero"}
        return self._denied(request) or Answer(200, given)

    @route("POST /rest/posts")
    def create(self, request: Request) -> Answer:
        denied = self._denied(request)
        body = request.json
        if denied or body["author"] not in {self.person, self.winery}:
            return denied or _error(403, "ACCESS_DENIED", "Not enough permissions to access: posts.CREATE")
        shown = read(body["commentary"])[0]
        if len(shown.encode("utf-16-le")) // 2 > 3_000:
            return _error(400, "BAD_REQUEST", "ShareCommentary text length exceeded the maximum allowed")
        double = next((post for post in self.posts if shown and post.text == shown), None)
        if double and self.refuses_again:
            return _error(422, "DUPLICATE_POST", f"Content is a duplicate of {double.urn}")
        content = body.get("content", {})
        asked = [content["media"]] if "media" in content else content.get("multiImage", {}).get("images", [])
        if any(not self.media[one["id"]].ended for one in asked):
            return _error(400, "BAD_REQUEST", "media is not ready")
        post = Post(
            f"urn:li:share:{next(self._ids)}", body["author"], body, NOW + dt.timedelta(seconds=next(self._ticks))
        )
        self.posts.append(post)
        return Answer(201, b"", {"x-restli-id": post.urn})

    @route("GET /rest/posts")
    def posts_of(self, request: Request) -> Answer:
        denied = self._denied(request, "FINDER") or self._unreadable()
        if denied:
            return denied
        asked = request.query
        found = [post for post in reversed(self.posts) if post.author == asked["author"]]
        page = found[int(asked["start"]) :][: int(asked["count"])]
        return Answer(200, {"elements": [_shown(post) for post in page], "paging": {}})

    @route("GET /rest/posts/{urn}")
    def post(self, request: Request) -> Answer:
        denied = self._denied(request) or self._unreadable()
        return denied or self._with(request, lambda post: Answer(200, _shown(post)))

    @route("POST /rest/posts/{urn}")
    def change(self, request: Request) -> Answer:
        def changed(post: Post) -> Answer:
            post.given["commentary"] = request.json["patch"]["$set"]["commentary"]
            return Answer(204)

        return self._denied(request, "PARTIAL_UPDATE") or self._with(request, changed)

    @route("DELETE /rest/posts/{urn}")
    def delete(self, request: Request) -> Answer:
        denied = self._denied(request, "DELETE")
        self.posts = [post for post in self.posts if denied or post.urn != unquote(request.args["urn"])]
        return denied or Answer(204)

    @route("POST /rest/socialActions/{urn}/comments")
    def comment(self, request: Request) -> Answer:
        def commented(post: Post) -> Answer:
            post.comments.append(request.json)
            return Answer(201, {"id": "6", "commentUrn": f"urn:li:comment:({post.urn},6)"})

        return self._denied(request) or self._with(request, commented)

    @route("GET /rest/socialActions/{urn}/comments")
    def comments(self, request: Request) -> Answer:
        denied = self._denied(request) or self._unreadable()
        return denied or self._with(request, lambda post: Answer(200, {"elements": post.comments, "paging": {}}))

    @route("GET /rest/organizationalEntityShareStatistics")
    def statistics(self, request: Request) -> Answer:
        wanted = (self.winery, f"List({self.posts[0].urn})")
        assert (request.query["organizationalEntity"], request.query["shares"]) == wanted
        counts = {"uniqueImpressionsCount": 30, "impressionCount": 44, "clickCount": 5, "engagement": 0.25}
        more = {"likeCount": 6, "commentCount": 2, "shareCount": 1}
        return self._denied(request, "FINDER") or Answer(200, {"elements": [{"totalShareStatistics": counts | more}]})

    @route("POST /rest/images")
    def image(self, request: Request) -> Answer:
        denied = self._denied(request)
        if denied:
            return denied
        urn = f"urn:li:image:C5{next(self._ids)}"
        self.media[urn] = Media(request.json["initializeUploadRequest"]["owner"])
        return Answer(200, {"value": {"image": urn, "uploadUrl": self._upload(urn, 0), "uploadUrlExpiresAt": 1}})

    @route("POST /rest/videos")
    def video(self, request: Request) -> Answer:
        denied = self._denied(request)
        if denied:
            return denied
        if request.query["action"] == "finalizeUpload":
            return self._finalized(request.json["finalizeUploadRequest"])
        asked, urn = request.json["initializeUploadRequest"], f"urn:li:video:C5{next(self._ids)}"
        size = asked["fileSizeBytes"]
        self.media[urn] = Media(asked["owner"], size, wants_captions=asked["uploadCaptions"])
        parts = [
            {"uploadUrl": self._upload(urn, at), "firstByte": at, "lastByte": min(at + PIECE, size) - 1}
            for at in range(0, size, PIECE)
        ]
        given = {"video": urn, "uploadToken": "", "uploadInstructions": parts}
        if asked["uploadCaptions"]:
            given["captionsUploadUrl"] = f"{self.url}/dms-uploads/{urn}/captions?sau={self.signature}"
        return Answer(200, {"value": given})

    @route("POST /dms-uploads/{urn}/captions")
    def caption(self, request: Request) -> Answer:
        """A form of what the subtitles are, and the file."""
        if request.token != self.token:
            return _error(401, "UNAUTHORIZED", "no")
        form, media = request.fields, self.media[unquote(request.args["urn"])]
        sent = form["metadata"]
        about = json.loads(sent.data if isinstance(sent, Upload) else sent)
        wanted = {"format": "SRT", "source": "USER_PROVIDED", "transcriptType": "CLOSED_CAPTION"}
        known = {*wanted, "locale", "formattedForEasyReader", "largeText"}
        if set(form) != {"metadata", "file"} or not wanted.items() <= about.items() or set(about) != known:
            return _error(400, "BAD_REQUEST", "what are these captions?")
        if media.ended or not media.wants_captions:
            return _error(400, "BAD_REQUEST", "nobody has announced captions")
        media.captions[f"{about['locale']['language']}_{about['locale']['country']}"] = form["file"].data
        return Answer(201)

    @route("PUT /dms-uploads/{urn}/{at}")
    def put(self, request: Request) -> Answer:
        denied = None if request.token == self.token else _error(401, "UNAUTHORIZED", "no")
        media = self.media[unquote(request.args["urn"])]
        media.pieces[int(request.args["at"])] = request.body
        media.ended = ":image:" in request.args["urn"]
        return denied or Answer(201, b"", {"ETag": f'"part-{request.args["at"]}"'})

    @route("GET /rest/images/{urn}")
    def image_state(self, request: Request) -> Answer:
        return self._state(request)

    @route("GET /rest/videos/{urn}")
    def video_state(self, request: Request) -> Answer:
        return self._state(request)

    @route("POST /oauth/v2/accessToken")
    def renew(self, request: Request) -> Answer:
        asked = request.fields
        if asked.get("grant_type") == "authorization_code":
            refused = self.consent.redeem(request)
            return refused or Answer(200, {"access_token": self.token, "expires_in": 5_184_000})
        if asked.get("client_secret") != "secret of the app" or asked.get("refresh_token") != self.refresh:
            return Answer(400, {"error": "invalid_grant", "error_description": "The provided token is revoked"})
        self.token = f"AQX{next(self._ids)}"
        return Answer(200, {"access_token": self.token, "expires_in": 5_184_000, "refresh_token": self.refresh})

    @route("GET /oauth/v2/authorization")
    def authorize(self, request: Request) -> Answer:
        return self.consent.authorize(request)

    def _denied(self, request: Request, method: str = "") -> Answer | None:
        if request.token != self.token:
            return _error(401, "INVALID_ACCESS_TOKEN", "Invalid access token")
        if request.path.startswith("/rest/"):
            if request.headers.get("linkedin-version") != self.version:
                return _error(426, "NONEXISTENT_VERSION", "Requested version is not active")
            if request.headers.get("x-restli-method", "") != method:
                return _error(400, "BAD_REQUEST", "wrong method")
        return None

    def _unreadable(self) -> Answer | None:
        return None if self.reads else _error(403, "ACCESS_DENIED", "Not enough permissions to access: posts.FINDER")

    def _with(self, request: Request, do: Any) -> Answer:
        post = next((post for post in self.posts if post.urn == unquote(request.args["urn"])), None)
        found: Answer = do(post) if post else _error(404, "NOT_FOUND", "no such post")
        return found

    def _upload(self, urn: str, at: int) -> str:
        return f"{self.url}/dms-uploads/{urn}/{at}?sau={self.signature}"

    def _finalized(self, asked: dict[str, Any]) -> Answer:
        media = self.media[asked["video"]]
        right = [f"part-{at}" for at in sorted(media.pieces)]
        if media.wants_captions and not media.captions:
            return _error(400, "BAD_REQUEST", "the captions are missing")
        if asked["uploadedPartIds"] != right or len(media.data) != media.size:
            return _error(400, "BAD_REQUEST", "parts are missing")
        media.ended = True
        return Answer(200)

    def _state(self, request: Request) -> Answer:
        media = self.media.get(unquote(request.args["urn"]))
        if media is None:
            return self._denied(request) or _error(404, "NOT_FOUND", "no such media")
        media.polls += 1
        done = "PROCESSING_FAILED" if self.fails else "AVAILABLE"
        state = "PROCESSING" if media.polls < self.works_for else done
        return self._denied(request) or Answer(200, {"owner": media.owner, "status": state})


def read(commentary: str) -> tuple[str, list[str]]:
    """What readers see of a little text, and its live hashtags."""
    shown, tags, at = "", [], 0
    while at < len(commentary):
        template = re.compile(r"\{hashtag\|\\?#\|((?:\\.|[^\\{}|])+)\}").match(commentary, at)
        if template:
            tags.append(re.sub(r"\\(.)", r"\1", template[1]))
            shown, at = f"{shown}#{tags[-1]}", template.end()
        elif commentary[at] == "\\" and commentary[at + 1 : at + 2] in RESERVED:
            shown, at = shown + commentary[at + 1], at + 2
        elif commentary[at] in RESERVED:
            break
        else:
            shown, at = shown + commentary[at], at + 1
    return shown, tags


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"status": status, "code": code, "message": message})


def _shown(post: Post) -> dict[str, Any]:
    created = int(post.at.timestamp() * 1000)
    given: dict[str, Any] = json.loads(json.dumps(post.given))
    return {**given, "id": post.urn, "createdAt": created, "publishedAt": created}
