"""Series: posts made ahead by a rule, each approved by itself; and whatever comes between."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error, connection, transaction
from django.utils import timezone

from accounts.errors import Conflict
from audit.models import Event
from clients.models import Client, Membership, Role
from clients.services import edit_client, end_role, freeze, set_role, unfreeze
from notifications.models import Notification
from notifications.services import send_due
from social import tasks
from social.models import Occurrence, Post, Recurrence, Slot
from social.networks import NETWORKS
from social.services import (
    cancel_post,
    create_channel,
    create_post,
    create_recurrence,
    edit_post,
    end_recurrence,
    publishing,
    queue_post,
    recurring,
    retire_channel,
    withdraw_post,
)
from social.services.recurring import MOST_RUNNING
from social.slotting import free_slots
from tests.world import World, approve

DAILY = "FREQ=DAILY;COUNT=20"


def nine(world: World, days: int = 1) -> datetime:
    """Nine o'clock in so many days, on the winery's clock."""
    day = timezone.now().astimezone(world.winery.zone).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, 9, tzinfo=world.winery.zone)


def series(world: World, rule: str = DAILY, post: Post | None = None, **fields: Any) -> Recurrence:
    wanted = {"user": world.vito, "starts_at": nine(world), "ahead_days": 3, **fields}
    return create_recurrence(pattern=post or world.draft(), rule=rule, **wanted)


def sweep() -> None:
    """What beat asks for, at once: in the tests Celery's tasks run where they are called."""
    for recurrence_id in recurring.due(timezone.now()):
        tasks.make_of_series(recurrence_id)
    for occurrence_id in recurring.unasked():
        tasks.ask_of_series(occurrence_id)


def made(row: Recurrence) -> list[Post]:
    return list(Post.objects.filter(occurrence__recurrence=row).order_by("publish_at"))


