"""What somebody typed where it can't go any more: they are told why, and get it back to be copied. Nothing typed is lost."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from portal.speaking import say
from portal.views.strategies import about
from strategy.models import Section, StrategyState

Typed = Sequence[tuple[str, str]]  # what it was typed into, and the words


def taken_out(request: HttpRequest, row: Section, typed: Typed, *, kept: bool = False) -> HttpResponse:
    """The section was taken out of the strategy. ``kept``: what was typed stands beside it, should it be put back."""
    line = _("“%(section)s” is not in the strategy any more: the agency has taken it out.") % {"section": row.title}
    if not kept:
        return _page(request, row, _("This section was taken out"), [line], typed)
    beside = _(
        "What you typed is kept beside it, and stands there should the section be put back. You can copy it here, too."
    )
    return _page(request, row, _("This section was taken out"), [line, beside], typed, kept=True)


def no_longer(request: HttpRequest, row: Section, typed: Typed) -> HttpResponse:
    """The strategy is over, or this person may write in it no more."""
    if row.strategy.state == StrategyState.SUPERSEDED:
        lines = [_("This strategy is over, and stays as it is.")]
        return _page(request, row, _("Not saved"), lines, typed)
    lines = [_("You may no longer write here. You can read it, and suggest other words.")]
    return _page(request, row, _("Not saved"), lines, typed, status=403)


def _page(  # noqa: PLR0913 - a page is all of these
    request: HttpRequest,
    row: Section,
    title: str,
    lines: Sequence[str],
    typed: Typed,
    *,
    kept: bool = False,
    status: int = 409,
) -> HttpResponse:
    there = [(label, words) for label, words in typed if words.strip()]
    context = {**about(row.strategy), "section": row, "title": title, "lines": lines, "typed": there, "kept": kept}
    asked = request.method == "POST"
    return say(request, "portal/given_back.html", context, status=status if asked else 404)
