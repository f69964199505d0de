"""What a run comes to: the records of the networks, of the people and of the database, held against each other.

Plain data in, verdicts out, so that each check can be shown a record that is wrong (test_judge.py).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.chaos.evidence import Evidence, Row, Stopped
from tests.chaos.judge_letters import copies_not_as_said, mailed_twice
from tests.chaos.outside import UNDECIDABLE
from tests.chaos.plan import THREADS
from tests.chaos.record import Changed
from tests.chaos.tables import Verdict
from tests.chaos.words import COMMENT, REPLY, named, place_of

SHOWING = 30.0  # seconds that the one call that readers see may take, where it had begun before the client was stopped
UNDER_WAY = 60.0  # seconds that a try may take, so that its clock is the one of a minute ago
EARLY = 1.0  # seconds; clocks are read one after the other


@dataclass
class Judge:
    """Asks one question after the other."""

    of: Evidence
    live: Counter[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        """What could be read where, and which rows are posts, which are done to them."""
        self.live = Counter((one.account, one.text) for one in self.of.seen)
        self.posts = [row for row in self.of.rows if row.act == "publish"]
        self.acts = [row for row in self.of.rows if row.act != "publish"]

    def verdicts(self) -> list[Verdict]:
        """All of them, in the order of the table."""
        seen, rows = len(self.of.seen), len(self.of.rows)
        questions: list[tuple[str, int, Callable[[], Iterator[str]]]] = [
            ("published twice", seen, self.twice),
            ("below the wrong post", sum(bool(place_of(one.text)[1]) for one in self.of.seen), self.misplaced),
            ("lost", len(self.of.wanted) + len(self.of.asked), self.lost),
            ("called published, and is not", _in("published", self.posts), self.not_there),
            ("there, and called something else", seen, self.not_said),
            ("published without approval of its digest", seen, self.without_approval),
            ("other pictures than those approved", sum(bool(one.shows) for one in self.of.seen), self.other_pictures),
            ("changed or taken down, and nobody said so", len(self.of.changes), self.changed_unasked),
            ("called changed or taken down, and is not", _in("published", self.acts), self.not_changed),
            ("an older text after a change was accepted", len(self.posts), self.overtaken),
            ("of a client that was stopped", rows, self.while_stopped),
            ("before its time", seen, self.early),
            ("uncertain, and the network could have told", _in("unknown", self.of.rows), self.decidable),
            ("a refresh token used twice", len(self.of.renewed_with), self.renewed_twice),
            ("breaks in the evidence's chain", rows, lambda: iter(self.of.misfits)),
            ("a reader has an issue twice", len(self.of.letters), lambda: mailed_twice(self.of.letters)),
            ("copies that are not what they are called", len(self.of.copies), lambda: copies_not_as_said(self.of)),
            ("requests that the network does not know", seen, lambda: iter(self.of.wrong_requests)),
        ]
        return [Verdict(what, many, tuple(ask())) for what, many, ask in questions]

    def twice(self) -> Iterator[str]:
        """More than once on one account, whichever its text; each part of a thread, each comment and answer for itself."""
        counted = Counter((one.account, *place_of(one.text)) for one in self.of.seen)
        for (account, number, part), times in counted.items():
            if times > 1:
                yield f"{number:05d}{part and f' {part}'} on {account}: {times} times"

    def misplaced(self) -> Iterator[str]:
        """A part that does not stand below the one before it, a comment not below the first post, an answer not below the last."""
        rows = {(row.account, row.number): row for row in self.posts}
        for one in self.of.seen:
            number, part = place_of(one.text)
            above = self._above(part, rows.get((one.account, number)))
            if above is None:
                if one.below:
                    yield f"{named(one.text)} on {one.account}: below {named(one.below)}"
            elif place_of(one.below) != (number, above):
                yield f"{named(one.text)} on {one.account}: below {named(one.below) or 'nothing'}"

    def _above(self, part: str, row: Row | None) -> str | None:
        """Below which part it belongs; None where it begins."""
        if not part:
            return None
        if part == REPLY and row is not None and row.network in THREADS and row.parts:
            return f"part {len(row.parts)}"
        if part in {COMMENT, REPLY, "part 1"}:
            return ""
        return f"part {int(part.removeprefix('part ')) - 1}"

    def lost(self) -> Iterator[str]:
        """Approved, and neither out, nor before a person, nor kept by a stop; or nowhere at all."""
        there = {(row.number, row.account): row for row in self.posts if row.state != "cancelled"}
        for wanted in self.of.wanted.values():
            for account in wanted.accounts if wanted.approved_in_the_end else ():
                row = there.get((wanted.number, account))
                yield from self._kept(f"{wanted.number:05d} on {account}", row)
        acts = {row.post: row for row in self.acts if row.state != "cancelled"}
        for asked in self.of.asked.values():
            if asked.approved_in_the_end:
                yield from self._kept(f"{asked.number:05d}, {asked.act}", acts.get(asked.post))

    def _kept(self, what: str, row: Row | None) -> Iterator[str]:
        stopped = {stop.client for stop in self.of.stops if stop.until is None}
        if row is None:
            yield f"{what}: approved, and nowhere"
        elif row.state in {"scheduled", "publishing"} and row.client not in stopped:
            yield f"{what}: still {row.state}"
        elif row.state == "unknown" and not row.waits_for_person:
            yield f"{what}: uncertain, and nobody is asked"

    def not_there(self) -> Iterator[str]:
        """Published with these words on this account, says the database; with every part of them."""
        for row in self.posts:
            for text in row.texts if row.state == "published" else ():
                if not self.live[row.account, text]:
                    part = place_of(text)[1]
                    yield f"{row.number:05d}{part and f' {part}'} on {row.account}"

    def not_said(self) -> Iterator[str]:
        """Live, or changed, and the database neither says so nor asks."""
        known = set()
        for row in self.of.rows:
            # Of a newsletter some mails may be out; of a thread, what its journal says, and no more.
            said = row.state in {"published", "unknown"} or (row.begun and not row.out)
            known |= {(row.account, text) for text in (row.texts if said else row.out)}
        for account, text in self.live:
            if (account, text) not in known:
                yield f"{named(text)} on {account}"
        for change in self.of.changes:
            done = self._done_by(change)
            if done and not any(row.begun or row.state in {"published", "unknown"} for row in done):
                yield f"{named(change.before)} on {change.account}: {done[0].act}, called {done[0].state}"

    def _done_by(self, change: Changed) -> list[Row]:
        """The rows that say that this was to be done."""
        number, act = place_of(change.before)[0], "edit" if change.after else "take_down"
        mine = [row for row in self.acts if (row.account, row.number, row.act) == (change.account, number, act)]
        return [row for row in mine if change.after in {"", row.text}]

    def without_approval(self) -> Iterator[str]:
        """Live, and nobody has said yes to these words; or the version's digest is not that of what went out."""
        rows = {(row.account, text): row for row in self.of.rows if row.act != "edit" for text in row.texts}
        for account, text in self.live:
            wanted, row = self.of.wanted.get(place_of(text)[0]), rows.get((account, text))
            if wanted is None or text not in wanted.approved:
                yield f"{named(text)} on {account}: nobody said yes"
            elif row is None or not row.digest_fits or not row.approved:
                yield f"{named(text)} on {account}: another digest"

    def other_pictures(self) -> Iterator[str]:
        """What the network was given to show is not what the version shows there, byte by byte."""
        shows = {(row.account, row.text): row.shows for row in self.posts}
        for one in self.of.seen:
            meant = shows.get((one.account, one.text), ())
            if one.account in self.of.timed and one.account not in self.of.readers and one.shows != meant:
                yield f"{named(one.text)} on {one.account}: {len(one.shows)} of {len(meant)}"

    def changed_unasked(self) -> Iterator[str]:
        """What was live got other words, or went, and nobody asked for that, or said yes to it."""
        for change in self.of.changes:
            good = [
                row
                for row in self._done_by(change)
                if row.digest_fits and row.approved and row.post in self.of.asked and self.of.asked[row.post].yes
            ]
            if not good:
                yield f"{named(change.before)} on {change.account}: {named(change.after) or 'taken down'}"

    def not_changed(self) -> Iterator[str]:
        """The database says that it was changed, answered or taken down."""
        now = {(one.account, *place_of(one.text)): one.text for one in self.of.seen}
        for change in sorted(self.of.changes, key=lambda change: change.at):
            now[change.account, *place_of(change.before)] = change.after
        for row in self.acts:
            if row.state != "published":
                continue
            left = [
                text for (account, number, _), text in now.items() if (account, number) == (row.account, row.number)
            ]
            first = now.get((row.account, row.number, ""), "")
            done = {
                "edit": first in {row.text, ""},
                "reply": bool(self.live[row.account, row.text]),
                "take_down": not any(left) if row.network in THREADS else not first,
            }
            if not done[row.act]:
                yield f"{row.number:05d} on {row.account}: {row.act}"

    def overtaken(self) -> Iterator[str]:
        """A try began with words that had been changed before."""
        for row in self.posts:
            wanted = self.of.wanted.get(row.number)
            if wanted is None or wanted.changed_after is None or row.text == wanted.last:
                continue
            if any(attempt > wanted.changed_after for attempt in row.attempts):
                yield f"{row.number:05d} on {row.account}"

    def while_stopped(self) -> Iterator[str]:
        """A try began while its client was stopped, or something came out later than what was being shown just then."""
        for stop in self.of.stops:
            mine = [row for row in self.of.rows if row.client == stop.client]
            for row in mine:
                if any(stop.after < one and (stop.until is None or one <= stop.until) for one in row.attempts):
                    yield f"{row.number:05d} on {row.account}: a try began"
            accounts = {row.account for row in mine} & self.of.timed
            for one in self.of.seen:
                if one.account in accounts and _is_within(stop, one.at):
                    yield f"{named(one.text)} on {one.account}: came out"
            for change in self.of.changes:
                if change.account in accounts and _is_within(stop, change.at):
                    yield f"{named(change.before)} on {change.account}: was changed"
            for letter in self.of.letters:
                if letter.account in accounts and _is_within(stop, letter.at):
                    yield f"{named(letter.text)} to {letter.reader}: came out"

    def early(self) -> Iterator[str]:
        """Before the time that people agreed on, by the database's clock when it came."""
        due = {(row.account, text): row.due_at for row in self.posts if row.state == "published" for text in row.texts}
        for one in self.of.seen:
            if one.account in self.of.timed and (one.account, one.text) in due:
                said = one.at + self._offset(one.at)
                if said < due[one.account, one.text] - EARLY:
                    yield f"{named(one.text)} on {one.account}: {due[one.account, one.text] - said:.0f} s"

    def _offset(self, at: float) -> int:
        """How far the database's clock was off, at most, in the minute before."""
        before = [offset for when, offset in self.of.jumps if when <= at]
        recent = [offset for when, offset in self.of.jumps if at - UNDER_WAY < when <= at + EARLY]
        return max([before[-1], *recent, *before[-2:]])

    def decidable(self) -> Iterator[str]:
        """Uncertain where the network lets itself be asked."""
        for row in self.of.rows:
            if row.state == "unknown" and row.network not in UNDECIDABLE:
                yield f"{row.number:05d} on {row.account}"

    def renewed_twice(self) -> Iterator[str]:
        """A refresh token that is good once came to its network again, whatever that answered."""
        counted = Counter(self.of.renewed_with)
        return (f"{token[:20]}: {times} times" for token, times in counted.items() if times > 1)


def _in(state: str, rows: Sequence[Row]) -> int:
    return sum(row.state == state for row in rows)


def _is_within(stop: Stopped, at: float) -> bool:
    """Whether that was while the client was stopped, and what was in flight had arrived."""
    return stop.began + SHOWING < at < (stop.ended or float("inf"))
