"""Time and nudges by the API: what a step says of itself, who waits for whom, and asking again."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from approvals.models import Reminder, Seat
from approvals.services import StepPlan, decide
from approvals.services.sweeping import sweep
from clients.models import Role
from notifications.models import Notification
from social.services import edit_post, submit_post
from tests.approvals.clock import agrees_to_silence, at, chain, rome
from tests.rest.caller import Caller, fields
from tests.world import World, approve, review_of


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


TIME = ("due_at", "silence_counts", "waits_since", "blocked", "skipped_because", "carried_from_version", "tacit")


def steps(user: User, pk: int) -> list[dict[str, Any]]:
    found = Caller(user).get(f"reviews/{pk}/")["steps"]
    return [{name: step[name] for name in TIME} for step in found]


def test_what_a_step_says_of_time(world: World) -> None:
    agrees_to_silence(world)
    chain(
        world,
        StepPlan(name="Cliente", role=Role.APPROVER, due_after_minutes=60, on_deadline="tacit"),
        StepPlan(name="Legale", users=[world.elena], only={"text": ["price"]}),
        StepPlan(name="Account", users=[world.marta]),
    )
    with at(rome(2027, 3, 1, 9)):
        pk = review_of(world.submitted()).pk
    nothing: dict[str, Any] = dict.fromkeys(TIME) | {"blocked": False, "silence_counts": False}
    waits = nothing | {
        "due_at": "2027-03-01T10:00:00+01:00",
        "silence_counts": True,
        "waits_since": "2027-03-01T09:00:00+01:00",
    }
    left_out = nothing | {"skipped_because": steps(world.vito, pk)[1]["skipped_because"]}
    assert "price" in str(left_out["skipped_because"]) or "prezzo" in str(left_out["skipped_because"])
    assert steps(world.vito, pk) == [waits, left_out, nothing]
    assert steps(world.cliente, pk)[1]["skipped_because"] is not None
    User.objects.filter(pk=world.marta.pk).update(is_active=False)
    assert [step["blocked"] for step in steps(world.vito, pk)] == [False, False, True]
    with at(rome(2027, 3, 1, 10)):
        sweep(now=rome(2027, 3, 1, 10))
    silent = nothing | {
        "due_at": "2027-03-01T10:00:00+01:00",
        "tacit": {
            "at": "2027-03-01T10:00:00+01:00",
            "agreed_on": "2026-01-07",
            "document": world.winery.tacit_consent_digest,
        },
    }
    assert steps(world.vito, pk)[0] == silent


def test_which_version_s_approval_stands(world: World) -> None:
    chain(
        world,
        StepPlan(name="Redazione", users=[world.elena]),
        StepPlan(name="Account", users=[world.marta]),
        restart="refused",
    )
    post = world.submitted()
    approve(post, world.elena)
    review = review_of(post)
    decide(review=review, user=world.marta, digest=review.digest, verdict="request_changes", comment="Più corto.")
    edit_post(user=world.vito, post=post, text="Si vendemmia.")
    post.refresh_from_db()
    again = submit_post(user=world.vito, post=post)
    assert [step["carried_from_version"] for step in steps(world.vito, review_of(again).pk)] == [1, None]


def test_a_nudge(world: World) -> None:
    with at(rome(2027, 3, 1, 9)):
        review = review_of(world.submitted())
        seat = Seat.objects.get(step__review=review, user=world.elena)
        here, vito = f"reviews/{review.pk}/nudge/", Caller(world.vito)
        assert vito.post(here, {"seat": seat.pk}, 200)["id"] == review.pk
        assert [row.by for row in Reminder.objects.all()] == [world.vito]
        problem = vito.post(here, {}, 409)
        assert problem["code"] == "too_often"
        other = Seat.objects.get(step__review=review, user=world.cliente)
        assert vito.post(here, {"seat": other.pk}, 409)["code"] == "nothing_to_nudge"
        vito.post(here, {"seat": 999999}, 404)
        assert fields(vito.post(here, {"seat": "x"}, 400)) == [("seat", "invalid")]
        stranger = Seat.objects.get(step__review=review_of(world.town_post()))
        vito.post(here, {"seat": stranger.pk}, 404)
    with at(rome(2027, 3, 1, 13)):
        vito.post(here, {}, 200)
    assert Notification.objects.filter(kind="nudge").count() == 2


def test_a_client_s_people_nudge_nobody(world: World) -> None:
    chain(world, StepPlan(name="Cliente", role=Role.APPROVER), StepPlan(name="Account", users=[world.marta]))
    review = review_of(world.submitted())
    seat = Seat.objects.get(step__review=review, user=world.cliente)
    Caller(world.cliente).post(f"reviews/{review.pk}/nudge/", {}, 403)
    Caller(world.cliente).post(f"reviews/{review.pk}/nudge/", {"seat": seat.pk}, 403)
    Caller(world.cliente).post(f"reviews/{review.pk}/nudge/", {"seat": 999999}, 403)
    assert not Reminder.objects.exists()


def test_who_waits_for_whom(world: World) -> None:
    with at(rome(2027, 3, 1, 9)):
        post = world.submitted(publish_at=rome(2027, 3, 1, 12))
        world.town_post()
    review = review_of(post)
    seat = Seat.objects.get(step__review=review, user=world.elena)
    with at(rome(2027, 3, 1, 13)):
        (row,) = Caller(world.vito).get("waiting/")["results"]
        assert row == {
            "id": seat.pk,
            "client": world.winery.pk,
            "review": review.pk,
            "subject": {"type": "post", "id": post.pk, "title": "Vendemmia"},
            "position": 1,
            "step": "Redazione",
            "email": "elena@filo.example",
            "name": "Elena Riva",
            "deputy": None,
            "waits_since": "2027-03-01T09:00:00+01:00",
            "due_at": None,
            "goes_out_at": "2027-03-01T12:00:00+01:00",
            "reminders": 0,
            "reminded_at": None,
            "late": True,
            "blocked": False,
        }
        assert Caller(world.vito).get(f"waiting/{seat.pk}/") == row
        ada = Caller(world.ada)
        assert len(ada.get("waiting/")["results"]) == 2
        assert ada.get("waiting/", late="true")["results"] == [row]
        assert ada.get("waiting/", person="Elena@filo.example")["results"] == [row]
        assert [found["name"] for found in ada.get("waiting/", client=world.town.pk)["results"]] == ["Il Sindaco"]
        assert [found["name"] for found in ada.get("waiting/", late="false")["results"]] == ["Il Sindaco"]
    approve(post, world.elena)
    Caller(world.vito).get(f"waiting/{seat.pk}/", 404)
    for stranger in (world.cliente, world.nonna, world.carlo):
        assert Caller(stranger).get("waiting/")["results"] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        world.submitted(title=f"{number}")
    vito = Caller(world.vito)
    vito.get("waiting/")
    with django_assert_num_queries(2):
        assert len(vito.get("waiting/")["results"]) == rows
    vito.get("reviews/")
    with django_assert_num_queries(5):
        assert len(vito.get("reviews/")["results"]) == rows
