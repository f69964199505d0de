"""The people of a run: they write, submit, approve, change their minds, stop a client; all of it by the API, as programs do."""

import datetime as dt
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from tests.chaos import shown
from tests.chaos.plan import COMMENTS, THREADS, Planned
from tests.chaos.words import asked_beside, comment_of, parts_of, text_of

PATIENCE = 45.0  # seconds until somebody gives up
SOON = 6.0  # seconds from now, for what has missed its hour before it was approved


@dataclass
class Said:
    """What people have done about one post: what was asked of whom, and what the answer was."""

    plan: Planned
    post: int = 0
    texts: list[str] = field(default_factory=list)  # by version, the newest last
    approved: list[str] = field(
        default_factory=list
    )  # all words that somebody said yes to, those of parts and comments too
    # From this attempt on (the number of the newest there was), the texts before the last must not go out any more.
    changed_after: int | None = None

    def words(self) -> list[str]:
        """All that goes out of the newest version, wherever there is a place for it."""
        number, version = self.plan.number, len(self.texts)
        return [self.texts[-1], *parts_of(number, version, self.plan.parts), comment_of(number, version)]


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
        networks: dict[int, str],
        rows: Rows,
        clock: Callable[[], float],
    ) -> None:
        self.base = f"http://127.0.0.1:{port}/api/v1/"
        # One for all of them, since making it is dear; each request has a connection of its own.
        self.web = httpx.Client(timeout=20, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
        self.tokens, self.clients, self.channels, self.rows, self.clock = tokens, clients, channels, rows, clock
        self.networks = networks  # of each channel
        self.said: dict[int, Said] = {}
        self.stops: list[Stop] = []
        self.answers = Counter[str]()
        self.ends = threading.Event()
        self.storm_is_over = threading.Event()  # nobody waits any longer for a video that is to be made ready

    def ask(self, who: str, method: str, path: str, **body: Any) -> httpx.Response | None:
        """One request, again and again while nobody answers; None where nobody did."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not self.ends.is_set():
            try:
                answer = self.web.request(
                    method, self.base + path, headers={"Authorization": f"Token {self.tokens[who]}"}, **body
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
                if self.web.get(self.base.replace("api/v1/", "readyz"), timeout=5).is_success:
                    return
            time.sleep(0.2)
        raise RuntimeError("web, worker and beat did not come to life")

    # What they do

    def write(self, plan: Planned, chance: random.Random) -> Said:
        """Write a post, submit it, and approve it if that is its way."""
        said = self.said[plan.number] = Said(plan)
        fields: dict[str, Any] = {"channels": [self.channels[plan.client][n] for n in plan.channels]}
        fields["variants"] = self.variants(plan, fields["channels"], 1)
        if plan.shows:
            fields["media"] = self._shown(plan)
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
        words = {"client": self.clients[plan.client], "title": title, "text": said.texts[0]}
        for _turn in range(20):
            due = self._in(plan.due_in)  # the hour may have gone by while nobody answered
            answer = self.ask("author", "POST", "posts/", json={**words, **fields, "publish_at": due})
            if answer is None:
                break
            if answer.status_code == httpx.codes.CREATED:
                return int(answer.json()["id"])
            known = self.rows.one("SELECT min(id) FROM social_post WHERE title = %s", title)
            if known:
                return int(known)
            fields.pop("media", None)  # its upload was lost
        return int(self.rows.one("SELECT min(id) FROM social_post WHERE title = %s", title) or 0)

    def variants(self, plan: Planned, channels: list[int], version: int) -> list[dict[str, Any]]:
        """What the post has on each channel beside its words: a thread, a comment, a subject."""
        found = []
        for channel in channels:
            network = self.networks[channel]
            own: dict[str, Any] = {}
            if network in THREADS and plan.parts:
                own["parts"] = [{"text": text} for text in parts_of(plan.number, version, plan.parts)]
            if network in COMMENTS and plan.comment:
                own["comment"] = comment_of(plan.number, version)
            if asked := asked_beside(network, plan.number):
                own["fields"] = asked
            if own:
                found.append({"channel": channel, **own})
        return found

    def _shown(self, plan: Planned) -> list[int]:
        """Upload a picture of its own, or a video; none where the disk is full."""
        name, data, mime = shown.video(plan.number) if plan.shows == "video" else shown.picture(plan.number)
        answer = self.ask(
            "author",
            "POST",
            "media/",
            data={"client": str(self.clients[plan.client]), "alt_text": f"Number {plan.number}"},
            files={"file": (name, data, mime)},
        )
        good = answer is not None and answer.status_code == httpx.codes.CREATED
        return [int(answer.json()["id"])] if good and answer is not None else []

    def _submitted(self, said: Said, *, approve: bool) -> None:
        if self._submit(said.post) and approve:
            self.approve(said.post, lambda: said.approved.extend(said.words()))

    def _submit(self, post: int) -> bool:
        """Ask for approval; a video has to be ready first, and the hour still to come."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not self.storm_is_over.is_set():
            answer = self.ask("author", "POST", f"posts/{post}/submit/")
            if answer is None or answer.is_success:
                return answer is not None
            if '"past"' in answer.text:
                self.ask("author", "PATCH", f"posts/{post}/", json={"publish_at": self._in(SOON)})
            elif "not_ready" in answer.text:
                self.storm_is_over.wait(1)
            else:
                return True  # it may be asked already
        return False

    def _in(self, seconds: float) -> str:
        return dt.datetime.fromtimestamp(self.clock() + seconds, dt.UTC).isoformat()

    def approve(self, post: int, before: Callable[[], object]) -> None:
        """Say yes to what is asked about this post; ``before`` that, from which moment on somebody may have said yes."""
        found = self.ask("author", "GET", f"posts/{post}/")
        if found is None or not found.json().get("review"):
            return
        before()
        path = f"reviews/{found.json()['review']}/approve/"
        self.ask("approver", "POST", path, json={"digest": found.json()["digest"]})

    def ask_for(self, act: str, publication: int, text: str) -> int:
        """Begin to correct what is live, or ask to have it taken down; the post of it, 0 where that is not to be had."""
        if act == "take_down":
            answer = self.ask("author", "POST", f"publications/{publication}/take_down/", json={"because": "Chaos"})
        else:
            given = {"act": act, "text": text, "because": "Chaos"}
            answer = self.ask("author", "POST", f"publications/{publication}/correct/", json=given)
        if answer is None or answer.status_code != httpx.codes.CREATED:
            return 0
        post = int(answer.json()["id"])
        return post if act == "take_down" or self._submit(post) else 0

    def connect(self, channel: int, credentials: dict[str, str]) -> None:
        """Type new tokens for an account, and have the network asked whose they are."""
        self.ask("manager", "PATCH", f"channels/{channel}/", json={"credentials": credentials})
        self.ask("manager", "POST", f"channels/{channel}/check/?wait=5")

    def edit(self, said: Said) -> None:
        """Other words, after the approval; then another approval, or none."""
        text = text_of(said.plan.number, 2)
        channels = [self.channels[said.plan.client][n] for n in said.plan.channels]
        words = {"text": text, "variants": self.variants(said.plan, channels, 2)}
        answer = self.ask("author", "PATCH", f"posts/{said.post}/", json=words)
        if answer is None or answer.status_code != httpx.codes.OK:
            return  # it has begun, or nobody heard
        said.texts.append(text)
        said.changed_after = int(self.rows.one("SELECT coalesce(max(id), 0) FROM social_attempt") or 0)
        if said.plan.way == "edited":
            self._submitted(said, approve=True)

    def move(self, said: Said, chance: random.Random) -> None:
        """To another time."""
        self.ask("author", "PATCH", f"posts/{said.post}/", json={"publish_at": self._in(chance.uniform(2, 20))})

    def stop(self, client: int) -> Stop | None:
        """Everything of this client, at once."""
        self.ask("manager", "POST", f"clients/{self.clients[client]}/freeze/", json={"reason": "Chaos"})
        if not self._stands_still(client):
            return None
        mark = int(self.rows.one("SELECT coalesce(max(id), 0) FROM social_attempt") or 0)
        stop = Stop(client, mark, began=time.time())
        self.stops.append(stop)
        return stop

    def lift(self, stop: Stop) -> None:
        """Go on."""
        stop.until = int(self.rows.one("SELECT coalesce(max(id), 0) FROM social_attempt") or 0)
        stop.ended = time.time()
        self._go_on(stop.client)

    def lift_the_rest(self) -> None:
        """On a slow machine nobody hears that a client was stopped, or may go on: who then still stands still goes on."""
        meant = {stop.client for stop in self.stops if stop.until is None}
        for client in set(range(len(self.clients))) - meant:
            for _turn in range(10):
                if not self._stands_still(client):
                    break
                self._go_on(client)

    def _go_on(self, client: int) -> None:
        self.ask("manager", "POST", f"clients/{self.clients[client]}/unfreeze/")

    def _stands_still(self, client: int) -> bool:
        frozen = "SELECT frozen_at IS NOT NULL FROM clients_client WHERE id = %s"
        return bool(self.rows.one(frozen, self.clients[client]))

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
