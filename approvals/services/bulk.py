"""Many decisions with one confirmation: each in a transaction of its own, each with a line that says how it ended."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error as DatabaseTrouble
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Conflict
from accounts.models import ApiToken, User
from approvals.models import Review, Verdict
from approvals.selectors import reviews
from approvals.services.deciding import decide

log = logging.getLogger(__name__)
MOST_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class Line:
    """How one of many ended. ``code`` is empty where it was approved; ``review`` is None where this person sees none.

    ``field`` names what of that one does not fit, if one thing does.
    """

    number: int
    review: Review | None
    code: str = ""
    detail: str = ""
    field: str = ""

    @property
    def approved(self) -> bool:
        """Whether this one was approved."""
        return not self.code


def approve_many(*, user: User, seen: Sequence[tuple[int, str]], via: str, token: ApiToken | None = None) -> list[Line]:
    """Approve each review whose digest is still the one seen, in the order given; what changed meanwhile says why not.

    Where the database breaks off in the middle, that one says ``failed``, and the others go on.

    ``seen`` pairs a review's number with the digest of the version that was shown. Raises ``ValidationError`` on
    ``reviews`` for none, too many or the same one twice; then nothing is decided.
    """
    _check(seen)
    found = {review.pk: review for review in reviews(user).filter(pk__in=[number for number, _digest in seen])}
    return [_approve(user, number, found.get(number), digest, via, token) for number, digest in seen]


def _check(seen: Sequence[tuple[int, str]]) -> None:
    text, code = None, ""
    if not seen:
        text, code = gettext_lazy("Choose at least one."), "required"
    elif len(seen) > MOST_AT_ONCE:
        text, code = gettext_lazy("At most %(limit)d at once."), "max_length"
    elif len({number for number, _digest in seen}) < len(seen):
        text, code = gettext_lazy("The same one is named twice."), "duplicate"
    if text is not None:
        raise ValidationError({"reviews": ValidationError(text, code=code, params={"limit": MOST_AT_ONCE})})


def _approve(  # noqa: PLR0913 - see decide
    user: User, number: int, review: Review | None, digest: str, via: str, token: ApiToken | None
) -> Line:
    if review is None:
        return Line(number=number, review=None, code="not_found", detail=_("There is no such review here."))
    try:
        after = decide(review=review, user=user, digest=digest, verdict=Verdict.APPROVE, via=via, token=token)
    except Conflict as conflict:
        return Line(number=number, review=review, code=conflict.code, detail=str(conflict.detail), field=conflict.field)
    except PermissionDenied as denied:
        return Line(number=number, review=review, code="permission_denied", detail=str(denied))
    except ValidationError as error:
        return Line(number=number, review=review, code="invalid", detail=" ".join(error.messages))
    except DatabaseTrouble:  # a deadlock, or it is started anew: what came before is written, what comes after may be
        log.exception("approving many: review %d broke off", number)
        text = _("Something broke off on our side. Try this one again: if it was counted all the same, you are told.")
        return Line(number=number, review=review, code="failed", detail=text)
    return Line(number=number, review=after)
