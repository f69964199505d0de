"""Objectives are filled from what networks count, where somebody chose that: once an hour, twice the same, unknown never zero."""

from decimal import Decimal
from typing import Any

import pytest

from audit.models import Event
from clients.months import month_at
from social.models import Publication, Reading
from social.services.filling import chosen, fill
from social.services.publishing import publish
from strategy.models import Objective
from strategy.services import (
    add_objective,
    close_strategy,
    edit_objective,
    remove_objective,
    set_number,
    submit_strategy,
)
from tests.rest.caller import Caller, fields
from tests.strategy.documents import chain, say
from tests.strategy.plans import Plan, planned
from tests.world import World


@pytest.fixture
def plan(world: World) -> Plan:
    return planned(world)


def out(world: World, **fields: Any) -> Publication:
    """A post that is out."""
    publication = world.due(**fields)
    publish(publication_id=publication.pk)
    publication.refresh_from_db()
    assert publication.state == "published"
    return publication


def read(publication: Publication, mark: int, **counts: int | None) -> None:
    Reading.objects.create(publication=publication, client_id=publication.client_id, mark=mark, **counts)


def choose(world: World, objective: Objective, metric: str, *, serving_only: bool = False) -> None:
    edit_objective(user=world.vito, objective=objective, metric=metric, serving_only=serving_only)


def numbers(objective: Objective) -> list[tuple[str, Decimal, str, str]]:
    rows = objective.numbers.order_by("month")
    return [(f"{row.month:%Y-%m}", row.value, row.source, row.note) for row in rows]


def test_a_month_is_the_sum_of_what_is_known_of_its_posts(world: World, plan: Plan) -> None:
    serves, other, silent = (out(world, text=text) for text in ("Uno.", "Due.", "Tre."))
    edit_post_of(world, serves, plan)
    read(serves, 0, clicks=3, reach=None)
    read(serves, 1, clicks=8, reach=100)
    read(serves, 2, clicks=None, reach=120)  # not told any more: what was told last stands
    read(other, 0, clicks=4)
    read(silent, 0, clicks=None)
    choose(world, plan.bookings, "clicks")
    now = f"{month_at(world.winery, serves.due_at)}"
    fill(objective_id=plan.bookings.pk)
    expected = [(now, Decimal(12), "network", "Le reti l’hanno detto per 2 post su 3.")]
    assert numbers(plan.bookings) == expected
    events = Event.objects.filter(verb="strategy.number_set").count()
    fill(objective_id=plan.bookings.pk)
    assert (numbers(plan.bookings), Event.objects.filter(verb="strategy.number_set").count()) == (expected, events)
    choose(world, plan.bookings, "reach")
    read(other, 1, reach=30)
    fill(objective_id=plan.bookings.pk)
    summed = "Le reti l’hanno detto per 2 post su 3. Chi ha visto due post conta due volte."
    assert numbers(plan.bookings) == [(now, Decimal(150), "network", summed)]
    choose(world, plan.bookings, "clicks", serving_only=True)
    fill(objective_id=plan.bookings.pk)
    assert numbers(plan.bookings) == [(now, Decimal(8), "network", "La rete l’ha detto per 1 post su uno.")]


def edit_post_of(world: World, publication: Publication, plan: Plan) -> None:
    """It serves the objective, though it is out: as it was written before it went."""
    publication.post.objective = plan.bookings
    publication.post.save(update_fields=["objective"])


def test_what_nobody_tells_is_unknown_and_what_somebody_says_stays(world: World, plan: Plan) -> None:
    publication = out(world)
    read(publication, 0, clicks=None, reach=50)
    choose(world, plan.bookings, "conversions")
    fill(objective_id=plan.bookings.pk)
    assert numbers(plan.bookings) == []
    month = month_at(world.winery, publication.due_at).first
    set_number(user=world.vito, objective=plan.bookings, month=month, value=Decimal(31))
    choose(world, plan.bookings, "reach")
    fill(objective_id=plan.bookings.pk)
    assert [(value, source) for _month, value, source, _note in numbers(plan.bookings)] == [(Decimal(31), "hand")]


def test_only_where_it_was_chosen_and_the_strategy_goes_on(world: World, plan: Plan) -> None:
    assert chosen() == []
    Caller(world.vito).patch(f"objectives/{plan.bookings.pk}/", {"metric": "reach"})
    assert chosen() == [plan.bookings.pk]
    wrong = Caller(world.vito).patch(f"objectives/{plan.bookings.pk}/", {"metric": "likes"}, 400)
    assert fields(wrong)[0][0] == "metric"
    read(out(world), 0, reach=5)
    aim: dict[str, Any] = {"name": "Eco", "measure": "Persone", "target": Decimal(9), "due_on": plan.bookings.due_on}
    other = add_objective(user=world.vito, strategy=plan.strategy, metric="reach", **aim)
    assert chosen() == [plan.bookings.pk, other.pk]
    remove_objective(user=world.vito, objective=other)
    close_strategy(user=world.marta, strategy=plan.strategy)
    assert chosen() == []
    for objective in (plan.bookings, other):
        fill(objective_id=objective.pk)
        assert numbers(objective) == []


def test_how_it_is_filled_takes_back_no_agreement(world: World) -> None:
    plan = planned(world)
    chain(world)
    submit_strategy(user=world.vito, strategy=plan.strategy)
    say(plan.strategy, world.elena)
    review = say(plan.strategy, world.cliente)
    choose(world, plan.bookings, "reach")
    plan.strategy.refresh_from_db()
    assert (plan.strategy.state, plan.strategy.review_id) == ("agreed", review.pk)
    edit_objective(user=world.vito, objective=plan.bookings, metric="clicks", unit="clic")
    plan.strategy.refresh_from_db()
    assert plan.strategy.state == "draft"
