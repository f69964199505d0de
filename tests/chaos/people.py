"""The people of a run: they write, submit, approve, change their minds, stop a client; all of it by the API, as programs do."""

import datetime as dt
import io
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
from PIL import Image

from tests.chaos.plan import Planned

PATIENCE = 45.0  # seconds until somebody gives up


@dataclass
class Said:
    """What people have done about one post: what was asked of whom, and what the answer was."""

    plan: Planned
    post: int = 0
    texts: list[str] = field(default_factory=list)  # by version, the newest last
    approved: list[str] = field(default_factory=list)  # of these, those that somebody said yes to
    # From this attempt on (the number of the newest there was), the texts before the last must not go out any more.
    changed_after: int | None = None


@dataclass
class Stop:
    """A client was stopped from the first attempt to the second (None: to the end)."""

    client: int
    after: int
    until: int | None = None
    began: float = 0.0
    ended: float | None = None


class Rows:
    """The database, read from outside; it is away at times."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.lock = threading.Lock()
        self.connection: psycopg.Connection[Any] | None = None

    def one(self, query: str, *values: Any) -> Any:
        """The first value of the first row, None where there is none."""
        found = self.all(query, *values)
        return found[0][0] if found else None

    def all(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows."""
        until = time.monotonic() + PATIENCE
        while True:
            with self.lock:
                try:
                    if self.connection is None or self.connection.closed:
                        self.connection = psycopg.connect(self.address, autocommit=True, connect_timeout=5)
                    return self.connection.execute(query, values).fetchall()
                except psycopg.OperationalError:
                    self.connection = None
                    if time.monotonic() > until:
                        raise
            time.sleep(0.2)


