"""Chains in the admin: written by a client's manager, the agency's own by its admins; tried before they are saved."""

from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from approvals.models import Chain
from approvals.services import StepPlan, plans_of, retire_chain, save_chain
from clients.models import Membership, Role
from social.services import create_label
from tests.approvals.test_chains import agree
from tests.browsing import Staff, words
from tests.world import World, sandbox

ADD, CHANGE = "approvals_chain_add", "approvals_chain_change"


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for person in (world.ada, world.marta, world.elena):
        person.language = "en"
        person.save(update_fields=["language"])


def typed(*steps: dict[str, Any], name: str = "Breve", do: str = "save", **fields: Any) -> dict[str, Any]:
    """A form as the browser sends it."""
    data: dict[str, Any] = {"name": name, "do": do, "restart": "first", "steps-TOTAL_FORMS": len(steps)}
    for number, step in enumerate(steps):
        usual = {"name": "", "who": "people", "rule": "any", "needed": 1, "role": "", "managers_up": 1}
        usual |= {"due_after": "", "due_before": "", "on_deadline": "remind"}
        data |= {f"steps-{number}-{field}": value for field, value in {**usual, **step}.items()}
    return data | fields


def names(answer: Any) -> list[str]:
    """The steps as they stand in the form."""
    return [step["name"].value() for step in answer.context["form"].steps]


def role(name: str, role: str = Role.MANAGER, **step: Any) -> dict[str, Any]:
    return {"name": name, "who": "role", "role": role, **step}


def test_all_of_a_chain_is_written(world: World) -> None:
    agree(world.winery)
    create_label(user=world.marta, client=world.winery, name="Legale")
    Membership.objects.filter(client=world.winery, user=world.vito).update(manager=world.elena)
    data = typed(
        {"name": "Capo", "who": "managers", "managers_up": 1, "users": [world.elena.pk], "role": "editor"},
        {
            "name": "Due di noi",
            "users": [world.elena.pk, world.marta.pk],
            "rule": "at_least",
            "needed": 2,
            "networks": ["sandbox"],
            "channels": [world.page.pk],
            "labels": ["Legale"],
            "text": ["price"],
            "due_after": "1,5",
            "due_before": "24:30",
            "on_deadline": "escalate",
            "escalate_to": [world.ada.pk],
        },
        role("Cliente", Role.APPROVER, four_eyes="on", due_after="9", on_deadline="tacit"),
        {},
        role("Mai zitto", never_tacit="on"),
        restart="unchanged",
        default_channels=[world.page.pk],
        default_labels=["Legale"],
    )
    answer = Staff(world.marta).send(ADD, data=data)
    assert "Saved." in words(answer)
    chain = Chain.objects.get(name="Breve")
    boss, two, client, last = plans_of(chain)
    assert (chain.client, chain.restart, chain.is_default) == (world.winery, "unchanged", False)
    assert (boss.managers_up, boss.users, boss.role) == (1, [], "")
    assert two.only == {"networks": ["sandbox"], "channels": [world.page.pk], "labels": ["Legale"], "text": ["price"]}
    assert (two.rule, two.needed, two.due_after_minutes, two.due_before_minutes) == ("at_least", 2, 90, 1470)
    assert (two.on_deadline, list(two.escalate_to)) == ("escalate", [world.ada])
    assert two.users == [world.elena, world.marta]  # by name
    assert (client.role, client.four_eyes, client.on_deadline, client.due_after_minutes) == (
        "approver",
        True,
        "tacit",
        540,
    )
    assert last.never_tacit
    assert {row.value for row in chain.defaults.all()} == {"Legale", str(world.page.pk)}
    page = Staff(world.marta).open(CHANGE, chain.pk)
    assert names(page) == ["Capo", "Due di noi", "Cliente", "Mai zitto"]
    shown = page.context["form"].steps[1]
    assert [shown[field].value() for field in ("due_after", "due_before", "who", "needed")] == [
        "1:30",
        "24:30",
        "people",
        2,
    ]
    assert "1:30 working hours after its turn; 24:30 hours before it goes out; then also Ada Conti" in words(page)
    # What is shown, sent as it is, changes nothing.
    Staff(world.marta).send(CHANGE, chain.pk, data=sent_again(page))
    assert plans_of(chain) == [boss, two, client, last]


