"""By the API: what is out is corrected, taken down, read back and counted."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from social.models import Post, Reading, SandboxPost, Watch
from social.networks.sandbox import Sandbox
from social.services import watching
from tests.rest.caller import Caller, fields
from tests.social.test_correcting import WHY
from tests.social.test_publishing import run
from tests.world import World, approve


def everybody(world: World, post: int) -> None:
    """The usual chain says yes."""
    for user in (world.elena, world.marta, world.cliente):
        approve(Post.objects.get(pk=post), user)


def test_what_is_out_is_changed_and_then_taken_down(world: World) -> None:
    live = run(world.due(text="Vendemmia 2025."))
    vito, path = Caller(world.vito), f"publications/{live.pk}/"
    asked = {"act": "edit", "text": "Vendemmia 2026.", "because": WHY}
    draft = vito.post(path + "correct/", asked)
    assert {name: draft[name] for name in ("act", "corrects", "because", "state", "text", "channels")} == {
        "act": "edit",
        "corrects": live.pk,
        "because": WHY,
        "state": "draft",
        "text": "Vendemmia 2026.",
        "channels": [world.page.pk],
    }
    vito.post(f"posts/{draft['id']}/submit/", {}, 200)
    everybody(world, draft["id"])
    (change,) = vito.get(f"publications/?post={draft['id']}")["results"]
    assert (change["act"], change["target"], change["state"]) == ("edit", live.pk, "scheduled")
    assert run(live).state == "published"
    down = vito.post(path + "take_down/", {"because": WHY})
    assert (down["act"], down["state"]) == ("take_down", "in_review")
    everybody(world, down["id"])
    run(live)
    shown = vito.get(path)
    assert shown["corrections"] == [draft["id"], down["id"]]
    assert (shown["state"], shown["taken_down"]["by"], shown["taken_down"]["because"]) == (
        "published",
        "vito@filo.example",
        WHY,
    )
    assert not SandboxPost.objects.exists()
    # Nothing in a list is called published that was taken down, unless it is asked for.
    assert [row["act"] for row in vito.get("publications/")["results"]] == ["publish", "edit"]
    assert [row["id"] for row in vito.get("publications/?act=take_down")["results"]] == [change["id"] + 1]
    assert down["id"] not in [row["id"] for row in vito.get("posts/")["results"]]
    assert down["id"] in [row["id"] for row in vito.get(f"posts/?corrects={live.pk}")["results"]]


def test_what_can_not_be_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sandbox, "threads", False)
    monkeypatch.setattr(Sandbox, "comments", False)
    live = run(world.due())
    vito, path = Caller(world.vito), f"publications/{live.pk}/"
    assert fields(vito.post(path + "take_down/", {}, 400)) == [("because", "required")]
    assert fields(vito.post(path + "correct/", {"act": "reply", "text": "Scusate."}, 400)) == [("act", "not_possible")]
    assert fields(vito.post(path + "correct/", {"act": "edit", "media": [10**9]}, 400)) == [("media", "does_not_exist")]
    Caller(world.nonna).post(path + "take_down/", {"because": WHY}, 403)
    Caller(world.bruno).post(path + "take_down/", {"because": WHY}, 404)
    Caller(world.bruno).get(path + "numbers/", 404)
    vito.post(path + "take_down/", {"because": WHY})
    vito.post(path + "take_down/", {"because": WHY}, 409)


def test_numbers_and_what_was_found_are_told_and_unknown_is_null(world: World) -> None:
    live = run(world.due())
    watching.look(publication_id=live.pk)
    SandboxPost.objects.update(views=3)
    watching.count(publication_id=live.pk)
    nonna, path = Caller(world.nonna), f"publications/{live.pk}/"
    found = nonna.get(path)["verification"]
    assert (found["found"], found["verified_at"] == found["looked_at"], found["detail"]) == ("there", True, "")
    (counted,) = nonna.get(path + "numbers/")["results"]
    assert {name: counted[name] for name in ("views", "reach", "reactions", "clicks", "conversions")} == {
        "views": 3,
        "reach": None,
        "reactions": None,
        "clicks": None,
        "conversions": None,
    }


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_as_often_for_three_as_for_one(world: World, rows: int) -> None:
    for _number in range(rows):
        run(world.due())
    live = Watch.objects.order_by("pk")[0].publication
    Reading.objects.bulk_create(
        Reading(publication=live, client=world.winery, mark=mark, views=mark) for mark in range(rows)
    )
    elena = Caller(world.elena)
    for path, number in (("publications/", 6), (f"publications/{live.pk}/numbers/", 6)):
        with CaptureQueriesContext(connection) as asked:
            assert len(elena.get(path)["results"]) == rows
        assert len(asked) == number
