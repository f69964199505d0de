"""Approvals in plain Python, written from the issue and not from the engine: what may happen, and what follows.

Times are minutes. Every verb gives the code with which it is refused; empty where it is done.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.approvals.engine.cast import NAMES
from tests.approvals.engine.pieces import CONTACTS, DECIDING, Place, Run, Stage, StandIn
from tests.approvals.engine.standing import Standing


@dataclass
class Model(Standing):
    """One client, one quote, all that happens to it."""

    # The author's verbs

    def submit(self, by: str) -> str:
        """Ask."""
        if refused := self.staff_refusal(by):
            return refused
        if self.state not in {"draft", "changes_requested"}:
            return "not_a_draft"
        plan = self.plan()
        if isinstance(plan, str):
            return plan
        before = self.run
        run = Run(len(self.runs) + 1, self.chain, self.author, self.digest, self.goes_out)
        met: Counter[Any] = Counter()
        for position, (step, planned) in enumerate(zip(self.steps, plan, strict=True), start=1):
            met[step.recipe] += 1
            parts = self.parts()
            only_parts = step.channels and not step.text
            part = "+".join(parts[p] for p in step.channels if p in parts) if only_parts else self.digest
            people, needed, further = planned or (set(), 1, set())
            stage = Stage(
                step,
                run.round,
                position,
                needed,
                _sorted(further),
                part=f"{only_parts}{part}",
                key=(step.recipe, met[step.recipe]),
            )
            stage.state = "waiting" if planned else "skipped"
            stage.places = [Place(name) for name in _sorted(people)]
            run.stages.append(stage)
        self._carry(run, before)
        for stage in run.stages:
            due = self._due_before(stage, run)
            if stage.state == "waiting" and due is not None and due <= self.now:
                return "goes_out_at:deadline_passed"
        self.runs.append(run)
        self._activate(next(stage for stage in run.stages if stage.state == "waiting"), run)
        self.state = "in_review"
        return ""

    def _carry(self, run: Run, before: Run | None) -> None:
        if before is None or before.chain != run.chain or before.state not in {"changes_requested", "superseded"}:
            return
        waiting = [stage for stage in run.stages if stage.state == "waiting"]
        old = {stage.key: stage for stage in before.stages}
        may = []
        if self.restart == "unchanged":
            may = waiting
        elif self.restart == "refused" and before.state == "changes_requested":
            refused = next(stage.key for stage in before.stages if stage.state == "refused")
            keys = [stage.key for stage in run.stages]
            may = [s for s in waiting if refused in keys and keys.index(s.key) < keys.index(refused)]
        carried = []
        for stage in may:
            was = old.get(stage.key)
            stem = was.stem or was if was else None
            if was is None or stem is None or was.state != "passed" or was.tacit:
                continue
            out = {run.author} | (self.writers if stage.wanted.four_eyes else set())
            still = {p.user for p in stem.living if p.said and p.actor not in out} & {p.user for p in stage.places}
            same = self.restart == "refused" or stem.part == stage.part
            if same and len(still) >= stage.needed:
                carried.append((stage, stem))
        if carried and len(carried) == len(waiting):
            carried.pop()
        for stage, stem in carried:
            stage.state, stage.stem, stage.places = "passed", stem, []

    def edit(self, by: str, part: str, text: str) -> str:
        """Other words."""
        if refused := self.staff_refusal(by):
            return refused
        if self.state == "sent":
            return "already_sent"
        if getattr(self, part) == text:
            return ""
        if self.run and self.state in {"in_review", "approved"}:
            self.run.state = "superseded"
        if self.state != "changes_requested":
            self.state = "draft"
        setattr(self, part, text)
        self.author = by
        self.writers.add(by)
        return ""

    def withdraw(self, by: str) -> str:
        """Take the question back."""
        if refused := self.staff_refusal(by):
            return refused
        if self.run is None or self.state not in {"in_review", "approved"}:
            return "nothing_to_withdraw"
        self.run.state, self.state = "withdrawn", "draft"
        return ""

    def send(self) -> str:
        """It goes out."""
        if self.state != "approved":
            return "not_approved"
        self.state = "sent"
        return ""

    def move(self, by: str, goes_out: int | None) -> str:
        """It is to go out at another time."""
        if refused := self.staff_refusal(by):
            return refused
        run = self.run
        if run is None or self.state != "in_review":
            self.goes_out = goes_out
            return ""
        for asked in run.stages:
            before = asked.wanted.due_before if asked.state in {"waiting", "active"} else None
            if before is not None and goes_out is not None and goes_out - before <= self.now:
                return "goes_out_at:deadline_passed"
        self.goes_out = goes_out
        run.goes_out = goes_out
        stage = run.active
        if stage is None or stage.wanted.due_before is None or stage.since is None:
            return ""
        due = self._due_of(stage, run, stage.since)
        if stage.wanted.on_deadline == "tacit" and due is not None:
            due = due if stage.due is None else max(due, stage.due)
            if due <= self.now:
                return ""
        if due != stage.due:
            stage.due = stage.wake = due
        return ""

    # Deciding

    def decide(self, who: str, verdict: str, digest: str) -> str:
        """Somebody says something of what they saw."""
        found = self._seat_for(who, digest)
        if isinstance(found, str):
            return found
        stage, place = found
        run = self.runs[-1]
        place.actor, place.verdict = who, verdict
        self.said.append(place)
        if verdict != "approve":
            stage.state, stage.wake = "refused", None
            run.state = self.state = "changes_requested"
        elif stage.votes >= stage.needed:
            self._pass(stage, run)
        return ""

    def able(self) -> list[str]:
        """Who could approve now."""
        run = self.run
        return [name for name in NAMES if run and not self.refusal(name, run.digest)]

    def refusal(self, who: str, digest: str) -> str:
        """Why they could not decide now; empty where they could."""
        found = self._seat_for(who, digest)
        return found if isinstance(found, str) else ""

    def nearby(self) -> list[str]:
        """Whoever has anything to do with the review, and a stranger."""
        places = [place for stage in self.runs[-1].stages for place in stage.living]
        seated = {place.user for place in places}
        return _sorted(
            seated | {row.deputy for row in self.deputies if row.principal in seated} | {self.author, "carlo"}
        )

    def _seat_for(self, who: str, digest: str) -> str | tuple[Stage, Place]:  # noqa: PLR0911 - as many as there are reasons
        run = self.run
        if run is None:
            return "no review"
        all_places = [(stage, place) for stage in run.stages for place in stage.living]
        mine = [(stage, place) for stage, place in all_places if place.user == who]
        if not any(stage.state == "active" for stage, _place in mine) and who != run.author:
            principals = self.principals(who)
            mine += [(stage, place) for stage, place in all_places if place.user in principals]
        if not mine or not self.people[who].decides:
            return "permission"
        if run.state != "open":
            return "review_closed"
        if digest != run.digest:
            return "stale_digest"
        stage = run.active
        here = [place for its_stage, place in mine if its_stage is stage]
        if stage is None or not here:
            return "not_your_turn"
        free = [place for place in here if not place.said and place.user not in stage.heard]
        if not free or who in stage.heard:
            return "already_decided"
        free = [place for place in free if place.user == who or self._may_stand_in(who, place.user)]
        if not free:
            return "permission"
        barred = self._barred(stage, run)
        fresh = [place for place in free if not {who, place.user} & barred]
        return (stage, fresh[0]) if fresh else "four_eyes"

    def _may_stand_in(self, who: str, principal: str) -> bool:
        one, other = self.people[who].acts_as, self.people[principal].acts_as
        return self.people[principal].decides and (one in CONTACTS) == (other in CONTACTS)

    def kept_out(self, stage: Stage, run: Run) -> set[str]:
        """Who must not be counted there, or not once more."""
        return stage.heard | self._barred(stage, run)

    def _barred(self, stage: Stage, run: Run) -> set[str]:
        """Whose eyes are not other eyes: here, or on a later step that asks for them."""
        out: set[str] = set()
        for other in run.stages:
            if other.position < stage.position and stage.wanted.four_eyes:
                out |= other.heard
            if other.position > stage.position and other.wanted.four_eyes:
                out |= other.heard
        return out | (self.writers if stage.wanted.four_eyes else set())

    def _pass(self, stage: Stage, run: Run) -> None:
        stage.state, stage.wake = "passed", None
        following = next((stage for stage in run.stages if stage.state == "waiting"), None)
        if following is None:
            run.state = self.state = "approved"
        else:
            self._activate(following, run)

    def _activate(self, stage: Stage, run: Run) -> None:
        stage.state, stage.since, stage.tacit = "active", self.now, False
        stage.due = stage.wake = self._due_of(stage, run, self.now)
        may = stage.wanted.on_deadline == "tacit" and not stage.wanted.never_tacit and self.consent
        stage.agreed = may and (stage.due is None or stage.due > self.now)

    @classmethod
    def _due_of(cls, stage: Stage, run: Run, since: int) -> int | None:
        found = [
            None if stage.wanted.due_after is None else since + stage.wanted.due_after,
            cls._due_before(stage, run),
        ]
        return min((due for due in found if due is not None), default=None)

    @staticmethod
    def _due_before(stage: Stage, run: Run) -> int | None:
        if stage.wanted.due_before is None or run.goes_out is None:
            return None
        return run.goes_out - stage.wanted.due_before

    # Time

    def time_up(self) -> bool:
        """Whether a step's time was up, and what followed."""
        run = self.run
        stage = run.active if run else None
        if run is None or stage is None or run.state != "open" or stage.wake is None or stage.wake > self.now:
            return False
        stage.wake = None
        if self._silence_counts(stage, run):
            stage.tacit = True
            self._pass(stage, run)
            return True
        if stage.wanted.on_deadline == "escalate":
            for name in stage.escalate_to:
                if not self.seating_refusal(name, stage, run):
                    stage.places.append(Place(name, "escalation"))
        return True

    def _silence_counts(self, stage: Stage, run: Run) -> bool:
        if not stage.agreed or not self.consent:
            return False
        if stage.due is None or stage.since is None or stage.due <= stage.since:
            return False
        out = self.kept_out(stage, run)
        able = [p for p in stage.living if not p.said and p.user not in out and self.people[p.user].decides]
        return stage.votes + len(able) >= stage.needed

    # People

    def seating_refusal(self, name: str, stage: Stage, run: Run) -> str:
        """Why they could not sit there."""
        if not self.people[name].decides:
            return "role"
        if name == run.author:
            return "author"
        if name in {place.user for place in stage.living}:
            return "seated"
        if name in stage.heard:
            return "heard"
        return "four_eyes" if name in self._barred(stage, run) else ""

    def replace(self, by: str, stage: Stage, place: Place, name: str) -> str:
        """Somebody else sits there."""
        if refused := self.manager_refusal(by):
            return refused
        run = self.runs[-1]
        if not place.living or run.state != "open" or stage.state not in {"waiting", "active"}:
            return "seat_over"
        if place.said:
            return "already_decided"
        if refused := self.seating_refusal(name, stage, run):
            return f"person:{refused}"
        place.ended = "replaced"
        stage.places.append(Place(name, "replacement"))
        return ""

    def take_back(self, who: str) -> str:
        """The last approval that was theirs counts no more."""
        run = self.run
        if run is None:
            return "no review"
        if run.state not in {"open", "approved"}:
            return "review_closed"
        given = [
            (stage, place)
            for place in self.said
            for stage in run.stages
            if any(place is one for one in stage.living)
            and place.verdict == "approve"
            and who in {place.user, place.actor}
        ]
        if not given or not self.people[who].decides:
            return "nothing_to_take_back"
        stage, place = given[-1]
        if run.state == "approved" and stage.state == "passed" and self.state == "sent":
            return "already_sent"
        place.ended = "taken_back"
        stage.places.append(Place(place.user, "again"))
        if stage.state == "passed":
            run.state, self.state = "open", "in_review"
            if run.active is not None:
                active = run.active
                active.state, active.wake, active.due = "waiting", None, None
            self._activate(stage, run)
        return ""

    def name_deputy(self, by: str, principal: str, deputy: str, begins: int, ends: int) -> str:
        """Somebody stands in."""
        if refused := self.deputy_refusal(by, principal, deputy, begins, ends):
            return refused
        self.deputies.append(StandIn(principal, deputy, begins, ends))
        return ""

    def deputy_refusal(self, by: str, principal: str, deputy: str, begins: int, ends: int) -> str:  # noqa: C901, PLR0911 - as many as there are reasons
        """Why they could not stand in."""
        role = self.people[by].acts_as
        if role is None:
            return "unknown"
        if role not in DECIDING or (by != principal and role != "manager"):
            return "permission"
        if ends <= begins:
            return "until:order"
        if ends <= self.now:
            return "until:past"
        for name, one in (("principal", principal), ("deputy", deputy)):
            if not self.people[one].decides:
                return f"{name}:role"
        if principal == deputy:
            return "deputy:oneself"
        sides = [self.people[name].acts_as in CONTACTS for name in (principal, deputy)]
        if sides[0] != sides[1]:
            return "deputy:side"
        there = [row for row in self.deputies if not row.cancelled and row.begins < ends and row.ends > begins]
        if any(row.principal == principal for row in there):
            return "from_at:overlap"
        if any(row.principal == deputy for row in there):
            return "deputy:deputy_of_deputy"
        if any(row.deputy == principal for row in there):
            return "principal:deputy_of_deputy"
        return ""

    def end_deputy(self, by: str, row: StandIn) -> str:
        """Not any more."""
        role = self.people[by].acts_as
        if role is None:
            return "unknown"
        if role not in DECIDING or (by not in {row.principal, row.deputy} and role != "manager"):
            return "permission"
        if row.cancelled or row.ends <= self.now:
            return "deputy_over"
        row.cancelled = True
        return ""


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(names, key=NAMES.index)
