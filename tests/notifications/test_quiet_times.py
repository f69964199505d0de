"""Nobody is written to in their quiet time, unless it can't wait; and then the mail says so."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.services import set_hours
from approvals.models import Seat
from notifications import letters, services
from notifications.models import Notification, State
from social.models import PublicationState
from social.services import publishing, withdraw_post
from tests.notifications.hours import rest
from tests.world import World, sandbox

URGENT = "This can’t wait for the end of your quiet time, so it reaches you now."
AN_HOUR = timedelta(hours=1)


def row(user: User) -> Notification:
    return Notification.objects.get(user=user)


def test_a_turn_waits_for_the_end_of_the_night_and_no_try_is_counted(world: World) -> None:
    world.submitted()
    over = rest(world.elena)
    assert (services.send_due(), services.send_due(), mail.outbox) == (0, 0, [])
    waiting = row(world.elena)
    assert (waiting.state, waiting.wake_at, waiting.tries, waiting.error) == (State.QUEUED, over, 0, "")
    Notification.objects.update(wake_at=timezone.now())
    set_hours(user=world.elena, quiet_from=None, quiet_until=None)  # and now it is morning
    assert services.send_due() == 1
    assert (row(world.elena).state, row(world.elena).tries) == (State.SENT, 1)
    (letter,) = mail.outbox
    assert "Importance" not in letter.extra_headers


def test_a_quiet_day_is_quiet_as_a_whole(world: World) -> None:
    world.submitted()
    today = timezone.now().astimezone().weekday()
    set_hours(user=world.elena, quiet_days=sorted({today, (today + 1) % 7, (today - 1) % 7}))
    assert services.send_due() == 0
    assert row(world.elena).wake_at - timezone.now() > timedelta(hours=20)


def test_what_is_moot_by_the_morning_is_not_sent(world: World) -> None:
    post = world.submitted()
    rest(world.elena)
    services.send_due()
    withdraw_post(user=world.vito, post=post)
    set_hours(user=world.elena, quiet_from=None, quiet_until=None)
    Notification.objects.update(wake_at=timezone.now())
    services.send_due()
    found = Notification.objects.order_by("pk").values_list("kind", "state")
    assert list(found) == [("turn", State.DROPPED), ("withdrawn", State.SENT)]


@pytest.mark.parametrize(
    ("until", "goes"),
    [
        (timedelta(hours=2), True),  # it would be too late in the morning
        (timedelta(hours=9), False),  # it would not
        (timedelta(hours=-1), False),  # it is too late anyway
        (None, False),
    ],
)
def test_what_would_come_too_late_comes_at_once_and_says_so(
    world: World, until: timedelta | None, *, goes: bool
) -> None:
    post = world.submitted()
    User.objects.filter(pk=world.elena.pk).update(language="en")
    rest(world.elena)
    Notification.objects.all().delete()
    moment = None if until is None else timezone.now() + until
    tell_turn(world.elena, Seat.objects.get(step__review=post.review_id, user=world.elena), until=moment)
    assert services.send_due() == int(goes)
    for letter in mail.outbox:
        assert f"! {URGENT}" in letter.body
        assert letter.extra_headers["Importance"] == "high"


def tell_turn(user: User, seat: Seat, **times: datetime | None) -> None:
    services.tell(users=[user], client_id=seat.client_id, kind="turn", key="again", seat=seat.pk, **times)


def test_what_failed_is_said_at_any_hour(world: World) -> None:
    channel = sandbox(world.marta, world.winery, "rotta", behaviour="refuse")
    publication = world.due(channels=[channel])
    services.send_due()
    mail.outbox.clear()
    for user in (world.vito, world.marta):
        rest(user)
    publishing.publish(publication_id=publication.pk)
    publication.refresh_from_db()
    assert publication.state == PublicationState.FAILED
    services.send_due()
    assert {letter.to[0] for letter in mail.outbox} == {"vito@filo.example", "marta@filo.example"}
    assert all(letter.extra_headers["Importance"] == "high" for letter in mail.outbox)


def test_what_rests_is_not_late(world: World, client: Browser) -> None:
    def waiting() -> str:
        page = client.get("/metrics").content.decode()
        return next(line for line in page.splitlines() if line.startswith("filo_mail_waiting "))

    world.submitted()
    assert waiting() == "filo_mail_waiting 1.0"
    rest(world.elena)
    services.send_due()
    assert waiting() == "filo_mail_waiting 0.0"


def test_not_before_its_time(world: World) -> None:
    seat = Seat.objects.get(step__review=world.submitted().review_id, user=world.elena)
    Notification.objects.all().delete()
    tell_turn(world.elena, seat, at=timezone.now() + AN_HOUR)
    assert services.send_due() == 0
    assert row(world.elena).wake_at > timezone.now() + timedelta(minutes=59)


def test_who_is_told_at_a_time_past_comes_first(world: World) -> None:
    now = timezone.now()
    for number in range(services.BATCH + 5):
        services.tell(users=[world.elena], client_id=None, kind="turn", key=str(number))
    services.tell(users=[world.elena], client_id=None, kind="turn", key="ahead", at=now - timedelta(days=1))
    assert "ahead" in {taken.key for taken in services.claim_due()}


def test_telling_is_one_query_whatever_is_said_of_it(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    with django_assert_num_queries(1):
        services.tell(
            users=[world.elena, world.marta], client_id=None, kind="turn", key="k", at=now, until=now + AN_HOUR, seat=1
        )
    assert {(n.wake_at, n.until) for n in Notification.objects.all()} == {(now, now + AN_HOUR)}


def test_what_asks_to_act_can_not_be_switched_off_and_what_is_over_can() -> None:
    over = {"step_over", "withdrawn", "superseded"}
    assert letters.news().keys() >= {*over, "approved"}
    assert letters.news(staff=False).keys() >= over
    assert "approved" not in letters.news(staff=False)
    to_do = {"turn", "changes_requested", "post_late", "publication_failed", "publication_unknown", "sign_in_code"}
    assert letters.news().keys().isdisjoint(to_do)
