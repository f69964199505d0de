"""Slots of a week, and the next free one: what is free, over both changes of the clock, and for two at once."""

from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.errors import Conflict
from audit.models import Event
from clients.models import Client
from clients.times import moment_of
from social.models import Channel, Post, Slot
from social.services import (
    cancel_post,
    cancel_publication,
    create_post,
    create_slot,
    delete_slot,
    edit_slot,
    queue_post,
    retire_channel,
    set_slots,
)
from social.services.slots import MOST_SLOTS, SlotPlan
from social.slotting import free_slots, moments
from tests.races.meeting import meeting
from tests.world import World, sandbox

ROME = ZoneInfo("Europe/Rome")
MORNING, EVENING = time(9), time(18, 30)
EVERY_MORNING = [SlotPlan(day, MORNING) for day in range(7)]


def slots(world: World, *plans: SlotPlan, channel: Channel | None = None) -> list[Slot]:
    return set_slots(user=world.elena, channel=channel or world.page, slots=plans or EVERY_MORNING)


def mornings(many: int) -> list[datetime]:
    """The next nine o'clocks in Rome."""
    today = timezone.now().astimezone(ROME).date()
    found = [datetime.combine(today + timedelta(days=day), MORNING, ROME) for day in range(many + 1)]
    return [at for at in found if at > timezone.now()][:many]


def hour(post: Post) -> time:
    """Of the day in Rome."""
    assert post.publish_at is not None
    return post.publish_at.astimezone(ROME).time()


def codes(error: Any) -> list[tuple[str, str]]:
    return [(field, one.code or "") for field, errors in error.value.error_dict.items() for one in errors]


# Writing them


def test_the_whole_week_at_once_and_one_by_one(world: World) -> None:
    advised = SlotPlan(1, EVENING, advice="Piero: dopo la chiusura")
    slots(world, SlotPlan(0, MORNING), advised)
    rows = list(world.page.slots.values_list("weekday", "at", "best", "advice"))
    assert rows == [(0, MORNING, False, ""), (1, EVENING, True, "Piero: dopo la chiusura")]
    event = Event.objects.filter(verb="channel.slots_set").get()
    assert event.data["slots"] == [[0, "09:00", False, ""], [1, "18:30", True, "Piero: dopo la chiusura"]]
    kept = world.page.slots.get(weekday=1)
    slots(world, advised)
    assert list(world.page.slots.all()) == [kept]
    assert slots(world, advised) == [kept]
    assert Event.objects.filter(verb="channel.slots_set").count() == 2  # the same again is nothing new
    one = create_slot(user=world.marta, channel=world.page, weekday=6, at=time(0, 0))
    one = edit_slot(user=world.elena, slot=one, at=time(10), best=True)
    assert (one.at, one.best, one.weekday) == (time(10), True, 6)
    delete_slot(user=world.elena, slot=one)
    delete_slot(user=world.elena, slot=one)
    assert list(world.page.slots.all()) == [kept]


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (SlotPlan(7, MORNING), ("weekday", "weekday")),
        (SlotPlan(-1, MORNING), ("weekday", "weekday")),
        (SlotPlan(0, time(9, 0, 1)), ("at", "minute")),
        (SlotPlan(0, time(9, tzinfo=UTC)), ("at", "minute")),
        (SlotPlan(0, MORNING, advice="x" * 201), ("advice", "max_length")),
        (SlotPlan(0, MORNING, advice="nul\x00la"), ("advice", "null_character")),
        (SlotPlan(3, MORNING), ("at", "unique")),
    ],
)
def test_what_is_no_slot(world: World, plan: SlotPlan, code: tuple[str, str]) -> None:
    slots(world, SlotPlan(3, MORNING), SlotPlan(4, MORNING))
    fields: dict[str, Any] = {"weekday": plan.weekday, "at": plan.at, "best": plan.best, "advice": plan.advice}
    with pytest.raises(ValidationError) as error:
        create_slot(user=world.elena, channel=world.page, **fields)
    assert codes(error) == [code]
    with pytest.raises(ValidationError) as error:
        edit_slot(user=world.elena, slot=world.page.slots.get(weekday=4), **fields)
    assert codes(error) == [code]
    with pytest.raises(ValidationError) as error:
        slots(world, plan, plan)
    assert world.page.slots.count() == 2


