"""`make run` and `make manage` as a person uses them."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.agency.started import BASE, INSTALLING, Started, environment, eventually, manage, started
from tests.servers.keeping import free_port

pytestmark = pytest.mark.e2e


def refusal(home: Path, **variables: str) -> str:
    """What `make run` says on the standard error stream when it does not start."""
    run = subprocess.run(
        [sys.executable, "-m", "agency.embedded", "run"],
        cwd=BASE,
        env=environment(FILO_HOME=str(home), **variables),
        check=False,
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stdout) == (1, "")
    return run.stderr


def print_arguments() -> str:
    """A command that prints what it was given, each on a line, and ends with status 3 if that is more than two words."""
    return "shell --no-imports -c \"import sys; print('two  words', '$HOME', '#', 'à')\""


class TestRunning:
    def test_it_answers_and_is_well(self, filo: Started) -> None:
        assert filo.get("/healthz") == (200, b"ok\n")
        readiness = filo.readiness()
        assert (readiness["status"], readiness["ok"]) == (200, True)
        parts = ["database", "migrations", "broker", "worker", "beat", "oldest_due"]
        assert [readiness[part]["ok"] for part in parts] == [True] * 6

    def test_its_numbers(self, filo: Started) -> None:
        status, body = filo.get("/metrics")
        lines = body.decode().splitlines()
        assert status == 200
        assert 'filo_publications_waiting{state="scheduled"} 0.0' in lines
        assert "filo_mail_waiting 0.0" in lines
        assert "filo_oldest_due_seconds 0.0" in lines

    def test_a_second_one_on_the_same_home(self, filo: Started) -> None:
        assert refusal(filo.home, PORT=str(free_port())) == (
            f"filo: Filo already runs on {filo.home} (process {filo.named('agency.embedded').pid}, port {filo.port}): "
            "stop it first, or give this one a FILO_HOME of its own.\n"
        )

    def test_a_worker_that_stopped_consuming_turns_it_red(self, filo: Started) -> None:
        worker = filo.named("celery", "worker")
        worker.suspend()
        try:
            red = eventually(lambda: (r := filo.readiness())["status"] == 503 and r, "turning red")
            assert (red["worker"]["ok"], red["beat"]["ok"], red["database"]["ok"]) == (False, True, True)
            assert red["worker"]["seconds"] >= 10
        finally:
            worker.resume()
        eventually(lambda: filo.readiness()["ok"], "turning green again")

    def test_a_process_that_dies_is_started_again(self, filo: Started) -> None:
        beat = filo.named("celery", "beat")
        beat.kill()
        eventually(lambda: "filo: beat stopped (SIGKILL); starting it again in 1 s" in filo.output(), "saying so")
        eventually(lambda: any("beat" in p.cmdline() and p.pid != beat.pid for p in filo.processes()), "another beat")

    def test_postgres_that_dies_is_started_again(self, filo: Started) -> None:
        database = filo.named(str(filo.home / "postgres"))
        database.kill()
        eventually(lambda: "filo: PostgreSQL stopped; starting it again" in filo.output(), "saying so")
        eventually(lambda: filo.readiness()["ok"], "being well again")

    def test_a_command_beside_it(self, filo: Started) -> None:
        done = manage(filo.home, print_arguments())
        assert (done.returncode, done.stdout, done.stderr) == (0, "two  words $HOME # à\n", "")
        assert filo.readiness()["database"] == {"ok": True}


class TestManage:
    def test_nothing_but_the_output_where_nothing_runs(self, home: Path) -> None:
        manage(home, "check")  # the first time tells what it prepares
        done = manage(home, print_arguments())
        assert (done.returncode, done.stdout, done.stderr) == (0, "two  words $HOME # à\n", "")
        assert not list(psutil_of(home))

    def test_a_command_that_fails_fails(self, home: Path) -> None:
        done = manage(home, 'shell --no-imports -c "raise SystemExit(3)"')
        assert done.returncode != 0
        assert "Error 3" in done.stderr
        assert not list(psutil_of(home))

    def test_two_at_a_time(self, home: Path) -> None:
        manage(home, "check")
        ask = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT pg_sleep({0})'); print({0})"
        commands = [f'shell --no-imports -c "{ask.format(seconds)}"' for seconds in (1, 4)]
        running = [
            subprocess.Popen(
                ["make", "-s", "manage", f"c={command}"],
                cwd=BASE,
                env=environment(FILO_HOME=str(home)),
                stdout=subprocess.PIPE,
                text=True,
            )
            for command in commands
        ]
        assert [process.communicate()[0] for process in running] == ["1\n", "4\n"]
        assert not list(psutil_of(home))


class TestRefusals:
    def test_a_port_in_use(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            assert refusal(folder / "home", PORT=str(port)) == (
                f"filo: port {port} is in use by another program: stop that one, or choose another port with "
                f"PORT={port + 1}.\n"
            )

    def test_a_folder_that_cannot_be_written(self) -> None:
        # Not even root makes a folder here.
        assert refusal(Path("/proc/filo")) == (
            "filo: /proc/filo can't be written (No such file or directory): set FILO_HOME to a folder of yours.\n"
        )

    def test_a_home_of_a_newer_version(self, folder: Path) -> None:
        (folder / "version").write_text("99.1.0\n")
        assert refusal(folder) == (
            f"filo: {folder} was written by Filo 99.1.0, newer than this one (0.1.0): start that one, or set FILO_HOME "
            "to another folder.\n"
        )
        assert (folder / "version").read_text() == "99.1.0\n"

    def test_a_database_of_a_newer_version(self, home: Path) -> None:
        insert = "INSERT INTO django_migrations (app, name, applied) VALUES ('social', '9999_later', now())"
        command = f'shell --no-imports -c "from django.db import connection as c; c.cursor().execute(\\"{insert}\\")"'
        assert manage(home, command).returncode == 0
        (home / "prepared").unlink()  # as after an upgrade
        assert refusal(home, PORT=str(free_port())).splitlines()[-1] == (
            "CommandError: the database was written by a newer Filo (it has social.9999_later): start that version."
        )


class TestStopping:
    @pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
    def test_everything_is_gone(self, home: Path, sig: signal.Signals) -> None:
        with started(home) as filo:
            everyone = filo.processes()
            assert len(everyone) > 6
            filo.stop(sig)
            assert [process for process in everyone if alive(process)] == []
            assert "filo: stopped\n" in filo.output()
            assert "Warm shutdown" in filo.output()  # asked, not killed

    def test_kill_9_and_start_again(self, home: Path) -> None:
        with started(home) as filo:
            everyone = filo.processes()
            filo.named("agency.embedded").kill()
            eventually(lambda: not any(alive(process) for process in everyone[1:]), "the end of all")
        with started(home) as again:
            assert again.readiness()["ok"] is True

    def test_everything_killed_at_once(self, home: Path) -> None:
        with started(home) as filo:
            everyone = filo.processes()
            for process in everyone:
                process.suspend()
            for process in everyone:
                process.kill()
            psutil.wait_procs(everyone)
            assert (filo.home / "postgres" / "postmaster.pid").exists()
        with started(home) as again:
            assert again.readiness()["ok"] is True


@pytest.mark.slow
def test_from_a_path_with_spaces(folder: Path) -> None:
    """A fresh copy: all is made there, once, and nothing of it minds the spaces."""
    base = folder / "un filo, «due»"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=BASE, check=True, capture_output=True).stdout
    for name in filter(None, os.fsdecode(listed).split("\0")):
        if (BASE / name).is_file():
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            (base / name).write_bytes((BASE / name).read_bytes())
    filo = Started(base / "var", free_port(), base=base)
    try:
        filo.ready(INSTALLING)
        assert filo.readiness()["ok"] is True
        assert "filo: collecting static files\n" in filo.output()
    finally:
        filo.stop()
    again = Started(base / "var", free_port(), base=base)
    try:
        again.ready()
        assert [line for line in again.output().splitlines() if line.startswith("filo: ")] == []
    finally:
        again.stop()
    assert not list(psutil_of(folder))


def alive(process: psutil.Process) -> bool:
    """Whether it runs: one that only nobody has buried yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def psutil_of(folder: Path) -> list[psutil.Process]:
    """Processes whose command names something in the folder."""
    return [p for p in psutil.process_iter(["cmdline"]) if any(str(folder) in word for word in p.info["cmdline"] or [])]
