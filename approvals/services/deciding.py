"""A person decides on a seat, their own or as a deputy. One lock first, then every reason to say no, then the count."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import ApiToken, User
from approvals.models import Decision, Link, Review, ReviewState, Seat, StepState, Verdict, Via
from approvals.selectors import principals
from approvals.services.table import Table, close, end_step, lay, pass_step, touch
from audit.services import record
from clients.models import CONTACT_ROLES, DECIDING_ROLES, Role
from clients.selectors import roles_of

COMMENT_LENGTH = 5000


@transaction.atomic
def decide(  # noqa: PLR0913 - a decision is all of these
    *,
    review: Review,
    user: User,
    digest: str,
    verdict: str,
    comment: str = "",
    via: str = Via.ADMIN,
    link: Link | None = None,
    token: ApiToken | None = None,
) -> Review:
    """Write down what this person says of the version that they saw (``digest``), and move the review on.

    Whoever has a seat of their own in the step decides on that; a deputy on the seat of who is away. ``link`` and ``token``
    say by which address in a mail, or with which key, it came in.
    Raises ``Conflict`` when the review is closed (``review_closed``), the digest is not the one under review
    (``stale_digest``, on ``digest``), the step is not theirs yet or no more (``not_your_turn``), they decided already
    (``already_decided``), or four eyes are asked and theirs have looked (``four_eyes``); ``PermissionDenied`` for who has
    no seat; ``ValidationError`` on ``comment``.
    """
    comment = _checked_comment(verdict, comment)
    table = lay(review)
    seat = _seat_of(table, user, digest)
    decision = Decision(
        seat=seat,
        client_id=seat.client_id,
        actor=user,
        verdict=verdict,
        comment=comment,
        digest=digest,
        via=via,
        link=link,
        token=token,
    )
    Decision.objects.bulk_create([decision])
    if verdict == Verdict.REQUEST_CHANGES:
        end_step(table, seat.step, StepState.REFUSED, user)
        close(table.review, ReviewState.CHANGES_REQUESTED)
    elif table.votes(seat.step) < seat.step.needed:
        touch(table.review)
    else:
        pass_step(table, seat.step, user)
    own = {} if seat.user_id == user.pk else {"instead_of": seat.user_id}
    record(
        client_id=review.client_id,
        actor=user,
        verb="review.approved" if verdict == Verdict.APPROVE else "review.changes_requested",
        subject_type="review",
        subject_id=review.pk,
        digest=digest,
        seat=seat.pk,
        step=seat.step.position,
        via=str(via),
        state=str(table.review.state),
        **own,
    )
    if table.review.state != ReviewState.OPEN:
        table.subject.review_closed(table.review, user)
    return table.review


def _checked_comment(verdict: str, comment: str) -> str:
    comment = comment.replace("\r\n", "\n").strip()
    if verdict not in Verdict.values:
        raise ValidationError({"verdict": ValidationError(_("Approve, or ask for changes."), code="invalid")})
    if verdict == Verdict.REQUEST_CHANGES and not comment:
        raise ValidationError(
            {"comment": ValidationError(_("Say what should change: the author has only your words."), code="required")}
        )
    if len(comment) > COMMENT_LENGTH:
        raise ValidationError(
            {
                "comment": ValidationError(
                    _("Too long: at most %(limit)d characters."), code="max_length", params={"limit": COMMENT_LENGTH}
                )
            }
        )
    return comment


def _seat_of(table: Table, user: User, digest: str) -> Seat:
    mine = _seats_for(table, user)
    roles = roles_of({user.pk, *(seat.user_id for seat in mine)}, table.review.client_id)
    role = roles.get(user.pk)
    if not mine or role is None or role not in DECIDING_ROLES:
        raise PermissionDenied(_("You have no say in this review."))
    if table.review.state != ReviewState.OPEN:
        raise Conflict("review_closed", _("This review is already closed."))
    if digest != table.review.digest:
        raise Conflict(
            "stale_digest",
            _("The text has changed since you opened it. Look at what is new: your yes counts only for what you see."),
            field="digest",
        )
    active = [seat for seat in mine if seat.step.state == StepState.ACTIVE]
    if not active:
        raise Conflict("not_your_turn", _("It is not your turn in this review, or your step is over."))
    heard = table.heard(active[0].step)
    free = [seat for seat in active if not hasattr(seat, "decision") and seat.user_id not in heard]
    if not free or user.pk in heard:
        raise Conflict("already_decided", _("You have already decided. Your decision stands."))
    lent = [seat for seat in free if seat.user_id == user.pk or _may_lend(roles.get(seat.user_id), role)]
    if not lent:
        raise PermissionDenied(_("Who you stand in for has no say any more. A manager can name somebody instead."))
    barred = table.barred(lent[0].step)
    fresh = [seat for seat in lent if not {user.pk, seat.user_id} & barred]
    if not fresh:
        raise Conflict(
            "four_eyes",
            _("This step asks for other eyes: you have decided on another step, or have written a version yourself."),
        )
    return fresh[0]


def _may_lend(lender: Role | None, role: Role) -> bool:
    """Whether a seat's person (``lender``) still decides here, and is of the same side as who stands in."""
    return lender in DECIDING_ROLES and (lender in CONTACT_ROLES) == (role in CONTACT_ROLES)


def _seats_for(table: Table, user: User) -> list[Seat]:
    """The seats on which this person may speak: their own before those of the people they stand in for."""
    own = [seat for seat in table.seats if seat.user_id == user.pk]
    if any(seat.step.state == StepState.ACTIVE for seat in own) or user.pk == table.review.author_id:
        return own
    others = principals(user, table.review.client_id)
    return own + [seat for seat in table.seats if seat.user_id in others]
