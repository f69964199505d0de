"""The networks of a run, at the wire: those of tests/servers, which also keep their own record of what readers could see."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import httpx

from tests.chaos.record import Record, digest
from tests.chaos.renewing import Renews
from tests.servers.bad_days import Answer
from tests.servers.facebook import TOKEN as PAGE_TOKEN
from tests.servers.facebook import FacebookPages, Video, refusal
from tests.servers.instagram import TOKEN as INSTAGRAM_TOKEN
from tests.servers.instagram import Container, InstagramAccount
from tests.servers.linkedin import FakeLinkedIn
from tests.servers.pinterest import FakePinterest
from tests.servers.threads import TOKEN as THREADS_TOKEN
from tests.servers.threads import ThreadsProfile
from tests.servers.wire import Request, route
from tests.servers.x import FakeX

WORKS = 2.0  # seconds on a video


def _good(answer: Any) -> bool:
    return not isinstance(answer, Answer) or answer.status < 300


class X(Renews, FakeX):
    """X, on a clock of its own, whose refresh tokens are good once."""

    called = "cantinaroero"
    renewal = "POST /2/oauth2/token"

    def sign_in(self) -> None:
        """As the renewal gives them."""
        self.renewed()

    @route("POST /2/tweets")
    def create(self, request: Request) -> Answer:
        """Publish, or change."""
        body = request.json
        changes = body.get("edit_options", {}).get("previous_post_id")
        before = self._text(changes)
        answer = FakeX.create(self, request)
        if _good(answer) and changes:
            self.changed(before, body["text"])
        elif _good(answer):
            post = self.posts[-1]
            post.at = self.time_of_day()
            shows = tuple(digest(self.media[known].data) for known in post.media)
            self.saw(post.text, self._text(post.answers), shows)
        return answer

    @route("DELETE /2/tweets/{post}")
    def delete(self, request: Request) -> Answer:
        """Take down."""
        before = self._text(request.args["post"])
        answer = FakeX.delete(self, request)
        if _good(answer):
            self.changed(before)
        return answer

    def _text(self, known: str | None) -> str:
        return next((post.text for post in self.posts if known in post.ids), "")


class Pinterest(Renews, FakePinterest):
    """Pinterest, on a clock of its own, whose refresh tokens are good once."""

    called = "cantinaroero"
    renewal = "POST /v5/oauth/token"
    lasts = 2_592_000.0

    def sign_in(self) -> None:
        """As the renewal gives them."""
        self.renewed()

    @route("POST /v5/pins")
    def create(self, request: Request) -> Answer:
        """Publish."""
        answer = FakePinterest.create(self, request)
        if _good(answer):
            pin = self.pins[-1]
            pin.at = self.time_of_day()
            self.saw(pin.given["description"], shows=tuple(digest(data) for data in pin.pictures))
        return answer

    @route("PATCH /v5/pins/{pin}")
    def change(self, request: Request) -> Answer:
        """Give it other words."""
        before = self._text(request)
        answer = FakePinterest.change(self, request)
        if _good(answer):
            self.changed(before, self._text(request))
        return answer

    @route("DELETE /v5/pins/{pin}")
    def delete(self, request: Request) -> Answer:
        """Take down."""
        before = self._text(request)
        answer = FakePinterest.delete(self, request)
        if _good(answer):
            self.changed(before)
        return answer

    def _text(self, request: Request) -> str:
        return next((str(pin.given["description"]) for pin in self.pins if pin.id == request.args["pin"]), "")


class LinkedIn(Renews, FakeLinkedIn):
    """LinkedIn for a person, whose posts nobody may read: what is uncertain there stays so. Its refresh token stays good."""

    renewal = "POST /oauth/v2/accessToken"
    lasts = 5_184_000.0
    rotates = False

    def sign_in(self) -> None:
        """Another access token."""
        self.token = f"AQX{next(self._ids)}"

    @route("POST /rest/posts")
    def create(self, request: Request) -> Answer:
        """Publish."""
        self.reads = False
        answer = FakeLinkedIn.create(self, request)
        if _good(answer):
            media = request.json.get("content", {}).get("media")
            self.saw(self.posts[-1].text, shows=(digest(self.media[media["id"]].data),) if media else ())
        return answer

    @route("POST /rest/posts/{urn}")
    def change(self, request: Request) -> Answer:
        """Give it other words."""
        before = self._text(request)
        answer = FakeLinkedIn.change(self, request)
        if _good(answer):
            self.changed(before, self._text(request))
        return answer

    @route("DELETE /rest/posts/{urn}")
    def delete(self, request: Request) -> Answer:
        """Take down, with its comments."""
        before = self._text(request)
        answer = FakeLinkedIn.delete(self, request)
        if _good(answer) and before:
            self.changed(before)
        return answer

    @route("POST /rest/socialActions/{urn}/comments")
    def comment(self, request: Request) -> Answer:
        """Comment."""
        answer = FakeLinkedIn.comment(self, request)
        if _good(answer):
            self.saw(request.json["message"]["text"], below=self._text(request))
        return answer

    def _text(self, request: Request) -> str:
        return next((post.text for post in self.posts if post.urn == unquote(request.args["urn"])), "")


class Facebook(Record, FacebookPages):
    """A page, on a clock of its own, which works on each video for a while."""

    called = "cantinaroero"

    def __init__(self) -> None:
        super().__init__(slow_videos=True)
        self.ready_at: dict[str, float] = {}  # videos that it works on

    @route("POST /{version}/{page}/feed")
    def feed(self, request: Request) -> Any:
        """Publish."""
        self.now = self.time_of_day()
        answer = FacebookPages.feed(self, request)
        if _good(answer):
            photos = json.loads(request.fields.get("attached_media", "[]"))
            shows = tuple(str(self.photos[photo["media_fbid"]]["sha256"]) for photo in photos)
            self.saw(request.fields.get("message", ""), shows=shows)
        return answer

    @route("POST /{version}/{page}/videos")
    def video(self, request: Request) -> Any:
        """Take a piece of a video, or begin to work on it."""
        answer = FacebookPages.video(self, request)
        if _good(answer) and request.fields["upload_phase"] == "finish":
            self.ready_at[request.fields["upload_session_id"][1:]] = self.time() + WORKS
        return answer

    @route("GET /{version}/{thing}")
    def thing(self, request: Request) -> Any:
        """Tell of it."""
        self.settle()
        return FacebookPages.thing(self, request)

    def settle(self) -> None:
        """What it has worked on for long enough is live, and was from then on."""
        with self._turn:
            for known in [known for known, at in self.ready_at.items() if at <= self.time()]:
                video, at = self.videos[known], self.ready_at.pop(known)
                if video.stage == "processing":
                    video.stage, video.published = "ready", True
                    self.saw(video.description, shows=(digest(video.data),), at=at)

    @route("POST /{version}/{thing}")
    def change(self, request: Request) -> Any:
        """Give it other words."""
        before = self._text(request)
        answer = FacebookPages.change(self, request)
        if _good(answer):
            self.changed(before, self._text(request))
        return answer

    @route("DELETE /{version}/{thing}")
    def remove(self, request: Request) -> Any:
        """Take down, with its comments."""
        before = self._text(request)
        if request.args["thing"] in self.videos:
            self.posts.pop(request.args["thing"], None)
        answer = FacebookPages.remove(self, request)
        if _good(answer):
            self.changed(before)
        return answer

    @route("POST /{version}/{thing}/comments")
    def comment(self, request: Request) -> Any:
        """Comment; on a video, too."""
        video = self.videos.get(request.args["thing"])
        if video is not None and video.published:
            self.posts.setdefault(video.id, self._post_of(video))
        answer = FacebookPages.comment(self, request)
        if _good(answer):
            self.saw(request.fields["message"], below=self._text(request))
        return answer

    @route("GET /{version}/{page}/published_posts")
    def published(self, request: Request) -> Any:
        """All but those of videos, which stand elsewhere."""
        answer = FacebookPages.published(self, request)
        if _good(answer):
            answer["data"] = [row for row in answer["data"] if row["id"] not in self.videos]
        return answer

    def _post_of(self, video: Video) -> dict[str, Any]:
        return {
            "id": video.id, "created": next(self.ids), "created_time": "2026-11-21T09:00:00+0000", "message": "",
            "link": "", "photos": [], "comments": [],
        }  # fmt: skip

    def _text(self, request: Request) -> str:
        found = request.args["thing"]
        if found in self.videos:
            return self.videos[found].description
        return str(self.posts[found]["message"]) if found in self.posts else ""


def _unfetched(make: Callable[[], Any]) -> Any:
    """What making a container comes to; None where the address did not answer."""
    try:
        return make()
    except httpx.HTTPError:
        return None


class Threads(Record, ThreadsProfile):
    """A profile, on a clock of its own; it works on videos until it was asked."""

    called = "cantinaroero"

    @route("POST /v1.0/{user}/threads")
    def create(self, request: Request) -> Any:
        """Prepare; what can't be fetched is said later, as Threads does."""
        fields = dict(request.fields)
        answer = _unfetched(lambda: ThreadsProfile.create(self, request))
        if answer is None:
            answer = {"id": f"5{next(self.ids)}"}
            self.containers[answer["id"]] = Container(answer["id"], fields)
        if _good(answer):
            made, names = self.containers[answer["id"]], shown_in(fields)
            if not all(self.files.get(name) for name in names):
                made.status, made.why = "ERROR", "FAILED_DOWNLOADING_VIDEO"
            elif fields["media_type"] == "VIDEO":
                made.status, made.looks = "IN_PROGRESS", 1
        return answer

    @route("POST /v1.0/{user}/threads_publish")
    def publish(self, request: Request) -> Any:
        """Publish what was prepared."""
        self.now = self.time_of_day()
        made = self.containers[request.fields["creation_id"]]
        below = self.posts.get(made.fields.get("reply_to_id", ""), {}).get("text", "")
        answer = ThreadsProfile.publish(self, request)
        if _good(answer):
            shows = tuple(digest(self.files[name]) for name in shown_in(made.fields))
            self.saw(made.fields.get("text", ""), below, shows)
        return answer

    @route("DELETE /v1.0/{thing}")
    def remove(self, request: Request) -> Any:
        """Take down."""
        before = self.posts.get(request.args["thing"], {}).get("text", "")
        answer = ThreadsProfile.remove(self, request)
        if _good(answer):
            self.changed(before)
        return answer

    def expire(self) -> None:
        """A day goes by over what is prepared."""
        with self._turn:
            ThreadsProfile.expire(self)


