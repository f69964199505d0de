"""Keys to the house, of which only hashes are kept: API tokens and one-time sign-in addresses. And a person's hours."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiToken, LoginLink, User

LOGIN_LINK_LIFE = timedelta(minutes=15)
LAST_USED_GRAIN = timedelta(minutes=1)


def hash_secret(secret: str) -> str:
    """SHA-256 in hex. Enough for random secrets of 128 bits and more, which no dictionary holds."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@transaction.atomic
def create_token(
    *, user: User, name: str, read_only: bool = False, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new API token and its key. The key is shown once and never kept."""
    key = "filo_" + secrets.token_urlsafe(32)
    token = ApiToken(
        user=user, name=name, prefix=key[:12], digest=hash_secret(key), read_only=read_only, expires_at=expires_at
    )
    token.full_clean(exclude=["user"])
    token.save(force_insert=True)
    return token, key


def revoke_token(*, token: ApiToken) -> None:
    """The key opens nothing from now on."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def find_token(*, key: str) -> ApiToken | None:
    """The living token of this key, with its person; marks it as used, at most once a minute."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=hash_secret(key), revoked_at=None, user__is_active=True)
        .exclude(expires_at__lte=now)
        .first()
    )
    if token and (token.last_used_at is None or now - token.last_used_at > LAST_USED_GRAIN):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def create_login_link(*, user: User) -> str:
    """The secret of a new one-time address for ``user``, valid for 15 minutes."""
    secret = secrets.token_urlsafe(32)
    LoginLink.objects.create(user=user, digest=hash_secret(secret), expires_at=timezone.now() + LOGIN_LINK_LIFE)
    return secret


def use_login_link(*, secret: str) -> User | None:
    """The person this address signs in, once; None when it is unknown, used up or expired."""
    now = timezone.now()
    links = LoginLink.objects.filter(digest=hash_secret(secret), used_at=None, expires_at__gt=now, user__is_active=True)
    if not links.update(used_at=now):
        return None  # another click got there first
    return User.objects.get(login_links__digest=hash_secret(secret))


HOURS = frozenset({"morning_at", "quiet_from", "quiet_until", "quiet_days"})


@transaction.atomic
def set_hours(*, user: User, **hours: Any) -> User:
    """Change what ``hours`` names (of ``HOURS``): when one's morning mail comes, and when none does.

    Times are on the person's own clock, to the minute. Raises ``ValidationError``, by field.
    """
    if hours.keys() - HOURS:
        raise TypeError(f"not hours of a person: {', '.join(sorted(hours.keys() - HOURS))}")
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    for name, value in hours.items():
        setattr(user, name, value)
    user.full_clean()
    user.quiet_days = sorted(set(user.quiet_days))
    if hours:
        user.save(update_fields=list(hours))
    return user