def passed(row: Recurrence, days: int) -> None:
    """So many days go by: everything of the series was that much earlier."""
    then = timedelta(days=days)
    row.refresh_from_db()
    assert row.next_at is not None
    assert row.wake_at is not None
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # a series never changes
        cursor.execute(
            "UPDATE social_recurrence SET starts_at = %s, next_at = %s, wake_at = %s WHERE id = %s",
            [row.starts_at - then, row.next_at - then, row.wake_at - then, row.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def codes(error: Any) -> list[tuple[str, str]]:
    return [(field, one.code or "") for field, errors in error.value.error_dict.items() for one in errors]


# Making them


def test_each_is_made_ahead_and_asks_for_its_own_approval(world: World) -> None:
    pattern = world.draft(text="Ogni mattina.")
    row = series(world, post=pattern, user=world.ada)
    sweep()
    posts = made(row)
    ahead = [nine(world, day) for day in (1, 2, 3)]
    assert [post.publish_at for post in posts] == [at for at in ahead if at <= timezone.now() + timedelta(days=3)]
    assert {(post.state, post.text, post.author, post.publish_zone) for post in posts} == {
        ("in_review", "Ogni mattina.", world.ada, "Europe/Rome")
    }
    row.refresh_from_db()
    assert row.next_at == posts[-1].publish_at + timedelta(days=1)  # type: ignore[operator]
    sweep()
    assert made(row) == posts
    # Vito wrote the words of the pattern: neither he nor Ada, who made the series, is among those other eyes.
    assert set(posts[0].writers.values_list("user__email", flat=True)) == {"ada@filo.example", "vito@filo.example"}
    assert pattern.state == "draft"
    assert Event.objects.filter(verb="recurrence.made").count() == len(posts)


def test_nothing_goes_out_that_was_not_approved_for_itself(world: World) -> None:
    """Though the pattern, with the very same digest, is approved and out."""
    pattern = world.due().post
    row = series(world, post=pattern)
    publishing.publish(publication_id=pattern.publications.get().pk)
    sweep()
    first, second = made(row)[:2]
    assert first.version is not None
    assert first.version.digest == Post.objects.get(pk=pattern.pk).version.digest  # type: ignore[union-attr]
    assert {post.publications.count() for post in made(row)} == {0}
    for user in (world.elena, world.marta, world.cliente):
        approve(first, user)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("scheduled", "in_review")
    assert first.publications.get().due_at == first.publish_at


def test_a_run_that_was_killed_in_the_middle_is_gone_on_with(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    row = series(world)
    real, calls = recurring._advance, []

    def dies(*args: Any) -> None:
        real(*args)
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(recurring, "_advance", dies)
    with pytest.raises(KeyboardInterrupt):
        recurring.make(recurrence_id=row.pk)
    assert len(made(row)) == 1  # the second was not torn off: it is not there at all
    assert {post.state for post in made(row)} == {"draft"}
    monkeypatch.undo()
    sweep()
    assert len(made(row)) >= 2
    assert {post.state for post in made(row)} == {"in_review"}


def test_a_time_is_made_once_whatever_the_series_believes(world: World) -> None:
    row = series(world)
    sweep()
    posts = made(row)
    Recurrence.objects.filter(pk=row.pk).update(next_at=nine(world), wake_at=timezone.now() - timedelta(days=1))
    sweep()
    assert made(row) == posts
    with pytest.raises(Error), transaction.atomic():
        Occurrence.objects.create(recurrence=row, client=world.winery, at=nine(world), post=world.draft())


def test_it_ends_when_all_is_made(world: World) -> None:
    row = series(world, "FREQ=DAILY;COUNT=2")
    sweep()
    row.refresh_from_db()
    assert (row.why_ended, row.next_at, row.wake_at) == ("run_out", None, None)
    assert len(made(row)) == 2
    assert not Notification.objects.filter(kind="series_ended").exists()


def test_times_that_passed_meanwhile_are_left_out(world: World) -> None:
    """An outage of weeks, or a clock that jumps: nothing is made for a time that is over, and people are told."""
    row = series(world)
    passed(row, 10)
    sweep()
    row.refresh_from_db()
    event = Event.objects.get(verb="recurrence.skipped")
    assert len(event.data["times"]) in {9, 10}
    assert all(post.publish_at and post.publish_at > timezone.now() for post in made(row))
    assert len(made(row)) == 3
    told = Notification.objects.filter(kind="series_skipped", user=world.marta).get()
    assert told.context["many"] == len(event.data["times"])
    # The clock jumps back by hours: nothing comes twice.
    passed(row, -1)
    sweep()
    assert len(made(row)) == 3


@pytest.mark.parametrize("how", ["frozen", "paused", "ended"])
def test_a_client_that_rests_gets_no_new_posts(world: World, how: str) -> None:
    row = series(world)
    if how == "frozen":
        freeze(user=world.marta, client=world.winery, reason="Notizia da verificare")
    else:
        edit_client(user=world.marta, client=world.winery, status=how)
    sweep()
    recurring.make(recurrence_id=row.pk)
    assert made(row) == []
    if how == "frozen":
        unfreeze(user=world.marta, client=world.winery)
    else:
        edit_client(user=world.marta, client=world.winery, status="active")
    sweep()
    assert {post.state for post in made(row)} == {"in_review"}


# What comes between


def test_a_change_of_the_pattern_reaches_what_is_made_afterwards_alone(world: World) -> None:
    pattern = world.draft(text="Prima.")
    row = series(world, post=pattern)
    sweep()
    before = made(row)
    edit_post(user=world.vito, post=pattern, text="Dopo.")
    Recurrence.objects.filter(pk=row.pk).update(wake_at=timezone.now())
    sweep()
    after = made(row)
    assert [post.text for post in after] == ["Prima."] * len(before) + ["Dopo."]
    assert [post.state for post in after[: len(before)]] == ["in_review"] * len(before)


def test_a_cancelled_pattern_ends_it(world: World) -> None:
    pattern = world.draft()
    row = series(world, post=pattern)
    cancel_post(user=world.vito, post=pattern)
    sweep()
    row.refresh_from_db()
    assert (row.why_ended, made(row)) == ("pattern", [])
    assert Notification.objects.filter(kind="series_ended", user=world.marta).count() == 1
    with pytest.raises(Conflict) as conflict:
        series(world, post=pattern)
    assert conflict.value.code == "cancelled"


def test_retired_channels_and_whoever_left_end_it(world: World) -> None:
    one, other = series(world, user=world.ada), series(world)
    end_role(user=world.marta, membership=Membership.objects.get(user=world.vito))
    sweep()
    other.refresh_from_db()
    assert other.why_ended == "author"
    # The one that Ada made goes on, until there is nowhere to go.
    assert len(made(one)) >= 2
    retire_channel(user=world.marta, channel=world.page)
    Recurrence.objects.filter(pk=one.pk).update(wake_at=timezone.now())
    sweep()
    one.refresh_from_db()
    assert one.why_ended == "channels"


def test_a_role_that_ends_between_making_and_asking(world: World) -> None:
    row = series(world)
    recurring.make(recurrence_id=row.pk)
    set_role(user=world.marta, client=world.winery, person=world.vito, role=Role.VIEWER)
    sweep()
    assert {post.state for post in made(row)} == {"draft"}
    told = Notification.objects.filter(kind="series_problem", user=world.marta)
    assert told.count() == len(made(row))
    assert set(row.occurrences.values_list("problem", flat=True)) == {
        "Chi ha creato la serie non lavora più per questo cliente."
    }


def test_what_can_not_be_submitted_is_a_person_s(world: World) -> None:
    pattern = world.draft(text="Prima.")
    row = series(world, post=pattern)
    edit_post(user=world.vito, post=pattern, text="x" * 2000)
    sweep()
    assert {post.state for post in made(row)} == {"draft"}
    first = row.occurrences.order_by("at")[0]
    assert "2000" in first.problem or "2.000" in first.problem
    # It is told once, and not tried again behind anybody's back.
    edit_post(user=world.vito, post=first.post, text="Più corto.")
    sweep()
    first.post.refresh_from_db()
    assert first.post.state == "draft"
    told = Notification.objects.filter(kind="series_problem", user=world.marta)
    assert told.count() == row.occurrences.count()


def test_what_a_person_took_in_hand_is_theirs(world: World) -> None:
    row = series(world)
    recurring.make(recurrence_id=row.pk)
    first, second = made(row)[:2]
    cancel_post(user=world.vito, post=first)
    recurring.ask(occurrence_id=row.occurrences.get(post=second).pk)
    withdraw_post(user=world.vito, post=Post.objects.get(pk=second.pk))
    Occurrence.objects.filter(post=second).update(asked_at=None)  # killed just before it was written down
    sweep()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("cancelled", "draft")
    assert not Occurrence.objects.filter(asked_at=None).exists()


@pytest.mark.parametrize("cancel", [False, True])
def test_the_end_of_a_series(world: World, *, cancel: bool) -> None:
    row = series(world)
    sweep()
    first, *rest = made(row)
    Post.objects.filter(pk=first.pk).update(state="late")
    Post.objects.filter(pk=first.pk).update(state="publishing")
    ended, cancelled = end_recurrence(user=world.vito, recurrence=row, cancel_posts=cancel)
    assert (ended.why_ended, ended.next_at) == ("person", None)
    assert cancelled == (len(rest) if cancel else 0)
    first.refresh_from_db()
    assert first.state == "publishing"  # it was going out already
    assert {Post.objects.get(pk=post.pk).state for post in rest} == {"cancelled" if cancel else "in_review"}
    sweep()
    assert len(made(row)) == 1 + len(rest)
    with pytest.raises(Conflict) as conflict:
        end_recurrence(user=world.vito, recurrence=row)
    assert conflict.value.code == "ended"


def test_a_client_on_another_clock_keeps_its_series_where_they_were_meant(world: World) -> None:
    row = series(world)
    edit_client(user=world.marta, client=world.winery, timezone="America/New_York")
    sweep()
    assert made(row)[0].publish_at == nine(world)
    assert made(row)[0].publish_zone == row.zone == "Europe/Rome"


# What is refused


def test_what_can_not_be_a_series(world: World) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    for fields, wrong in [
        ({"starts_at": now - timedelta(minutes=1)}, ("starts_at", "past")),
        ({"starts_at": nine(world) + timedelta(seconds=1)}, ("starts_at", "minute")),
        ({"starts_at": datetime.fromisoformat("2027-03-28T02:30")}, ("starts_at", "skipped_time")),
        ({"ahead_days": 0}, ("ahead_days", "ahead_days")),
        ({"ahead_days": 61}, ("ahead_days", "ahead_days")),
        ({"rule": "FREQ=SECONDLY;COUNT=2"}, ("rule", "freq")),
        ({"post": world.draft(channels=[])}, ("pattern", "no_channel")),
    ]:
        with pytest.raises(ValidationError) as error:
            series(world, **fields)  # type: ignore[arg-type]
        assert codes(error) == [wrong]
    with pytest.raises(ValidationError) as error:
        series(world, post=world.draft(text="x" * 2000))
    assert list(error.value.error_dict) == ["pattern"]
    for user, refusal in [(world.cliente, PermissionDenied), (world.bruno, Client.DoesNotExist)]:
        with pytest.raises(refusal):
            series(world, user=user)
    assert not Recurrence.objects.exists()


def test_the_same_text_too_soon_for_a_network_is_refused_beforehand(world: World) -> None:
    x = create_channel(
        user=world.marta,
        client=world.winery,
        network="x",
        handle="roero",
        credentials={need.name: "x" for need in NETWORKS["x"].needs if need.required},
    )
    post = create_post(user=world.vito, client=world.winery, text="Ogni giorno.", channels=[world.page, x])
    with pytest.raises(ValidationError) as error:
        # Over the change to summer time, where a day has 23 hours.
        series(world, "FREQ=DAILY;COUNT=3", post=post, starts_at=datetime.fromisoformat("2027-03-26T09:00"))
    assert codes(error) == [("rule", "repeats")]
    assert series(world, "FREQ=DAILY;INTERVAL=2;COUNT=3", post=post).next_at == nine(world)


def test_a_client_has_so_many_series(world: World) -> None:
    one = series(world)
    fields = ("client_id", "pattern_id", "author_id", "rule", "starts_at", "zone", "next_at", "wake_at")
    same = {name: getattr(one, name) for name in fields}
    Recurrence.objects.bulk_create(Recurrence(**same) for _number in range(MOST_RUNNING - 1))
    with pytest.raises(Conflict) as conflict:
        series(world)
    assert conflict.value.code == "too_many"


def test_the_database_keeps_what_was_made(world: World) -> None:
    row = series(world)
    sweep()
    for act in (
        lambda: Recurrence.objects.filter(pk=row.pk).update(rule="FREQ=SECONDLY"),
        lambda: Recurrence.objects.filter(pk=row.pk).update(ended_at=timezone.now()),
        lambda: row.occurrences.all().delete(),
        lambda: row.occurrences.update(post=world.draft().pk),
    ):
        with pytest.raises(Error), transaction.atomic():
            act()


def test_a_slot_that_a_series_will_fill_is_not_free(world: World) -> None:
    Slot.objects.bulk_create(
        Slot(client=world.winery, channel=world.page, weekday=day, at=nine(world).time()) for day in range(7)
    )
    series(world, "FREQ=DAILY;COUNT=4", ahead_days=1)
    first = free_slots(world.page, nine(world) - timedelta(minutes=1), 1)[0].at
    assert first == nine(world, 5)
    assert queue_post(user=world.vito, post=world.draft(), after=nine(world) - timedelta(minutes=1)).publish_at == first


def test_the_mails(world: World, mailoutbox: list[Any]) -> None:
    pattern = world.draft(title="Il lunedì")
    row = series(world, post=pattern)
    passed(row, 10)
    sweep()
    recurring._settle(row.occurrences.all()[0], "")
    edit_post(user=world.vito, post=pattern, text="x" * 2000)
    Recurrence.objects.filter(pk=row.pk).update(wake_at=timezone.now())
    sweep()
    cancel_post(user=world.vito, post=pattern)
    sweep()
    Notification.objects.exclude(kind__startswith="series").delete()
    while send_due():
        pass
    said = sorted({mail.subject.partition(" · ")[0] for mail in mailoutbox})
    assert said == ["Un post di una serie ha bisogno di te", "Una serie è finita", "Uscite di una serie passate"]
    assert all("/admin/social/" in mail.body for mail in mailoutbox)
    ended = next(mail for mail in mailoutbox if mail.subject.startswith("Una serie è finita"))
    assert "Perché: Il suo modello è annullato." in ended.body
