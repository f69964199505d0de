"""Filo as a user starts it, under test: a process, its home, what it prints."""

import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.servers.keeping import free_port

BASE = Path(__file__).resolve().parent.parent.parent
PATIENCE = 180
INSTALLING = 900  # where all packages are fetched first: as long as that takes beside everything else


def environment(**variables: str) -> dict[str, str]:
    """This process' environment without what the tests put there, and with ``variables``."""
    ours = ("FILO_", "PYTEST_", "DJANGO_", "MAKE")
    names = {"SECRET_KEY", "DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_URL", "ALLOWED_HOSTS", "PORT", "MFLAGS"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours) and name not in names}
    return kept | variables


def eventually(question: Callable[[], Any], what: str, within: int = PATIENCE) -> Any:
    """The first true answer to ``question``; fails, saying ``what`` never came, when there is none for long."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if answer := question():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {within} s")


class Started:
    """One `make run`."""

    def __init__(self, home: Path, port: int, variables: Mapping[str, str] | None = None, *, base: Path = BASE) -> None:
        self.home, self.port, self.base = home, port, base
        self.variables = {"FILO_HOME": str(home), "PORT": str(port), **(variables or {})}
        self.said = home.with_name(f"{home.name}.out")
        with self.said.open("w") as out:
            self.process = subprocess.Popen(
                ["make", "run"],
                cwd=base,
                env=environment(**self.variables),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ready(self, within: int = PATIENCE) -> "Started":
        """Wait until it says so."""
        eventually(lambda: "Filo is ready" in self.output() or self.process.poll() is not None, "being ready", within)
        assert self.process.poll() is None, self.output()
        return self

    def output(self) -> str:
        """All that it has printed."""
        return self.said.read_text()

    def processes(self) -> list[psutil.Process]:
        """Everything that it started, itself first."""
        return [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]

    def named(self, *words: str) -> psutil.Process:
        """The one, first in line, whose command has all the words."""
        return next(p for p in self.processes() if all(word in p.cmdline() for word in words))

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of a GET."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def readiness(self) -> dict[str, Any]:
        """What /readyz says, and its status."""
        status, body = self.get("/readyz")
        answer: dict[str, Any] = json.loads(body)
        return {"status": status, **answer}

    def stop(self, sig: int = signal.SIGTERM) -> int:
        """Ask it to stop as a terminal (all of its group) or a service manager does; make's exit status."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, sig)
        return self.process.wait(PATIENCE)


@contextmanager
def started(home: Path) -> Iterator[Started]:
    """A running one, on a home where the sample agency is not wanted."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "started").touch()
    filo = Started(home, free_port())
    try:
        yield filo.ready()
    finally:
        filo.stop()


def manage(home: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`make -s manage c="…"`."""
    return subprocess.run(
        ["make", "-s", "manage", f"c={command}"],
        cwd=BASE,
        env=environment(FILO_HOME=str(home), **variables),
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