def sent_again(page: Any) -> dict[str, Any]:
    """All that a browser would send of this page, if nothing were typed."""
    form = page.context["form"]
    data: dict[str, Any] = {"do": "save", "steps-TOTAL_FORMS": len(form.steps)}
    for one in (form, *form.steps):
        for field in one:
            value = field.value()
            if value not in (None, False, ""):
                data[field.html_name] = "on" if value is True else value
    return data


@pytest.mark.parametrize(
    ("steps", "name", "said"),
    [
        ([], "Breve", ["A chain has at least one step."]),
        ([{"name": "Chi?"}], "Breve", ["Look at step 1.", "Step 1 needs people by name, a role"]),
        (
            [role("Va"), {"name": "", "who": "role", "role": "editor"}],
            "Breve",
            ["Look at step 2.", "Give the step a name."],
        ),
        ([role("Troppi", "editor", needed="0")], "Breve", ["greater than or equal to 1"]),
        ([role("x")], "", ["This field is required."]),
        ([role("x")], "Redazione, account, cliente", ["There is already a chain with this name."]),
        ([role("x", "editor", rule="never")], "Breve", ["not one of the available choices"]),
        ([role("x", "viewer")], "Breve", ["not one of the available choices"]),
        ([role("x", due_after="domani")], "Breve", ["Type hours like 24, 1.5 or 1:30.", "Look at step 1."]),
        ([role("x", due_after="0")], "Breve", ["Step 1 has a deadline of no time at all."]),
        (
            [role("x", on_deadline="escalate", due_after="5")],
            "Breve",
            ["asks more people at its deadline, and names none"],
        ),
        (
            [role("x"), role("y", "approver", on_deadline="tacit", due_after="5")],
            "Breve",
            ["Look at step 2.", "Step 2 counts silence as consent, which Cantina Roero has not agreed to in writing."],
        ),
        ([role("x", "approver", rule="at_least", needed="2")], "Breve", ["has 1 of the 2 people it needs"]),
    ],
)
def test_bad_input_stands_at_its_step_and_nothing_typed_is_lost(
    world: World, steps: list[dict[str, Any]], name: str, said: list[str]
) -> None:
    before = Chain.objects.count()
    answer = Staff(world.marta).send(ADD, data=typed(*steps, name=name))
    for text in said:
        assert text in words(answer)
    assert "It is not saved yet." in words(answer)
    assert answer.context["form"]["name"].value() == name
    assert names(answer) == [step["name"] for step in steps]
    for shown, step in zip(answer.context["form"].steps, steps, strict=True):
        assert {field: shown[field].value() for field in step} == step
    assert Chain.objects.count() == before


def test_errors_among_the_rare_settings_are_open_to_see(world: World) -> None:
    answer = Staff(world.marta).send(ADD, data=typed(role("Va"), role("x", due_after="domani")))
    assert [step.rare_errors for step in answer.context["form"].steps] == [False, True]
    assert answer.content.decode().count('<details class="chain-more" open>') == 1


def test_steps_are_added_moved_and_removed_without_a_word_lost(world: World) -> None:
    marta = Staff(world.marta)
    three = [role("Uno", due_after="3"), {"name": "Due", "users": [world.elena.pk]}, {"name": "Tre"}]
    for do, order in [
        ("add", ["Uno", "Due", "Tre", None]),
        ("up-0", ["Uno", "Due", "Tre"]),
        ("up-2", ["Uno", "Tre", "Due"]),
        ("down-0", ["Due", "Uno", "Tre"]),
        ("down-2", ["Uno", "Due", "Tre"]),
        ("remove-1", ["Uno", "Tre"]),
        ("remove-9", ["Uno", "Due", "Tre"]),
        ("remove-x", ["Uno", "Due", "Tre"]),
        ("dance", ["Uno", "Due", "Tre"]),
    ]:
        answer = marta.send(ADD, data=typed(*three, name="", do=do))
        assert names(answer) == order
        assert "It is not saved yet." not in words(answer)
        steps = {step["name"].value(): step for step in answer.context["form"].steps}
        assert steps["Uno"]["due_after"].value() == "3"
        if "Due" in steps:
            assert steps["Due"]["users"].value() == [str(world.elena.pk)]
    assert not Chain.objects.filter(client=world.winery).exclude(pk=world.chain.pk).exists()


