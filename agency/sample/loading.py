"""Loading the sample agency: all of it or nothing, into an installation in which nobody is yet."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.errors import Conflict
from accounts.models import User
from agency.sample.cantina import CANTINA
from agency.sample.cantina_strategy import CANTINA_STRATEGY
from agency.sample.castelmora import CASTELMORA
from agency.sample.client_life import ClientLife
from agency.sample.newsletters import NewsletterLife
from agency.sample.plans import ClientPlan
from agency.sample.post_life import PostLife
from agency.sample.sandri import SANDRI
from agency.sample.strategy_life import StrategyLife
from agency.sample.strategy_plans import StrategyPlan
from agency.sample.telling import Story
from approvals.models import ReviewState, Seat, StepState
from audit.services import record
from clients.models import CONTACT_ROLES
from notifications.services import drop_queued
from social.services import silences

CLIENTS = (CANTINA, CASTELMORA, SANDRI)
STRATEGIES: dict[str, StrategyPlan] = {CANTINA.slug: CANTINA_STRATEGY}


@transaction.atomic
def load(*, password: str, now: datetime, begin: Callable[[int], None], step: Callable[[], object]) -> None:
    """Tell the story up to ``now``; staff sign in with ``password``, contacts by code or link.

    ``begin`` gets the number of things to happen, ``step`` is called after each. Raises ``Conflict`` where people are
    already here.
    """
    if User.objects.exists():
        raise Conflict("not_empty", "There are people here already: the sample agency is for an empty installation.")
    story = Story(now=now, password=password)
    story.agency()
    for plan in CLIENTS:
        _foresee(story, plan)
    begin(len(story.moments))
    for _happened in story.tell():
        step()
    drop_queued(but=still_asked())
    silences.foresee(now=now)
    record(client_id=None, actor=None, verb="sample.loaded", subject_type="agency", subject_id=0)


def _foresee(story: Story, plan: ClientPlan) -> None:
    """A client and all that happens to it."""
    life = ClientLife(story, plan)
    life.foresee()
    if plan.newsletter:
        NewsletterLife(life, plan.newsletter).foresee()
    if plan.slug in STRATEGIES:
        StrategyLife(life, STRATEGIES[plan.slug]).foresee()
    for number, post in enumerate(plan.posts):
        PostLife(life, post, number).foresee()


def still_asked() -> list[str]:
    """The keys of the mails that still wait to be written: those that ask a client's people to decide now."""
    seats = Seat.objects.filter(
        step__state=StepState.ACTIVE, step__review__state=ReviewState.OPEN, decision=None, ended_at=None
    )
    theirs = seats.filter(user__memberships__role__in=CONTACT_ROLES).distinct()
    return [f"seat:{pk}" for pk in theirs.values_list("pk", flat=True)]
