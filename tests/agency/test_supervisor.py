"""The foreground process, with children that do nothing but what the test wants."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agency.supervisor import Child, Supervisor, listening_socket
from tests.agency.started import BASE, eventually


def supervised(tmp_path: Path, code: str) -> str:
    """A program that supervises one child, which runs ``code``."""
    command = [sys.executable, "-c", code]
    return (
        "from pathlib import Path; from agency.supervisor import Child, Supervisor\n"
        f"supervisor = Supervisor([Child('child', {command!r}, Path({str(tmp_path / 'log')!r}))], print)\n"
        "supervisor.listen(); supervisor.start()\n"
        "supervisor.watch(lambda: None); supervisor.stop(); print('stopped', flush=True)"
    )


def run(tmp_path: Path, code: str) -> "subprocess.Popen[str]":
    program = [sys.executable, "-c", supervised(tmp_path, code)]
    return subprocess.Popen(program, cwd=BASE, stdout=subprocess.PIPE, text=True)


def test_lines_are_passed_on_with_a_name_and_kept(tmp_path: Path) -> None:
    with run(tmp_path, "import time; print('ciao', flush=True); time.sleep(600)") as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "child  | ciao\n"
        running.terminate()
        assert running.stdout.read().splitlines()[-1] == "stopped"
    assert (tmp_path / "log").read_text() == "ciao\n"


def test_a_burst_of_signals_is_one_wish(tmp_path: Path) -> None:
    """The group gets one and make sends another; they may come in the midst of each other."""
    patient = (
        "import signal, time\n"
        "def bye(*_): time.sleep(2); print('bye', flush=True); raise SystemExit\n"
        "signal.signal(signal.SIGTERM, bye); print('on', flush=True); time.sleep(600)"
    )
    with run(tmp_path, patient) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "child  | on\n"
        for _ in range(500):
            running.send_signal(signal.SIGTERM)
        assert running.stdout.read().splitlines() == ["child  | bye", "stopped"]


def test_a_second_wish_is_a_hurry(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(600)"
    )
    with run(tmp_path, stubborn) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "child  | on\n"
        running.terminate()
        time.sleep(1.2)
        running.terminate()
        assert running.stdout.read().splitlines() == ["stopped"]
    assert running.returncode == 0


def test_who_does_not_stop_is_ended(tmp_path: Path) -> None:
    stubborn = [sys.executable, "-c", "import signal; signal.signal(15, signal.SIG_IGN); print('on'); signal.pause()"]
    child = Child("child", stubborn, tmp_path / "log")
    supervisor = Supervisor([child], print)
    supervisor.start()
    eventually(lambda: (tmp_path / "log").exists() and (tmp_path / "log").read_text() == "on\n", "starting")
    supervisor.stop()
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_each_death_is_followed_by_a_longer_pause(tmp_path: Path) -> None:
    said: list[str] = []
    child = Child("child", [sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "log")
    child.start()
    for _ in range(7):
        assert child.process is not None
        child.process.wait()
        child.look(said.append)
        child.again_at = 0.0  # the pause is over
        child.look(said.append)
    supervisor = Supervisor([child], said.append)
    supervisor.stop()
    pauses = [1, 2, 4, 8, 16, 30, 30]
    assert said == [f"child stopped (exit status 3); starting it again in {pause} s" for pause in pauses]


def test_a_port_is_taken_before_anything_is_started() -> None:
    with listening_socket("127.0.0.1", 0) as first, pytest.raises(OSError, match="in use"):
        listening_socket("127.0.0.1", first.getsockname()[1])
