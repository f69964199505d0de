"""What a strategy of the sample agency is made of, and what is done to it. Days count from today, people are named by key."""

from dataclasses import dataclass
from datetime import time

from agency.sample.plans import Picture
from approvals.models import Audience


@dataclass(frozen=True, kw_only=True)
class SectionOf:
    """A section as it is first written; ``{picture}`` in its body is the strategy's picture."""

    kind: str
    title: str
    body: str
    why: str
    horizon: str
    owner: str
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class ObjectiveOf:
    """An objective, due so many days from today; ``numbers`` of the months before it was counted, the last one first."""

    name: str
    measure: str
    unit: str
    rank: str
    target: str
    due: int
    baseline: str | None = None
    numbers: tuple[str, ...] = ()
    noted: str = ""  # where its numbers are from


@dataclass(frozen=True, kw_only=True)
class CadenceOf:
    """What was agreed for a channel (by its handle), or why a network is left out."""

    reason: str
    channel: str = ""
    name: str = ""
    per_week: str | None = None
    owner: str = ""


@dataclass(frozen=True, kw_only=True)
class OccasionOf:
    """A day: ``yearly`` on that day and month, or so many days from today."""

    name: str
    note: str = ""
    yearly: tuple[int, int] | None = None
    day: int = 0


@dataclass(frozen=True, kw_only=True)
class When:
    """A day and a time of it."""

    day: int
    at: time


@dataclass(frozen=True, kw_only=True)
class SuggestionOf:
    """Other words for a passage of a section; what became of them, when, by whom (empty: still open)."""

    who: str
    kind: str  # of the section
    quote: str
    words: str
    when: When
    comment: str = ""
    settled: When | None = None
    by: str = ""
    taken: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RemarkOf:
    """Something said of a passage of a section, or of all of it; ``answer`` is who answers what, and settles it."""

    who: str
    kind: str
    text: str
    when: When
    quote: str = ""
    audience: str = Audience.CLIENT
    answer: tuple[str, str] | None = None
    answered: When | None = None


@dataclass(frozen=True, kw_only=True)
class SavingOf:
    """Somebody saves a section anew: ``words`` in the place of ``quote``, and cadences that are new."""

    who: str
    kind: str
    when: When
    quote: str
    words: str
    cadences: tuple[CadenceOf, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RoundOf:
    """A version is submitted with a remark, and its chain's steps decide one after the other; each with a comment, or none."""

    submitted: When
    remark: str
    decided: tuple[tuple[When, str], ...]


@dataclass(frozen=True, kw_only=True)
class StrategyPlan:
    """A strategy: what it says when it is begun, and what happens to it. It begins with the month of ``begun``."""

    title: str
    author: str
    owner: str
    begun: When
    shared: When
    picture: Picture
    sections: tuple[SectionOf, ...]
    shares: dict[str, int]
    objectives: tuple[ObjectiveOf, ...]
    cadences: tuple[CadenceOf, ...]
    occasions: tuple[OccasionOf, ...]
    counted: When
    savings: tuple[SavingOf, ...] = ()
    suggestions: tuple[SuggestionOf, ...] = ()
    remarks: tuple[RemarkOf, ...] = ()
    rounds: tuple[RoundOf, ...] = ()
