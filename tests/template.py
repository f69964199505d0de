"""The migrated databases that a run begins with: made once for the migrations there are, and kept under var/.

Migrating takes longer than most runs; a copy of a cluster takes a second. There are two, each with a database `filo`. The
one of an installation's first start is what homes of tests may begin with. The other one has the tables of the tests' own
apps besides, and PostgreSQL copies it for each process of the run. Both are only ever read: a run works on its own copies.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from agency.home import Home
from agency.postgres import Postgres

BASE = Path(__file__).resolve().parent.parent
KEPT = BASE / "var" / "template"
NAME = "filo"
INSTALLED, TESTED = "installed", "tested"


def begin(server: Postgres) -> None:
    """Start the server on a copy of what is kept; where nothing is kept for these migrations yet, make it."""
    kept = KEPT / _fingerprint()
    shutil.rmtree(server.data, ignore_errors=True)  # of a run that was killed, and had the number that our process has
    if kept.exists():
        _copy(kept / TESTED, server.data)
    else:
        _make(server, kept)
    server.start()


def move_in(home: Path) -> None:
    """Let a home without a database have the one of an installation that was started before, if such a one is kept."""
    home.mkdir(parents=True, exist_ok=True)
    kept = KEPT / _fingerprint() / INSTALLED
    if kept.exists():
        _copy(kept, Home(home).postgres)


def _make(server: Postgres, kept: Path) -> None:
    """Migrate an installation's database, then on for the tests' apps; of two runs that do, one wins."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.iterdir():
        if not old.name.startswith("making-"):
            shutil.rmtree(old, ignore_errors=True)
    making = KEPT / f"making-{os.getpid()}"
    making.mkdir()
    server.start()
    server.create_database(NAME)
    _migrate("agency.settings")
    server.stop()
    _copy(server.data, making / INSTALLED)
    server.start()
    _migrate("tests.settings")
    server.stop()
    _copy(server.data, making / TESTED)
    try:
        making.rename(kept)
    except OSError:
        shutil.rmtree(making, ignore_errors=True)


def _migrate(settings: str) -> None:
    # As one more process of this run: its home, and so its server, is ours.
    environment = os.environ | {"PYTEST_XDIST_WORKER": "template", "DJANGO_SETTINGS_MODULE": settings}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=BASE, env=environment, check=True)


def _copy(source: Path, target: Path) -> None:
    """All of it with its owners and rights, which PostgreSQL insists on."""
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def _fingerprint() -> str:
    """Of all that decides what a migrated database is: the migrations, ours and others', the server, and how it is made."""
    digest = hashlib.sha256()
    for path in [
        Path(__file__),
        BASE / "requirements.txt",
        *sorted(BASE.glob("*/migrations/*.py")),
        *sorted(BASE.glob("tests/*/migrations/*.py")),
    ]:
        digest.update(f"{path.relative_to(BASE)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
