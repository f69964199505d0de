"""Worker and beat of their own, on the scratch database, and what processes weigh."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection
from django.utils import timezone

from agency import heartbeats
from agency.bench import scratch
from agency.home import Home
from agency.supervisor import children_of, listening_socket

PATIENCE = 60  # seconds until they live


def clean_environment() -> dict[str, str]:
    """This process' environment without anything that speaks to Filo or to make."""
    ours = ("FILO_", "DJANGO_", "MAKE", "MFLAGS", "PYTEST_")
    named = {
        "SECRET_KEY",
        "DATABASE_URL",
        "CELERY_BROKER_URL",
        "EMAIL_URL",
        "ALLOWED_HOSTS",
        "PORT",
        "MANAGE_ARGUMENTS",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith(ours) and name not in named}


@contextmanager
def workers_and_beat(workers: int = 1) -> Iterator[None]:
    """Have so many workers and a beat on the scratch database for the length of a block."""
    home = Home(Path(tempfile.mkdtemp(prefix="filo-bench-")))
    for folder in home.folders:
        folder.mkdir(parents=True)
    environment = clean_environment() | {
        "FILO_HOME": str(home.root),
        "DATABASE_URL": scratch.address(),
        "SECRET_KEY": settings.SECRET_KEY,
        "FILO_KEYS": ",".join(settings.FILO_KEYS),
        "FILO_INSIDE_ADDRESSES": "127.0.0.1",
    }
    with listening_socket("127.0.0.1", 0) as unused:
        _web, worker, beat = [c.command for c in children_of(home.log, unused, threads=settings.THREADS, web_workers=1)]
    commands = [beat, *[worker] * workers]
    running = []
    try:
        for number, command in enumerate(commands):
            with (home.log / f"{number}.log").open("w") as log:
                running.append(
                    subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log)
                )
        _until_alive(home)
        yield
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(home.root)


def _until_alive(home: Home) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        signs = heartbeats.silent_for(timezone.now())
        connection.close()
        if all(silence is not None and silence < heartbeats.ALIVE for silence in signs.values()):
            return
        time.sleep(0.1)
    said = "\n".join(log.read_text()[-2000:] for log in sorted(home.log.glob("*.log")))
    message = f"worker and beat did not come to life:\n{said}"
    raise RuntimeError(message)


def family(pids: Iterable[int]) -> list[psutil.Process]:
    """These processes and all that they started."""
    found: dict[int, psutil.Process] = {}
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            head = psutil.Process(pid)
            found |= {process.pid: process for process in [head, *head.children(recursive=True)]}
    return list(found.values())


def weight(processes: Iterable[psutil.Process]) -> float:
    """What they weigh together, in MB: shared pages counted once (PSS)."""
    total = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total / 2**20
