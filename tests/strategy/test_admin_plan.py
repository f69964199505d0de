"""The plan of a strategy on the staff's pages: shares, objectives with their numbers, cadences, occasions."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from social.services import retire_channel
from strategy.models import Cadence, Objective, Occasion, Strategy
from strategy.services import add_objective, add_occasion, create_pillar, edit_pillar, set_cadence, set_shares
from tests.browsing import Staff, words
from tests.strategy.documents import draft
from tests.world import World, sandbox

PLAN = "strategy_strategy_plan"
VISITS = {"name": "Visite", "measure": "prenotazioni", "rank": "conversion", "target": "120", "due_on": "2028-06-30"}


@pytest.fixture
def strategy(world: World) -> Strategy:
    """A draft of Vito's, who reads English."""
    User.objects.filter(pk=world.vito.pk).update(language="en")
    return draft(world)


def test_shares_need_not_add_up_in_a_draft_and_it_is_said(world: World, strategy: Strategy) -> None:
    vito = Staff(world.vito)
    assert "This client has no pillar yet." in words(vito.open(PLAN, strategy.pk))
    wine, people, old = [
        create_pillar(user=world.elena, client=world.winery, name=name) for name in ("Vino", "Persone", "Altro")
    ]
    edit_pillar(user=world.elena, pillar=old, retired=True)
    page = vito.open(PLAN, strategy.pk)
    assert [field.label for field in page.context["form"].visible_fields()] == ["Persone", "Vino"]
    data = {"was": page.context["form"]["was"].value(), f"share_{wine.pk}": "60", f"share_{people.pk}": "30"}
    page = words(vito.send(PLAN, strategy.pk, data=data))
    assert "Together 90 % It should be 100 before the strategy is submitted." in page
    assert "The pillars’ shares add up to 90 percent, and should to 100." in page
    answer = vito.send(PLAN, strategy.pk, data=data | {f"share_{people.pk}": "40"})
    assert "Somebody else has changed this since you opened it." in words(answer)
    fresh = {"was": answer.context["form"]["was"].value()}
    page = words(vito.send(PLAN, strategy.pk, data=data | {f"share_{people.pk}": "40"} | fresh))
    assert "Together 100 %" in page
    assert "add up to" not in page
    answer = vito.send(PLAN, strategy.pk, data={f"share_{wine.pk}": "160", f"share_{people.pk}": "x"})
    assert list(answer.context["form"].errors) == [f"share_{people.pk}", f"share_{wine.pk}"]
    assert 'value="160"' in answer.content.decode()
    assert list(strategy.shares.order_by("position").values_list("percent", flat=True)) == [40, 60]


def test_an_objective_and_how_it_stood(world: World, strategy: Strategy) -> None:
    vito = Staff(world.vito)
    page = vito.send(
        "strategy_strategy_objective_add", strategy.pk, data=VISITS | {"measure": "", "due_on": "1999-01-01"}
    )
    assert list(page.context["form"].errors) == ["measure", "due_on"]
    page = vito.send(
        "strategy_strategy_objective_add", strategy.pk, data=VISITS | {"due_on": "1999-01-01", "token": "0"}
    )
    assert list(page.context["form"].errors) == ["due_on"]
    wrong = VISITS | {"measure": "", "target": "molti", "due_on": "1999-01-01", "unit": "u" * 41}
    page = vito.send("strategy_strategy_objective_add", strategy.pk, data=wrong | {"token": "0"})
    assert (page.status_code, sorted(page.context["form"].errors)) == (400, ["due_on", "measure", "target", "unit"])
    said = page.content.decode()
    assert 'aria-describedby="id_measure_helptext id_measure_error"' in said
    assert all(f'id="{name}"' in said for name in ("id_measure_helptext", "id_measure_error", "id_due_on_error"))
    for _click in (1, 2):
        page = vito.send(
            "strategy_strategy_objective_add", strategy.pk, data=VISITS | {"token": "1", "unit": "al mese"}
        )
    assert "Visite Conversions prenotazioni unknown 120 al mese 30 Jun 2028" in words(page)
    objective = Objective.objects.get()
    here = (strategy.pk, objective.pk)
    for value, note in (("41", ""), ("42.5", "dal gestionale")):
        sent = {"do": "number", "month": "2026-10", "value": value, "note": note}
        page = vito.send("strategy_strategy_objective", *here, data=sent)
    assert "October 2026 42.5 al mese Entered by hand · dal gestionale Vito Serra" in words(page)
    assert [row.value for row in objective.numbers.all()] == [Decimal("42.50")]
    for month, value, field in (("2999-01", "1", "month"), ("ottobre", "1", "month"), ("2026-10", "x", "value")):
        sent = {"do": "number", "month": month, "value": value}
        page = vito.send("strategy_strategy_objective", *here, data=sent)
        assert list(page.context["number_form"].errors) == [field]
    was = vito.open("strategy_strategy_objective", *here).context["form"]["was"].value()
    vito.send("strategy_strategy_objective", *here, data=VISITS | {"was": was, "baseline": "40", "target": "150"})
    objective.refresh_from_db()
    assert (objective.baseline, objective.target) == (Decimal(40), Decimal(150))
    assert "Visite” is taken out" in words(vito.send("strategy_strategy_objective_remove", *here))
    assert vito.open("strategy_strategy_objective", *here).status_code == 404


