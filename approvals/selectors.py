"""Who may see which chain and which review."""

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import User
from approvals.models import Audience, Chain, Comment, Review, ReviewState, ReviewStep, Seat, StepState
from clients.models import STAFF_ROLES
from clients.selectors import is_staff, staff_clients, within


def chains(user: User) -> QuerySet[Chain]:
    """The chains staff may use: their clients' and the agency's own. A client's people see none."""
    if not is_staff(user):
        return Chain.objects.none()
    found = (
        Chain.objects.select_related("client").prefetch_related("steps__users").order_by("client__name", "name", "id")
    )
    return found.filter(Q(client=None) | within(user, "client", STAFF_ROLES))


def reviews(user: User) -> QuerySet[Review]:
    """Staff see their clients' reviews; a client's people those in which they have a seat whose turn has come."""
    found = Review.objects.select_related("client", "author", "asked_by")
    if user.is_active and user.is_agency_admin:
        return found
    mine = Seat.objects.filter(user=user, step__review=OuterRef("pk")).exclude(step__state=StepState.WAITING)
    return found.filter(Q(client__in=staff_clients(user)) | Q(Exists(mine), within(user)))


def waiting_for(user: User) -> QuerySet[Review]:
    """The open reviews in which this person's decision is asked now, the longest waiting first."""
    seat = Seat.objects.filter(
        user=user, step__review=OuterRef("pk"), step__state=StepState.ACTIVE, decision__isnull=True
    )
    return reviews(user).filter(Exists(seat), state=ReviewState.OPEN).order_by("opened_at", "id")


def with_steps(found: QuerySet[Review]) -> QuerySet[Review]:
    """The same reviews with steps, seats, people and decisions, in a fixed number of queries."""
    seats = Seat.objects.select_related("user", "decision__actor").order_by("pk")
    steps = ReviewStep.objects.prefetch_related(Prefetch("seats", seats)).order_by("position")
    return found.prefetch_related(Prefetch("steps", steps))


def comments(user: User, review: Review) -> QuerySet[Comment]:
    """What this person may read of what was said: a client's people never see what is internal."""
    found = review.comments.select_related("author").order_by("at", "id")
    if staff_clients(user).filter(pk=review.client_id).exists():
        return found
    return found.filter(audience=Audience.CLIENT)


def my_seat(user: User, review: Review) -> Seat | None:
    """The seat on which this person may decide now, if any."""
    return (
        Seat.objects.select_related("step")
        .filter(user=user, step__review=review, step__review__state=ReviewState.OPEN)
        .filter(step__state=StepState.ACTIVE, decision__isnull=True)
        .first()
    )
