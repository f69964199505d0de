"""A network that is made up, to show what the contract takes and what it catches.

`careless` names what is wrong with it; without, it keeps the contract.
"""

import datetime as dt
import itertools
import ssl
import uuid
from typing import Any, ClassVar, NoReturn

import httpx

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    Identity,
    Journal,
    Keys,
    MediaItem,
    Network,
    NotSent,
    Numbers,
    Preflight,
    Proportions,
    Published,
    Refused,
    Throttled,
    Unknown,
    too_long,
)
from tests.servers.wire import Answer, FakeNetwork, Request, route

LIMIT = 20
MOST_MEDIA = 2
MOST_BYTES = 1_000_000
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Board(FakeNetwork):
    """Its server. Words that come with a `below` are parts of a thread."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: dict[str, dict[str, Any]] = {}
        self.uploads = 0
        self._numbers = itertools.count(1)

    @route("GET /me")
    def me(self, request: Request) -> Answer:
        if request.token != "hunter2":
            return Answer(401, {})
        return Answer(200, {"id": "7", "name": "Roero"})

    @route("POST /media")
    def upload(self, request: Request) -> Any:
        self.uploads += 1
        return {"id": f"m{self.uploads}"}

    @route("POST /posts")
    def create(self, request: Request) -> Answer:
        if len(request.json["text"]) > LIMIT:
            return Answer(400, {"message": "too long"})
        number = str(next(self._numbers))
        self.posts[number] = {**request.json, "id": number}
        return Answer(201, self.posts[number])

    @route("GET /posts")
    def found(self, request: Request) -> Any:
        return {"posts": [post for post in self.posts.values() if post["key"] == request.query["key"]]}

    @route("GET /posts/{post}")
    @route("PUT /posts/{post}")
    @route("DELETE /posts/{post}")
    def one(self, request: Request) -> Answer:
        post = self.posts.get(request.args["post"])
        if post is None:
            return Answer(404, {})
        if request.method == "PUT":
            post["text"] = request.json["text"]
        if request.method == "DELETE":
            del self.posts[post["id"]]
        return Answer(200, post)


GONE: dict[str, Any] = {}


def _require(found: Any, *names: str) -> None:
    if not isinstance(found, dict) or not set(names) <= found.keys():
        raise CannotTell("no answer", code="cannot_tell")


class Pinboard(Network):
    """See the module."""

    slug: ClassVar[str] = "pinboard"
    name: ClassVar[str] = "Pinboard"
    limits: ClassVar[dict[str, Any]] = {"text": {"max": LIMIT, "unit": "code points"}}
    proportions: ClassVar[Proportions] = Proportions(narrowest=1, widest=1, card=1)
    patience: ClassVar[int] = 10
    prepares: ClassVar[bool] = True
    threads: ClassVar[bool] = True
    edits: ClassVar[bool] = True
    deletes: ClassVar[bool] = True
    counts: ClassVar[bool] = True

    def __init__(self, careless: str = "") -> None:
        self.careless = careless

    def preflight(self, content: Content) -> Preflight:
        limit = LIMIT + (self.careless == "takes one more")
        longest = max((content.text, *(part.text for part in content.parts)), key=len)
        problems = [too_long(self.name, len(longest), limit)] if len(longest) > limit else []
        if len(content.media) > MOST_MEDIA and self.careless != "takes all pictures":
            problems.append(too_long(self.name, len(content.media), MOST_MEDIA))
        return Preflight(len(longest), limit, "code points", limit if len(longest) > limit else None, tuple(problems))

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        return {"key": uuid.uuid4().hex}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        self.refuse_unfit(content)
        found = self.identity(account)
        if account.identity not in {"", found.id} and self.careless != "any account":
            raise Refused("another account", code="wrong_account")
        media = [self._uploaded(account, item, journal) for item in content.media]
        ids = []
        texts = [content.text, *(part.text for part in content.parts)]
        for number, text in enumerate(texts):
            step = f"part:{number}" if number else "publish"
            given = journal.given(step)
            if given is None:
                if self.careless != "says nothing before":
                    journal.sending(step)
                post = {"text": text, "media": media, "key": _key(keys, number)}
                given = self._call(account, "POST", "/posts", visible=True, json=post)
                if content.parts and self.careless != "forgets its parts":
                    journal.sent(step, {"id": given["id"]})
            ids.append(str(given["id"]))
        return Published(",".join(ids[:1] if self.careless == "keeps the first" else ids), "")

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        step = journal.in_flight() or "publish"
        number = int(step.partition(":")[2] or 0)
        found = self._call(account, "GET", "/posts", params={"key": _key(keys, number)}, asking=True).get("posts")
        if not isinstance(found, list):
            raise CannotTell("no list", code="cannot_tell")
        if not found:
            return None
        if content.parts:
            journal.sent(step, {"id": found[0]["id"]})
            if number < len(content.parts):
                return None
            steps = ["publish", *(f"part:{number}" for number in range(1, 1 + len(content.parts)))]
            return Published(",".join(str((journal.given(step) or {})["id"]) for step in steps), "")
        return Published(found[0]["id"], "")

    def identity(self, account: Account) -> Identity:
        found = self._call(account, "GET", "/me")
        _require(found, "id", "name")
        return Identity(found["id"], "roero", found["name"])

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        self._call(account, "PUT", f"/posts/{live.remote_id}", visible=True, json={"text": content.text})
        return live

    def delete(self, account: Account, live: Published) -> None:
        for post in reversed(live.remote_id.split(",")):
            self._call(account, "DELETE", f"/posts/{post}", visible=True, gone={})

    def read_back(self, account: Account, live: Published) -> Published | None:
        found = self._call(account, "GET", f"/posts/{live.remote_id}", gone=GONE)
        if found is GONE or (self.careless == "takes nothing for gone" and not found):
            return None
        _require(found, "id")
        return live

    def numbers(self, account: Account, live: Published) -> Numbers:
        return Numbers(reactions=3 if self.careless != "counts less than none" else -1)

    def _uploaded(self, account: Account, item: MediaItem, journal: Journal) -> str:
        def upload() -> Any:
            opening: Any = item.open
            with opening.source() if self.careless == "sends what lies there" else opening() as stream:
                return {"id": self._call(account, "POST", "/media", content=stream.read())["id"]}

        if self.careless == "uploads again":
            return str(upload()["id"])
        return str(journal.once(f"media:{item.sha256}", upload)["id"])

    def _call(
        self,
        account: Account,
        method: str,
        path: str,
        *,
        visible: bool = False,
        asking: bool = False,
        gone: Any = None,
        **options: Any,
    ) -> Any:
        token = account.credentials["token"]

        def ask() -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.stream(
                method, account.server + path, headers=headers, timeout=2, verify=_NO_TLS, **options
            ) as answer:
                body = b""
                for piece in answer.iter_raw():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise httpx.ReadError("too much")
                headers_left = {k: v for k, v in answer.headers.items() if k != "content-encoding"}
                return httpx.Response(answer.status_code, content=body, headers=headers_left)

        try:
            answer = ask()
        except httpx.ConnectError:
            raise NotSent("not reached", code="unreachable") from None
        except httpx.HTTPError as error:
            if self.careless == "tries again":
                return ask().json()
            _broken(visible and self.careless != "thinks a break is none", type(error).__name__)
        page = 300 <= answer.status_code < 500 and "html" in answer.headers.get("content-type", "")
        if page and self.careless not in {"takes any page", "takes any no"}:
            _broken(visible, type(answer).__name__)
        if answer.status_code == 404 and gone is not None:
            return gone
        return self._read(answer, token, visible=visible, asking=asking)

    def _read(self, answer: httpx.Response, token: str, *, visible: bool, asking: bool) -> Any:
        said = answer.text if self.careless == "repeats" else answer.text.replace(token, "…")
        if answer.status_code >= 500:
            _broken(visible, said)
        if answer.status_code == 429:
            later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
            raise Throttled("too many", code="throttled", retry_at=later, said=said)
        if answer.status_code == 401:
            raise CredentialsRefused("who?", code="credentials_refused", said=said)
        if answer.is_redirect:
            _broken(visible, said)
        if answer.status_code >= 300:
            raise Refused("no", code="refused", said=said)
        try:
            return answer.json()
        except ValueError:
            if asking and self.careless == "takes anything for no":
                return {"posts": []}
            _broken(visible, said)


def _key(keys: Keys, number: int) -> str:
    return f"{keys['key']}-{number}"


def _broken(visible: bool, said: str) -> NoReturn:  # noqa: FBT001
    if visible:
        raise Unknown("no answer", code="no_answer", said=said)
    raise NotSent("no answer", code="no_answer", said=said)
