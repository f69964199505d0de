"""The logos of clients, to whom their pages are shown: signed in or not."""

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from clients.documents import logo_by


@require_safe
def logo(request: HttpRequest, token: str) -> FileResponse:  # noqa: ARG001 - Django's signature
    """The picture that this address opens; without our own word for it it does not exist."""
    return logo_by(token)
