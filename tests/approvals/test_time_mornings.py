"""The morning mail: one for each person and morning, with all that waits, at growing distance; then it is somebody else's turn."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from approvals import morning
from approvals.models import Link, Reminder, Seat
from approvals.morning import Section
from approvals.services import StepPlan, name_deputy, open_link, save_chain
from approvals.services.reminding import MORNINGS, remind, tell_morning
from approvals.services.unanswered import GIVEN_UP, escalate_unanswered
from clients.models import Client, Membership, Role
from clients.services import set_working_time
from clients.working_time import Closing
from notifications.letters import Group, Item
from notifications.models import Notification
from notifications.services import send_due
from social.models import Post
from social.services import edit_post, withdraw_post
from tests.approvals.clock import at, chain, mailable, rome, step_of
from tests.world import World, approve, person


@pytest.fixture(autouse=True)
def _weekends_are_quiet(world: World) -> None:
    User.objects.update(quiet_days=[5, 6])


def asked(world: World, when: datetime, **fields: Any) -> Post:
    """A post that waits for Elena since then."""
    with at(when):
        return world.submitted(**fields)


def mornings_of(user: User) -> list[str]:
    found = Notification.objects.filter(kind="morning", user=user).order_by("pk")
    return list(found.values_list("key", flat=True))


def every_minute(first: datetime, last: datetime, step: timedelta = timedelta(minutes=30)) -> None:
    """Sweep from then until then."""
    now = first.astimezone(UTC)
    while now <= last:
        remind(now=now)
        now += step


def send(now: datetime) -> list[Any]:
    """The morning mails that go out now."""
    mail.outbox.clear()
    Notification.objects.exclude(kind="morning").update(state="dropped")
    with at(now):
        send_due()
    return list(mail.outbox)


def test_at_growing_distance_on_working_mornings(world: World) -> None:
    asked(world, rome(2027, 3, 4, 15))  # a Thursday
    every_minute(rome(2027, 3, 4, 15), rome(2027, 4, 4, 12))
    # Working mornings 1, 2, 4, 7 and 11 after it.
    assert mornings_of(world.elena) == ["2027-03-05", "2027-03-08", "2027-03-10", "2027-03-15", "2027-03-19"]
    numbers = list(Reminder.objects.order_by("pk").values_list("kind", "number"))
    assert numbers == [("morning", number) for number in range(1, len(MORNINGS) + 1)]


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        # Easter: Friday 26 March, Monday 29 a holiday; the clock is put forward on Sunday.
        (rome(2027, 3, 25, 23, 59), ["2027-03-26", "2027-03-30", "2027-04-01"]),
        (rome(2027, 3, 26, 0, 1), ["2027-03-30", "2027-03-31"]),
        # The clock is put back on 31 October; Monday is All Saints.
        (rome(2027, 10, 28, 17), ["2027-10-29", "2027-11-02"]),
    ],
)
def test_holidays_and_changes_of_the_clock(world: World, turn: datetime, expected: list[str]) -> None:
    asked(world, turn)
    every_minute(turn, turn + timedelta(days=6, hours=12))
    assert mornings_of(world.elena) == expected
    first = Notification.objects.filter(kind="morning").order_by("pk").first()
    assert first is not None
    assert datetime.fromisoformat(first.context["at"]) >= datetime.fromisoformat(
        f"{expected[0]}T08:30:00+01:00"
    ) - timedelta(hours=1)


def test_at_the_hour_of_each_in_their_own_zone(world: World) -> None:
    chain(world, StepPlan(name="Due", users=[world.elena, world.marta], rule="all"))
    mailable(world.marta, timezone="America/New_York", morning_at="07:15", quiet_days=[])
    asked(world, rome(2027, 3, 1, 15))
    assert remind(now=rome(2027, 3, 2, 8, 29)) == 0
    assert remind(now=rome(2027, 3, 2, 8, 30)) == 1
    assert (mornings_of(world.elena), mornings_of(world.marta)) == (["2027-03-02"], [])
    assert remind(now=rome(2027, 3, 2, 13, 14)) == 0
    assert remind(now=rome(2027, 3, 2, 13, 15)) == 1
    assert mornings_of(world.marta) == ["2027-03-02"]


def test_what_could_not_go_in_the_morning_goes_the_next_one(world: World) -> None:
    asked(world, rome(2027, 3, 1, 15))
    assert remind(now=rome(2027, 3, 2, 12, 30)) == 0
    assert remind(now=rome(2027, 3, 3, 8, 30)) == 1
    assert Reminder.objects.get().number == 2


def test_not_on_a_day_on_which_the_client_is_closed_nor_on_ones_own_quiet_days(world: World) -> None:
    closed = Closing(date(2027, 3, 3), date(2027, 3, 3), "Patrono")
    set_working_time(user=world.marta, client=world.winery, closings=[closed])
    User.objects.filter(pk=world.elena.pk).update(quiet_days=[3, 5, 6])
    asked(world, rome(2027, 3, 2, 15))
    every_minute(rome(2027, 3, 2, 15), rome(2027, 3, 5, 12))
    # Wednesday the client is closed, Thursday she is away: on Friday, the second working morning.
    assert mornings_of(world.elena) == ["2027-03-05"]
    assert Reminder.objects.get().number == 2


def test_one_due_thing_brings_everything(world: World) -> None:
    mailable(world.sindaco, quiet_days=[5, 6])
    Membership.objects.create(client=world.town, user=world.elena, role=Role.APPROVER)
    mailable(world.elena, language="en")
    chain(world, StepPlan(name="Redazione", users=[world.elena], due_after_minutes=60))
    asked(world, rome(2027, 3, 1, 15), title="Vecchio", publish_at=rome(2027, 3, 9, 9))
    world.town_chain = chain_of_town(world)
    with at(rome(2027, 3, 2, 8)):
        world.town_post("Fiera")
    assert remind(now=rome(2027, 3, 2, 8, 30)) == 1
    (message,) = send(rome(2027, 3, 2, 8, 30))
    assert message.to == ["elena@filo.example"]
    assert message.subject == "2 things wait for you"
    text = message.body
    assert text.index("Cantina Roero") < text.index("Vecchio") < text.index("Comune di Alba") < text.index("Fiera")
    assert "Waits since Monday 1 March, 15:00, Rome time.\nDue on" not in text
    assert "Waits since Monday 1 March, 15:00, Rome time.\nWas due on Monday 1 March, 16:00, Rome time." in text
    assert "Goes out on Tuesday 9 March, 09:00, Rome time." in text
    assert f"/admin/approvals/review/{Seat.objects.get(step__review__title='Vecchio').step.review_id}/" in text
    found = re.search(r"/r/([\w-]{43})/", text)
    assert found
    link = open_link(secret=found[1])
    assert link is not None
    assert (link.reader, link.seat.step.review.title, Link.objects.count()) == (world.elena, "Fiera", 1)
    html = message.alternatives[0][0]
    assert "#7A1F3D" in html
    assert "#1F5A7A" in html
    # The next morning: hers for the second time, the town's two for the first.
    assert remind(now=rome(2027, 3, 3, 8, 30)) == 3
    assert mornings_of(world.elena) == ["2027-03-02", "2027-03-03"]


def chain_of_town(world: World) -> Any:
    """The mayor's and Elena's."""
    steps = [StepPlan(name="Insieme", users=[world.sindaco, world.elena], rule="all")]
    return save_chain(
        user=world.bruno, client=world.town, chain=world.town_chain, name="Il Sindaco", is_default=True, steps=steps
    )


def test_nothing_without_a_due_thing(world: World) -> None:
    asked(world, rome(2027, 3, 1, 15))
    remind(now=rome(2027, 3, 2, 8, 30))
    remind(now=rome(2027, 3, 3, 8, 30))
    asked(world, rome(2027, 3, 4, 8), title="Nuovo")
    assert remind(now=rome(2027, 3, 4, 8, 30)) == 0  # the third working morning of the one, the day of the other
    assert mornings_of(world.elena) == ["2027-03-02", "2027-03-03"]


@pytest.mark.parametrize("case", ["decided", "changed", "taken back", "role lost", "switched off"])
def test_what_is_moot_is_not_sent(world: World, case: str) -> None:
    post = asked(world, rome(2027, 3, 1, 15))
    asked(world, rome(2027, 3, 2, 8), title="Nuovo, e da solo nessun motivo")
    assert remind(now=rome(2027, 3, 2, 8, 30)) == 1
    with at(rome(2027, 3, 2, 8, 31)):
        if case == "decided":
            approve(post, world.elena)
        elif case == "changed":
            edit_post(user=world.vito, post=post, text="Altro")
        elif case == "taken back":
            withdraw_post(user=world.vito, post=post)
        elif case == "role lost":
            Membership.objects.filter(user=world.elena).delete()
        else:
            User.objects.filter(pk=world.elena.pk).update(is_active=False)
    assert send(rome(2027, 3, 2, 8, 32)) == []
    assert Notification.objects.get(kind="morning").state == "dropped"


def test_who_stands_in_gets_it_and_it_says_for_whom(world: World) -> None:
    mailable(world.marta, language="en")
    asked(world, rome(2027, 3, 1, 15))
    with at(rome(2027, 3, 1, 16)):
        name_deputy(
            user=world.marta,
            client=world.winery,
            principal=world.elena,
            deputy=world.marta,
            from_at=rome(2027, 3, 1, 16),
            until=rome(2027, 3, 3, 8),
        )
    assert remind(now=rome(2027, 3, 2, 8, 30)) == 1
    (message,) = send(rome(2027, 3, 2, 8, 30))
    assert message.to == ["marta@filo.example"]
    assert "Step: Redazione. You stand in for Elena Riva." in message.body
    # Back again, it is hers.
    assert remind(now=rome(2027, 3, 3, 8, 30)) == 1
    assert mornings_of(world.elena) == ["2027-03-03"]


def test_who_is_away_is_told_who_stands_in_if_they_get_a_mail_at_all(world: World) -> None:
    mailable(world.elena, language="en")
    Membership.objects.create(client=world.town, user=world.elena, role=Role.APPROVER)
    chain_of_town(world)
    asked(world, rome(2027, 3, 1, 15))
    with at(rome(2027, 3, 1, 16)):
        world.town_post()
        name_deputy(
            user=world.marta,
            client=world.winery,
            principal=world.elena,
            deputy=world.marta,
            from_at=rome(2027, 3, 1, 16),
            until=rome(2027, 3, 3),
        )
    remind(now=rome(2027, 3, 2, 8, 30))
    (message,) = [found for found in send(rome(2027, 3, 2, 8, 30)) if found.to == ["elena@filo.example"]]
    assert "Step: Redazione. Marta Gallo stands in for you." in message.body


def test_formally_where_one_of_them_wants_it_so(world: World) -> None:
    Client.objects.filter(pk=world.winery.pk).update(formal=True)
    chain(world, StepPlan(name="Cliente", users=[world.cliente]))
    asked(world, rome(2027, 3, 1, 15))
    assert remind(now=rome(2027, 3, 2, 8, 30)) == 1
    with at(rome(2027, 3, 2, 8, 30)):
        letter = morning._morning(Notification.objects.select_related("user").get(kind="morning"))
    assert letter is not None
    assert letter.language == "it-formal"


def test_another_source_of_sections(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    item = Item(
        client_name="", client_colour="#123456", title="Da rivedere", address="https://example.org/", button="Apri"
    )

    def strategies(reader: User, _at: datetime) -> Section | None:
        return Section(groups=(Group(heading="Strategie", items=(item,)),), due=True) if reader == world.elena else None

    monkeypatch.setattr(morning, "_sources", [*morning._sources, strategies])
    asked(world, rome(2027, 3, 2, 8))  # not due yet, but listed
    now = rome(2027, 3, 2, 8, 30)
    tell_morning({world.elena.pk: date(2027, 3, 2), world.vito.pk: date(2027, 3, 2)}, now=now)
    (message,) = send(now)
    assert "Vendemmia" in message.body
    assert "Da rivedere" in message.body


def test_no_longer_than_mail_programs_show(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mailable(world.elena, language="en")
    monkeypatch.setattr(morning, "MOST", 2)
    for number in range(3):
        asked(world, rome(2027, 3, 1, 15, number), title=f"Post {number}")
    remind(now=rome(2027, 3, 2, 8, 30))
    (message,) = send(rome(2027, 3, 2, 8, 30))
    assert message.subject == "3 things wait for you"
    assert "one more is not in it" in message.body
    assert "Post 2" not in message.body


def test_a_fixed_number_of_queries_for_five_hundred(world: World) -> None:
    def queries(now: datetime) -> int:
        with CaptureQueriesContext(connection) as found:
            remind(now=now)
        return len(found)

    asked(world, rome(2027, 3, 1, 15))
    first = queries(rome(2027, 3, 2, 8, 30))
    for number in range(3):
        asked(world, rome(2027, 3, 8, 15, number))
    assert queries(rome(2027, 3, 9, 8, 30)) == first == 9  # savepoints of the test included


# After the last reminder


def all_reminders(world: World, **step: Any) -> Post:
    """A post of which Elena was reminded five times; the last one on Friday 19 March."""
    chain(world, StepPlan(**{"name": "Redazione", "users": [world.elena], **step}))
    post = asked(world, rome(2027, 3, 4, 15))
    every_minute(rome(2027, 3, 5, 8, 30), rome(2027, 3, 19, 12), timedelta(hours=1))
    assert Reminder.objects.filter(kind="morning").count() == len(MORNINGS)
    assert escalate_unanswered(now=rome(2027, 3, 19, 18)) == 0
    assert escalate_unanswered(now=rome(2027, 3, 21, 12)) == 0  # on a Sunday nothing happens
    return post


def test_then_managers_are_told_once(world: World) -> None:
    all_reminders(world)
    mailable(world.marta, language="en")
    assert GIVEN_UP == 12
    now = rome(2027, 3, 22, 9)
    with at(now):
        assert escalate_unanswered(now=now) == 1
        assert escalate_unanswered(now=now + timedelta(days=1)) == 0
        Notification.objects.exclude(kind="unanswered").update(state="dropped")
        mail.outbox.clear()
        send_due()
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["marta@filo.example"], "No answer · Cantina Roero: Vendemmia")
    assert "Elena Riva has been asked since Thursday 4 March, 15:00, Rome time, was reminded 5 times" in message.body
    every_minute(rome(2027, 3, 22, 8, 30), rome(2027, 4, 9, 12), timedelta(hours=1))
    assert Reminder.objects.filter(kind="morning").count() == len(MORNINGS)  # no spam


def test_or_more_people_are_asked_once(world: World) -> None:
    giulia = person("giulia", "Giulia Riva")
    world.winery.memberships.create(user=giulia, role=Role.EDITOR)
    post = all_reminders(world, due_after_minutes=100 * 60, on_deadline="escalate", escalate_to=[giulia])
    with at(rome(2027, 3, 22, 9)):
        assert escalate_unanswered(now=rome(2027, 3, 22, 9)) == 1
        assert escalate_unanswered(now=rome(2027, 3, 22, 9)) == 0
    assert [(seat.user.name, seat.source) for seat in step_of(post).seats.order_by("pk")] == [
        ("Elena Riva", "chain"),
        ("Giulia Riva", "escalation"),
    ]
    assert step_of(post).needed == 1
    assert not Notification.objects.filter(kind="unanswered").exists()
    assert Notification.objects.filter(kind="turn", user=giulia).count() == 1


def test_a_client_without_a_manager_is_the_admins_business(world: World) -> None:
    all_reminders(world)
    Membership.objects.filter(user=world.marta).update(role=Role.EDITOR)
    with at(rome(2027, 3, 22, 9)):
        assert escalate_unanswered(now=rome(2027, 3, 22, 9)) == 1
    assert [row.user for row in Notification.objects.filter(kind="unanswered")] == [world.ada]


def test_who_answered_is_left_alone(world: World) -> None:
    post = all_reminders(world)
    with at(rome(2027, 3, 19, 19)):
        approve(post, world.elena)
    assert escalate_unanswered(now=rome(2027, 3, 22, 9)) == 0
