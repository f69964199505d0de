"""What lies under FILO_HOME, made when it is missing, and the database server that is ours to start and to stop."""

import base64
import hashlib
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet

import agency
from agency.environment import ED25519_BYTES, Environment, refuse
from agency.home import Home
from agency.postgres import Postgres
from agency.processes import Lock, die_with_parent

BASE: Final = Path(__file__).resolve().parent.parent
# What `prepare --sample` exits with when it has loaded the sample agency.
SAMPLE_LOADED: Final = 10
# What may change what `prepare` has to do.
WATCHED: Final = ("requirements.txt", "*/migrations/*.py", "locale/*/LC_MESSAGES/*.po", "*/static/**/*", "static/**/*")


class Installation:
    """What lies under FILO_HOME, and the servers that are ours to start."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.home: Home = environment.home(BASE)
        self.embedded = not environment.given("DATABASE_URL")
        self.server = Postgres(self.home.postgres, self.home.socket_dir)
        self.running = Lock(self.home.lock)
        # Held while somebody starts or stops the server, and by all who use it.
        self.door = Lock(self.home.root / "postgres.door")
        self.users = Lock(self.home.root / "postgres.users")

    def make_home(self) -> None:
        """Make the folders and, on the embedded default, the secrets. Refuses what can't be written or is of a newer Filo."""
        try:
            self.home.root.mkdir(parents=True, exist_ok=True)
            probe = self.home.root / f".probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
            self._refuse_newer()
            for folder in self.home.folders:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.embedded:
                self._keep(self.home.secret_key, "SECRET_KEY", lambda: secrets.token_urlsafe(50))
                self._keep(self.home.keys, "FILO_KEYS", lambda: Fernet.generate_key().decode())
                self._keep(self.home.evidence_key, "FILO_EVIDENCE_KEY", _new_evidence_key)
            self.home.version.write_text(f"{agency.__version__}\n")
        except OSError as error:
            refuse(
                f"{error.filename or self.home.root} can't be written ({error.strerror}): set FILO_HOME to a folder of yours."
            )

    def _refuse_newer(self) -> None:
        if not self.home.version.exists():
            return
        theirs = self.home.version.read_text().strip()
        if _numbers(theirs) > _numbers(agency.__version__):
            refuse(
                f"{self.home.root} was written by Filo {theirs}, newer than this one ({agency.__version__}): "
                "start that one, or set FILO_HOME to another folder."
            )

    def empty_queue(self) -> None:
        """Throw away what our own queue still carries: ticks of another day. The database knows what there is to do."""
        for folder in self.home.folders_of_queue:
            for leftover in folder.glob("*.msg"):
                leftover.unlink(missing_ok=True)

    def _keep(self, file: Path, variable: str, make: Callable[[], str]) -> None:
        if self.environment.given(variable) or file.exists():
            return
        unfinished = file.with_name(f".{file.name}-{os.getpid()}")
        unfinished.touch(mode=0o600)
        unfinished.write_text(make() + "\n")
        unfinished.rename(file)

    @contextmanager
    def database(self, *, keep_for_others: bool) -> Iterator[None]:
        """Have the embedded server for the length of a block; stop it after the last user, or, if told to, in any case."""
        if not self.embedded:
            yield
            return
        with self.door.alone():
            self.users.take(shared=True)
            self.server.tied = not keep_for_others
            self.server.start()
            self.server.create_database("filo")
        try:
            yield
        finally:
            with self.door.alone():
                self.users.release()
                if not keep_for_others or self.users.take(wait=False):
                    self.server.stop()
                self.users.release()

    def prepare(self, *, sample_password: str | None) -> bool:
        """Migrate, compile, collect: what changed since the last time. Whether the sample agency was loaded now.

        Ends this process where it can't be done; the command has said why.
        """
        stamp, started = self.home.root / "prepared", self.home.root / "started"
        digest = self._digest()
        first = sample_password is not None and not started.exists()
        if not first and stamp.exists() and stamp.read_text() == digest:
            return False
        command = [sys.executable, "manage.py", "prepare", *(["--sample"] if first else [])]
        done = subprocess.run(
            command,
            check=False,
            cwd=BASE,
            input=sample_password or "",
            text=True,
            stdout=sys.stderr,
            process_group=0,  # a Ctrl-C is for us, and we end it
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),
        )
        if done.returncode not in {0, SAMPLE_LOADED}:
            raise SystemExit(done.returncode if done.returncode > 0 else 128 - done.returncode)
        stamp.write_text(digest)
        if first:
            started.touch()
        return done.returncode == SAMPLE_LOADED

    def _digest(self) -> str:
        """Of all that decides what ``prepare`` has to do: the code's files, and which database it is."""
        digest = hashlib.sha256(self.environment.text("DATABASE_URL").encode())
        files = [file for pattern in WATCHED for file in sorted(BASE.glob(pattern))]
        code = [file for file in files if not file.is_relative_to(self.home.root)]  # which may lie beside it, as var/
        for file in [*code, self.home.postgres / "PG_VERSION"]:
            if file.exists():
                digest.update(f"{file}\0{file.stat().st_mtime_ns}\0".encode())
        return digest.hexdigest()


def _new_evidence_key() -> str:
    return base64.b64encode(secrets.token_bytes(ED25519_BYTES)).decode()


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
