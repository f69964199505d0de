"""Real workers and a real beat on the test's database, with a broker of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from agency.home import Home

PATIENCE = 60.0  # seconds; far more than anything here takes, so that only what never happens fails


def database_url() -> str:
    """The database this test runs on, as another process reaches it."""
    found = connection.settings_dict
    host, port = str(found["HOST"]), found["PORT"] or ""
    who = quote(found["USER"] or "", safe="") + (":" + quote(found["PASSWORD"], safe="") if found["PASSWORD"] else "")
    # A socket's folder is part of the path, a host stands before it.
    where = f"/{host}" if host.startswith("/") else f"{host}{f':{port}' if port else ''}"
    return f"postgresql://{who}@{where}/{quote(found['NAME'])}"


def environment(home: Path) -> dict[str, str]:
    """The environment of a real installation whose data is in ``home``, with this test's keys."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "FILO_HOME": str(home),
        "DATABASE_URL": database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "FILO_KEYS": ",".join(settings.FILO_KEYS),
        "FILO_INSIDE_ADDRESSES": ",".join(settings.FILO_INSIDE_ADDRESSES),
        "DJANGO_SETTINGS_MODULE": "agency.settings",
    }


@contextmanager
def running(home: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """``python -m celery -A agency COMMAND``, killed at the end if it is still there."""
    for folder in Home(home).folders:
        folder.mkdir(parents=True, exist_ok=True)
    with (home / f"{command[0]}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "--quiet", "-A", "agency", *command],
            cwd=settings.BASE_DIR,
            env=environment(home),
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


def worker(home: Path) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """A worker as `make run` starts it."""
    return running(home, "worker", "--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")


def beat(home: Path) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """A beat as `make run` starts it."""
    return running(home, "beat", "--pidfile=")


def wait_until(true: Callable[[], object], what: str) -> None:
    """Wait for ``true`` to become so; fail with ``what`` was waited for."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)
