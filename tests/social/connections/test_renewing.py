"""Tokens renewed ahead of their end: by one worker at a time, no refresh token twice, and honest where one is lost."""

import datetime as dt
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.models import User
from notifications.models import Notification
from social.credentials import seal, unseal
from social.models import Channel, Publication, PublicationState
from social.networks import get
from social.networks.base import Identity, Signed
from social.services import claiming, create_channel, publishing, renewing, retire_channel
from social.services.connecting import Connector, connect
from tests.processes import wait_until
from tests.servers.linkedin import FakeLinkedIn
from tests.servers.wire import Answer, AnswerLost, Cut, Slow
from tests.servers.x import FakeX
from tests.social.checked import check_channel
from tests.social.connections.going import register
from tests.world import World

TOKEN = "POST /2/oauth2/token"
pytestmark = pytest.mark.django_db


@pytest.fixture
def x(world: World) -> Iterator[FakeX]:
    with FakeX() as server:
        register(world, "x", server)
        yield server


def connected(world: World, x: FakeX, ends_in: timedelta = timedelta(minutes=30)) -> Channel:
    """The winery's account, whose token ends so soon that it is to be renewed now."""
    until = (timezone.now() + ends_in).isoformat()
    given = {"access_token": x.token, "refresh_token": x.refresh, "expires_at": until}
    channel = create_channel(
        user=world.marta, client=world.winery, network="x", handle="cantinaroero", server=x.url, credentials=given
    )
    Channel.objects.filter(pk=channel.pk).update(identity=x.user, renew_at=timezone.now())
    return fresh(channel)


def fresh(channel: Channel) -> Channel:
    return Channel.objects.get(pk=channel.pk)


def told(kind: str) -> list[User]:
    return [found.user for found in Notification.objects.filter(kind=kind).select_related("user")]


def test_renewed_ahead_and_kept_before_it_is_used(world: World, x: FakeX) -> None:
    channel, before = connected(world, x), timezone.now()
    assert renewing.hand_out(timezone.now()) == [channel.pk]
    assert renewing.hand_out(timezone.now()) == []  # it is handed out already
    renewing.renew(channel_id=channel.pk)
    there = fresh(channel)
    kept = unseal(there.credentials)
    assert (kept["access_token"], kept["refresh_token"]) == (x.token, x.refresh)
    assert (there.renewing, there.renewing_until, there.renew_tries, there.status) == ("", None, 0, "connected")
    assert there.renew_at is not None
    assert timedelta(minutes=79) < there.renew_at - before < timedelta(minutes=81)
    renewing.renew(channel_id=channel.pk)  # a second task for the same hand-out
    assert x.used == ["refresh-token-of-the-winery"]


def test_a_third_of_its_life_or_a_week_ahead() -> None:
    from social.services.connections import dates_of

    now = timezone.now()
    for life, ahead in ((timedelta(hours=2), timedelta(minutes=40)), (timedelta(days=60), timedelta(days=7))):
        given = {"access_token": "a", "refresh_token": "r", "expires_at": (now + life).isoformat()}
        dates = dates_of("x", given, now)
        assert dates["renew_at"] == now + life - ahead
        assert dates["ends_at"] is None
    ends = dates_of("linkedin", {"access_token": "a", "expires_at": (now + timedelta(days=60)).isoformat()}, now)
    assert (ends["renew_at"], ends["ends_at"]) == (None, now + timedelta(days=60))
    assert set(dates_of("x", {"access_token": "a", "expires_at": "next week"}, now).values()) == {None}


@pytest.mark.django_db(transaction=True)
def test_two_workers_use_it_once(transactional_db: None) -> None:
    world = World()
    with FakeX() as x:
        register(world, "x", x)
        x.on(TOKEN, Slow(0.3), None)
        channel = connected(world, x)
        gate = threading.Barrier(4)

        def work() -> None:
            try:
                gate.wait(10)
                renewing.renew(channel_id=channel.pk)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for _worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert x.used == ["refresh-token-of-the-winery"]
        assert unseal(fresh(channel).credentials)["access_token"] == x.token


