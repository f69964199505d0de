"""What will keep a publication is said before its time comes."""

import datetime as dt
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from clients.models import Client
from clients.services import freeze
from social.models import Channel, Publication, Use
from social.networks.base import Limit
from social.selectors import publications
from social.services import create_channel, set_ceiling
from social.services.foreseeing import Wait, foresee
from tests.approvals.clock import at, rome
from tests.social.publishing.flood import copies
from tests.social.publishing.stepwise import Stepwise
from tests.world import World

PACIFIC = "America/Los_Angeles"
NOON = dt.datetime(2027, 3, 3, 12, tzinfo=ZoneInfo(PACIFIC))
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def uploads(most: int, scope: str = "app") -> Limit:
    return Limit("uploads", "Stepwise’s uploads a day", most, DAY, scope, PACIFIC)


@pytest.fixture
def town(world: World, stepwise: Stepwise) -> Channel:
    return create_channel(user=world.bruno, client=world.town, network="stepwise", handle="alba", name="Alba")


def first(world: World, channel: Channel) -> Publication:
    """An approved one to be copied, which is over itself."""
    found = world.due(channels=[channel])
    Publication.objects.filter(pk=found.pk).update(state="cancelled")
    return found


def said(world: World, numbers: list[int], now: dt.datetime) -> dict[int, Wait]:
    found = Publication.objects.select_related("client", "channel").filter(pk__in=numbers)
    return foresee(found, now)


def test_what_does_not_fit_is_told_with_its_time(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.allowed = (uploads(2, scope="channel"),)
    Client.objects.filter(pk=world.winery.pk).update(lateness_minutes=24 * 60)
    rows = copies(first(world, channel), channel, world.winery, 3, NOON)
    found = said(world, rows, NOON - DAY)
    assert found == {
        rows[2]: Wait(
            code="limit_used_up",
            until=dt.datetime(2027, 3, 4, tzinfo=ZoneInfo(PACIFIC)),
            misses=False,
            detail="Stepwise’s uploads a day: used up at its time. It goes out on Thursday 4 March 2027, 09:00, Rome time.",
        )
    }
    with translation.override("it"):
        assert said(world, rows, NOON - DAY)[rows[2]].detail == (
            "Stepwise’s uploads a day: all’ora prevista saranno esauriti. Uscita: giovedì 4 marzo 2027, ore 9:00, ora di Roma."
        )


def test_what_would_be_too_late_by_then_asks(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.allowed = (uploads(2, scope="channel"),)
    rows = copies(first(world, channel), channel, world.winery, 3, NOON)
    wait = said(world, rows, NOON - DAY)[rows[2]]
    assert (wait.until, wait.misses) == (None, True)
    assert wait.detail == (
        "Stepwise’s uploads a day: used up at its time, until Thursday 4 March 2027, 09:00, Rome time. "
        "That is too late for it to go out by itself: it will ask you."
    )


def test_the_walk_is_as_fair_as_the_claims(world: World, channel: Channel, town: Channel, stepwise: Stepwise) -> None:
    stepwise.allowed = (uploads(100),)
    template = first(world, channel)
    flood = copies(template, channel, world.winery, 150, NOON)
    few = copies(template, town, world.town, 3, NOON + timedelta(hours=5))
    found = said(world, flood, NOON - DAY)
    assert sorted(found) == flood[97:]
    assert {wait.misses for wait in found.values()} == {True}
    assert said(world, few, NOON - DAY) == {}
    # Neither says whose the others are, or how many.
    assert "Alba" not in found[flood[-1]].detail
    # Whoever is stopped takes nothing.
    freeze(user=world.bruno, client=world.town, reason="Prova")
    assert sorted(said(world, flood, NOON - DAY)) == flood[100:]


def test_what_was_used_counts_until_it_is_old(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.allowed = (Limit("posts", "Stepwise’s posts an hour", 1, timedelta(hours=1)),)
    Client.objects.filter(pk=world.winery.pk).update(lateness_minutes=60)
    template = first(world, channel)
    now = timezone.now()
    rows = copies(template, channel, world.winery, 2, now + timedelta(minutes=30))
    key = f"stepwise:posts:{channel.pk}"
    Use.objects.create(key=key, at=now, cost=1, publication=template, client=world.winery)
    found = said(world, rows, now)
    assert {number: (wait.until, wait.misses) for number, wait in found.items()} == {
        rows[0]: (now + timedelta(hours=1), False),
        rows[1]: (None, True),  # it would be two hours, and half an hour more than it may wait
    }


def test_a_channel_without_connection_and_a_ceiling_are_told(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    stepwise.costs = Decimal("0.20")
    set_ceiling(user=world.marta, client=world.winery, dollars=Decimal("0.50"))
    template = first(world, channel)
    with at(rome(2027, 3, 1)):
        march, april = (copies(template, channel, world.winery, 3, rome(2027, month, 9)) for month in (3, 4))
        found = said(world, [*march, *april], timezone.now())
        assert {number: (wait.code, wait.until) for number, wait in found.items()} == {
            march[2]: ("ceiling", None),
            april[2]: ("ceiling", None),
        }
        assert found[march[2]].detail == (
            "It costs $0.20, which goes beyond March 2027's ceiling of $0.50: a manager decides."
        )
        Channel.objects.filter(pk=channel.pk).update(status="broken")
        assert said(world, march, timezone.now())[march[0]].detail == "Roero needs a new connection."


@pytest.mark.parametrize("many", [1, 3])
def test_it_asks_the_same_however_many(
    world: World, channel: Channel, town: Channel, stepwise: Stepwise, many: int
) -> None:
    stepwise.allowed, stepwise.costs = (uploads(1), uploads(2, "channel")), Decimal("0.20")
    set_ceiling(user=world.marta, client=world.winery, dollars=Decimal("5.50"))
    template = first(world, channel)
    copies(template, town, world.town, 4, NOON)
    rows = copies(template, channel, world.winery, many, NOON)
    found = list(publications(world.marta).filter(pk__in=rows))
    with CaptureQueriesContext(connection) as queries:
        foresee(found, NOON - DAY)
    assert len(queries) == 6
