"""Who we are at each network: asked daily and ahead of publications, once each, and told once where it went wrong."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from notifications import services as outbox
from notifications.models import Notification
from social.models import Channel, Publication
from social.services import checking, create_channel
from social.services.connections import foresee_ends
from tests.browsing import Staff, words
from tests.servers.wire import Answer
from tests.servers.x import FakeX
from tests.social.checked import check_channel
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def x() -> Iterator[FakeX]:
    with FakeX() as server:
        yield server


@pytest.fixture
def channel(world: World, x: FakeX) -> Channel:
    """The winery's, which was just asked; so were all others."""
    given = {"access_token": x.token}
    made = create_channel(
        user=world.marta, client=world.winery, network="x", handle="cantinaroero", server=x.url, credentials=given
    )
    Channel.objects.update(checked_at=timezone.now())
    Channel.objects.filter(pk=made.pk).update(identity=x.user)
    return fresh(made)


def fresh(channel: Channel) -> Channel:
    return Channel.objects.get(pk=channel.pk)


def asked(channel: Channel, at: datetime) -> None:
    Channel.objects.filter(pk=channel.pk).update(checked_at=at, check_at=None)


def told() -> list[User]:
    return [found.user for found in Notification.objects.filter(kind="channel_broken").select_related("user")]


def test_each_is_asked_once_a_day(world: World, x: FakeX, channel: Channel) -> None:
    now = timezone.now()
    assert checking.hand_out(now) == []
    asked(channel, now - timedelta(hours=25))
    assert checking.hand_out(now) == [channel.pk]
    assert checking.hand_out(now) == []  # somebody is at it
    assert checking.hand_out(now + checking.AGAIN) == [channel.pk]  # or died over it
    checking.check(channel_id=channel.pk)
    there = fresh(channel)
    assert (there.status, there.check_at) == ("connected", None)
    assert there.checked_at is not None
    assert there.checked_at >= now
    assert checking.hand_out(now + checking.AGAIN) == []


def test_and_three_days_and_an_hour_before_it_publishes(world: World, x: FakeX, channel: Channel) -> None:
    publication = world.due(channels=[channel])
    now = timezone.now()
    for ahead, last, due in (
        (timedelta(hours=71), timedelta(hours=2), True),  # asked 73 hours before
        (timedelta(hours=71), timedelta(minutes=30), False),  # 71.5 hours before
        (timedelta(hours=73), timedelta(hours=20), False),
        (timedelta(minutes=59), timedelta(minutes=5), True),  # 64 minutes before
        (timedelta(minutes=59), timedelta(minutes=0), False),
        (timedelta(minutes=30), timedelta(minutes=40), True),  # 70 minutes before
        (timedelta(minutes=61), timedelta(hours=3), False),
    ):
        Publication.objects.filter(pk=publication.pk).update(due_at=now + ahead)
        asked(channel, now - last)
        assert checking.hand_out(now) == ([channel.pk] if due else []), (ahead, last)


def test_the_nearest_come_first_and_never_too_many(world: World, x: FakeX, channel: Channel) -> None:
    publication, now = world.due(channels=[channel]), timezone.now()
    Publication.objects.filter(pk=publication.pk).update(due_at=now + timedelta(minutes=20))
    Channel.objects.update(checked_at=None, check_at=None)
    old = checking.BATCH
    try:
        checking.BATCH = 1
        assert checking.hand_out(now) == [channel.pk]
    finally:
        checking.BATCH = old
    with CaptureQueriesContext(connection) as queries:
        rest = checking.hand_out(now)
    assert (sorted(rest), len(queries)) == ([world.page.pk, world.town_page.pk], 1)


def test_a_network_in_trouble_disconnects_nobody(world: World, x: FakeX, channel: Channel) -> None:
    before = fresh(channel)
    for trouble in (Answer(503), Answer(429), Answer(200, b"<html>", {"Content-Type": "text/html"})):
        x.on("GET /2/users/me", trouble)
        checking.check(channel_id=channel.pk)
    after = fresh(channel)
    assert (after.status, after.checked_at, after.status_detail) == ("connected", before.checked_at, "")
    assert told() == []


def test_a_broken_one_is_told_once_by_mail_and_on_today(world: World, x: FakeX, channel: Channel) -> None:
    publication = world.due(channels=[channel])
    Publication.objects.filter(pk=publication.pk).update(due_at=timezone.now() + timedelta(hours=1))
    x.token = "another by now"
    for _day in range(3):
        checking.check(channel_id=channel.pk)
    assert (fresh(channel).status, told()) == ("broken", [world.marta])
    outbox.send_due()
    (letter,) = [
        letter for letter in mail.outbox if letter.to == [world.marta.email] and "Da ricollegare" in letter.subject
    ]
    assert "1 post aspetta di uscire lì" in str(letter.body)
    assert f"/admin/social/channel/{channel.pk}/change/" in str(letter.body)
    today = words(Staff(world.marta).open("index"))
    assert "Da ricollegare" in today
    assert "1 post aspetta" in today
    assert f"/admin/social/channel/{channel.pk}/change/" in Staff(world.marta).open("index").content.decode()
    assert "roero" not in words(Staff(world.bruno).open("index"))


