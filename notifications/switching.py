"""The address in a mail that switches off mails of its kind: for whoever has the mail, without signing in, for ever.

RFC 2369 has it in a header, RFC 8058 lets mail programs use it with one click. It carries who and which kind, signed; who
keeps a mail for years can still use it, unless ``SECRET_KEY`` was replaced meanwhile.
"""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import User
from notifications import letters

_SIGNER = "notifications.switching"


def token_for(user_id: int, kind: str) -> str:
    """What the address ends in."""
    return signing.Signer(salt=_SIGNER).sign_object([user_id, kind])


def address_for(user_id: int, kind: str) -> str:
    """The address, as people outside reach it."""
    return settings.BASE_URL.rstrip("/") + reverse("portal:mails_off", args=[token_for(user_id, kind)])


def read(token: str) -> tuple[User, str] | None:
    """Whose it is and which kind of news it is about; None for a token that we did not make, or that opens nothing now."""
    try:
        user_id, kind = signing.Signer(salt=_SIGNER).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return (user, kind) if user is not None and kind in letters.news() else None
