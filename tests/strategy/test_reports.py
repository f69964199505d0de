"""The report of a month: what was planned and published beside what was agreed, and objectives beside their targets."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from approvals.models import Via
from clients.months import Month, month_at
from social.services.publishing import publish
from strategy.reports import Report, report_of
from strategy.reports.charts import cadence_chart, objective_chart, shares_chart
from strategy.selectors import strategies
from strategy.services import (
    add_objective,
    create_pillar,
    create_strategy,
    edit_objective,
    edit_pillar,
    remove_objective,
    set_cadence,
    set_number,
    set_shares,
    submit_strategy,
)
from tests.browsing import Staff, words
from tests.rest.caller import Caller
from tests.strategy.documents import ROME, chain, say
from tests.strategy.plans import Plan, planned
from tests.world import World, approve, sandbox


@pytest.fixture
def month(world: World) -> Month:
    """The next one, so that everything in it is still to come."""
    return month_at(world.winery, timezone.now()).next


@pytest.fixture
def italian() -> Iterator[None]:
    """As the winery's people read."""
    with translation.override("it"):
        yield


def at(month: Month, day: int, hour: int = 9) -> datetime:
    return datetime.combine(month.first + timedelta(days=day - 1), time(hour), ROME)


def agree(world: World, plan: Plan) -> None:
    plan.strategy.refresh_from_db()
    submit_strategy(user=world.vito, strategy=plan.strategy)
    say(plan.strategy, world.elena)
    say(plan.strategy, world.cliente)
    plan.strategy.refresh_from_db()


def shares(report: Report) -> list[tuple[str, int | None, int, int, float | None]]:
    return [(row.name, row.agreed, row.count.planned, row.count.published, row.planned_share) for row in report.pillars]


def test_planned_and_published_beside_what_was_agreed(world: World, month: Month) -> None:
    plan = planned(world)
    chain(world)
    agree(world, plan)
    second = sandbox(world.marta, world.winery, "bottega")
    both = [world.page, second]
    world.draft(pillar=plan.vines, channels=both, publish_at=at(month, 1, 0))  # a draft is planned
    world.draft(pillar=plan.shop, publish_at=at(month, 2))
    world.draft(publish_at=at(month, 20))
    world.draft(pillar=plan.shop, publish_at=at(month.next, 1, 0))  # the first moment of the next one
    world.draft(pillar=plan.vines)  # without a time
    old = create_pillar(user=world.marta, client=world.winery, name="Annata")
    world.draft(pillar=old, publish_at=at(month, 28))
    edit_pillar(user=world.marta, pillar=old, retired=True)
    # What is agreed is of the version in force, whatever is being written.
    set_shares(user=world.vito, strategy=plan.strategy, shares=[(plan.shop, 100)])
    edit_objective(user=world.vito, objective=plan.bookings, name="Di più", target=Decimal(500), baseline=Decimal(7))
    aim: dict[str, Any] = {"measure": "Ordini", "target": Decimal(9), "due_on": plan.bookings.due_on}
    add_objective(user=world.vito, strategy=plan.strategy, name="Bottiglie", **aim)
    with translation.override("it"):
        report = report_of(world.vito, plan.strategy, month)
    assert report.version == 1
    assert [
        (row.objective.name, row.objective.target, row.objective.baseline, row.proposed) for row in report.objectives
    ] == [("Visite", Decimal(120), None, False), ("Bottiglie", Decimal(9), None, True)]
    remove_objective(user=world.vito, objective=plan.bookings)
    desk = Staff(world.vito).open("strategy_strategy_report", plan.strategy.pk, query=f"?month={month}")
    assert "Prenotazioni dal sito. Punto di partenza: non si sa; traguardo: 120 visite" in words(desk)
    assert words(desk).count("Sta solo nella bozza: nessuno lo ha ancora concordato.") == 1
    assert desk.content.decode().count('name="metric"') == 1  # nobody fills what the draft has no more
    assert shares(report) == [
        ("Vigna", 60, 2, 0, 40.0),
        ("Bottega", 40, 1, 0, 20.0),
        ("Annata (dismesso)", None, 1, 0, 20.0),
        ("", None, 1, 0, 20.0),
    ]
    assert [(row.pillar, row.behind) for row in report.pillars[:2]] == [(plan.vines.pk, 20.0), (plan.shop.pk, 20.0)]
    assert [(row.name, [cell.count.planned for cell in row.pillars]) for row in report.channels] == [
        ("Cantina Roero (prova)", [1, 1, 1, 1]),
        ("Cantina Roero (prova)", [1, 0, 0, 0]),
    ]
    assert [f"{row.month}" for row in report.months][-1] == f"{month}"
    assert [row.count.planned for row in report.months] == [0, 0, 0, 0, 0, 5]
    # Weeks go from Monday to Sunday, also where they reach into another month.
    page, other = report.cadences
    assert (page.per_week, other.per_week, other.left_out) == (Decimal(3), None, False)
    assert page.weeks[0].monday <= month.first <= page.weeks[0].sunday
    assert page.weeks[-1].monday < month.next.first
    into_next = page.weeks[-1].sunday >= month.next.first
    assert sum(week.count.planned for week in page.weeks) == 4 + into_next


