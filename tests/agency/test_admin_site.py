"""Who enters the staff's pages, what the first one says, and what is closed."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.http import HttpRequest
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.staff_admin import StaffAdmin
from approvals.services import decide
from clients.models import Membership
from clients.services import end_role, freeze
from social.models import Post
from tests.browsing import Staff, words
from tests.world import World, review_of


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for person in (world.ada, world.marta, world.elena, world.vito):
        person.language = "en"
        person.save(update_fields=["language"])


def sent_back(world: World, title: str) -> Post:
    """A post for which Elena asks for changes."""
    post = world.submitted(title=title)
    review = review_of(post)
    decide(review=review, user=world.elena, digest=review.digest, verdict="request_changes", comment="Più corto.")
    return post


def test_staff_enter_and_nobody_else(world: World) -> None:
    for person in (world.ada, world.marta, world.elena, world.vito, world.bruno):
        assert Staff(person).open("index").status_code == 200
    for person in (world.cliente, world.nonna, world.sindaco, world.carlo):
        answer = Staff(person).browser.get(reverse("admin:index"), follow=True)
        assert answer.status_code == 403
    answer = Browser().get(reverse("admin:social_post_changelist"), follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=/admin/social/post/"


def test_who_loses_their_role_is_out_at_once(world: World) -> None:
    vito = Staff(world.vito)
    assert vito.open("index").status_code == 200
    end_role(user=world.marta, membership=world.vito.memberships.get())
    assert vito.open("index").status_code == 302


def test_the_way_out_of_the_site_is_not_ours_to_choose(world: World) -> None:
    answer = Browser().get("/admin/login/?next=https://evil.example/")
    assert answer["Location"] == "/accounts/login/?next=/admin/"


def test_only_our_own_pages_are_there() -> None:
    assert {type(page).__mro__[1] is not object for page in admin.site._registry.values()} == {True}
    assert all(isinstance(page, StaffAdmin) for page in admin.site._registry.values())
    for name in ("autocomplete", "search", "view_on_site"):
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:{name}", args=[1, 1] if name == "view_on_site" else [])


def test_nothing_waits(world: World) -> None:
    assert "Nothing waits for you. Nothing is scheduled: write a post." in words(Staff(world.vito).open("index"))
    world.approved(publish_at=timezone.now() + timedelta(days=1))
    page = words(Staff(world.vito).open("index"))
    assert "Nothing waits for you. Next to go out:" in page
    assert "Cantina Roero on Cantina Roero (prova)." in page


def test_what_waits_what_went_wrong_and_how_all_stands(world: World) -> None:
    review = review_of(world.submitted())
    refused = sent_back(world, "Da rifare")
    page = Staff(world.elena).open("index")
    assert [row.pk for row in page.context["waiting"]] == [review.pk]
    assert [row.pk for row in page.context["wrong"]] == [refused.pk]
    (standing,) = page.context["standing"]
    assert (standing.client, dict(standing.counts)) == (world.winery, {"in_review": 1, "changes_requested": 1})
    assert reverse("admin:approvals_review_page", args=[review.pk]) in page.content.decode()
    assert list(Staff(world.marta).open("index").context["waiting"]) == []


def test_several_at_once_is_offered_to_whom_several_wait_for(world: World) -> None:
    door = reverse("portal:approve_many")
    world.submitted()
    assert door not in Staff(world.elena).open("index").content.decode()  # one is approved on its own page
    world.submitted()
    assert f'href="{door}"' in Staff(world.elena).open("index").content.decode()
    page = words(Staff(world.elena).browser.get(door))
    assert page.count("I approve this one") == 2
    assert "To the agency's desk" in page
    for person in (world.marta, world.vito, world.ada):  # it is not, or never, their turn
        assert door not in Staff(person).open("index").content.decode()


def test_today_tells_nothing_of_other_clients(world: World) -> None:
    world.town_post("CANARINO")
    freeze(user=world.bruno, client=world.town, reason="CANARINO anche qui")
    page = Staff(world.marta).open("index").content.decode()
    assert "CANARINO" not in page
    assert world.town.name not in page
    page = Staff(world.ada).open("index").content.decode()
    assert "CANARINO anche qui" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_today_asks_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        world.submitted(title=f"{number}")
        world.approved(title=f"{number}", publish_at=timezone.now() + timedelta(days=1))
        sent_back(world, f"{number}")
    elena = Staff(world.elena)
    elena.open("index")
    with django_assert_num_queries(12):
        elena.open("index")


def test_who_may_enter_is_asked_once_a_request_and_anew_at_each(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def asked(user: User, request: HttpRequest | None = None) -> HttpRequest:
        request = request or RequestFactory().get("/admin/")
        request.user = user
        return request

    request = asked(world.vito)
    with django_assert_num_queries(1):
        assert [admin.site.has_permission(request) for _time in range(3)] == [True, True, True]
    Membership.objects.filter(user=world.vito).delete()
    assert not admin.site.has_permission(asked(world.vito))
    # One answer is of one person, whoever is signed in by the end of the request.
    assert not admin.site.has_permission(asked(world.cliente, request))
    assert admin.site.has_permission(asked(world.elena, request))
