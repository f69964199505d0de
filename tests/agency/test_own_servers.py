"""The same code on a PostgreSQL and a Redis of one's own."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from agency.home import Home
from agency.postgres import Postgres
from tests import template
from tests.agency.started import Started, eventually, manage
from tests.servers.keeping import free_port

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not shutil.which("redis-server"), reason="needs Redis (on Debian: sudo apt install redis-server)"
    ),
]

SECRETS = {
    "SECRET_KEY": "of an installation that was given one, which is long enough",
    "FILO_KEYS": "Rm9yIHRoZSB0ZXN0cyBhbG9uZSwgMzIgYnl0ZXMhISE=",
}


@pytest.fixture
def redis() -> Iterator[str]:
    """The address of one that runs."""
    port = free_port()
    with subprocess.Popen(["redis-server", "--port", str(port), "--save", ""], stdout=subprocess.DEVNULL) as server:
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()


@pytest.fixture
def server(folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL that runs, with a database of a Filo that was started before."""
    home = Home(folder / "elsewhere")
    template.move_in(home.root)
    found = Postgres(home.postgres, home.socket_dir)
    found.start()
    found.create_database(template.NAME)
    yield found
    found.stop()


def address(server: Postgres, name: str) -> str:
    """Where this database of the server is."""
    return f"postgresql://postgres@/{name}?host={server.socket_dir}"


def test_nothing_of_ours_is_started(folder: Path, redis: str, server: Postgres) -> None:
    server.create_database("theirs")  # it is empty
    database = address(server, "theirs")
    own = SECRETS | {"DATABASE_URL": database, "CELERY_BROKER_URL": redis}
    filo = Started(folder / "home", free_port(), own)
    try:
        filo.ready()
        assert filo.readiness()["ok"] is True
        commands = [" ".join(process.cmdline()) for process in filo.processes()]
        assert [command for command in commands if "postgres" in command] == []
        assert not (folder / "home" / "postgres").exists()
        assert not (folder / "home" / "secret_key").exists()
        assert list((folder / "home" / "broker" / "queue").iterdir()) == []
        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)  # no sample here
        asked = manage(folder / "home", 'shell --no-imports -c "print(6 * 7)"', **own)
        assert (asked.stdout, asked.stderr) == ("42\n", "")
    finally:
        filo.stop()


def test_a_redis_that_goes_away_and_comes_back(folder: Path, redis: str, server: Postgres) -> None:
    port = redis.rsplit(":", 1)[1].removesuffix("/0")
    own = SECRETS | {"DATABASE_URL": address(server, template.NAME), "CELERY_BROKER_URL": redis}
    filo = Started(folder / "home", free_port(), own)
    try:
        filo.ready()
        subprocess.run(["redis-cli", "-p", port, "shutdown", "nosave"], check=True)
        red = eventually(lambda: (r := filo.readiness())["status"] == 503 and r, "turning red")
        assert red["broker"] == {"ok": False}
        with subprocess.Popen(["redis-server", "--port", port, "--save", ""], stdout=subprocess.DEVNULL) as again:
            eventually(lambda: filo.readiness()["ok"], "being well again")
            filo.stop()
            again.terminate()
    finally:
        filo.stop()
