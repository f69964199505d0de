"""Servers out of Python packages: an emulator of Mastodon's API, and one of S3's; the fixtures `mastodon` and `s3`.

Both run in an environment of their own (`emulators.txt`), so that what they need is none of Filo's affair. Neither is
the real thing: docs/networks.md says what they can't tell.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.install import InstallError, alone, home, run
from tests.servers.keeping import free_port, kept, listens

PINS = Path(__file__).resolve().with_name("emulators.txt")
MOST_PEOPLE = 100
S3_KEY = {"aws_access_key_id": "filo", "aws_secret_access_key": "filo's own"}


@dataclass(frozen=True)
class Tooter:
    """An account on the emulator; `token` is what a channel would be given."""

    id: str
    name: str
    token: str


@dataclass(frozen=True)
class Mastodon:
    """A running emulator of Mastodon's API, asked in its own words, never through the code under test."""

    url: str
    session: int
    _numbers: Iterator[int] = field(default_factory=partial(count, 1))

    def person(self) -> Tooter:
        """Somebody whom no other test has met."""
        number = next(self._numbers)
        assert number <= MOST_PEOPLE, "the emulator was given too few people"
        token = _token(number)
        found = self.ask("GET", "accounts/verify_credentials", token)
        return Tooter(found["id"], found["username"], token)

    def statuses(self, person: Tooter) -> list[dict[str, Any]]:
        """Return what the account has published, the oldest first."""
        found: list[dict[str, Any]] = self.ask("GET", f"accounts/{person.id}/statuses?limit=40", person.token)
        return sorted(found, key=lambda status: int(status["id"]))

    def ask(self, method: str, path: str, token: str, **options: Any) -> Any:
        """Call `/api/v1/PATH` and return its answer."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.request(method, f"{self.url}/api/v1/{path}", headers=headers, timeout=20, **options)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()


@dataclass(frozen=True)
class S3:
    """A running emulator of S3. It takes any key; `options` lead boto3 or django-storages to it."""

    url: str
    session: int

    @property
    def options(self) -> dict[str, str]:
        """What boto3's client needs to find it."""
        return {"endpoint_url": self.url, "region_name": "eu-south-1", **S3_KEY}

    def create_bucket(self, name: str) -> None:
        """Make a bucket, as its owner would have."""
        where = (
            "<CreateBucketConfiguration><LocationConstraint>eu-south-1</LocationConstraint></CreateBucketConfiguration>"
        )
        httpx.put(f"{self.url}/{name}", content=where, headers=_SIGNED, timeout=20).raise_for_status()

    def objects(self, bucket: str) -> dict[str, bytes]:
        """Return what the bucket holds."""
        listed = httpx.get(f"{self.url}/moto-api/data.json", timeout=20).raise_for_status().json()
        names = [key["name"] for key in listed["s3"].get("FakeKey", []) if key.get("bucket_name") == bucket]
        return {name: httpx.get(f"{self.url}/{bucket}/{name}", headers=_SIGNED, timeout=20).content for name in names}

    def empty(self) -> None:
        """Forget all buckets."""
        httpx.post(f"{self.url}/moto-api/reset", timeout=20).raise_for_status()


# moto reads the region out of the signature and doesn't check the rest.
_SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=filo/20261121/eu-south-1/s3/aws4_request, SignedHeaders=, Signature="
}


def install() -> Path:
    """Install the emulators, where that has not been done; return the folder of their programs.

    Raises:
        InstallError: it is not possible here.
    """
    folder = home() / "emulators"
    wanted = hashlib.sha256(PINS.read_bytes() + sys.version.encode()).hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder / "lock"):
            stamp = folder / "installed"
            if not stamp.exists() or stamp.read_text() != wanted:
                stamp.unlink(missing_ok=True)
                _build(folder)
                stamp.write_text(wanted)
    except OSError as error:
        raise InstallError(f"{error.strerror or error}: {error.filename or folder}") from error
    return folder / "venv" / "bin"


def _build(folder: Path) -> None:
    shutil.rmtree(folder / "venv", ignore_errors=True)
    uv = [sys.executable, "-m", "uv"]
    run("the emulators", [*uv, "venv", "--quiet", "--python", sys.executable, "venv"], folder, os.environ)
    sync = [*uv, "pip", "sync", "--quiet", "--require-hashes", "--python", "venv/bin/python", str(PINS)]
    run("the emulators", sync, folder, os.environ)


def _installed() -> Path:
    try:
        return install()
    except InstallError as error:
        reason = f"The emulators can't be installed here: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def mastodon_running(**settings: Any) -> Iterator[Mastodon]:
    """Start an emulator of Mastodon, stop it at the end; `settings` are tables of its own configuration."""
    programs = _installed()
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="filo-mastodon-") as name:
        place = Path(name)
        config = place / "mastodon.toml"
        config.write_text("\n".join([f'media_storage_path = "{place / "media"}"', *_tables(settings), *_people()]))
        command: list[str | Path] = [
            programs / "mastodon_mock",
            "serve",
            "--config",
            config,
            "--in-memory",
            "--port",
            str(port),
        ]
        ready = partial(listens, port)
        with kept([*command, "--log-level", "warning"], log=place / "log", ready=ready, folder=place) as session:
            yield Mastodon(f"http://127.0.0.1:{port}", session)


@contextmanager
def s3_running() -> Iterator[S3]:
    """Start an emulator of S3, stop it at the end."""
    programs = _installed()
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="filo-s3-") as name:
        command: list[str | Path] = [programs / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
        with kept(command, log=Path(name, "log"), ready=partial(listens, port)) as session:
            yield S3(f"http://127.0.0.1:{port}", session)


@pytest.fixture(scope="session")
def mastodon() -> Iterator[Mastodon]:
    """An emulator of Mastodon for all tests of this process; each test takes people of its own."""
    with mastodon_running() as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """An emulator of S3 for all tests of this process; each test makes buckets of its own."""
    with s3_running() as server:
        yield server


def _token(number: int) -> str:
    return f"token-of-person{number}"


def _people() -> Iterator[str]:
    for number in range(1, MOST_PEOPLE + 1):
        yield f'[[seed.accounts]]\nusername = "person{number}"\naccess_token = "{_token(number)}"'


def _tables(settings: dict[str, Any]) -> Iterator[str]:
    for name, values in settings.items():
        yield f"[{name}]"
        for key, value in values.items():
            yield f"{key} = {json.dumps(value)}"
