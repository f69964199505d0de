"""Clocks that jump, a database that is started again, messages that come late: nothing goes out twice, and nothing early."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from social import networks
from social.models import Publication, SandboxPost
from social.networks.base import Account, Content, Journal, Keys, Published
from social.services import asking, claiming, clock, holding, publishing, settling
from tests.processes import wait_until
from tests.social.publishing.stepwise import Stepwise
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.fixture
def town(transactional_db: None) -> World:
    """The agency, in a database that other connections can see."""
    return World()


@pytest.fixture
def held(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process holds what it sends, as a worker does."""
    monkeypatch.setattr(holding, "TWICE", 0.01)
    holding.start()
    yield
    holding.stop()


def state(publication: Publication) -> str:
    publication.refresh_from_db()
    return publication.state


def claimed(publication: Publication) -> claiming.Claim:
    found = claiming.claim(publication_id=publication.pk, now=clock.now())
    assert found is not None
    return found


def lease_ends(publication: Publication) -> None:
    """As when the database's clock has jumped."""
    Publication.objects.filter(pk=publication.pk).update(wake_at=timezone.now())


def connected() -> psycopg.Connection[Any]:
    """A connection of somebody else."""
    found = connection.settings_dict
    where = {"host": found["HOST"], "port": found["PORT"], "user": found["USER"], "dbname": found["NAME"]}
    return psycopg.connect(**where, password=found["PASSWORD"], autocommit=True)


def end_connections(of: str) -> int:
    """Somebody starts the database anew, as far as connections see of it; how many there were."""
    with connected() as outside:
        query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND"
        row = outside.execute(f"{query} {of}").fetchone()
        assert row is not None
        return int(row[0])


OF_THE_HOLDER = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"


def test_a_lease_does_not_end_while_a_living_worker_holds_it(town: World, held: None) -> None:
    publication = town.due()
    with holding.holding(publication.pk, 60):
        claimed(publication)
        lease_ends(publication)
        settling.end_lease(publication_id=publication.pk)
        assert state(publication) == "publishing"
    settling.end_lease(publication_id=publication.pk)
    assert state(publication) == "unknown"


def test_locks_are_taken_anew_when_the_database_is_back(town: World, held: None) -> None:
    publication = town.due()
    with holding.holding(publication.pk, 60):
        assert end_connections(OF_THE_HOLDER) == 1
        wait_until(lambda: holding.is_held(publication.pk), "the lock, taken anew")
    wait_until(lambda: not holding.is_held(publication.pk), "the lock, given back")


def test_one_of_which_another_worker_lives_keeps_none_of_ours_waiting(town: World, held: None) -> None:
    theirs, ours = town.due(), town.due(text="Altro")
    with connected() as another:
        another.execute("SELECT pg_advisory_lock(hashtextextended('publication:' || %s, 0))", [str(theirs.pk)])
        end = threading.Timer(20, another.close)  # so that whoever waits for it fails, and does not hang
        end.start()
        publishing.publish(publication_id=theirs.pk)
        assert not another.closed
        assert state(theirs) == "scheduled"
        publishing.publish(publication_id=ours.pk)
        assert state(ours) == "published"
        end.cancel()
    wait_until(lambda: not holding.is_held(theirs.pk), "the other worker's end")
    publishing.publish(publication_id=theirs.pk)
    assert state(theirs) == "published"


def test_who_comes_a_second_time_lets_nothing_go(town: World, held: None) -> None:
    publication = town.due()
    with holding.holding(publication.pk, 60) as first:
        with holding.holding(publication.pk, 60) as second:
            assert (first, second) == (True, False)
        assert holding.is_held(publication.pk)
    assert not holding.is_held(publication.pk)


def test_who_hangs_is_given_up(town: World, held: None) -> None:
    publication = town.due()
    with holding.holding(publication.pk, 0.2):
        assert holding.is_held(publication.pk)
        wait_until(lambda: not holding.is_held(publication.pk), "the end of its time")


def test_a_worker_whose_clock_is_an_hour_ahead_sends_nothing_early(town: World) -> None:
    publication = town.due()
    later = timezone.now() + HOUR / 2
    Publication.objects.filter(pk=publication.pk).update(due_at=later)
    with time_machine.travel(timezone.now() + HOUR):
        publishing.publish(publication_id=publication.pk)
    assert (state(publication), SandboxPost.objects.count()) == ("scheduled", 0)


def test_a_worker_whose_clock_is_an_hour_behind_is_not_taken_for_dead(town: World) -> None:
    publication = town.due()
    with time_machine.travel(timezone.now() - HOUR):
        now = clock.now()
        claimed(publication)
    publication.refresh_from_db()
    assert publication.wake_at is not None
    assert publication.wake_at > now
    assert claiming.hand_out(clock.now()) == []


def test_a_wait_that_a_network_asks_for_is_on_the_outbox_s_clock(town: World) -> None:
    with time_machine.travel(timezone.now() - HOUR):
        wait = timezone.now() + timedelta(minutes=5)
        assert abs(clock.here(wait) - clock.now() - timedelta(minutes=5)) < timedelta(seconds=2)
    assert clock.here(wait) == wait


def test_a_message_that_comes_late_does_not_end_another_try_s_lease(town: World) -> None:
    publication = town.due()
    claimed(publication)
    settling.end_lease(publication_id=publication.pk)
    assert state(publication) == "publishing"


def test_an_answer_that_comes_late_is_about_no_other_try(town: World) -> None:
    publication = town.due()
    claimed(publication)
    lease_ends(publication)
    settling.end_lease(publication_id=publication.pk)
    late = Publication.objects.select_related("channel", "version", "client", "post").get(pk=publication.pk)
    asking.send_again(publication=late)
    assert state(publication) == "scheduled"
    claimed(publication)
    lease_ends(publication)
    settling.end_lease(publication_id=publication.pk)
    asking.send_again(publication=late)  # it was asked about the first try
    assert state(publication) == "unknown"


class Restarting(Stepwise):
    """While it answers, the database is started anew."""

    prepares = False

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Publish, and lose the connection."""
        self.live.append((account.handle, content.text))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            mine = cursor.fetchone()[0]
        assert end_connections(f"pid = {mine}") == 1
        return Published(remote_id="7", permalink="https://stepwise.example/7")


def test_what_the_network_has_said_is_known_also_where_the_database_was_away(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Restarting()
    monkeypatch.setitem(networks.NETWORKS, network.slug, network)
    from social.services import create_channel

    fields: dict[str, Any] = {"network": "stepwise", "handle": "roero", "name": "Roero"}
    publication = town.due(channels=[create_channel(user=town.marta, client=town.winery, **fields)])
    publishing.publish(publication_id=publication.pk)
    assert (state(publication), publication.remote_id, len(network.live)) == ("published", "7", 1)
    assert [attempt.outcome for attempt in publication.attempts.all()] == ["published"]


def test_the_clock_is_the_database_s(town: World) -> None:
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=timezone.get_default_timezone())):
        assert clock.now().year < 2030
