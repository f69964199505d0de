"""The report of one strategy in one month, as one person may read it.

What is counted is a post on one of its channels, once for each channel: planned is what has its time in the month and is not
cancelled, published what of that is out. A client's people read of what was approved alone, never of drafts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import User
from clients.models import STAFF_ROLES
from clients.months import Month
from clients.selectors import role_of
from strategy.models import Objective, ObjectiveNumber, Pillar, Strategy
from strategy.reports.agreed import Agreed, agreed_in
from strategy.surroundings import ChannelTold, Tally, channels, tallies

LOOKED_BACK = 5  # months before the one that is asked for
WEEK = timedelta(days=7)
DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many posts were planned, and are out."""

    planned: int
    published: int


@dataclass(frozen=True, kw_only=True)
class PillarRow:
    """One pillar of what it is counted in. ``pillar`` 0: posts without one; None: pillars that the strategy does not name."""

    pillar: int | None
    name: str
    agreed: int | None  # percent
    count: Count
    whole: Count

    @property
    def planned_share(self) -> float | None:
        """In percent of what is planned; None where nothing is."""
        return _share(self.count.planned, self.whole.planned)

    @property
    def published_share(self) -> float | None:
        """In percent of what is out; None where nothing is."""
        return _share(self.count.published, self.whole.published)

    @property
    def behind(self) -> float | None:
        """By how many points the planned share is below the agreed one, negative above; None where one of them is missing."""
        share = self.planned_share
        return None if share is None or self.agreed is None else round(self.agreed - share, 1)


@dataclass(frozen=True, kw_only=True)
class ChannelRow:
    """One channel in the month, by pillars."""

    channel: int
    name: str
    network: str
    handle: str
    pillars: list[PillarRow]
    count: Count


@dataclass(frozen=True, kw_only=True)
class MonthRow:
    """One month, by pillars."""

    month: Month
    pillars: list[PillarRow]
    count: Count


@dataclass(frozen=True, kw_only=True)
class Week:
    """One week, from its Monday on."""

    monday: date
    count: Count

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=DAYS - 1)


@dataclass(frozen=True, kw_only=True)
class CadenceRow:
    """One channel by the weeks of the month. ``per_week`` None: nothing was agreed, or it is ``left_out`` for a ``reason``."""

    channel: int | None
    name: str
    network: str
    handle: str
    per_week: Decimal | None
    left_out: bool
    reason: str
    weeks: list[Week]


@dataclass(frozen=True, kw_only=True)
class NumberRow:
    """How an objective stood in a month. ``by`` and ``note`` are empty where it is not this reader's to know."""

    month: date
    value: Decimal
    source: str
    by: str
    note: str


@dataclass(frozen=True, kw_only=True)
class ObjectiveRow:
    """An objective and its numbers by month; a month without a number is unknown.

    ``proposed``: a version was in force in the month, and it stands in the draft alone.
    """

    objective: Objective
    numbers: list[NumberRow]
    proposed: bool

    @property
    def reached(self) -> bool | None:
        """Whether the last number is at the target; None without a number, or where less would be better."""
        falls = self.objective.baseline is not None and self.objective.baseline > self.objective.target
        if not self.numbers:
            return None
        last = self.numbers[-1].value
        return last <= self.objective.target if falls else last >= self.objective.target


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of it. ``version`` is what was in force in the month, None where nothing was and the draft's numbers stand here."""

    strategy: Strategy
    month: Month
    version: int | None
    inside: bool
    pillars: list[PillarRow]
    channels: list[ChannelRow]
    months: list[MonthRow]
    cadences: list[CadenceRow]
    objectives: list[ObjectiveRow]
    count: Count


def report_of(user: User, strategy: Strategy, month: Month, *, inside: bool = True) -> Report:
    """The report of a strategy that this person may see; ten queries at most, however much there is.

    Not ``inside``, or where a client's person asks: nothing that is the agency's own.
    """
    inside = inside and role_of(user, strategy.client_id) in STAFF_ROLES
    agreed = agreed_in(strategy, month)
    months = _months(month)
    mondays = _mondays(month)
    begins = min(months[0].first, mondays[0])
    counted = tallies(strategy.client, begins, mondays[-1] + WEEK, drafts=inside)
    names = _names(agreed, counted, named=inside)
    here = [tally for tally in counted if tally.month == month.first]
    known = channels(
        strategy.client_id,
        {tally.channel for tally in counted} | {row.channel for row in agreed.cadences if row.channel},
    )
    return Report(
        strategy=strategy,
        month=month,
        version=agreed.version,
        inside=inside,
        pillars=_pillars(agreed, names, here),
        channels=_channels(agreed, names, here, known),
        months=[_month(agreed, names, one, counted) for one in months],
        cadences=_cadences(agreed, counted, known, mondays),
        objectives=_objectives(agreed, strategy, inside=inside),
        count=_count(here),
    )


def _months(month: Month) -> list[Month]:
    found = [month]
    for _number in range(LOOKED_BACK):
        found.insert(0, found[0].last)
    return found


