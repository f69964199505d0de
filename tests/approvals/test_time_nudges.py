"""A nudge by hand: in the name of who nudges, at most every four hours and three times in a day."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection, connections

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Reminder, Seat
from approvals.services import StepPlan, name_deputy
from approvals.services.nudging import nudge, nudge_all
from audit.models import Event
from clients.models import Client
from notifications.models import Notification
from notifications.services import send_due
from tests.approvals.clock import at, chain, mailable, rome
from tests.world import World, approve, review_of


def asked(world: World) -> Seat:
    """Elena's seat, since Monday at nine."""
    with at(rome(2027, 3, 1, 9)):
        return Seat.objects.get(step__review=review_of(world.submitted()), user=world.elena)


def test_its_letter_names_who_nudges(world: World) -> None:
    seat = asked(world)
    mailable(world.elena, language="en")
    with at(rome(2027, 3, 1, 15)):
        told = nudge(user=world.vito, seat=seat)
        Notification.objects.exclude(kind="nudge").update(state="dropped")
        mail.outbox.clear()
        send_due()
    assert (told.kind, told.number, told.by, told.seat) == ("nudge", 1, world.vito, seat)
    (message,) = mail.outbox
    assert (message.to, message.subject) == (
        ["elena@filo.example"],
        "Vito Serra asks again · Cantina Roero: Vendemmia",
    )
    assert "Vito Serra asks for your decision again. Step: Redazione." in message.body
    assert "It has been waited for since Monday 1 March, 09:00, Rome time." in message.body
    event = Event.objects.get(verb="review.nudged")
    assert (event.actor, event.data) == (world.vito, {"seat": seat.pk, "who": world.elena.pk})


def test_not_too_often_and_it_says_when_again(world: World) -> None:
    seat, monday = asked(world), rome(2027, 3, 1, 9)
    world.vito.language = "en"

    def at_hour(hours: float) -> str:
        with at(monday + timedelta(hours=hours)):
            try:
                nudge(user=world.vito, seat=seat)
            except Conflict as conflict:
                return str(conflict.detail)
            return ""

    assert at_hour(0) == ""
    expected = "Elena Riva has been nudged a short while ago. It is possible again on Monday 1 March, 13:00, Rome time."
    assert at_hour(3.99) == expected
    assert [at_hour(4), at_hour(8)] == ["", ""]
    # Three within a day: the fourth when the first is a day old.
    assert "Tuesday 2 March, 09:00" in at_hour(23.99)
    assert at_hour(24) == ""
    assert "Tuesday 2 March, 13:00" in at_hour(27)
    assert list(Reminder.objects.order_by("pk").values_list("number", flat=True)) == [1, 2, 3, 4]


def test_who_may(world: World) -> None:
    seat = asked(world)
    for user, error in [
        (world.bruno, Client.DoesNotExist),
        (world.carlo, Client.DoesNotExist),
        (world.cliente, PermissionDenied),
        (world.nonna, PermissionDenied),
    ]:
        with pytest.raises(error):
            nudge(user=user, seat=seat)
    assert not Reminder.objects.exists()
    assert nudge(user=world.ada, seat=seat).by == world.ada


def test_nobody_is_nudged_where_nothing_is_asked(world: World) -> None:
    post = world.submitted()
    seats = {seat.user.name: seat for seat in Seat.objects.filter(step__review=review_of(post))}
    with pytest.raises(Conflict, match="nobody to nudge"):
        nudge(user=world.vito, seat=seats["Piero Roero"])
    approve(post, world.elena)
    with pytest.raises(Conflict, match="nobody to nudge"):
        nudge(user=world.vito, seat=seats["Elena Riva"])
    User.objects.filter(pk=world.marta.pk).update(is_active=False)
    with pytest.raises(Conflict, match="Marta Gallo has been switched off"):
        nudge(user=world.vito, seat=seats["Marta Gallo"])


def test_who_stands_in_is_nudged(world: World) -> None:
    seat = asked(world)
    with at(rome(2027, 3, 1, 9)):
        name_deputy(
            user=world.marta,
            client=world.winery,
            principal=world.elena,
            deputy=world.marta,
            from_at=rome(2027, 3, 1),
            until=rome(2027, 3, 3),
        )
    with at(rome(2027, 3, 1, 15)):
        nudge(user=world.vito, seat=seat)
    assert [row.user for row in Notification.objects.filter(kind="nudge")] == [world.marta]


def test_everybody_who_is_asked(world: World) -> None:
    chain(world, StepPlan(name="Due", users=[world.elena, world.marta], rule="all"))
    with at(rome(2027, 3, 1, 9)):
        review = review_of(world.submitted())
        elena = Seat.objects.get(step__review=review, user=world.elena)
        nudge(user=world.vito, seat=elena)
        assert [told.seat.user for told in nudge_all(user=world.vito, review=review)] == [world.marta]
        with pytest.raises(Conflict):
            nudge_all(user=world.vito, review=review)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one(transactional_db: None) -> None:
    world = World()
    for _time in range(30):
        post = world.submitted()
        seat = Seat.objects.get(step__review=review_of(post), user=world.elena)
        results = together(*[lambda seat=seat: nudge(user=world.vito, seat=seat)] * 2)
        assert sorted(type(result).__name__ for result in results) == ["Conflict", "Reminder"]
        assert Reminder.objects.filter(seat=seat).count() == 1
        assert Notification.objects.filter(kind="nudge", context__seat=seat.pk).count() == 1


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each gave, or how it ended, begun at the same instant."""
    barrier = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(10)
            results[number] = act()
        except Exception as error:  # noqa: BLE001 - it is the result
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results
