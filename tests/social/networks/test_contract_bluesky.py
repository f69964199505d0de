"""Bluesky keeps the contract, on a real server."""

from collections.abc import Callable, Collection, Iterator

import pytest

from social.networks import get
from social.networks.base import Account, Content, Part
from social.networks.bluesky import publishing
from tests.servers.faults import Fault, Faults
from tests.servers.pds import Pds, Person
from tests.social.networks.case import WireCase
from tests.social.networks.conftest import account_of, film, picture
from tests.social.networks.contract import WireContract

SIGN_IN = "com.atproto.server.createSession"
UPLOAD = "com.atproto.repo.uploadBlob"
WRITE = "com.atproto.repo.putRecord"
READ = "com.atproto.repo.getRecord"
DELETE = "com.atproto.repo.deleteRecord"


class BlueskyCase(WireCase):
    """A person on the PDS, reached by way of the faults."""

    network = get("bluesky")

    def __init__(self, pds: Pds, person: Person, between: Faults) -> None:
        self.pds, self.person, self.between = pds, person, between

    def account(self) -> Account:
        return account_of(self.person, self.between.url)

    def live(self) -> list[str]:
        return [post["value"]["text"] for post in reversed(self.pds.posts(self.person))]

    def uploads(self) -> int:
        return self.between.passed.count(UPLOAD)

    def content(self, kind: str, number: int) -> Content:
        if kind == "thread":
            parts = (Part(f"Poi {number}", (picture((number, 2)),)), Part(f"Infine {number}"))
            return Content(f"Novità {number}", parts=parts, comment=f"Si prenota {number}")
        if kind == "card":
            return Content(f"Novità {number}", link=f"https://cantina.example/visite?n={number}")
        if kind == "video":
            return Content(f"Novità {number}", media=(film(),))
        pictures = (picture((number, 1)), picture((1, number + 1))) if kind == "pictures" else ()
        return Content(f"Novità {number}", media=pictures)

    def edges(self) -> list[tuple[Content, bool]]:
        pictures = [Content("x", media=tuple(picture((n + 1, 1)) for n in range(count))) for count in (4, 5)]
        return [*((content, len(content.media) <= 4) for content in pictures), (Content("x", media=(film(),)), True)]

    def takes(self, content: Content) -> bool | None:
        return None if content.media else self.pds.takes(self.person, content.text)

    def on(self, name: str, *faults: Fault | None) -> None:
        self.between.on(name, *faults)

    def good_day(self) -> None:
        self.between.good_day()
        publishing.sessions.forget()

    def calls(self) -> list[str]:
        return list(self.between.calls)

    def secrets(self) -> Collection[str]:
        sessions = [slot.session for slot in publishing.sessions._slots.values() if slot.session]
        return [self.person.app_password, *(token for one in sessions for token in (one.access, one.refresh))]


class TestBluesky(WireContract):
    kinds = ("words", "card", "thread", "pictures", "video")
    threads = ("thread",)
    quiet = (SIGN_IN, UPLOAD)
    visible = WRITE
    asked = (READ,)
    deletes = (DELETE,)
    # A session that is refused once is renewed, and nobody notices.
    but = {(WRITE, "credentials"): None}

    @pytest.fixture
    def case(self, pds: Pds, new_person: Callable[[], Person]) -> Iterator[WireCase]:
        publishing.sessions.forget()  # of a server that may have had the same port
        with Faults(pds.url) as between:
            yield BlueskyCase(pds, new_person(), between)