class People:
    """An author, an approver and a manager of all clients, with a token each."""

    def __init__(
        self,
        *,
        port: int,
        tokens: dict[str, str],
        clients: list[int],
        channels: list[list[int]],
        newsletters: Collection[int],
        rows: Rows,
        clock: Callable[[], float],
    ) -> None:
        self.base = f"http://127.0.0.1:{port}/api/v1/"
        self.tokens, self.clients, self.channels, self.rows, self.clock = tokens, clients, channels, rows, clock
        self.newsletters = frozenset(newsletters)
        self.said: dict[int, Said] = {}
        self.stops: list[Stop] = []
        self.answers = Counter[str]()
        self.ends = threading.Event()

    def ask(self, who: str, method: str, path: str, **body: Any) -> httpx.Response | None:
        """One request, again and again while nobody answers; None where nobody did."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not self.ends.is_set():
            try:
                answer = httpx.request(
                    method,
                    self.base + path,
                    headers={"Authorization": f"Token {self.tokens[who]}"},
                    timeout=20,
                    trust_env=False,
                    **body,
                )
            except httpx.HTTPError:
                self.answers["none"] += 1
            else:
                self.answers[str(answer.status_code)] += 1
                if answer.status_code < 500:
                    return answer
            self.ends.wait(0.3)
        return None

    def wait_for_web(self) -> None:
        """Until everything runs. Raises RuntimeError where that takes too long."""
        until = time.monotonic() + 4 * PATIENCE
        while time.monotonic() < until:
            with suppress(httpx.HTTPError):
                if httpx.get(self.base.replace("api/v1/", "readyz"), timeout=5, trust_env=False).is_success:
                    return
            time.sleep(0.2)
        raise RuntimeError("web, worker and beat did not come to life")

    # What they do

    def write(self, plan: Planned, chance: random.Random) -> Said:
        """Write a post, submit it, and approve it if that is its way."""
        said = self.said[plan.number] = Said(plan)
        fields: dict[str, Any] = {"channels": [self.channels[plan.client][n] for n in plan.channels]}
        mails = [channel for channel in fields["channels"] if channel in self.newsletters]
        if mails:
            own = {"fields": {"subject": subject_of(plan.number)}}
            fields["variants"] = [{"channel": channel, **own} for channel in mails]
        if plan.picture:
            fields["media"] = self._picture(plan)
        said.texts.append(text_of(plan.number, 1))
        said.post = self._created(said, fields)
        if not said.post or plan.way == "draft":
            return said
        self._submitted(said, approve=plan.way != "never")
        if plan.way in {"edited", "taken_back"}:
            self.ends.wait(chance.uniform(0, 2))
            self.edit(said)
        return said

    def _created(self, said: Said, fields: dict[str, Any]) -> int:
        plan = said.plan
        title = f"Chaos {plan.number:05d}"
        due = dt.datetime.fromtimestamp(self.clock() + plan.due_in, dt.UTC).isoformat()
        words = {"client": self.clients[plan.client], "title": title, "text": said.texts[0], "publish_at": due}
        for _turn in range(20):
            answer = self.ask("author", "POST", "posts/", json={**words, **fields})
            if answer is None:
                break
            if answer.status_code == httpx.codes.CREATED:
                return int(answer.json()["id"])
            known = self.rows.one("SELECT min(id) FROM social_post WHERE title = %s", title)
            if known:
                return int(known)
            fields.pop("media", None)  # its upload was lost
        return int(self.rows.one("SELECT min(id) FROM social_post WHERE title = %s", title) or 0)

    def _picture(self, plan: Planned) -> list[int]:
        """Upload a picture of its own; none where the disk is full."""
        file = io.BytesIO()
        Image.effect_noise((320, 240), 60 + plan.number % 60).convert("RGB").save(file, "JPEG")
        answer = self.ask(
            "author",
            "POST",
            "media/",
            data={"client": str(self.clients[plan.client]), "alt_text": f"Number {plan.number}"},
            files={"file": ("a.jpg", file.getvalue(), "image/jpeg")},
        )
        good = answer is not None and answer.status_code == httpx.codes.CREATED
        return [int(answer.json()["id"])] if good and answer is not None else []

    def _submitted(self, said: Said, *, approve: bool) -> None:
        answer = self.ask("author", "POST", f"posts/{said.post}/submit/")
        if answer is None or not approve:
            return
        post = self.ask("author", "GET", f"posts/{said.post}/")
        if post is None or not post.json().get("review"):
            return
        said.approved.append(said.texts[-1])  # from here on somebody may have said yes
        path = f"reviews/{post.json()['review']}/approve/"
        self.ask("approver", "POST", path, json={"digest": post.json()["digest"]})

    def edit(self, said: Said) -> None:
        """Other words, after the approval; then another approval, or none."""
        text = text_of(said.plan.number, 2)
        answer = self.ask("author", "PATCH", f"posts/{said.post}/", json={"text": text})
        if answer is None or answer.status_code != httpx.codes.OK:
            return  # it has begun, or nobody heard
        said.texts.append(text)
        said.changed_after = int(self.rows.one("SELECT coalesce(max(id), 0) FROM social_attempt") or 0)
        if said.plan.way == "edited":
            self._submitted(said, approve=True)

    def move(self, said: Said, chance: random.Random) -> None:
        """To another time."""
        at = dt.datetime.fromtimestamp(self.clock() + chance.uniform(2, 20), dt.UTC)
        self.ask("author", "PATCH", f"posts/{said.post}/", json={"publish_at": at.isoformat()})

    def stop(self, client: int) -> Stop | None:
        """Everything of this client, at once."""
        answer = self.ask("manager", "POST", f"clients/{self.clients[client]}/freeze/", json={"reason": "Chaos"})
        if answer is None or answer.status_code not in {200, 409}:
            return None
        mark = int(self.rows.one("SELECT coalesce(max(id), 0) FROM social_attempt") or 0)
        stop = Stop(client, mark, began=time.time())
        self.stops.append(stop)
        return stop

    def lift(self, stop: Stop) -> None:
        """Go on."""
        stop.until = int(self.rows.one("SELECT coalesce(max(id), 0) FROM social_attempt") or 0)
        stop.ended = time.time()
        self.ask("manager", "POST", f"clients/{self.clients[stop.client]}/unfreeze/")

    def behave(self, channel: int, behaviour: str) -> None:
        """Set how a sandbox channel behaves."""
        given = {"behaviour": behaviour} | ({"latency_ms": 4000} if behaviour == "slow" else {})
        self.ask("manager", "PATCH", f"channels/{channel}/", json={"credentials": given})

    def retry(self, publication: int) -> bool:
        """Send what failed or missed its time."""
        answer = self.ask("manager", "POST", f"publications/{publication}/retry/")
        return answer is not None and answer.status_code == httpx.codes.OK

    def resolve(self, publication: int, *, live: bool) -> None:
        """Say what was seen."""
        outcome = "published" if live else "not_published"
        self.ask("manager", "POST", f"publications/{publication}/resolve/", json={"outcome": outcome})


def subject_of(number: int) -> str:
    """What stands over a newsletter's issue."""
    return f"Chaos {number:05d}"


def text_of(number: int, version: int) -> str:
    """The words of a post; another version, other words."""
    return f"Chaos {number:05d} v{version}. Whatever breaks, this is read once."