@pytest.mark.django_db(transaction=True)
def test_a_database_that_restarts_meanwhile_loses_no_token(transactional_db: None) -> None:
    """X has ended the old refresh token with its answer: the new one is kept, whenever the database is there again."""
    world = World()
    with FakeX() as x:
        register(world, "x", x)
        x.on(TOKEN, Slow(1), None)
        channel = connected(world, x)
        worker: list[int] = []

        def work() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                worker.append(cursor.fetchone()[0])
            try:
                renewing.renew(channel_id=channel.pk)
            finally:
                connections.close_all()

        thread = threading.Thread(target=work)
        thread.start()
        wait_until(lambda: x.count(TOKEN) == 1, "the renewal")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", worker)
        thread.join(20)
        there = fresh(channel)
        assert (unseal(there.credentials)["refresh_token"], there.status, there.renewing) == (
            x.refresh,
            "connected",
            "",
        )
        assert x.used == ["refresh-token-of-the-winery"]


@pytest.mark.parametrize(
    ("day", "code"), [(Answer(503), "later"), (Answer(429, {}, {"Retry-After": "60"}), "later"), (Cut(), "lost")]
)
def test_what_breaks_is_tried_again_where_nothing_was_used(world: World, x: FakeX, day: Any, code: str) -> None:
    channel = connected(world, x)
    x.on(TOKEN, day, None)
    renewing.renew(channel_id=channel.pk)
    there = fresh(channel)
    if code == "later":
        assert (there.status, there.renewing, there.renew_tries) == ("connected", "", 1)
        assert there.renew_at is not None
        assert there.renew_at > timezone.now()
        Channel.objects.filter(pk=channel.pk).update(renew_at=timezone.now())
        renewing.renew(channel_id=channel.pk)
        assert unseal(fresh(channel).credentials)["access_token"] == x.token
    else:
        assert (there.status, there.renew_at) == ("expiring", None)


def test_no_connection_at_all_disconnects_nobody(world: World) -> None:
    with FakeX() as x:
        register(world, "x", x)
        channel = connected(world, x)
    renewing.renew(channel_id=channel.pk)
    assert (fresh(channel).status, fresh(channel).renew_tries) == ("connected", 1)
    assert "refresh_token" in unseal(fresh(channel).credentials)


def test_an_answer_that_is_lost_is_said_honestly(world: World, x: FakeX) -> None:
    channel = connected(world, x)
    x.on(TOKEN, AnswerLost(), None)
    renewing.renew(channel_id=channel.pk)
    there = fresh(channel)
    assert (there.status, there.renew_at, there.ends_at) == ("expiring", None, there.token_ends_at)
    assert "persa" in there.status_detail
    assert "refresh_token" not in unseal(there.credentials)
    assert told("channel_expiring") == [world.marta]
    Channel.objects.filter(pk=channel.pk).update(renew_at=timezone.now())
    renewing.renew(channel_id=channel.pk)
    assert x.used == ["refresh-token-of-the-winery"]


def test_a_dead_worker_had_it(world: World, x: FakeX) -> None:
    """It wrote its mark, and nobody knows whether it asked."""
    channel = connected(world, x)
    over = timezone.now() - timedelta(seconds=1)
    Channel.objects.filter(pk=channel.pk).update(renewing="dead", renewing_until=over)
    assert renewing.hand_out(timezone.now()) == [channel.pk]
    renewing.renew(channel_id=channel.pk)
    assert (x.used, fresh(channel).status, fresh(channel).renewing) == ([], "expiring", "")
    assert told("channel_expiring") == [world.marta]


