"""Homes for what is started as a user starts it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agency.home import Home
from agency.postgres import Postgres
from tests.agency.started import Started, started


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that PostgreSQL's system user can walk to, which pytest's own are not."""
    made = Path(tempfile.mkdtemp(prefix="filo-tests-"))
    yield made
    home = Home(made / "home")
    Postgres(home.postgres, home.socket_dir).stop()
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def filo() -> Iterator[Started]:
    """Filo, running."""
    made = Path(tempfile.mkdtemp(prefix="filo-tests-"))
    with started(made / "home") as running:
        yield running
    shutil.rmtree(made)
