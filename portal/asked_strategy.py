"""What the page of a review shows of a strategy: what is new since what is in force, and the whole text."""

from collections.abc import Sequence
from dataclasses import dataclass

from approvals import subjects
from approvals.models import Review
from strategy.kind import STRATEGY
from strategy.models import StrategyVersion
from strategy.readable import Document, document_of
from strategy.rewritten import Changed, rewritten
from strategy.services.exhibiting import version_under


@dataclass(frozen=True, kw_only=True)
class AskedStrategy:
    """The version under review. ``against`` is what was in force when it was submitted; ``seen`` what this reader was asked about before."""

    version: StrategyVersion
    document: Document
    against: int | None
    new: Sequence[Changed]
    seen: int | None
    new_since_seen: Sequence[Changed]


def is_strategy(review: Review) -> bool:
    """Whether the review is of a strategy."""
    return subjects.kind_of(review.subject_type_id) == STRATEGY


def asked_strategy(review: Review, before: Review | None) -> AskedStrategy:
    """In the active language. ``before`` is the review in which the reader was asked last."""
    version = version_under(review)
    against = version.against
    seen = (
        version_under(before) if before and before.version not in {version.number, against and against.number} else None
    )
    return AskedStrategy(
        version=version,
        document=document_of(version.client_id, version.content, signed=True),
        against=against.number if against else None,
        new=rewritten(against.content, version.content) if against else [],
        seen=seen.number if seen else None,
        new_since_seen=rewritten(seen.content, version.content) if seen else [],
    )


def new_between(old: Review, new: Review) -> list[Changed]:
    """What is new in the version of the later review of the same strategy."""
    return rewritten(version_under(old).content, version_under(new).content)
