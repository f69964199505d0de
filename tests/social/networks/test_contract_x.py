"""X keeps the contract, on a fake at the wire."""

from collections.abc import Collection, Iterator
from dataclasses import replace

import pytest

from social.networks import get
from social.networks.base import Account, Content, MediaItem, Part
from tests.servers.wire import Fault
from tests.servers.x import FakeX
from tests.social.networks.case import WireCase
from tests.social.networks.conftest import item_of, picture
from tests.social.networks.contract import WireContract

ME = "GET /2/users/me"
BEGIN = "POST /2/media/upload/initialize"
PIECE = "POST /2/media/upload/{media}/append"
END = "POST /2/media/upload/{media}/finalize"
STATUS = "GET /2/media/upload"
DESCRIBE = "POST /2/media/metadata"
POST = "POST /2/tweets"
TIMELINE = "GET /2/users/{user}/tweets"
SRT = "1\n00:00:00,000 --> 00:00:02,000\nSi vendemmia.\n"


class XCase(WireCase):
    """The winery's account."""

    network = get("x")

    def __init__(self, server: FakeX) -> None:
        self.server = server

    def account(self) -> Account:
        return account_of(self.server)

    def live(self) -> list[str]:
        return self.server.texts()

    def uploads(self) -> int:
        return self.server.uploads()

    def content(self, kind: str, number: int) -> Content:
        text = f"Novità {number}: https://cantina.example/?a=1&b={number} < & >"
        pictures = (picture((number, 1)), picture((1, number + 1)))
        moving = gif(number)
        if kind == "pictures":
            return Content(text, media=pictures)
        if kind == "gif":
            return Content(text, media=(moving,))
        if kind == "film":
            film = replace(video(30.0, 1_000 + number), captions=SRT)
            return Content(text, media=(film,), fields={"captions_language": "it"})
        if kind == "thread":
            parts = (Part(f"Seconda {number}", (moving,)), Part(f"Terza {number}"))
            return Content(text, media=pictures, parts=parts, comment=f"Info {number}: cantina.example")
        return Content(text)

    def edges(self) -> list[tuple[Content, bool]]:
        pictures = tuple(picture((n + 1, 2)) for n in range(5))
        return [
            (Content("a", media=pictures[:4]), True),
            (Content("b", media=pictures), False),
            (Content("c", media=(gif(500),)), True),
            (Content("d", media=(gif(501), gif(502))), False),
            (Content("e", media=(gif(503), pictures[0])), False),
            (Content("f", media=(video(140.0),)), True),
            (Content("g", media=(video(140.1),)), False),
            (Content("h", media=(video(0.5),)), True),
            (Content("i", media=(video(0.4),)), False),
            (Content("l", media=(video(30.0), pictures[0])), False),
            (Content("m", media=(item_of(b"%PDF", "application/pdf", (1, 1)),)), False),
            (Content("n", media=(picture((9, 9), alt_text="x" * 1_000),)), True),
            (Content("o", media=(picture((9, 9), alt_text="x" * 1_001),)), False),
        ]

    def on(self, name: str, *faults: Fault | None) -> None:
        self.server.on(name, *faults)

    def good_day(self) -> None:
        self.server.good_day()

    def calls(self) -> list[str]:
        return list(self.server.calls)

    def secrets(self) -> Collection[str]:
        return [FakeX.token, FakeX.refresh, "secret of the app"]


class TestX(WireContract):
    kinds = ("words", "pictures", "gif", "film", "thread")
    quiet = (ME, BEGIN, PIECE, END, STATUS, DESCRIBE)
    visible = POST
    edits = ("GET /2/tweets", POST)
    deletes = ("DELETE /2/tweets/{post}",)
    threads = ("thread",)
    asked = (ME, TIMELINE)

    @pytest.fixture
    def case(self) -> Iterator[WireCase]:
        with FakeX() as server:
            yield XCase(server)


def account_of(server: FakeX, identity: str = "") -> Account:
    credentials = {"access_token": FakeX.token, "refresh_token": FakeX.refresh}
    app = {"client_id": "the app", "client_secret": "secret of the app"}
    return Account("cantinaroero", server.url, credentials, identity, app)


def gif(number: int) -> MediaItem:
    return item_of(b"GIF89a" + str(number).encode(), "image/gif", (4, 4))


def video(seconds: float, size: int = 9_000_000) -> MediaItem:
    data = f"{seconds}".encode().ljust(size, b"v")
    item = item_of(data, "video/mp4", (1280, 720))
    return MediaItem(
        sha256=item.sha256,
        mime=item.mime,
        width=item.width,
        height=item.height,
        size=item.size,
        alt_text=item.alt_text,
        open=item.open,
        seconds=seconds,
        rate=30.0,
        codec="h264",
        sound="aac",
    )
