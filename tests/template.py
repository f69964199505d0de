"""The migrated database that each run begins with: made once for the migrations there are, and kept under var/.

Migrating takes longer than most runs; a copy of the cluster takes a second. The database `filo` in it is what PostgreSQL
copies for each process of the run. It is only ever read: a run works on its own copy.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from agency.postgres import Postgres

BASE = Path(__file__).resolve().parent.parent
KEPT = BASE / "var" / "template"
NAME = "filo"


def begin(server: Postgres) -> None:
    """Start the server on a copy of what is kept; where nothing is kept for these migrations yet, make it."""
    kept = KEPT / _fingerprint()
    if kept.exists():
        server.data.parent.mkdir(parents=True, exist_ok=True)
        _copy(kept, server.data)
        server.start()
        return
    server.start()
    server.create_database(NAME)
    # As one more process of this run: its home, and so its server, is ours.
    environment = os.environ | {"PYTEST_XDIST_WORKER": "template", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=BASE, env=environment, check=True)
    server.stop()
    _keep(server.data, kept)
    server.start()


def _keep(data: Path, kept: Path) -> None:
    """Put a stopped cluster in the place of all that was kept before; of two runs that do, one wins."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.iterdir():
        if not old.name.startswith("making-"):
            shutil.rmtree(old, ignore_errors=True)
    making = KEPT / f"making-{os.getpid()}"
    _copy(data, making)
    try:
        making.rename(kept)
    except OSError:
        shutil.rmtree(making, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """All of it with its owners and rights, which PostgreSQL insists on."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def _fingerprint() -> str:
    """Of all that decides what a migrated database is: the migrations, ours and others', and the server."""
    digest = hashlib.sha256()
    for path in [
        BASE / "requirements.txt",
        *sorted(BASE.glob("*/migrations/*.py")),
        *sorted(BASE.glob("tests/*/migrations/*.py")),
    ]:
        digest.update(f"{path.relative_to(BASE)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
