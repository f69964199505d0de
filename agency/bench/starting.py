"""The first and the next `make run` in a fresh copy of this tree, and what all its processes weigh while nothing happens."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from django.conf import settings

from agency.bench.figures import Figure, Part, Progress
from agency.bench.processes import clean_environment, family, weight
from agency.home import Home

TITLE = "Starting and idling"
ABOUT = (
    "A copy of the tree in an empty folder, with everything that pip or uv keeps in its cache: `make run` until it says that it "
    "is ready, twice. Between them, after twenty seconds in which nobody does anything, the memory of all processes together, "
    "PostgreSQL's included, shared pages counted once (PSS)."
)
READY = "Filo is ready"
PATIENCE = 600  # seconds
IDLE = 20  # seconds
STEPS = 4
LEFT_OUT = shutil.ignore_patterns(".venv", "var", ".git", "node_modules", "__pycache__", ".*_cache", ".hypothesis")


@dataclass
class Run:
    """One `make run`."""

    tree: Path

    def __post_init__(self) -> None:
        """Start it."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            ["make", "run"],
            cwd=self.tree,
            env=clean_environment() | {"PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        """Nothing more than started."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Stopped, however it went."""
        self.stop()

    def ready(self) -> float:
        """How many seconds it took until it said so."""
        said = []
        for line in self.process.stdout or ():
            said.append(line)
            if READY in line:
                return time.monotonic() - self.began
            if time.monotonic() - self.began > PATIENCE:
                break
        message = "make run did not become ready:\n" + "".join(said[-30:])
        raise RuntimeError(message)

    def weight(self) -> float:
        """What all of it weighs, in MB."""
        server = Home(self.tree / "var").postgres / "postmaster.pid"
        return weight(family([self.process.pid, int(server.read_text().split("\n", 1)[0])]))

    def stop(self) -> float:
        """How many seconds it took to stop."""
        began = time.monotonic()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.communicate(timeout=60)
        return time.monotonic() - began


def measure(progress: Progress, idle_for: float = IDLE) -> Part:
    """Copy, run, idle, stop, run, stop."""
    folder = Path(tempfile.mkdtemp(prefix="filo-bench-"))
    folder.chmod(0o755)  # PostgreSQL's own user walks through it
    try:
        tree = folder / "fresh copy"
        shutil.copytree(settings.BASE_DIR, tree, ignore=LEFT_OUT)
        progress(1)
        with Run(tree) as run:
            first = run.ready()
            progress(1)
            time.sleep(idle_for)
            idle = run.weight()
            stopped = run.stop()
        progress(1)
        with Run(tree) as run:
            following = run.ready()
        progress(1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Part(
        "start",
        TITLE,
        ABOUT,
        [
            Figure(what="the first make run", value=first, unit="s", target=60),
            Figure(what="the next one", value=following, unit="s", target=8),
            Figure(what="stopping", value=stopped, unit="s", target=10),
            Figure(what="memory of all processes, idle", value=idle, unit="MB", target=700),
        ],
    )
