"""How things stand in the model, and whom a chain would ask: plain Python, written from the issue and not from the engine."""

from dataclasses import dataclass, field

from tests.approvals.engine.cast import CAST, Wanted
from tests.approvals.engine.pieces import DECIDING, Person, Place, Run, StandIn
from tests.quotes.subject import AMOUNT, TERMS

NOBODY_CAN = "chain:no_eligible_approver"


@dataclass
class Standing:
    """One client, one quote, all that has happened to it."""

    chain: int
    steps: tuple[Wanted, ...]
    restart: str
    now: int = 0
    people: dict[str, Person] = field(default_factory=dict)
    consent: bool = True
    amount: str = "Da dire"
    terms: str = "T0"
    author: str = "vito"
    writers: set[str] = field(default_factory=lambda: {"vito"})
    goes_out: int | None = None
    state: str = "draft"
    runs: list[Run] = field(default_factory=list)
    deputies: list[StandIn] = field(default_factory=list)
    said: list[Place] = field(default_factory=list)  # in the order of decisions

    def __post_init__(self) -> None:
        """As the rows begin."""
        self.people = {name: Person(name, role, boss) for name, (role, boss) in CAST.items()}

    # What is

    @property
    def run(self) -> Run | None:
        """The last review."""
        return self.runs[-1] if self.runs else None

    @property
    def digest(self) -> str:
        """What would be agreed to."""
        return f"{self.amount}|{self.terms}"

    def parts(self) -> dict[int, str]:
        """What is written, part by part."""
        return {part: text for part, text in ((AMOUNT, self.amount), (TERMS, self.terms)) if text}

    def principals(self, deputy: str) -> set[str]:
        """For whom they stand in now."""
        return {
            row.principal
            for row in self.deputies
            if row.deputy == deputy and not row.cancelled and row.begins <= self.now < row.ends
        }

    def staff_refusal(self, by: str) -> str:
        """Why they could write nothing."""
        role = self.people[by].acts_as
        if role is None:
            return "unknown"
        return "" if role in {"manager", "editor", "author"} else "permission"

    def manager_refusal(self, by: str) -> str:
        """Why they could seat nobody."""
        role = self.people[by].acts_as
        if role is None:
            return "unknown"
        return "" if role == "manager" else "permission"

    # Who would be asked

    def _asked(self, step: Wanted) -> bool:
        if not step.channels and not step.text:
            return True
        parts = self.parts()
        return bool(set(step.channels) & parts.keys()) or (
            "price" in step.text and any("€" in t for t in parts.values())
        )

    def _people_of(self, step: Wanted) -> set[str]:
        if step.role:
            return {name for name, one in self.people.items() if one.active and one.role == step.role}
        if step.managers_up:
            above: list[str] = []
            here = self.people[self.author]
            while here.active and here.role in DECIDING and here.boss and here.boss not in {self.author, *above}:
                above.append(here.boss)
                here = self.people[here.boss]
            found = above[step.managers_up - 1 : step.managers_up]
        else:
            found = list(step.users)
        return {name for name in found if self.people[name].decides}

    def plan(self) -> str | list[tuple[set[str], int, set[str]] | None]:
        """For each step its people, how many are needed, and whom to ask more; None where it is left out."""
        asked = [step for step in self.steps if self._asked(step)]
        if not asked:
            return "chain:no_step_applies"
        plan: list[tuple[set[str], int, set[str]] | None] = []
        for step in self.steps:
            if step not in asked:
                plan.append(None)
                continue
            out = {self.author} | (self.writers if step.four_eyes else set())
            people = self._people_of(step) - out
            before = [(row[0] | row[2], row[1]) for row in plan if row]
            if step.four_eyes and step.rule == "all":
                people = people.difference(*(sitters for sitters, _needed in before))
            needed = {"any": 1, "all": max(1, len(people)), "at_least": step.needed}[step.rule]
            used = _most_used_up(people, before) if step.four_eyes and step.rule != "all" else 0
            if len(people) - used < needed:
                return NOBODY_CAN
            further = {name for name in step.escalate_to if self.people[name].decides} - people - out
            plan.append((people, needed, further))
        return plan

    def plan_refusal(self) -> str:
        """Why nobody could be asked now."""
        plan = self.plan()
        return plan if isinstance(plan, str) else ""


def _most_used_up(people: set[str], before: list[tuple[set[str], int]]) -> int:
    """How many of these people can have decided before, each counted once, at most: each seat in turn asks for one of them."""
    seats = [sitters & people for sitters, needed in before for _seat in range(needed)]
    taken: dict[str, int] = {}

    def sits(seat: int, tried: set[str]) -> bool:
        for name in seats[seat] - tried:
            tried.add(name)
            if name not in taken or sits(taken[name], tried):
                taken[name] = seat
                return True
        return False

    return sum(sits(seat, set()) for seat in range(len(seats)))
