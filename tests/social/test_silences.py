"""Silences: foreseen by working days, once for each stage, with somebody who looks after them; over when they are filled."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.utils import Error
from django.test.utils import CaptureQueriesContext

from accounts.errors import Conflict
from audit.models import Event
from clients.models import Client, Membership, Role
from clients.services import edit_client, freeze, set_working_time, unfreeze
from clients.working_time import Closing
from social.models import Channel, Post, Publication, Silence
from social.services import create_recurrence, edit_post, retire_channel
from social.services.content_rows import PartPlan, VariantPlan
from social.services.posts import PostFields
from social.services.silences import dismiss, foresee, take_up
from strategy.services import close_strategy, set_cadence
from tests.approvals.clock import at, rome
from tests.social.pictures import stored
from tests.social.quiet import BEGUN, agree_on, silence, swept
from tests.strategy.documents import say
from tests.world import World, sandbox


def ahead() -> list[tuple[str, int]]:
    """When which stage of the silences ahead was claimed."""
    rows = Silence.objects.filter(state="foreseen").order_by("channel")
    return [(row.falls_on.isoformat(), row.stage) for row in rows]


def planned(world: World, *days: int, **fields: Any) -> Post:
    """Drafts for these days of March, at ten; the last one."""
    with at(BEGUN):
        posts = [world.draft(publish_at=rome(2027, 3, day, 10), **fields) for day in days]
    return posts[-1]


def test_each_stage_once_by_working_days(world: World) -> None:
    agree_on(world, "0.33")  # a post every 22 days: silent from Wednesday 24 March
    claimed = {}
    now = rome(2027, 3, 1, 9)
    while now < rome(2027, 3, 23):
        if swept(now):
            claimed[now] = Silence.objects.get().stage
        now += timedelta(hours=3)
    # 14, 7 and 3 working days before it; midnight, and the sweep after it.
    assert claimed == {rome(2027, 3, 4, 0): 14, rome(2027, 3, 15, 0): 7, rome(2027, 3, 19, 0): 3}
    found = Silence.objects.get()
    assert (found.after, found.falls_on, found.until) == (date(2027, 3, 1), date(2027, 3, 24), None)
    assert (found.state, found.owner, found.per_week) == ("foreseen", world.vito, Decimal("0.33"))


@pytest.mark.parametrize(
    ("zone", "country", "since", "falls_on", "come"),
    [
        # The clock goes forward on Sunday 28 March, which is Easter; its Monday is a holiday, the 25th is the client's own.
        ("Europe/Rome", "IT", "2027-03-10", "2027-04-02", ["2027-03-10T23:00", "2027-03-21T23:00", "2027-03-29T22:00"]),
        # It goes back on Sunday 31 October; Monday is All Saints'.
        ("Europe/Rome", "IT", "2027-10-12", "2027-11-04", ["2027-10-13T22:00", "2027-10-24T22:00", "2027-10-28T22:00"]),
        # In New York a week later, on 7 November.
        ("America/New_York", "US", "2027-10-17", "2027-11-09", ["2027-10-20T04:00", "2027-10-29T04:00", "2027-11-04T04:00"]),
        # In Cairo the clock skips the midnight with which Friday 30 April begins.
        ("Africa/Cairo", "", "2027-04-12", "2027-05-05", ["2027-04-14T22:00", "2027-04-25T22:00", "2027-04-29T22:00"]),
    ],
)  # fmt: skip
def test_where_the_clock_is_changed(
    world: World, zone: str, country: str, since: str, falls_on: str, come: list[str]
) -> None:
    edit_client(user=world.marta, client=world.winery, timezone=zone, holidays_country=country)
    world.winery.refresh_from_db()
    own = Closing(date(2027, 3, 25), date(2027, 3, 25), "Inventario")
    set_working_time(user=world.marta, client=world.winery, closings=[own])
    begun = datetime.combine(date.fromisoformat(since), time(23, 30), ZoneInfo(zone))  # late, and still of that day
    Channel.objects.filter(pk=world.page.pk).update(created_at=begun, cadence_per_week=Decimal("0.33"))
    for moment, stage in zip(come, (14, 7, 3), strict=True):
        midnight = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        assert swept(midnight - timedelta(minutes=1)) == 0
        assert swept(midnight) == 1
        assert ahead() == [(falls_on, stage)]


def test_a_clock_that_jumps_claims_nothing_twice_and_loses_nothing(world: World) -> None:
    agree_on(world, "0.33")
    assert swept(rome(2027, 3, 19)) == 1  # straight to the last stage
    assert ahead() == [("2027-03-24", 3)]
    assert swept(rome(2027, 3, 4)) == 0  # and back
    assert swept(rome(2027, 3, 20)) == 0
    assert ahead() == [("2027-03-24", 3)]


def test_whoever_looks_after_it(world: World) -> None:
    strategy = agree_on(world, owner=world.elena)
    swept(BEGUN)
    found = Silence.objects.get()
    assert (found.owner, found.strategy) == (world.elena, strategy)
    for gone, then in [(world.elena, world.vito), (world.vito, world.marta), (world.marta, world.ada)]:
        Membership.objects.filter(user=gone).delete()
        swept(BEGUN)
        found.refresh_from_db()
        assert found.owner == then
    # A client's person may be named in the strategy; the agency looks after its channels.
    Membership.objects.create(client=world.winery, user=world.vito, role=Role.APPROVER)
    swept(BEGUN)
    found.refresh_from_db()
    assert found.owner == world.ada


def test_without_a_strategy_the_channels_own_cadence_counts(world: World) -> None:
    Channel.objects.update(created_at=BEGUN)
    Channel.objects.filter(pk=world.page.pk).update(cadence_per_week=Decimal("0.5"))
    assert swept(BEGUN) == 1  # two weeks: silent from 16 March, eleven working days away
    found = Silence.objects.get()
    assert (found.channel, found.strategy, found.owner) == (world.page, None, world.marta)
    assert found.falls_on == date(2027, 3, 16)


@pytest.mark.parametrize(
    "case", ["frozen", "ended", "paused", "retired", "left out", "over", "not agreed", "of a crisis", "nought"]
)
def test_nobody_is_told_where_nothing_is_asked(world: World, case: str) -> None:
    strategy = agree_on(world)
    if case == "not agreed":
        type(strategy).objects.filter(pk=strategy.pk).update(state="draft", version=None, agreed_version=None)
    elif case == "of a crisis":
        type(strategy).objects.filter(pk=strategy.pk).update(kind="crisis")
    else:
        assert swept(BEGUN) == 1
    with at(BEGUN):
        if case == "frozen":
            freeze(user=world.marta, client=world.winery, reason="Crisi.")
        elif case in {"ended", "paused"}:
            Client.objects.filter(pk=world.winery.pk).update(status=case)
        elif case == "retired":
            retire_channel(user=world.marta, channel=world.page)
        elif case == "over":
            close_strategy(user=world.elena, strategy=strategy)
        elif case == "left out":
            set_cadence(user=world.vito, strategy=strategy, channel=world.page.pk, left_out=True, reason="Nessuno.")
            foresee(now=BEGUN)
            assert len(ahead()) == 1  # what was agreed holds until the next version is
            agree_again(world, strategy)
        elif case == "nought":
            Channel.objects.update(cadence_per_week=0)
            close_strategy(user=world.elena, strategy=strategy)
    assert swept(BEGUN) == 0
    assert ahead() == []
    assert set(Silence.objects.values_list("state", flat=True)) <= {"moot"}
    if case == "frozen":
        with at(BEGUN):
            unfreeze(user=world.marta, client=world.winery)
        assert swept(BEGUN) == 1


def agree_again(world: World, strategy: Any) -> None:
    from strategy.services import submit_strategy

    strategy.refresh_from_db()
    submit_strategy(user=world.vito, strategy=strategy)
    say(strategy, world.elena)
    say(strategy, world.cliente)


def test_of_several_strategies_the_one_that_began_last_counts(world: World) -> None:
    agree_on(world, "1")
    with at(BEGUN):
        newer = agree_on_another(world)
    swept(BEGUN)
    found = Silence.objects.get()
    assert (found.strategy, found.per_week, found.falls_on) == (newer, Decimal(5), date(2027, 3, 5))


def agree_on_another(world: World) -> Any:
    from strategy.services import create_strategy, share_strategy

    campaign: dict[str, Any] = {"title": "Vendemmia", "kind": "campaign", "starts_on": date(2027, 2, 1)}
    strategy = create_strategy(user=world.vito, client=world.winery, **campaign)
    strategy = share_strategy(user=world.vito, strategy=strategy)
    set_cadence(user=world.vito, strategy=strategy, channel=world.page.pk, per_week=Decimal(5), reason="Si raccoglie.")
    agree_again(world, strategy)
    strategy.refresh_from_db()
    return strategy


@pytest.mark.parametrize("how", ["draft", "scheduled", "series"])
def test_it_is_over_when_something_is_planned(world: World, how: str) -> None:
    found = silence(world)
    when = rome(2027, 3, 8, 10)
    with at(BEGUN):
        if how == "draft":
            world.draft(publish_at=when)
        elif how == "scheduled":
            world.approved(publish_at=when)
        else:
            rule = "FREQ=WEEKLY;BYDAY=MO;COUNT=9"
            create_recurrence(user=world.vito, pattern=world.draft(), rule=rule, starts_at=when, ahead_days=1)
    swept(BEGUN + timedelta(hours=1))
    found.refresh_from_db()
    assert (found.state, found.ended_at) == ("filled", BEGUN + timedelta(hours=1))
    # The next one is a week later, and fourteen working days ahead: foreseen, and told when it comes nearer.
    following = Silence.objects.filter(state="foreseen")
    if how == "series":
        assert not following.exists()
    else:
        assert [(row.falls_on, row.stage, row.staged_at) for row in following] == [(date(2027, 3, 16), 14, None)]
        assert swept(rome(2027, 3, 5)) == 1
        assert following.get().staged_at == rome(2027, 3, 5)


def test_what_is_no_plan_any_more_fills_nothing(world: World) -> None:
    agree_on(world)
    post = planned(world, 8)
    assert swept(rome(2027, 3, 4)) == 1
    assert ahead() == [("2027-03-16", 14)]
    with at(rome(2027, 3, 4)):
        edit_post(user=world.vito, post=post, publish_at=None)
    assert swept(rome(2027, 3, 4)) == 1  # nearer than it was told
    assert ahead() == [("2027-03-09", 3)]
    with at(rome(2027, 3, 5)):
        edit_post(user=world.vito, post=post, publish_at=rome(2027, 3, 12, 9))
    swept(rome(2027, 3, 5))
    assert Silence.objects.get(state="foreseen").until == date(2027, 3, 12)


def test_a_time_without_anything_to_say_fills_nothing(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    found = silence(world)
    with at(BEGUN):
        post = world.draft(text=" \n", publish_at=rome(2027, 3, 8, 10))
    assert swept(BEGUN) == 0
    assert ahead() == [("2027-03-09", 7)]
    # What it shows or says of itself does: on this channel, whatever stands in the post.
    nothing: PostFields = {"text": "", "link": "", "media": [], "parts": [], "variants": []}
    one: list[PostFields] = [
        {"text": "Si vendemmia."},
        {"link": "https://cantina.example/"},
        {"media": [stored(world.vito, world.winery)]},
        {"parts": [PartPlan(text=""), PartPlan(text="Poi si pigia.")]},
        {"variants": [VariantPlan(channel=world.page, text="Qui si vendemmia.")]},
    ]
    for said in one:
        with at(BEGUN), transaction.atomic():
            now_says: PostFields = {**nothing, **said}
            edit_post(user=world.vito, post=post, **now_says)
            foresee(now=BEGUN)
            found.refresh_from_db()
            assert found.state == "filled", said
            transaction.set_rollback(True)
    with at(BEGUN):
        empty_here = [VariantPlan(channel=world.page, text="")]
        elsewhere: PostFields = {**nothing, "text": "Altrove.", "variants": empty_here}
        edit_post(user=world.vito, post=post, **elsewhere)
    assert swept(BEGUN) == 0
    found.refresh_from_db()
    assert found.state == "foreseen"


def test_an_answer_and_what_was_taken_down_are_no_sign_of_life(world: World) -> None:
    agree_on(world)
    with at(rome(2027, 3, 2)):
        publication = world.due()
    Publication.objects.filter(pk=publication.pk).update(state="publishing")
    Publication.objects.filter(pk=publication.pk).update(state="published", published_at=rome(2027, 3, 2))
    swept(rome(2027, 3, 3))
    assert ahead() == [("2027-03-10", 7)]
    Publication.objects.filter(pk=publication.pk).update(taken_down_at=rome(2027, 3, 3))
    swept(rome(2027, 3, 3))
    assert ahead() == [("2027-03-09", 7)]


# What people do about it


def test_it_is_wanted(world: World) -> None:
    found = silence(world)
    with at(BEGUN):
        dismiss(user=world.vito, silence=found, why="holiday", note=" Ferie ")
        assert swept(BEGUN) == 0
        assert ahead() == []
        with pytest.raises(Conflict, match="over"):
            dismiss(user=world.marta, silence=found, why="pause")
        with pytest.raises(Conflict, match="over"):
            take_up(user=world.marta, silence=found, proposal="return:0")
    found.refresh_from_db()
    assert (found.state, found.why, found.note, found.dismissed_by) == ("dismissed", "holiday", "Ferie", world.vito)
    event = Event.objects.get(verb="silence.dismissed")
    assert (event.actor, event.subject_id, event.data["why"]) == (world.vito, found.pk, "holiday")
    assert swept(rome(2027, 3, 20)) == 0  # until something is planned
    planned(world, 24)
    assert swept(rome(2027, 3, 22)) == 1
    assert ahead() == [("2027-04-01", 7)]


def test_it_is_wanted_until_a_day(world: World) -> None:
    found = silence(world)
    with at(BEGUN):
        dismiss(user=world.vito, silence=found, why="pause", quiet_until=date(2027, 3, 31))
    assert swept(rome(2027, 3, 12)) == 0
    assert swept(rome(2027, 3, 22)) == 1
    assert ahead() == [("2027-04-08", 14)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"why": "other"}, "note"),
        ({"why": "?"}, "why"),
        ({"why": "pause", "note": "x" * 501}, "note"),
        ({"why": "pause", "quiet_until": date(2027, 3, 8)}, "quiet_until"),
        ({"why": "pause", "quiet_until": date(2029, 3, 8)}, "quiet_until"),
    ],
)
def test_what_can_not_be_wanted(world: World, given: dict[str, Any], field: str) -> None:
    found = silence(world)
    with at(BEGUN), pytest.raises(ValidationError) as refused:
        dismiss(user=world.vito, silence=found, **given)
    assert list(refused.value.message_dict) == [field]
    found.refresh_from_db()
    assert found.state == "foreseen"


def test_only_staff_of_the_client(world: World) -> None:
    found = silence(world)
    for user, error in [(world.cliente, PermissionDenied), (world.bruno, Client.DoesNotExist)]:
        with pytest.raises(error):
            dismiss(user=user, silence=found, why="pause")
        with pytest.raises(error):
            take_up(user=user, silence=found, proposal="return:0")


def test_the_database_keeps_it(world: World) -> None:
    found = silence(world)
    for wrong in (
        lambda: Silence.objects.filter(pk=found.pk).delete(),
        lambda: Silence.objects.filter(pk=found.pk).update(channel=world.town_page),
        lambda: Silence.objects.filter(pk=found.pk).update(state="filled"),  # without an end
        lambda: Silence.objects.create(
            client=world.winery,
            channel=world.page,
            per_week=1,
            after=date(2027, 3, 1),
            falls_on=date(2027, 3, 9),
            stage=7,
        ),
    ):
        with pytest.raises(Error), transaction.atomic():
            wrong()


def test_a_fixed_number_of_queries(world: World) -> None:
    agree_on(world)

    def queries(now: datetime) -> int:
        with at(now), CaptureQueriesContext(connection) as found:
            foresee(now=now)
        return len(found)

    first = queries(BEGUN)
    for number in range(3):
        page = sandbox(world.marta, world.winery, f"altra-{number}")
        Channel.objects.filter(pk=page.pk).update(cadence_per_week=3, created_at=BEGUN)
    Channel.objects.filter(pk=world.town_page.pk).update(cadence_per_week=2)
    Silence.objects.update(stage=14)  # there is something to move, too
    assert queries(BEGUN) == first + 1
    assert len(ahead()) == 5
