"""Chains as managers write them: what a step can't be, who uses which by default, copies, retiring."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.errors import Conflict
from approvals.models import Chain, OnDeadline, Restart, ReviewState, Rule
from approvals.services import (
    StepPlan,
    chain_for,
    copy_chain,
    foresee,
    plans_of,
    retire_chain,
    save_chain,
    take_up_chain,
)
from audit.models import Event
from clients.models import Client, Membership, Role
from clients.services import set_manager
from social.kind import POST
from social.models import PostState
from social.services import create_label, submit_post
from strategy.services import create_pillar
from tests.world import World, approve, review_of, sandbox


def save(world: World, *steps: StepPlan, **fields: Any) -> Chain:
    """A chain of the winery's."""
    return save_chain(**{"user": world.marta, "client": world.winery, "name": "Prova", "steps": steps, **fields})


def said(error: pytest.ExceptionInfo[ValidationError]) -> dict[str, list[str | None]]:
    """Which fields, and the code of each thing said of them."""
    return {field: [single.code for single in found] for field, found in error.value.error_dict.items()}


def agree(client: Client) -> None:
    """The client agrees to tacit consent, in writing."""
    client.tacit_consent_agreed_on = date(2026, 5, 1)
    client.tacit_consent_document.save("a", ContentFile(b"%PDF-1.7"), save=True)


@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        ({}, {"steps.0": ["who"]}),
        ({"role": "manager", "managers_up": 1}, {"steps.0": ["who"]}),
        ({"role": "viewer"}, {"steps.0.role": ["viewer"]}),
        ({"role": "king"}, {"steps.0.role": ["viewer", "invalid_choice"]}),
        ({"managers_up": 6}, {"steps.0.managers_up": ["max_value"]}),
        ({"role": "manager", "name": ""}, {"steps.0.name": ["blank"]}),
        ({"role": "manager", "rule": "some"}, {"steps.0.rule": ["invalid_choice"]}),
        ({"role": "manager", "rule": "at_least", "needed": 0}, {"steps.0.needed": ["min_value"]}),
        ({"role": "manager", "rule": "at_least", "needed": 101}, {"steps.0.needed": ["needed"]}),
        ({"managers_up": 1, "rule": "at_least", "needed": 2}, {"steps.0.needed": ["needed"]}),
        ({"role": "manager", "due_after_minutes": 0}, {"steps.0.due_after_minutes": ["deadline"]}),
        (
            {"role": "manager", "due_before_minutes": -60},
            {"steps.0.due_before_minutes": ["deadline", "min_value"]},
        ),
        ({"role": "manager", "due_after_minutes": 60_001}, {"steps.0.due_after_minutes": ["max_value"]}),
        (
            {"role": "manager", "on_deadline": "escalate"},
            {"steps.0.on_deadline": ["deadline"], "steps.0.escalate_to": ["escalate_to"]},
        ),
        (
            {"role": "manager", "on_deadline": "never", "due_after_minutes": 5},
            {"steps.0.on_deadline": ["invalid_choice"]},
        ),
        (
            {"role": "manager", "on_deadline": "tacit", "due_after_minutes": 5},
            {"steps.0.on_deadline": ["tacit_consent"]},
        ),
        (
            {"role": "manager", "only": {"networks": ["orkut"], "text": ["price", "poem"], "moon": ["full"]}},
            {
                "steps.0.only": ["does_not_exist"],
                "steps.0.only.networks": ["does_not_exist"],
                "steps.0.only.text": ["does_not_exist"],
            },
        ),
        ({"role": "manager", "only": {"channels": [True, [], None]}}, {"steps.0.only.channels": ["does_not_exist"]}),
    ],
)
def test_what_a_step_cannot_be(world: World, step: dict[str, Any], wrong: dict[str, list[str]]) -> None:
    before = Event.objects.count()
    with pytest.raises(ValidationError) as refused:
        save(world, StepPlan(**{"name": "Uno", **step}))
    assert said(refused) == wrong
    assert not Chain.objects.filter(name="Prova").exists()
    assert Event.objects.count() == before


