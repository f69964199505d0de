"""A strategy is put before people, agreed, written on, and agreed again: what is in force stays so until the next one is."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError

from accounts.errors import Conflict
from approvals.models import Chain, Review, Verdict
from approvals.services import StepPlan, decide, save_chain, take_back
from audit.models import Event
from clients.models import Role
from strategy.content import canonical, content_of, digest_of
from strategy.models import Agreement, Pillar, Strategy, StrategyVersion, Template
from strategy.papers.gathering import paper_of
from strategy.services import (
    add_objective,
    create_pillar,
    create_strategy,
    edit_pillar,
    edit_strategy,
    move_section,
    set_cadence,
    set_shares,
    submit_strategy,
    withdraw_strategy,
)
from strategy.services.exhibiting import excerpts_of
from tests.social.pictures import stored
from tests.strategy.documents import agreed, chain, draft, save, say, section, submitted, today
from tests.world import World


def test_what_is_submitted_is_fixed_and_agreed_to_the_letter(world: World) -> None:
    chain(world)
    strategy = draft(world, shared=False)
    found = section(world, strategy)
    submit_strategy(user=world.vito, strategy=strategy, remark="La prima.")
    strategy.refresh_from_db()
    version = strategy.version
    assert version is not None
    assert strategy.review is not None
    assert (strategy.state, strategy.shared, version.number, version.note) == ("in_review", True, 1, "La prima.")
    assert (version.digest, strategy.review.digest) == (digest_of(content_of(strategy)), version.digest)
    assert version.content["sections"][0]["body"] == found.body
    assert version.changed == ["evergreen", "frame", "seasonal", "volatile"]
    say(strategy, world.elena)
    say(strategy, world.cliente)
    strategy.refresh_from_db()
    assert (strategy.state, strategy.agreed_version) == ("agreed", version)
    agreement = Agreement.objects.get()
    assert (agreement.version, agreement.review, agreement.ended_at) == (version, strategy.review, None)
    told = Event.objects.get(verb="strategy.agreed")
    assert (told.digest, told.actor, told.data) == (version.digest, world.cliente, {"number": 1})


def test_the_canonical_form_is_what_an_outsider_makes(world: World) -> None:
    import hashlib
    import json

    strategy = agreed(world)
    version = StrategyVersion.objects.get()
    again = json.dumps(version.content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert canonical(version.content) == again
    assert hashlib.sha256(again).hexdigest() == version.digest == digest_of(content_of(strategy))


def test_what_is_in_force_stays_while_the_next_one_is_written_and_asked(world: World) -> None:
    strategy = agreed(world)
    first = strategy.agreed_version
    found = strategy.sections.get()
    save(world.elena, found, body="Parliamo ancora più piano.")
    strategy.refresh_from_db()
    assert (strategy.state, strategy.version, strategy.review, strategy.agreed_version) == ("draft", None, None, first)
    assert Review.objects.get().state == "approved"
    submit_strategy(user=world.vito, strategy=strategy)
    strategy.refresh_from_db()
    assert (strategy.state, strategy.agreed_version) == ("in_review", first)
    say(strategy, world.marta)
    say(strategy, world.cliente)
    strategy.refresh_from_db()
    second = strategy.agreed_version
    assert second is not None
    assert (second.number, second.against, second.changed) == (2, first, ["evergreen"])
    ended = Agreement.objects.order_by("pk").first()
    assert ended is not None
    assert ended.ended_at is not None
    assert Agreement.objects.get(ended_at=None).version == second


def test_writing_while_people_are_asked_takes_the_question_back(world: World) -> None:
    strategy = submitted(world)
    review = strategy.review
    assert review is not None
    save(world.marta, strategy.sections.get(), body="Altro.")
    review.refresh_from_db()
    strategy.refresh_from_db()
    assert (review.state, strategy.state, strategy.review) == ("superseded", "draft", None)
    with pytest.raises(Conflict) as refused:
        decide(review=review, user=world.elena, digest=review.digest, verdict=Verdict.APPROVE, via="admin")
    assert refused.value.code == "review_closed"


def test_what_is_no_text_takes_nothing_back(world: World) -> None:
    strategy = submitted(world)
    edit_strategy(user=world.vito, strategy=strategy, contacts_write=True, owner=world.elena)
    strategy.refresh_from_db()
    assert (strategy.state, strategy.owner, strategy.edition) == ("in_review", world.elena, 5)
    edit_strategy(user=world.vito, strategy=strategy, title="Un altro nome")
    strategy.refresh_from_db()
    assert strategy.state == "draft"


def test_changes_are_asked_and_it_is_withdrawn(world: World) -> None:
    strategy = submitted(world)
    say(strategy, world.elena, Verdict.REQUEST_CHANGES, "Manca il perché.")
    strategy.refresh_from_db()
    assert strategy.state == "draft"
    with pytest.raises(Conflict) as refused:
        withdraw_strategy(user=world.vito, strategy=strategy)
    assert refused.value.code == "nothing_to_withdraw"
    submit_strategy(user=world.vito, strategy=strategy)
    withdraw_strategy(user=world.vito, strategy=strategy)
    strategy.refresh_from_db()
    assert (strategy.state, strategy.review and strategy.review.state) == ("draft", "withdrawn")
    # Nothing was written, so it is the same version.
    assert StrategyVersion.objects.count() == 1


def test_what_is_agreed_word_by_word_is_not_asked_again(world: World) -> None:
    strategy = agreed(world)
    found = strategy.sections.get()
    was = found.body
    save(world.elena, found, body="Altro.")
    save(world.elena, found, body=was)
    with pytest.raises(Conflict) as refused:
        submit_strategy(user=world.vito, strategy=strategy)
    assert refused.value.code == "already_agreed"


def test_an_agreement_is_taken_back_until_somebody_has_written_on(world: World) -> None:
    strategy = agreed(world)
    first = strategy.agreed_version
    save(world.elena, strategy.sections.get(), body="Altro.")
    submit_strategy(user=world.vito, strategy=strategy)
    say(strategy, world.marta)
    review = say(strategy, world.cliente)
    take_back(review=review, user=world.cliente, reason="Ci ripenso.")
    strategy.refresh_from_db()
    assert (strategy.state, strategy.agreed_version) == ("in_review", first)
    assert [(row.version.number, row.ended_at is None, row.taken_back) for row in Agreement.objects.order_by("pk")] == [
        (1, True, False),
        (2, False, True),
    ]
    say(strategy, world.cliente)
    save(world.elena, strategy.sections.get(), body="Ancora altro.")
    with pytest.raises(Conflict) as refused:
        take_back(review=review, user=world.cliente, reason="Ci ripenso.")
    assert refused.value.code in {"written_on", "review_closed"}


def short(world: World) -> Chain:
    return save_chain(
        user=world.marta,
        client=world.winery,
        name="Strategia",
        subject="strategy",
        is_default=True,
        steps=[
            StepPlan(name="Account", role=Role.MANAGER),
            StepPlan(name="Cliente", role=Role.APPROVER, only={"changed": ["evergreen", "seasonal", "frame"]}),
        ],
    )


def steps(strategy: Strategy) -> list[tuple[str, str]]:
    strategy.refresh_from_db()
    assert strategy.review is not None
    return list(strategy.review.steps.order_by("position").values_list("name", "state"))


def test_fewer_steps_where_only_fast_changing_sections_are_new(world: World) -> None:
    short(world)
    strategy = draft(world)
    section(world, strategy)
    quick = section(world, strategy, "free", title="Formati", horizon="volatile", body="Reel brevi.")
    submit_strategy(user=world.vito, strategy=strategy)
    assert steps(strategy) == [("Account", "active"), ("Cliente", "waiting")]
    say(strategy, world.marta)
    say(strategy, world.cliente)
    save(world.vito, quick, body="Reel lunghi.")
    submit_strategy(user=world.vito, strategy=strategy)
    assert steps(strategy) == [("Account", "active"), ("Cliente", "skipped")]
    assert strategy.review is not None
    assert strategy.review.steps.get(position=2).skipped_because == {"changed": ["evergreen", "frame", "seasonal"]}
    minutes = paper_of(
        user=world.vito, strategy=strategy, number=2
    ).minutes  # an outsider asks what became of the second
    assert minutes
    left_out = minutes.told[-1]
    assert (left_out.step, left_out.said) == ("2. Cliente", "left_out")
    assert left_out.comment.startswith("Saltato: si chiede solo per una modifica nelle sezioni durature")
    say(strategy, world.marta)
    strategy.refresh_from_db()
    assert (strategy.state, strategy.agreed_version and strategy.agreed_version.number) == ("agreed", 2)


def horizons() -> list[tuple[str, Any]]:
    return [
        ("called fast-changing", lambda world, s: save(world.vito, s["tone"], body="Altro.", horizon="volatile")),
        ("a new section", lambda world, s: section(world, s["all"], "free", title="Nuova", horizon="volatile")),
        ("another order", lambda world, s: move_section(user=world.vito, section=s["quick"], position=1)),
        ("other dates", lambda world, s: edit_strategy(user=world.vito, strategy=s["all"], ends_on=date(2028, 1, 1))),
    ]


@pytest.mark.parametrize("act", [act for _name, act in horizons()], ids=[name for name, _act in horizons()])
def test_nothing_gets_round_the_client_by_its_name(world: World, act: Any) -> None:
    short(world)
    strategy = draft(world)
    tone = section(world, strategy)
    quick = section(world, strategy, "free", title="Formati", horizon="volatile")
    submit_strategy(user=world.vito, strategy=strategy)
    say(strategy, world.marta)
    say(strategy, world.cliente)
    act(world, {"all": strategy, "tone": tone, "quick": quick})
    submit_strategy(user=world.vito, strategy=strategy)
    assert steps(strategy)[1] == ("Cliente", "waiting")


def test_everything_that_keeps_it_from_being_agreed_is_said_at_its_field(world: World) -> None:
    chain(world)
    strategy = draft(world)
    with pytest.raises(ValidationError) as refused:
        submit_strategy(user=world.vito, strategy=strategy)
    assert list(refused.value.error_dict) == ["sections"]
    vines = create_pillar(user=world.marta, client=world.winery, name="Vigna")
    people = create_pillar(user=world.marta, client=world.winery, name="Persone")
    set_shares(user=world.vito, strategy=strategy, shares=[(vines, 60), (people, 30)])
    edit_pillar(user=world.marta, pillar=people, retired=True)
    soon = today() + timedelta(days=1)
    objective = add_objective(
        user=world.vito, strategy=strategy, name="Visite", measure="Prenotazioni", target=Decimal(40), due_on=soon
    )
    type(objective).objects.filter(pk=objective.pk).update(due_on=today() - timedelta(days=1))
    set_cadence(user=world.vito, strategy=strategy, channel=world.page.pk, per_week=Decimal("2.5"))
    with pytest.raises(ValidationError) as refused:
        submit_strategy(user=world.vito, strategy=strategy)
    assert {name: errors[0].code for name, errors in refused.value.error_dict.items()} == {
        "pillars": "sum",
        "pillars.1": "retired",
        "objectives.0.due_on": "past",
        "channels.0.reason": "required",
    }
    strategy.refresh_from_db()
    assert (strategy.state, StrategyVersion.objects.count()) == ("draft", 0)


def test_a_pillar_s_name_and_a_template_s_words_are_those_of_the_version(world: World) -> None:
    chain(world)
    entry = {"kind": "tone", "title": "Tono", "body": "Chi siamo?", "why": "", "horizon": "evergreen"}
    template = Template.objects.create(name="Bottega", sections=[entry])
    strategy = create_strategy(user=world.vito, client=world.winery, template=template, title="Da una traccia")
    vines = create_pillar(user=world.marta, client=world.winery, name="Vigna", why="Chi siamo.")
    set_shares(user=world.vito, strategy=strategy, shares=[(vines, 100)])
    submit_strategy(user=world.vito, strategy=strategy)
    say(strategy, world.elena)
    say(strategy, world.cliente)
    strategy.refresh_from_db()
    version = strategy.agreed_version
    assert version is not None
    post = world.draft(pillar=vines)
    edit_pillar(user=world.marta, pillar=vines, why="Altro.", retired=True)
    Template.objects.update(sections=[{**entry, "body": "Tutt'altro."}])
    version.refresh_from_db()
    post.refresh_from_db()
    assert digest_of(version.content) == version.digest
    assert version.content["pillars"] == [{"id": vines.pk, "name": "Vigna", "why": "Chi siamo.", "share": 100}]
    assert strategy.sections.get().body == "Chi siamo?"
    assert post.pillar == vines  # posts that serve it go on doing so
    spare = create_pillar(user=world.marta, client=world.winery, name="Cantina")  # that nothing serves
    for act in (
        vines.delete,
        spare.delete,
        lambda: Pillar.objects.filter(pk=vines.pk).update(name="Vigne"),
    ):
        with pytest.raises(DatabaseError) as kept, transaction.atomic():
            act()
        assert isinstance(kept.value, ProtectedError) or "pgtrigger: Cannot" in str(kept.value)


def test_a_version_is_never_changed(world: World) -> None:
    agreed(world)
    for act in (
        lambda: StrategyVersion.objects.update(note="x"),
        lambda: StrategyVersion.objects.all().delete(),
        lambda: Agreement.objects.all().delete(),
        lambda: Strategy.objects.update(state="in_review", version=None),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_who_may_ask(world: World) -> None:
    chain(world)
    strategy = draft(world)
    section(world, strategy)
    with pytest.raises(PermissionDenied):
        submit_strategy(user=world.cliente, strategy=strategy)
    with pytest.raises(world.winery.DoesNotExist):
        submit_strategy(user=world.bruno, strategy=strategy)


def test_a_mail_tells_of_it_in_plain_words(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    chain(world)
    strategy = draft(world)
    picture = stored(world.vito, world.winery, alt_text="Un filare")
    body = f"# Chi\n\nParliamo **piano**.\n\n![Filare](media:{picture.pk})\n\n1. Chi *torna*\n2. Chi [passa](https://a.example)\n   - di sabato\n\n| Sì | No |\n| --- | --- |\n| Piano | Forte |"
    section(world, strategy, body=body)
    section(world, strategy, "policy", title="Regole", body="Nessun insulto. " * 40)
    version = submit_strategy(user=world.vito, strategy=strategy).version
    assert version
    (told, long) = dict(excerpts_of(version)).values()
    assert told == "Chi\nParliamo piano.\n1. Chi torna\n2. Chi passa\n– di sabato\nSì · No\nPiano · Forte"
    assert (len(long) <= 281, long.endswith("insulto. Nessun…")) == (True, True)
