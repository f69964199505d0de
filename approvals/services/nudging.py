"""A nudge by hand: somebody of the agency asks somebody again, not too often."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from accounts.models import User
from approvals.eyes import barred
from approvals.models import Reminder, ReminderKind, Review, ReviewState, Seat, StepState
from approvals.waiting import deputies_of
from audit.services import record
from clients.models import DECIDING_ROLES, STAFF_ROLES
from clients.moments import spoken
from clients.selectors import require, role_of
from notifications.services import tell

APART = timedelta(hours=4)
DAY = timedelta(hours=24)
MOST_A_DAY = 3


@transaction.atomic
def nudge(*, user: User, seat: Seat) -> Reminder:
    """Ask the person of this seat again, or who stands in for them, in this person's name. Any staff of the client may.

    Raises ``Conflict`` where the seat is not asked now, or four eyes bar it (``nothing_to_nudge``), where its person is gone
    (``nobody_there``), and where it was nudged within four hours or three times in a day (``too_often``): then it says
    when it is possible again.
    """
    require(user, seat.client_id, STAFF_ROLES)
    seat = Seat.objects.select_related("user", "step__review__client").get(pk=seat.pk)
    _require_asked(seat)
    _require_a_say(seat)
    review, reader = seat.step.review, deputies_of([seat]).get(seat.pk, seat.user)
    told = Reminder(seat=seat, client_id=seat.client_id, kind=ReminderKind.NUDGE, by=user, at=timezone.now())
    told.number = _require_not_too_often(user, seat, told.at)
    try:
        with transaction.atomic():
            told.save(force_insert=True)
    except IntegrityError:  # somebody else was quicker, with the same number
        raise _too_often(user, seat, told.at + APART) from None
    tell(
        users=[reader],
        client_id=seat.client_id,
        kind="nudge",
        key=f"seat:{seat.pk}:{told.number}",
        until=review.goes_out_at,
        seat=seat.pk,
        by=user.pk,
    )
    record(
        client_id=seat.client_id,
        actor=user,
        verb="review.nudged",
        subject_type="review",
        subject_id=review.pk,
        digest=review.digest,
        seat=seat.pk,
        who=reader.pk,
    )
    return told


def nudge_all(*, user: User, review: Review) -> list[Reminder]:
    """The same for everybody whose decision is asked now, as far as it is not too often.

    Raises ``Conflict`` where nobody is asked, or nobody can be nudged now.
    """
    asked = Seat.objects.filter(step__review=review, step__state=StepState.ACTIVE, ended_at=None, decision=None)
    seats = list(asked.order_by("pk"))
    if not seats:
        require(user, review.client_id, STAFF_ROLES)
        raise _nothing()
    done, refused = [], None
    for seat in seats:
        try:
            done.append(nudge(user=user, seat=seat))
        except Conflict as conflict:
            refused = conflict
    if not done and refused is not None:
        raise refused
    return done


def next_nudge(sent: Sequence[datetime], now: datetime) -> datetime:
    """When one more is possible, for a seat that was nudged at these moments; ``now`` if at once."""
    recent = sorted(at for at in sent if at > now - DAY)
    found = now
    if recent:
        found = max(found, recent[-1] + APART)
    if len(recent) >= MOST_A_DAY:
        found = max(found, recent[-MOST_A_DAY] + DAY)
    return found


def _require_asked(seat: Seat) -> None:
    open_now = seat.step.review.state == ReviewState.OPEN and seat.step.state == StepState.ACTIVE
    if not open_now or seat.ended_at is not None or hasattr(seat, "decision"):
        raise _nothing()
    if Seat.objects.filter(barred(), pk=seat.pk).exists():
        text = _("This step asks for other eyes than those of %(name)s.")
        raise Conflict("nothing_to_nudge", text % {"name": seat.user})


def _require_a_say(seat: Seat) -> None:
    """Also where a deputy is named: nobody stands in for who has no say."""
    if not seat.user.is_active:
        text = _("%(who)s has been switched off and reads no mail. Let somebody else sit there instead.")
        raise Conflict("nobody_there", text % {"who": seat.user})
    if role_of(seat.user, seat.client_id) not in DECIDING_ROLES:
        text = _("%(who)s may not decide for this client any more. Let somebody else sit there instead.")
        raise Conflict("nobody_there", text % {"who": seat.user})


def _nothing() -> Conflict:
    return Conflict("nothing_to_nudge", _("Nothing is asked there any more: there is nobody to nudge."))


def _require_not_too_often(user: User, seat: Seat, now: datetime) -> int:
    """The number of the next nudge. Two at once get the same one, and the database takes it once."""
    before = Reminder.objects.filter(seat=seat, kind=ReminderKind.NUDGE).order_by("number")
    sent = list(before.values_list("at", flat=True))
    again = next_nudge(sent, now)
    if again > now:
        raise _too_often(user, seat, again)
    return len(sent) + 1


def _too_often(user: User, seat: Seat, again: datetime) -> Conflict:
    words = {"who": seat.user, "when": spoken(again, ZoneInfo(user.timezone))}
    return Conflict(
        "too_often", _("%(who)s has been nudged a short while ago. It is possible again on %(when)s.") % words
    )
