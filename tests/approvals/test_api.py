"""Chains and reviews, by the API."""

import pytest
from pytest_django import DjangoAssertNumQueries

from approvals.services import add_comment
from tests.rest.caller import Caller, fields
from tests.world import World, approve, review_of


def test_a_vote_counts_for_what_was_seen_once_and_in_its_turn(world: World) -> None:
    review = review_of(world.submitted())
    here, elena = f"reviews/{review.pk}/", Caller(world.elena)
    seen = {"digest": review.digest}
    assert elena.post(here + "approve/", {"digest": "0" * 64}, 409)["code"] == "stale_digest"
    assert fields(elena.post(here + "approve/", {}, 400)) == [("digest", "required")]
    assert fields(elena.post(here + "approve/", {"digest": 5}, 400)) == [("digest", "invalid")]
    assert Caller(world.marta).post(here + "approve/", seen, 409)["code"] == "not_your_turn"
    assert Caller(world.vito).post(here + "approve/", seen, 403)["code"] == "permission_denied"
    after = elena.post(here + "approve/", {**seen, "comment": "Bene."}, 200)
    assert [step["state"] for step in after["steps"]] == ["passed", "active", "waiting"]
    decision = after["steps"][0]["seats"][0]["decision"]
    assert (decision["verdict"], decision["by"], decision["comment"], decision["via"]) == (
        "approve",
        "elena@filo.example",
        "Bene.",
        "api",
    )
    assert elena.post(here + "approve/", seen, 409)["code"] == "not_your_turn"


def test_changes_are_asked_with_words_and_close_the_review(world: World) -> None:
    review = review_of(world.submitted())
    here, elena = f"reviews/{review.pk}/", Caller(world.elena)
    seen = {"digest": review.digest}
    assert fields(elena.post(here + "request_changes/", seen, 400)) == [("comment", "required")]
    assert fields(elena.post(here + "request_changes/", {**seen, "comment": " \n"}, 400)) == [("comment", "required")]
    told = elena.post(here + "request_changes/", {**seen, "comment": "Troppo lungo."}, 200)
    assert (told["state"], told["closed_at"] is None) == ("changes_requested", False)
    assert elena.post(here + "approve/", seen, 409)["code"] == "review_closed"
    assert Caller(world.vito).get(f"posts/{review.subject_id}/")["state"] == "changes_requested"


def test_a_clients_people_never_meet_what_is_internal(world: World) -> None:
    post = world.submitted()
    review = review_of(post)
    here, cliente = f"reviews/{review.pk}/", Caller(world.cliente)
    cliente.get(here, expect=404)  # not yet their turn
    Caller(world.elena).post(here + "approve/", {"digest": review.digest, "comment": "Il cliente brontolerà."}, 200)
    approve(post, world.marta)
    Caller(world.vito).post(here + "comments/", {"text": "Tra noi: il cliente brontolerà."})
    said = Caller(world.vito).post(here + "comments/", {"text": "Per tutti.", "audience": "client"})
    mine = cliente.post(here + "comments/", {"text": "Da noi.", "audience": "internal"})
    assert (said["audience"], mine["audience"]) == ("client", "client")
    seen = cliente.get(here)
    assert [comment["text"] for comment in seen["comments"]] == ["Per tutti.", "Da noi."]
    assert "brontolerà" not in str(seen)
    assert str(Caller(world.vito).get(here)).count("brontolerà") == 2
    assert "brontolerà" not in str(cliente.get("reviews/")) + str(cliente.get("posts/"))


def test_a_comment_is_something(world: World) -> None:
    here, vito = f"reviews/{review_of(world.submitted()).pk}/comments/", Caller(world.vito)
    assert fields(vito.post(here, {"text": ""}, 400)) == [("text", "blank")]
    assert fields(vito.post(here, {"text": " "}, 400)) == [("text", "required")]
    assert fields(vito.post(here, {"text": "x\x00"}, 400)) == [("text", "null_characters_not_allowed")]
    assert fields(vito.post(here, {"text": "x", "audience": "world"}, 400)) == [("audience", "invalid_choice")]


@pytest.mark.parametrize("many", [1, 3])
def test_a_clients_list_costs_the_same_however_long_it_is(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    for number in range(many):
        review = review_of(world.approved(text=f"{number}"))
        add_comment(review=review, user=world.marta, text="Bene", audience="client")
    cliente = Caller(world.cliente)
    cliente.get("reviews/")
    with django_assert_num_queries(7):
        assert len(cliente.get("reviews/")["results"]) == many
