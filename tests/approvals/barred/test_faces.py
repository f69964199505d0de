"""Who is barred by four eyes sees no button and stands in no list, and reads why. Beside each, somebody who is asked."""

import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from approvals import selectors, waiting
from clients.models import Membership, Role
from tests.approvals.barred.scenes import WHY, Scene, a_clients_decision, hold, own_decision, stands_in, who
from tests.browsing import Staff, words
from tests.rest.caller import Caller
from tests.world import World, person


def test_the_page_at_the_desk(scene: Scene) -> None:
    for user in scene.barred:
        page = words(Staff(user).open("approvals_review_page", scene.review.pk))
        assert "Nothing is asked of you here" in page
        assert WHY in page
        assert "Your decision ·" not in page
        assert f"It waits for: {scene.asked.name}" in page
        assert page.count("(not asked: this step wants other eyes)") == len(scene.barred)
        assert page.count("notifications_active Nudge") == 1
    page = words(Staff(scene.asked).open("approvals_review_page", scene.review.pk))
    assert "Your decision ·" in page
    assert WHY not in page


def test_the_list_of_reviews_names_who_is_asked(scene: Scene) -> None:
    page = words(Staff(scene.asked).open("approvals_review_changelist"))
    assert f"In review {scene.asked.name} Vito Serra" in page


def test_the_first_page_and_who_waits_for_whom(scene: Scene) -> None:
    for user in scene.barred:
        assert list(selectors.waiting_for(user)) == []
    assert list(selectors.waiting_for(scene.asked)) == [scene.review]
    assert [seat.user for seat in waiting.waiting_seats(scene.asked)] == [scene.asked]
    page = words(Staff(scene.asked).open("approvals_seat_changelist"))
    assert "One decision is waited for." in page
    assert page.count("Nudge") == 1


def test_the_portals_page(town: World, client: Browser) -> None:
    scene = a_clients_decision(town)
    address = reverse("portal:signed_review", args=[scene.review.pk])
    client.force_login(scene.barred[0])
    page = words(client.get(address))
    assert "You have approved it" in page
    assert f"It now waits for the step “Due”. {WHY}" in page
    assert "✓ Approve This page" not in page
    client.force_login(scene.asked)
    page = words(client.get(address))
    assert "✓ Approve This page" in page
    assert WHY not in page


def test_a_deputy_reads_that_it_is_who_they_stand_in_for(town: World, client: Browser) -> None:
    scene = a_clients_decision(town)
    piero, (zia,) = scene.barred[0], [person("zia", "Zia Roero", language="en")]
    Membership.objects.create(client=town.winery, user=zia, role=Role.APPROVER)
    stands_in(town, zia, piero)
    assert hold(scene.review)["zia"] == "four_eyes"
    client.force_login(zia)
    page = words(client.get(reverse("portal:signed_review", args=[scene.review.pk])))
    assert "This step asks for other eyes than those of Piero Roero." in page
    assert "✓ Approve This page" not in page


def test_many_at_once(town: World, client: Browser) -> None:
    scene = a_clients_decision(town)
    chosen = f'name="seen" value="{scene.review.pk}:'
    client.force_login(scene.barred[0])
    assert chosen not in client.get("/approve/").content.decode()
    client.force_login(scene.asked)
    assert chosen in client.get("/approve/").content.decode()


def test_by_the_api(scene: Scene) -> None:
    for user in scene.barred:
        assert Caller(user).get("reviews/", waiting_for="me")["results"] == []
    asked = Caller(scene.asked)
    (row,) = asked.get("reviews/", waiting_for="me")["results"]
    (step,) = [step for step in row["steps"] if step["state"] == "active"]
    told = {seat["email"]: seat["not_asked_because"] for seat in step["seats"] if not seat["ended"]}
    assert told.pop(scene.asked.email) is None
    said = {user.email: f"This step asks for other eyes than those of {user.name}." for user in scene.barred}
    assert told == said
    others = [seat for step in row["steps"] if step["state"] != "active" for seat in step["seats"]]
    assert {seat["not_asked_because"] for seat in others} <= {None}
    assert [seat["email"] for seat in asked.get("waiting/")["results"]] == [scene.asked.email]


@pytest.mark.parametrize("many", [1, 3])
def test_the_lists_ask_as_often_however_long_they_are(
    town: World, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    for _number in range(many):
        own_decision(town)
    giulia = Caller(who(town, "giulia")[0])
    giulia.get("reviews/", waiting_for="me")
    with django_assert_num_queries(6):
        assert len(giulia.get("reviews/", waiting_for="me")["results"]) == many
    with django_assert_num_queries(1):
        assert len(waiting.waiting_seats(town.marta)) == many
