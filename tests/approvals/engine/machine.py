"""The engine and the model side by side: every verb in any order, the same answers, and what must never be.

Each rule chooses who does what, by chance or where it is most tempting (see ``tempting``); ``play`` does it, and compares.
The rule with the fewest arguments whose name comes first is tried most often: it should be one that leads somewhere.
"""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from tests.approvals.engine import tempting, truths
from tests.approvals.engine.cast import CHAINS, NAMES
from tests.approvals.engine.play import Play
from tests.approvals.engine.plots import ANY_TIME, LONGEST, PLOTS, VERBS

who = st.sampled_from(NAMES)
staff = st.sampled_from(["vito", "vito", "elena", "luca", "marta", "ada", "piero", "carlo"])
manager = st.sampled_from(["marta", "marta", "ada", "elena", "carlo"])
number = st.integers(0, 11)
MOST = 4  # so many of the most tempting
WORDS = {"amount": ["Da dire", "3.000 €", "Gratis", ""], "terms": ["T0", "T1", ""]}
part = st.sampled_from(sorted(WORDS))
RESTARTS = ["refused", "unchanged", "refused", "unchanged", "first"]
beginning = st.one_of(
    st.sampled_from(PLOTS),
    st.sampled_from(PLOTS),
    st.tuples(st.integers(0, CHAINS - 1), st.sampled_from(RESTARTS), st.lists(st.sampled_from(VERBS), max_size=4)),
)


