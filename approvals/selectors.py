"""Who may see which chain and which review."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from accounts.prepared import Prepared
from approvals.eyes import barred, open_to
from approvals.models import (
    Audience,
    Chain,
    Comment,
    Decision,
    Deputy,
    Link,
    Review,
    ReviewState,
    ReviewStep,
    Seat,
    StepState,
    Verdict,
)
from audit.models import Event
from clients.models import CONTACT_ROLES, DECIDING_ROLES, STAFF_ROLES, Membership
from clients.selectors import is_staff, role_of, staff_clients, within


def chains(user: User) -> QuerySet[Chain]:
    """The chains staff may use: their clients' and the agency's own. A client's people see none."""
    if not is_staff(user):
        return Chain.objects.none()
    found = Chain.objects.select_related("client").order_by("client__name", "name", "id")
    found = found.prefetch_related(*people_of_steps("steps__"), "defaults")
    if user.is_agency_admin:
        return found  # not Q(client=None) | Q(): that is Q(client=None)
    return found.filter(Q(client=None) | within(user, "client", STAFF_ROLES))


def people_of_steps(way: str = "") -> list[Prefetch[Any, Any, Any]]:
    """To prefetch whom steps name, by name: ``way`` leads to the steps."""
    people = User.objects.order_by("name", "pk")
    return [Prefetch(f"{way}{name}", people) for name in ("users", "escalate_to")]


def with_use(found: QuerySet[Chain], user: User) -> QuerySet[Chain]:
    """The same chains, each with ``open_reviews``: how many run with it now, of this person's clients."""
    running = _running(user).filter(chain=OuterRef("pk")).order_by().values("chain")
    return found.annotate(open_reviews=Coalesce(Subquery(running.annotate(many=Count("pk")).values("many")), 0))


def use_by_client(user: User, chain: Chain) -> list[tuple[str, int]]:
    """For which of this person's clients how many reviews run with this chain now, by the client's name."""
    running = _running(user).filter(chain=chain).order_by("client__name").values_list("client__name")
    return list(running.annotate(many=Count("pk")))


def _running(user: User) -> QuerySet[Review]:
    return Review.objects.filter(within(user, "client", STAFF_ROLES), state=ReviewState.OPEN)


def principals(user: User, client_id: int | None = None) -> set[int]:
    """The ids of the people for whom this person stands in now, for one client or for any."""
    if client_id is not None:
        return set(_PRINCIPALS(deputy=user.pk, client=client_id, now=timezone.now()))
    return set(_in_force(user).values_list("principal", flat=True))


def _in_force(user: User | int, now: datetime | None = None) -> QuerySet[Deputy]:
    now = now or timezone.now()
    return Deputy.objects.filter(deputy=user, cancelled_at=None, from_at__lte=now, until__gt=now)


def _principals(deputy: int, client: int, now: datetime) -> QuerySet[Deputy, int]:
    return _in_force(deputy, now).filter(client=client).values_list("principal", flat=True)


_PRINCIPALS = Prepared(_principals)


def deputies(user: User) -> QuerySet[Deputy]:
    """Who stands in for whom: at all of their clients for staff; for a client's people what concerns themselves."""
    found = Deputy.objects.select_related("client", "principal", "deputy", "named_by")
    if user.is_active and user.is_agency_admin:
        return found
    mine = Q(principal=user) | Q(deputy=user)
    return found.filter(Q(client__in=staff_clients(user)) | Q(mine, within(user)))


def seated(user: User, now: datetime | None = None) -> Q:
    """A filter on the living seats on which this person may speak (``now``), for themselves or as a deputy.

    It asks nothing by itself. The people are looked up once, so that the index on a seat's person serves; of what they lend,
    only the clients for which they lend it count, and never what the deputy has written.
    """
    people = User.objects.filter(pk=user.pk).values("pk").union(_in_force(user, now).values("principal"))
    lent = Exists(_in_force(user, now).filter(principal=OuterRef("user"), client=OuterRef("client")))
    return Q(user__in=people, ended_at=None) & (Q(user=user) | Q(lent) & ~Q(step__review__author=user))


def speakable(user: User, now: datetime | None = None) -> Q:
    """A filter on the seats of active steps on which this person may decide (``now``) as far as other eyes are not asked.

    As in ``decide``: nobody counts twice in a step, who sits there speaks for nobody else, and who lends a seat still decides
    for the client, on the same side.
    """
    here = Seat.objects.filter(step=OuterRef("step"), ended_at=None)
    said = here.filter(decision__isnull=False)
    heard = said.filter(Q(decision__actor=user) | Q(user=user) | Q(decision__actor=OuterRef("user")))
    lent = ~Exists(here.filter(user=user)) & Q(user__is_active=True) & _same_side(user)
    return Q(
        seated(user, now), Q(user=user) | lent, ~Exists(heard), step__state=StepState.ACTIVE, decision__isnull=True
    )


