"""The database of a test run: an embedded PostgreSQL of its own, unless DATABASE_URL names one.

It lives in a temporary folder, without fsync, and goes when the run does; runs beside each other don't meet.
"""

import gc
import os
import shutil
from collections.abc import Iterable, Iterator

import hypothesis
import pytest
from django.conf import settings
from django.db import transaction
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from xdist.remote import Producer

from agency.catalogues import compile_catalogues
from agency.home import Home
from agency.postgres import Postgres
from tests import furnished, template
from tests.order import LongestFirst
from tests.world import World

if os.environ.get("CI") != "true":  # there it has a profile of its own
    hypothesis.settings.register_profile("here", deadline=None)  # a slow machine is no failure
    hypothesis.settings.load_profile("here")

SERVER = pytest.StashKey[Postgres]()
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
}


def is_xdist_worker(session: pytest.Session) -> bool:
    """Whether this process was started by another one, which has the server."""
    return hasattr(session.config, "workerinput")


def left_out(session: pytest.Session) -> bool:
    """Whether a test was skipped; why is in the summary."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    return reporter is not None and bool(reporter.stats.get("skipped"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> Iterator[None]:
    """Start the server before anyone, pytest-xdist's workers included, asks for a database."""
    if settings.EMBEDDED:
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = template.NAME
    if settings.EMBEDDED and not is_xdist_worker(session):
        home = Home(settings.FILO_HOME)
        server = Postgres(home.postgres, home.socket_dir, FAST)
        session.config.stash[SERVER] = server
        template.begin(server)
        compile_catalogues(settings.BASE_DIR)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Stop the server when everybody is done, and remove all that the run left. In CI, a test left out is a failure."""
    try:
        result = yield
        if os.environ.get("CI") == "true" and not is_xdist_worker(session) and left_out(session):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return result
    finally:
        if not is_xdist_worker(session):
            if SERVER in session.config.stash:
                session.config.stash[SERVER].stop()
            home = Home(settings.FILO_HOME)
            for folder in (home.root, home.socket_dir):
                shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LongestFirst | None:
    """Share out the tests our way where `--dist loadscope` asks for it."""
    return LongestFirst(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_finish() -> None:
    """Let the collector of cycles go through what tests make, seldom, and never through all the tests there are."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True, scope="session")
def _emptied_by_row() -> Iterator[None]:
    """Let the flush after a transactional test delete the rows there are, instead of truncating all the tables there are.

    That takes a tenth of the time. It empties even the tables that are never emptied; what migrations fill stays.
    """

    def flush(self: BaseDatabaseOperations, sql_list: Iterable[str]) -> None:
        filled = [f'"{name}"' for name in furnished.filled() if name not in furnished.MIGRATED]
        if not filled:
            return
        savepoint = self.connection.features.can_rollback_ddl
        with transaction.atomic(using=self.connection.alias, savepoint=savepoint), self.connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for name in filled:
                cursor.execute(f"DELETE FROM {name}")  # noqa: S608 - our own tables
        with self.connection.cursor() as cursor:
            cursor.execute(f"VACUUM {', '.join(filled)}")  # nobody else does it here
            # A table that is known to be empty is read otherwise than one that nobody knows.
            cursor.execute("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid = ANY(%s::regclass[])", [filled])

    before = DatabaseOperations.execute_sql_flush
    DatabaseOperations.execute_sql_flush = flush  # type: ignore[method-assign]
    yield
    DatabaseOperations.execute_sql_flush = before  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _language_of_nobody() -> Iterator[None]:
    """The language of the last request stays active in its thread, and is not the next test's."""
    yield
    translation.deactivate()


@pytest.fixture
def world(db: None) -> World:
    """Studio Filo, its two clients and their people."""
    return World()
