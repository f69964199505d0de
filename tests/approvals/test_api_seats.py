"""Deputies, replacements, approvals taken back and many at once, as programs do it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from approvals.models import Decision, Deputy, Link, Seat
from approvals.services import issue_link
from audit.models import Event
from social.services import edit_post
from tests.portal.reaching import asked
from tests.rest.caller import Caller, fields
from tests.world import World, review_of


def away(world: World, **other: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "client": world.winery.pk,
        "principal": "elena@filo.example",
        "deputy": "marta@filo.example",
        "from_at": now.isoformat(),
        "until": (now + timedelta(days=3)).isoformat(),
        **other,
    }


def test_a_deputy_is_named_decides_and_is_ended(world: World) -> None:
    named = Caller(world.elena).post("deputies/", away(world), 201)
    assert (named["principal"], named["deputy"], named["in_force"]) == (
        "elena@filo.example",
        "marta@filo.example",
        True,
    )
    review = review_of(world.submitted())
    waiting = Caller(world.marta).get("reviews/", waiting_for="me")["results"]
    assert [row["id"] for row in waiting] == [review.pk]
    Caller(world.marta).post(f"reviews/{review.pk}/approve/", {"digest": review.digest}, 200)
    decision = Decision.objects.get(seat__step__review=review)
    assert (decision.seat.user, decision.actor, decision.token is not None) == (world.elena, world.marta, True)
    Caller(world.elena).post(f"deputies/{named['id']}/end/", None, 200)
    assert Caller(world.elena).get("deputies/", in_force="true")["results"] == []


@pytest.mark.parametrize(
    ("other", "field", "code"),
    [
        ({"deputy": "bruno@filo.example"}, "deputy", "does_not_exist"),
        ({"deputy": "nobody@filo.example"}, "deputy", "does_not_exist"),
        ({"deputy": "cliente@filo.example"}, "deputy", "side"),
        ({"deputy": "elena@filo.example"}, "deputy", "oneself"),
        ({"until": "2020-01-01T00:00"}, "until", "order"),
        ({"from_at": "tomorrow"}, "from_at", "invalid"),
    ],
)
def test_deputies_that_cannot_be(world: World, other: dict[str, Any], field: str, code: str) -> None:
    problem = Caller(world.elena).post("deputies/", away(world, **other), 400)
    assert fields(problem) == [(field, code)]
    assert not Deputy.objects.exists()


def test_only_a_manager_names_somebody_elses_deputy(world: World) -> None:
    Caller(world.vito).post("deputies/", away(world), 403)
    Caller(world.marta).post("deputies/", away(world), 201)


def test_taken_back_and_asked_again(world: World) -> None:
    post = world.approved()
    review = review_of(post)
    given = Caller(world.elena).post(f"reviews/{review.pk}/take_back/", {"reason": "Prezzo sbagliato."}, 200)
    first = given["steps"][0]
    assert (given["state"], first["state"]) == ("open", "active")
    assert [(seat["source"], seat["ended"], bool(seat["decision"])) for seat in first["seats"]] == [
        ("chain", "taken_back", True),
        ("again", "", False),
    ]
    again = Caller(world.marta).post(f"reviews/{review.pk}/take_back/", {"reason": ""}, 400)
    assert fields(again) == [("reason", "blank")]


def test_a_seat_is_given_to_somebody_else(world: World) -> None:
    review = review_of(world.submitted())
    seat = Seat.objects.get(step__review=review, step__position=1)
    body = {"seat": seat.pk, "person": "marta@filo.example", "reason": "Elena è via."}
    Caller(world.elena).post(f"reviews/{review.pk}/replace/", body, 403)
    told = Caller(world.marta).post(f"reviews/{review.pk}/replace/", body, 200)
    assert [one["email"] for one in told["steps"][0]["seats"] if not one["ended"]] == ["marta@filo.example"]
    elsewhere = Seat.objects.get(step__review=review_of(world.town_post()))
    Caller(world.marta).post(f"reviews/{review.pk}/replace/", {**body, "seat": elsewhere.pk}, 404)


def test_links_in_mails_are_closed(world: World, client: Browser) -> None:
    review = review_of(world.submitted())
    seat = Seat.objects.get(step__review=review, step__position=1)
    other = Seat.objects.get(step__review=review, step__position=2)
    path = reverse("portal:review", args=[issue_link(seat=seat)])
    issue_link(seat=seat, deputy=world.marta)
    issue_link(seat=other)
    assert client.get(path).status_code == 200
    close = f"reviews/{review.pk}/close_links/"
    assert fields(Caller(world.vito).post(close, {}, 400)) == [("seat", "required")]
    elsewhere = Seat.objects.get(step__review=review_of(world.town_post()))
    Caller(world.vito).post(close, {"seat": elsewhere.pk}, 404)
    Caller(world.bruno).post(close, {"seat": seat.pk}, 404)
    assert client.get(path).status_code == 200
    assert Caller(world.vito).post(close, {"seat": seat.pk}, 200) == {"closed": 2}
    assert client.get(path).status_code == 410
    assert Caller(world.vito).post(close, {"seat": seat.pk}, 200) == {"closed": 0}
    assert Link.objects.get(seat=other).revoked_at is None
    assert Event.objects.filter(verb="link.revoked", actor=world.vito, subject_id=review.pk).count() == 1


def test_a_clients_own_people_close_no_links(world: World) -> None:
    review = review_of(asked(world))
    seat = Seat.objects.get(step__review=review, user=world.cliente)
    issue_link(seat=seat)
    Caller(world.cliente).post(f"reviews/{review.pk}/close_links/", {"seat": seat.pk}, 403)
    assert Link.objects.get(seat=seat).revoked_at is None


def test_many_at_once_with_a_line_each(world: World) -> None:
    first, second = world.submitted(), world.submitted()
    seen = [{"id": review_of(post).pk, "digest": review_of(post).digest} for post in (first, second)]
    town = review_of(world.town_post())
    edit_post(user=world.vito, post=second, text="Tutt’altro.")
    told = Caller(world.elena).post(
        "reviews/approve/", {"reviews": [*seen, {"id": town.pk, "digest": town.digest}]}, 200
    )
    assert [(line["id"], line["approved"], line["state"], line["code"]) for line in told["results"]] == [
        (seen[0]["id"], True, "open", ""),
        (seen[1]["id"], False, "superseded", "review_closed"),
        (town.pk, False, None, "not_found"),
    ]


def test_ten_thousand_at_once_are_refused_whole(world: World) -> None:
    review = review_of(world.submitted())
    body = {"reviews": [{"id": review.pk, "digest": review.digest}] * 10_000}
    problem = Caller(world.elena).post("reviews/approve/", body, 400)
    assert fields(problem) == [("reviews", "max_length")]
    assert not Decision.objects.exists()
