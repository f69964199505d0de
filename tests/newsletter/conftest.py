"""The winery's and the town's newsletters."""

import pytest
from django.core.cache import cache

from newsletter.models import MailingList
from newsletter.services.lists import make_list
from tests.newsletter.reading import newsletter_of
from tests.world import World


@pytest.fixture(autouse=True)
def _nobody_asked_before() -> None:
    cache.clear()


@pytest.fixture
def harvest(world: World) -> MailingList:
    """The list of the winery's newsletter."""
    channel = newsletter_of(world.winery, "Lettera dalla vigna")
    imprint = "Cantina Roero, via Roma 1, 12043 Canale"
    return make_list(user=world.marta, channel=channel, imprint=imprint, promise="Mandatemi la lettera dalla vigna.")


@pytest.fixture
def gazette(world: World) -> MailingList:
    """The town's."""
    return make_list(user=world.bruno, channel=newsletter_of(world.town, "La gazzetta"), imprint="Comune di Alba")