def test_everything_wrong_is_said_at_once_each_at_its_step(world: World) -> None:
    agree(world.winery)
    world.carlo.is_active = False
    world.carlo.save(update_fields=["is_active"])
    with pytest.raises(ValidationError) as refused:
        save(
            world,
            StepPlan(name="Estranei", users=[world.bruno, world.nonna, world.carlo, world.elena]),
            StepPlan(name="Va bene", role=Role.MANAGER),
            StepPlan(name="", users=[world.elena], rule=Rule.AT_LEAST, needed=2),
            StepPlan(
                name="Muta", role=Role.APPROVER, due_after_minutes=60, on_deadline=OnDeadline.TACIT, never_tacit=True
            ),
            StepPlan(name="Molti", role=Role.APPROVER, escalate_to=[world.bruno]),
        )
    assert said(refused) == {
        "steps.0.users": ["member", "viewer", "inactive"],
        "steps.2.needed": ["needed"],
        "steps.2.name": ["blank"],
        "steps.3.on_deadline": ["tacit"],
        "steps.4.escalate_to": ["member", "escalate_to"],
    }
    assert "Step 1 names Nonna Roero, who may only look." in refused.value.message_dict["steps.0.users"]


def test_a_chain_has_one_to_thirty_steps(world: World) -> None:
    for steps, code in (([], "required"), ([StepPlan(name="x", role=Role.MANAGER)] * 31, "max_length")):
        with pytest.raises(ValidationError) as refused:
            save(world, *steps)
        assert said(refused) == {"steps": [code]}
    chain = save(world, *[StepPlan(name=f"{n}", role=Role.MANAGER) for n in range(30)])
    assert list(chain.steps.values_list("position", flat=True)) == list(range(1, 31))


def test_all_of_a_step_is_kept_and_written_down(world: World) -> None:
    agree(world.winery)
    label = create_label(user=world.marta, client=world.winery, name="Legale")
    plan = StepPlan(
        name="Avvocata",
        rule=Rule.AT_LEAST,
        needed=1,
        users=[world.elena, world.marta],
        only={"labels": [label.name], "text": ["price", "link"], "channels": [world.page.pk], "networks": []},
        due_after_minutes=90,
        due_before_minutes=1440,
        on_deadline=OnDeadline.ESCALATE,
        escalate_to=[world.cliente],
        four_eyes=True,
        never_tacit=True,
    )
    silent = StepPlan(name="Cliente", role=Role.APPROVER, due_after_minutes=540, on_deadline=OnDeadline.TACIT)
    chain = save(
        world, plan, silent, restart=Restart.UNCHANGED, default_channels=[world.page.pk], default_labels=["Legale"]
    )
    first, second = plans_of(chain)
    assert first.only == {"labels": ["Legale"], "text": ["link", "price"], "channels": [world.page.pk]}
    assert (first.due_after_minutes, first.due_before_minutes, first.on_deadline) == (90, 1440, "escalate")
    assert (list(first.escalate_to), first.four_eyes, first.never_tacit) == ([world.cliente], True, True)
    assert (second.on_deadline, second.managers_up, second.role) == ("tacit", 0, "approver")
    assert {(row.scope, row.value) for row in chain.defaults.all()} == {
        ("channel", str(world.page.pk)),
        ("label", "Legale"),
    }
    event = Event.objects.latest("seq")
    assert (event.verb, event.data["restart"]) == ("chain.created", "unchanged")
    assert event.data["steps"][0]["users"] == sorted([world.elena.pk, world.marta.pk])
    # What is not named stays; what is, changes.
    save(world, chain=chain, name="Altro", steps=None, restart=Restart.REFUSED, default_labels=[])
    chain.refresh_from_db()
    assert (chain.name, chain.restart, [plan.name for plan in plans_of(chain)]) == (
        "Altro",
        "refused",
        ["Avvocata", "Cliente"],
    )
    assert [row.scope for row in chain.defaults.all()] == ["channel"]


def test_silence_counts_where_it_is_agreed_in_writing(world: World) -> None:
    silent = StepPlan(name="Cliente", role=Role.APPROVER, due_after_minutes=540, on_deadline=OnDeadline.TACIT)
    with pytest.raises(ValidationError) as refused:
        save(world, silent)
    text = (
        "Step 1 counts silence as consent, which Cantina Roero has not agreed to in writing. Put the date and the "
        "document of that agreement on the client first; or remind, or ask more people."
    )
    assert refused.value.message_dict == {"steps.0.on_deadline": [text]}
    agree(world.winery)
    assert save(world, silent).steps.get().on_deadline == "tacit"
    # The agency's own may say so: at whoever has not agreed, it reminds.
    assert save_chain(user=world.ada, client=None, name="Silenzio", steps=[silent]).steps.count() == 1


