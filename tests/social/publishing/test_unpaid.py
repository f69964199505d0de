"""X takes nothing more before who runs Filo has paid: what is due waits, its managers hear of it once, and it goes out by itself."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import timezone

from notifications.models import Notification
from social.mails import _network_unpaid
from social.models import Channel, Publication
from social.networks.base import Unpaid
from social.services import claiming, create_channel
from social.services.settling import settle_failure
from tests.chaos.outside import X
from tests.servers.wire import Answer
from tests.social.test_publishing import run, wake
from tests.world import World

pytestmark = pytest.mark.django_db
CREATE = "POST /2/tweets"
EMPTY = Answer(402, {"title": "CreditsDepleted", "type": "https://api.x.com/2/problems/credits"})


@pytest.fixture
def x() -> Iterator[X]:
    with X() as server:
        server.on(CREATE, EMPTY)
        yield server


@pytest.fixture
def account(world: World, x: X) -> Channel:
    given = {"access_token": x.token}
    return create_channel(
        user=world.marta, client=world.winery, network="x", handle="cantinaroero", server=x.url, credentials=given
    )


def paid(publication: Publication) -> Decimal | None:
    found: Decimal | None = publication.charges.filter(cause="publishing").aggregate(sum=Sum("dollars"))["sum"]
    return found


def test_it_waits_tells_once_and_goes_out_by_itself(world: World, x: X, account: Channel) -> None:
    first = run(world.due(channels=[account], text="Uno"))
    second = run(world.due(channels=[account], text="Due"))
    told = Notification.objects.filter(kind="network_unpaid")
    for publication in (first, second):
        assert (publication.state, publication.tries, paid(publication)) == ("scheduled", 1, Decimal(0))
        assert "crediti" in publication.detail
        assert publication.wake_at is not None
        assert publication.wake_at <= timezone.now() + timedelta(minutes=10)
    assert [message.user for message in told] == [world.marta]  # once, whatever waits
    assert Notification.objects.filter(kind="publication_failed").count() == 0
    letter = _network_unpaid(told[0])
    assert letter is not None
    assert letter.subject.startswith("X va pagata")
    x.good_day()
    for publication, price in ((first, "0.015"), (second, "0.015")):
        wake(publication)
        assert (run(publication).state, paid(publication)) == ("published", Decimal(price))
    assert x.texts() == ["Uno", "Due"]
    assert _network_unpaid(told[0]) is None  # nothing waits any more


def test_whose_try_is_over_tells_nobody(world: World, account: Channel) -> None:
    publication = world.due(channels=[account])
    claimed = claiming.claim(publication_id=publication.pk)
    assert claimed is not None
    Publication.objects.filter(pk=publication.pk).update(tries=claimed.publication.tries + 1)  # somebody else goes on
    error = Unpaid("No credits.", code="credits_used_up", retry_at=timezone.now())
    settle_failure(publication=claimed.publication, attempt=claimed.attempt, error=error)
    assert not Notification.objects.filter(kind="network_unpaid").exists()


def test_what_nobody_paid_for_in_time_asks_its_people(world: World, x: X, account: Channel) -> None:
    publication = run(world.due(channels=[account]))
    over = timedelta(minutes=world.winery.lateness_minutes + 1)
    Publication.objects.filter(pk=publication.pk).update(due_at=timezone.now() - over, wake_at=timezone.now())
    x.good_day()
    assert run(publication).state == "late"
    assert (x.texts(), claiming.hand_out(timezone.now() + timedelta(days=1))) == ([], [])