def _same_side(user: User) -> Q:
    """Of a seat: its person decides for the client, and on the side on which this one does."""
    people = Membership.objects.filter(client=OuterRef("client"))
    lends = people.filter(user=OuterRef("user"))
    staff = Q(user__is_agency_admin=True) | Q(Exists(lends.filter(role__in=STAFF_ROLES)))
    if user.is_agency_admin:
        return staff
    theirs = DECIDING_ROLES - STAFF_ROLES
    mine = people.filter(user=user)
    contact = Q(Exists(lends.filter(role__in=theirs)), user__is_agency_admin=False)
    return Q(Exists(mine.filter(role__in=STAFF_ROLES))) & staff | Q(Exists(mine.filter(role__in=theirs))) & contact


def reviews(user: User) -> QuerySet[Review]:
    """Staff see their clients' reviews; a client's people those in which they have a seat whose turn has come."""
    found = Review.objects.select_related("client", "author", "asked_by")
    if user.is_active and user.is_agency_admin:
        return found
    mine = Seat.objects.filter(seated(user), step__review=OuterRef("pk")).exclude(step__state=StepState.WAITING)
    return found.filter(Q(client__in=staff_clients(user)) | Q(Exists(mine), within(user)))


def waiting_for(user: User, now: datetime | None = None) -> QuerySet[Review]:
    """The open reviews in which this person's decision is asked (``now``), the longest waiting first.

    Whoever has a seat whose turn it is, and a role that decides, may see the review: ``reviews`` would only ask it again.
    """
    mine = Seat.objects.filter(speakable(user, now), open_to(user))
    found = Review.objects.select_related("client", "author", "asked_by").filter(
        within(user, roles=DECIDING_ROLES), pk__in=mine.values("step__review"), state=ReviewState.OPEN
    )
    return found.order_by("opened_at", "id")


def asked_now(reviews: Iterable[Review]) -> dict[int, ReviewStep]:
    """Of each of these reviews, by its id, the step whose turn it is; in one query."""
    found = ReviewStep.objects.filter(review__in=[review.pk for review in reviews], state=StepState.ACTIVE)
    return {step.review_id: step for step in found}


def with_steps(found: QuerySet[Review], steps: QuerySet[ReviewStep] | None = None) -> QuerySet[Review]:
    """The same reviews with steps (or ``steps`` of them), seats, people and decisions, in a fixed number of queries.

    ``barred`` says of a seat whose turn it is whether four eyes bar its person.
    """
    people = ("user", "decision__actor", "ended_by", "instead_of__user")
    now_barred = Case(When(Q(step__state=StepState.ACTIVE) & Q(barred()), then=Value(True)), default=Value(False))
    seats = Seat.objects.select_related(*people).annotate(barred=now_barred).order_by("pk")
    steps = ReviewStep.objects.all() if steps is None else steps
    steps = steps.prefetch_related(Prefetch("seats", seats)).order_by("position")
    return found.prefetch_related(Prefetch("steps", steps))


def comments(user: User, review: Review) -> QuerySet[Comment]:
    """What this person may read of what was said: a client's people never see what is internal."""
    found = review.comments.select_related("author").order_by("at", "id")
    if staff_clients(user).filter(pk=review.client_id).exists():
        return found
    return found.filter(audience=Audience.CLIENT)


def with_comments(found: QuerySet[Review], user: User) -> QuerySet[Review]:
    """The same reviews, each with what this person may read of what was said (see ``comments``), by one query."""
    readable = Comment.objects.filter(Q(audience=Audience.CLIENT) | within(user, "client", STAFF_ROLES))
    people = ("author", "settled_by", "resolved_by")
    return found.prefetch_related(Prefetch("comments", readable.select_related(*people).order_by("at", "id")))


def own_side(user: User, client_id: int) -> frozenset[int] | None:
    """The ids of this client's own people, for one of them; None for staff, who read everybody's words."""
    if role_of(user, client_id) in STAFF_ROLES:
        return None
    side = Membership.objects.filter(client=client_id, role__in=CONTACT_ROLES)
    return frozenset(side.values_list("user_id", flat=True))


