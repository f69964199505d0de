"""Web, worker and beat under one foreground process: started, listened to, started again when they die, stopped."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Final

from agency.processes import die_with_parent

LOG_BYTES: Final = 10 * 1024 * 1024
LOGS_KEPT: Final = 5
# A stop takes 10 s at most: six of them are for what the processes are doing, the rest for PostgreSQL.
PATIENCE: Final = 6.0
# A stop of the whole process group comes twice, once through make: that is no second wish.
SAME_WISH: Final = 1.0
LONGEST_PAUSE: Final = 30.0
# Who lived this long has not failed to start.
SETTLED: Final = 60.0
# Workers share the work through the database: they have nothing to tell each other.
QUIET: Final = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


@dataclass
class Child:
    """One process of ours."""

    name: str
    command: list[str]
    log: Path
    keep_open: tuple[int, ...] = ()
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    again_at: float | None = None
    pause: float = 0.0
    reader: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it, in a group of its own: a Ctrl-C is for the supervisor, which then stops all of them in order."""
        self.again_at = None
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
            pass_fds=self.keep_open,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - one system call, loaded beforehand
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        self.reader = threading.Thread(target=self._pass_on, args=[self.process.stdout], daemon=True)
        self.reader.start()

    def look(self, say: Callable[[str], None]) -> None:
        """Start it again if it has died, later each time that it dies at once."""
        now = time.monotonic()
        if self.again_at is not None:
            if now >= self.again_at:
                self.start()
            return
        status = self.process.poll() if self.process is not None else None
        if status is None:
            return
        self.pause = 1.0 if now - self.started > SETTLED else min(max(1.0, self.pause * 2), LONGEST_PAUSE)
        self.again_at = now + self.pause
        how = f"exit status {status}" if status >= 0 else signal.Signals(-status).name
        say(f"{self.name} stopped ({how}); starting it again in {self.pause:.0f} s")

    def tell(self, sig: int) -> None:
        """Send it, and whatever it started, a signal."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, sig)

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.poll() is None

    def _pass_on(self, stream: IO[str]) -> None:
        handler = RotatingFileHandler(self.log, maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8")
        with stream:
            for line in stream:
                text = line.rstrip("\n")
                handler.emit(logging.makeLogRecord({"msg": text}))
                print(f"{self.name:<6} | {text}", flush=True)
        handler.close()


class Supervisor:
    """Runs the children until it is told to stop."""

    def __init__(self, children: list[Child], say: Callable[[str], None]) -> None:
        self.children = children
        self.say = say
        # Plain values: whoever takes a lock in a signal handler waits for himself when a second signal comes.
        self.asked_at: float | None = None
        self.in_a_hurry = False

    def listen(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal as the wish to stop; a second one as the wish to stop now."""
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, self._stop)

    def _stop(self, *_signal: object) -> None:
        now = time.monotonic()
        if self.asked_at is None:
            self.asked_at = now
        elif now - self.asked_at > SAME_WISH:
            self.in_a_hurry = True

    @property
    def asked_to_stop(self) -> bool:
        """Whether somebody wants it to end."""
        return self.asked_at is not None

    def start(self) -> None:
        """Start them all."""
        for child in self.children:
            child.start()

    def watch(self, also: Callable[[], None]) -> None:
        """Look after them, and call ``also``, a few times a second until told to stop."""
        while not self.asked_to_stop:
            for child in self.children:
                child.look(self.say)
            also()
            time.sleep(0.2)

    def stop(self) -> None:
        """Ask them to stop, wait, and end those that don't: what they had begun is found again by its lease."""
        for child in self.children:
            child.tell(signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        while any(child.alive for child in self.children) and time.monotonic() < until and not self.in_a_hurry:
            time.sleep(0.05)
        for child in self.children:
            if child.alive:
                child.tell(signal.SIGKILL)
        for child in self.children:
            if child.process is not None:
                child.process.wait()
            if child.reader is not None:
                child.reader.join(1)


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that web inherits, so that nobody can take the port between our look and its start. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=512)
    listener.set_inheritable(True)
    return listener


def children_of(log: Path, listener: socket.socket, *, threads: int, web_workers: int) -> list[Child]:
    """Web, worker and beat, as ``make run`` runs them."""
    python = [sys.executable, "-m"]
    gunicorn = ["gunicorn", "agency.wsgi", "--bind", f"fd://{listener.fileno()}", "--worker-class", "gthread"]
    web = [*python, *gunicorn, "--workers", str(web_workers), "--threads", str(threads), "--graceful-timeout", "5"]
    celery = [*python, "celery", "--quiet", "-A", "agency"]
    return [
        Child("web", [*web, "--no-control-socket", "--log-level", "warning"], log / "web.log", (listener.fileno(),)),
        Child("worker", [*celery, "worker", *QUIET], log / "worker.log"),
        Child("beat", [*celery, "beat", "--pidfile="], log / "beat.log"),
    ]