def test_the_agencys_own_is_refused_where_no_client_could_ever_pass_it(world: World) -> None:
    def write(*steps: StepPlan) -> Chain:
        return save_chain(user=world.ada, client=None, name="Di tutti", steps=steps)

    twice = [StepPlan(name=name, users=[world.elena], four_eyes=True) for name in "ab"]
    with pytest.raises(ValidationError) as refused:
        write(*twice)
    assert said(refused) == {"steps.1": ["no_eligible_approver"]}
    everybody = [StepPlan(name=name, role=Role.EDITOR, rule=Rule.ALL, four_eyes=True) for name in "ab"]
    with pytest.raises(ValidationError) as refused:
        write(*everybody)
    assert said(refused) == {"steps.1": ["no_eligible_approver"]}
    # Nobody at the winery is an approver's manager, or one of five editors; somewhere they may be.
    write(
        StepPlan(name="Capi", managers_up=5),
        StepPlan(name="Cinque", role=Role.EDITOR, rule=Rule.AT_LEAST, needed=5),
        StepPlan(name="Altri cinque", role=Role.EDITOR, rule=Rule.AT_LEAST, needed=5, four_eyes=True),
        StepPlan(name="Sindaco", users=[world.sindaco]),
    )


def test_a_loop_of_managers_ends_at_once(world: World) -> None:
    Membership.objects.filter(client=world.winery, user=world.vito).update(manager=world.elena)
    Membership.objects.filter(client=world.winery, user=world.elena).update(
        manager=world.vito
    )  # the service refuses it
    with pytest.raises(ValidationError) as refused:
        save(world, StepPlan(name="Capo", managers_up=1), StepPlan(name="Capo del capo", managers_up=2))
    assert said(refused) == {"steps.1": ["no_eligible_approver"]}
    one_up = save(world, StepPlan(name="Capo", managers_up=1))
    post = submit_post(user=world.vito, post=world.draft(chain=one_up))
    assert list(review_of(post).steps.get().seats.values_list("user", flat=True)) == [world.elena.pk]


def test_a_default_is_named_where_there_is_one_already(world: World) -> None:
    save(world, StepPlan(name="x", role=Role.MANAGER), default_channels=[world.page.pk])
    with pytest.raises(ValidationError) as refused:
        save(world, StepPlan(name="x", role=Role.MANAGER), is_default=True)
    assert refused.value.message_dict == {
        "name": ["There is already a chain with this name."],
        "is_default": ["“Redazione, account, cliente” is the default already. Take that from it first."],
    }
    for name, wanted, code in [
        ("default_channels", [world.page.pk], "unique"),
        ("default_channels", [world.town_page.pk], "does_not_exist"),
        ("default_labels", ["Natale"], "does_not_exist"),
    ]:
        with pytest.raises(ValidationError) as refused:
            save(world, StepPlan(name="x", role=Role.MANAGER), name="Seconda", **{name: wanted})
        assert said(refused) == {name: [code]}
    assert not Chain.objects.filter(name="Seconda").exists()


