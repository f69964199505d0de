"""``Authorization: Token KEY`` for the REST API."""

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts import services
from accounts.models import ApiToken, User


class TokenAuthentication(authentication.BaseAuthentication):
    """A token sees and may do what its person may; a read-only one only reads."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The person and the token of the header; None without one (401 in the end)."""
        header = authentication.get_authorization_header(request).split()
        if not header or header[0].lower() != b"token":
            return None
        if len(header) != 2:  # noqa: PLR2004 - "Token" and the key
            raise exceptions.AuthenticationFailed(_("The header must read “Authorization: Token KEY”."))
        token = services.find_token(key=header[1].decode("latin-1"))
        if token is None:
            raise exceptions.AuthenticationFailed(_("This token is unknown, expired or revoked."))
        # Errors are read by the person; the middleware, which knew nobody yet, puts the language back.
        translation.activate(token.user.language)
        if token.read_only and request.method not in {"GET", "HEAD", "OPTIONS"}:
            raise exceptions.PermissionDenied(_("This token may only read."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        """What a 401 asks for."""
        return "Token"
