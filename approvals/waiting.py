"""Who waits for whom and since when; and what can't come to an end as it stands. For the agency's own people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from accounts.models import User
from approvals.eyes import barred
from approvals.models import Decision, Reminder, ReviewState, ReviewStep, Seat, StepState
from approvals.models.people import TO_READER
from approvals.standing_in import has_a_say, standing_in
from clients.models import DECIDING_ROLES, STAFF_ROLES, Membership, Role
from clients.selectors import within
from clients.working_time import Calendar, calendars_of

STILL_TO_COME = [StepState.WAITING, StepState.ACTIVE]


def waiting_seats(user: User) -> QuerySet[Seat]:
    """The seats of this person's clients (as staff) whose decision is asked now; each with ``since`` and its reminders.

    ``reminded`` counts them, ``reminded_at`` is the last.
    """
    sent = Reminder.objects.filter(seat=OuterRef("pk"), kind__in=TO_READER).order_by().values("seat")
    found = Seat.objects.filter(
        within(user, "client", STAFF_ROLES),
        ~Exists(
            Decision.objects.filter(seat=OuterRef("pk"))
        ),  # not a null by a join: PostgreSQL guesses that there is none
        ~Q(barred()),
        ended_at=None,
        step__state=StepState.ACTIVE,
        step__review__state=ReviewState.OPEN,
    )
    return found.select_related("client", "user", "step__review__author").annotate(
        since=Greatest("step__activated_at", "created_at"),
        reminded=Coalesce(Subquery(sent.annotate(n=Count("pk")).values("n")), 0),
        reminded_at=Subquery(sent.annotate(last=Max("at")).values("last")),
    )


def seats(user: User) -> QuerySet[Seat]:
    """All seats of this person's clients, as staff: whether they are waited for or not."""
    return Seat.objects.filter(within(user, "client", STAFF_ROLES)).select_related("user", "client", "step")


def is_late(now: datetime) -> Q:
    """A filter on seats that wait although the step's time is up, or the hour of publishing has come."""
    return Q(step__due_at__lte=now) | Q(step__review__goes_out_at__lte=now)


def standing(found: QuerySet[Seat], now: datetime) -> QuerySet[Seat]:
    """The same seats, each told whether it is ``late`` and ``blocked``, and the e-mail of who stands in (``deputy``)."""
    stuck = ReviewStep.objects.filter(short_of_people(), review=OuterRef("step__review"))
    return found.annotate(
        late=Case(When(is_late(now), then=Value(True)), default=Value(False)),
        blocked=Exists(stuck),
        deputy=Subquery(standing_in(now).values("deputy__email")[:1]),
    )


def deputies_of(seats: Iterable[Seat]) -> dict[int, User]:
    """Who stands in now on these seats, by the number of the seat. One query; one more where anybody does."""
    found = Seat.objects.filter(pk__in=[seat.pk for seat in seats]).annotate(
        stands_in=Subquery(standing_in(timezone.now()).values("deputy")[:1])
    )
    by_seat = dict(found.filter(stands_in__isnull=False).values_list("pk", "stands_in"))
    people = User.objects.in_bulk(set(by_seat.values())) if by_seat else {}
    return {pk: people[deputy] for pk, deputy in by_seat.items()}


@dataclass(frozen=True)
class Waited:
    """How long it has been somebody's turn, by the client's clock: whole working hours, or days where it is more than one."""

    hours: int
    days: int


