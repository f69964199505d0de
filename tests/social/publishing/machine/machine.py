"""All states of what is sent, and every button, in any order."""

import datetime as dt

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from social.knowing import asks_person
from social.models import Publication
from tests.social.publishing.machine import truths
from tests.social.publishing.machine.net import FATES
from tests.social.publishing.machine.play import LONG, Play

number = st.integers(0, 11)
# Good calls are what things hang on: a thread of which two posts are out and then something happens.
fate = st.sampled_from(["ok", "ok", *FATES])
day = st.lists(fate, max_size=6)
# Nobody has agreed yet; they have; and it is done on such a day.
then = st.one_of(st.none(), st.just(["later"]), day, day)
story_day: st.SearchStrategy[list[str]] = st.one_of(
    st.just(["later"]),
    st.just([]),
    st.builds(lambda good, bad: ["ok"] * good + [bad], st.integers(0, 3), st.sampled_from(FATES)),
)
# How the first day ends, and what is done then.
ENDS = ["refused"] * 3 + [
    "ok",
    "forbidden",
    "lost",
    "cut",
    "cut",
    "killed",
    "killed_after",
    "not_sent",
    "busy",
    "busiest",
]
VERBS = ["reply", "edit", "edit", "reply", "end", "retry", "look", "new_post", "stop", "wait", "doubt", "late", "late"]
MINUTES = [0, 1, 5, 12, 70, 240, 1500]
ACTS = ["reply", "edit", "edit", "new_post"]
FINAL = {"published", "failed", "cancelled", "late"}


