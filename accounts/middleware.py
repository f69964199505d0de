"""A person reads Filo in their own language and time zone."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.models import User


class PersonLocale:
    """Activates the signed-in person's language and time zone for the request; strangers keep the browser's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            with translation.override(translation.get_language()):  # a token may say later who it is
                response = self.get_response(request)
                response.headers.setdefault("Content-Language", translation.get_language() or "en")
                return response
        with timezone.override(zoneinfo.ZoneInfo(user.timezone)), translation.override(user.language):
            request.LANGUAGE_CODE = user.language
            return self.get_response(request)
