"""The versions of a strategy: what was in force from when until when, each to be read, compared and taken away for ever."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _

from approvals.models import Review
from approvals.selectors import reviews
from strategy import selectors
from strategy.admin.desk import Desk, Page
from strategy.changes import in_words
from strategy.content import Content, content_of
from strategy.models import Agreement, Strategy, StrategyVersion
from strategy.papers.files import FORMS, download
from strategy.papers.gathering import minutes_of
from strategy.readable import document_of
from strategy.rewritten import Changed, rewritten

PER_PAGE = 20
MOST_CHOICES = 500
NOW = "now"  # what is written in it at the moment, in the place of a version's number


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """One version in the list."""

    version: StrategyVersion
    changed: list[str]
    agreements: Sequence[Agreement]
    in_review: bool


def page(desk: Desk) -> HttpResponseBase:
    """All of them, the newest first, one page; and what was in force when."""
    found = Paginator(selectors.versions(desk.user, desk.strategy).select_related("against"), PER_PAGE)
    here = found.get_page(desk.request.GET.get("page"))
    choices = _choices(desk)
    agreed = Paginator(selectors.agreements(desk.user, desk.strategy), PER_PAGE)
    context = {
        "page": here,
        "rows": _rows(desk, list(here.object_list)),
        "agreements": agreed.get_page(desk.request.GET.get("agreements")),
        "choices": choices,
        "usual": _usual(desk.strategy, {choice.value: choice for choice in choices}),
        "keeps": selectors.keeps_library(desk.user),
    }
    return desk.show("admin/strategy_versions.html", context)


def _rows(desk: Desk, versions: list[StrategyVersion]) -> list[VersionRow]:
    by_version: dict[int, list[Agreement]] = {}
    for agreement in selectors.agreements(desk.user, desk.strategy).filter(version__in=versions):
        by_version.setdefault(agreement.version_id, []).append(agreement)
    return [
        VersionRow(
            version=version,
            changed=in_words(version.changed) if version.against else [],
            agreements=by_version.get(version.pk, []),
            in_review=desk.strategy.state == "in_review" and version.pk == desk.strategy.version_id,
        )
        for version in versions
    ]


def version_page(desk: Desk, number: int) -> HttpResponseBase:
    """One version as it was put before people, with the minutes of how it was agreed."""
    version = _require(desk, number)
    context = {
        "version": version,
        "document": document_of(version.client_id, version.content, below=3),
        "changed": in_words(version.changed) if version.against else [],
        "agreements": list(selectors.agreements(desk.user, desk.strategy).filter(version=version)),
        "minutes": minutes_of(version),
        "reviews": _reviews_of(desk, version),
    }
    return desk.show("admin/strategy_version.html", context)


def _require(desk: Desk, number: int) -> StrategyVersion:
    try:
        return selectors.version(desk.user, desk.strategy, number)
    except StrategyVersion.DoesNotExist:
        raise Http404 from None


def _reviews_of(desk: Desk, version: StrategyVersion) -> list[Review]:
    mine = reviews(desk.user).filter(subject_type__app_label="strategy", subject_type__model="strategy")
    return list(mine.filter(subject_id=desk.strategy.pk, version=version.number).order_by("-round"))


# Two of them beside each other


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One side of a comparison: a version, or what is written now."""

    value: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What is new in the one since the other."""

    old: Choice
    new: Choice
    changes: Sequence[Changed]


def differences_page(desk: Desk) -> HttpResponseBase:
    """Any two, section by section. Without a choice: what is in force, or the last version, and what is written now."""
    choices = {choice.value: choice for choice in _choices(desk)}
    asked = desk.request.GET
    usual = _usual(desk.strategy, choices)
    old, new = (asked.get(name) or usual[name] for name in ("from", "to"))
    compared = None
    if old in choices and new in choices:
        before, after = (_content(desk, value) for value in (old, new))
        compared = Compared(old=choices[old], new=choices[new], changes=rewritten(before, after))
    missing = any(asked.get(name) and asked[name] not in choices for name in ("from", "to"))
    context = {"choices": list(choices.values()), "old": old, "new": new, "compared": compared, "missing": missing}
    return desk.show("admin/strategy_differences.html", context, status=404 if missing else 200)


def _choices(desk: Desk) -> list[Choice]:
    numbers = selectors.versions(desk.user, desk.strategy).values_list("number", "created_at")[:MOST_CHOICES]
    zone = desk.strategy.client.zone
    said = _("Version %(number)d, %(day)s")
    found = [
        Choice(value=str(number), words=said % {"number": number, "day": f"{at.astimezone(zone):%d/%m/%Y}"})
        for number, at in numbers
    ]
    return [Choice(value=NOW, words=_("As it reads now")), *found]


def _usual(strategy: Strategy, choices: dict[str, Choice]) -> dict[str, str]:
    if strategy.agreed_version is not None:
        return {"from": str(strategy.agreed_version.number), "to": NOW}
    latest = [value for value in choices if value != NOW]
    return {"from": latest[0] if latest else NOW, "to": NOW}


def _content(desk: Desk, value: str) -> Content:
    return content_of(desk.strategy) if value == NOW else _require(desk, int(value)).content


# To be taken away


def file(desk: Desk, form: str, number: int | None = None) -> HttpResponseBase:
    """One version as a file, or what is in force."""
    if number is not None:
        _require(desk, number)
    return download(user=desk.user, strategy=desk.strategy, form=form, number=number)


def _files(form: str) -> tuple[Page, Page]:
    view: Callable[..., Any] = partial(file, form=form)
    return (
        Page(f"document.{form}", f"document_{form}", view, tab="versions"),
        Page(f"versions/<int:number>/document.{form}", f"version_{form}", view, tab="versions"),
    )


PAGES = (
    Page("versions/", "versions", page),
    Page("versions/<int:number>/", "version", version_page, tab="versions"),
    Page("differences/", "differences", differences_page, tab="versions"),
    *(each for form in FORMS for each in _files(form)),
)