def _mondays(month: Month) -> list[date]:
    """Of the weeks that have a day in the month."""
    first = month.first - timedelta(days=month.first.weekday())
    return [first + n * WEEK for n in range(6) if first + n * WEEK < month.next.first]


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _count(found: Iterable[Tally]) -> Count:
    planned = published = 0
    for tally in found:
        planned += tally.planned
        published += tally.published
    return Count(planned=planned, published=published)


def _names(agreed: Agreed, counted: Sequence[Tally], *, named: bool) -> dict[int | None, str]:
    """The pillars in their order: those of the strategy, for staff the others by name, then posts without one."""
    names: dict[int | None, str] = {share.pillar: share.name for share in agreed.shares}
    others = {tally.pillar for tally in counted if tally.pillar and tally.pillar not in names}
    if others and named:
        names |= {row.pk: row.named for row in Pillar.objects.filter(pk__in=others).order_by("name")}
    elif others:
        names[None] = ""
    if any(not tally.pillar for tally in counted):
        names[0] = ""
    return names


def _pillars(agreed: Agreed, names: Mapping[int | None, str], found: Sequence[Tally]) -> list[PillarRow]:
    planned: Counter[int | None] = Counter()
    published: Counter[int | None] = Counter()
    for tally in found:
        key = (tally.pillar or 0) if (tally.pillar or 0) in names else None
        planned[key] += tally.planned
        published[key] += tally.published
    percent = {share.pillar: share.percent for share in agreed.shares}
    whole = _count(found)
    return [
        PillarRow(
            pillar=pk,
            name=name,
            agreed=percent.get(pk or 0),
            count=Count(planned=planned[pk], published=published[pk]),
            whole=whole,
        )
        for pk, name in names.items()
    ]


def _channels(
    agreed: Agreed, names: Mapping[int | None, str], found: Sequence[Tally], known: Mapping[int, ChannelTold]
) -> list[ChannelRow]:
    by_channel: dict[int, list[Tally]] = {}
    for tally in found:
        by_channel.setdefault(tally.channel, []).append(tally)
    rows = [
        ChannelRow(
            channel=pk,
            name=known[pk].name,
            network=known[pk].network,
            handle=known[pk].handle,
            pillars=_pillars(agreed, names, mine),
            count=_count(mine),
        )
        for pk, mine in by_channel.items()
    ]
    return sorted(rows, key=lambda row: (row.name.lower(), row.channel))


def _month(agreed: Agreed, names: Mapping[int | None, str], month: Month, counted: Sequence[Tally]) -> MonthRow:
    mine = [tally for tally in counted if tally.month == month.first]
    return MonthRow(month=month, pillars=_pillars(agreed, names, mine), count=_count(mine))


def _cadences(
    agreed: Agreed, counted: Sequence[Tally], known: Mapping[int, ChannelTold], mondays: Sequence[date]
) -> list[CadenceRow]:
    """The channels of the strategy in its order, then those on which something is planned though it says nothing of them."""
    by_week: dict[tuple[int | None, date], list[Tally]] = {}
    for tally in counted:
        by_week.setdefault((tally.channel, tally.week), []).append(tally)

    def weeks(channel: int | None) -> list[Week]:
        return [Week(monday=monday, count=_count(by_week.get((channel, monday), ()))) for monday in mondays]

    rows = []
    for wanted in agreed.cadences:
        channel = known.get(wanted.channel or 0)
        rows.append(
            CadenceRow(
                channel=wanted.channel,
                name=channel.name if channel else wanted.name,
                network=channel.network if channel else "",
                handle=channel.handle if channel else "",
                per_week=wanted.per_week,
                left_out=wanted.per_week is None,
                reason=wanted.reason,
                weeks=weeks(wanted.channel) if wanted.channel else [],
            )
        )
    said = {wanted.channel for wanted in agreed.cadences}
    heard = {channel for channel, week in by_week if week in mondays} - said
    strangers = sorted((known[pk] for pk in heard if pk), key=lambda row: (row.name.lower(), row.pk))
    return [
        *rows,
        *(
            CadenceRow(
                channel=channel.pk,
                name=channel.name,
                network=channel.network,
                handle=channel.handle,
                per_week=None,
                left_out=False,
                reason="",
                weeks=weeks(channel.pk),
            )
            for channel in strangers
        ),
    ]


def _objectives(agreed: Agreed, strategy: Strategy, *, inside: bool) -> list[ObjectiveRow]:
    """Those that were agreed, as they were; then those that a draft alone has."""
    numbers: dict[int, list[NumberRow]] = {}
    found = ObjectiveNumber.objects.filter(objective__strategy=strategy)
    for row in found.select_related("by").order_by("month"):
        numbers.setdefault(row.objective_id, []).append(_number(row, inside=inside))
    return [
        ObjectiveRow(objective=row, numbers=numbers.get(row.pk, []), proposed=proposed)
        for proposed, rows in ((False, agreed.objectives), (True, agreed.proposed))
        for row in rows
    ]


def _number(row: ObjectiveNumber, *, inside: bool) -> NumberRow:
    return NumberRow(
        month=row.month,
        value=row.value,
        source=row.source,
        by=row.by.name if row.by and inside else "",
        note=row.note_for(inside=inside),
    )
