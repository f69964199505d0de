"""What the morning mail says of strategies (see ``approvals.morning``): what wants to be looked at, counted, or renewed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from approvals import morning
from approvals.mails import absolute
from approvals.morning import MOST
from approvals.morning import Section as MorningSection
from approvals.services.noting import Due, note, noted
from approvals.services.reminding import mornings
from clients.caretakers import Caretakers
from clients.models import STAFF_ROLES, Client, Status
from clients.moments import spoken_day
from clients.months import Month
from clients.selectors import within
from clients.working_time import DAY, Calendar, calendars_of
from notifications.letters import Group, Item
from strategy.in_force import spans
from strategy.models import Horizon, Objective, Section, Strategy, StrategyState

KIND = "strategy"
PATIENCE = 5  # working days after which a section that nobody looked at is the manager's business, too
LAST_DAYS = 3  # working days of a month in which its numbers are asked for
ENDS = (30, 7)  # days before a strategy ends
# While nobody works for a client nobody is asked to; what was never agreed is still being written.
IN_FORCE = Q(
    agreed_version__isnull=False, client__frozen_at=None, client__status__in=[Status.PROSPECT, Status.ACTIVE]
) & ~Q(state=StrategyState.SUPERSEDED)


def register() -> None:
    """Strategies stand in it."""
    morning.add_section(strategies)


def remind(*, now: datetime) -> int:
    """Each matter once to each of those whom it concerns, on their next morning that is a working day of the client's.

    How many that were. Eleven queries, however many strategies there are.
    """
    people = mornings(now)
    if not people:
        return 0
    due = [
        Due(user, matter.client.pk, key) for matter in matters(now) if matter.working for user, key in matter.readers
    ]
    return note(KIND, due, people, now=now)


@dataclass(frozen=True)
class Matter:
    """One thing that somebody has to do. ``readers`` are who is told, each with the key by which that is claimed.

    ``keeper`` looks after it; ``others`` is what is said to everybody else.
    """

    client: Client
    strategy: Strategy
    title: str
    words: str
    button: str
    page: str
    readers: tuple[tuple[int, str], ...]
    working: bool
    keeper: int | None = None
    others: str = ""

    def item(self, reader: User) -> Item:
        """As a line of this person's mail."""
        return Item(
            client_name="",
            client_colour=self.client.colour,
            title=self.title,
            words=self.words if reader.pk == self.keeper else f"{self.words} {self.others}".rstrip(),
            since=self.strategy.title,
            address=absolute(self.page),
            button=self.button,
        )


def strategies(reader: User, at: datetime) -> MorningSection | None:
    """All of this person's matters, as things stand now; by client."""
    mine = Strategy.objects.filter(within(reader, "client", STAFF_ROLES))
    found = [row for row in matters(at, mine) if any(user == reader.pk for user, _key in row.readers)]
    if not found:
        return None
    claimed = noted(KIND, reader, at)
    due = any(user == reader.pk and key in claimed for row in found for user, key in row.readers)
    shown = sorted(found[:MOST], key=lambda row: (row.client.name, row.client.pk))
    groups = tuple(
        Group(
            heading=_("%(client)s: strategy") % {"client": client.name}, items=tuple(row.item(reader) for row in rows)
        )
        for client, rows in groupby(shown, key=lambda row: row.client)
    )
    return MorningSection(groups=groups, due=due, more=len(found) - len(shown))


def matters(now: datetime, found: Iterable[Strategy] | None = None) -> list[Matter]:
    """What there is to do with the strategies in force, in the active language: the first to end first."""
    rows = Strategy.objects.filter(IN_FORCE) if found is None else found.filter(IN_FORCE)  # type: ignore[attr-defined]
    return list(_Desk(list(rows.select_related("client", "owner").order_by("client", "pk")), now).matters())


