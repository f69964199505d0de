"""Real servers in a run: Bluesky's own, and an emulator of Mastodon's API; what they hold is asked of themselves.

Each account has somebody between us and its server, who makes the bad days, and notes when something came and what was
taken down, since a server does not tell of what is gone.
"""

import base64
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

from tests.chaos.record import Record, Seen, digest
from tests.servers.bad_days import Answer, Call
from tests.servers.emulators import Mastodon, mastodon_running
from tests.servers.faults import Faults
from tests.servers.pds import POSTS, Pds, running
from tests.servers.wire import Request

PAGE = 40
SHA256 = bytes([1, 0x55, 0x12, 0x20])  # a CID of bytes as they are: version, raw, SHA-256, its length
ENDED = Answer(400, {"error": "ExpiredToken", "message": "Token has expired"})


class RealAccount(Record, Faults):
    """Somebody's account on a real server, by way of bad days."""

    credentials: dict[str, str]

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self.wrong: list[str] = []  # the server itself refuses what it does not know
        self.came: dict[str, float] = {}  # by the server's name of it
        self.gone: list[Seen] = []

    @property
    def seen(self) -> list[Seen]:
        """What the server has, and what was taken down before."""
        return [*self.gone, *self.there()]

    def there(self) -> Iterator[Seen]:
        """What the server has."""
        raise NotImplementedError

    def taken_down(self, before: list[Seen], said: str = "") -> None:
        """Keep what was there, and what it had said first where that was other words."""
        for one in before:
            self.gone.append(one)
            self.changed(said or one.text)


class Bluesky(RealAccount):
    """A repository on the PDS."""

    def __init__(self, pds: Pds, name: str) -> None:
        super().__init__(pds.url)
        self.pds, self.person = pds, pds.create_person(name)
        self.called, self.credentials = self.person.handle, {"app_password": self.person.app_password}

    def answer(self, call: Call) -> Answer:
        """Pass it on, and note what it changed."""
        name = call.path.rpartition(".")[2]
        if name not in {"putRecord", "createRecord", "deleteRecord"}:
            return super().answer(call)
        asked = json.loads(call.body)
        with self._turn:
            before = [one for key, one in self._all() if key == asked.get("rkey")] if name == "deleteRecord" else []
            answer = super().answer(call)
            if answer.status == 200 and name == "deleteRecord":
                self.taken_down(before)
            elif answer.status == 200:
                self.came.setdefault(json.loads(answer.raw)["uri"].rpartition("/")[2], self.time())
        return answer

    def there(self) -> Iterator[Seen]:
        """All records of its repository."""
        return (one for _, one in self._all())

    def _all(self) -> list[tuple[str, Seen]]:
        records, cursor = list[dict[str, Any]](), ""
        while True:
            asked = {"repo": self.person.did, "collection": POSTS, "limit": "100", "reverse": "true"}
            page = self.pds.ask("GET", "repo.listRecords", params=asked | ({"cursor": cursor} if cursor else {}))
            records += page["records"]
            cursor = page.get("cursor", "")
            if not cursor or not page["records"]:
                break
        words = {one["uri"]: str(one["value"]["text"]) for one in records}
        return [(one["uri"].rpartition("/")[2], self._seen(one, words)) for one in records]

    def _seen(self, one: dict[str, Any], words: dict[str, str]) -> Seen:
        value = one["value"]
        below = words.get(value["reply"]["parent"]["uri"], "(gone)") if "reply" in value else ""
        shown = tuple(_sha256(picture["image"]["ref"]["$link"]) for picture in value.get("embed", {}).get("images", ()))
        return Seen(self.account, value["text"], self.came.get(one["uri"].rpartition("/")[2], 0.0), below, shown)

    def end_token(self) -> None:
        """From one moment to the next: the next call is told so."""
        self.on("com.atproto.repo.putRecord", ENDED, None)


def _sha256(cid: str) -> str:
    """The digest within the name that Bluesky gives a picture."""
    raw = base64.b32decode(cid[1:].upper() + "=" * (-len(cid[1:]) % 8))
    assert raw.startswith(SHA256), cid
    return raw[len(SHA256) :].hex()


class Toots(RealAccount):
    """An account on the emulator of Mastodon's API."""

    def __init__(self, server: Mastodon) -> None:
        super().__init__(server.url)
        self.server, self.person = server, server.person()
        self.called, self.credentials = self.person.name, {"access_token": self.person.token}
        self.uploads: dict[str, str] = {}  # the digests of what was uploaded
        self.first: dict[str, str] = {}  # the words of what was changed later

    def answer(self, call: Call) -> Answer:
        """Pass it on, and note what it changed."""
        kind, _, known = call.path.removeprefix("/api/").partition("/")[2].partition("/")
        if call.method == "GET" or kind not in {"statuses", "media"}:
            return super().answer(call)
        with self._turn:
            before = [self._seen(known)] if known and kind == "statuses" else []
            said = self._words(known) if before else ""
            answer = super().answer(call)
            if answer.status not in {200, 202}:
                return answer
            given = json.loads(answer.raw)
            if kind == "media" and call.method == "POST":
                self.uploads[given["id"]] = digest(Request(call).fields["file"].data)
            elif before and call.method == "DELETE":
                self.taken_down(before, said)
            elif before and call.method == "PUT":
                self.first.setdefault(known, said)
                self.changed(said, self._words(known))
            elif kind == "statuses":
                self.came.setdefault(given["id"], self.time())
        return answer

    def there(self) -> Iterator[Seen]:
        """All statuses of its account, and whatever was changed by its first words."""
        older = ""
        while True:
            path = f"accounts/{self.person.id}/statuses?limit={PAGE}{older and f'&max_id={older}'}"
            page = self.server.ask("GET", path, self.person.token)
            yield from (self._seen(one["id"]) for one in page)
            if not page:
                return
            older = min((one["id"] for one in page), key=int)

    def _seen(self, known: str) -> Seen:
        found = self.server.ask("GET", f"statuses/{known}", self.person.token)
        above, shows = found["in_reply_to_id"], found["media_attachments"]
        return Seen(
            self.account,
            self.first.get(known) or self._words(known),
            self.came.get(known, 0.0),
            self.first.get(above) or self._words(above) if above else "",
            tuple(self.uploads.get(one["id"], "") for one in shows),
        )

    def _words(self, known: str) -> str:
        return str(self.server.ask("GET", f"statuses/{known}/source", self.person.token)["text"])


def kinds(stack: ExitStack) -> dict[str, tuple[Callable[[], Any], dict[str, str]]]:
    """What makes an account of each of these networks, whose servers run as long as the stack is open."""
    pds, emulator, numbers = stack.enter_context(running()), stack.enter_context(mastodon_running()), itertools.count(1)
    return {
        "bluesky": (lambda: Bluesky(pds, f"chaos{next(numbers)}"), {}),
        "mastodon": (partial(Toots, emulator), {}),
    }