class Instagram(Record, InstagramAccount):
    """An account, on a clock of its own; it works on videos until it was asked twice."""

    called = "cantinaroero"

    def __init__(self) -> None:
        super().__init__(quota=100_000)

    @route("POST /{version}/{user}/media")
    def create(self, request: Request) -> Any:
        """Prepare."""
        answer = _unfetched(lambda: InstagramAccount.create(self, request))
        if answer is None:
            return refusal(9004, 2207052)
        if _good(answer) and "video_url" in request.fields:
            made = self.containers[answer["id"]]
            made.status, made.looks = "IN_PROGRESS", 1
        return answer

    @route("POST /{version}/{user}/media_publish")
    def publish(self, request: Request) -> Any:
        """Publish what was prepared."""
        self.now = self.time_of_day()
        made = self.containers[request.fields["creation_id"]]
        answer = InstagramAccount.publish(self, request)
        if _good(answer):
            shows = tuple(digest(self.files[name]) for name in shown_in(made.fields))
            self.saw(made.fields.get("caption", ""), shows=shows)
        return answer

    @route("POST /{version}/{thing}/comments")
    def comment(self, request: Request) -> Any:
        """Comment."""
        if request.args["thing"] not in self.posts:
            return refusal(100, 33)
        answer = InstagramAccount.comment(self, request)
        self.saw(request.fields["message"], below=self._text(request))
        return answer

    @route("DELETE /{version}/{thing}")
    def remove(self, request: Request) -> Any:
        """Take down, with its comments."""
        before = self._text(request)
        answer = InstagramAccount.remove(self, request)
        if _good(answer):
            self.changed(before)
        return answer

    def expire(self) -> None:
        """A day goes by over what is prepared."""
        with self._turn:
            InstagramAccount.expire(self)

    def _text(self, request: Request) -> str:
        return str(self.posts.get(request.args["thing"], {}).get("caption") or "")


def shown_in(fields: Mapping[str, Any]) -> list[str]:
    """The names of the files that a container shows."""
    found = (fields[name] for name in ("image_url", "video_url") if name in fields)
    return [address.partition("?")[0].rpartition("/")[2] for address in found]


KINDS: dict[str, tuple[type[Any], dict[str, str]]] = {
    "x": (X, {"access_token": FakeX.token, "refresh_token": FakeX.refresh}),
    "linkedin": (LinkedIn, {"access_token": FakeLinkedIn.token, "refresh_token": FakeLinkedIn.refresh}),
    "pinterest": (Pinterest, {"access_token": FakePinterest.token, "refresh_token": FakePinterest.refresh}),
    "facebook": (Facebook, {"access_token": PAGE_TOKEN}),
    "threads": (Threads, {"access_token": THREADS_TOKEN}),
    "instagram": (Instagram, {"access_token": INSTAGRAM_TOKEN}),
}
# Whose posts can't be read back: there, and only there, an outcome may stay uncertain.
UNDECIDABLE = {"linkedin"}
