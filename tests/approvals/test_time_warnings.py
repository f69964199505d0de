"""The hour of publishing comes near: who must still decide is warned a working day before and an hour before, once."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from approvals.models import Reminder
from approvals.services import StepPlan, name_deputy
from approvals.services.warning import warn
from clients.services import set_working_time
from clients.working_time import Closing
from notifications.models import Notification
from notifications.services import send_due
from social.models import Post
from social.services import edit_post, withdraw_post
from tests.approvals.clock import MINUTE, at, chain, mailable, rome
from tests.world import World, approve


def told(kind: str) -> list[str]:
    """Who was told of this kind, and whether of their seat or of what they are in charge of."""
    found = Notification.objects.filter(kind=kind).order_by("user__name", "key")
    return [f"{row.user.name}: {row.key.partition(':')[0]}" for row in found.select_related("user")]


def asked(world: World, publish_at: datetime, when: datetime, **fields: Any) -> Post:
    """A post of Vito's that waits for Elena."""
    with at(when):
        return world.submitted(publish_at=publish_at, **fields)


@pytest.mark.parametrize(
    ("goes_out", "day_before"),
    [
        (rome(2027, 3, 10, 15), rome(2027, 3, 9, 15)),
        (rome(2027, 3, 8, 9), rome(2027, 3, 5, 9)),  # Monday morning: warned on Friday
        (rome(2027, 3, 6, 18), rome(2027, 3, 5, 18)),  # Saturday evening: on Friday, not sooner
        (rome(2027, 3, 30, 9), rome(2027, 3, 26, 9)),  # after Easter Monday, the clock put forward between
        (rome(2027, 11, 2, 11, 30), rome(2027, 10, 29, 11, 30)),  # after All Saints, the clock put back between
        (rome(2027, 3, 28, 3, 30), rome(2027, 3, 26, 3, 30)),  # half an hour after the clock jumped
    ],
)
def test_a_working_day_before(world: World, goes_out: datetime, day_before: datetime) -> None:
    asked(world, goes_out, rome(2027, 2, 22))
    assert warn(now=day_before - MINUTE) == 0
    assert warn(now=day_before) == 1
    assert told("day_before") == ["Elena Riva: seat", "Marta Gallo: review", "Vito Serra: review"]
    assert warn(now=day_before + MINUTE) == 0
    assert told("hour_before") == []


def test_longer_than_a_holiday(world: World) -> None:
    closed = Closing(date(2027, 8, 2), date(2027, 8, 20), "Ferie")
    set_working_time(user=world.marta, client=world.winery, closings=[closed])
    asked(world, rome(2027, 8, 18, 9), rome(2027, 7, 26))
    assert warn(now=rome(2027, 7, 30, 8, 59)) == 0
    assert warn(now=rome(2027, 7, 30, 9)) == 1


def test_an_hour_before_whatever_the_clock_does(world: World) -> None:
    # At three the clock goes back to two: from half past one to half past three are three hours.
    goes_out = rome(2027, 10, 31, 3, 30)
    asked(world, goes_out, rome(2027, 10, 25))
    assert warn(now=rome(2027, 10, 29, 3, 30)) == 1
    an_hour = goes_out - timedelta(hours=1)
    assert warn(now=an_hour - MINUTE) == 0
    assert warn(now=an_hour) == 1
    assert warn(now=an_hour + MINUTE) == 0
    assert told("hour_before") == ["Elena Riva: seat", "Marta Gallo: review", "Vito Serra: review"]
    assert warn(now=goes_out + MINUTE) == 0


def test_only_the_nearer_warning_after_an_outage(world: World) -> None:
    goes_out = rome(2027, 3, 10, 15)
    asked(world, goes_out, rome(2027, 3, 1))
    assert warn(now=rome(2027, 3, 10, 14, 30)) == 1
    assert (told("day_before"), len(told("hour_before"))) == ([], 3)


def test_nobody_is_warned_of_what_they_were_just_asked(world: World) -> None:
    post = asked(world, rome(2027, 3, 10, 15), rome(2027, 3, 10, 9))
    assert warn(now=rome(2027, 3, 10, 9, 1)) == 0
    assert warn(now=rome(2027, 3, 10, 14)) == 1
    with at(rome(2027, 3, 10, 14, 10)):
        approve(post, world.elena)
    assert warn(now=rome(2027, 3, 10, 14, 11)) == 0


def test_another_hour_is_another_warning(world: World) -> None:
    post = asked(world, rome(2027, 3, 10, 15), rome(2027, 3, 1))
    assert warn(now=rome(2027, 3, 9, 15)) == 1
    with at(rome(2027, 3, 9, 16)):
        edit_post(user=world.vito, post=post, publish_at=rome(2027, 3, 12, 15))
    assert warn(now=rome(2027, 3, 10, 14)) == 0
    assert warn(now=rome(2027, 3, 11, 15)) == 1
    with at(rome(2027, 3, 11, 16)):
        edit_post(user=world.vito, post=post, publish_at=rome(2027, 3, 10, 15) + timedelta(days=7))
        edit_post(user=world.vito, post=post, publish_at=rome(2027, 3, 12, 15))
    assert warn(now=rome(2027, 3, 11, 16)) == 0  # of this hour they know
    assert Reminder.objects.filter(kind="day_before").count() == 2


