"""All that is known of a run: the records of the networks, of the people and of the database. Plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.post_office import Copy, Letter
from tests.chaos.record import Changed, Seen


@dataclass(frozen=True)
class Row:
    """One publication as the database has it. `due_at` on the database's clock, before people sent it again; `attempts` are the numbers of its tries.

    `act` is what it does to something live, `publish` where it goes out; `post` the number of its post in the database.
    `out`: the words of which its journal knows that they are live. `shows`: the digests of its pictures and videos.
    """

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
    act: str = "publish"
    post: int = 0
    parts: tuple[str, ...] = ()
    comment: str = ""
    shows: tuple[str, ...] = ()
    out: frozenset[str] = frozenset()

    @property
    def texts(self) -> tuple[str, ...]:
        """All that readers see of it, each a post or a comment of its own."""
        return (self.text, *self.parts, *([self.comment] if self.comment else ()))


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
class Asked:
    """One correction of what is live, or its taking down, as people asked for it."""

    post: int
    act: str
    number: int
    text: str
    yes: bool = False  # somebody was asked to say yes to it, and did, or may have done
    approved_in_the_end: bool = False


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
    changes: Sequence[Changed] = ()
    asked: Mapping[int, Asked] = field(default_factory=dict)  # by its post
    renewed_with: Sequence[str] = ()  # the refresh tokens, of networks where they are good once, as they came there
