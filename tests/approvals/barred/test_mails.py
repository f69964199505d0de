"""Who is barred by four eyes is not mailed, not reminded, not nudged. Beside each, somebody who is."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from accounts.errors import Conflict
from accounts.models import User
from approvals import waiting
from approvals.models import Reminder, Seat
from approvals.services import StepPlan, take_back
from approvals.services.nudging import nudge, nudge_all
from approvals.services.reminding import remind
from approvals.services.time_up import time_up
from approvals.services.warning import warn
from approvals.standing_in import deputy_of
from notifications.models import Notification
from notifications.services import send_due
from social.services import edit_post
from tests.approvals.barred.scenes import MONDAY, TUESDAY, Scene, hold, own_decision, stands_in, step_of, who
from tests.approvals.clock import chain
from tests.world import World, approve, review_of


def sent(kind: str) -> list[str]:
    """To whom mails of this kind go out now."""
    mail.outbox.clear()
    Notification.objects.exclude(kind=kind).update(state="dropped")
    send_due()
    return sorted(message.to[0] for message in mail.outbox)


def test_the_turn(scene: Scene) -> None:
    barred = {user.email for user in scene.barred}
    turned = sent("turn")
    assert scene.asked.email in turned
    about = [message for message in mail.outbox if f"Step: {step_of(scene).name}." in message.body]
    assert {message.to[0] for message in about} & barred == set()


def test_the_morning(scene: Scene, clock: time_machine.Traveller) -> None:
    clock.move_to(TUESDAY)
    assert remind(now=TUESDAY) == 1
    assert [row.seat.user for row in Reminder.objects.select_related("seat__user")] == [scene.asked]
    assert sent("morning") == [scene.asked.email]


def test_the_morning_lists_nothing_that_would_be_refused(town: World, clock: time_machine.Traveller) -> None:
    """Somebody who is asked for one thing, and barred from another: the mail has the one."""
    scene = own_decision(town)
    chain(town, StepPlan(name="Uno", users=scene.barred))
    town.submitted(title="Barbera")
    clock.move_to(TUESDAY)
    assert remind(now=TUESDAY) == 2
    assert sent("morning") == [scene.barred[0].email, scene.asked.email]
    body = next(message.body for message in mail.outbox if message.to == [scene.barred[0].email])
    assert ("Barbera" in body, "Vendemmia" in body) == (True, False)


def test_where_the_deputy_is_barred_who_is_away_is_reminded(town: World, clock: time_machine.Traveller) -> None:
    elena, giulia = who(town, "elena", "giulia")
    chain(town, StepPlan(name="Uno", users=[elena]), StepPlan(name="Due", users=[giulia], four_eyes=True))
    stands_in(town, elena, giulia)
    free, other = town.submitted(title="Barbera"), town.submitted()
    approve(other, elena)
    seat = Seat.objects.select_related("step__review").get(step__review=review_of(other), user=giulia)
    assert (deputy_of(seat), waiting.deputies_of([seat])) == (None, {})
    assert [row.deputy for row in waiting.standing(waiting.seats(town.marta).filter(pk=seat.pk), MONDAY)] == [None]  # type: ignore[attr-defined]
    assert hold(review_of(other))["elena"] == "four_eyes"
    assert sent("turn").count(giulia.email) == 1
    clock.move_to(TUESDAY)
    assert remind(now=TUESDAY) == 2
    assert sent("morning") == [elena.email, giulia.email]
    assert review_of(free).state == "open"


def test_the_hour_of_publishing(town: World, clock: time_machine.Traveller) -> None:
    scene = own_decision(town)
    edit_post(user=town.vito, post=scene.post, publish_at=MONDAY + timedelta(days=1))
    then = MONDAY + timedelta(hours=23)
    clock.move_to(then)
    warn(now=then)
    told = Notification.objects.filter(kind="hour_before").select_related("user").order_by("user__email")
    assert [(row.user.name, "seat" in row.context) for row in told] == [
        ("Giulia Riva", True),
        ("Marta Gallo", False),
        ("Vito Serra", False),
    ]
    assert sent("hour_before") == [f"{name}@filo.example" for name in ("giulia", "marta", "vito")]
    (letter,) = [message.body for message in mail.outbox if message.to == ["marta@filo.example"]]
    assert "still waits for: Giulia Riva." in letter


def test_the_hour_of_publishing_where_nobody_is_left(town: World, clock: time_machine.Traveller) -> None:
    """Who is in charge is warned all the same, also where they are who is barred."""
    scene = own_decision(town)
    Seat.objects.filter(step=step_of(scene), user=scene.asked).update(
        ended_at=MONDAY, ended_why="replaced", reason="Via."
    )
    edit_post(user=town.vito, post=scene.post, publish_at=MONDAY + timedelta(days=1))
    then = MONDAY + timedelta(hours=23)
    clock.move_to(then)
    warn(now=then)
    assert sent("hour_before") == [f"{name}@filo.example" for name in ("marta", "vito")]
    assert "Step “Due” asks for other eyes, and nobody is left there." in mail.outbox[0].body
    assert [step.name for step in waiting.blocked(town.marta)] == ["Due"]


def test_a_deadline(town: World, clock: time_machine.Traveller) -> None:
    elena, giulia = who(town, "elena", "giulia")
    steps = [StepPlan(name="Due", users=[elena, giulia], four_eyes=True, due_after_minutes=60)]
    chain(town, StepPlan(name="Uno", users=[elena]), *steps)
    post = town.submitted()
    approve(post, elena)
    step = step_of(Scene(post, [elena], giulia))
    late = step.due_at or MONDAY
    clock.move_to(late)
    assert time_up(step_id=step.pk, now=late)
    assert sent("time_up") == [giulia.email]


def test_a_nudge(scene: Scene) -> None:
    here = Seat.objects.filter(step=step_of(scene), ended_at=None, decision=None)
    manager = User.objects.get(email="marta@filo.example")
    for user in scene.barred:
        with pytest.raises(Conflict, match="This step asks for other eyes than those of") as refused:
            nudge(user=manager, seat=here.get(user=user))
        assert refused.value.code == "nothing_to_nudge"
    assert [told.seat.user for told in nudge_all(user=manager, review=scene.review)] == [scene.asked]
    assert sent("nudge") == [scene.asked.email]


def test_what_was_queued_before_is_not_sent(town: World) -> None:
    """Written at the moment of sending: who is barred by then is not asked any more."""
    elena, giulia = who(town, "elena", "giulia")
    steps = [StepPlan(name="Uno", users=[elena, giulia]), StepPlan(name="Due", users=[elena, giulia], four_eyes=True)]
    chain(town, *steps)
    post = town.submitted()
    approve(post, elena)
    nudge_all(user=town.marta, review=review_of(post))
    assert Notification.objects.filter(kind="nudge", state="queued").count() == 1
    take_back(review=review_of(post), user=elena, reason="Ci ripenso.")
    approve(post, giulia)
    assert hold(review_of(post))["giulia"] == "four_eyes"
    assert sent("nudge") == []