class Machine(Play):
    """Anything at all."""

    @initialize(
        one_by_one=st.booleans(),
        parts=st.sampled_from([3, 2, 1, 0]),
        comment=st.booleans(),
        good=st.sampled_from([1, 2, 1, 3, 0]),
        bad=st.sampled_from(ENDS),
        then=st.sampled_from([None, None, 0, 12, 1500]),
        story=st.lists(st.tuples(st.sampled_from(VERBS), number, story_day), min_size=1, max_size=4),
    )
    def begin(
        self,
        one_by_one: bool,  # noqa: FBT001 - hypothesis names it
        parts: int,
        comment: bool,  # noqa: FBT001
        good: int,
        bad: str,
        then: int | None,
        story: list[tuple[str, int, list[str]]],
    ) -> None:
        """A thread goes out as far as it does; and something has been done about it already."""
        self.opens(one_by_one=one_by_one)
        post = self.writes(parts, comment=comment, hours=1)
        self.submits(post)
        self.approves(post.pk)
        self.sleeps(dt.timedelta(hours=1))
        self.page.day = ["ok"] * min(good, parts + comment) + [bad]
        self.sweeps()
        self.page.day = []
        if then is not None:
            self.goes_on(dt.timedelta(minutes=then))
        for verb, pick, day in story:
            truths.hold(self)
            self._tell(verb, pick, day)

    def _tell(self, verb: str, pick: int, day: list[str]) -> None:
        if verb in {"reply", "edit", "new_post"}:
            self.correct(pick * 4 + 1, verb, [pick % 5], 0, False, day)
        elif verb == "end":
            self.end(pick, day)
        elif verb == "retry":
            self.retry(pick)
            self.sweep_on(day)
        elif verb == "look":
            self.look(pick, True)
        elif verb == "doubt":
            self.look(pick, False)
        elif verb == "late":
            self.say_late(pick)
        elif verb == "stop":
            self.stop(0)
        else:
            self.go_on([1, 12, 240, 1500][pick % 4], day)

    @rule(minutes=st.sampled_from(MINUTES), day=day)
    def go_on(self, minutes: int, day: list[str]) -> None:
        """Time goes by, and workers do what there is to do."""
        self.page.day = list(day)
        self.goes_on(dt.timedelta(minutes=minutes))
        self.page.day = []

    @rule(day=day)
    def sweep(self, day: list[str]) -> None:
        """Workers do what there is to do now."""
        self.sweep_on(day)

    def sweep_on(self, day: list[str], *, sweeps: bool = True) -> None:
        """The same."""
        self.page.day = list(day)
        if sweeps:
            self.sweeps()
        self.page.day = []

    @rule(
        pick=number,
        act=st.sampled_from(ACTS),
        changed=st.lists(number, max_size=4),
        parts=st.integers(0, 3),
        comment=st.booleans(),
        then=then,
    )
    def correct(
        self,
        pick: int,
        act: str,
        changed: list[int],
        parts: int,
        comment: bool,  # noqa: FBT001 - hypothesis names it
        then: list[str] | None,
    ) -> None:
        """Something that is live is corrected; everybody agrees, and it is done, or not yet."""
        row = self.chosen(pick, act__in=["publish", "new_post"])
        if row is not None:
            words = self.words_of(row)
            if pick % 4:  # mostly what can be
                parts, comment = sum(step.startswith("part:") for step in words), "comment" in words
            known = len(self.pieces)
            self.corrects(row, act, changed=[one % 5 for one in changed] or [0], parts=parts, comment=comment)
            self._goes_on_with(known, then)

    @rule(pick=number, then=then)
    def end(self, pick: int, then: list[str] | None) -> None:
        """Something that is live is to be taken down."""
        row = self.chosen(pick, act__in=["publish", "new_post", "reply"])
        if row is not None:
            known = len(self.pieces)
            self.takes_down(row)
            self._goes_on_with(known, then)

    def _goes_on_with(self, known: int, then: list[str] | None) -> None:
        if then is not None and len(self.pieces) > known:
            self.approves(max(self.pieces))
            self.sweep_on(then[1:] if then[:1] == ["later"] else then, sweeps=then[:1] != ["later"])

    @rule(
        pick=number,
        what=st.sampled_from(["approve", "approve", "approve", "withdraw", "move", "cancel"]),
        minutes=st.sampled_from([None, 1, 90, 1500]),
    )
    def think_again(self, pick: int, what: str, minutes: int | None) -> None:
        """Everybody agrees to what was asked before; or nobody does any more; or it is to be at another time."""
        asked = [*self.pieces]
        post = asked[-1 - pick % len(asked)]
        if what == "approve":
            self.approves(post)
        elif what == "withdraw":
            self.withdraws(post)
        elif what == "move":
            self.moves(post, minutes)
        else:
            row = self.chosen(pick)
            if row is not None:
                self.cancels(row)

    @rule(pick=number)
    def retry(self, pick: int) -> None:
        """The rest is sent, or all of it once more."""
        row = self.chosen(pick, state__in=["failed", "late"])
        if row is not None:
            self.retries(row)

    @rule(pick=number, now=st.booleans())
    def look(self, pick: int, now: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """A person looks at the network, and says what they have seen, or keeps it."""
        row = self.chosen(pick, state="unknown")
        if row is not None:
            self.sees(row)
            if now:
                self.says(*self.seen.pop())

    @precondition(lambda self: bool(self.seen))
    @rule()
    def say(self) -> None:
        """They say it."""
        self.says(*self.seen.pop(0))

    def say_late(self, pick: int) -> None:
        """They say it when the network has been asked meanwhile, and it was sent again."""
        self.look(pick, False)
        self.sleeps(dt.timedelta(seconds=31))
        self.page.day = ["ok", "lost"]
        self.sweeps()
        self.sweeps()
        self.page.day = []
        if self.seen:
            self.says(*self.seen.pop())

    @rule(pick=st.integers(0, 3))
    def stop(self, pick: int) -> None:
        """Everything of the client, or not any more; or its account is connected anew."""
        if pick == 0 and not self.frozen:
            self.freezes()
        elif pick < 3:
            self.thaws()
        self.connects()

    @precondition(lambda self: not self.retired)
    @rule(pick=number, keep=st.booleans())
    def retire(self, pick: int, keep: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """The channel comes to an end, sometimes."""
        if pick == 7:
            self.retires(keep=keep)

    @rule(minutes=st.sampled_from([2, 70, 1600]))
    def sleep(self, minutes: int) -> None:
        """All workers are down."""
        self.sleeps(dt.timedelta(minutes=minutes))

    @invariant()
    def holds(self) -> None:
        """Whatever happened."""
        if self.pieces:
            truths.hold(self)

    def comes_to_an_end(self) -> None:
        """On good days, with everybody there, nothing waits for ever; what is still said then, and sent, does no harm."""
        self.page.day = []
        self.thaws()
        self.connects()
        self._is_over()
        for said in self.seen:
            self.says(*said)
        for row in self.rows():
            if row.state in {"failed", "late"}:
                self.retries(row)
        self._is_over()

    def _is_over(self) -> None:
        doubts: list[Publication] = []
        for _time in range(6):
            self.goes_on(LONG)
            truths.hold(self)
            doubts = [row for row in self.rows() if row.state not in FINAL]
            for row in doubts:
                assert row.state == "unknown", f"{row.act} {row.state} waits for ever: {row.detail} ({row.wake_at})"
                assert asks_person(row), f"{row.act} is uncertain, and nobody is asked"
                self.says(row.pk, self.truth_of(row), row.tries)
            if not doubts:
                return
        raise AssertionError(f"it is never over: {[(row.act, row.state, row.detail) for row in doubts]}")
