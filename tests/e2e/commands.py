"""Management commands one after the other in one process: to start Django takes longer than what any of them does."""

import io
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from django.core.management import call_command

from tests.agency.started import BASE, environment

LISTEN = 'shell --no-imports -c "from tests.e2e.commands import listen; listen()"'


class Commands:
    """A `make manage` that does what it is told, a line each."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, command: str) -> str:
        """What it prints; one that fails ends the process, which says why."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(command, file=self._process.stdin, flush=True)
        said = self._process.stdout.readline()
        assert said, f"{command} failed"
        return str(json.loads(said))


@contextmanager
def listening(home: Path, **variables: str) -> Iterator[Commands]:
    """One that runs beside the installation in ``home``."""
    with subprocess.Popen(
        ["make", "-s", "manage", f"c={LISTEN}"],
        cwd=BASE,
        env=environment(FILO_HOME=str(home), **variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Commands(process)  # the end of its input is its own


def listen() -> None:
    """The other end."""
    for line in sys.stdin:
        name, *arguments = shlex.split(line)
        printed = io.StringIO()
        with redirect_stdout(printed):
            call_command(name, *arguments)
        print(json.dumps(printed.getvalue()), flush=True)  # noqa: T201 - to whoever told us