def test_what_was_agreed_early_holds_from_its_own_day_to_its_last(world: World, month: Month) -> None:
    plan = planned(world, starts_on=month.first, ends_on=month.next.first - timedelta(days=1))
    chain(world)
    agree(world, plan)
    in_force = [report_of(world.vito, plan.strategy, one).version for one in (month.last, month, month.next)]
    assert in_force == [None, 1, None]


def test_what_is_out_and_what_came_to_nothing(world: World) -> None:
    plan = planned(world)
    now = month_at(world.winery, timezone.now())
    live = world.due(pillar=plan.vines)
    publish(publication_id=live.pk)
    gone = world.due(pillar=plan.vines, text="Altro.")
    gone.post.publications.update(state="cancelled")
    report = report_of(world.vito, plan.strategy, month_at(world.winery, live.due_at))
    assert (f"{report.month}", report.version) == (f"{now}", None)  # nothing agreed: the draft stands beside
    [vines, shop] = report.pillars[:2]
    assert (vines.agreed, vines.count.published, vines.published_share) == (60, 1, 100.0)
    assert (shop.count.planned, shop.published_share) == (0, 0.0)


def test_a_client_s_people_read_what_was_approved_and_nothing_internal(world: World, month: Month) -> None:
    plan = planned(world)
    secret = create_pillar(user=world.marta, client=world.winery, name="Sottobanco")
    world.draft(pillar=plan.vines, publish_at=at(month, 3))
    world.draft(pillar=secret, publish_at=at(month, 3))
    post = world.submitted(pillar=secret, publish_at=at(month, 4))
    for user, via in [(world.elena, Via.ADMIN), (world.marta, Via.ADMIN), (world.cliente, Via.LINK)]:
        approve(post, user, via)
    now = month_at(world.winery, timezone.now()).first
    said: dict[str, Any] = {"month": now, "value": Decimal("40.5"), "note_text": "A occhio"}
    set_number(user=world.vito, objective=plan.bookings, **said)
    portal = Browser()
    portal.force_login(world.cliente)
    page = words(portal.get(f"/strategies/{plan.strategy.pk}/report/?month={month}"))
    assert "Sottobanco" not in page
    assert "Altri filoni — 100 % (1)" in page
    assert "Vigna 60 % 0 % (0)" in page
    assert "40,5 visite" in page
    assert "A occhio" not in page
    assert "Vito" not in page
    desk = words(Staff(world.vito).open("strategy_strategy_report", plan.strategy.pk, query=f"?month={month}"))
    assert "Sottobanco — 67 % (2)" in desk
    assert ("meno di quanto proposto" in desk, "meno di quanto concordato" in desk) == (True, False)
    assert "Inserito a mano, Vito Serra A occhio" in words(
        Staff(world.vito).open("strategy_strategy_report", plan.strategy.pk)
    )
    assert (
        Caller(world.cliente).get(f"strategies/{plan.strategy.pk}/report/", month=f"{month}")["count"]["planned"] == 1
    )
    # Staff who look at the portal see what the client sees there.
    portal.force_login(world.vito)
    assert "Sottobanco" not in words(portal.get(f"/strategies/{plan.strategy.pk}/report/?month={month}"))
    hidden = planned_unshared(world)
    assert portal.get(f"/strategies/{hidden}/report/").status_code == 404
    assert portal.get(f"/strategies/{plan.strategy.pk}/report/?month=13").status_code == 404
    portal.force_login(world.sindaco)
    assert portal.get(f"/strategies/{plan.strategy.pk}/report/").status_code == 404


def planned_unshared(world: World) -> int:
    return create_strategy(user=world.vito, client=world.winery, title="Sottovoce").pk


