"""The page "Waiting": who waits for whom, since when, what is late or blocked; and the nudge."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from approvals.models import Reminder, Seat
from approvals.services import StepPlan, name_deputy
from clients.models import Membership, Role
from tests.approvals.clock import at, chain, rome
from tests.browsing import Staff, words
from tests.world import World, approve, review_of


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for who in (world.ada, world.marta, world.elena, world.vito, world.bruno):
        who.language = "en"
        who.save(update_fields=["language"])


def page(who: User, query: str = "") -> Any:
    return Staff(who).open("approvals_seat_changelist", query=query)


def seat_of(user: User) -> Seat:
    return Seat.objects.get(user=user, step__state="active")


def test_nobody_waits(world: World) -> None:
    assert "Nobody waits for anybody: whatever was submitted has its answer." in words(page(world.vito))


def test_who_waits_for_whom_and_since_when(world: World) -> None:
    chain(world, StepPlan(name="Redazione", users=[world.elena], due_after_minutes=120))
    with at(rome(2027, 3, 1, 9)):
        world.submitted(publish_at=rome(2027, 3, 3, 9))
        world.town_post("Del Comune")
    with at(rome(2027, 3, 1, 10, 30)):
        shown = words(page(world.vito))
        assert "One decision is waited for." in shown
        assert (
            "Cantina Roero Vendemmia 1. Redazione Elena Riva 1 working hour Monday 1 March, 09:00, Rome time" in shown
        )
        assert "Monday 1 March, 11:00, Rome time Wednesday 3 March, 09:00, Rome time 0 hourglass_top Waits" in shown
        assert "Del Comune" not in shown
        assert "Del Comune" in words(page(world.bruno))
        both = words(page(world.ada))
        assert "Del Comune" in both
        assert "Vendemmia" in both
    with at(rome(2027, 3, 3, 10)):
        shown = words(page(world.vito))
        assert "2 working days" in shown
        assert "Late" in shown


def test_who_stands_in_is_named(world: World) -> None:
    with at(rome(2027, 3, 1, 9)):
        world.submitted()
        name_deputy(
            user=world.marta,
            client=world.winery,
            principal=world.elena,
            deputy=world.marta,
            from_at=rome(2027, 3, 1),
            until=rome(2027, 3, 3),
        )
        assert "Elena Riva Marta Gallo stands in" in words(page(world.vito))


def test_narrowed(world: World) -> None:
    with at(rome(2027, 3, 1, 9)):
        world.submitted(title="Tardi", publish_at=rome(2027, 3, 1, 12))
        approve(world.submitted(title="Di Marta"), world.elena)
        world.town_post("Fiera")
    with at(rome(2027, 3, 1, 13)):
        for query, found in [
            ("", ["Tardi", "Di Marta", "Fiera"]),
            (f"?client={world.winery.pk}", ["Tardi", "Di Marta"]),
            (f"?person={world.marta.pk}", ["Di Marta"]),
            ("?late=1", ["Tardi"]),
            (f"?late=1&client={world.town.pk}", []),
            ("?client=x&page=y", ["Tardi", "Di Marta", "Fiera"]),
        ]:
            answer = page(world.ada, query)
            assert sorted(row.seat.step.review.title for row in answer.context["rows"]) == sorted(found)
        assert "Nobody is waited for there." in words(page(world.ada, f"?late=1&client={world.town.pk}"))
        # Another's client is not there to be chosen.
        assert page(world.vito, f"?client={world.town.pk}").context["rows"] == []
        assert world.town.name not in words(page(world.vito))


def test_blocked_on_top_with_what_to_do(world: World) -> None:
    world.submitted()
    User.objects.filter(pk=world.cliente.pk).update(is_active=False)
    shown = words(page(world.vito))
    assert "Step 3, “Cliente”, has fewer people left than it needs. Piero Roero is switched off." in shown
    assert "Let somebody else sit there, or take it back and submit it with another approval chain." in shown
    assert shown.index("Can’t be approved as it stands") < shown.index("One decision is waited for.")
    today = words(Staff(world.vito).open("index"))
    assert "block Blocked Cantina Roero Vendemmia" in today
    assert "Piero" not in words(page(world.bruno))


def test_a_nudge_and_back_to_the_same_list(world: World) -> None:
    world.submitted()
    seat, vito = seat_of(world.elena), Staff(world.vito)
    sent = {"client": f"{world.winery.pk}", "late": ""}
    answer = vito.send("approvals_seat_nudge", seat.pk, data=sent)
    assert answer.redirect_chain == [(reverse("admin:approvals_seat_changelist") + f"?client={world.winery.pk}", 302)]
    assert "Nudged. Elena Riva gets a mail in your name." in words(answer)
    assert Reminder.objects.get().by == world.vito
    answer = vito.send("approvals_seat_nudge", seat.pk, data={"from": "review"})
    assert "has been nudged a short while ago. It is possible again on" in words(answer)
    assert answer.redirect_chain == [(reverse("admin:approvals_review_page", args=[seat.step.review_id]), 302)]
    assert vito.browser.get(reverse("admin:approvals_seat_nudge", args=[seat.pk])).status_code == 302
    assert Reminder.objects.count() == 1
    assert Staff(world.bruno).send("approvals_seat_nudge", seat.pk).status_code == 404


def test_the_review_s_page_has_the_button(world: World) -> None:
    review = review_of(world.submitted())
    shown = Staff(world.vito).open("approvals_review_page", review.pk).content.decode()
    assert reverse("admin:approvals_seat_nudge", args=[seat_of(world.elena).pk]) in shown


def test_a_seat_is_seen_on_its_review(world: World) -> None:
    world.submitted()
    seat = seat_of(world.elena)
    answer = Staff(world.vito).open("approvals_seat_change", seat.pk)
    assert answer["Location"] == reverse("admin:approvals_review_page", args=[seat.step.review_id])


def test_contacts_do_not_enter(world: World) -> None:
    for who in (world.cliente, world.carlo):
        assert page(who).status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Membership.objects.create(client=world.town, user=world.vito, role=Role.EDITOR)
    for number in range(rows):
        world.submitted(title=f"{number}")
        world.town_post(f"{number}")
    User.objects.filter(pk__in=[world.cliente.pk]).update(is_active=False)
    vito = Staff(world.vito)
    vito.open("approvals_seat_changelist")
    with django_assert_num_queries(14):
        vito.open("approvals_seat_changelist")


def test_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("social.admin.waiting.PER_PAGE", 2)
    for number in range(3):
        with at(rome(2027, 3, 1, 9) + timedelta(minutes=number)):
            world.submitted(title=f"Post {number}")
    first = page(world.vito, f"?client={world.winery.pk}")
    assert [row.seat.step.review.title for row in first.context["rows"]] == ["Post 0", "Post 1"]
    assert f'href="?client={world.winery.pk}&amp;page=2"' in first.content.decode()
    second = page(world.vito, f"?client={world.winery.pk}&page=2")
    assert [row.seat.step.review.title for row in second.context["rows"]] == ["Post 2"]
