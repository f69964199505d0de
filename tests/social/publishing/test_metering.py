"""What X takes for being searched and for taking down counts in the month, as much as it was, from its answer on."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.utils import timezone

from approvals.models import Chain
from clients.months import month_at
from social.costs import spending
from social.models import Channel, Publication, Use
from social.networks.metering import charge
from social.services import asking, create_channel, set_ceiling, take_down
from social.services.content_rows import PartPlan
from tests.chaos.outside import X
from tests.rest.caller import Caller
from tests.servers.wire import Answer, AnswerLost
from tests.social.publishing.stepwise import Stepwise
from tests.social.test_correcting import WHY, approved, short
from tests.social.test_publishing import run
from tests.world import PASSWORD, World

__all__ = ["short"]
pytestmark = pytest.mark.django_db
CREATE = "POST /2/tweets"
POST, READ, DELETE = Decimal("0.015"), Decimal("0.005"), Decimal("0.010")


@pytest.fixture
def x() -> Iterator[X]:
    with X() as server:
        yield server


@pytest.fixture
def account(world: World, x: X) -> Channel:
    given = {"access_token": x.token}
    return create_channel(
        user=world.marta, client=world.winery, network="x", handle="cantinaroero", server=x.url, credentials=given
    )


def charges(publication: Publication) -> list[tuple[str, Decimal]]:
    return list(publication.charges.order_by("pk").values_list("cause", "dollars"))


def uncertain(world: World, account: Channel, x: X, text: str = "Si vendemmia") -> Publication:
    x.on(CREATE, AnswerLost(), None)
    publication = run(world.due(channels=[account], text=text))
    assert publication.state == "unknown"
    return publication


def test_a_search_costs_as_many_posts_as_it_found(world: World, x: X, account: Channel) -> None:
    assert run(world.due(channels=[account], text="Prima")).state == "published"
    publication = uncertain(world, account, x)
    asking.ask(publication_id=publication.pk)
    publication.refresh_from_db()
    assert (publication.state, len(x.posts)) == ("published", 2)
    assert charges(publication) == [("publishing", POST), ("reading", 2 * READ)]
    month = spending(world.vito, world.winery, month_at(world.winery, timezone.now()))
    assert (month.dollars, month.reading, month.deleting) == (2 * POST + 2 * READ, 2 * READ, Decimal(0))


def test_a_question_without_an_answer_costs_nothing(world: World, x: X, account: Channel) -> None:
    publication = uncertain(world, account, x)
    x.on("GET /2/users/{user}/tweets", Answer(503), None)
    asking.ask(publication_id=publication.pk)
    publication.refresh_from_db()
    assert (publication.state, charges(publication)) == ("unknown", [("publishing", POST)])
    month = spending(world.vito, world.winery, month_at(world.winery, timezone.now()))
    assert month.uncertain == POST


def test_taking_down_costs_each_post_and_waits_at_no_ceiling(
    world: World, x: X, account: Channel, short: Chain
) -> None:
    live = run(world.due(channels=[account]))
    set_ceiling(user=world.marta, client=world.winery, dollars=Decimal("0.02"))
    down = run(approved(world, take_down(user=world.vito, publication=live, because=WHY)))
    assert (down.state, x.posts, charges(down)) == ("published", [], [("deleting", DELETE)])
    told = Caller(world.vito).get(f"clients/{world.winery.pk}/spending/")
    assert (told["dollars"], told["reading"], told["deleting"]) == (0.025, 0, 0.01)
    page = Browser()
    page.login(username=world.vito.email, password=PASSWORD)
    assert "di cui 0,01" in page.get(f"/admin/social/post/spending/{world.winery.pk}/").content.decode()
    # What is spent is spent: the next post is for a manager.
    assert run(world.due(channels=[account], text="E poi")).held


def test_a_thread_is_taken_down_for_as_many_deletions_as_it_has_posts(
    world: World, x: X, account: Channel, short: Chain
) -> None:
    live = run(world.due(channels=[account], parts=[PartPlan(text="Due"), PartPlan(text="Tre")]))
    down = approved(world, take_down(user=world.vito, publication=live, because=WHY))
    key = f"x:deletions:{account.pk}"
    assert down.uses == {key: 3}
    assert (run(down).state, x.posts) == ("published", [])
    assert list(Use.objects.filter(publication=down).values_list("key", "cost")) == [(key, 3)]


def test_what_is_gone_already_costs_nothing(world: World, x: X, account: Channel, short: Chain) -> None:
    live = run(world.due(channels=[account]))
    x.posts.clear()
    down = run(approved(world, take_down(user=world.vito, publication=live, because=WHY)))
    assert (down.state, charges(down)) == ("published", [])


def test_where_nobody_listens_nothing_is_written(world: World, stepwise: Stepwise) -> None:
    charge("reading", READ)
    assert not Publication.objects.filter(charges__isnull=False).exists()
