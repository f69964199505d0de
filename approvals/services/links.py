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

LINK_LIFE = timedelta(days=30)


def issue_link(*, seat: Seat) -> str:
    """The secret of a new link for this seat: 256 random bits, of which only the hash is kept."""
    secret = secrets.token_urlsafe(32)
    Link.objects.create(
        seat=seat,
        client_id=seat.client_id,
        digest=hash_secret(secret),
        mailed_to=seat.user.email,
        expires_at=timezone.now() + LINK_LIFE,
    )
    return secret


def open_link(*, secret: str) -> Link | None:
    """The link with this secret, also if it has expired or was revoked (see ``usable``); None if there never was one."""
    return (
        Link.objects.select_related("seat__step__review__client", "seat__user")
        .filter(digest=hash_secret(secret))
        .first()
    )


def usable(link: Link) -> bool:
    """Whether the link still lets its person in."""
    living = link.revoked_at is None and link.expires_at > timezone.now() and link.seat.ended_at is None
    return living and link.seat.user.is_active


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
