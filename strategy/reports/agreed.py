"""What was agreed of shares, cadences and objectives in a month: of the version that was in force in it, else what is proposed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Func, JSONField, Q, Value

from clients.months import Month
from strategy.content import as_said, in_order, plain
from strategy.in_force import agreed_day
from strategy.models import Agreement, Objective, Strategy

CHANNELS = '$.sections[*] ? (@.kind == "channels").channels[*]'
OBJECTIVES = '$.sections[*] ? (@.kind == "objectives").objectives[*]'


@dataclass(frozen=True, kw_only=True)
class Share:
    """What part of the posts a pillar is to have, in percent."""

    pillar: int
    name: str
    percent: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How many posts a week a channel is to have; None: it is left out, and why. ``channel`` None: none of the client's."""

    channel: int | None
    name: str
    per_week: Decimal | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """All of a month. ``version`` is the number of what was in force then, None where it is only proposed."""

    version: int | None
    shares: list[Share]
    cadences: list[Wanted]
    objectives: list[Objective]  # as they read then: nothing that is ever saved
    proposed: list[Objective]  # those that a draft has beside what was in force


def agreed_in(strategy: Strategy, month: Month) -> Agreed:
    """The last version that was in force in this month, before the first of all the draft's; three queries at most.

    None is in force before the day on which it is to begin, however early it was agreed, nor after its last one.
    """
    found = (
        Agreement.objects.filter(strategy=strategy, began_at__lt=month.ends)
        .filter(Q(ended_at=None) | Q(ended_at__gt=month.begins))
        .annotate(starts=agreed_day("starts_on", "version"), ends=agreed_day("ends_on", "version"))
        .filter(Q(ends=None) | Q(ends__gte=month.first), starts__lt=month.next.first)
        .annotate(
            named=F("version__content__pillars"),
            channels=_all_of(CHANNELS),
            aims=_all_of(OBJECTIVES),
        )
        .order_by("-pk")
        .values_list("version__number", "named", "channels", "aims")
        .first()
    )
    if found is None:
        return _proposed(strategy)
    number, named, channels, aims = found
    there = {row.pk: row for row in strategy.objectives.all()}
    said = [as_said(there.pop(row["id"]), row) for row in aims]
    return Agreed(
        version=number,
        shares=[Share(pillar=row["id"], name=row["name"], percent=row["share"]) for row in named],
        cadences=[_wanted(row) for row in channels],
        objectives=said,
        proposed=in_order(row for row in there.values() if not row.retired),
    )


def _all_of(path: str) -> Func:
    """Of the version's content, without reading the rest of it."""
    template = "jsonb_path_query_array(%(expressions)s::jsonpath)"
    return Func(F("version__content"), Value(path), template=template, output_field=JSONField())


def _wanted(row: dict[str, Any]) -> Wanted:
    per_week = None if row["per_week"] is None else Decimal(row["per_week"])
    return Wanted(channel=row["channel"], name=row["name"], per_week=per_week, reason=row["reason"])


def _proposed(strategy: Strategy) -> Agreed:
    shares = strategy.shares.select_related("pillar").order_by("position", "pk")
    cadences = strategy.cadences.order_by("position", "pk")
    return Agreed(
        version=None,
        shares=[Share(pillar=row.pillar_id, name=row.pillar.name, percent=row.percent) for row in shares],
        cadences=[
            Wanted(
                channel=row.channel,
                name=row.name,
                per_week=None if row.per_week is None else Decimal(plain(row.per_week)),
                reason=row.reason,
            )
            for row in cadences
        ],
        objectives=in_order(strategy.objectives.filter(removed_at=None)),
        proposed=[],
    )
