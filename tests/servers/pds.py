"""A real Bluesky PDS for tests, and people on it; import the fixture `pds` into a conftest to have one.

One server for each process of the run, on loopback, with its own PLC directory and nothing of the internet. Where it
can't be installed the tests that need it are skipped with the reason, and with CI=true they fail.
"""

import json
import os
import select
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.install import InstallError, Servers, install

START_SECONDS = 60
STOP_SECONDS = 10
POSTS = "app.bsky.feed.post"


@dataclass(frozen=True)
class Person:
    """An account on the server; `app_password` is what a channel would be given."""

    did: str
    handle: str
    password: str
    app_password: str


@dataclass(frozen=True)
class Pds:
    """A running server, asked in its own words (its lexicons), never through the code under test."""

    url: str
    process: subprocess.Popen[str]

    def create_person(self, name: str) -> Person:
        """Make an account `name.test`, with an app password."""
        handle, password = f"{name}.test", f"{name}'s own password"
        person = {"handle": handle, "email": f"{name}@filo.example", "password": password}
        made = self.ask("POST", "server.createAccount", json=person)
        token = {"Authorization": f"Bearer {made['accessJwt']}"}
        app = self.ask("POST", "server.createAppPassword", json={"name": "filo"}, headers=token)
        return Person(made["did"], handle, password, app["password"])

    def revoke_app_password(self, person: Person) -> None:
        """Take the app password back, as its owner would in the settings of Bluesky."""
        self.ask("POST", "server.revokeAppPassword", json={"name": "filo"}, headers=self.token(person))

    def deactivate(self, person: Person) -> None:
        """Put the account to sleep, as its owner would."""
        self.ask("POST", "server.deactivateAccount", json={}, headers=self.token(person))

    def takes(self, person: Person, text: str) -> bool:
        """Say whether the server takes a post of that text, by giving it one."""
        record = {"$type": POSTS, "text": text, "createdAt": "2026-11-21T09:00:00.000Z"}
        asked = {"repo": person.did, "collection": POSTS, "record": record}
        url = f"{self.url}/xrpc/com.atproto.repo.createRecord"
        answer = httpx.post(url, json=asked, headers=self.token(person), timeout=20)
        assert answer.is_success or answer.json()["error"] in {"InvalidRequest", "InvalidRecord"}, answer.text
        return answer.is_success

    def posts(self, person: Person) -> list[dict[str, Any]]:
        """Return what the account's repository holds as posts: `uri`, `cid`, `value`; the newest first."""
        asked = {"repo": person.did, "collection": POSTS, "limit": 100}
        records: list[dict[str, Any]] = self.ask("GET", "repo.listRecords", params=asked)["records"]
        return records

    def blob(self, person: Person, cid: str) -> bytes:
        """Return a picture's bytes as the server holds them."""
        answer = httpx.get(
            f"{self.url}/xrpc/com.atproto.sync.getBlob", params={"did": person.did, "cid": cid}, timeout=10
        )
        return answer.raise_for_status().content

    def token(self, person: Person) -> dict[str, str]:
        """Return the header that signs a request as this person."""
        session = {"identifier": person.handle, "password": person.password}
        return {"Authorization": f"Bearer {self.ask('POST', 'server.createSession', json=session)['accessJwt']}"}

    def ask(self, method: str, name: str, **options: Any) -> dict[str, Any]:
        """Call `com.atproto.NAME` and return its answer."""
        answer = httpx.request(method, f"{self.url}/xrpc/com.atproto.{name}", timeout=20, **options)
        assert answer.is_success, f"{name}: {answer.status_code} {answer.text}"
        given: dict[str, Any] = answer.json() if answer.content else {}
        return given


@contextmanager
def running(**environment: str) -> Iterator[Pds]:
    """Install what is missing, start a server, stop it at the end."""
    try:
        servers = install()
    except InstallError as error:
        reason = f"The Bluesky PDS can't be installed here: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    data = Path(tempfile.mkdtemp(prefix="filo-pds-"))
    try:
        with (data / "errors").open("w") as errors, _started(servers, data, errors.fileno(), environment) as process:
            yield Pds(_ready(process, data / "errors")["pds"], process)
    finally:
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def pds() -> Iterator[Pds]:
    """A server for all tests of this process; each test makes people of its own."""
    with running() as server:
        yield server


@contextmanager
def _started(servers: Servers, data: Path, errors: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = [str(servers.node), str(Path(__file__).with_name("pds.mjs")), str(servers.packages), str(data)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env={**os.environ, **environment},
    )
    assert process.stdin
    assert process.stdout
    try:
        yield process
    finally:
        process.stdin.close()  # which the server takes as its end
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _ready(process: subprocess.Popen[str], errors: Path) -> dict[str, str]:
    """Wait for the line that says where the server listens."""
    assert process.stdout
    readable, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if readable else ""
    assert line, f"The PDS did not start: {errors.read_text()[-2000:]}"
    where: dict[str, str] = json.loads(line)
    return where
