"""What networks take money for is charged before it is sent, given back where it is not live, and stopped at the ceiling."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from django.db.models import Sum
from django.utils import timezone, translation

from accounts.errors import Conflict
from audit.models import Event
from clients.models import Client
from clients.months import month_at
from notifications.models import Notification
from social.models import Attempt, Charge, Publication
from social.models import Channel as Account
from social.networks.base import Content, NotSent, Part, Refused, Throttled, Unknown
from social.networks.x import X
from social.services import claiming, go_beyond, resolve_publication, retry_publication, set_ceiling, spending
from tests.social.publishing.flood import copies
from tests.social.publishing.stepwise import Stepwise, fails_once
from tests.social.test_publishing import run, wake
from tests.world import World

PRICE = Decimal("0.2000")


@pytest.fixture
def priced(stepwise: Stepwise) -> Stepwise:
    stepwise.costs = PRICE
    return stepwise


def charged(publication: Publication) -> Decimal | None:
    found: Decimal | None = publication.charges.aggregate(sum=Sum("dollars"))["sum"]
    return found


def ceiling(world: World, dollars: str | None) -> None:
    set_ceiling(user=world.marta, client=world.winery, dollars=None if dollars is None else Decimal(dollars))


@pytest.mark.parametrize(
    "error",
    [
        Refused("no"),
        Throttled("wait", retry_at=timezone.now() + timedelta(hours=1)),
        NotSent("later"),
    ],
)
def test_what_did_not_go_out_costs_nothing_and_what_does_is_paid_once(
    world: World, channel: Account, priced: Stepwise, error: Any
) -> None:
    publication = world.due(channels=[channel])
    assert publication.dollars == PRICE
    priced.before = fails_once("publish", error)
    assert charged(run(publication)) == 0
    publication.refresh_from_db()
    if publication.state == "failed":
        retry_publication(user=world.marta, publication=publication)
    wake(publication)
    assert run(publication).state == "published"
    assert charged(publication) == PRICE
    month = month_at(world.winery, timezone.now())
    assert (spending.spent(world.winery.pk, month), spending.spent(world.town.pk, month)) == (PRICE, Decimal(0))
    assert spending.spent(world.winery.pk, month.last) == 0


@pytest.mark.parametrize(("outcome", "paid"), [("published", PRICE), ("not_published", Decimal(0))])
def test_what_is_uncertain_counts_until_it_is_known(
    world: World, channel: Account, priced: Stepwise, outcome: str, paid: Decimal
) -> None:
    priced.before = fails_once("publish", Unknown("?"))
    publication = run(world.due(channels=[channel]))
    assert (publication.state, charged(publication)) == ("unknown", PRICE)
    resolve_publication(user=world.marta, publication=publication, outcome=outcome)
    assert charged(publication) == paid


def test_of_a_thread_that_broke_what_is_live_is_paid(world: World) -> None:
    text = "Leggi su https://cantina.it"
    content = Content(text="Uno", parts=(Part(text), Part("Tre")), comment="Quattro")
    publication = Publication(network="x", begun=True)
    prices = {}
    for live in range(5):
        publication.progress = {"live": live}
        prices[live] = spending.price_of_live(publication, content)
    post, linked = Decimal("0.015"), Decimal("0.200")
    assert prices == {0: 0, 1: post, 2: post + linked, 3: 2 * post + linked, 4: 3 * post + linked}
    assert prices[4] == X().price(content).dollars


# The ceiling


def test_what_goes_beyond_waits_for_a_manager_who_lets_it_go(world: World, channel: Account, priced: Stepwise) -> None:
    ceiling(world, "0.30")
    assert run(world.due(channels=[channel])).state == "published"
    # Another month is another purse.
    Charge.objects.update(at=month_at(world.winery, timezone.now()).last.begins)
    assert run(world.due(channels=[channel], text="Un altro mese")).state == "published"
    publication = run(world.due(channels=[channel], text="Poi"))
    assert (publication.state, publication.held, publication.tries) == ("scheduled", True, 0)
    month = month_at(world.winery, timezone.now())
    with translation.override("it"):
        assert publication.detail == (
            f"Costa 0,20\xa0USD e supera il tetto di {month.name} (0,30\xa0USD): decide un responsabile."
        )
    told = Notification.objects.filter(kind="publication_held")
    assert set(told.values_list("user", flat=True)) == {world.marta.pk, world.vito.pk}
    wake(publication)
    assert run(publication).held
    assert told.count() == 2  # once each
    for who, error in ((world.vito, PermissionDenied), (world.bruno, Client.DoesNotExist)):
        with pytest.raises(error):
            go_beyond(user=who, publication=publication)
    go_beyond(user=world.marta, publication=publication)
    assert run(publication).state == "published"
    assert charged(publication) == PRICE
    verbs = Event.objects.filter(client_id=world.winery.pk, subject_type="publication", subject_id=publication.pk)
    assert list(verbs.order_by("seq").values_list("verb", "actor")) == [
        ("publication.held", None),
        ("publication.beyond_ceiling", world.marta.pk),
        ("publication.published", None),
    ]
    with pytest.raises(Conflict):
        go_beyond(user=world.marta, publication=publication)


def test_a_higher_ceiling_wakes_what_waited(world: World, channel: Account, priced: Stepwise) -> None:
    ceiling(world, "0")
    publication = run(world.due(channels=[channel]))
    assert publication.held
    assert publication.wake_at == publication.due_at + timedelta(minutes=30, seconds=1)
    ceiling(world, "1")
    publication.refresh_from_db()
    assert publication.wake_at <= timezone.now()
    assert run(publication).state == "published"
    event = Event.objects.filter(verb="client.ceiling").latest("seq")
    assert (event.actor_id, event.data) == (world.marta.pk, {"was": "0.00", "dollars": "1.00"})
    ceiling(world, None)
    assert Event.objects.filter(verb="client.ceiling").latest("seq").data == {"was": "1.00", "dollars": None}


def test_what_nobody_decided_misses_its_time_and_can_still_be_let_go(
    world: World, channel: Account, priced: Stepwise
) -> None:
    ceiling(world, "0.10")
    publication = run(world.due(channels=[channel]))
    due_at = publication.due_at - timedelta(minutes=31)
    Publication.objects.filter(pk=publication.pk).update(due_at=due_at, wake_at=due_at)
    assert run(publication).state == "late"
    retry_publication(user=world.vito, publication=publication)
    assert run(publication).held  # an author's word is not enough
    go_beyond(user=world.marta, publication=publication)
    assert run(publication).state == "published"


@pytest.mark.parametrize("dollars", ["-1", "0.001", "NaN", "Infinity", "10000000", "viele"])
def test_a_ceiling_is_an_amount(world: World, dollars: str) -> None:
    with pytest.raises(ValidationError) as error:
        set_ceiling(user=world.marta, client=world.winery, dollars=dollars)  # type: ignore[arg-type]
    assert list(error.value.error_dict) == ["dollars"]


def test_only_a_manager_sets_it(world: World) -> None:
    for who, error in (
        (world.elena, PermissionDenied),
        (world.cliente, PermissionDenied),
        (world.bruno, Client.DoesNotExist),
    ):
        with pytest.raises(error):
            set_ceiling(user=who, client=world.winery, dollars=Decimal(1))


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_never_go_beyond(transactional_db: None, priced: Stepwise) -> None:
    from social.services import create_channel

    world = World()
    channel = create_channel(user=world.marta, client=world.winery, network="stepwise", handle="roero", name="Roero")
    template = world.due(channels=[channel])
    rows = copies(template, channel, world.winery, 24, timezone.now())
    ceiling(world, "1.10")
    now, barrier = timezone.now() + timedelta(seconds=1), threading.Barrier(8)

    def claim(first: int) -> None:
        barrier.wait(30)
        for pk in [*rows[first:], *rows[:first]]:
            claiming.claim(publication_id=pk, now=now)
        connections.close_all()

    threads = [threading.Thread(target=claim, args=(turn * 3,)) for turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Charge.objects.aggregate(sum=Sum("dollars")) == {"sum": Decimal("1.00")}
    assert Attempt.objects.count() == 5
    assert Publication.objects.filter(held=True).count() == 19
