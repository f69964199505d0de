"""Two posts that say the same, at the same instant, where the network forbids it: one of them, always."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from social.models import Publication
from social.services import create_channel, publishing, submit_post
from tests.races.test_races import together
from tests.social.publishing.stepwise import Stepwise
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agency(transactional_db: None, stepwise: Stepwise) -> World:
    """In a database that other threads can see."""
    stepwise.repeats_after = timedelta(days=1)  # type: ignore[misc]  # of this one alone
    return World()


def test_of_two_that_say_the_same_one_is_taken_into_review(agency: World) -> None:
    channel = create_channel(user=agency.marta, client=agency.winery, network="stepwise", handle="roero", name="Roero")
    for number in range(10):
        when = timezone.now() + timedelta(days=2)
        posts = [agency.draft(text=f"Numero {number}", channels=[channel], publish_at=when) for _ in range(2)]
        found = together(*[partial(submit_post, user=agency.vito, post=post) for post in posts])
        assert sorted(type(result).__name__ for result in found) == ["Post", "ValidationError"]


def test_of_two_that_say_the_same_one_goes_out(agency: World, stepwise: Stepwise) -> None:
    channel = create_channel(user=agency.marta, client=agency.winery, network="stepwise", handle="roero", name="Roero")
    for number in range(5):
        text = f"Numero {number}"
        first = agency.due(text=text, channels=[channel])
        other = agency.approved(text=text, channels=[channel], publish_at=timezone.now() + timedelta(days=3))
        now = timezone.now()
        other.publications.update(due_at=now, wake_at=now)
        pair = [first, other.publications.get()]
        together(*[partial(publishing.publish, publication_id=one.pk) for one in pair])
        assert [shown for _handle, shown in stepwise.live].count(f"{text}/0") == 1
        states = sorted(Publication.objects.get(pk=one.pk).state for one in pair)
        assert states in (["failed", "published"], ["published", "scheduled"])
