"""Pages that strangers and mail programs open: by their headers nothing is kept, indexed, framed or run, and nobody asks for ever."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# No script at all, and no style but from our own sheets: a client's colour is the fill of an SVG, which is no style.
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
# For the few pages that a script of our own makes handier: files of ours, never a line within a page.
WITH_OUR_SCRIPT = f"{POLICY}; script-src 'self'"
# For those that show another page of ours within them.
FRAMES = "; frame-src 'self'"
POLICY_HEADER = "Content-Security-Policy"
WINDOW = 10 * 60  # seconds within which requests from one place are counted


def too_many(request: HttpRequest, what: str, most: int) -> bool:
    """Count one more of these from this place; True from the one after ``most`` within the window on."""
    key = f"{what}:{get_adapter(request).get_client_ip(request)}"
    cache.add(key, 0, WINDOW)
    try:
        return cache.incr(key) > most
    except ValueError:  # the window was over between the two lines
        return False


def framing(answer: HttpResponse) -> HttpResponse:
    """The same answer, which may show pages of ours in a frame."""
    answer[POLICY_HEADER] = answer.get(POLICY_HEADER, POLICY) + FRAMES
    return answer


def guarded(view: View[P]) -> View[P]:
    """The same view with these headers on whatever it answers. A view may set ``WITH_OUR_SCRIPT`` itself.

    The referrer policy is ``same-origin`` and not ``no-referrer``: nobody outside learns the address either way, but
    under ``no-referrer`` browsers send a form with ``Origin: null``, which the protection against forged forms refuses.
    """

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = "no-store, private"
        answer.setdefault(POLICY_HEADER, POLICY)
        answer["Referrer-Policy"] = "same-origin"
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return answer

    return inner
