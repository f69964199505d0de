"""What a browser holds while its person is at a network: a cookie of this one way, which nobody else has."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from social.models import SignIn
from social.services.signing_in import Departure, belongs_to

COOKIE = "filo_connect_"
PATH = "/connect/"
SECONDS = 30 * 60


def hold(answer: HttpResponse, departure: Departure) -> HttpResponse:
    """The answer that sends somebody to a network, with the cookie by which they are known when they come back."""
    answer.set_cookie(
        f"{COOKIE}{departure.sign_in.pk}",
        departure.browser,
        max_age=SECONDS,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # they come back by a link of another site
    )
    answer["Referrer-Policy"] = "same-origin"
    answer["Cache-Control"] = "no-store, private"
    return answer


def is_theirs(request: HttpRequest, sign_in: SignIn) -> bool:
    """Whether this browser was sent on this way, and its person is still who they were."""
    user = request.user if isinstance(request.user, User) else None
    return belongs_to(sign_in, browser=request.COOKIES.get(f"{COOKIE}{sign_in.pk}", ""), user=user)
