"""The machines of a run: PostgreSQL, web, three workers, beat, the broker's folder, the disk of the media; and how each breaks."""

import contextlib
import os
import resource
import shutil
import signal
import socket as socket_module
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from socket import socket
from typing import Any

import psutil

from agency.environment import Environment
from agency.home import Home
from agency.installation import BASE, Installation
from agency.postgres import Postgres, PostgresError
from agency.processes import die_with_parent
from agency.supervisor import children_of
from tests import template

WORKERS = 3
NAME = "filo.chaos.example"  # by which networks reach the web, as if it were of the whole internet (see clock.c)
SETTLES = 30.0  # seconds that a killed database may need until another one can start in its place
DISK_MB = 64
# What a crash of the server alone can lose, it must not lose here either; that the machine itself loses power is left out.
CRASHES_ALONE = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}


class Clock:
    """The clock of one process: what it is told of the time is so many seconds off (see clock.c)."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.write_bytes(struct.pack("q", 0))
        file.chmod(0o644)
        self.offset = 0

    def set(self, offset: int) -> None:
        """Jump."""
        self.offset = offset
        descriptor = os.open(self.file, os.O_WRONLY)
        try:
            os.pwrite(descriptor, struct.pack("q", offset), 0)
        finally:
            os.close(descriptor)


class Process:
    """One process that is started again whenever it has died."""

    def __init__(self, name: str, command: list[str], clock: Clock, log: Path, keep_open: tuple[int, ...] = ()) -> None:
        self.name, self.command, self.clock, self.log, self.keep_open = name, command, clock, log, keep_open
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, variables: dict[str, str]) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=BASE,
                env=variables | {"FILO_TEST_CLOCK": str(self.clock.file)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
                pass_fds=self.keep_open,
                preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - one system call, loaded beforehand
            )

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def end(self, sig: int = signal.SIGKILL) -> None:
        """Send it, and what it has started, a signal."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, sig)


