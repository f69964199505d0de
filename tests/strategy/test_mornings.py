"""What the morning mail says of strategies, to whom, and how often: once for each matter, whoever dies in between."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from approvals.models import MorningNote
from approvals.services.reminding import remind as remind_of_reviews
from clients.models import Client
from clients.services import set_working_time
from clients.working_time import Closing
from notifications.models import Notification
from notifications.services import send_due
from strategy import mornings
from strategy.models import Section, Strategy
from strategy.services import add_objective, confirm_section, edit_objective, edit_strategy, set_number
from tests.approvals.clock import at, mailable, rome
from tests.browsing import Staff, words
from tests.rest.caller import Caller
from tests.strategy.documents import chain, draft, say, section
from tests.world import World

MARCH = rome(2027, 3, 1)


@pytest.fixture
def strategy(world: World) -> Strategy:
    """In force from Monday 1 March 2027 to the end of the year; its tone changes fast, so it is due on the 31st. Vito's."""
    User.objects.update(quiet_days=[5, 6])
    with at(MARCH):
        chain(world)
        found = draft(world, starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31))
        section(world, found, horizon="volatile", title="Tono di voce")
        agree(world, found)
    return found


def agree(world: World, found: Strategy) -> None:
    from strategy.services import submit_strategy

    found.refresh_from_db()
    submit_strategy(user=world.vito, strategy=found)
    say(found, world.elena)
    say(found, world.cliente)
    found.refresh_from_db()


def told(first: datetime, last: datetime) -> list[tuple[str, str]]:
    """Who was claimed to be told of what from then until then, sweeping every hour."""
    now = first
    while now <= last:
        with at(now):
            mornings.remind(now=now)
        now += timedelta(minutes=30)
    rows = MorningNote.objects.order_by("pk").values_list("user__email", "key", "at")
    return [
        (email.partition("@")[0], f"{when:%m-%d} {key.split(':', 2)[0]}:{key.split(':', 2)[2]}")
        for email, key, when in rows
    ]


def letters(now: datetime) -> list[Any]:
    """The mails that go out now."""
    mail.outbox.clear()
    Notification.objects.exclude(kind="morning").update(state="dropped")
    with at(now):
        send_due()
    return list(mail.outbox)


def test_a_section_wants_to_be_looked_at(world: World, strategy: Strategy) -> None:
    assert told(rome(2027, 3, 2, 8), rome(2027, 4, 12, 12)) == [
        ("vito", "03-31 section:2027-03-31"),
        # Five working days later, Easter Monday was before: the manager's business, too.
        ("marta", "04-07 section:2027-03-31:manager"),
    ]
    assert [str(row) for row in Notification.objects.filter(kind="morning").order_by("pk")] == [
        "morning 2027-03-31",
        "morning 2027-04-07",
    ]
    (letter,) = [found for found in letters(rome(2027, 4, 7, 9)) if found.to == ["marta@filo.example"]]
    assert "Era da rivedere entro mercoledì 31 marzo. Se ne occupa Vito Serra." in letter.body
    with at(rome(2027, 4, 7, 9)):
        own = mornings.strategies(world.vito, rome(2027, 4, 7, 9))
    assert own is not None
    assert [item.words for group in own.groups for item in group.items] == [  # nobody is told their own name
        "Was to be looked at by Wednesday 31 March."
    ]


def test_not_when_the_client_is_closed_nor_on_quiet_days(world: World, strategy: Strategy) -> None:
    with at(MARCH):
        closed = Closing(date(2027, 3, 31), date(2027, 4, 1), "Chiuso")
        set_working_time(user=world.marta, client=world.winery, closings=[closed])
    mailable(world.vito, quiet_days=[4, 5, 6])  # a Friday
    assert told(rome(2027, 3, 30, 8), rome(2027, 4, 6, 12)) == [("vito", "04-05 section:2027-03-31")]


