"""Deadlines: when they are, and what happens when they have come. On the real calendar, over holidays and changes of the clock."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from accounts.models import User
from approvals.models import Reminder, Review, ReviewStep, Seat
from approvals.services import StepPlan, name_deputy, time_up
from approvals.services.sweeping import AGAIN, sweep
from audit.models import Event
from clients.models import Role
from notifications.models import Notification
from social.models import Post
from social.services import edit_post, submit_post, withdraw_post
from tests.approvals.clock import MINUTE, agrees_to_silence, at, chain, rome, step_of
from tests.world import World, approve, person, review_of


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def told(kind: str) -> list[tuple[str, str]]:
    """Who was told of this kind, and with which key."""
    found = Notification.objects.filter(kind=kind).order_by("user__name", "key")
    return list(found.values_list("user__name", "key"))


@pytest.mark.parametrize(
    ("asked", "minutes", "due"),
    [
        # A working day is nine to six, Monday to Friday.
        (rome(2027, 3, 1, 10), 120, rome(2027, 3, 1, 12)),
        (rome(2027, 3, 1, 17), 120, rome(2027, 3, 2, 10)),
        (rome(2027, 3, 5, 17, 30), 60, rome(2027, 3, 8, 9, 30)),  # over a weekend
        (rome(2027, 3, 6, 11), 60, rome(2027, 3, 8, 10)),  # asked on a Saturday
        # Easter Monday 2027 is 29 March, and the clock is put forward the night before.
        (rome(2027, 3, 26, 17), 120, rome(2027, 3, 30, 10)),
        (rome(2027, 10, 29, 17), 120, rome(2027, 11, 2, 10)),  # put back on 31 October; All Saints is a Monday
        (rome(2027, 12, 24, 16), 180, rome(2027, 12, 27, 10)),
    ],
)
def test_due_so_many_working_minutes_after_the_turn(world: World, asked: datetime, minutes: int, due: datetime) -> None:
    chain(world, StepPlan(name="Account", users=[world.marta], due_after_minutes=minutes))
    with at(asked):
        post = world.submitted()
    step = step_of(post)
    assert (step.due_at, step.wake_at) == (due, due)
    assert sweep(now=due - MINUTE) == 0
    assert told("time_up") == []
    assert sweep(now=due) == 1
    assert told("time_up") == [("Marta Gallo", f"seat:{step.seats.get().pk}:{int(due.timestamp()) // 60}")]
    assert sweep(now=due + timedelta(days=1)) == 0


def test_the_earlier_of_the_two_deadlines_counts(world: World) -> None:
    step = StepPlan(name="Account", users=[world.marta], due_after_minutes=9 * 60, due_before_minutes=24 * 60)
    chain(world, step)
    with at(rome(2027, 3, 25, 9)):
        near = world.submitted(publish_at=rome(2027, 3, 26, 10))
        # Twenty-four real hours before half past ten on the Sunday on which the clock is put forward.
        sunday = world.submitted(publish_at=rome(2027, 3, 28, 10, 30))
        far = world.submitted(publish_at=rome(2027, 4, 28, 8))
        never = world.submitted()
    assert [step_of(post).due_at for post in (near, sunday, far, never)] == [
        rome(2027, 3, 25, 10),
        rome(2027, 3, 25, 18),
        rome(2027, 3, 25, 18),
        rome(2027, 3, 25, 18),
    ]
    chain(world, StepPlan(name="Account", users=[world.marta], due_before_minutes=24 * 60))
    with at(rome(2027, 3, 25, 9)):
        assert step_of(world.submitted(publish_at=rome(2027, 3, 28, 10, 30))).due_at == rome(2027, 3, 27, 9, 30)


def test_a_later_step_s_time_begins_with_its_turn(world: World) -> None:
    chain(
        world,
        StepPlan(name="Redazione", users=[world.elena]),
        StepPlan(name="Account", users=[world.marta], due_after_minutes=60),
    )
    with at(rome(2027, 3, 1, 9)):
        post = world.submitted()
    assert ReviewStep.objects.exclude(due_at=None).count() == 0
    with at(rome(2027, 3, 5, 17, 45)):
        approve(post, world.elena)
    assert step_of(post).due_at == rome(2027, 3, 8, 9, 45)


@pytest.fixture
def silent(world: World) -> Post:
    """A post whose only step counts silence as consent, asked on Monday at nine and due at eleven; the client agreed."""
    agrees_to_silence(world)
    chain(world, StepPlan(name="Cliente", role=Role.APPROVER, due_after_minutes=120, on_deadline="tacit"))
    with at(rome(2027, 3, 1, 9)):
        return world.submitted(publish_at=rome(2027, 3, 3, 9))


def test_silence_counts_where_that_was_agreed_and_is_recorded_as_what_it_is(world: World, silent: Post) -> None:
    with at(rome(2027, 3, 1, 11)):
        assert sweep(now=rome(2027, 3, 1, 11)) == 1
    review = review_of(silent)
    step = review.steps.get()
    silent.refresh_from_db()
    assert (review.state, step.state, silent.state) == ("approved", "passed", "scheduled")
    assert (step.tacit_at, str(step.tacit_agreed_on)) == (rome(2027, 3, 1, 11), "2026-01-07")
    assert not hasattr(step.seats.get(), "decision")
    event = Event.objects.get(verb="review.tacit_consent")
    assert (event.actor, event.digest) == (None, review.digest)
    assert event.data == {
        "step": 1,
        "agreed_on": "2026-01-07",
        "document": world.winery.tacit_consent_digest,
        "silent": [world.cliente.pk],
        "state": "approved",
    }
    assert told("time_up") == []


def test_no_consent_without_the_document(world: World, silent: Post) -> None:
    world.winery.refresh_from_db()
    type(world.winery).objects.filter(pk=world.winery.pk).update(tacit_consent_document="")
    assert sweep(now=rome(2027, 3, 1, 11)) == 1
    assert (review_of(silent).state, step_of(silent).tacit_at) == ("open", None)
    assert [name for name, _key in told("time_up")] == ["Piero Roero"]
    assert not Event.objects.filter(verb="review.tacit_consent").exists()


def test_no_consent_where_the_step_is_never_tacit(world: World, silent: Post) -> None:
    # A chain can't say both; were a row to, the engine would still ask.
    ReviewStep.objects.filter(review=review_of(silent)).update(wake_at=None)
    chain(world, StepPlan(name="Cliente", role=Role.APPROVER, due_after_minutes=120, never_tacit=True))
    with at(rome(2027, 3, 1, 9)):
        post = world.submitted()
    assert sweep(now=rome(2027, 3, 1, 11)) == 1
    assert (review_of(post).state, step_of(post).tacit_at) == ("open", None)


def test_nobody_is_asked_to_decide_by_a_time_that_has_passed(world: World) -> None:
    chain(
        world,
        StepPlan(name="Redazione", users=[world.elena], due_before_minutes=60),
        StepPlan(name="Cliente", role=Role.APPROVER, due_before_minutes=24 * 60),
        StepPlan(name="Legale", users=[world.marta], due_before_minutes=48 * 60, only={"networks": ["bluesky"]}),
    )
    with at(rome(2027, 3, 1, 9)), translation.override("it"):
        post = world.draft(publish_at=rome(2027, 3, 2, 9))
        with pytest.raises(ValidationError) as refused:
            submit_post(user=world.vito, post=post)
        assert not Review.objects.exists()
        post = edit_post(user=world.vito, post=post, publish_at=rome(2027, 3, 2, 9, 1))
        submit_post(user=world.vito, post=post)
        told_why = refused.value.message_dict
    assert told_why == {
        "publish_at": [
            "Il passaggio 2, “Cliente”, doveva concludersi entro lunedì 1 marzo, ore 9:00, ora di Roma. Scegli un orario successivo."
        ]
    }
    assert refused.value.error_dict["publish_at"][0].code == "deadline_passed"


def test_no_consent_where_there_was_no_time_to_speak(world: World) -> None:
    agrees_to_silence(world)
    chain(
        world,
        StepPlan(name="Redazione", users=[world.elena]),
        StepPlan(name="Cliente", role=Role.APPROVER, due_before_minutes=60, on_deadline="tacit"),
    )
    with at(rome(2027, 3, 1, 9)):
        post = world.submitted(publish_at=rome(2027, 3, 1, 12))
    with at(rome(2027, 3, 1, 11, 30)):
        approve(post, world.elena)
    assert step_of(post).due_at == rome(2027, 3, 1, 11)
    assert sweep(now=rome(2027, 3, 1, 11, 31)) == 1
    assert (review_of(post).state, [name for name, _key in told("time_up")]) == ("open", ["Piero Roero"])


def test_a_post_moved_closer_shortens_nobody_s_time_where_silence_counts(world: World) -> None:
    agrees_to_silence(world)
    tacit = StepPlan(name="Cliente", role=Role.APPROVER, due_before_minutes=24 * 60, on_deadline="tacit")
    chain(world, tacit)
    with at(rome(2027, 3, 1, 9)):
        post = world.submitted(publish_at=rome(2027, 3, 5, 9))
        edit_post(user=world.vito, post=post, publish_at=rome(2027, 3, 2, 10))
    assert step_of(post).due_at == rome(2027, 3, 4, 9)
    with at(rome(2027, 3, 1, 10)):
        edit_post(user=world.vito, post=post, publish_at=rome(2027, 3, 9, 9))
    assert step_of(post).due_at == rome(2027, 3, 8, 9)


def test_more_are_asked_and_the_rule_stays_as_it_was(world: World) -> None:
    giulia = person("giulia", "Giulia Riva")
    world.winery.memberships.create(user=giulia, role=Role.EDITOR)
    step = StepPlan(
        name="Tutti",
        users=[world.elena, world.marta],
        rule="all",
        due_after_minutes=60,
        on_deadline="escalate",
        escalate_to=[giulia],
    )
    chain(world, step)
    with at(rome(2027, 3, 1, 9)):
        post = world.submitted()
        approve(post, world.elena)
    with at(rome(2027, 3, 1, 10)):
        assert sweep(now=rome(2027, 3, 1, 10)) == 1
    step_now = step_of(post)
    assert [(seat.user.name, seat.source) for seat in step_now.seats.order_by("pk")] == [
        ("Marta Gallo", "chain"),
        ("Elena Riva", "chain"),
        ("Giulia Riva", "escalation"),
    ]
    assert step_now.needed == 2
    assert [name for name, _key in told("time_up")] == ["Marta Gallo"]
    assert ("Giulia Riva", f"seat:{Seat.objects.get(user=giulia).pk}") in told("turn")
    assert Event.objects.get(verb="review.escalated").data == {"step": 1, "to": [giulia.pk]}
    assert review_of(post).state == "open"
    approve(post, giulia)
    assert review_of(post).state == "approved"


def test_a_deadline_that_moves_along_is_another_reminder(world: World) -> None:
    chain(world, StepPlan(name="Account", users=[world.marta], due_before_minutes=60))
    with at(rome(2027, 3, 1, 9)):
        post = world.submitted(publish_at=rome(2027, 3, 2, 10))
    with at(rome(2027, 3, 2, 9)):
        assert sweep(now=rome(2027, 3, 2, 9)) == 1
        edit_post(user=world.vito, post=post, publish_at=rome(2027, 3, 3, 10))
        assert sweep(now=rome(2027, 3, 2, 9)) == 0
    with at(rome(2027, 3, 3, 9)):
        assert sweep(now=rome(2027, 3, 3, 9)) == 1
    assert Reminder.objects.filter(kind="deadline").count() == 2
    assert len(told("time_up")) == 2


def test_what_is_closed_is_not_looked_at_twice(world: World) -> None:
    chain(world, StepPlan(name="Account", users=[world.marta], due_after_minutes=60))
    with at(rome(2027, 3, 1, 9)):
        post = world.submitted()
        review = review_of(post)
        withdraw_post(user=world.vito, post=post)
    assert ReviewStep.objects.exclude(wake_at=None).count() == 1
    assert sweep(now=rome(2027, 3, 1, 10)) == 0
    assert ReviewStep.objects.exclude(wake_at=None).count() == 0
    assert time_up(step_id=review.steps.get().pk, now=rome(2027, 3, 1, 10)) is False
    assert told("time_up") == []


def test_one_that_fails_stops_nobody_and_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    chain(world, StepPlan(name="Account", users=[world.marta], due_after_minutes=60))
    with at(rome(2027, 3, 1, 9)):
        first, second, third = world.submitted(title="A"), world.submitted(title="B"), world.submitted(title="C")
    broken, now = step_of(second).pk, rome(2027, 3, 1, 10)

    def fails(*, step_id: int, now: datetime) -> bool:
        if step_id == broken:
            raise RuntimeError("a fault of ours")
        return time_up(step_id=step_id, now=now)

    monkeypatch.setattr("approvals.services.sweeping.time_up", fails)
    monkeypatch.setattr("approvals.services.sweeping.BATCH", 1)
    assert sweep(now=now) == 2
    assert [step_of(post).wake_at for post in (first, second, third)] == [None, now + AGAIN, None]
    monkeypatch.undo()
    assert sweep(now=now) == 0
    assert sweep(now=now + AGAIN) == 1


def test_the_deputy_is_reminded_and_not_who_is_away(world: World) -> None:
    chain(world, StepPlan(name="Redazione", users=[world.elena], due_after_minutes=60))
    with at(rome(2027, 3, 1, 9)):
        name_deputy(
            user=world.elena,
            client=world.winery,
            principal=world.elena,
            deputy=world.marta,
            from_at=rome(2027, 3, 1, 9),
            until=rome(2027, 3, 2, 9),
        )
        world.submitted()
    with at(rome(2027, 3, 1, 10)):
        assert sweep(now=rome(2027, 3, 1, 10)) == 1
    assert [name for name, _key in told("time_up")] == ["Marta Gallo"]
    assert User.objects.filter(seats__isnull=False).count() == 1
