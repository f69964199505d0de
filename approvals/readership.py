"""Who reads what is said of a review, and who is called by name in it."""

import re
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from approvals.models import Audience, Comment, Deputy, Review, Seat, StepState
from clients.models import CONTACT_ROLES, STAFF_ROLES, Membership
from clients.selectors import role_of


def readers(review: Review, audience: str) -> QuerySet[User]:
    """The people who may read what is said to this audience: staff; where the client reads along, its people whose turn has come."""
    members = Membership.objects.filter(client=review.client_id)
    staff = Q(is_agency_admin=True) | Q(pk__in=members.filter(role__in=STAFF_ROLES).values("user"))
    if audience != Audience.CLIENT:
        return User.objects.filter(staff, is_active=True)
    turn = Seat.objects.filter(step__review=review, ended_at=None).exclude(step__state=StepState.WAITING).values("user")
    now = timezone.now()
    deputies = Deputy.objects.filter(
        client=review.client_id, principal__in=turn, cancelled_at=None, from_at__lte=now, until__gt=now
    )
    contacts = members.filter(role__in=CONTACT_ROLES).filter(Q(user__in=turn) | Q(user__in=deputies.values("deputy")))
    return User.objects.filter(staff | Q(pk__in=contacts.values("user")), is_active=True)


def known_to(user: User, review: Review) -> QuerySet[User]:
    """Whom this person may call by name: staff everybody of the client's; its own people their side, and whom they met here."""
    members = Membership.objects.filter(client=review.client_id)
    if role_of(user, review.client_id) in STAFF_ROLES:
        found = Q(is_agency_admin=True) | Q(pk__in=members.values("user"))
    else:
        met = Comment.objects.filter(review=review, audience=Audience.CLIENT).values("author")
        own = members.filter(role__in=CONTACT_ROLES).values("user")
        found = Q(pk__in=own) | Q(pk__in=met) | Q(pk__in=[review.author_id, review.asked_by_id])
    return User.objects.filter(found, is_active=True).order_by("name", "pk")


def called(text: str, people: Iterable[User]) -> list[User]:
    """Who of these people is called in the text, as ``@Name`` or ``@mail``, whatever the case. Two of one name both are."""
    by_name: dict[str, list[User]] = {}
    for person in people:
        for name in (person.name, person.email):
            if name.strip():
                by_name.setdefault(_plain(name), []).append(person)
    if "@" not in text or not by_name:
        return []
    names = sorted(by_name, key=len, reverse=True)  # “Marta Gallo” before “Marta”
    either = "|".join(r"\s+".join(map(re.escape, name.split())) for name in names)
    pattern = re.compile(rf"(?<![\w@.])@({either})(?!\w|[.@-]\w)", re.IGNORECASE)
    found = [person for match in pattern.finditer(text) for person in by_name.get(_plain(match.group(1)), ())]
    return list({person.pk: person for person in found}.values())


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def nameable(user: User, review: Review) -> QuerySet[User]:
    """Whom this person may call, for a form to list; ``of_client`` are those who read along only where the client does."""
    may_read = readers(review, Audience.CLIENT).values("pk")
    contact = Membership.objects.filter(client=review.client_id, user=OuterRef("pk"), role__in=CONTACT_ROLES)
    return known_to(user, review).filter(pk__in=may_read).exclude(pk=user.pk).annotate(of_client=Exists(contact))
