"""The tables: chains are templates, reviews are frozen runs of them."""

from approvals.models.chains import (
    Chain,
    ChainDefault,
    DefaultScope,
    OnDeadline,
    Restart,
    Rule,
    Step,
)
from approvals.models.comments import Audience, Comment, Fate
from approvals.models.people import Deputy, MorningNote, Reminder, ReminderKind
from approvals.models.reviews import (
    Decision,
    Link,
    LinkCode,
    Review,
    ReviewState,
    ReviewStep,
    Seat,
    SeatEnd,
    SeatSource,
    StepState,
    Verdict,
    Via,
)

__all__ = [
    "Audience",
    "Chain",
    "ChainDefault",
    "Comment",
    "Decision",
    "DefaultScope",
    "Deputy",
    "Fate",
    "Link",
    "LinkCode",
    "MorningNote",
    "OnDeadline",
    "Reminder",
    "ReminderKind",
    "Restart",
    "Review",
    "ReviewState",
    "ReviewStep",
    "Rule",
    "Seat",
    "SeatEnd",
    "SeatSource",
    "Step",
    "StepState",
    "Verdict",
    "Via",
]
