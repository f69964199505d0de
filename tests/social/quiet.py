"""A cadence of the winery's that is in force, and what the sweep makes of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from social.models import Channel, Silence
from social.services.silences import foresee
from strategy.models import Strategy
from strategy.services import set_cadence, submit_strategy
from tests.approvals.clock import at, rome
from tests.strategy.documents import chain, draft, say
from tests.world import World

BEGUN = rome(2027, 3, 1)  # a Monday


def agree_on(world: World, per_week: str = "1", when: datetime = BEGUN, **how: Any) -> Strategy:
    """A strategy that asks for so many posts a week on the winery's page, in force from then on. Kept by Vito."""
    Channel.objects.update(created_at=rome(2027, 1, 1))
    with at(when):
        chain(world)
        strategy = draft(world, starts_on=date(2027, 1, 1), ends_on=None)
        set_cadence(
            user=world.vito,
            strategy=strategy,
            channel=world.page.pk,
            per_week=Decimal(per_week),
            reason="Si vende.",
            **how,
        )
        strategy.refresh_from_db()
        submit_strategy(user=world.vito, strategy=strategy)
        say(strategy, world.elena)
        say(strategy, world.cliente)
        strategy.refresh_from_db()
    return strategy


def swept(now: datetime) -> int:
    """How many stages one sweep claims then."""
    with at(now):
        return foresee(now=now)


def silence(world: World, now: datetime = BEGUN) -> Silence:
    """The winery's page is going to fall silent on Tuesday 9 March."""
    agree_on(world)
    assert swept(now) == 1
    return Silence.objects.get(state="foreseen")
