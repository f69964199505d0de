"""Conversations, places and suggested words, by the API."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from approvals.models import Review
from approvals.services import add_comment
from tests.approvals.test_comments import TEXT
from tests.rest.caller import Caller, fields
from tests.social.test_suggesting import suggest
from tests.world import World, approve, review_of


@pytest.fixture
def asked(world: World) -> Review:
    """A review in which it is Piero's turn."""
    post = world.submitted(text=TEXT)
    approve(post, world.elena)
    approve(post, world.marta)
    return review_of(post)


def test_a_conversation(world: World, asked: Review) -> None:
    here, vito, cliente = f"reviews/{asked.pk}/comments/", Caller(world.vito), Caller(world.cliente)
    plain = {"parent": None, "anchor": None, "suggestion": None, "fate": "", "resolved": False}
    first = cliente.post(here, {"text": "Più grande."})
    assert {key: first[key] for key in plain} == plain
    answer = vito.post(here, {"text": "Fatto.", "parent": first["id"]})
    assert (answer["parent"], answer["audience"]) == (first["id"], "client")
    ours = vito.post(here, {"text": "Che pazienza.", "parent": first["id"], "audience": "internal"})
    assert ours["audience"] == "internal"
    done = vito.post(f"{here}{first['id']}/resolve/", {"text": "Così va?"}, 200)
    assert (done["resolved"], done["resolved_by"]) == (True, "vito@filo.example")
    assert vito.post(f"{here}{first['id']}/resolve/", {}, 409)["code"] == "already_resolved"
    again = cliente.post(f"{here}{first['id']}/reopen/", None, 200)
    assert (again["resolved"], again["resolved_by"], again["resolved_at"]) == (False, None, None)
    seen = cliente.get(f"reviews/{asked.pk}/")["comments"]
    assert [(comment["text"], comment["parent"]) for comment in seen] == [
        ("Più grande.", None),
        ("Fatto.", first["id"]),
        ("Così va?", first["id"]),
    ]
    # What is internal is no parent, and nothing to settle, for the client's people: it does not exist.
    assert fields(cliente.post(here, {"text": "Eh?", "parent": ours["id"]}, 400)) == [("parent", "does_not_exist")]
    for verb in ("resolve", "reopen", "take_over", "decline"):
        cliente.post(f"{here}{ours['id']}/{verb}/", {}, 404)


def test_words_are_suggested_taken_over_and_declined(world: World, asked: Review) -> None:
    here, vito, cliente = f"reviews/{asked.pk}/comments/", Caller(world.vito), Caller(world.cliente)
    anchor = {"part": str(world.page.pk), "start": 0, "end": 4, "quote": "Oggi"}
    one = cliente.post(here, {"anchor": anchor, "suggestion": "Domani"})
    other = cliente.post(here, {"text": "Meglio?", "anchor": anchor, "suggestion": "Ieri"})
    assert (one["anchor"], one["suggestion"], one["fate"], one["text"]) == (anchor, "Domani", "open", "")
    cliente.post(f"{here}{one['id']}/take_over/", {}, 403)
    cliente.post(f"{here}{one['id']}/decline/", {}, 403)
    taken = vito.post(f"{here}{one['id']}/take_over/", {"submit": True}, 200)
    assert (taken["fate"], taken["settled_by"], taken["resolved"]) == ("taken", "vito@filo.example", True)
    assert vito.post(f"{here}{other['id']}/take_over/", {}, 409)["code"] == "passage_changed"
    gone = vito.post(f"{here}{other['id']}/decline/", {"text": "È domani."}, 200)
    assert gone["fate"] == "declined"
    assert vito.post(f"{here}{other['id']}/decline/", {}, 409)["code"] == "already_settled"
    post = vito.get(f"posts/{asked.subject_id}/")
    assert (post["state"], post["version"], post["text"].split()[0]) == ("in_review", 2, "Domani")
    found = vito.get(f"posts/{asked.subject_id}/versions/")["results"]
    assert [version["credits"] for version in found] == [[], ["cliente@filo.example"]]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ("text", "required")),
        ({"text": ""}, ("text", "blank")),
        ({"text": "x" * 20_000}, ("text", "max_length")),
        ({"text": "x", "parent": 999_999}, ("parent", "does_not_exist")),
        ({"text": "x", "parent": 0}, ("parent", "min_value")),
        ({"text": "x", "anchor": {"part": "0", "start": 0, "end": 1, "quote": "O"}}, ("anchor", "unknown_part")),
        ({"text": "x", "anchor": "hier"}, ("anchor", "invalid")),
        ({"text": "x", "suggestion": "y"}, ("suggestion", "no_passage")),
        ({"text": "@Piero Roero brontola"}, ("text", "mention")),
    ],
)
def test_what_a_comment_can_not_be(
    world: World, asked: Review, body: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert fields(Caller(world.vito).post(f"reviews/{asked.pk}/comments/", body, 400)) == [expected]
    assert not asked.comments.exists()


def test_markup_stays_text(world: World, asked: Review) -> None:
    nasty = "<script>alert(1)</script><b onclick=x>&amp;"
    told = Caller(world.vito).post(f"reviews/{asked.pk}/comments/", {"text": nasty})
    assert told["text"] == nasty


@pytest.mark.parametrize("many", [1, 3])
def test_conversations_cost_the_same_however_many(
    world: World, asked: Review, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    for number in range(many):
        first = suggest(asked, world.cliente, "Oggi", f"Domani {number}")
        add_comment(review=asked, user=world.vito, text="Sì", audience="", parent=first)
    cliente = Caller(world.cliente)
    cliente.get(f"reviews/{asked.pk}/")
    with django_assert_num_queries(7):
        assert len(cliente.get(f"reviews/{asked.pk}/")["comments"]) == 2 * many
