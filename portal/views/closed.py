"""Addresses that open nothing: what happened, and how to get in all the same. Nothing here tells what they were for."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from portal.guessing import WINDOW, too_many_misses
from portal.speaking import say

MOST_KEPT = 5000  # characters


@dataclass(frozen=True)
class Closed:
    """One such page."""

    title: str
    lines: tuple[str, ...]
    status: int
    signs_in: bool = True


def show(request: HttpRequest, page: Closed) -> HttpResponse:
    """The page in the active language; what somebody was typing when it closed is given back to them."""
    typed = "\n\n".join(filter(None, [request.POST.get("words", ""), request.POST.get("suggestion", "")]))[:MOST_KEPT]
    return say(request, "portal/closed.html", {"page": page, "typed": typed}, status=page.status)


def unknown(request: HttpRequest) -> HttpResponse:
    """No such address, or only a part of one."""
    if too_many_misses(request):
        answer = show(request, _too_many())
        answer["Retry-After"] = str(WINDOW)
        return answer
    page = Closed(
        _("This address opens nothing"),
        (
            _("Perhaps it was cut: some mail programs break a long address over two lines."),
            _("Go back to the mail and tap the button again, or copy the whole address, up to its last character."),
        ),
        404,
    )
    return show(request, page)


def _too_many() -> Closed:
    lines = (_("From here, many addresses were tried that open nothing."), _("Wait ten minutes, then try again."))
    return Closed(_("Too many tries"), lines, 429)


def expired(request: HttpRequest) -> HttpResponse:
    """Its thirty days are over."""
    page = Closed(
        _("This link has expired"),
        (
            _("For safety, a link in a mail opens for thirty days."),
            _("Sign in with a code that we send to your mail address: you find there what waits for you."),
        ),
        410,
    )
    return show(request, page)


def revoked(request: HttpRequest) -> HttpResponse:
    """Somebody took it back."""
    page = Closed(
        _("This link no longer opens anything"),
        (
            _("The agency has taken it back."),
            _("If something waits for you, there is a newer mail with a newer link. If in doubt, ask the agency."),
        ),
        410,
    )
    return show(request, page)


def nobody(request: HttpRequest) -> HttpResponse:
    """Its person is switched off, or has no part in it any more."""
    page = Closed(
        _("This link no longer opens anything"),
        (
            _("The person it was made for has no access here any more."),
            _("If that should not be so, ask the agency."),
        ),
        410,
    )
    return show(request, page)


def used_up(request: HttpRequest) -> HttpResponse:
    """A sign-in address that was used, has expired, or never was."""
    if too_many_misses(request):
        answer = show(request, _too_many())
        answer["Retry-After"] = str(WINDOW)
        return answer
    page = Closed(
        _("This sign-in address no longer works"),
        (
            _("It signs a person in once, within fifteen minutes: it has been used, or its time is over."),
            _("Sign in with your password or with a code sent by mail, or ask for a new address."),
        ),
        410,
    )
    return show(request, page)
