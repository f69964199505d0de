"""What a run is to be: how long, how much, and where."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.chaos import plan, report
from tests.chaos.lasting import Lasting


def test_a_storm_lasts_its_time_and_until_all_was_due_and_not_for_ever() -> None:
    storm = Lasting(at_least=100, at_most=300)
    assert storm.goes_on(10, writing=True)
    assert storm.goes_on(99, writing=False)
    assert not storm.goes_on(100, writing=False)
    slow = Lasting(at_least=100, at_most=300)
    assert slow.goes_on(200, writing=True)
    assert slow.goes_on(200 + plan.LAST_DUE - 1, writing=False)
    assert not slow.goes_on(200 + plan.LAST_DUE, writing=False)
    assert not slow.goes_on(300, writing=True)


@pytest.mark.parametrize("size", [plan.FULL, plan.SMALL, replace(plan.FULL, real=True)])
def test_every_network_has_its_share_of_the_channels(size: plan.Size) -> None:
    wanted = (
        dict(plan.NETWORKS)
        if size.all_networks
        else {n: m for n, m in plan.NETWORKS.items() if n not in plan.ONLY_FULL}
    )
    wanted |= plan.REAL if size.real else {}
    spread, channels = Counter(plan.networks_of(size)), size.clients * size.channels
    assert spread.keys() == wanted.keys()
    assert all(abs(spread[name] - channels * many / sum(wanted.values())) <= many for name, many in wanted.items())
    for post in plan.planned(size, 1):
        networks = [plan.networks_of(size)[post.client * size.channels + number] for number in post.channels]
        assert post.shows or not plan.ONLY_SHOWS & set(networks)
        assert post.shows != "video" or not plan.NO_VIDEOS & set(networks)


def test_a_smaller_run_is_smaller_in_all_that_belongs_to_it() -> None:
    size = report.sized(plan.FULL, 60, 200, real=False)
    assert (size.seconds, size.longest, size.posts, size.beforehand) == (60, 300, 200, 100)
    assert report.sized(plan.FULL, None, None, real=False) == plan.FULL
