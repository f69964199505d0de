"""The storm for half a minute, from outside: as `make chaos` runs it, smaller. A seed of its own each time; it says which."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agency.started import BASE, environment

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler (on Debian: sudo apt install gcc libc6-dev)"),
]
SEED = os.environ.get("FILO_TEST_SEED", "")


def test_half_a_minute_of_storm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.chaos", "--small", f"--home={tmp_path / 'chaos'}"]
    command += ["--seed", SEED] if SEED else []
    done = subprocess.run(
        command, cwd=BASE, env=environment(), check=False, capture_output=True, text=True, timeout=600, process_group=0
    )
    print(done.stderr, done.stdout)  # noqa: T201 - pytest shows it where something is wrong
    assert done.returncode == 0, done.stdout
    assert "| published twice" in done.stdout
    assert "SIGKILL to worker" in done.stdout


def test_what_is_somebody_else_s_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("ours")
    command = [sys.executable, "-m", "tests.chaos", "--small", f"--home={tmp_path}"]
    done = subprocess.run(command, cwd=BASE, env=environment(), check=False, capture_output=True, text=True)
    assert (done.returncode, (tmp_path / "keys").read_text()) == (1, "ours")
    assert "is not empty, and not of an earlier run" in done.stderr