def test_looked_at_again_it_is_moot(world: World, strategy: Strategy) -> None:
    now = rome(2027, 3, 31, 8, 30)
    assert told(now, now) == [("vito", "03-31 section:2027-03-31")]
    with at(now):
        confirm_section(user=world.vito, section=Section.objects.get())
    assert letters(now + timedelta(minutes=1)) == []
    assert Notification.objects.get(kind="morning").state == "dropped"


def test_an_objective_without_a_number_in_the_last_working_days(world: World, strategy: Strategy) -> None:
    Section.objects.update(due_on=date(2028, 1, 1))
    with at(MARCH):
        aim: dict[str, Any] = {"name": "Visite", "measure": "Prenotazioni", "target": Decimal(40)}
        objective = add_objective(user=world.vito, strategy=strategy, due_on=date(2027, 12, 31), **aim)
        over = add_objective(
            user=world.vito, strategy=strategy, due_on=date(2027, 3, 20), **aim | {"name": "Primavera"}
        )
        agree(world, strategy)
    Section.objects.update(due_on=date(2028, 1, 1))
    # Networks are to tell it, and have told nothing: somebody looks, too.
    edit_objective(user=world.vito, objective=objective, metric="conversions")
    assert told(rome(2027, 3, 20, 8), rome(2027, 4, 27, 12)) == [
        # March: Monday 29 is Easter Monday, so the last three are 26, 30 and 31 of it, with the 20th the other's end.
        ("vito", "03-26 number:2027-03"),
        ("vito", "03-26 number:2027-03"),
    ]
    with at(rome(2027, 4, 28, 8)):
        set_number(user=world.vito, objective=objective, month=date(2027, 4, 1), value=Decimal(12))
    assert len(told(rome(2027, 4, 28, 8), rome(2027, 4, 30, 12))) == 2  # it has one, and the other was over by then
    assert over.due_on < date(2027, 4, 1)


def test_a_strategy_that_ends(world: World, strategy: Strategy) -> None:
    Section.objects.update(due_on=date(2028, 1, 1))
    with at(MARCH):  # what somebody writes holds only once it is agreed
        edit_strategy(user=world.vito, strategy=strategy, ends_on=date(2028, 12, 31))
    assert told(rome(2027, 11, 25, 8), rome(2027, 12, 31, 12)) == [
        ("vito", "12-01 ends:2027-12-31:30"),
        ("vito", "12-24 ends:2027-12-31:7"),
    ]


@pytest.mark.parametrize("case", ["frozen", "ended", "closed", "never agreed", "no longer runs"])
def test_nobody_is_asked_where_nothing_is_in_force(world: World, strategy: Strategy, case: str) -> None:
    if case == "frozen":
        Client.objects.update(frozen_at=MARCH)
    elif case == "ended":
        Client.objects.update(status="ended")
    elif case == "closed":
        Strategy.objects.update(state="superseded")
    elif case == "never agreed":
        Strategy.objects.update(state="draft", version=None, agreed_version=None)
    else:
        with at(MARCH):
            edit_strategy(user=world.vito, strategy=strategy, ends_on=date(2027, 3, 15))
            agree(world, strategy)
    now = rome(2027, 4, 7, 8, 30)
    assert told(now, now) == []


def test_one_letter_with_what_waits_for_approval(world: World, strategy: Strategy) -> None:
    mailable(world.elena, language="en")
    with at(MARCH):
        Section.objects.update(owner=world.elena)
    with at(rome(2027, 3, 30, 15)):
        world.submitted(title="Vendemmia")
    now = rome(2027, 3, 31, 8, 30)
    with at(now):
        assert (mornings.remind(now=now), remind_of_reviews(now=now)) == (1, 1)
        assert (mornings.remind(now=now), remind_of_reviews(now=now)) == (0, 0)
    (letter,) = [found for found in letters(now) if found.to == ["elena@filo.example"]]
    assert letter.subject == "2 things wait for you"
    assert "Vendemmia" in letter.body
    assert "Cantina Roero: strategy" in letter.body
    assert "Tono di voce\nTo be looked at by Wednesday 31 March." in letter.body
    assert f"/admin/strategy/strategy/{strategy.pk}/change/#section-" in letter.body