def test_thirty_steps_fit_and_no_more(world: World) -> None:
    everybody = [world.ada.pk, world.elena.pk, world.marta.pk, world.cliente.pk]
    step = {"name": "x", "users": everybody, "networks": ["sandbox"], "text": ["link", "price", "name"]}
    marta = Staff(world.marta)
    full = marta.send(ADD, data=typed(*[step] * 30, do="add"))
    assert "A chain has at most 30 steps." in words(full)
    assert "A chain has at most 30 steps." in words(marta.send(ADD, data=typed(*[step] * 31)))
    marta.send(ADD, data=typed(*[step] * 30))
    assert Chain.objects.get(name="Breve").steps.count() == 30
    for nonsense in ("", "x", "-1", "9" * 12):
        assert "at least one step" in words(
            marta.send(ADD, data={**typed(step, name="y"), "steps-TOTAL_FORMS": nonsense})
        )


def test_what_would_happen_is_shown_before_anything_is_saved(world: World) -> None:
    world.draft(title="Offerta", text="Sei bottiglie a 60 €.")
    world.draft(title="Vendemmia")
    world.town_post("Fiera")
    steps = [
        role("Account", due_after="8"),
        {"name": "Prezzi", "users": [world.elena.pk, world.marta.pk], "rule": "all", "text": ["price"]},
        role("Cliente", Role.APPROVER, on_deadline="escalate", due_after="8", escalate_to=[world.ada.pk]),
    ]
    answer = Staff(world.marta).send(ADD, data=typed(*steps, name="", do="foresee"))
    first, second = answer.context["form"].preview
    assert (first.title, second.title) == ("Vendemmia", "Offerta")
    assert [step.mark for step in first.steps] == ["Asked", "Left out", "Asked"]
    said = words(answer)
    assert "Marta Gallo is asked. At the latest " in said
    assert "It is asked only for a price in the text." in said
    assert "Elena Riva, Marta Gallo are asked. All of them must approve." in said
    assert "Then Ada Conti would be asked as well." in said
    assert "Fiera" not in said
    assert Chain.objects.count() == 2


def test_the_same_is_shown_after_an_error(world: World) -> None:
    world.draft(title="Vendemmia")
    taken = Staff(world.marta).send(ADD, data=typed(role("x"), name=world.chain.name))
    assert [post.title for post in taken.context["form"].preview] == ["Vendemmia"]
    steps = [{"name": name, "users": [world.elena.pk], "four_eyes": "on"} for name in ("Prima", "Seconda")]
    stuck = Staff(world.marta).send(ADD, data=typed(*steps))
    assert [step.mark for step in stuck.context["form"].preview[0].steps] == ["Asked", "Nobody could pass it"]
    assert words(stuck).count("could be left with 0 of the 1 people it needs") == 2
    unclear = Staff(world.marta).send(ADD, data=typed(role("x", due_after="boh"), do="foresee"))
    assert unclear.context["form"].preview == []
    assert "When what is marked is put right" in words(unclear)
    who = Staff(world.marta).send(ADD, data=typed({"name": "Chi?"}, do="foresee"))
    assert words(who).count("Step 1 needs people by name") == 1


def test_a_chain_shows_what_it_does_and_where_there_is_no_post_says_so(world: World) -> None:
    page = Staff(world.marta).open(CHANGE, world.chain.pk)
    assert "Cantina Roero has nothing yet on which it could be tried." in words(page)
    world.submitted(title="Vendemmia")
    page = Staff(world.marta).open(CHANGE, world.chain.pk)
    assert [post.title for post in page.context["form"].preview] == ["Vendemmia"]
    assert "Cantina Roero: 1 review under way." in words(page)
    assert "Default for Cantina Roero." in words(page)


def test_another_clients_people_are_no_choice(world: World) -> None:
    page = Staff(world.marta).open(ADD).content.decode()
    for stranger in (world.bruno, world.sindaco, world.carlo, world.nonna):
        assert stranger.name not in page
    answer = Staff(world.marta).send(ADD, data=typed({"name": "x", "users": [world.bruno.pk]}))
    assert "not one of the available choices" in words(answer)
    assert world.bruno.name in Staff(world.bruno).open(ADD).content.decode()
    other = sandbox(world.bruno, world.town, "piazza")
    answer = Staff(world.marta).send(ADD, data=typed(role("x", channels=[other.pk]), default_channels=[other.pk]))
    assert words(answer).count("not one of the available choices") == 2


