"""What is answered where something broke that no view foresaw (Django's ``handler500``)."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from accounts.errors import TRY_AGAIN_AFTER, database_away
from rest import problems

API = "/api/"


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
