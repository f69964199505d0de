"""What is new between two versions, by the API."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from approvals.services import decide
from social.models import Post
from social.services import edit_post, submit_post
from tests.rest.caller import Caller, fields
from tests.social.test_previews import picture
from tests.world import World, approve, review_of, sandbox


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def asked_of(world: World, post: Post) -> Post:
    """It is Piero's turn."""
    approve(post, world.elena)
    approve(post, world.marta)
    post.refresh_from_db()
    return post


def changed(world: World, post: Post, **fields: Any) -> Post:
    """Another version, submitted."""
    edit_post(user=world.vito, post=post, **fields)
    return submit_post(user=world.vito, post=post)


def test_words_and_pictures_that_came_and_went(world: World) -> None:
    one, two = picture(world, "Uva"), picture(world, "Botte", "#1F5A7A")
    post = world.submitted(text="Oggi si vendemmia.", media=[one])
    changed(world, post, text="Domani si vendemmia.", media=[two])
    told = Caller(world.vito).get(f"posts/{post.pk}/differences/", **{"from": 1, "to": 2})
    assert told == {
        "from": 1,
        "to": 2,
        "channels": [
            {
                "channel": world.page.pk,
                "name": "Cantina Roero (prova) · Sandbox",
                "came": False,
                "went": False,
                "text": [
                    {"kind": "removed", "text": "Oggi"},
                    {"kind": "added", "text": "Domani"},
                    {"kind": "same", "text": " si vendemmia."},
                ],
                "link": [],
                "media_before": [{"kind": "removed", "sha256": one.sha256, "alt_text": "Uva"}],
                "media_after": [{"kind": "added", "sha256": two.sha256, "alt_text": "Botte"}],
                "parts": [],
                "comment": [],
                "fields": [],
            }
        ],
    }
    assert Caller(world.vito).get(f"posts/{post.pk}/differences/", **{"from": 2, "to": 2})["channels"] == []


def test_a_clients_person_compares_what_they_were_asked_about(world: World) -> None:
    post = asked_of(world, world.submitted(text="Uno."))
    changed(world, post, text="Due: tra noi.")  # nobody asked Piero about this one
    review = review_of(post)
    decide(review=review, user=world.elena, digest=review.digest, verdict="request_changes", comment="No.")
    post.refresh_from_db()
    asked_of(world, changed(world, post, text="Tre."))
    cliente, here = Caller(world.cliente), f"posts/{post.pk}/differences/"
    seen = cliente.get(here, **{"from": 1, "to": 3})
    assert [piece["text"] for piece in seen["channels"][0]["text"]] == ["Uno.", "Tre."]
    for query in ({"from": 1, "to": 2}, {"from": 2, "to": 3}):
        refused = cliente.get(here, 400, **query)
        assert [code for _field, code in fields(refused)] == ["does_not_exist"]
        assert "tra noi" not in str(refused)
    assert len(Caller(world.vito).get(here, **{"from": 1, "to": 2})["channels"]) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [("from", "invalid"), ("to", "invalid")]),
        ({"from": "1"}, [("to", "invalid")]),
        ({"from": "-1", "to": "1"}, [("from", "invalid")]),
        ({"from": "1", "to": "9" * 30}, [("to", "invalid")]),
        ({"from": "1", "to": "²"}, [("to", "invalid")]),
        ({"from": "1", "to": "7"}, [("to", "does_not_exist")]),
    ],
)
def test_no_such_versions(world: World, query: dict[str, str], expected: list[tuple[str, str]]) -> None:
    post = world.submitted()
    assert fields(Caller(world.vito).get(f"posts/{post.pk}/differences/", 400, **query)) == expected


def test_nobody_elses_post_is_compared(world: World) -> None:
    post = world.submitted()
    for who in (world.bruno, world.sindaco, world.carlo, world.cliente):  # Piero is not asked yet
        Caller(who).get(f"posts/{post.pk}/differences/", 404, **{"from": 1, "to": 1})
    Caller(None).get(f"posts/{post.pk}/differences/", 401, **{"from": 1, "to": 1})


@pytest.mark.parametrize("many", [1, 3])
def test_it_costs_the_same_however_much_differs(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    more = [sandbox(world.marta, world.winery, f"roero-{number}") for number in range(many - 1)]
    post = world.submitted(channels=[world.page, *more], media=[picture(world, f"{number}") for number in range(many)])
    changed(world, post, text="Altro.", media=[picture(world, "Botte", "#1F5A7A")])
    vito = Caller(world.vito)
    vito.get(f"posts/{post.pk}/differences/", **{"from": 1, "to": 2})
    with django_assert_num_queries(10):
        found = vito.get(f"posts/{post.pk}/differences/", **{"from": 1, "to": 2})
    assert len(found["channels"]) == many