class Machine(Play):
    """Anybody does anything."""

    @property
    def is_open(self) -> bool:
        """Whether somebody is asked now."""
        return bool(self.reviews) and self.run.state == "open"

    @property
    def is_waited_for(self) -> bool:
        """Whether something happens if they say nothing."""
        active = self.run.active if self.is_open else None
        return active is not None and active.wake is not None

    # The beginning

    @initialize(beginning=beginning, picks=st.tuples(*[number] * LONGEST))
    def begin(self, beginning: tuple[int, str, list[str]], picks: tuple[int, ...]) -> None:
        """A chain, and a quote that is submitted; something has been said of it already."""
        chain, restart, past = beginning
        self.raises_the_curtain(chain, restart)
        self.submits("vito")
        for verb, pick in zip(past, picks, strict=False):
            if self.is_open or verb in ANY_TIME:
                getattr(self, f"_{verb}")(pick)

    # Deciding

    @precondition(lambda self: self.model.state != "sent")
    @rule(pick=number)
    def go_on(self, pick: int) -> None:
        """Somebody tries who can't, and somebody says yes who can, or stands in, or says nothing; what is over begins anew."""
        if self.is_open:
            self._try(pick)
            if pick % 4 == 3 and self.is_waited_for:
                self._be_silent(pick // 4)
            elif pick % 4 == 2:
                self._stand_in(pick // 4, again=True)
            else:
                self._approve(pick)
        elif self.model.state == "approved" and pick % 2:
            self._think_again(pick)
        else:
            self._write_anew(pick, ("amount", "terms")[pick % 2], pick)

    @precondition(lambda self: self.is_open)
    @rule(pick=number)
    def pass_step(self, pick: int) -> None:
        """On to the end of the step."""
        self._pass_step(pick)

    @precondition(lambda self: bool(self.reviews))
    @rule(who=who, yes=st.booleans(), of_these=st.sampled_from([True, True, False]))
    def decide(self, who: str, yes: bool, of_these: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """Anybody says anything, of any words."""
        self.says(who, "approve" if yes else "request_changes", of_these=of_these)

    @precondition(lambda self: self.is_open)
    @rule(pick=number, by=number, part=part, text=number)
    def send_back(self, pick: int, by: int, part: str, text: int) -> None:
        """Somebody who can asks for changes, and gets other words."""
        self.one_says(pick, "request_changes")
        self._write_anew(by, part, text)

    @precondition(lambda self: self.model.state in {"in_review", "approved"} and bool(self.model.said))
    @rule(pick=number, other=number)
    def take_back(self, pick: int, other: int) -> None:
        """Somebody who has decided thinks again; somebody tries who can't, and perhaps somebody else speaks in their place."""
        self._think_again(pick)
        if self.is_open:
            self._try(other)
            if other % 2:
                self._approve(other)

    @precondition(lambda self: bool(self.reviews))
    @rule(who=who, pick=number)
    def take_back_anything(self, who: str, pick: int) -> None:
        """Whoever it is; now and then of what is sent."""
        if self.model.state == "approved" and pick % 2:
            self.sends()
        said = self.model.said[-1:] if pick % 3 else []
        self.takes_back(said[0].actor if said else who)

    def _approve(self, pick: int) -> None:
        self.one_says(pick)

    def _pass_step(self, pick: int) -> None:
        step = self.run.active
        for _time in range(3):
            if self.is_open and self.run.active is step:
                self.one_says(pick)

    def _try(self, pick: int) -> None:
        """Somebody who can't; or somebody who can, of other words than those that stand."""
        able = self.model.able()
        if able and pick % 3 == 2:
            self.says(able[0], of_these=False)
            return
        away = tempting.turned_away(self.model)[: MOST // 2]
        if away:
            self.says(away[pick % len(away)])

    def _think_again(self, pick: int) -> None:
        said = self.model.said[-3:]
        if said:
            place = said[pick % len(said)]
            self.takes_back(place.user if pick % 4 == 3 else place.actor)  # or who was spoken for

    def _agree_too(self, _pick: int) -> None:
        """Whoever spoke last speaks here too."""
        for place in self.model.said[-1:]:
            self.says(place.actor)

    def _send_back(self, pick: int) -> None:
        self.one_says(pick, "request_changes")
        self._write_anew(pick // 2, ("amount", "terms")[pick % 2], pick)

    def _change_amount(self, pick: int) -> None:
        """Other words in one part, by whom nobody minds."""
        self.one_says(pick, "request_changes")
        self._write(["vito"], "amount", pick)

    def _change_terms(self, pick: int) -> None:
        self.one_says(pick, "request_changes")
        self._write(["vito"], "terms", pick)

    def _join_in(self, pick: int) -> None:
        """Whoever spoke last before is one of the authors, or the only one."""
        last = [place.actor for place in self.model.said[-1:]]
        self.one_says(pick, "request_changes")
        self._write([*last, "vito"] if pick % 2 or not last else last, "amount", pick)

    # The author's verbs

    @rule(by=staff, part=part, text=number)
    def edit(self, by: str, part: str, text: int) -> None:
        """Other words, now and then the same; or they ask."""
        if text < len(WORDS[part]):
            self.edits(by, part, WORDS[part][text])
        else:
            self.submits(by)

    @rule(pick=number, part=part, text=number)
    def edit_and_submit(self, pick: int, part: str, text: int) -> None:
        """What an author does when changes are asked; or one of those who have decided becomes the author."""
        self._write_anew(pick, part, text)

    def _write_anew(self, pick: int, part: str, text: int) -> None:
        writers = tempting.writers(self.model)
        self._write([writers[max(0, pick % (2 * len(writers)) - len(writers))]], part, text)

    def _write(self, by: list[str], part: str, text: int) -> None:
        for name in by:
            words = [words for words in WORDS[part] if words != getattr(self.model, part)]
            self.edits(name, part, words[text % len(words)])
        self.submits(by[-1])

    @precondition(lambda self: bool(self.reviews))
    @rule(by=staff, minutes=st.sampled_from([0, 0, 121]))
    def withdraw(self, by: str, minutes: int) -> None:
        """Take the question back. No time is up for what nobody asks."""
        self.withdraws(by)
        if minutes:
            self.waits(minutes)

    @precondition(lambda self: any(step.due_before for step in self.model.steps))
    @rule(by=staff, minutes=st.sampled_from([None, -5, 20, 45, 90, 150, 600]))
    def move(self, by: str, minutes: int | None) -> None:
        """It is to go out at another time."""
        self.moves(by, None if minutes is None else self.model.now + minutes)

    def _move(self, pick: int) -> None:
        self.moves("vito", self.model.now + [600, 150, 90, 45, 20, -5][pick % 6])

    @precondition(lambda self: self.model.state in {"draft", "changes_requested"})
    @rule(chain=st.integers(0, CHAINS - 1), restart=st.sampled_from(RESTARTS), same=st.booleans())
    def edit_chain(self, chain: int, restart: str, same: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """The chain becomes another one; or only begins elsewhere in the next round. Then somebody asks."""
        self.writes_chain(self.model.steps if same else self.stage.chains[chain][1], restart)
        self.submits(self.model.author)

    def _look_closer(self, _pick: int) -> None:
        """Only what has not changed is carried from now on."""
        self.writes_chain(self.model.steps, "unchanged")

    def _strike(self, _pick: int) -> None:
        """The step whose turn it is stands in the chain no more."""
        active = self.run.active
        assert active is not None
        kept = [step for number, step in enumerate(self.model.steps, start=1) if number != active.position]
        self.writes_chain(tuple(kept), self.model.restart)

    # People

    @precondition(lambda self: self.is_open)
    @rule(pick=st.integers(0, 9))
    def seat(self, pick: int) -> None:
        """Somebody sits down who must not, or sits elsewhere already."""
        self._seat(pick)

    def _seat(self, pick: int) -> None:
        found = tempting.seatings(self.model)
        if found:
            self.replaces("marta", *found[pick % len(found)])

    @precondition(lambda self: bool(self.reviews))
    @rule(by=manager, pick=st.integers(0, 9), name=who)
    def replace(self, by: str, pick: int, name: str) -> None:
        """Anybody seats anybody."""
        places = [(stage, place) for stage in self.run.stages for place in stage.places]
        places.sort(key=lambda pair: pair[1].said + (not pair[1].living) + (pair[0].state == "passed"))
        self.replaces(by, *places[pick % len(places)], name)

    def _leave(self, pick: int) -> None:
        """Whoever spoke last, or the last but one, is gone."""
        said = self.model.said[-2:]
        if said:
            self.switches(said[-1 - pick % len(said)].actor)

    def _be_fewer(self, pick: int) -> None:
        """Those of the first step who have said nothing are gone."""
        for place in self.run.stages[0].living:
            if not place.said:
                self.switches(place.user)

    @precondition(lambda self: self.is_open)
    @rule(pick=number, how=st.sampled_from(["again", "again", "speaks", "away"]))
    def stand_in(self, pick: int, how: str) -> None:
        """Somebody stands in who had better not, and speaks; perhaps for two."""
        self._stand_in(pick, speaks=how != "away", again=how == "again")

    def _stand_in(self, pick: int, *, speaks: bool = True, again: bool = False) -> None:
        pairs = tempting.stand_ins(self.model)[:MOST]
        if not pairs:
            return
        principal, deputy = pairs[pick % len(pairs)]
        self.deputises("marta", principal, deputy, self.model.now, self.model.now + tempting.AWAY)
        if speaks:
            self.says(deputy)
        more = [principal for principal, other in tempting.stand_ins(self.model) if other == deputy]
        if again and more:
            self.deputises("marta", more[0], deputy, self.model.now, self.model.now + tempting.AWAY)
            self.says(deputy)

    def _be_away(self, pick: int) -> None:
        self._stand_in(pick, speaks=False)

    @rule(
        by=st.sampled_from(["marta", "marta", "elena", "piero"]),
        principal=who,
        deputy=who,
        begins=st.sampled_from([-10, 0, 0, 30]),
        minutes=st.sampled_from([0, 31, 120, 600]),
    )
    def deputise(self, by: str, principal: str, deputy: str, begins: int, minutes: int) -> None:
        """Anybody names anybody."""
        begins += self.model.now
        self.deputises(by, principal, deputy, begins, begins + minutes)

    @precondition(lambda self: bool(self.model.deputies))
    @rule(by=who, pick=number, waits=st.booleans())
    def end_deputy(self, by: str, pick: int, waits: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """Not any more: the time is over, or somebody says so. The deputy tries all the same."""
        row = self.model.deputies[-1 - pick % len(self.model.deputies)]
        if waits:
            self.waits(max(0, row.ends - self.model.now))
        else:
            self.ends(by, row)
        if self.reviews:
            self.says(row.deputy)

    @precondition(lambda self: self.is_open)
    @rule(pick=number, role=st.sampled_from(["", None, "viewer", "approver", "approver", "editor"]))
    def lose_say(self, pick: int, role: str | None) -> None:
        """Somebody whose word is waited for, or who stands in for them, is something else now; and they all try."""
        if not tempting.lent(self.model):
            self._be_away(pick)
        near = tempting.lent(self.model) or tempting.asked(self.model)
        if near:
            self._change(near[pick % len(near)], role)
            for name in near[:2]:
                self.says(name)

    @rule(name=who, role=st.sampled_from(["", "", None, "viewer", "approver", "editor", "manager"]))
    def change_person(self, name: str, role: str | None) -> None:
        """Anybody is something else now."""
        self._change(name, role)

    def _change(self, name: str, role: str | None) -> None:
        if role == "" or name == "ada":
            self.switches(name)
        else:
            self.becomes(name, role)

    # Time

    @rule(minutes=st.sampled_from([0, 1, 29, 31, 61, 121, 600]))
    def wait(self, minutes: int) -> None:
        """The clock moves."""
        self.waits(minutes)

    def _wait(self, pick: int) -> None:
        self.waits([31, 61, 121][pick % 3])

    @precondition(lambda self: self.is_waited_for)
    @rule(before=st.sampled_from(["", "leave", "leave", "agree", "early"]))
    def be_silent(self, before: str) -> None:
        """Nobody says anything until the time is up; meanwhile people leave, or the client agrees to it, or no more."""
        self._wait_until_due(before)

    def _be_silent(self, pick: int) -> None:
        self._wait_until_due(["", "", "leave", "agree"][pick % 4])

    def _wait_until_due(self, before: str) -> None:
        active = self.run.active
        if active is None or active.wake is None:
            return
        for name in tempting.leaving(self.model) if before == "leave" else []:
            self.switches(name)
        if before == "agree":
            self.agrees_or_not()
        self.waits(max(0, active.wake - self.model.now - (before == "early")))

    # What must be

    @invariant()
    def it_holds(self) -> None:
        """What must be true of the rows, whatever the model says; and state by state, seat by seat, what the model says."""
        if self.reviews:
            rows = truths.read(self.quote.pk)
            truths.hold(rows)
            truths.same(self.stage, self.model, rows)