def test_the_agencys_own_are_for_all_to_use_and_for_admins_to_write(world: World) -> None:
    ada, marta = Staff(world.ada), Staff(world.marta)
    world.draft(title="Vendemmia")
    data = typed(
        role("Redazione", Role.EDITOR),
        role("Cliente", Role.APPROVER, due_after="9", on_deadline="tacit"),
        name="Dell'agenzia",
    )
    tried = ada.send(ADD, query="?client=agency", data={**data, "do": "foresee", "try_with": world.winery.pk})
    assert "Silence does not count: Cantina Roero has not agreed to that in writing. It reminds instead." in words(
        tried
    )
    ada.send(ADD, query="?client=agency", data=data)
    chain = Chain.objects.get(name="Dell'agenzia")
    assert chain.client is None
    assert "Dell'agenzia" in words(marta.open("approvals_chain_changelist"))
    assert "Save" not in words(marta.open(CHANGE, chain.pk))
    assert "Vendemmia" in words(marta.open(CHANGE, chain.pk))
    assert marta.send(CHANGE, chain.pk, data=data).status_code == 403
    assert marta.open(ADD, query="?client=agency").status_code == 404
    assert "Save" in words(ada.open(CHANGE, chain.pk))


def test_who_may_see_and_write(world: World) -> None:
    elena = Staff(world.elena)
    assert "Save" not in words(elena.open(CHANGE, world.chain.pk))
    assert elena.send(CHANGE, world.chain.pk, data=typed()).status_code == 403
    assert elena.open(ADD).status_code == 403
    for reader in (elena, Staff(world.marta)):
        assert reader.open(CHANGE, world.town_chain.pk).status_code == 404
        assert world.town_chain.name not in reader.open("approvals_chain_changelist").content.decode()
        for page in ("copy", "retire", "take_up"):
            assert reader.open(f"approvals_chain_{page}", world.town_chain.pk).status_code == 404
            assert reader.send(f"approvals_chain_{page}", world.town_chain.pk).status_code == 404
    for page in ("retire", "take_up"):
        assert elena.send(f"approvals_chain_{page}", world.chain.pk).status_code == 403
    assert elena.open("approvals_chain_copy", world.chain.pk).status_code == 404
    assert Staff(world.ada).open(CHANGE, world.town_chain.pk).status_code == 200
    world.chain.refresh_from_db()
    assert world.chain.active


def test_a_copy_asks_who_is_to_be_chosen_anew(world: World) -> None:
    original = save_chain(
        user=world.ada,
        client=None,
        name="Dell'agenzia",
        steps=[
            StepPlan(name="Sindaco", users=[world.sindaco, world.elena]),
            StepPlan(name="Solo lui", users=[world.sindaco]),
            StepPlan(name="Account", role=Role.MANAGER),
        ],
    )
    marta = Staff(world.marta)
    copy = marta.open("approvals_chain_copy", original.pk, follow="")
    assert copy.status_code == 302
    page: Any = marta.browser.get(copy["Location"])
    assert names(page) == ["Sindaco", "Solo lui", "Account"]
    assert page.context["form"].steps[0]["users"].value() == [world.elena.pk]
    assert words(page).count("Named so far, and with no say here: Il Sindaco.") == 2
    assert "A copy of “Dell'agenzia”." in words(page)
    query = f"?client={world.winery.pk}&copy={original.pk}"
    refused = marta.send(ADD, query=query, data=sent_again(page))
    assert "Step 2 needs people by name" in words(refused)
    data = {**sent_again(page), "steps-1-users": [world.cliente.pk]}
    marta.send(ADD, query=query, data=data)
    made = Chain.objects.get(client=world.winery, name="Dell'agenzia")
    assert (made.copied_from, [list(plan.users) for plan in plans_of(made)]) == (
        original,
        [[world.elena], [world.cliente], []],
    )
    assert "Copied for Cantina Roero as “Dell'agenzia”." in words(Staff(world.ada).open(CHANGE, original.pk))
    assert "It began as a copy of “Dell'agenzia”." in words(marta.open(CHANGE, made.pk))
    # Ada has two clients to choose from; a client's own chain stays with it, another client's is not there.
    chosen = Staff(world.ada).open("approvals_chain_copy", original.pk)
    assert f"client={world.town.pk}&amp;copy={original.pk}" in chosen.content.decode()
    for pair in (f"{world.town.pk}&copy={world.chain.pk}", f"agency&copy={original.pk}", f"{world.town.pk}&copy=x"):
        assert Staff(world.ada).open(ADD, query=f"?client={pair}").status_code == 404
    assert marta.open(ADD, query=f"?client={world.winery.pk}&copy={world.town_chain.pk}").status_code == 404