@pytest.mark.parametrize("many", [1, 3])
def test_it_asks_the_same_however_much_there_is(
    world: World, month: Month, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plan = planned(world)
    for number in range(many):
        other = create_pillar(user=world.marta, client=world.winery, name=f"F{number}")
        channel = sandbox(world.marta, world.winery, f"altro-{number}")
        world.draft(pillar=other, channels=[channel], publish_at=at(month, 3 + number))
        world.draft(pillar=plan.vines, publish_at=at(month, 4))
        earlier = date(month.first.year - 1, number + 1, 1)
        set_number(user=world.vito, objective=plan.bookings, month=earlier, value=Decimal(number))
    strategy = strategies(world.vito).get(pk=plan.strategy.pk)
    with django_assert_num_queries(10):
        report_of(world.vito, strategy, month)


def test_programs_read_the_same(world: World, month: Month) -> None:
    plan = planned(world)
    set_cadence(user=world.vito, strategy=plan.strategy, name="TikTok", left_out=True, reason="Non è per noi.")
    world.draft(pillar=plan.vines, publish_at=at(month, 3))
    told = Caller(world.vito).get(f"strategies/{plan.strategy.pk}/report/", month=f"{month}")
    assert (told["month"], told["version"], told["count"]) == (f"{month}", None, {"planned": 1, "published": 0})
    assert told["pillars"][0] == {
        "pillar": plan.vines.pk,
        "name": "Vigna",
        "agreed": 60,
        "planned": 1,
        "published": 0,
        "planned_share": 100.0,
        "published_share": None,
    }
    assert [(row["name"], row["per_week"], row["left_out"]) for row in told["cadences"]] == [
        ("Cantina Roero (prova)", 3.0, False),
        ("TikTok", None, True),
    ]
    assert told["objectives"][0] | {"due_on": ""} == {
        "id": plan.bookings.pk,
        "name": "Visite",
        "unit": "visite",
        "baseline": None,
        "target": 120.0,
        "due_on": "",
        "reached": None,
        "proposed": False,
        "numbers": [],
    }
    Caller(world.vito).get(f"strategies/{plan.strategy.pk}/report/", 400, month="2026-13")
    Caller(world.bruno).get(f"strategies/{plan.strategy.pk}/report/", 404)


@pytest.mark.usefixtures("italian")
def test_charts_say_in_words_what_they_draw_and_leave_out_what_nobody_knows(world: World, month: Month) -> None:
    plan = planned(world)
    world.draft(pillar=plan.vines, publish_at=at(month, 3))
    since = date(month.first.year - 1, 1, 1)
    for number, value in [(0, "30"), (1, "55"), (3, "130.5")]:
        there = since.replace(month=1 + number)
        set_number(user=world.vito, objective=plan.bookings, month=there, value=Decimal(value))
    report = report_of(world.vito, plan.strategy, month)
    drawn = shares_chart(report.pillars)
    assert drawn is not None
    assert drawn.told == (
        "Vigna: concordato 60 %, previsto 100 %, pubblicato —. Bottega: concordato 40 %, previsto 0 %, pubblicato —."
    )
    as_proposed = shares_chart(report.pillars, agreed=False)
    assert as_proposed is not None
    assert as_proposed.told.startswith("Vigna: proposto 60 %, previsto 100 %, ")
    assert [(box.width, box.height) for box in drawn.planned] == [("344.0", "10.0"), ("0.0", "10.0")]
    assert [line.x1 for line in drawn.lines] == ["214.4", "145.6"]
    weeks = cadence_chart(report.cadences[0])
    assert weeks is not None
    assert len(weeks.planned) == len(report.cadences[0].weeks)
    [row] = report.objectives
    line = objective_chart(row)
    assert line is not None
    assert (len(line.dots), len(line.paths)) == (3, 1)  # the third month is unknown: the line is broken there
    assert (row.reached, [mark.kind for mark in line.lines]) == (True, ["target"])
    assert "130,5 visite" in line.told
    for told in row.objective.numbers.order_by("month")[1:]:
        told.delete()
    [row] = report_of(world.vito, plan.strategy, month).objectives
    alone = objective_chart(row)
    assert alone is not None
    # One number alone stands at the left edge: its month goes on to the right of it, not out of the picture.
    assert [(word.text, word.side) for word in alone.words] == [(f"gen {since.year}", "start")]
    assert alone.told == f"Visite: 30 visite in gen {since.year}, traguardo 120 visite."
    assert shares_chart([]) is None


def test_a_page_without_anything_says_what_is_missing(world: World) -> None:
    empty = planned_unshared(world)
    page = words(Staff(world.vito).open("strategy_strategy_report", empty))
    assert "Per questo mese non è ancora previsto niente." in page
    assert "La strategia non ha ancora obiettivi." in page
    assert "Nessun ritmo è concordato" in page
    assert Staff(world.vito).open("strategy_strategy_report", empty, query="?month=x").status_code == 404
    plan = planned(world)
    answer = Staff(world.vito).send(
        "strategy_strategy_report_fill",
        plan.strategy.pk,
        plan.bookings.pk,
        data={"metric": "reach", "serving_only": "on"},
    )
    assert "Dalle reti: persone raggiunte, dei post che lo servono. Le persone si sommano post per post" in words(
        answer
    )
    Caller(world.marta).patch(f"objectives/{plan.bookings.pk}/", {"metric": "clicks"})
    answer = Staff(world.vito).open("strategy_strategy_report", plan.strategy.pk)
    assert "Dalle reti: clic, dei post che lo servono. Ancora nessun numero" in words(answer)
    assert Browser().get(f"/strategies/{empty}/report/").status_code == 302
