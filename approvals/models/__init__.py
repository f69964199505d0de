"""The tables: chains are templates, reviews are frozen runs of them."""

from approvals.models.chains import Chain, Rule, Step, SubjectKind
from approvals.models.reviews import (
    Audience,
    Comment,
    Decision,
    Link,
    Review,
    ReviewState,
    ReviewStep,
    Seat,
    SeatSource,
    StepState,
    Verdict,
    Via,
)

__all__ = [
    "Audience",
    "Chain",
    "Comment",
    "Decision",
    "Link",
    "Review",
    "ReviewState",
    "ReviewStep",
    "Rule",
    "Seat",
    "SeatSource",
    "Step",
    "StepState",
    "SubjectKind",
    "Verdict",
    "Via",
]