class Town:
    """All of them, under one FILO_HOME that is made for the run and goes with it."""

    def __init__(self, home: Home, listener: socket, *, threads: int) -> None:
        self.home, self.done = home, Counter[str]()
        _empty(home)
        self.installation = Installation(Environment())
        self.installation.make_home()
        clocks = home.root / "clocks"
        clocks.mkdir()
        self.shim = _built(clocks)
        self.mounted = self._mount()
        self.filler = home.media / "filler"
        names = ["postgres", "web", *(f"worker {number}" for number in range(1, WORKERS + 1)), "beat"]
        self.clocks = {name: Clock(clocks / name.replace(" ", "-")) for name in names}
        faked = {"LD_PRELOAD": str(self.shim), "FILO_TEST_CLOCK": str(self.clocks["postgres"].file)}
        self.postgres = Postgres(home.postgres, home.socket_dir, CRASHES_ALONE, variables=faked)
        web, worker, beat = children_of(home.log, listener, threads=threads, web_workers=1)
        commands = {"web": web, "beat": beat} | {name: worker for name in names if name.startswith("worker")}
        self.processes = [
            Process(name, child.command, self.clocks[name], home.log / f"{name}.log", child.keep_open)
            for name, child in commands.items()
        ]
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        ours = {name: value for name, value in os.environ.items() if name.startswith("FILO_") or name == "PORT"}
        self.variables = {**kept, **ours, "FILO_THREADS": str(threads), "LD_PRELOAD": str(self.shim)}
        self.jumps: list[tuple[float, int]] = [(0.0, 0)]  # of PostgreSQL's clock: when, and how far off since then
        self.resting = False

    def _mount(self) -> bool:
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "chaos", str(self.home.media)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def prepare(self) -> None:
        """The database, brought to this version: from the last one of the tests, where that is kept."""
        template.move_in(self.home.root)
        self.postgres.start()
        self.postgres.create_database("filo")
        subprocess.run(
            [sys.executable, "manage.py", "prepare"], check=True, cwd=BASE, env=self.variables | {"LD_PRELOAD": ""},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Everything runs for the length of a block, and nothing is left behind it."""
        try:
            for process in self.processes:
                process.start(self.variables)
            yield
        finally:
            for process in self.processes:
                process.end()
            for process in self.processes:
                if process.process is not None:
                    process.process.wait()

    def clean_up(self) -> None:
        """Stop the server and take the folder away; the logs stay where they are."""
        self.postgres.stop()
        if self.mounted:
            subprocess.run(["umount", "--lazy", str(self.home.media)], check=False, capture_output=True)
        for path in self.home.root.iterdir():
            if path.name not in {self.home.log.name, "chaos"}:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def look_after(self) -> None:
        """Start again what has died."""
        if self.resting:
            return
        for process in self.processes:
            if not process.alive:
                process.start(self.variables)

    # What breaks

    def kill(self, process: Process) -> None:
        """SIGKILL."""
        process.end()
        self.done[f"SIGKILL to {process.name.partition(' ')[0]}"] += 1

    def restart_database(self, sig: int) -> None:
        """SIGINT is its fast way, SIGQUIT its immediate one: what was under way is lost, and recovered from its log."""
        pid = self.postgres.running_pid()
        if pid is not None:
            server = psutil.Process(pid)
            server.send_signal(sig)
            with contextlib.suppress(psutil.TimeoutExpired):
                server.wait(20)
            if self.postgres.process is not None:
                self.postgres.process.poll()
        self._start_database()
        name = {signal.SIGINT: "fast", signal.SIGQUIT: "immediate", signal.SIGKILL: "SIGKILL"}[signal.Signals(sig)]
        self.done[f"PostgreSQL restarted ({name})"] += 1

    def _start_database(self) -> None:
        """Where processes of the one that was killed still hold its memory, it says so and ends: then once more."""
        until = time.monotonic() + SETTLES
        while True:
            try:
                return self.postgres.start()
            except PostgresError:
                if time.monotonic() > until:
                    raise
            time.sleep(0.5)

    def empty_broker(self) -> None:
        """All messages are gone."""
        for folder in self.home.folders_of_queue:
            for file in folder.glob("*.msg"):
                file.unlink(missing_ok=True)
        self.done["broker emptied"] += 1

    def fill_disk(self) -> None:
        """Nothing more can be written for the media: ENOSPC, or where nothing can be mounted, no file may grow (EFBIG)."""
        if self.mounted:
            with contextlib.suppress(OSError), self.filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(65_536))
        else:
            self._let_grow(0)
        self.done["disk full"] += 1

    def free_disk(self) -> None:
        """There is room again."""
        if self.mounted:
            self.filler.unlink(missing_ok=True)
        else:
            self._let_grow(resource.RLIM_INFINITY)

    def _let_grow(self, size: int) -> None:
        for process in self.processes:
            if process.process is not None:
                with contextlib.suppress(psutil.Error, OSError):
                    for one in [psutil.Process(process.process.pid), *psutil.Process(process.process.pid).children()]:
                        one.rlimit(psutil.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def jump(self, name: str, offset: int) -> None:
        """The clock of one process is so many seconds off from now on."""
        self.clocks[name].set(offset)
        if name == "postgres":
            self.jumps.append((time.time(), offset))
        self.done["clock of one machine jumped" if name != "all" else "all clocks jumped"] += 1

    def jump_all(self, offset: int) -> None:
        """All clocks, the database's too."""
        for clock in self.clocks.values():
            clock.set(offset)
        self.jumps.append((time.time(), offset))
        self.done["all clocks jumped"] += 1

    def now(self) -> float:
        """What the database's clock says."""
        return time.time() + self.jumps[-1][1]


def known_here() -> None:
    """In this process, too, the web's name leads to this machine: the networks of the run fetch pictures by it."""
    looked_up = socket_module.getaddrinfo

    def look_up(host: Any, *rest: Any, **how: Any) -> Any:
        return looked_up("127.0.0.1" if host == NAME else host, *rest, **how)

    socket_module.getaddrinfo = look_up


def _empty(home: Home) -> None:
    """Take away what the run before has left; refuses a folder that is somebody else's."""
    mark = home.root / "chaos"
    if home.root.exists() and any(home.root.iterdir()) and not mark.exists():
        raise SystemExit(f"chaos: {home.root} is not empty, and not of an earlier run: give it another --home.")
    subprocess.run(["umount", "--lazy", str(home.media)], check=False, capture_output=True)
    shutil.rmtree(home.root, ignore_errors=True)
    home.root.mkdir(parents=True)
    mark.touch()


def _built(folder: Path) -> Path:
    """clock.c as a library. Raises CalledProcessError or FileNotFoundError without a C compiler."""
    made = folder / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(made), str(source), "-ldl"], check=True)
    for path in (folder, made):
        path.chmod(0o755)
    return made
