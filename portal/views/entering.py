"""The one-time address that ``login_link`` prints: it signs its person in."""

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.guarding import guarded
from accounts.services import use_login_link
from clients.selectors import is_staff
from portal.views import closed


@guarded
@require_safe
def enter(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign in, once. A mere look (HEAD, or a browser that fetches ahead) uses nothing up."""
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return HttpResponse(status=204)
    user = use_login_link(secret=secret)
    if user is None:
        return closed.used_up(request)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("admin:index" if is_staff(user) else "portal:home")
