"""Limits of networks are counted for all workers together; what is over waits and says why."""

import datetime as dt
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from clients.models import Client
from clients.services import freeze
from social.models import Act, Channel, Publication, Use
from social.networks.base import Content, Limit, NotReady, Part
from social.services import budgets, claiming, create_channel
from social.services.contents import content_of_version
from tests.approvals.clock import at
from tests.social.publishing.stepwise import Stepwise
from tests.social.test_publishing import run, wake
from tests.world import World

HOUR = timedelta(hours=1)


def posts(most: int, scope: str = "channel", cost: int = 1, zone: str = "") -> Limit:
    return Limit("posts", "Stepwise, post all'ora", most, HOUR, scope, zone, cost)


def patient(world: World, minutes: int) -> None:
    """The winery's posts may be late by so much."""
    Client.objects.filter(pk=world.winery.pk).update(lateness_minutes=minutes)


def test_what_is_over_waits_until_the_first_use_is_old_enough(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    stepwise.allowed = (posts(2),)
    patient(world, minutes=120)
    done = [run(world.due(channels=[channel], text=f"{n}")) for n in range(3)]
    assert [publication.state for publication in done] == ["published", "published", "scheduled"]
    first = Use.objects.order_by("at")[0]
    assert (done[2].wake_at, done[2].tries) == (first.at + HOUR, 0)
    assert done[2].detail == "Stepwise, post all'ora: tutti e 2 sono usati."
    Use.objects.filter(pk=first.pk).update(at=first.at - HOUR)
    wake(done[2])
    assert run(done[2]).state == "published"


def test_a_network_that_is_not_ready_takes_its_part_once(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.allowed = (posts(1),)
    patient(world, minutes=240)
    waits = [NotReady("soon", code="working", retry_at=timezone.now()) for _ in range(3)]

    def work(call: str) -> None:
        if call.startswith("publish") and waits:
            raise waits.pop()

    stepwise.before = work
    publication = world.due(channels=[channel])
    for _turn in range(3):
        assert run(publication).state == "scheduled"
        wake(publication)
    assert run(publication).state == "published"
    assert (publication.tries, Use.objects.count()) == (4, 1)
    budgets.take(publication, content_of_version(publication), timezone.now() + 2 * HOUR)
    assert Use.objects.count() == 2


def test_what_has_no_hope_asks_as_soon_as_it_is_late(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.allowed = (posts(1),)
    run(world.due(channels=[channel]))
    publication = run(world.due(channels=[channel], text="Poi"))
    assert publication.wake_at == publication.due_at + timedelta(minutes=30, seconds=1)
    due_at = publication.due_at - timedelta(minutes=31)
    Publication.objects.filter(pk=publication.pk).update(due_at=due_at, wake_at=due_at)
    assert run(publication).state == "late"


@pytest.mark.parametrize(
    ("network", "act", "name", "most", "cost"),
    [
        ("bluesky", Act.PUBLISH, "points_an_hour", 5_000, 12),  # a thread of three and its comment, three points each
        ("bluesky", Act.PUBLISH, "points_a_day", 35_000, 12),
        ("bluesky", Act.TAKE_DOWN, "points_an_hour", 5_000, 4),
        ("mastodon", Act.TAKE_DOWN, "deletions", 30, 4),
        ("threads", Act.TAKE_DOWN, "deletions", 100, 4),
        ("youtube", Act.TAKE_DOWN, "units", 10_000, 50),
    ],
)
def test_what_each_network_counts(world: World, network: str, act: str, name: str, most: int, cost: int) -> None:
    server = "https://social.example" if network == "mastodon" else ""
    there = create_channel(user=world.marta, client=world.winery, network=network, handle="roero", server=server)
    one = world.due()
    one.channel, one.network, one.act = there, network, act
    content, now = Content("Uno", parts=(Part("Due"), Part("Tre")), comment="Prenotate"), timezone.now()
    key = next(key for key in budgets.limits_of(there, content, act) if f":{name}:" in key)
    Use.objects.create(key=key, at=now, cost=most - cost, client_id=world.winery.pk)
    assert budgets.free_at(one, content, now) is None
    budgets.take(one, content, now)
    waits = budgets.free_at(one, content, now)
    assert waits is not None
    assert waits[0] > now
    assert f"{most}" in waits[1]


def test_questions_count_beside_the_tries(world: World) -> None:
    """Who we are on YouTube, and what became of a video there: a unit each, also where none is left."""
    there = create_channel(user=world.marta, client=world.winery, network="youtube", handle="roero")
    one = world.due()
    one.channel, one.network, now = there, "youtube", timezone.now()
    Use.objects.create(key="youtube:units:app", at=now, cost=10_000, client_id=world.winery.pk)
    budgets.note_check(there, now)
    budgets.note_question(one, now)
    asked = Use.objects.filter(key="youtube:units:app", cost=1)
    assert [use.publication_id for use in asked] == [None, None]


def test_one_channel_s_limit_is_not_another_s_and_the_app_s_is(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    town = create_channel(user=world.bruno, client=world.town, network="stepwise", handle="alba", name="Alba")
    for scope, key in (("channel", f"stepwise:posts:{channel.pk}"), ("app", "stepwise:posts:app")):
        assert budgets.key_of(posts(1, scope), channel) == key
    assert budgets.key_of(posts(1, "app"), town) == "stepwise:posts:app"
    assert budgets.key_of(posts(1), town) != budgets.key_of(posts(1), channel)
    channel.server = "https://social.example:8443"
    assert budgets.key_of(posts(1, "server"), channel) == "stepwise:posts:social.example:8443"


def test_a_costly_one_waits_for_as_many_as_it_takes(world: World, channel: Channel, stepwise: Stepwise) -> None:
    now, publication = timezone.now(), world.due(channels=[channel])
    key = budgets.key_of(posts(5), channel)
    patient(world, minutes=120)
    Use.objects.bulk_create(
        Use(key=key, at=now - timedelta(minutes=minutes), cost=2, publication=publication, client=world.winery)
        for minutes in (50, 40)
    )
    stepwise.allowed = (posts(5, cost=4),)
    publication = run(publication)
    assert publication.wake_at == now - timedelta(minutes=40) + HOUR
    stepwise.allowed = (posts(5, cost=3),)
    wake(publication)
    assert run(publication).wake_at == now - timedelta(minutes=50) + HOUR


def test_a_day_is_the_network_s_day(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.allowed = (posts(1, "app", zone="America/Los_Angeles"),)
    noon = dt.datetime(
        2026, 11, 1, 12, tzinfo=ZoneInfo("Europe/Rome")
    )  # 3 in the morning there, an hour twice that night
    publication = world.due(channels=[channel])
    Use.objects.create(key="stepwise:posts:app", at=noon, cost=1, publication=publication, client=world.winery)
    with at(noon + HOUR):
        found = budgets.free_at(publication, content_of_version(publication), noon + HOUR)
    assert found is not None
    assert found[0] == dt.datetime(2026, 11, 2, tzinfo=ZoneInfo("America/Los_Angeles"))
    late = dt.datetime(2026, 11, 2, 0, 1, tzinfo=ZoneInfo("America/Los_Angeles"))
    assert budgets.free_at(publication, content_of_version(publication), late) is None


def test_old_uses_are_forgotten(world: World, channel: Channel, stepwise: Stepwise) -> None:
    publication, now = world.due(channels=[channel]), timezone.now()
    for days in (31, 33):
        Use.objects.create(key="x", at=now - timedelta(days=days), cost=1, publication=publication, client=world.winery)
    assert (budgets.forget_old(), Use.objects.count()) == (1, 1)


# Turns


def in_turn(world: World, channel: Channel, many: int) -> list[int]:
    """So many due publications of the winery, the oldest first."""
    first = world.due(channels=[channel])
    now, rows = timezone.now(), [first.pk]
    for number in range(1, many):
        copy = world.due(channels=[channel], text=f"{number}")
        Publication.objects.filter(pk=copy.pk).update(wake_at=now - timedelta(seconds=many - number))
        rows.append(copy.pk)
    Publication.objects.filter(pk=first.pk).update(wake_at=now - timedelta(seconds=many))
    return rows


def test_clients_take_turns(
    world: World, channel: Channel, stepwise: Stepwise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "QUEUE", 3)
    flood = in_turn(world, channel, 4)
    town = create_channel(user=world.bruno, client=world.town, network="stepwise", handle="alba", name="Alba")
    single = world.due(channels=[channel], text="Ultimo")
    Publication.objects.filter(pk=single.pk).update(channel=town, client=world.town, wake_at=timezone.now())
    assert [pk for pk, _state in claiming.hand_out(timezone.now())] == [flood[0], single.pk, flood[1]]
    # As long as these wait at the workers, nobody else comes.
    assert claiming.hand_out(timezone.now()) == []
    Publication.objects.filter(pk=flood[0]).update(state="publishing", handed_at=None)
    assert [pk for pk, _state in claiming.hand_out(timezone.now())] == [flood[2]]


def test_a_network_that_is_busy_gets_no_more_and_the_others_do(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    other = world.due(text="Altrove")
    going = world.due(channels=[channel])
    waiting = world.due(channels=[channel], text="Poi")
    Publication.objects.filter(pk=going.pk).update(state="publishing", wake_at=timezone.now() + HOUR)
    type(stepwise).at_once, usual = 1, type(stepwise).at_once
    try:
        assert [pk for pk, _state in claiming.hand_out(timezone.now())] == [other.pk]
    finally:
        type(stepwise).at_once = usual
    assert [pk for pk, _state in claiming.hand_out(timezone.now())] == [waiting.pk]


def test_in_a_turn_the_window_that_ends_first_is_first(world: World, channel: Channel, stepwise: Stepwise) -> None:
    town = create_channel(user=world.bruno, client=world.town, network="stepwise", handle="alba", name="Alba")
    first, urgent = world.due(channels=[channel]), world.due(channels=[channel], text="Ora o mai")
    Publication.objects.filter(pk=urgent.pk).update(channel=town, client=world.town)
    Client.objects.filter(pk=world.town.pk).update(lateness_minutes=1)
    assert [pk for pk, _state in claiming.hand_out(timezone.now())] == [urgent.pk, first.pk]


def test_a_stopped_client_has_no_turn(world: World, channel: Channel) -> None:
    publication = world.due(channels=[channel])
    freeze(user=world.marta, client=world.winery, reason="Prova")
    assert claiming.hand_out(timezone.now()) == []
    publication.refresh_from_db()
    assert publication.handed_at is None


def test_whoever_is_too_busy_puts_it_back(world: World, channel: Channel) -> None:
    publication = world.due(channels=[channel])
    assert claiming.hand_out(timezone.now()) == [(publication.pk, "scheduled")]
    claiming.put_back(publication.pk)
    publication.refresh_from_db()
    assert publication.handed_at is None
    assert claiming.hand_out(timezone.now()) == []
    assert claiming.hand_out(timezone.now() + timedelta(seconds=1)) == [(publication.pk, "scheduled")]