def test_a_broken_one_is_asked_daily_and_goes_on_where_it_is_let_in_again(
    world: World, x: FakeX, channel: Channel
) -> None:
    waits = world.due(channels=[channel])
    token, x.token = x.token, "another by now"
    checking.check(channel_id=channel.pk)
    now, x.token = timezone.now(), token
    Publication.objects.filter(pk=waits.pk).update(wake_at=now + timedelta(hours=1))
    assert channel.pk not in checking.hand_out(now + timedelta(hours=23))
    checking.check(channel_id=channel.pk)
    assert (fresh(channel).status, told()) == ("broken", [world.marta]), "it has been asked today"
    asked(channel, now - timedelta(hours=25))
    assert channel.pk in checking.hand_out(now)
    checking.check(channel_id=channel.pk)
    assert (fresh(channel).status, fresh(channel).status_detail, told()) == ("connected", "", [world.marta])
    waits.refresh_from_db()
    assert waits.wake_at is not None
    assert waits.wake_at <= timezone.now()


def test_one_whose_connection_has_run_out_is_not_told_of_each_day_anew(
    world: World, x: FakeX, channel: Channel
) -> None:
    """Also where its network still says who we are, as Meta does when it lets nobody read and publish any more."""
    over = timezone.now() - timedelta(minutes=1)
    Channel.objects.filter(pk=channel.pk).update(token_ends_at=over, ends_at=over)
    for day in range(3):
        now = timezone.now() + timedelta(hours=25 * day)
        for found in checking.hand_out(now):
            checking.check(channel_id=found)
        foresee_ends(now)
        asked(channel, timezone.now() - timedelta(hours=26))
    assert (fresh(channel).status, told()) == ("broken", [world.marta])


@pytest.mark.parametrize("trouble", [Answer(503), Answer(429), Answer(400, {"title": "Invalid Request"})])
def test_a_broken_one_of_which_nobody_hears_anything_is_asked_once_a_day_all_the_same(
    world: World, x: FakeX, channel: Channel, trouble: Answer
) -> None:
    now = timezone.now()
    Channel.objects.filter(pk=channel.pk).update(status="broken", checked_at=now - timedelta(hours=25))
    x.on("GET /2/users/me", trouble)
    for hours, due in ((0, True), (1, False), (23, False), (25, True)):
        found = checking.hand_out(now + timedelta(hours=hours))
        assert found == ([channel.pk] if due else []), hours
        for one in found:
            checking.check(channel_id=one)
        Channel.objects.exclude(pk=channel.pk).update(checked_at=now + timedelta(hours=hours))
    x.good_day()
    check_channel(user=world.marta, channel=fresh(channel))
    assert (fresh(channel).status, fresh(channel).check_at) == ("connected", None)


def test_broken_ones_wait_behind_all_others(world: World, x: FakeX, channel: Channel) -> None:
    """Many that nobody will connect any more, on servers that are gone, would be asked again and again in their place."""
    old, now = checking.BATCH, timezone.now()
    Channel.objects.filter(pk=world.page.pk).update(
        status="broken", credentials=channel.credentials, checked_at=now - timedelta(days=9)
    )
    asked(channel, now - timedelta(hours=25))
    assert world.page.pk < channel.pk
    try:
        checking.BATCH = 1
        assert [checking.hand_out(now), checking.hand_out(now)] == [[channel.pk], [world.page.pk]]
    finally:
        checking.BATCH = old


def test_one_that_was_never_connected_or_is_another_account_stays_as_it_is(
    world: World, x: FakeX, channel: Channel
) -> None:
    user, x.user = x.user, "666"
    checking.check(channel_id=channel.pk)
    asked(channel, timezone.now() - timedelta(hours=25))
    checking.check(channel_id=channel.pk)
    assert (fresh(channel).status, told()) == ("broken", [world.marta])
    x.user = user
    Channel.objects.filter(pk=channel.pk).update(credentials="")
    asked(channel, timezone.now() - timedelta(hours=25))
    assert channel.pk not in checking.hand_out(timezone.now())


def test_another_account_than_before(world: World, x: FakeX, channel: Channel) -> None:
    x.user = "666"
    checking.check(channel_id=channel.pk)
    assert (fresh(channel).status, fresh(channel).identity) == ("broken", "2244994945")


def test_one_that_was_connected_anew_meanwhile_is_not_broken(world: World, x: FakeX, channel: Channel) -> None:
    """The network refuses the old token while the new one is written down."""
    old = fresh(channel)
    Channel.objects.filter(pk=channel.pk).update(credentials="")
    answer = checking.Answer(detail="401", broken=True)
    checking._write(old, answer, None)
    assert fresh(channel).status == "connected"