def test_where_tokens_do_not_rotate_the_next_worker_goes_on(world: World) -> None:
    with FakeLinkedIn() as linkedin:
        register(world, "linkedin", linkedin)
        until = (timezone.now() + timedelta(days=2)).isoformat()
        given = {"access_token": linkedin.token, "refresh_token": linkedin.refresh, "expires_at": until}
        channel = create_channel(
            user=world.marta,
            client=world.winery,
            network="linkedin",
            handle="r",
            server=linkedin.url,
            credentials=given,
        )
        over = timezone.now() - timedelta(seconds=1)
        Channel.objects.filter(pk=channel.pk).update(renewing="dead", renewing_until=over, renew_at=over)
        renewing.renew(channel_id=channel.pk)
        assert unseal(fresh(channel).credentials)["access_token"] == linkedin.token
        assert fresh(channel).status == "connected"


def test_a_mark_that_is_still_good_is_respected(world: World, x: FakeX) -> None:
    channel = connected(world, x)
    soon = timezone.now() + timedelta(minutes=1)
    Channel.objects.filter(pk=channel.pk).update(renewing="alive", renewing_until=soon)
    assert renewing.hand_out(timezone.now()) == []
    renewing.renew(channel_id=channel.pk)
    assert (x.used, fresh(channel).renewing) == ([], "alive")


def test_a_refused_one_needs_a_new_connection_and_managers_hear_it_once(world: World, x: FakeX) -> None:
    channel = connected(world, x)
    x.refresh = "another by now"
    renewing.renew(channel_id=channel.pk)
    there = fresh(channel)
    assert (there.status, there.renew_at, there.renewing) == ("broken", None, "")
    assert told("channel_broken") == [world.marta]
    check_channel(user=world.marta, channel=there)
    renewing.renew(channel_id=channel.pk)
    assert len(told("channel_broken")) == 1


def test_where_the_token_lasts_a_while_it_is_said_to_end_with_it(world: World, x: FakeX) -> None:
    """X still lets us in, so the day's question finds the channel connected; but nothing renews that any more."""
    channel = connected(world, x, timedelta(days=3))
    x.refresh = "another by now"
    renewing.renew(channel_id=channel.pk)
    assert fresh(channel).status == "broken"
    check_channel(user=world.marta, channel=fresh(channel))
    there = fresh(channel)
    assert (there.status, there.ends_at) == ("expiring", there.token_ends_at)


def test_our_app_is_refused_and_the_account_stays(world: World, x: FakeX) -> None:
    channel = connected(world, x)
    x.on(TOKEN, Answer(401, {"error": "invalid_client"}), None)
    renewing.renew(channel_id=channel.pk)
    there = fresh(channel)
    assert (there.status, there.renewing) == ("expiring", "")
    assert "registrazione" in there.status_detail
    Channel.objects.filter(pk=channel.pk).update(renew_at=timezone.now())
    renewing.renew(channel_id=channel.pk)
    assert (fresh(channel).status, fresh(channel).status_detail) == ("connected", "")


def test_a_new_connection_meanwhile_is_the_newer_one(world: World, x: FakeX) -> None:
    """The answer of the renewal comes late: what was connected meanwhile stays."""
    channel = connected(world, x)
    mark = renewing._claim(channel, timezone.now())
    assert mark
    signed = Signed(Identity(x.user, "roero", "Roero"), {"access_token": "newer", "refresh_token": "newest"})
    connect(by=Connector(user=world.marta), channel=channel, signed=signed, way="sign_in")
    renewing._keep(channel, mark, {"access_token": "older", "refresh_token": "old"})
    assert unseal(fresh(channel).credentials)["access_token"] == "newer"


def test_a_retired_one_is_left_alone(world: World, x: FakeX) -> None:
    channel = connected(world, x)
    retire_channel(user=world.marta, channel=channel)
    assert renewing.hand_out(timezone.now()) == []
    renewing.renew(channel_id=channel.pk)
    assert (x.used, fresh(channel).credentials) == ([], "")