def test_who_is_gone_is_named_and_left_out_when_it_is_saved(world: World) -> None:
    chain = save_chain(
        user=world.marta, client=world.winery, name="Due", steps=[StepPlan(name="x", users=[world.elena, world.marta])]
    )
    world.elena.is_active = False
    world.elena.save(update_fields=["is_active"])
    page = Staff(world.marta).open(CHANGE, chain.pk)
    assert "Named so far, and with no say here: Elena Riva." in words(page)
    Staff(world.marta).send(CHANGE, chain.pk, data=sent_again(page))
    assert [list(plan.users) for plan in plans_of(chain)] == [[world.marta]]


def test_retiring_a_default_warns_and_can_be_undone(world: World) -> None:
    world.submitted()
    marta = Staff(world.marta)
    asked = words(marta.open("approvals_chain_retire", world.chain.pk))
    assert "Default for Cantina Roero." in asked
    assert "It is the default no more then: posts take the next default there is, or ask for a chain." in asked
    assert "1 review is under way with it." in asked
    page = marta.send("approvals_chain_retire", world.chain.pk)
    assert "This chain is not offered for new posts." in words(page)
    world.chain.refresh_from_db()
    assert (world.chain.active, world.chain.is_default) == (False, False)
    assert "Retired" in words(marta.open("approvals_chain_changelist"))
    # An old page of it that is saved does not bring it back.
    marta.send(CHANGE, world.chain.pk, data=sent_again(page))
    world.chain.refresh_from_db()
    assert not world.chain.active
    assert "It is offered again." in words(marta.send("approvals_chain_take_up", world.chain.pk))
    world.chain.refresh_from_db()
    assert world.chain.active


def test_a_chain_that_nobody_could_pass_is_not_taken_up(world: World) -> None:
    retire_chain(user=world.marta, chain=world.chain)
    world.elena.is_active = False
    world.elena.save(update_fields=["is_active"])
    answer = Staff(world.marta).send("approvals_chain_take_up", world.chain.pk)
    assert "has 0 of the 1 people it needs" in words(answer)


def test_two_managers_save_the_same_chain(world: World) -> None:
    marta, ada = Staff(world.marta), Staff(world.ada)
    hers, mine = (sent_again(staff.open(CHANGE, world.chain.pk)) for staff in (ada, marta))
    ada.send(CHANGE, world.chain.pk, data={**hers, "steps-0-name": "Di Ada"})
    answer = marta.send(CHANGE, world.chain.pk, data={**mine, "steps-0-name": "Di Marta"})
    assert "Somebody has changed this chain since you opened it." in words(answer)
    assert answer.context["form"].saved_meanwhile == ["Di Ada", "Account", "Cliente"]
    assert names(answer)[0] == "Di Marta"
    assert plans_of(world.chain)[0].name == "Di Ada"
    marta.send(CHANGE, world.chain.pk, data=sent_again(answer))
    assert plans_of(world.chain)[0].name == "Di Marta"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows - 1):
        step = StepPlan(name="Uno", users=[world.elena, world.marta])
        save_chain(user=world.marta, client=world.winery, name=f"{number}", steps=[step])
    marta = Staff(world.marta)
    marta.open("approvals_chain_changelist")
    with django_assert_num_queries(12):
        marta.open("approvals_chain_changelist")


@pytest.mark.parametrize("steps", [1, 3])
def test_the_editor_asks_as_often_for_one_step_as_for_three(
    world: World, steps: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(steps):
        world.draft()
    plan = StepPlan(name="Uno", users=[world.elena, world.marta], due_after_minutes=60)
    chain = save_chain(user=world.marta, client=world.winery, name="x", steps=[plan] * steps)
    marta = Staff(world.marta)
    marta.browser.get(reverse(f"admin:{CHANGE}", args=[chain.pk]))
    with django_assert_num_queries(37):
        marta.open(CHANGE, chain.pk)
