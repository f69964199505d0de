"""What a network takes its time with goes on; what an outage or a stop has kept asks a person."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from clients.services import freeze, unfreeze
from social.models import Attempt, Channel, Post, Publication
from social.networks.base import Limit, NetworkError, NotReady, NotSent, Throttled
from social.services import claiming, lateness
from tests.social.publishing.stepwise import Stepwise, fails_once
from tests.social.test_publishing import outcomes, run, told, wake
from tests.world import World

MINUTE = timedelta(minutes=1)


def begin(world: World, channel: Channel, stepwise: Stepwise, error: NetworkError) -> Publication:
    """Its first try at the network ends so; the client's window is half an hour."""
    stepwise.before = fails_once("publish", error)
    publication = run(world.due(channels=[channel]))
    assert (publication.state, stepwise.live) == ("scheduled", [])
    return publication


def works(retry_at: datetime | None = None) -> NotReady:
    return NotReady("It works on the video.", retry_at=retry_at or timezone.now())


def later(publication: Publication, minutes: float, since_expected: float) -> Publication:
    """So long after its time, and after the time at which the network wanted to be asked."""
    now = timezone.now()
    due, expected = now - minutes * MINUTE, now - since_expected * MINUTE
    wake(publication, due_at=due, expected_at=expected if publication.expected_at else None)
    Post.objects.filter(pk=publication.post_id).update(publish_at=due)
    return run(publication)


def test_a_video_that_the_network_works_on_beyond_the_window_goes_out(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    publication = later(begin(world, channel, stepwise, works()), minutes=300, since_expected=29)
    assert (publication.state, outcomes(publication)) == ("published", ["waiting", "published"])


def test_nobody_having_come_when_the_network_expected_us_it_is_late(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    publication = later(begin(world, channel, stepwise, works()), minutes=300, since_expected=31)
    assert (publication.state, stepwise.live) == ("late", [])


def test_a_network_that_can_not_be_reached_does_not_take_its_time(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    publication = begin(world, channel, stepwise, NotSent("No answer."))
    assert publication.expected_at is None
    assert later(publication, minutes=31, since_expected=0).state == "late"


def test_what_was_silent_after_it_had_begun_is_late_from_its_last_word(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    publication = begin(world, channel, stepwise, works())
    expected = publication.expected_at
    stepwise.before = fails_once("publish", NotSent("No answer."))
    wake(publication)
    publication = run(publication)
    assert (outcomes(publication), publication.expected_at) == (["waiting", "not_sent"], expected)
    assert later(publication, minutes=60, since_expected=31).state == "late"


def test_a_stop_in_the_middle_asks_a_person_all_the_same(world: World, channel: Channel, stepwise: Stepwise) -> None:
    publication = begin(world, channel, stepwise, works())
    freeze(user=world.vito, client=world.winery, reason="Si decide.")
    unfreeze(user=world.marta, client=world.winery)
    assert later(publication, minutes=5, since_expected=0).state == "late"


def test_of_what_is_only_throttled_nothing_has_begun(world: World, channel: Channel, stepwise: Stepwise) -> None:
    publication = begin(world, channel, stepwise, Throttled("Wait.", retry_at=timezone.now()))
    assert publication.expected_at is None
    assert later(publication, minutes=31, since_expected=0).state == "late"


def test_who_is_to_come_again_after_the_window_asks_its_people_at_its_end(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    error = Throttled("Tomorrow.", retry_at=timezone.now() + timedelta(hours=20))
    stepwise.before = fails_once("upload", error)
    waits = run(world.due(channels=[channel]))
    assert waits.state == "scheduled"
    assert waits.wake_at == waits.due_at + timedelta(minutes=world.winery.lateness_minutes, seconds=1)
    assert claiming.claim(publication_id=waits.pk, now=waits.wake_at) is None
    waits.refresh_from_db()
    assert (waits.state, told("post_late")) == ("late", ["Marta Gallo", "Vito Serra"])


@pytest.mark.parametrize("minutes", [29, 300])
def test_a_thread_that_is_throttled_in_the_middle_is_finished(
    world: World, channel: Channel, stepwise: Stepwise, minutes: int
) -> None:
    stepwise.parts = 2
    stepwise.before = fails_once("part:1", Throttled("Wait.", retry_at=timezone.now()))
    publication = run(world.due(channels=[channel]))
    assert (publication.begun, publication.expected_at is None) == (True, False)
    assert later(publication, minutes=minutes, since_expected=1).state == "published"
    assert len(stepwise.live) == 2


def test_after_a_day_a_person_is_asked(world: World, channel: Channel, stepwise: Stepwise) -> None:
    publication = begin(world, channel, stepwise, works())
    day = 24 * 60
    assert later(publication, minutes=day + 31, since_expected=0).state == "late"


def test_a_limit_that_keeps_it_waits_until_it_is_late_and_no_longer(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    publication = begin(world, channel, stepwise, works())
    stepwise.allowed = (Limit("posts", "Posts a day", most=0, window=timedelta(days=1)),)
    publication = later(publication, minutes=300, since_expected=10)
    assert (publication.state, publication.expected_at is None, publication.wake_at is None) == (
        "scheduled",
        False,
        False,
    )
    assert publication.expected_at is not None
    assert publication.wake_at == publication.expected_at + 30 * MINUTE + timedelta(seconds=1)
    wake(publication, expected_at=timezone.now() - 31 * MINUTE)
    assert run(publication).state == "late"


def test_the_longer_a_network_works_the_more_rarely_it_is_asked(world: World, channel: Channel) -> None:
    publication, now = world.due(channels=[channel]), timezone.now()
    publication.due_at = now - 120 * MINUTE
    soon, much_later = now + timedelta(seconds=3), now + 60 * MINUTE
    assert lateness.expected_after_waiting(publication, soon, now) == soon
    for number, minutes in ((1, 180), (2, 60), (3, 1)):  # the first before it was moved
        Attempt.objects.create(
            publication=publication,
            client=world.winery,
            number=number,
            outcome="waiting",
            started_at=now - minutes * MINUTE,
        )
    assert lateness.expected_after_waiting(publication, soon, now) == now + 3 * MINUTE
    assert lateness.expected_after_waiting(publication, much_later, now) == much_later