def living_links(user: User, review: Review) -> QuerySet[Link]:
    """The links in mails that still open this review, for the client's staff to see whom they were mailed to."""
    living = Link.objects.filter(
        seat__step__review=review, seat__ended_at=None, revoked_at=None, expires_at__gt=timezone.now()
    )
    return living.filter(client__in=staff_clients(user)).select_related("seat__user", "deputy").order_by("pk")


def my_seat(user: User, review: Review) -> Seat | None:
    """The seat on which this person may decide now, if any: their own, or that of somebody for whom they stand in.

    As in ``decide``: nobody counts twice in a step, who sits there speaks for nobody else, and four eyes are four.
    """
    if role_of(user, review.client_id) not in DECIDING_ROLES:
        return None
    found = _my_seats(user.is_agency_admin)(user=user.pk, review=review.pk, now=timezone.now())
    return found[0] if found else None


@cache
def _my_seats(is_agency_admin: bool) -> Prepared[Seat]:  # noqa: FBT001 - for each of the two
    def build(user: int, review: int, now: datetime) -> QuerySet[Seat]:
        person = User(pk=user, is_agency_admin=is_agency_admin)
        return _speakable(person, review, now).filter(open_to(person))[:1]

    return Prepared(build)


def kept_out(user: User, review: Review) -> Seat | None:
    """The seat on which this person would decide now if four eyes did not bar them (``reader_barred``), or who sits there."""
    if role_of(user, review.client_id) not in DECIDING_ROLES:
        return None
    found = _speakable(user, review.pk).annotate(reader_barred=barred(Value(user.pk)))
    return None if found.filter(open_to(user)).exists() else found.first()


def _speakable(user: User, review: int, now: datetime | None = None) -> QuerySet[Seat]:
    """The seats on which this person, if their role decides, may do so as far as other eyes are not asked, their own first."""
    return (
        Seat.objects.select_related("step", "user")
        .filter(speakable(user, now), step__review=review, step__review__state=ReviewState.OPEN)
        .order_by(Case(When(user=user, then=0), default=1), "pk")
    )


def decisions(user: User, review: Review) -> QuerySet[Decision]:
    """What was decided, as far as this person may read it: a client's people read their own side's words only."""
    found = (
        Decision.objects.select_related("actor", "seat__step").filter(seat__step__review=review).order_by("at", "id")
    )
    side = own_side(user, review.client_id)
    return found if side is None else found.filter(actor__in={*side, user.pk})


def ending(review: Review) -> Event | None:
    """The evidence that this review was taken back, or overtaken by a change."""
    events = Event.objects.select_related("actor").filter(subject_type="review", subject_id=review.pk)
    return events.filter(verb__in=["review.withdrawn", "review.superseded"]).order_by("-id").first()


def ended_by(review: Review) -> User | None:
    """Who did that."""
    event = ending(review)
    return event.actor if event else None


def given(user: User, review: Review) -> Decision | None:
    """The last approval here that this person gave, or that was given for them, and that still counts: it can be taken back."""
    if review.state not in {ReviewState.OPEN, ReviewState.APPROVED}:
        return None
    mine = Decision.objects.filter(Q(actor=user) | Q(seat__user=user), seat__step__review=review)
    return mine.filter(seat__ended_at=None, verdict=Verdict.APPROVE).order_by("-pk").first()


def asked_before(user: User, review: Review) -> Review | None:
    """The last earlier review of the same thing in which it was this person's turn."""
    turn = Seat.objects.filter(user=user, step__review=OuterRef("pk")).exclude(step__state=StepState.WAITING)
    earlier = reviews(user).filter(
        Exists(turn), subject_type=review.subject_type_id, subject_id=review.subject_id, round__lt=review.round
    )
    return earlier.order_by("-round").first()


def asked_since(user: User, review: Review) -> Review | None:
    """The last later review of the same thing whose turn has come for this person, on a seat of theirs or as a deputy."""
    turn = Seat.objects.filter(seated(user), step__review=OuterRef("pk")).exclude(step__state=StepState.WAITING)
    later = reviews(user).filter(
        Exists(turn), subject_type=review.subject_type_id, subject_id=review.subject_id, round__gt=review.round
    )
    return later.order_by("-round").first()


def has_said(user: User, review: Review, verdict: str) -> bool:
    """Whether this person has said just this on a seat of their own in this review, and it counts."""
    if review.state in {ReviewState.SUPERSEDED, ReviewState.WITHDRAWN}:
        return False
    said = Decision.objects.filter(seat__step__review=review, seat__user=user, seat__ended_at=None)
    return said.filter(verdict=verdict).exists()
