"""What is answered where something came or broke that no view foresaw (Django's ``handler400`` and ``handler500``)."""

import sys
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from accounts.errors import TRY_AGAIN_AFTER, database_away
from rest import problems

API = "/api/"


def unread(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page on what a browser sent and nobody can read; of what is larger than we read it says so, with status 413."""
    if isinstance(exception, RequestDataTooBig):
        return HttpResponse(render_to_string("413.html"), status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return HttpResponse(render_to_string("400.html"), status=HTTPStatus.BAD_REQUEST)


def broken(request: HttpRequest) -> HttpResponse:
    """A page that asks the database nothing: where it is the database that is away, one that says so, with status 503."""
    if not database_away(sys.exc_info()[1]):
        return server_error(request)
    if request.path.startswith(API):
        return problems.unavailable()
    return HttpResponse(
        render_to_string("503.html"),
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        headers={"Retry-After": str(TRY_AGAIN_AFTER), "Cache-Control": "no-store"},
    )
