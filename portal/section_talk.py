"""What is said of one section, as the client's people read it: words suggested for it, and conversations.

What stays in the agency is not here, whoever reads: this is the client's own room.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, QuerySet, When

from accounts.models import User
from approvals.models import Audience
from strategy import selectors
from strategy.models import Remark, Revision, Section, Strategy, Suggestion, SuggestionState


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """Words that somebody suggested. ``mine``: the reader did; ``begins``: how the text reads before a place without words."""

    suggestion: Suggestion
    mine: bool
    before: str


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """A remark and its answers. ``stands``: its passage is still there."""

    first: Remark
    answers: Sequence[Remark]

    @property
    def stands(self) -> bool:
        """Whether what it is about still reads so."""
        return not self.first.quote or self.first.place is not None


def suggestions_of(reader: User, section: Section) -> QuerySet[Suggestion]:
    """All of the section's, the open ones first, then the latest."""
    found = selectors.suggestions(reader).filter(section=section, audience=Audience.CLIENT)
    return found.order_by(Case(When(state=SuggestionState.OPEN, then=0), default=1), "-pk")


def suggested_by(reader: User, strategy: Strategy) -> QuerySet[Suggestion]:
    """What this person suggested for any section of it, the latest first."""
    found = selectors.suggestions(reader).filter(section__strategy=strategy, audience=Audience.CLIENT)
    return found.filter(author=reader).order_by("-pk")


def proposed(reader: User, rows: Iterable[Suggestion]) -> list[Proposed]:
    """Each as it is shown."""
    return [Proposed(suggestion=row, mine=row.author_id == reader.pk, before=_before(row)) for row in rows]


def remarks_of(reader: User, section: Section) -> QuerySet[Remark]:
    """The beginnings of the section's conversations, those that go on first."""
    found = selectors.remarks(reader).filter(section=section, audience=Audience.CLIENT, parent=None)
    return found.order_by(Case(When(resolved_at=None, then=0), default=1), "-pk")


def conversations(reader: User, firsts: Sequence[Remark]) -> list[Conversation]:
    """Each with its answers; one query."""
    answers: dict[int, list[Remark]] = {}
    found = selectors.remarks(reader).filter(parent__in=[row.pk for row in firsts], audience=Audience.CLIENT)
    for row in found.order_by("pk"):
        answers.setdefault(row.parent_id or 0, []).append(row)
    return [Conversation(first=row, answers=answers.get(row.pk, ())) for row in firsts]


def last_written(section: Section) -> Revision | None:
    """The revision that the section reads, with who wrote it and whose words it took up."""
    return selectors.revisions(section).filter(number=section.revision).first()


def _before(row: Suggestion) -> str:
    """The last words before a place where something is to be put in."""
    if row.quote or row.state != SuggestionState.OPEN:
        return ""
    return " ".join(row.section.body[: row.place].split()[-8:])
