"""What two people wrote in a section at once: each beside what it was begun from, and merged by hand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpResponseBase
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from approvals.rewording import pieces
from clients.admin.scoped import ids
from strategy import selectors
from strategy.admin.desk import Desk, Page
from strategy.admin.section_form import section_form
from strategy.admin.writing import to_write
from strategy.kept import kept
from strategy.models import Horizon, Revision, Section
from strategy.rewritten import Said

WORDS = ("title", "body", "why", "source")


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the texts, and what its author changed of what they had before them."""

    revision: Revision
    base: int
    changes: Sequence[Said]


def changes(old: Revision | None, new: Revision) -> list[Said]:
    """What ``new`` says otherwise; all of it where there was nothing before."""
    return list(_changes(old, new))


def _changes(old: Revision | None, new: Revision) -> Iterator[Said]:
    for name in WORDS:
        was, now = getattr(old, name) if old else "", getattr(new, name)
        if was != now:
            yield Said(label=_named(name), pieces=pieces(was, now))
    for name in ("horizon", "review_by", "owner_id"):
        before, after = _plain(old, name), _plain(new, name)
        if old and before != after:
            yield Said(label=_named(name.removesuffix("_id")), before=before, after=after)


def _named(name: str) -> str:
    said = {
        "title": _("Title"),
        "body": _("Text"),
        "why": _("Why"),
        "source": _("Source"),
        "horizon": _("How long it holds"),
        "review_by": _("To be looked at again by"),
        "owner": _("Who keeps it"),
    }
    return said[name]


def _plain(revision: Revision | None, name: str) -> str:
    if revision is None:
        return ""
    if name == "horizon":
        return str(Horizon(revision.horizon).label)
    if name == "owner_id":
        return revision.owner.name if revision.owner else _("nobody")
    return date_format(revision.review_by, "SHORT_DATE_FORMAT") if revision.review_by else _("no day of its own")


def merge_page(desk: Desk, section_id: int) -> HttpResponseBase:
    """The texts side by side, and the form that settles them."""
    section = to_write(desk, section_id)
    waiting = list(selectors.open_beside(section).select_related("author", "owner"))
    if desk.posted:
        numbers = ids(desk.request.POST.getlist("merges"))
        form = section_form(desk.user, section, desk.request.POST)
        saved = form.merge(numbers)
        if saved is not None and not saved.beside:
            desk.tell(_("Merged. Who wrote what stays to be read in how it came about."))
            return desk.go("change", anchor=f"section-{section.pk}")
        if saved is not None:
            desk.warn(kept(saved))
            return desk.go("merge", section.pk)
    else:
        numbers = [row.number for row in waiting]
        begin = next((row for row in waiting if str(row.number) == desk.request.GET.get("begin")), None)
        form = section_form(desk.user, section, like=begin)
    now, sides = _sides(section, waiting)
    context = {"section": section, "form": form, "numbers": numbers, "sides": sides, "now": now}
    return desk.show("admin/strategy_merge.html", context)


def _sides(section: Section, waiting: Sequence[Revision]) -> tuple[Side, list[Side]]:
    """What the section reads now, and what stands beside it; two queries."""
    kept = section.revisions.filter(beside=True).values_list("number", "begun_from")
    begun = {number: before or 0 for number, before in kept}
    bases = [_base(begun, row.number) for row in waiting]
    there = {row.number: row for row in selectors.revisions(section).filter(number__in=[*bases, section.revision])}
    now, first = there[section.revision], min(bases, default=section.revision)
    sides = [
        Side(revision=row, base=base, changes=changes(there.get(base), row))
        for row, base in zip(waiting, bases, strict=True)
    ]
    return Side(revision=now, base=first, changes=changes(there.get(first), now)), sides


def _base(begun: Mapping[int, int], number: int) -> int:
    """The revision of the line that it was begun from: who goes on beside it has one text there."""
    while number in begun:
        number = begun[number]
    return number


PAGES = (Page("sections/<int:section_id>/merge/", "merge", merge_page, tab="change"),)