def test_in_italian(world: World, strategy: Strategy) -> None:
    now = rome(2027, 3, 31, 8, 30)
    told(now, now)
    (letter,) = letters(now)
    assert letter.to == ["vito@filo.example"]
    assert "Cantina Roero: strategia" in letter.body
    assert "Da rivedere entro mercoledì 31 marzo." in letter.body


def test_a_fixed_number_of_queries(world: World, strategy: Strategy) -> None:
    def queries() -> int:
        now = rome(2027, 3, 31, 8, 30)
        with at(now), CaptureQueriesContext(connection) as found:
            mornings.remind(now=now)
        return len(found)

    first = queries()
    with at(MARCH):
        for number in range(3):
            section(world, strategy, "free", horizon="volatile", title=f"{number}")
    assert queries() == first


def test_only_ones_own_clients(world: World, strategy: Strategy) -> None:
    now = rome(2027, 3, 31, 8, 30)
    told(now, now)
    with at(now):
        assert mornings.strategies(world.vito, now) is not None
        for stranger in (world.bruno, world.carlo, world.cliente):
            assert mornings.strategies(stranger, now) is None


def test_whoever_is_killed_between_claim_and_mail_has_claimed_nothing(
    world: World, strategy: Strategy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: Any, **_kwargs: Any) -> None:
        raise KeyboardInterrupt

    now = rome(2027, 3, 31, 8, 30)
    with at(now):
        with monkeypatch.context() as patched:
            patched.setattr("approvals.services.noting.tell_morning", killed)
            with pytest.raises(KeyboardInterrupt):
                mornings.remind(now=now)
        assert not MorningNote.objects.exists()
        assert mornings.remind(now=now) == 1


def test_a_post_leans_on_what_was_to_be_looked_at(world: World, strategy: Strategy) -> None:
    User.objects.filter(pk__in=[world.vito.pk, world.elena.pk]).update(language="en")
    world.vito.refresh_from_db()
    now = rome(2027, 4, 1, 8, 30)
    assert told(now, now) == [("vito", "04-01 section:2027-03-31")]
    sentence = (
        "It leans on “Tono di voce” of “La cantina nel 2027”, which changes fast and was to be looked at again by "
        "Wednesday 31 March."
    )
    with at(rome(2027, 4, 1, 0, 30)):  # in Rome the day has begun after which it is outdated, in Greenwich not yet
        vito = Caller(world.vito)
        post = world.draft()
        (check,) = vito.get(f"posts/{post.pk}/preflight/")
        assert (check["ok"], check["problems"]) == (
            True,
            [{"code": "section_outdated", "level": "warning", "detail": sentence}],
        )
        desk = Staff(world.vito)
        assert sentence in words(desk.open("social_post_change", post.pk))
        typed = {"channels": [world.page.pk], "text": "Altro"}
        assert sentence in words(desk.send("social_post_preview", world.winery.pk, data=typed))
        assert vito.post(f"posts/{post.pk}/submit/", expect=200)["warnings"] == [sentence]
        other = world.draft(title="Altro", text="Altro")
        shown = Staff(world.vito).send("social_post_submit", other.pk)
        assert sentence in words(shown)
    assert told(rome(2027, 4, 2, 8, 30), rome(2027, 4, 2, 9))[1:] == [("vito", "04-02 section:2027-03-31:leaned")]
    (letter,) = [found for found in letters(rome(2027, 4, 2, 9)) if found.to == ["vito@filo.example"]][-1:]
    assert "Posts that lean on it are being submitted meanwhile." in letter.body
    with at(rome(2027, 4, 2, 10)):
        confirm_section(user=world.vito, section=Section.objects.get())
        third = world.draft(text="Terzo")
        assert "which changes fast" not in words(desk.open("social_post_change", third.pk))
        assert vito.post(f"posts/{third.pk}/submit/", expect=200)["warnings"] == []
