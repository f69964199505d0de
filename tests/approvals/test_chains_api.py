"""Chains, by the API: all of a step, copies, what would happen."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from approvals.models import Chain
from approvals.services import StepPlan, save_chain
from social.services import create_label
from tests.approvals.test_chains import agree
from tests.rest.caller import Caller, fields
from tests.world import World

EMPTY: dict[str, list[Any]] = {"networks": [], "channels": [], "labels": [], "pillars": [], "text": [], "changed": []}
USUAL: dict[str, Any] = {
    "rule": "any",
    "needed": 1,
    "users": [],
    "role": None,
    "managers_up": 0,
    "only": EMPTY,
    "due_after_minutes": None,
    "due_before_minutes": None,
    "on_deadline": "remind",
    "escalate_to": [],
    "never_tacit": False,
    "four_eyes": False,
}


def body(world: World, **step: Any) -> dict[str, Any]:
    return {"client": world.winery.pk, "name": "Breve", "steps": [{"name": "Uno", **step}]}


def test_a_chain_is_written_and_changed_in_what_is_named(world: World) -> None:
    marta = Caller(world.marta)
    # As the contract has had it from the beginning.
    plain: dict[str, Any] = {"due_after_minutes": None, "on_deadline": "remind", "escalate_to": [], "four_eyes": False}
    steps = [
        {"name": "Redazione", "users": ["Elena@filo.example"], **plain},
        {"name": "Tutti", "rule": "at_least", "needed": 1, "role": "approver"},
    ]
    made = marta.post("chains/", {"client": world.winery.pk, "name": "Due passi", "steps": steps})
    told = [
        {**USUAL, "name": "Redazione", "users": ["elena@filo.example"]},
        {**USUAL, "name": "Tutti", "rule": "at_least", "role": "approver"},
    ]
    assert (made["steps"], made["subject"], made["is_default"], made["active"]) == (told, "post", False, True)
    assert (made["restart"], made["default_channels"], made["default_labels"], made["copied_from"]) == (
        "first",
        [],
        [],
        None,
    )
    changed = marta.patch(f"chains/{made['id']}/", {"name": "Due"})
    assert (changed["name"], changed["steps"]) == ("Due", told)
    shorter = marta.patch(f"chains/{made['id']}/", {"steps": changed["steps"][:1], "active": False})
    assert (shorter["name"], shorter["steps"], shorter["active"]) == ("Due", told[:1], False)
    # A step is sent whole also where the chain is not.
    bare = marta.patch(f"chains/{made['id']}/", {"steps": [{"name": "Uno", "role": "manager"}]})
    assert bare["steps"] == [{**USUAL, "name": "Uno", "role": "manager"}]
    assert fields(marta.patch(f"chains/{made['id']}/", {"steps": [{}]}, 400)) == [("steps.0.name", "required")]
    assert fields(marta.patch(f"chains/{made['id']}/", {"client": None}, 400)) == [("client", "fixed")]


def test_all_of_a_step_is_taken_and_told(world: World) -> None:
    agree(world.winery)
    create_label(user=world.marta, client=world.winery, name="Legale")
    marta = Caller(world.marta)
    first = {
        **USUAL,
        "name": "Avvocata",
        "rule": "all",
        "users": ["elena@filo.example"],
        "only": {
            "networks": ["sandbox"],
            "channels": [world.page.pk],
            "labels": ["Legale"],
            "pillars": [],
            "changed": [],
            "text": ["link", "price"],
        },
        "due_after_minutes": 480,
        "due_before_minutes": 60,
        "on_deadline": "escalate",
        "escalate_to": ["ada@filo.example", "cliente@filo.example"],
        "four_eyes": True,
        "never_tacit": True,
    }
    second = {**USUAL, "name": "Cliente", "role": "approver", "due_after_minutes": 540, "on_deadline": "tacit"}
    sent = {
        "client": world.winery.pk,
        "name": "Tutto",
        "steps": [first, second],
        "restart": "unchanged",
        "default_channels": [world.page.pk],
        "default_labels": ["Legale"],
    }
    made = marta.post("chains/", sent)
    for step in made["steps"]:
        step["escalate_to"].sort()
    assert {name: made[name] for name in sent} == sent
    again = marta.patch(f"chains/{made['id']}/", {"steps": made["steps"], "default_labels": []})
    assert (again["default_channels"], again["default_labels"]) == ([world.page.pk], [])
    managers = marta.patch(f"chains/{made['id']}/", {"steps": [{"name": "Chi c'è", "role": "editor"}]})
    assert managers["restart"] == "unchanged"


def test_the_agencys_own_chain_is_an_admins(world: World) -> None:
    sent = {"client": None, "name": "Di tutti", "steps": [{"name": "Manager", "role": "manager"}]}
    Caller(world.marta).post("chains/", sent, 403)
    made = Caller(world.ada).post("chains/", sent)
    assert (made["client"], made["updated_at"][-6:]) == (None, "+00:00")
    assert made["id"] in [chain["id"] for chain in Caller(world.vito).get("chains/")["results"]]


@pytest.mark.parametrize(
    ("step", "field", "code"),
    [
        ({}, "steps.0", "who"),
        ({"users": ["elena@filo.example"], "role": "manager"}, "steps.0", "who"),
        ({"users": ["sindaco@filo.example"]}, "steps.0.users", "does_not_exist"),
        ({"users": ["nobody@filo.example"]}, "steps.0.users", "does_not_exist"),
        ({"users": ["nonna@filo.example"]}, "steps.0.users", "viewer"),
        ({"users": ["elena@filo.example"], "rule": "at_least", "needed": 2}, "steps.0.needed", "needed"),
        ({"role": "approver", "rule": "at_least", "needed": 2}, "steps.0", "no_eligible_approver"),
        ({"role": "king"}, "steps.0.role", "invalid_choice"),
        ({"role": "viewer"}, "steps.0.role", "viewer"),
        ({"role": "manager", "rule": "some"}, "steps.0.rule", "invalid_choice"),
        ({"role": "manager", "needed": 0}, "steps.0.needed", "min_value"),
        ({"role": "manager", "name": ""}, "steps.0.name", "blank"),
        ({"role": "manager", "due_after_minutes": 0}, "steps.0.due_after_minutes", "min_value"),
        ({"role": "manager", "due_after_minutes": "soon"}, "steps.0.due_after_minutes", "invalid"),
        ({"role": "manager", "due_before_minutes": 10**9}, "steps.0.due_before_minutes", "max_value"),
        ({"role": "manager", "on_deadline": "escalate", "due_after_minutes": 5}, "steps.0.escalate_to", "escalate_to"),
        ({"role": "manager", "on_deadline": "tacit", "due_after_minutes": 5}, "steps.0.on_deadline", "tacit_consent"),
        ({"role": "manager", "on_deadline": "tacit", "never_tacit": True}, "steps.0.on_deadline", "deadline"),
        (
            {"role": "manager", "on_deadline": "escalate", "due_after_minutes": 5, "escalate_to": ["x@filo.example"]},
            "steps.0.escalate_to",
            "does_not_exist",
        ),
        ({"managers_up": 6}, "steps.0.managers_up", "max_value"),
        ({"managers_up": 1}, "steps.0", "no_eligible_approver"),
        ({"role": "manager", "only": {"moon": ["full"]}}, "steps.0.only.moon", "unknown"),
        ({"role": "manager", "only": {"labels": ["Gone"]}}, "steps.0.only.labels", "does_not_exist"),
        ({"role": "manager", "only": {"channels": [0]}}, "steps.0.only.channels", "does_not_exist"),
        ({"role": "manager", "only": {"text": ["poem"]}}, "steps.0.only.text.0", "invalid_choice"),
        ({"role": "manager", "only": {"networks": "x"}}, "steps.0.only.networks", "not_a_list"),
        ({"role": "manager", "only": []}, "steps.0.only", "invalid"),
    ],
)
def test_what_a_step_cannot_be(world: World, step: dict[str, Any], field: str, code: str) -> None:
    assert (field, code) in fields(Caller(world.marta).post("chains/", body(world, **step), 400))
    assert not Chain.objects.filter(name="Breve").exists()


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"steps": []}, ("steps", "required")),
        ({"steps": [{"name": "x", "role": "manager"}] * 31}, ("steps", "max_length")),
        ({"restart": "never"}, ("restart", "invalid_choice")),
        ({"default_channels": [0]}, ("default_channels", "does_not_exist")),
        ({"default_labels": ["Gone"]}, ("default_labels", "does_not_exist")),
        ({"is_default": True}, ("is_default", "unique")),
        ({"name": "Redazione, account, cliente"}, ("name", "unique")),
    ],
)
def test_what_a_chain_cannot_be(world: World, sent: dict[str, Any], wrong: tuple[str, str]) -> None:
    assert fields(Caller(world.marta).post("chains/", {**body(world, role="manager"), **sent}, 400)) == [wrong]


def test_a_chain_is_retired_also_where_its_people_are_gone(world: World) -> None:
    world.elena.is_active = False
    world.elena.save(update_fields=["is_active"])
    marta, here = Caller(world.marta), f"chains/{world.chain.pk}/"
    told = marta.patch(here, {"active": False})
    assert (told["active"], told["is_default"]) == (False, False)
    assert fields(marta.patch(here, {"active": True}, 400)) == [("steps.0", "no_eligible_approver")]


def test_a_copy_for_a_client(world: World) -> None:
    steps = [StepPlan(name="Agenzia", users=[world.ada])]
    original = save_chain(user=world.ada, client=None, name="Di tutti", steps=steps)
    marta, here = Caller(world.marta), f"chains/{original.pk}/copy/"
    made = marta.post(here, {"client": world.winery.pk, "name": "Nostra"})
    assert (made["copied_from"], made["client"], made["steps"][0]["users"]) == (
        original.pk,
        world.winery.pk,
        ["ada@filo.example"],
    )
    assert fields(marta.post(here, {"client": world.winery.pk, "name": "Nostra"}, 400)) == [("name", "unique")]
    assert fields(marta.post(here, {"client": world.town.pk, "name": "x"}, 400)) == [("client", "does_not_exist")]
    marta.post(f"chains/{world.town_chain.pk}/copy/", {"client": world.winery.pk, "name": "x"}, 404)
    Caller(world.elena).post(here, {"client": world.winery.pk, "name": "x"}, 403)
    other = Caller(world.ada).post(f"chains/{world.town_chain.pk}/copy/", {"client": world.winery.pk, "name": "x"}, 400)
    assert fields(other) == [("chain", "chain")]
    save_chain(
        user=world.ada, client=None, chain=original, name="Di tutti", steps=[StepPlan(name="x", users=[world.sindaco])]
    )
    assert fields(marta.post(here, {"client": world.winery.pk, "name": "y"}, 400)) == [("steps.0.users", "member")]


def test_what_would_happen(world: World) -> None:
    world.draft(title="Offerta", text="Sei bottiglie a 60 €.")
    world.town_post()
    steps = [
        {"name": "Redazione", "users": ["elena@filo.example"], "due_after_minutes": 60},
        {"name": "Link", "role": "manager", "only": {"text": ["link"]}},
        {"name": "Da capo", "users": ["elena@filo.example"], "four_eyes": True},
    ]
    (seen,) = Caller(world.vito).post("chains/foresee/", {"client": world.winery.pk, "steps": steps}, 200)
    assert (seen["title"], seen["refusal"] == seen["steps"][2]["refusal"]) == ("Offerta", True)
    assert "Da capo" in seen["refusal"]
    assert [(step["position"], step["skipped"], step["people"]) for step in seen["steps"]] == [
        (1, False, ["elena@filo.example"]),
        (2, True, []),
        (3, False, ["elena@filo.example"]),
    ]
    assert seen["steps"][0]["due_at"][-6:] in {"+01:00", "+02:00"}
    assert Chain.objects.count() == 2
    asked = {"client": world.winery.pk, "steps": [{"name": "x"}]}
    assert fields(Caller(world.vito).post("chains/foresee/", asked, 400)) == [("steps.0", "who")]
    assert fields(Caller(world.bruno).post("chains/foresee/", asked, 400)) == [("client", "does_not_exist")]
    Caller(world.cliente).post("chains/foresee/", asked, 403)


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_for_one_chain_and_for_three(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    for number in range(many - 1):
        step = StepPlan(name="Uno", users=[world.elena, world.marta])
        save_chain(user=world.marta, client=world.winery, name=f"{number}", steps=[step] * many)
    marta = Caller(world.marta)
    marta.get("chains/")
    with django_assert_num_queries(7):
        assert len(marta.get("chains/")["results"]) == many