class _Desk:
    """All strategies in force, and what was read of them once."""

    def __init__(self, rows: list[Strategy], now: datetime) -> None:
        self.now = now
        self.spans = spans({row.pk for row in rows})
        # What was taken back just now holds no longer.
        self.rows = {row.pk: row for row in rows if row.pk in self.spans}
        clients = {row.client_id for row in rows}
        self.calendars: dict[int, Calendar] = calendars_of(clients)
        self.caretakers = Caretakers(clients)

    @cached_property
    def sections(self) -> list[Section]:
        """Those that wanted to be looked at by now, somewhere on earth."""
        late = Section.objects.filter(strategy__in=self.rows, removed_at=None, due_on__lte=(self.now + DAY).date())
        return list(late.select_related("owner").order_by("strategy", "position", "pk"))

    def matters(self) -> Iterator[Matter]:
        for row in self.rows.values():
            yield from self._ending(row)
        for section in self.sections:
            yield from self._section(section)
        yield from self._numbers()

    def today(self, row: Strategy) -> date:
        return self.now.astimezone(self.calendars[row.client_id].zone).date()

    def running(self, row: Strategy) -> bool:
        starts, ends = self.spans[row.pk]
        return starts <= self.today(row) and (ends is None or ends >= self.today(row))

    def _made(  # noqa: PLR0913 - a matter is all of these
        self, row: Strategy, title: str, words: str, button: str, page: str, readers: Iterable[tuple[int | None, str]]
    ) -> Matter:
        told = tuple((user, key) for user, key in readers if user is not None)
        working = self.calendars[row.client_id].is_working_day(self.today(row))
        return Matter(row.client, row, title, words, button, page, told, working)

    def _ending(self, row: Strategy) -> Iterator[Matter]:
        _starts, ends = self.spans[row.pk]
        left = (ends - self.today(row)).days if ends else None
        if ends is None or left is None or not 0 <= left <= ENDS[0]:
            return
        stage = min(days for days in ENDS if left <= days)
        words = ngettext("It ends in %(n)d day, on %(day)s.", "It ends in %(n)d days, on %(day)s.", left) % {
            "n": left,
            "day": spoken_day(ends, row.client.zone),
        }
        more = _("Agree on the next one before then, so that nobody works without one.")
        key = f"ends:{row.pk}:{ends.isoformat()}:{stage}"
        readers = [(self.caretakers.first(row.client_id, row.owner_id), key)]
        yield self._made(row, _("The strategy ends"), f"{words} {more}", _("Open the strategy"), _page(row), readers)

    def _section(self, section: Section) -> Iterator[Matter]:
        row = self.rows[section.strategy_id]
        today, calendar = self.today(row), self.calendars[row.client_id]
        if section.due_on > today or not self.running(row):
            return
        by = _("To be looked at by %(day)s.") if section.due_on == today else _("Was to be looked at by %(day)s.")
        words = [by % {"day": spoken_day(section.due_on, row.client.zone)}]
        key = f"section:{section.pk}:{section.due_on.isoformat()}"
        owner = self.caretakers.first(row.client_id, section.owner_id, row.owner_id)
        readers = [(owner, key)]
        if leans(section, calendar):
            words.append(_("Posts that lean on it are being submitted meanwhile."))
            readers.append((owner, f"{key}:leaned"))
        others = ""
        long_ago = datetime.combine(today, datetime.min.time(), calendar.zone)
        if section.due_on <= calendar.working_days_before(long_ago, PATIENCE).date():
            managers = [user for user in self.caretakers.managers(row.client_id) if user != owner]
            named = [person.name for person in (section.owner, row.owner) if person is not None and person.pk == owner]
            if managers and named:
                others = _("%(name)s looks after it.") % {"name": named[0]}
            readers += [(user, f"{key}:manager") for user in managers]
        button = _("Look at it again")
        page = f"{_page(row)}#section-{section.pk}"
        matter = self._made(row, section.title, " ".join(words), button, page, readers)
        yield replace(matter, keeper=owner, others=others)

    def _numbers(self) -> Iterator[Matter]:
        """Objectives without a number for this month, on its last working days; also where networks were to tell it."""
        asked = {pk: row for pk, row in self.rows.items() if self.running(row) and self._month_ends(row)}
        if not asked:
            return
        living = Objective.objects.filter(strategy__in=asked, removed_at=None).order_by("strategy", "position", "pk")
        for objective in living.prefetch_related("numbers"):
            row = asked[objective.strategy_id]
            month = Month(self.today(row).replace(day=1), row.client.zone)
            over = objective.due_on < month.first
            if over or any(number.month == month.first for number in objective.numbers.all()):
                continue
            words = _("No number yet for %(month)s: %(measure)s.")
            if objective.metric:
                words = _(
                    "No network has told a number for %(month)s yet: %(measure)s. Enter it, if somebody knows it."
                )
            yield self._made(
                row,
                objective.name,
                words % {"month": month.name, "measure": objective.measure},
                _("Enter the number"),
                reverse("admin:strategy_strategy_objective", args=[row.pk, objective.pk]) + "#numbers",
                [(self.caretakers.first(row.client_id, row.owner_id), f"number:{objective.pk}:{month}")],
            )

    def _month_ends(self, row: Strategy) -> bool:
        calendar, day = self.calendars[row.client_id], self.today(row)
        left, month = 0, day.month
        while day.month == month:
            left += calendar.is_working_day(day)
            day += timedelta(days=1)
        return left <= LAST_DAYS


def leans(section: Section, calendar: Calendar) -> bool:
    """Whether a post that leans on it was submitted after the client's day on which a fast-changing section was to be looked at."""
    at = section.leaned_on_at
    return (
        section.horizon == Horizon.VOLATILE and at is not None and at.astimezone(calendar.zone).date() > section.due_on
    )


def _page(row: Strategy) -> str:
    return reverse("admin:strategy_strategy_change", args=[row.pk])
