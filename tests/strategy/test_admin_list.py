"""The staff's list of strategies, a new one, and the document that is read there."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from strategy.models import Section, SectionKind, Strategy, Template
from strategy.services import (
    add_objective,
    add_remark,
    add_section,
    close_strategy,
    create_pillar,
    create_strategy,
    edit_pillar,
    set_cadence,
    set_shares,
    submit_strategy,
    take_lock,
)
from tests.browsing import Staff, words
from tests.strategy.documents import agreed, chain, draft, save, say, section
from tests.world import World

LIST, ADD, PAGE = (f"strategy_strategy_{name}" for name in ("changelist", "add", "change"))


@pytest.fixture
def vito(world: World) -> Staff:
    """He reads English, and works for the town, too."""
    User.objects.filter(pk=world.vito.pk).update(language="en")
    return Staff(world.vito)


def test_the_list_has_those_of_ones_own_clients(world: World, vito: Staff) -> None:
    mine = draft(world)
    page = words(vito.open(LIST))
    assert "La cantina nel 2027 The year" in page
    assert "1 Jan 2027 – 31 Dec 2027" in page
    close_strategy(user=world.elena, strategy=mine)
    for query, there in [
        ("?q=cantina", True),
        ("?q=comune", False),
        ("?state=superseded&kind=year", True),
        ("?state=draft", False),
        (f"?client={world.winery.pk}", True),
        (f"?client={world.town.pk}", False),
    ]:
        assert ("La cantina nel 2027" in words(vito.open(LIST, query=query))) is there, query
    bruno = Staff(world.bruno)
    assert "La cantina nel 2027" not in words(bruno.open(LIST))
    assert [bruno.open(PAGE, pk).status_code for pk in (mine.pk, 987654)] == [404, 404]


def test_what_is_in_force_is_said_beside_a_draft(world: World, vito: Staff) -> None:
    strategy = agreed(world)
    section(world, strategy, "goals")
    assert "version 1 in force" in words(vito.open(LIST))
    assert "Version 1 stays in force until the next one is agreed." in words(vito.open(PAGE, strategy.pk))


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_asks_as_much_for_three_as_for_one(
    world: World, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(many):
        draft(world, title=f"Anno {number}")
    staff = Staff(world.vito)
    with django_assert_num_queries(9):
        staff.open(LIST)


def typed(**fields: Any) -> dict[str, Any]:
    """What Vito types for a new one."""
    words = {"title": "L’anno del Roero", "kind": "year", "language": "it", "starts_on": "2027-01-01", "token": "clic"}
    return {**words, **fields}


@pytest.mark.parametrize(
    ("begin", "kinds"),
    [
        ("", []),
        ("start|shop|it", ["audience", "goals"]),
        ("template", ["tone"]),
        ("mine", ["goals", "tone"]),
        ("others", ["calendar"]),
    ],
)
def test_it_begins_from_what_there_is(world: World, vito: Staff, begin: str, kinds: list[str]) -> None:
    mine = draft(world, title="Vecchia")
    section(world, mine, "goals", title="Obiettivi nostri", body="Mille bottiglie.")
    section(world, mine)
    entry = {"kind": "tone", "title": "Come parliamo", "body": "- Chi?", "why": "", "source": "", "horizon": "seasonal"}
    template = Template.objects.create(name="Nostro", language="it", kind="year", sections=[entry])
    world.town.memberships.create(user=world.vito, role="author")
    theirs = create_strategy(user=world.bruno, client=world.town, title="Il Comune")
    add_section(user=world.bruno, strategy=theirs, kind="calendar", body="Il segreto del tartufo.")
    begins = {"template": f"template|{template.pk}", "mine": f"like|{mine.pk}", "others": f"like|{theirs.pk}"}
    data = typed(begin=begins.get(begin, begin), owner=world.vito.pk)
    clicks = [vito.send(ADD, query=f"?client={world.winery.pk}", data=data) for _click in (1, 2)]
    for page in clicks:
        assert "It is begun: a draft that only the agency knows of." in words(page)
    made = Strategy.objects.get(title="L’anno del Roero")
    found = list(Section.objects.filter(strategy=made).order_by("position").values_list("kind", flat=True))
    assert found[: len(kinds)] == kinds
    assert made.shared_at is None
    if begin == "others":
        assert "segreto" not in clicks[0].content.decode()


def test_nothing_typed_is_lost_where_a_new_one_is_refused(world: World, vito: Staff) -> None:
    data = typed(owner=world.vito.pk, ends_on="2026-01-01", begin="like|987654")
    page = vito.send(ADD, data=data)
    assert list(page.context["form"].errors) == ["begin"]
    page = vito.send(ADD, data=data | {"begin": "", "owner": world.bruno.pk})
    assert list(page.context["form"].errors) == ["owner"]
    page = vito.send(ADD, data=data | {"begin": ""})
    assert page.context["form"].errors["ends_on"] == ["It can't end before it begins."]
    assert 'value="L’anno del Roero"' in page.content.decode()
    assert not Strategy.objects.exists()


def test_the_document_says_what_is_to_be_known_of_each_section(world: World, vito: Staff) -> None:
    strategy = draft(world, shared=False)
    tone = section(world, strategy, source="Il Gambero Rosso", horizon="volatile", owner=world.elena)
    add_remark(user=world.elena, section=tone, text="Bello.", audience="internal")
    take_lock(user=world.elena, section=tone)
    prices = create_pillar(user=world.elena, client=world.winery, name="Prezzi")
    section(world, strategy, "pillars", body="")
    set_shares(user=world.vito, strategy=strategy, shares=[(prices, 40)])
    set_cadence(user=world.vito, strategy=strategy, channel=world.page.pk, per_week=Decimal(3))
    page = words(vito.open(PAGE, strategy.pk))
    for said in [
        "Only the agency knows of it.",
        "Tone of voice · Fast-changing · to be looked at again by",
        "kept by Elena Riva",
        "Elena Riva is writing in it just now.",
        "Why: Chi compra vino compra fiducia.",
        "Parliamo piano.",
        "Source: Il Gambero Rosso",
        "What is said · 1 remark",
        "Prezzi 40 %",
        "Together 40 percent: it should be 100.",
        "Cantina Roero (prova) 3 —",
        "The pillars’ shares add up to 40 percent, and should to 100.",
        "Say why “Cantina Roero (prova)” has this cadence, or why it is left out.",
    ]:
        assert said in page, said


def test_a_pillars_reason_reads_as_it_was_agreed(world: World, vito: Staff) -> None:
    chain(world)
    strategy = draft(world)
    pillars = section(world, strategy, "pillars")
    vineyard = create_pillar(user=world.marta, client=world.winery, name="La vigna", why="Si fida chi vede.")
    set_shares(user=world.vito, strategy=strategy, shares=[(vineyard, 100)])
    submit_strategy(user=world.vito, strategy=strategy)
    say(strategy, world.elena)
    say(strategy, world.cliente)
    assert "La vigna 100 % Si fida chi vede. Change it in the plan" in words(vito.open(PAGE, strategy.pk))
    edit_pillar(user=world.marta, pillar=vineyard, why="Chi vede torna.")
    since = "La vigna 100 % Si fida chi vede. Rewritten since, for the next version: Chi vede torna."
    assert since in words(vito.open(PAGE, strategy.pk))
    save(world.vito, pillars, body="Di nuovo una bozza.")
    assert "La vigna 100 % Chi vede torna. Change it in the plan" in words(vito.open(PAGE, strategy.pk))


def test_sections_come_move_go_and_come_back(world: World, vito: Staff) -> None:
    strategy = draft(world)
    tone, goals = section(world, strategy), section(world, strategy, "goals")
    nota = {"kind": "free", "title": "Nota", "token": "1"}
    first, second = (vito.send("strategy_strategy_section_add", strategy.pk, data=nota) for _click in (1, 2))
    assert first.context["section"] == second.context["section"]
    assert order(strategy) == ["tone", "goals", "free"]
    assert "already" in words(
        vito.send("strategy_strategy_section_add", strategy.pk, data={"kind": "tone", "token": "2"})
    )
    vito.send("strategy_strategy_section_move", strategy.pk, goals.pk, data={"position": "1"})
    assert order(strategy) == ["goals", "tone", "free"]
    assert "Places are counted from 1." in words(
        vito.send("strategy_strategy_section_move", strategy.pk, goals.pk, data={"position": "uno"})
    )
    assert "Take it out" in words(vito.open("strategy_strategy_section_remove", strategy.pk, tone.pk))
    page = words(vito.send("strategy_strategy_section_remove", strategy.pk, tone.pk))
    assert "1 section was taken out" in page
    assert order(strategy) == ["goals", "free"]
    vito.send("strategy_strategy_section_restore", strategy.pk, tone.pk)
    assert order(strategy) == ["goals", "free", "tone"]
    Section.objects.filter(pk=tone.pk).update(due_on=date(2026, 1, 1))
    assert "to be looked at again since 1 Jan 2026" in words(vito.open(PAGE, strategy.pk))
    vito.send("strategy_strategy_section_confirm", strategy.pk, tone.pk)
    assert "to be looked at again since" not in words(vito.open(PAGE, strategy.pk))


def order(strategy: Strategy) -> list[str]:
    """The kinds of its living sections, in their order."""
    return list(strategy.sections.filter(removed_at=None).order_by("position").values_list("kind", flat=True))


def test_it_is_shared_described_and_closed(world: World, vito: Staff) -> None:
    strategy, elena = draft(world, shared=False), Staff(world.elena)
    vito.send("strategy_strategy_share", strategy.pk)
    page = vito.open("strategy_strategy_settings", strategy.pk)
    was = page.context["form"]["was"].value()
    data = typed(owner=world.vito.pk, was=was, contacts_write="on")
    assert "Saved." in words(vito.send("strategy_strategy_settings", strategy.pk, data=data))
    strategy.refresh_from_db()
    assert (strategy.title, strategy.contacts_write, strategy.shared) == ("L’anno del Roero", True, True)
    page = vito.send("strategy_strategy_settings", strategy.pk, data=data | {"title": "Il mio"})
    assert page.context["form"].errors["title"] == ["Now there stands: L’anno del Roero"]
    again = data | {"title": "Il mio", "was": page.context["form"]["was"].value()}
    assert "Saved." in words(vito.send("strategy_strategy_settings", strategy.pk, data=again))
    assert vito.send("strategy_strategy_close", strategy.pk).status_code == 403
    page = words(elena.send("strategy_strategy_close", strategy.pk))
    strategy.refresh_from_db()
    assert strategy.state == "superseded"
    assert "Aggiungi una sezione" not in page
    assert "sections/add" not in vito.open(PAGE, strategy.pk).content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_the_document_asks_as_much_for_three_sections_as_for_one(
    world: World, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    strategy = draft(world)
    for number in range(many):
        found = section(world, strategy, "free", title=f"Capitolo {number}", body="Ciao **mondo**.")
        add_remark(user=world.elena, section=found, text="Bello.", audience="internal")
        take_lock(user=world.elena, section=found)
        fields: dict[str, Any] = {"name": f"{number}", "measure": "visite", "target": 9, "due_on": date(2028, 1, 1)}
        add_objective(user=world.vito, strategy=strategy, **fields)
    staff = Staff(world.vito)
    with django_assert_num_queries(11):
        page = staff.open(PAGE, strategy.pk)
    assert page.content.decode().count("<p>Ciao <strong>mondo</strong>.</p>") == many
    assert [value for value, _words in page.context["kinds"]] == [
        kind for kind in SectionKind.values if kind != "objectives"
    ]
