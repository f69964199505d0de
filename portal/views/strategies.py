"""A client's strategies, for its people: the list, one to be read, what was agreed when, two versions beside each other, files."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.views.decorators.http import require_safe

from accounts.guarding import WITH_OUR_SCRIPT, guarded
from accounts.models import User
from clients.selectors import own_language
from portal.paging import paged
from portal.people import signed_in
from portal.speaking import say, speaking_to
from portal.strategies import standings, ways_on, writes
from strategy import selectors
from strategy.content import Content, content_of
from strategy.models import Strategy, StrategyVersion
from strategy.papers.files import download
from strategy.readable import document_of
from strategy.rewritten import rewritten

ROWS = 10
NOW = "now"
LONGEST_NUMBER = 9  # digits: far beyond any version


def found(reader: User, strategy_id: int) -> Strategy:
    """The strategy, if this person knows of it; else it does not exist."""
    return get_object_or_404(selectors.strategies(reader), pk=strategy_id)


@guarded
@login_required
@require_safe
def strategies(request: HttpRequest) -> HttpResponse:
    """All that this person knows of, the latest first."""
    reader = signed_in(request)
    with translation.override(language := own_language(reader)):
        request.LANGUAGE_CODE = language
        page = paged(request, selectors.strategies(reader).order_by("-starts_on", "-pk"), "page", ROWS)
        context = {"page": page, "rows": standings(reader, page.rows), "signed_in": True}
        return say(request, "portal/strategies.html", context)


@guarded
@login_required
@require_safe
def strategy(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """One, as it reads now, with the ways on to writing in it and speaking of it."""
    reader = signed_in(request)
    row = found(reader, strategy_id)
    with speaking_to(request, reader, row.client):
        (standing,) = standings(reader, [row])
        # What is asked about, or agreed, to the letter: a pillar's reason may have been rewritten since.
        said = row.version.content if row.version else content_of(row)
        context = {
            **about(row),
            "standing": standing,
            "document": document_of(row.client_id, said, numbers=selectors.numbers_in(reader, row), signed=True),
            "talk": ways_on(row),
            "writes": writes(reader, row),
            "saved": request.GET.get("saved", ""),
        }
        answer = say(request, "portal/strategy.html", context)
        answer["Content-Security-Policy"] = WITH_OUR_SCRIPT
        return answer


@guarded
@login_required
@require_safe
def history(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """What was agreed, from when until when."""
    reader = signed_in(request)
    row = found(reader, strategy_id)
    with speaking_to(request, reader, row.client):
        agreements = paged(request, selectors.agreements(reader, row), "page", ROWS)
        return say(request, "portal/strategy_history.html", {**about(row), "agreements": agreements})


@guarded
@login_required
@require_safe
def version(request: HttpRequest, strategy_id: int, number: int) -> HttpResponse:
    """One version to the letter, for ever."""
    reader = signed_in(request)
    row = found(reader, strategy_id)
    one = _version(reader, row, number)
    with speaking_to(request, reader, row.client):
        context = {
            **about(row),
            "version": one,
            "in_force": selectors.agreements(reader, row).filter(version=one).first(),
            "document": document_of(row.client_id, one.content, signed=True),
        }
        return say(request, "portal/strategy_version.html", context)


@guarded
@login_required
@require_safe
def differences(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Two versions that were agreed, or one and how it reads now; without a choice the last one and now."""
    reader = signed_in(request)
    row = found(reader, strategy_id)
    with speaking_to(request, reader, row.client):
        numbers = list(dict.fromkeys(_agreed(reader, row).values_list("version__number", flat=True)))
        old, new = request.GET.get("from", ""), request.GET.get("to", NOW)
        if not old and numbers:
            old = str(numbers[0])
        before, after = (_content(reader, row, typed, numbers) for typed in (old, new))
        context = {
            **about(row),
            "numbers": [str(number) for number in numbers],
            "old": old,
            "new": new,
            "missing": bool(numbers) and (before is None or after is None),
            "changes": rewritten(before, after) if before and after else None,
        }
        return say(request, "portal/strategy_differences.html", context)


@guarded
@login_required
@require_safe
def document(request: HttpRequest, strategy_id: int, form: str, number: int | None = None) -> HttpResponseBase:
    """A file to keep: what is in force, else what there is; or the version with this number."""
    reader = signed_in(request)
    row = found(reader, strategy_id)
    if number is not None:
        _version(reader, row, number)
    return download(user=reader, strategy=row, form=form, number=number)


def about(row: Strategy) -> dict[str, Any]:
    """What every page of a strategy says of it."""
    return {"strategy": row, "client": row.client, "signed_in": True}


def _agreed(reader: User, row: Strategy) -> Any:
    return selectors.agreements(reader, row).order_by("-version__number")


def _version(reader: User, row: Strategy, number: int) -> StrategyVersion:
    try:
        return selectors.version(reader, row, number)
    except (StrategyVersion.DoesNotExist, OverflowError):
        raise Http404 from None


def _content(reader: User, row: Strategy, typed: str, numbers: list[int]) -> Content | None:
    """The version with the number that was typed, if it was agreed, or what is written now."""
    if typed == NOW:
        return content_of(row)
    plain = typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_NUMBER
    if not plain or int(typed) not in numbers:
        return None
    content: Content = selectors.version(reader, row, int(typed)).content
    return content