def test_too_many_and_twice(world: World) -> None:
    many = [SlotPlan(number % 7, time(number // 60, number % 60)) for number in range(MOST_SLOTS + 1)]
    with pytest.raises(ValidationError) as error:
        slots(world, *many)
    assert codes(error) == [("slots", "too_many")]
    slots(world, *many[:-1])
    with pytest.raises(ValidationError) as error:
        create_slot(user=world.elena, channel=world.page, weekday=0, at=time(23))
    assert codes(error) == [("slots", "too_many")]
    with pytest.raises(ValidationError) as error:
        slots(world, many[0], many[0])
    assert codes(error) == [("slots", "unique")]


def test_who_may(world: World) -> None:
    write = partial(create_slot, channel=world.page, weekday=0, at=MORNING)
    for user in (world.vito, world.cliente):
        with pytest.raises(PermissionDenied):
            write(user=user)
    for user in (world.bruno, world.carlo):
        with pytest.raises(Client.DoesNotExist):
            write(user=user)
    post = world.draft()
    for user in (world.bruno, world.carlo):
        with pytest.raises(Client.DoesNotExist):
            queue_post(user=user, post=post)
    with pytest.raises(PermissionDenied):
        queue_post(user=world.cliente, post=post)
    retire_channel(user=world.marta, channel=world.page)
    with pytest.raises(Conflict) as conflict:
        write(user=world.marta)
    assert conflict.value.code == "retired"


# When they come


def coming(zone: str, weekday: int, at: time, day: str, many: int = 3) -> list[str]:
    """The moments of one slot from this day on, in UTC."""
    after = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    found = moments([Slot(weekday=weekday, at=at)], ZoneInfo(zone), after)
    return [f"{next(found).at:%Y-%m-%d %H:%M}" for _number in range(many)]


def test_nine_o_clock_stays_nine_o_clock() -> None:
    assert coming("Europe/Rome", 6, MORNING, "2027-03-20") == [
        "2027-03-21 08:00",
        "2027-03-28 07:00",
        "2027-04-04 07:00",
    ]
    assert coming("Europe/Rome", 6, MORNING, "2027-10-20") == [
        "2027-10-24 07:00",
        "2027-10-31 08:00",
        "2027-11-07 08:00",
    ]


clock = datetime.fromisoformat


def test_a_minute_that_the_clock_skips_or_shows_twice() -> None:
    night = time(2, 30)
    # On 28 March 2027 there is no 02:30 in Rome: that week there is no such slot.
    assert coming("Europe/Rome", 6, night, "2027-03-20") == ["2027-03-21 01:30", "2027-04-04 00:30", "2027-04-11 00:30"]
    # On 31 October it comes twice: the slot is the first, and only that.
    assert coming("Europe/Rome", 6, night, "2027-10-24T02:30") == [
        "2027-10-31 00:30",
        "2027-11-07 01:30",
        "2027-11-14 01:30",
    ]
    assert moment_of(clock("2027-03-28 02:30"), ROME) is None
    assert moment_of(clock("2027-03-28 03:00"), ROME) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    # Half an hour, at Lord Howe; and a whole day that Samoa went without.
    assert moment_of(clock("2026-10-04 02:15"), ZoneInfo("Australia/Lord_Howe")) is None
    assert moment_of(clock("2011-12-30 09:00"), ZoneInfo("Pacific/Apia")) is None


# Queueing


def test_posts_get_one_slot_after_the_other(world: World) -> None:
    slots(world)
    nine = mornings(5)
    queued = [queue_post(user=world.vito, post=world.draft()) for _number in range(3)]
    assert [post.publish_at for post in queued] == nine[:3]
    assert {post.publish_zone for post in queued} == {"Europe/Rome"}
    event = Event.objects.filter(verb="post.queued").latest("seq")
    assert event.data == {"channel": world.page.pk, "publish_at": nine[2].astimezone(UTC).isoformat()}
    # Once more: it holds the next free one already.
    revision = queued[0].revision
    assert queue_post(user=world.vito, post=queued[0]).revision == revision
    # Given up: its slot is free again, and so is that of a time that was taken away.
    cancel_post(user=world.vito, post=queued[1])
    assert queue_post(user=world.vito, post=world.draft()).publish_at == nine[1]
    # What somebody else planned in that minute, to the second, takes it.
    world.draft(publish_at=nine[3] + timedelta(seconds=59))
    assert queue_post(user=world.vito, post=world.draft()).publish_at == nine[4]


def test_what_is_planned_elsewhere_takes_nothing(world: World) -> None:
    other = sandbox(world.marta, world.winery, "altra")
    slots(world)
    nine = mornings(1)[0]
    world.draft(channels=[other], publish_at=nine)
    create_post(user=world.bruno, client=world.town, text="x", channels=[world.town_page], publish_at=nine)
    assert [found.at for found in free_slots(world.page, timezone.now(), 1)] == [nine]


def test_a_publication_takes_its_slot_until_it_is_cancelled(world: World) -> None:
    other = sandbox(world.marta, world.winery, "altra")
    slots(world)
    nine = mornings(2)
    post = world.approved(channels=[world.page, other], publish_at=nine[0])
    assert queue_post(user=world.vito, post=world.draft()).publish_at == nine[1]
    cancel_publication(user=world.vito, publication=post.publications.get(channel=world.page))
    # On the other channel it still goes out at nine, on this one the slot is free.
    assert queue_post(user=world.vito, post=world.draft()).publish_at == nine[0]


def test_the_channel_that_leads(world: World) -> None:
    other = sandbox(world.marta, world.winery, "altra")
    both = world.draft(channels=[world.page, other])
    with pytest.raises(Conflict) as conflict:
        queue_post(user=world.vito, post=both)
    assert conflict.value.code == "no_slots"
    evenings = [SlotPlan(day, EVENING) for day in range(7)]
    slots(world, *evenings, channel=other)
    assert hour(queue_post(user=world.vito, post=both)) == EVENING
    slots(world)
    assert queue_post(user=world.vito, post=both).publish_at == mornings(1)[0]
    assert hour(queue_post(user=world.vito, post=both, channel=other)) == EVENING
    with pytest.raises(ValidationError) as error:
        queue_post(user=world.vito, post=both, channel=world.town_page)
    assert codes(error) == [("channel", "not_chosen")]
    # A retired one does not lead.
    retire_channel(user=world.marta, channel=world.page)
    assert hour(queue_post(user=world.vito, post=both)) == EVENING


def test_best_hours_and_later_ones(world: World) -> None:
    slots(world, *EVERY_MORNING, SlotPlan(4, EVENING, best=True))
    best = queue_post(user=world.vito, post=world.draft(), best=True).publish_at
    assert best is not None
    assert (best.astimezone(ROME).weekday(), best.astimezone(ROME).time()) == (4, EVENING)
    nine = mornings(3)
    after = nine[1].replace(tzinfo=None)  # without an offset: on the client's clock; and later than that, not then
    at = queue_post(user=world.vito, post=world.draft(), after=after).publish_at
    assert at is not None
    assert at > nine[1]
    past = timezone.now() - timedelta(days=30)
    assert queue_post(user=world.vito, post=world.draft(), after=past).publish_at == nine[0]


def test_none_free_within_a_year(world: World) -> None:
    slots(world, SlotPlan(0, MORNING))
    for found in free_slots(world.page, timezone.now(), 100):
        world.draft(publish_at=found.at)
    with pytest.raises(Conflict) as conflict:
        queue_post(user=world.vito, post=world.draft())
    assert conflict.value.code == "no_free_slot"


def test_an_approval_stays_and_what_is_over_is_refused(world: World) -> None:
    slots(world)
    approved = queue_post(user=world.vito, post=world.approved())
    assert (approved.state, approved.publications.get().due_at) == ("scheduled", mornings(1)[0])
    cancel_post(user=world.vito, post=approved)
    # Its own former time is the next free one: still it is cancelled.
    with pytest.raises(Conflict) as conflict:
        queue_post(user=world.vito, post=approved)
    assert conflict.value.code == "cancelled"
    out = world.due()
    Post.objects.filter(pk=out.post_id).update(state="publishing")
    with pytest.raises(Conflict) as conflict:
        queue_post(user=world.vito, post=out.post)
    assert conflict.value.code == "already_published"


@pytest.mark.django_db(transaction=True)
def test_two_who_queue_at_once_get_two_slots(transactional_db: None) -> None:
    world = World()
    slots(world, SlotPlan(0, MORNING), SlotPlan(3, EVENING))
    held: list[datetime] = []
    with meeting() as two:

        def make() -> tuple[Any, Any]:
            mine, other = world.draft(), world.draft()
            return partial(queue_post, user=world.vito, post=mine), partial(queue_post, user=world.elena, post=other)

        for results in two.times(50, lambda: world.page, make):
            for result in results:
                assert isinstance(result, Post), result
                assert result.publish_at is not None
                held.append(result.publish_at)
    assert len(held) == len(set(held)) == 100
    assert sorted(held) == [
        found.at for found in list(moments(list(world.page.slots.all()), ROME, timezone.now()))[:100]
    ]
