"""Servers that end with the tests, whatever ends the tests: also where those are killed.

Each runs under a small process of ours, in a session of its own, whose standard input is a pipe from the tests. Where
that closes, as it does when the tests end or are killed, everything in the session is killed: the data is thrown away
anyway.
"""

import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

START_SECONDS = 60.0
_PAUSE = 0.02


@contextmanager
def kept(
    command: Sequence[str | Path],
    *,
    log: Path,
    ready: Callable[[], bool],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """Start a server, wait until it is `ready`, give the id of its session; at the end it is gone.

    Raises:
        AssertionError: it did not start, with the last of its words.
    """
    keeper = [sys.executable, "-S", __file__, *map(str, command)]
    with (
        log.open("ab") as out,
        subprocess.Popen(
            keeper,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        ) as process,
    ):
        assert process.stdin
        try:
            _wait(process, ready, log)
            yield process.pid
        finally:
            process.stdin.close()
            process.wait(30)


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            message = f"{log.name} did not start: {log.read_text(errors='replace')[-2000:]}"
            raise AssertionError(message)
        time.sleep(_PAUSE)


def free_port() -> int:
    """A port of this machine that nobody listens on, and that stays free until it is asked for by its number.

    It is none of those that the system hands out (from 32,768 on Linux), to other tests, too.
    """
    while True:
        port = secrets.randbelow(12_000) + 20_000
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def listens(port: int) -> bool:
    """Whether somebody listens there."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _keep(command: list[str]) -> None:
    """Run the command until it ends or nobody holds our standard input any more."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        while process.poll() is None:
            if select.select([0], [], [], 0.2)[0] and not os.read(0, 1):
                os.killpg(0, signal.SIGKILL)  # ourselves too
    sys.exit(process.returncode)


if __name__ == "__main__":
    _keep(sys.argv[1:])
