"""A limit that clients share is shared fairly, and never overrun, whoever claims at once."""

import datetime as dt
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db.models import Sum

from social.models import Publication, Use
from social.networks.base import Limit
from social.services import claiming, create_channel
from social.services.sharing import Demand, shares
from tests.processes import environment
from tests.social.publishing.flood import copies
from tests.social.publishing.stepwise import Stepwise
from tests.world import World

DAY = timedelta(days=1)
UPLOADS = Limit("uploads", "Stepwise, 100 caricamenti al giorno", 100, DAY, "app", "America/Los_Angeles")
SOON, LATER = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("demands", "most", "given"),
    [
        ({1: Demand(planned=150), 2: Demand(planned=3)}, 100, {1: 97, 2: 3}),
        ({1: Demand(used=97, planned=53), 2: Demand(planned=3)}, 100, {1: 97, 2: 3}),
        ({1: Demand(planned=80), 2: Demand(planned=80)}, 100, {1: 50, 2: 50}),
        ({1: Demand(planned=10), 2: Demand(planned=3)}, 100, {1: 10, 2: 3}),
        ({1: Demand(planned=1, urgent=LATER), 2: Demand(planned=1, urgent=SOON)}, 1, {1: 0, 2: 1}),
        ({1: Demand(used=1), 2: Demand(planned=1, urgent=SOON)}, 1, {1: 1, 2: 0}),
        (
            {
                1: Demand(used=1, planned=3, urgent=SOON, served=LATER),
                2: Demand(used=1, planned=3, urgent=SOON, served=SOON),
            },
            3,
            {1: 1, 2: 2},
        ),
        ({}, 5, {}),
    ],
)
def test_each_gets_what_it_asks_for_or_an_equal_share(
    demands: dict[int, Demand], most: int, given: dict[int, int]
) -> None:
    assert shares(demands, most) == given


def claimer(home: Path, now: dt.datetime, shift: int) -> subprocess.Popen[str]:
    """A process that is ready to claim."""
    found = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.social.publishing.claim_all", "100", now.isoformat(), f"{shift}"],
        cwd=settings.BASE_DIR,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert found.stdout is not None
    assert found.stdout.readline() == "ready\n"
    return found


def by_two_processes(home: Path, numbers: Sequence[int], now: dt.datetime) -> list[int]:
    """How many each of them got, of all these, with four threads each."""
    both = [claimer(home, now, shift) for shift in (0, 4)]
    for process in both:
        assert process.stdin is not None
        process.stdin.write(" ".join(map(str, numbers)) + "\n")
        process.stdin.flush()
    return [int(process.communicate(timeout=60)[0]) for process in both]


@pytest.mark.django_db(transaction=True)
def test_a_flood_leaves_the_others_their_part(transactional_db: None, stepwise: Stepwise, tmp_path: Path) -> None:
    world, stepwise.allowed = World(), (UPLOADS,)
    winery, town = (
        create_channel(user=user, client=client, network="stepwise", handle=client.slug, name=client.name)
        for user, client in ((world.marta, world.winery), (world.bruno, world.town))
    )
    first = world.due(channels=[winery])
    assert first.uses == {"stepwise:uploads:app": 1}
    # Noon in Los Angeles, and five in the afternoon: the same day there, not in Rome.
    noon = dt.datetime(2027, 3, 3, 12, tzinfo=ZoneInfo("America/Los_Angeles"))
    flood = copies(first, winery, world.winery, 150, noon)
    few = copies(first, town, world.town, 3, noon + timedelta(hours=5))
    Publication.objects.filter(pk=first.pk).update(state="cancelled")

    got = by_two_processes(tmp_path, flood, noon)
    assert sum(got) == 97
    assert min(got) > 0
    assert Use.objects.aggregate(sum=Sum("cost")) == {"sum": 97}
    waiting = Publication.objects.filter(pk__in=flood, state="scheduled")
    assert set(waiting.values_list("detail", flat=True)) == {"Stepwise: tutti e 100 sono usati."}
    assert [bool(claiming.claim(publication_id=pk, now=noon + timedelta(hours=5))) for pk in few] == [True] * 3

    # The next day begins there at nine in Rome; what may still go out does, and the rest has missed its time.
    Publication.objects.filter(pk__in=flood, state="scheduled").update(due_at=noon + DAY, wake_at=noon + DAY)
    assert claiming.claim(publication_id=waiting[0].pk, now=noon + DAY)
