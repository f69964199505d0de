"""What the winery's strategy says in numbers."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from strategy.models import Objective, Occasion, Pillar, Strategy
from strategy.services import add_objective, add_occasion, create_pillar, set_cadence, set_shares
from tests.strategy.documents import draft, section, today
from tests.world import World


@dataclass(kw_only=True)
class Plan:
    """A draft with two pillars, an objective, an occasion and a cadence."""

    strategy: Strategy
    vines: Pillar
    shop: Pillar
    bookings: Objective
    harvest: Occasion


def planned(world: World, *, shared: bool = True, **fields: Any) -> Plan:
    """The same: six posts of ten on the vines, three a week on the winery's page, 120 bookings."""
    begins: dict[str, Any] = {"starts_on": date(today().year, 1, 1), "ends_on": None}
    strategy = draft(world, shared=shared, **{**begins, **fields})
    section(world, strategy)
    vines = create_pillar(user=world.marta, client=world.winery, name="Vigna", why="Il vino comincia lì.")
    shop = create_pillar(user=world.marta, client=world.winery, name="Bottega")
    set_shares(user=world.vito, strategy=strategy, shares=[(vines, 60), (shop, 40)])
    soon = today() + timedelta(days=90)
    aim: dict[str, Any] = {"measure": "Prenotazioni dal sito", "unit": "visite", "target": Decimal(120)}
    bookings = add_objective(user=world.vito, strategy=strategy, name="Visite", due_on=soon, **aim)
    harvest = add_occasion(
        user=world.vito, strategy=strategy, name="Vendemmia", on=soon, yearly=True, note="Tutti in vigna."
    )
    how: dict[str, Any] = {"per_week": Decimal(3), "reason": "Lì ci leggono."}
    set_cadence(user=world.vito, strategy=strategy, channel=world.page.pk, **how)
    strategy.refresh_from_db()
    return Plan(strategy=strategy, vines=vines, shop=shop, bookings=bookings, harvest=harvest)