def test_the_chain_of_a_label_goes_before_that_of_a_channel_and_of_the_client(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    step = StepPlan(name="x", role=Role.MANAGER)
    christmas, _prices = (
        create_label(user=world.marta, client=world.winery, name=name) for name in ("Natale", "Prezzi")
    )
    other = sandbox(world.marta, world.winery, "seconda")
    channels = save(world, step, name="Canale", default_channels=[world.page.pk])
    save(world, step, name="Altro canale", default_channels=[other.pk])
    labels = save(world, step, name="Etichetta", default_labels=["Natale"])
    save(world, step, name="Altra etichetta", default_labels=["Prezzi"])

    def meant(*channels: int, labels: tuple[str, ...] = ()) -> Chain:
        return chain_for(client=world.winery, subject=POST, chosen=None, channels=channels, labels=labels)

    with django_assert_num_queries(1):
        assert meant() == world.chain
    assert meant(world.page.pk) == channels
    assert meant(world.page.pk, other.pk, labels=("Natale",)) == labels
    several: list[tuple[list[int], tuple[str, ...]]] = [([world.page.pk, other.pk], ()), ([], ("Natale", "Prezzi"))]
    for pages, words in several:
        with pytest.raises(ValidationError) as refused:
            meant(*pages, labels=words)
        assert said(refused) == {"chain": ["ambiguous"]}
    assert chain_for(client=world.winery, subject=POST, chosen=world.chain, labels=["Natale", "Prezzi"]) == world.chain
    # And so a post is submitted.
    post = submit_post(user=world.vito, post=world.draft(labels=[christmas]))
    assert review_of(post).chain == labels
    assert review_of(world.submitted(text="Senza etichetta.")).chain == channels
    retire_chain(user=world.marta, chain=labels)
    assert meant(labels=("Natale",)) == world.chain


def test_a_copy_is_the_clients_own(world: World) -> None:
    original = save_chain(
        user=world.ada,
        client=None,
        name="Due",
        restart=Restart.UNCHANGED,
        steps=[StepPlan(name="Redazione", role=Role.MANAGER), StepPlan(name="Agenzia", users=[world.ada])],
    )
    copy = copy_chain(user=world.marta, chain=original, client=world.winery, name="Due, da noi")
    assert (copy.copied_from, copy.client, copy.restart) == (original, world.winery, "unchanged")
    assert plans_of(copy) == plans_of(original)
    save_chain(user=world.ada, client=None, chain=original, name="Due", steps=plans_of(original)[:1])
    assert len(plans_of(copy)) == 2
    with pytest.raises(ValidationError) as refused:
        copy_chain(user=world.ada, chain=world.town_chain, client=world.winery, name="Rubata")
    assert said(refused) == {"chain": ["chain"]}
    for stranger, error in ((world.elena, PermissionDenied), (world.bruno, Client.DoesNotExist)):
        with pytest.raises(error):
            copy_chain(user=stranger, chain=original, client=world.winery, name="No")


def test_who_has_no_role_there_must_be_chosen_anew(world: World) -> None:
    original = save_chain(
        user=world.ada, client=None, name="Per nome", steps=[StepPlan(name="Sindaco", users=[world.sindaco, world.ada])]
    )
    with pytest.raises(ValidationError) as refused:
        copy_chain(user=world.marta, chain=original, client=world.winery, name="Copia")
    assert refused.value.message_dict == {
        "steps.0.users": ["Step 1 names Il Sindaco, who has no role for this client."]
    }
    assert not Chain.objects.filter(name="Copia").exists()


def test_a_retired_chain_is_offered_no_more_and_reviews_go_on(world: World) -> None:
    post = world.submitted()
    retired = retire_chain(user=world.marta, chain=world.chain)
    assert (retired.active, retired.is_default) == (False, False)
    with pytest.raises(ValidationError):
        submit_post(user=world.vito, post=world.draft(chain=world.chain))
    for user in (world.elena, world.marta, world.cliente):
        approve(post, user)
    assert review_of(post).state == ReviewState.APPROVED
    world.elena.is_active = False
    world.elena.save(update_fields=["is_active"])
    with pytest.raises(ValidationError) as refused:
        take_up_chain(user=world.marta, chain=world.chain)
    assert said(refused) == {"steps.0": ["no_eligible_approver"]}
    world.elena.is_active = True
    world.elena.save(update_fields=["is_active"])
    assert take_up_chain(user=world.marta, chain=world.chain).active
    verbs = list(Event.objects.filter(subject_type="chain", subject_id=world.chain.pk).values_list("verb", flat=True))
    assert sorted(verbs) == ["chain.created", "chain.retired", "chain.taken_up"]
    for stranger, error in ((world.elena, PermissionDenied), (world.bruno, Client.DoesNotExist)):
        with pytest.raises(error):
            retire_chain(user=stranger, chain=world.chain)


def test_reviews_under_way_keep_the_steps_that_they_started_with(world: World) -> None:
    review = review_of(world.submitted())
    save(world, StepPlan(name="Solo Marta", users=[world.marta]), chain=world.chain, name="Cambiata", is_default=True)
    review.refresh_from_db()
    assert (review.chain_name, [step.name for step in review.steps.all()]) == (
        "Redazione, account, cliente",
        ["Redazione", "Account", "Cliente"],
    )


def test_who_looked_at_an_older_chain_is_told(world: World) -> None:
    seen = world.chain.updated_at
    step = StepPlan(name="x", role=Role.MANAGER)
    save(world, step, chain=world.chain, name="Una", seen=seen)
    with pytest.raises(Conflict) as refused:
        save(world, step, chain=world.chain, name="Altra", seen=seen)
    assert refused.value.code == "changed_meanwhile"
    world.chain.refresh_from_db()
    assert world.chain.name == "Una"


def test_what_would_happen_is_shown_for_the_latest_posts_and_nothing_is_written(world: World) -> None:
    set_manager(
        user=world.marta,
        membership=Membership.objects.get(client=world.winery, user=world.vito),
        manager=world.elena,
    )
    out = timezone.now() + timedelta(days=2)
    post = world.draft(title="La prima", text="Fuori tutti.")
    for title, text in (("Vendemmia", "Oggi si vendemmia."), ("Offerta", "Sei bottiglie a 60 €."), ("Link", "Ciao.")):
        post = world.draft(title=title, text=text, publish_at=out)
    world.town_post()
    before = Event.objects.count()
    seen = foresee(
        user=world.marta,
        client=world.winery,
        steps=[
            StepPlan(name="Capo", managers_up=1, due_after_minutes=60),
            StepPlan(name="Prezzi", users=[world.elena, world.marta], only={"text": ["price"]}, rule=Rule.ALL),
            StepPlan(
                name="Cliente",
                role=Role.APPROVER,
                due_before_minutes=3 * 24 * 60,
                on_deadline=OnDeadline.ESCALATE,
                escalate_to=[world.ada],
            ),
        ],
    )
    assert [item.subject.title for item in seen] == ["Link", "Offerta", "Vendemmia"]
    assert [item.refusal for item in seen] == [None, None, None]
    link, offer, _harvest = seen
    assert [(step.skipped, step.people, step.needed) for step in link.steps] == [
        (False, [world.elena], 1),
        (True, [], 1),
        (False, [world.cliente], 1),
    ]
    assert (offer.steps[1].people, offer.steps[1].needed) == ([world.elena, world.marta], 2)
    first, _prices, last = offer.steps
    assert first.due_at is not None
    assert first.due_at > timezone.now()
    assert (first.is_over, last.is_over, list(last.further)) == (False, True, [world.ada])
    assert last.due_at == out - timedelta(days=3)
    assert Event.objects.count() == before
    post.refresh_from_db()
    assert (post.state, Chain.objects.count()) == (PostState.DRAFT, 2)


def test_why_it_could_not_pass_is_shown_at_its_step(world: World) -> None:
    world.draft()
    (only,) = foresee(
        user=world.elena,
        client=world.winery,
        steps=[
            StepPlan(name="Redazione", users=[world.elena]),
            StepPlan(name="Ancora", users=[world.elena], four_eyes=True),
            StepPlan(name="Cliente", role=Role.APPROVER),
        ],
    )
    assert [bool(step.refusal) for step in only.steps] == [False, True, False]
    assert only.refusal is not None
    assert only.refusal.code == "no_eligible_approver"
    (none,) = foresee(
        user=world.elena,
        client=world.winery,
        steps=[StepPlan(name="Prezzi", users=[world.elena], only={"text": ["price"]})],
    )
    assert (none.refusal.code if none.refusal else "", [step.skipped for step in none.steps]) == (
        "no_step_applies",
        [True],
    )


def test_a_template_is_tried_on_a_client_as_it_would_run_there(world: World) -> None:
    world.draft()
    steps = [
        StepPlan(name="Sindaco", users=[world.sindaco, world.elena]),
        StepPlan(name="Cliente", role=Role.APPROVER, due_after_minutes=60, on_deadline=OnDeadline.TACIT),
    ]
    (seen,) = foresee(user=world.marta, client=world.winery, steps=steps, template=True)
    assert [step.people for step in seen.steps] == [[world.elena], [world.cliente]]
    assert [step.silence_counts for step in seen.steps] == [None, False]
    with pytest.raises(ValidationError):
        foresee(user=world.marta, client=world.winery, steps=steps)
    for stranger, error in ((world.cliente, PermissionDenied), (world.bruno, Client.DoesNotExist)):
        with pytest.raises(error):
            foresee(user=stranger, client=world.winery, steps=steps, template=True)


def test_silence_counts_only_where_there_is_time_to_speak(world: World) -> None:
    agree(world.winery)
    world.draft(publish_at=timezone.now() + timedelta(hours=2))
    tacit: dict[str, Any] = {"role": Role.APPROVER, "on_deadline": OnDeadline.TACIT}
    steps = [
        StepPlan(name="Redazione", users=[world.elena], due_before_minutes=90),
        StepPlan(name="In tempo", due_before_minutes=60, **tacit),
        StepPlan(name="Prima di quello", due_before_minutes=75, **tacit),
        StepPlan(name="Ieri", due_before_minutes=24 * 60, **tacit),
    ]
    (seen,) = foresee(user=world.marta, client=world.winery, steps=steps)
    assert [(step.is_over, step.silence_counts) for step in seen.steps] == [
        (False, None),
        (False, True),
        (True, False),
        (True, False),
    ]


@pytest.mark.parametrize("many", [1, 3])
def test_looking_ahead_costs_the_same_for_one_step_and_for_three(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    create_pillar(user=world.marta, client=world.winery, name="Vigna")
    for number in range(many):
        world.draft(title=f"{number}")
    step = StepPlan(name="x", users=[world.elena], due_after_minutes=60, only={"networks": ["sandbox"]})
    client = Client.objects.get(pk=world.winery.pk)
    with django_assert_num_queries(15):
        assert len(foresee(user=world.marta, client=client, steps=[step] * many)) == many
