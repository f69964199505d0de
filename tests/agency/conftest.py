"""Homes for what is started as a user starts it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agency.home import Home
from agency.postgres import Postgres
from tests import template
from tests.agency.started import Started, started


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that PostgreSQL's system user can walk to, which pytest's own are not."""
    made = Path(tempfile.mkdtemp(prefix="filo-tests-"))
    yield made
    home = Home(made / "home")
    Postgres(home.postgres, home.socket_dir).stop()
    shutil.rmtree(made)


@pytest.fixture
def home(folder: Path) -> Path:
    """A home in it whose database need not be migrated: of one that was started before."""
    template.move_in(folder / "home")
    return folder / "home"


@pytest.fixture(scope="module")
def filo() -> Iterator[Started]:
    """Filo, running."""
    made = Path(tempfile.mkdtemp(prefix="filo-tests-"))
    template.move_in(made / "home")
    with started(made / "home") as running:
        yield running
    shutil.rmtree(made)