class TestPublishing:
    def due(self, world: World, channel: Channel) -> Publication:
        return world.due(channels=[channel])

    def test_it_waits_for_a_renewal_and_does_none_itself(self, world: World, x: FakeX) -> None:
        channel = connected(world, x)
        soon = timezone.now() + timedelta(minutes=1)
        Channel.objects.filter(pk=channel.pk).update(renewing="another worker", renewing_until=soon)
        publication = self.due(world, channel)
        publishing.publish(publication_id=publication.pk)
        publication.refresh_from_db()
        assert (publication.state, publication.tries, x.posts, x.used) == (PublicationState.SCHEDULED, 0, [], [])
        assert "in rinnovo" in publication.detail
        assert publication.wake_at is not None
        assert publication.wake_at - timezone.now() < timedelta(seconds=5)

    def test_one_whose_token_has_ended_asks_for_the_renewal_and_goes_out(self, world: World, x: FakeX) -> None:
        channel = connected(world, x, ends_in=timedelta(seconds=-5))
        Channel.objects.filter(pk=channel.pk).update(renew_at=timezone.now() + timedelta(hours=1))
        publication = self.due(world, channel)
        publishing.publish(publication_id=publication.pk)
        assert x.posts == []
        assert renewing.hand_out(timezone.now()) == [channel.pk]
        renewing.renew(channel_id=channel.pk)
        publishing.publish(publication_id=publication.pk)
        publication.refresh_from_db()
        assert (publication.state, len(x.posts)) == (PublicationState.PUBLISHED, 1)

    def test_a_token_that_ends_in_the_middle_is_renewed_once(self, world: World, x: FakeX) -> None:
        channel = connected(world, x, ends_in=timedelta(hours=2))
        Channel.objects.filter(pk=channel.pk).update(renew_at=timezone.now() + timedelta(hours=1))
        publication = self.due(world, channel)
        x.token = "over at X, whatever it said"
        publishing.publish(publication_id=publication.pk)
        publication.refresh_from_db()
        assert (publication.state, fresh(channel).status) == (PublicationState.SCHEDULED, "connected")
        assert renewing.hand_out(timezone.now()) == [channel.pk]
        renewing.renew(channel_id=channel.pk)
        Publication.objects.filter(pk=publication.pk).update(wake_at=timezone.now())
        publishing.publish(publication_id=publication.pk)
        publication.refresh_from_db()
        assert publication.state == PublicationState.PUBLISHED
        # And where the new one is refused at once, that is no question of its age.
        x.token = "never again"
        other = world.due(channels=[channel], text="Ancora")
        publishing.publish(publication_id=other.pk)
        other.refresh_from_db()
        assert (fresh(channel).status, other.state) == ("broken", PublicationState.SCHEDULED)
        assert told("channel_broken") == [world.marta]

    def test_credentials_that_changed_under_a_publication_are_not_blamed(self, world: World, x: FakeX) -> None:
        channel = connected(world, x, ends_in=timedelta(hours=2))
        publication = self.due(world, channel)
        claimed = claiming.claim(publication_id=publication.pk, now=timezone.now())
        assert claimed is not None
        Channel.objects.filter(pk=channel.pk).update(credentials=seal({"access_token": "anew"}))
        from social.services.connections import refused_credentials

        assert not refused_credentials(channel=claimed.publication.channel, detail="401")
        assert fresh(channel).status == "connected"


def test_ends_are_foreseen(world: World, x: FakeX) -> None:
    from social.services.connections import foresee_ends

    now = timezone.now()
    channel = create_channel(
        user=world.marta,
        client=world.winery,
        network="linkedin",
        handle="roero",
        credentials={"access_token": "a", "expires_at": (now + dt.timedelta(days=20)).isoformat()},
    )
    assert (foresee_ends(now), fresh(channel).status) == (0, "connected")
    assert (foresee_ends(now + timedelta(days=7)), fresh(channel).status) == (1, "expiring")
    assert (foresee_ends(now + timedelta(days=8)), told("channel_expiring")) == (0, [world.marta])
    assert (foresee_ends(now + timedelta(days=21)), fresh(channel).status) == (1, "broken")
    assert (foresee_ends(now + timedelta(days=22)), told("channel_broken")) == (0, [world.marta])
    assert get("linkedin").renews({}) is False
