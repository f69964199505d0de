"""What a run comes to: the records of the networks, of the people and of the database, held against each other.

Plain data in, a table out, so that each check can be shown a record that is wrong (test_judge.py).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.outside import UNDECIDABLE, Seen
from tests.chaos.post_office import Copy, Letter

NUMBER = re.compile(r"Chaos (\d{5}) v(\d)")
SHOWING = 30.0  # seconds that the one call that readers see may take, where it had begun before the client was stopped
UNDER_WAY = 60.0  # seconds that a try may take, so that its clock is the one of a minute ago
EARLY = 1.0  # seconds; clocks are read one after the other


@dataclass(frozen=True)
class Row:
    """One publication as the database has it. `due_at` on the database's clock, before people sent it again; `attempts` are the numbers of its tries."""

    id: int
    number: int
    client: int
    account: str
    network: str
    state: str
    text: str
    due_at: float
    digest_fits: bool  # the version's digest is that of its content
    approved: bool  # a person has approved this very digest
    attempts: tuple[int, ...] = ()
    waits_for_person: bool = False
    begun: bool = False  # a part of it is known to be out: of a newsletter, some of its mails


@dataclass(frozen=True)
class Wanted:
    """One post as its people left it."""

    number: int
    client: int
    accounts: tuple[str, ...]
    approved: frozenset[str]  # texts that somebody was asked to say yes to, and did, or may have done
    last: str  # the newest text
    changed_after: int | None = None  # no try after this one may send anything but `last`
    approved_in_the_end: bool = False  # as the database has it: the newest version is approved, and has a time


@dataclass(frozen=True)
class Stopped:
    """A client that was stopped, between two tries and between two moments; None: to the end."""

    client: int
    after: int
    until: int | None
    began: float
    ended: float | None


@dataclass(frozen=True)
class Evidence:
    """All that is known of a run."""

    seen: Sequence[Seen]
    rows: Sequence[Row]
    wanted: Mapping[int, Wanted]
    stops: Sequence[Stopped] = ()
    jumps: Sequence[tuple[float, int]] = ((0.0, 0),)
    timed: frozenset[str] = frozenset()  # accounts whose network notes the time itself
    misfits: Sequence[str] = ()  # of the evidence's chain
    wrong_requests: Sequence[str] = ()
    letters: Sequence[Letter] = ()
    copies: Sequence[Copy] = ()
    readers: Mapping[str, Sequence[str]] = field(default_factory=dict)  # of each newsletter, from first to last


@dataclass(frozen=True)
class Verdict:
    """One line of the table."""

    what: str
    looked_at: int
    wrong: tuple[str, ...] = ()


