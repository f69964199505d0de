"""The embedded PostgreSQL, started, killed and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from agency.home import SOCKET_PATH_LIMIT, Home
from agency.postgres import Postgres, PostgresError
from tests.agency.started import eventually


@pytest.fixture
def server(folder: Path) -> Iterator[Postgres]:
    """One that runs."""
    home = Home(folder / "home")
    server = Postgres(home.postgres, home.socket_dir)
    server.start()
    yield server
    server.stop()


def ask(server: Postgres, question: str) -> object:
    """The first value of the first row."""
    with psycopg.connect(
        host=str(server.socket_dir), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None


def test_starts_and_stops(server: Postgres) -> None:
    assert ask(server, "SELECT 6 * 7") == 42
    assert ask(server, "SHOW listen_addresses") == ""
    pid = server.running_pid()
    assert pid is not None
    server.stop()
    assert not psutil.pid_exists(pid)
    assert server.running_pid() is None


def test_only_its_owner_can_reach_it(server: Postgres) -> None:
    assert server.data.stat().st_mode & 0o077 == 0
    assert server.socket_dir.stat().st_mode & 0o077 == 0


def test_its_log_is_its_owner_s_and_holds_no_rows(server: Postgres) -> None:
    assert server.log.stat().st_mode & 0o077 == 0
    with psycopg.connect(host=str(server.socket_dir), user="postgres", dbname="postgres") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'hunter2' AS word")
        connection.execute("CREATE UNIQUE INDEX uq_kept ON kept (word)")
        with pytest.raises(psycopg.errors.UniqueViolation) as refused:
            connection.execute("INSERT INTO kept VALUES (%s)", ["hunter2"])
    assert "hunter2" in str(refused.value)
    told = server.log.read_text()
    assert ("duplicate key value" in told, "hunter2" in told) == (True, False)


def test_starting_twice_is_starting_once(server: Postgres) -> None:
    pid = server.running_pid()
    again = Postgres(server.data, server.socket_dir)
    again.start()
    assert again.running_pid() == pid


def test_killed_and_started_again_it_has_what_it_had(server: Postgres) -> None:
    with psycopg.connect(host=str(server.socket_dir), user="postgres", dbname="postgres") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'thread' AS word")
    kill(server)
    assert (server.data / "postmaster.pid").exists()
    server.start()
    assert ask(server, "SELECT word FROM kept") == "thread"


def test_a_lock_whose_process_is_somebody_elses_by_now(server: Postgres) -> None:
    kill(server)
    lock = server.data / "postmaster.pid"
    lock.write_text("\n".join([str(os.getpid()), *lock.read_text().splitlines()[1:]]) + "\n")
    server.start()
    assert ask(server, "SELECT 1") == 1


def test_a_first_start_that_was_interrupted(folder: Path) -> None:
    home = Home(folder / "home")
    (home.postgres / "base").mkdir(parents=True)
    (home.postgres / "postgresql.conf").write_text("half a f")
    server = Postgres(home.postgres, home.socket_dir)
    server.start()
    assert ask(server, "SELECT 1") == 1
    server.stop()


def test_a_path_too_long_for_a_socket(folder: Path) -> None:
    home = Home(folder / "a long way down" / ("x" * 90) / "home")
    assert len(os.fsencode(home.socket_dir / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT
    server = Postgres(home.postgres, home.socket_dir)
    server.start()
    assert ask(server, "SELECT 1") == 1
    server.stop()
    assert not home.socket_dir.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_it_goes_with_whoever_started_it(folder: Path) -> None:
    home = Home(folder / "home")
    start = (
        "import sys, time; from pathlib import Path; from agency.postgres import Postgres\n"
        "Postgres(Path(sys.argv[1]), Path(sys.argv[2])).start(); print('on', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", start, str(home.postgres), str(home.socket_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "on\n"
        server = Postgres(home.postgres, home.socket_dir)
        assert server.running_pid() is not None
        starter.kill()
    eventually(lambda: server.running_pid() is None, "the end of PostgreSQL")


def test_what_is_wrong_is_said_in_its_own_words(server: Postgres) -> None:
    server.stop()
    broken = Postgres(server.data, server.socket_dir, {"shared_buffers": "a lot"})
    with pytest.raises(PostgresError) as refused:
        broken.start()
    assert str(refused.value) == (
        'PostgreSQL did not start: FATAL:  invalid value for parameter "shared_buffers": "a lot" '
        f"(its log is {server.log})"
    )


def kill(server: Postgres) -> None:
    """Kill -9, all of it."""
    pid = server.running_pid()
    assert pid is not None
    everyone = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    for process in everyone:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(everyone)
