"""Who stands in for whom now with effect: whom ``decide`` would hear on a seat that is not their own. Nobody else is reminded.

Both still decide for the client, and on the same side; the deputy has not written what is under review, sits nowhere else in
the step and has not spoken there, and four eyes do not bar them.
"""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from accounts.models import User
from approvals.eyes import Barred
from approvals.models import Deputy, Seat
from clients.models import CONTACT_ROLES, DECIDING_ROLES, STAFF_ROLES, Membership


def has_a_say() -> Q:
    """A filter on seats: their person is here and may decide for the client."""
    role = Membership.objects.filter(client=OuterRef("client"), user=OuterRef("user"), role__in=DECIDING_ROLES)
    return Q(user__is_active=True) & (Q(user__is_agency_admin=True) | Q(Exists(role)))


def standing_in(now: datetime) -> QuerySet[Deputy]:
    """Of a seat: who stands in there."""
    return _free(
        now,
        step=OuterRef(OuterRef("step")),
        review=OuterRef("step__review"),
        position=OuterRef("step__position"),
        author=OuterRef("step__review__author"),
        client=OuterRef("client"),
        principal=OuterRef("user"),
    )


def deputy_of(seat: Seat) -> User | None:
    """Who stands in now for the person of this seat; one query."""
    found = _free(
        timezone.now(),
        step=seat.step_id,
        review=Value(seat.step.review_id),
        position=Value(seat.step.position),
        author=seat.step.review.author_id,
        client=seat.client_id,
        principal=seat.user_id,
    )
    deputy = found.select_related("deputy").first()
    return deputy.deputy if deputy else None


def _free(now: datetime, *, step: Any, review: Any, position: Any, author: Any, **whose: Any) -> QuerySet[Deputy]:
    here = Seat.objects.filter(step=step, ended_at=None)
    speaks = here.filter(Q(user=OuterRef("deputy")) | Q(decision__actor=OuterRef("deputy")))
    return Deputy.objects.filter(
        _on_one_side(),
        ~Exists(speaks),
        ~Q(Barred(review, position, F("deputy"))),
        cancelled_at=None,
        from_at__lte=now,
        until__gt=now,
        **whose,
    ).exclude(deputy=author)


def _on_one_side() -> Q:
    """Both are here and decide for the client, both for the agency or both for the client itself."""
    here = Q(principal__is_active=True, deputy__is_active=True)
    return here & (_both(STAFF_ROLES, admins=True) | _both(CONTACT_ROLES & DECIDING_ROLES, admins=False))


def _both(roles: frozenset[Any], *, admins: bool) -> Q:
    """Agency admins are of the agency, whatever else they are."""
    both = Q()
    for name in ("principal", "deputy"):
        role = Membership.objects.filter(client=OuterRef("client"), user=OuterRef(name), role__in=roles)
        admin = Q(**{f"{name}__is_agency_admin": True})
        both &= (admin | Q(Exists(role))) if admins else (~admin & Q(Exists(role)))
    return both
