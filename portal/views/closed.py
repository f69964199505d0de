"""Addresses that open nothing: what happened, and how to get in all the same. Nothing here tells what they were for."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.guarding import WINDOW
from approvals.services.links import LINK_LIFE, READABLE
from portal.guessing import too_many_misses
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
    """It has lived as long as links do."""
    said = _("For safety, a link in a mail opens for %(days)d days.") % {"days": LINK_LIFE.days}
    return _signing_in(request, _("This link has expired"), said)


def over(request: HttpRequest) -> HttpResponse:
    """What it opened ended a while ago."""
    said = _("What it was for is over. A link in a mail opens for %(days)d days after that, and no longer.")
    return _signing_in(request, _("This link has expired"), said % {"days": READABLE.days})


def taken_back(request: HttpRequest) -> HttpResponse:
    """The approval that was given on its seat was taken back; whoever sits there is asked again."""
    said = _("The approval that was given here was taken back, and this link with it.")
    asked = _("You are asked again: a mail with a new link comes to you. Or sign in with a code that we mail you.")
    page = Closed(_("The approval was taken back"), (said, asked), 410)
    return show(request, page)


def answered_again(request: HttpRequest) -> HttpResponse:
    """The same, and nothing is asked there any more."""
    said = _("The approval that was given here was taken back, and this link with it.")
    return _signing_in(request, _("This link no longer opens anything"), said)


def replaced(request: HttpRequest) -> HttpResponse:
    """Somebody else sits where its person sat."""
    said = _("Somebody else decides in your place now. Nothing is asked of you here.")
    return _signing_in(request, _("This link no longer opens anything"), said)


def _signing_in(request: HttpRequest, title: str, said: str) -> HttpResponse:
    inside = _("Sign in with a code that we send to your mail address: you find there what waits for you.")
    return show(request, Closed(title, (said, inside), 410))


def revoked(request: HttpRequest) -> HttpResponse:
    """The agency took it back."""
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