def test_each_channel_has_a_cadence_and_a_reason_or_is_left_out(world: World, strategy: Strategy) -> None:
    vito, here = Staff(world.vito), (strategy.pk, world.page.pk)
    other = sandbox(world.marta, world.winery, "cantina-due")
    retire_channel(user=world.marta, channel=other)
    page = words(vito.open(PLAN, strategy.pk))
    assert page.count("Cantina Roero (prova)") == 1
    assert "Cantina Roero (prova) Nothing is said of it yet." in page
    for per_week in ("0", "500", "molti", ""):
        page = vito.send("strategy_strategy_channel", *here, data={"per_week": per_week, "reason": "Ci leggono lì."})
        assert list(page.context["form"].errors) == ["per_week"], per_week
        assert "Ci leggono lì." in page.content.decode()
    data = {"per_week": "2.5", "reason": "Ci leggono lì.", "owner": world.elena.pk}
    page = words(vito.send("strategy_strategy_channel", *here, data=data | {"token": "1"}))
    assert "Cantina Roero (prova) 2.5 Ci leggono lì. Elena Riva" in page
    page = words(vito.send("strategy_strategy_channel", *here, data={"left_out": "on", "reason": "Nessuno."}))
    assert "Cantina Roero (prova) left out Nessuno." in page
    data = {"name": "TikTok", "reason": "Non siamo noi.", "token": "2"}
    assert "TikTok left out Non siamo noi." in words(
        vito.send("strategy_strategy_left_out_add", strategy.pk, data=data)
    )
    tiktok = Cadence.objects.get(channel=None)
    page = words(vito.send("strategy_strategy_left_out", strategy.pk, tiktok.pk, data={"reason": "Ci pensiamo."}))
    assert "TikTok left out Ci pensiamo." in page
    vito.send("strategy_strategy_cadence_remove", strategy.pk, tiktok.pk)
    assert "TikTok" not in words(vito.open(PLAN, strategy.pk)).replace("TikTok” is taken out", "")
    assert vito.open("strategy_strategy_channel", strategy.pk, world.town_page.pk).status_code == 404
    assert Staff(world.bruno).open("strategy_strategy_channel", *here).status_code == 404


def test_occasions(world: World, strategy: Strategy) -> None:
    vito = Staff(world.vito)
    page = vito.send("strategy_strategy_occasion_add", strategy.pk, data={"name": "San Martino", "on": "boh"})
    assert list(page.context["form"].errors) == ["on"]
    data = {"name": "San Martino", "on": "2027-11-11", "yearly": "on", "note": "Il vino nuovo."}
    page = words(vito.send("strategy_strategy_occasion_add", strategy.pk, data=data | {"token": "1"}))
    assert "11 November, every year San Martino Il vino nuovo." in page
    found = Occasion.objects.get()
    page = words(vito.send("strategy_strategy_occasion", strategy.pk, found.pk, data=data | {"yearly": ""}))
    assert "11 November 2027 San Martino" in page
    page = words(vito.send("strategy_strategy_occasion_remove", strategy.pk, found.pk))
    assert "No occasion yet" in page


@pytest.mark.parametrize("many", [1, 3])
def test_it_asks_as_much_for_three_as_for_one(
    world: World, strategy: Strategy, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    pillars = [create_pillar(user=world.elena, client=world.winery, name=f"{number}") for number in range(many)]
    set_shares(user=world.vito, strategy=strategy, shares=[(pillar, 10) for pillar in pillars])
    for number in range(many):
        fields: dict[str, Any] = {"name": f"{number}", "measure": "visite", "target": 9, "due_on": date(2028, 1, 1)}
        add_objective(user=world.vito, strategy=strategy, **fields)
        add_occasion(user=world.vito, strategy=strategy, name=f"{number}", on=date(2027, 1, 1))
        channel = sandbox(world.marta, world.winery, f"canale-{number}")
        set_cadence(user=world.vito, strategy=strategy, channel=channel.pk, per_week=Decimal(1), owner=world.elena)
    vito = Staff(world.vito)
    with django_assert_num_queries(13):
        vito.open(PLAN, strategy.pk)