def test_moved_closer_after_the_moment_of_the_warning(world: World) -> None:
    post = asked(world, rome(2027, 3, 22, 15), rome(2027, 3, 9, 17))
    with at(rome(2027, 3, 9, 18)):
        edit_post(user=world.vito, post=post, publish_at=rome(2027, 3, 10, 15))
        assert warn(now=rome(2027, 3, 9, 18)) == 1


def test_who_stands_in_is_warned_and_who_is_in_charge_only_once(world: World) -> None:
    chain(world, StepPlan(name="Account", users=[world.marta]), StepPlan(name="Redazione", users=[world.elena]))
    with at(rome(2027, 3, 1)):
        name_deputy(
            user=world.marta,
            client=world.winery,
            principal=world.marta,
            deputy=world.elena,
            from_at=rome(2027, 3, 1),
            until=rome(2027, 3, 31),
        )
    asked(world, rome(2027, 3, 10, 15), rome(2027, 3, 1))
    assert warn(now=rome(2027, 3, 9, 15)) == 1
    assert told("day_before") == ["Elena Riva: seat", "Vito Serra: review"]


def test_the_letters(world: World) -> None:
    for who in (world.elena, world.marta, world.vito):
        mailable(who, language="en")
    asked(world, rome(2027, 3, 10, 15), rome(2027, 3, 1))
    with at(rome(2027, 3, 9, 15)):
        mail.outbox.clear()
        Notification.objects.update(state="dropped")
        warn(now=rome(2027, 3, 9, 15))
        assert send_due() == 3
    to_elena, to_marta, _to_vito = sorted(mail.outbox, key=lambda message: message.to)
    assert to_elena.subject == "To decide before it goes out · Cantina Roero: Vendemmia"
    assert (
        "It is to go out on Wednesday 10 March, 15:00, Rome time, and your decision is still waited for."
        in to_elena.body
    )
    assert "Step: Redazione." in to_elena.body
    assert to_marta.subject == "Goes out soon, undecided · Cantina Roero: Vendemmia"
    assert "Step “Redazione” still waits for: Elena Riva." in to_marta.body


@pytest.mark.parametrize("case", ["decided", "moved", "taken back", "too late"])
def test_what_is_moot_is_not_sent(world: World, case: str) -> None:
    post, now = asked(world, rome(2027, 3, 10, 15), rome(2027, 3, 1)), rome(2027, 3, 10, 14)
    Notification.objects.update(state="dropped")
    with at(now):
        assert warn(now=now) == 1
        if case == "decided":
            for user in (world.elena, world.marta, world.cliente):
                approve(post, user)
        elif case == "moved":
            edit_post(user=world.vito, post=post, publish_at=rome(2027, 3, 11, 15))
        elif case == "taken back":
            withdraw_post(user=world.vito, post=post)
    with at(now + timedelta(hours=1 if case == "too late" else 0)):
        send_due()
    assert {row.state for row in Notification.objects.filter(kind="hour_before")} == {"dropped"}


def test_what_can_wait_waits_for_the_end_of_the_night_and_what_cannot_does_not(world: World) -> None:
    mailable(world.elena, quiet_from="20:00", quiet_until="07:30", quiet_days=[])
    Notification.objects.update(state="dropped")
    for goes_out in (rome(2027, 3, 11, 3), rome(2027, 3, 11, 21)):
        asked(world, goes_out, rome(2027, 3, 1), title=f"{goes_out:%H}")
    Notification.objects.update(state="dropped")
    with at(rome(2027, 3, 10, 21)):
        assert warn(now=rome(2027, 3, 10, 21)) == 2
        mail.outbox.clear()
        send_due()
    with at(rome(2027, 3, 11, 2)):
        warn(now=rome(2027, 3, 11, 2))
        send_due()
    sent = [
        message.subject[-2:] + message.extra_headers.get("Importance", "")
        for message in mail.outbox
        if message.to == ["elena@filo.example"]
    ]
    assert sent == ["03high", "03high"]
    with at(rome(2027, 3, 11, 7, 30)):
        send_due()
    assert [message.subject[-2:] for message in mail.outbox if message.to == ["elena@filo.example"]] == [
        "03",
        "03",
        "21",
    ]


def test_the_first_mail_says_until_when_and_when_it_goes_out(world: World) -> None:
    mailable(world.elena, language="en")
    chain(world, StepPlan(name="Redazione", users=[world.elena], due_after_minutes=120))
    with at(rome(2027, 3, 1, 9)):
        world.submitted(publish_at=rome(2027, 3, 2, 15))
        send_due()
    (message,) = mail.outbox
    said = "Please decide by Monday 1 March, 11:00, Rome time. It is to go out on Tuesday 2 March, 15:00, Rome time."
    assert said in message.body