@dataclass
class Judge:
    """Asks one question after the other."""

    of: Evidence
    live: Counter[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        """What can be read where."""
        self.live = Counter((one.account, one.text) for one in self.of.seen)

    def verdicts(self) -> list[Verdict]:
        """All of them, in the order of the table."""
        questions: list[tuple[str, int, Callable[[], Iterator[str]]]] = [
            ("published twice", len(self.of.seen), self.twice),
            ("lost", len(self.of.wanted), self.lost),
            ("called published, and is not", self._in("published"), self.not_there),
            ("there, and called something else", len(self.of.seen), self.not_said),
            ("published without approval of its digest", len(self.of.seen), self.without_approval),
            ("an older text after a change was accepted", len(self.of.rows), self.overtaken),
            ("of a client that was stopped", len(self.of.rows), self.while_stopped),
            ("before its time", len(self.of.seen), self.early),
            ("uncertain, and the network could have told", self._in("unknown"), self.decidable),
            ("breaks in the evidence's chain", len(self.of.rows), lambda: iter(self.of.misfits)),
            ("a reader has an issue twice", len(self.of.letters), self.mailed_twice),
            ("copies that are not what they are called", len(self.of.copies), self.copies_not_as_said),
            ("requests that the network does not know", len(self.of.seen), lambda: iter(self.of.wrong_requests)),
        ]
        return [Verdict(what, many, tuple(ask())) for what, many, ask in questions]

    def _in(self, state: str) -> int:
        return sum(row.state == state for row in self.of.rows)

    def twice(self) -> Iterator[str]:
        """More than once on one account, whichever its text."""
        counted = Counter((one.account, _number(one.text)) for one in self.of.seen)
        return (
            f"{number:05d} on {account}: {times} times" for (account, number), times in counted.items() if times > 1
        )

    def lost(self) -> Iterator[str]:
        """Approved, and neither out, nor before a person, nor kept by a stop; or nowhere at all."""
        stopped = {stop.client for stop in self.of.stops if stop.until is None}
        there = {(row.number, row.account): row for row in self.of.rows if row.state != "cancelled"}
        for wanted in self.of.wanted.values():
            for account in wanted.accounts if wanted.approved_in_the_end else ():
                row = there.get((wanted.number, account))
                if row is None:
                    yield f"{wanted.number:05d} on {account}: approved, and nowhere"
                elif row.state in {"scheduled", "publishing"} and wanted.client not in stopped:
                    yield f"{wanted.number:05d} on {account}: still {row.state}"
                elif row.state == "unknown" and not row.waits_for_person:
                    yield f"{wanted.number:05d} on {account}: uncertain, and nobody is asked"

    def not_there(self) -> Iterator[str]:
        """Published with these words on this account, says the database."""
        for row in self.of.rows:
            if row.state == "published" and not self.live[row.account, row.text]:
                yield f"{row.number:05d} on {row.account}"

    def not_said(self) -> Iterator[str]:
        """Live, and the database neither says so nor asks."""
        known = {(row.account, row.text) for row in self.of.rows if row.state in {"published", "unknown"} or row.begun}
        return (f"{text[:14]} on {account}" for account, text in self.live if (account, text) not in known)

    def without_approval(self) -> Iterator[str]:
        """Live, and nobody has said yes to these words; or the version's digest is not that of what went out."""
        rows = {(row.account, row.text): row for row in self.of.rows}
        for account, text in self.live:
            wanted, row = self.of.wanted.get(_number(text)), rows.get((account, text))
            if wanted is None or text not in wanted.approved:
                yield f"{text[:14]} on {account}: nobody said yes"
            elif row is None or not row.digest_fits or not row.approved:
                yield f"{text[:14]} on {account}: another digest"

    def overtaken(self) -> Iterator[str]:
        """A try began with words that had been changed before."""
        for row in self.of.rows:
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
                    yield f"{one.text[:14]} on {one.account}: came out"
            for letter in self.of.letters:
                if letter.account in accounts and _is_within(stop, letter.at):
                    yield f"{letter.text[:14]} to {letter.reader}: came out"

    def early(self) -> Iterator[str]:
        """Before the time that people agreed on, by the database's clock when it came."""
        due = {(row.account, row.text): row.due_at for row in self.of.rows if row.state == "published"}
        for one in self.of.seen:
            if one.account in self.of.timed and (one.account, one.text) in due:
                said = one.at + self._offset(one.at)
                if said < due[one.account, one.text] - EARLY:
                    yield f"{one.text[:14]} on {one.account}: {due[one.account, one.text] - said:.0f} s"

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

    def mailed_twice(self) -> Iterator[str]:
        """More than one mail of one post to one reader, whichever its words."""
        counted = Counter((one.account, one.reader, _number(one.text)) for one in self.of.letters)
        return (
            f"{number:05d} to {reader}: {times} times" for (_, reader, number), times in counted.items() if times > 1
        )

    def copies_not_as_said(self) -> Iterator[str]:
        """Sent and not at the server, at the server and called otherwise, or left behind. What is uncertain may be either.

        A reader may have two copies of the same words: of an issue that was laid out and of which nothing went out, and of
        that which a person sent in its place.
        """
        taken = {(one.account, one.reader, one.text) for one in self.of.letters}
        known: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
        for copy in self.of.copies:
            place = copy.account, copy.reader, copy.text
            known[place].add(copy.state)
            if copy.state == "sent" and place not in taken:
                yield f"{copy.text[:14]} to {copy.reader}: called sent, and is not"
            elif copy.published and copy.state in {"waiting", "sending"} and place not in taken:
                yield f"{copy.text[:14]} to {copy.reader}: left behind"
        for _account, reader, text in sorted(taken - known.keys()):
            yield f"{text[:14]} to {reader}: there, and no copy of it"
        for place in sorted(taken & known.keys()):
            if not known[place] & {"sent", "uncertain"}:
                yield f"{place[2][:14]} to {place[1]}: there, and called {' and '.join(sorted(known[place]))}"
        for row in self.of.rows:
            if row.state == "published" and row.account in self.of.readers:
                missing = {(row.account, reader, row.text) for reader in self.of.readers[row.account]} - known.keys()
                yield from (f"{row.text[:14]} to {reader}: nobody thought of them" for _, reader, _ in missing)


def _is_within(stop: Stopped, at: float) -> bool:
    """Whether that was while the client was stopped, and what was in flight had arrived."""
    return stop.began + SHOWING < at < (stop.ended or float("inf"))


def _number(text: str) -> int:
    found = NUMBER.search(text)
    return int(found.group(1)) if found else -1


def table(verdicts: Sequence[Verdict]) -> str:
    """The verdicts as they stand in docs/chaos.md."""
    rows = [("", "looked at", "wrong"), *((one.what, f"{one.looked_at:,}", f"{len(one.wrong)}") for one in verdicts)]
    return aligned(rows)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """A table that is read as well in a terminal as in Markdown."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
