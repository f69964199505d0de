"""How a section came about: every saving with its author, and what each of them changed."""

from itertools import pairwise

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase

from clients.admin.scoped import ids
from strategy import selectors
from strategy.admin.beside import changes
from strategy.admin.desk import Desk, Page
from strategy.admin.writing import to_write
from strategy.shown import shown

A_PAGE = 50


def revisions_page(desk: Desk, section_id: int) -> HttpResponseBase:
    """The last one of each sitting, or all of them; the newest first, without their texts."""
    section = to_write(desk, section_id)
    everything = bool(desk.request.GET.get("all"))
    found = selectors.revisions(section) if everything else selectors.sittings(section)
    page = Paginator(found.defer("body", "why", "source"), A_PAGE).get_page(desk.request.GET.get("page"))
    rows = list(page)
    before = {row.number: older.number for row, older in pairwise(rows)}
    context = {
        "section": section,
        "page": page,
        "rows": [(row, 0 if everything or row.beside else before.get(row.number, 0)) for row in rows],
        "everything": everything,
        "left_out": section.written - page.paginator.count,
    }
    return desk.show("admin/strategy_revisions.html", context)


def revision_page(desk: Desk, section_id: int, number: int) -> HttpResponseBase:
    """One of them: what it changed of the one that its author had before them (or of ``since``), and how the section read then."""
    section = to_write(desk, section_id)
    found = selectors.revisions(section)
    revision = found.filter(number=number).first()
    if revision is None:
        raise Http404
    since = ids([desk.request.GET.get("since", "")])
    base = since[0] if since and since[0] < number else revision.begun_from
    before = found.filter(number=base).first() if base else None
    context = {
        "section": section,
        "revision": revision,
        "before": before,
        "changes": changes(before, revision),
        "text": shown(section.client_id, [revision.body], below=4)[0],
        "newer": found.filter(number__gt=number).order_by("number").values_list("number", flat=True).first(),
        "older": found.filter(number__lt=number).values_list("number", flat=True).first(),
    }
    return desk.show("admin/strategy_revision.html", context)


PAGES = (
    Page("sections/<int:section_id>/revisions/", "revisions", revisions_page, tab="change"),
    Page("sections/<int:section_id>/revisions/<int:number>/", "revision", revision_page, tab="change"),
)
