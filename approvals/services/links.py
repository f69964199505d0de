"""Addresses in mails that open one review for one person, without an account. Opening decides nothing."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import hash_secret
from approvals.models import Link, Seat
from audit.services import record
from clients.models import STAFF_ROLES
from clients.selectors import require

LINK_LIFE = timedelta(days=90)
READABLE = timedelta(days=14)  # after the review is closed: what was decided, or what is new


def issue_link(*, seat: Seat, deputy: User | None = None) -> str:
    """The secret of a new link for this seat, or for who stands in there: 256 random bits, of which only the hash is kept."""
    secret = secrets.token_urlsafe(32)
    Link.objects.create(
        seat=seat,
        deputy=deputy,
        client_id=seat.client_id,
        digest=hash_secret(secret),
        mailed_to=(deputy or seat.user).email,
        expires_at=timezone.now() + LINK_LIFE,
    )
    return secret


def open_link(*, secret: str) -> Link | None:
    """The link with this secret, also if it has expired or was revoked (see ``usable``); None if there never was one."""
    return (
        Link.objects.select_related("seat__step__review__client", "seat__user", "deputy")
        .filter(digest=hash_secret(secret))
        .first()
    )


def usable(link: Link) -> bool:
    """Whether the link still lets its person in: as long as its review is open, and a while after to look."""
    closed_at, now = link.seat.step.review.closed_at, timezone.now()
    living = link.revoked_at is None and link.expires_at > now and link.seat.ended_at is None
    return living and link.reader.is_active and (closed_at is None or closed_at + READABLE > now)


@transaction.atomic
def revoke_links(*, seat: Seat, user: User) -> int:
    """No link of this seat opens anything from now on; how many that were. Any staff of the client may."""
    require(user, seat.client_id, STAFF_ROLES)
    revoked = Link.objects.filter(seat=seat, revoked_at=None).update(revoked_at=timezone.now())
    if revoked:
        record(
            client_id=seat.client_id,
            actor=user,
            verb="link.revoked",
            subject_type="review",
            subject_id=seat.step.review_id,
            seat=seat.pk,
        )
    return revoked
