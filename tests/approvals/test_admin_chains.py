"""Chains: written by a client's manager, the agency's own by its admins."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from approvals.models import Chain
from approvals.services import StepPlan, save_chain
from clients.models import Role
from tests.browsing import Staff, words
from tests.world import World


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for person in (world.ada, world.marta):
        person.language = "en"
        person.save(update_fields=["language"])


def typed(*steps: dict[str, Any], name: str = "Breve", **fields: Any) -> dict[str, Any]:
    """A form as the browser sends it."""
    data: dict[str, Any] = {"name": name, "active": "on", "steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": 0}
    for number, step in enumerate(steps):
        data |= {f"steps-{number}-{field}": value for field, value in step.items()}
    return data | fields


def test_a_chain_is_written_with_its_steps_in_order(world: World) -> None:
    data = typed(
        {"position": 2, "name": "Cliente", "role": Role.APPROVER, "rule": "all"},
        {
            "position": 1,
            "name": "Redazione",
            "users": [world.elena.pk, world.marta.pk],
            "rule": "at_least",
            "needed": 2,
        },
        {"position": "", "name": "", "rule": "any", "needed": 1},
    )
    Staff(world.marta).send("approvals_chain_add", data=data)
    chain = Chain.objects.get(name="Breve")
    steps = [(s.position, s.name, s.rule, s.needed, s.role, s.users.count()) for s in chain.steps.all()]
    assert chain.client == world.winery
    assert steps == [(1, "Redazione", "at_least", 2, "", 2), (2, "Cliente", "all", 1, "approver", 0)]
    page = Staff(world.marta).open("approvals_chain_change", chain.pk)
    assert [form["name"].value() for form in page.context["form"].steps][:2] == ["Redazione", "Cliente"]


@pytest.mark.parametrize(
    ("steps", "name", "said"),
    [
        ([], "Breve", "A chain has at least one step."),
        ([{"name": "Chi?"}], "Breve", "Step 1 needs people by name or a role, and not both."),
        ([{"name": "", "role": "editor"}], "Breve", "Give the step a name."),
        ([{"name": "Troppi", "role": "editor", "needed": "0"}], "Breve", "greater than or equal to 1"),
        ([{"name": "x", "role": "editor"}], "", "This field is required."),
        ([{"name": "x", "role": "editor"}], "Redazione, account, cliente", "There is already a chain with this name."),
        ([{"name": "x", "role": "editor", "rule": "never"}], "Breve", "not one of the available choices"),
    ],
)
def test_bad_input(world: World, steps: list[dict[str, Any]], name: str, said: str) -> None:
    before = Chain.objects.count()
    answer = Staff(world.marta).send("approvals_chain_add", data=typed(*steps, name=name))
    assert said in words(answer)
    assert answer.context["form"]["name"].value() == name
    assert [form["name"].value() for form in answer.context["form"].steps] == [step["name"] for step in steps]
    assert Chain.objects.count() == before


def test_another_clients_people_are_no_choice(world: World) -> None:
    page = Staff(world.marta).open("approvals_chain_add").content.decode()
    for stranger in (world.bruno, world.sindaco, world.carlo):
        assert stranger.name not in page
    answer = Staff(world.marta).send("approvals_chain_add", data=typed({"name": "x", "users": [world.bruno.pk]}))
    assert "not one of the available choices" in words(answer)
    assert world.bruno.name in Staff(world.bruno).open("approvals_chain_add").content.decode()


def test_the_agencys_own_are_for_all_to_use_and_for_admins_to_write(world: World) -> None:
    ada, marta = Staff(world.ada), Staff(world.marta)
    data = typed({"name": "Redazione", "role": Role.EDITOR}, name="Dell'agenzia")
    ada.send("approvals_chain_add", query="?client=agency", data=data)
    chain = Chain.objects.get(name="Dell'agenzia")
    assert chain.client is None
    assert "Dell'agenzia" in words(marta.open("approvals_chain_changelist"))
    assert "Save" not in words(marta.open("approvals_chain_change", chain.pk))
    assert marta.send("approvals_chain_change", chain.pk, data=data).status_code == 403
    assert marta.open("approvals_chain_add", query="?client=agency").status_code == 404
    assert "Save" in words(ada.open("approvals_chain_change", chain.pk))


def test_who_may_see_and_write(world: World) -> None:
    elena = Staff(world.elena)
    assert "Save" not in words(elena.open("approvals_chain_change", world.chain.pk))
    assert elena.send("approvals_chain_change", world.chain.pk, data=typed()).status_code == 403
    assert elena.open("approvals_chain_add").status_code == 403
    for reader in (elena, Staff(world.marta)):
        assert reader.open("approvals_chain_change", world.town_chain.pk).status_code == 404
        assert world.town_chain.name not in reader.open("approvals_chain_changelist").content.decode()
    assert Staff(world.ada).open("approvals_chain_change", world.town_chain.pk).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows - 1):
        step = StepPlan(name="Uno", users=[world.elena, world.marta])
        save_chain(user=world.marta, client=world.winery, name=f"{number}", steps=[step])
    marta = Staff(world.marta)
    marta.open("approvals_chain_changelist")
    with django_assert_num_queries(19):
        marta.open("approvals_chain_changelist")
