"""The winery on a network that publishes in steps."""

from collections.abc import Iterator

import pytest

from social import networks
from social.models import Channel
from social.services import create_channel
from tests.social.publishing.stepwise import Stepwise
from tests.world import World


@pytest.fixture
def stepwise() -> Iterator[Stepwise]:
    network = Stepwise()
    networks.NETWORKS[network.slug] = network
    yield network
    del networks.NETWORKS[network.slug]


@pytest.fixture
def channel(world: World, stepwise: Stepwise) -> Channel:
    return create_channel(user=world.marta, client=world.winery, network="stepwise", handle="roero", name="Roero")
