"""Plays the story of the sample agency, moment by moment, through the services that everybody else uses."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from agency.sample.clock import clock_at
from agency.sample.plans import Person
from approvals.models import Chain
from approvals.services import StepPlan, save_chain

ZONE = ZoneInfo("Europe/Rome")
MOVED_IN = -200  # days from today
# Nobody here has quiet hours: whoever tries Filo of an evening, or on a Sunday, sees its mails come.
ALWAYS: dict[str, Any] = {"quiet_from": None, "quiet_until": None, "quiet_days": []}


@dataclass(order=True, frozen=True)
class Moment:
    """Something that happens at a time; ``number`` keeps what happens together in order."""

    at: datetime
    number: int
    happen: Callable[[], object] = field(compare=False)
    foreseen: bool = field(default=True, compare=False)


class Story:
    """What happens, collected first and then told in the order of time."""

    def __init__(self, *, now: datetime, password: str) -> None:
        self.now, self.password = now, password
        self.today = now.astimezone(ZONE).date()
        self.moments: list[Moment] = []
        self.people: dict[str, User] = {}
        self.chain: Chain
        self._told = 0

    def local(self, day: int, at: time) -> datetime:
        """That time of the day so many days from today, on Rome's clock."""
        return datetime.combine(self.today + timedelta(days=day), at, ZONE)

    def then(self, at: datetime, happen: Callable[[], object], *, foreseen: bool = True) -> None:
        """``happen`` is to happen at that time; what was not foreseen may be added while the story is being told."""
        heapq.heappush(self.moments, Moment(at, self._told, happen, foreseen))
        self._told += 1

    def tell(self) -> Iterator[None]:
        """Let everything happen; one step for each thing that was foreseen. What is still to come is left out."""
        last = self.local(MOVED_IN, time.min)
        while self.moments:
            moment = heapq.heappop(self.moments)
            if moment.at <= self.now:
                with clock_at(max(moment.at, last)) as reached:
                    moment.happen()
                last = reached()
            if moment.foreseen:
                yield

    def agency(self) -> None:
        """The agency moves in: its admin and its own chain."""
        self.then(self.local(MOVED_IN, time(9)), self._move_in)

    def _move_in(self) -> None:
        ada = self.staff(Person(key="ada", name="Ada Conti", role=""), is_agency_admin=True)
        steps = [StepPlan(name="Redazione", role="editor"), StepPlan(name="Cliente", role="approver")]
        self.chain = save_chain(user=ada, client=None, name="Redazione, cliente", is_default=True, steps=steps)

    def staff(self, person: Person, *, is_agency_admin: bool = False) -> User:
        """Somebody who works here, with a password."""
        user = User.objects.create_user(
            person.email,
            self.password,
            name=person.name,
            language=person.language,
            is_agency_admin=is_agency_admin,
            **ALWAYS,
        )
        self.people[person.key] = user
        return user
