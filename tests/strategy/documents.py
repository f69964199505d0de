"""A strategy of the winery's, and what people do to it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from approvals.models import Chain, Review, Verdict, Via
from approvals.services import StepPlan, decide, save_chain
from clients.models import Role
from strategy.models import Section, Strategy
from strategy.services import (
    Saved,
    add_objective,
    add_occasion,
    add_section,
    create_pillar,
    create_strategy,
    save_section,
    set_cadence,
    set_shares,
    share_strategy,
    submit_strategy,
)
from tests.social.pictures import stored
from tests.world import World

ROME = ZoneInfo("Europe/Rome")
TONE = "Parliamo piano.\nDiamo del tu.\nMai punti esclamativi."


def today() -> date:
    """In Rome."""
    return timezone.localdate(timezone=ROME)


def draft(world: World, *, shared: bool = True, **fields: Any) -> Strategy:
    """Vito's draft, which the client knows, unless it is not to."""
    words: dict[str, Any] = {
        "title": "La cantina nel 2027",
        "starts_on": date(2027, 1, 1),
        "ends_on": date(2027, 12, 31),
    }
    strategy = create_strategy(user=world.vito, client=world.winery, **{**words, **fields})
    return share_strategy(user=world.vito, strategy=strategy) if shared else strategy


def section(world: World, strategy: Strategy, kind: str = "tone", **texts: Any) -> Section:
    """A section of Vito's in it."""
    words = {"body": TONE, "why": "Chi compra vino compra fiducia."}
    return add_section(user=world.vito, strategy=strategy, kind=kind, **{**words, **texts})


def save(user: User, found: Section, **texts: Any) -> Saved:
    """Somebody saves it who has just read it."""
    found.refresh_from_db()
    return save_section(user=user, section=found, begun_from=found.revision, **texts)


def chain(world: World) -> Chain:
    """Whoever of the agency, then the client."""
    steps = [
        StepPlan(name="Agenzia", users=[world.elena, world.marta]),
        StepPlan(name="Cliente", role=Role.APPROVER),
    ]
    return save_chain(
        user=world.marta, client=world.winery, name="Strategie", subject="strategy", is_default=True, steps=steps
    )


def submitted(world: World) -> Strategy:
    """A strategy of one section, in review."""
    chain(world)
    strategy = draft(world)
    section(world, strategy)
    strategy.refresh_from_db()
    return submit_strategy(user=world.vito, strategy=strategy)


def say(strategy: Strategy, user: User, verdict: str = Verdict.APPROVE, comment: str = "") -> Review:
    """This person decides on the version in review."""
    strategy.refresh_from_db()
    assert strategy.review is not None
    review = Review.objects.get(pk=strategy.review.pk)
    return decide(review=review, user=user, digest=review.digest, verdict=verdict, comment=comment, via=Via.ADMIN)


def agreed(world: World) -> Strategy:
    """The same, agreed."""
    strategy = submitted(world)
    say(strategy, world.elena)
    say(strategy, world.cliente)
    strategy.refresh_from_db()
    return strategy


def everything(world: World) -> Strategy:
    """A strategy with one of everything in it and a word of the client's in each, in review."""
    chain(world)
    strategy = draft(world)
    picture = stored(world.vito, world.winery, alt_text="Un filare di Roero")
    section(world, strategy, body=f"Parliamo piano.\n\n![Filare](media:{picture.pk})", owner=world.elena)
    soon = today() + timedelta(days=90)
    aim: dict[str, Any] = {"measure": "Prenotazioni", "unit": "al mese", "target": Decimal(40), "due_on": soon}
    add_objective(user=world.vito, strategy=strategy, name="Visite", **aim)
    how: dict[str, Any] = {"per_week": Decimal("2.5"), "reason": "Qui ci leggono.", "owner": world.vito}
    set_cadence(user=world.vito, strategy=strategy, channel=world.page.pk, **how)
    add_occasion(user=world.vito, strategy=strategy, name="Vendemmia", on=soon, yearly=True)
    pillar = create_pillar(user=world.marta, client=world.winery, name="La vigna", why="Si fida chi vede.")
    set_shares(user=world.vito, strategy=strategy, shares=[(pillar, 100)])
    return submit_strategy(user=world.vito, strategy=strategy)
