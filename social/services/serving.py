"""What a post is for: a pillar, and of a strategy an objective and an occasion. It does not go out."""

from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from social.models import Post
from social.services.content_rows import unknown
from strategy.models import Objective, Occasion, Pillar, StrategyState

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


Row = TypeVar("Row", Objective, Occasion)


class Serving(TypedDict, total=False):
    """What can be named of it; what is not, stays."""

    pillar: Pillar | None
    objective: Objective | None
    occasion: Occasion | None


NAMES = ("pillar", "objective", "occasion")
RETIRED: dict[str, "StrPromise"] = {
    "pillar": _("The pillar “%(name)s” is retired: choose another one, or none."),
    "objective": _("The objective “%(name)s” was taken out of its strategy: choose another one, or none."),
    "occasion": _("The occasion “%(name)s” was taken out of its strategy: choose another one, or none."),
}
OVER = _("The strategy of “%(name)s” is over: choose something else, or none.")


def write_serving(post: Post, fields: Serving) -> None:
    """Let the post serve these. Not stored yet.

    Raises ``ValidationError`` by field for another client's, for what was taken out (``retired``) and for what stands in a
    strategy that is over (``over``), unless the post has it already.
    """
    if "pillar" in fields:
        _require(post, "pillar", fields["pillar"])
        post.pillar = fields["pillar"]
    if "objective" in fields:
        _require(post, "objective", fields["objective"])
        post.objective = fields["objective"]
    if "occasion" in fields:
        _require(post, "occasion", fields["occasion"])
        post.occasion = fields["occasion"]


def _require(post: Post, field: str, row: Pillar | Objective | Occasion | None) -> None:
    if row is None or row.pk == getattr(post, f"{field}_id"):
        return
    if row.client_id != post.client_id:
        raise unknown(field, row.pk)
    if row.retired:
        raise _refused(field, RETIRED[field], "retired", row.name)
    if not isinstance(row, Pillar) and row.strategy.state == StrategyState.SUPERSEDED:
        raise _refused(field, OVER, "over", row.name)


def _refused(field: str, text: "StrPromise", code: str, name: str) -> ValidationError:
    return ValidationError({field: ValidationError(text, code=code, params={"name": name})})


def still_served(post: Post) -> Serving:
    """What of it another post can be given today; but for the pillar, which decides who is asked, whatever became of it."""
    kept: Serving = {"objective": _living(post.objective), "occasion": _living(post.occasion)}
    return kept


def _living(row: Row | None) -> Row | None:
    if row is None or row.retired or row.strategy.state == StrategyState.SUPERSEDED:
        return None
    return row


def told(post: Post) -> dict[str, Any]:
    """For the evidence: the objective and the occasion by name, null for none."""
    return {
        "objective": post.objective.name if post.objective else None,
        "occasion": post.occasion.name if post.occasion else None,
    }