def waited(calendar: Calendar, since: datetime, now: datetime) -> Waited:
    """The working time between the two; ``days`` counts the working days on which it waited, the first one apart."""
    first, last = since.astimezone(calendar.zone).date(), now.astimezone(calendar.zone).date()
    days = sum(
        calendar.is_working_day(type(first).fromordinal(day))
        for day in range(first.toordinal() + 1, last.toordinal() + 1)
    )
    return Waited(hours=max(0, calendar.minutes_between(since, now)) // 60, days=days)


def waits(seats: Iterable[Seat], now: datetime) -> dict[int, Waited]:
    """How long each of these seats (see ``waiting_seats``) has been waited for. Three queries."""
    seats = list(seats)
    calendars = calendars_of({seat.client_id for seat in seats})
    return {seat.pk: waited(calendars[seat.client_id], seat.since, now) for seat in seats}  # type: ignore[attr-defined]  # annotated


# What can't come to an end


def _lost() -> QuerySet[Seat]:
    """Seats that are still to decide, and on which nobody can."""
    living = Seat.objects.filter(ended_at=None, decision=None)
    return living.filter(~has_a_say() | Q(barred()))


def short_of_people() -> Q:
    """A filter on steps of open reviews that have fewer seats that have decided or can than they need."""
    lost = _lost().filter(step=OuterRef("pk"))
    left = Seat.objects.filter(step=OuterRef("pk"), ended_at=None).exclude(pk__in=_lost().filter(step=OuterRef("step")))
    count = left.order_by().values("step").annotate(n=Count("pk")).values("n")
    # The cheap questions first: the others are asked only of what these leave.
    still = Q(state__in=STILL_TO_COME) & Q(review__state=ReviewState.OPEN)
    return still & Q(Exists(lost)) & Q(needed__gt=Coalesce(Subquery(count), 0))


def _suspects(mine: Q) -> QuerySet[Any]:
    """The steps with a seat on which nobody can decide, each kind asked by itself, so that PostgreSQL can join: all of them at once."""
    seats = Seat.objects.filter(
        mine, ended_at=None, decision=None, step__state__in=STILL_TO_COME, step__review__state=ReviewState.OPEN
    ).order_by()
    role = Membership.objects.filter(client=OuterRef("client"), user=OuterRef("user"), role__in=DECIDING_ROLES)
    gone = seats.filter(user__is_active=False).values("step")
    without = seats.filter(~Exists(role), user__is_agency_admin=False).values("step")
    asking = ReviewStep.objects.filter(four_eyes=True).values("review")
    return gone.union(without, seats.filter(barred(), step__review__in=asking).values("step"))


def blocked(user: User) -> QuerySet[ReviewStep]:
    """The steps, of this person's clients, for which no longer enough people are left: the review can't pass as it stands."""
    mine = within(user, "client", STAFF_ROLES)
    found = ReviewStep.objects.filter(short_of_people(), mine, pk__in=_suspects(mine))
    return found.select_related("review__client", "review__author").order_by("review__opened_at", "review", "position")


def blocked_among(reviews: Iterable[int]) -> set[int]:
    """Which of these reviews can't pass as they stand. One query."""
    found = ReviewStep.objects.filter(short_of_people(), review__in=list(reviews))
    return set(found.values_list("review", flat=True))


@dataclass(frozen=True)
class Lost:
    """A seat on which nobody can decide, and why: ``inactive``, ``no_role``, ``viewer`` or ``four_eyes``."""

    seat: Seat
    why: str


def lost_seats(steps: Iterable[ReviewStep]) -> dict[int, list[Lost]]:
    """For each of these steps the seats on which nobody can decide. Two queries."""
    found = _lost().filter(step__in=[step.pk for step in steps]).select_related("user", "step__review").order_by("pk")
    role = Membership.objects.filter(client=OuterRef("client"), user=OuterRef("user")).values("role")
    why = Case(
        When(user__is_active=False, then=Value("inactive")),
        When(user__is_agency_admin=True, then=Value("four_eyes")),
        When(role=Role.VIEWER, then=Value("viewer")),
        When(role=None, then=Value("no_role")),
        default=Value("four_eyes"),
    )
    by_step: dict[int, list[Lost]] = {}
    for seat in found.annotate(role=Subquery(role)).annotate(why=why):
        by_step.setdefault(seat.step_id, []).append(Lost(seat, seat.why))
    return by_step


def all_blocked() -> QuerySet[ReviewStep]:
    """The same of every client, for the sweep: it asks nobody whether they may know."""
    found = ReviewStep.objects.filter(short_of_people(), pk__in=_suspects(Q()))
    return found.select_related("review").order_by("pk")


def told(steps: QuerySet[ReviewStep]) -> QuerySet[ReviewStep]:
    """The steps, each told whether it is short of people (``is_blocked``) and in which version its carried approval was given."""
    return steps.annotate(
        is_blocked=Case(When(short_of_people(), then=Value(True)), default=Value(False)),
        carried_from_version=F("carried_from__review__version"),
    )
