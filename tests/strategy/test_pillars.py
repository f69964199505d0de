"""Pillars: what a client's posts are for."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit.models import Event
from strategy import selectors
from strategy.models import Pillar
from strategy.services import LONGEST_WHY, create_pillar, edit_pillar
from tests.rest.caller import Caller, fields
from tests.world import World


def vines(world: World, **more: Any) -> Pillar:
    return create_pillar(user=world.elena, client=world.winery, name="Vigna", **more)


def test_a_pillar_is_made_explained_retired_and_taken_up_again(world: World) -> None:
    pillar = vines(world, why=" Si compra da chi si conosce.\r\nE la vigna è chi siamo. ")
    assert pillar.why == "Si compra da chi si conosce.\nE la vigna è chi siamo."
    began = timezone.now()
    pillar = edit_pillar(user=world.marta, pillar=pillar, why="La vigna è chi siamo.", retired=True)
    assert (pillar.name, pillar.why, pillar.retired) == ("Vigna", "La vigna è chi siamo.", True)
    assert pillar.updated_at >= began
    # Said twice is said once.
    edit_pillar(user=world.marta, pillar=pillar, why="La vigna è chi siamo.", retired=True)
    assert not edit_pillar(user=world.marta, pillar=pillar, retired=False).retired
    told = Event.objects.filter(subject_type="pillar", subject_id=pillar.pk).order_by("seq")
    assert [event.verb for event in told] == [
        "pillar.created",
        "pillar.explained",
        "pillar.retired",
        "pillar.taken_up",
    ]


@pytest.mark.parametrize("why", ["nul \x00", "mezzo \ud83d", "x" * (LONGEST_WHY + 1)])
def test_a_why_that_can_not_be(world: World, why: str) -> None:
    pillar = create_pillar(user=world.marta, client=world.winery, name="Cantina", why="Chi siamo.")
    with pytest.raises(ValidationError) as refused:
        vines(world, why=why)
    assert list(refused.value.error_dict) == ["why"]
    with pytest.raises(ValidationError) as refused:
        edit_pillar(user=world.marta, pillar=pillar, why=why, retired=True)
    assert list(refused.value.error_dict) == ["why"]
    assert list(Pillar.objects.values_list("why", "retired_at")) == [("Chi siamo.", None)]


def test_a_name_comes_once_in_upper_or_lower_case(world: World) -> None:
    vines(world)
    with pytest.raises(ValidationError) as error:
        create_pillar(user=world.marta, client=world.winery, name="VIGNA")
    assert [(error.code, error.params) for error in error.value.error_dict["name"]] == [("unique", {"name": "Vigna"})]


def test_they_are_for_staff(world: World) -> None:
    pillar = vines(world)
    for who in (world.vito, world.cliente):
        with pytest.raises(PermissionDenied):
            edit_pillar(user=who, pillar=pillar, retired=True)
    seen = [who for who in ("ada", "vito", "cliente", "bruno", "carlo") if selectors.pillars(getattr(world, who))]
    assert seen == ["ada", "vito"]


def test_by_program(world: World) -> None:
    elena, vito = Caller(world.elena), Caller(world.vito)
    made = elena.post("pillars/", {"client": world.winery.pk, "name": "Vigna", "why": "Chi siamo."})
    assert {name: made[name] for name in ("client", "name", "why", "retired")} == {
        "client": world.winery.pk,
        "name": "Vigna",
        "why": "Chi siamo.",
        "retired": False,
    }
    other = {"client": world.winery.pk, "name": "vigna"}
    assert fields(elena.post("pillars/", other, 400)) == [("name", "unique")]
    assert fields(elena.patch(f"pillars/{made['id']}/", {"name": "Vigne"}, 400)) == [("name", "fixed")]
    vito.patch(f"pillars/{made['id']}/", {"retired": True}, 403)
    retired = elena.patch(f"pillars/{made['id']}/", {**made, "retired": True})
    assert (retired["retired"], retired["why"]) == (True, "Chi siamo.")
    assert vito.get("pillars/", retired="false")["results"] == []
    assert [row["id"] for row in vito.get("pillars/", retired="true", name="VIGNA")["results"]] == [made["id"]]
    assert fields(elena.patch(f"pillars/{made['id']}/", {"retired": "yes"}, 400)) == [("retired", "invalid")]
