"""What of a client's strategies a post leans on; and which of that changes fast and was not looked at for too long."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from clients.models import Client
from strategy.in_force import agreed_day
from strategy.models import Horizon, Objective, Occasion, Pillar, Section, SectionKind, StrategyState


def overdue(
    *,
    client: Client,
    channels: Collection[int],
    pillar: Pillar | None = None,
    objective: Objective | None = None,
    occasion: Occasion | None = None,
) -> list[Section]:
    """The fast-changing sections in force that such a post leans on, and that wanted to be looked at before today. One query.

    Every post leans on the tone of voice, and on the channels that it is for; one that names a pillar, an objective or an
    occasion on the section with that.
    """
    today = timezone.now().astimezone(client.zone).date()
    leant = Q(kind=SectionKind.TONE) | Q(kind=SectionKind.CHANNELS, strategy__cadences__channel__in=channels)
    if pillar is not None:
        leant |= Q(kind=SectionKind.PILLARS, strategy__shares__pillar=pillar)
    if objective is not None:
        leant |= Q(kind=SectionKind.OBJECTIVES, strategy=objective.strategy_id)
    if occasion is not None:
        leant |= Q(kind=SectionKind.CALENDAR, strategy=occasion.strategy_id)
    dated = Section.objects.annotate(
        begins=agreed_day("starts_on", "strategy__agreed_version"),
        until=agreed_day("ends_on", "strategy__agreed_version"),
    )
    found = dated.filter(
        leant,
        Q(until=None) | Q(until__gte=today),
        client=client,
        removed_at=None,
        horizon=Horizon.VOLATILE,
        due_on__lt=today,
        strategy__agreed_version__isnull=False,
        begins__lte=today,
    ).exclude(strategy__state=StrategyState.SUPERSEDED)
    return list(found.select_related("strategy").order_by("strategy", "position", "pk").distinct())


def lean_on(sections: Collection[Section], now: datetime) -> None:
    """A post that leans on these was submitted: whoever looks after them is told in their next morning mail."""
    if sections:
        Section.objects.filter(pk__in=[section.pk for section in sections]).update(leaned_on_at=now)
