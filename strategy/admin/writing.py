"""Writing in a section: under a soft lock, saved as one types, looked at as it will read. Nothing typed is lost."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase, JsonResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from accounts.staff_admin import take_errors
from clients.moments import clock
from strategy import selectors, services
from strategy.admin.desk import Desk, Page
from strategy.admin.section_form import SectionForm, section_form
from strategy.kept import kept, kept_at
from strategy.markdown.checking import LONGEST
from strategy.models import Section, StrategyState
from strategy.services import Saved
from strategy.services.texts import clean_texts
from strategy.shown import shown
from strategy.surroundings import newest_pictures

SHELF = 12  # pictures of the client's that are offered, the newest


def to_write(desk: Desk, pk: int) -> Section:
    """The section with this number, taken out or not: who was writing in it then loses nothing."""
    return desk.find(selectors.sections(desk.user, removed=True), pk)


def write_page(desk: Desk, section_id: int) -> HttpResponseBase:
    """The form, or what became of it."""
    section = to_write(desk, section_id)
    if not desk.posted:
        return _open(desk, section)
    if desk.request.POST.get("do") == "enter":
        return _enter(desk, section)
    form = section_form(desk.user, section, desk.request.POST)
    saved, status = _save(form)
    if saved is None:
        return _show(desk, section, form, status=status)
    if saved.beside:
        desk.warn(kept(saved))
        return desk.go("merge", section.pk)
    desk.tell(_("Saved."))
    if desk.request.POST.get("do") == "leave":
        services.release_lock(user=desk.user, section=section)
        return desk.go("change", anchor=f"section-{section.pk}")
    return desk.go("write", section.pk)


def _enter(desk: Desk, section: Section) -> HttpResponseBase:
    """Whoever else is in it."""
    try:
        services.take_lock(user=desk.user, section=section, anyway=True)
    except Conflict as conflict:
        desk.warn(str(conflict.detail))
        return desk.go("change")
    return desk.go("write", section.pk)


def _open(desk: Desk, section: Section) -> HttpResponseBase:
    if not desk.writable:
        desk.warn(_("This strategy is over: it stays as it is. Begin a new one from it."))
        return desk.go("change", anchor=f"section-{section.pk}")
    if section.removed_at is not None:
        desk.warn(_("This section was removed. Put it back first."))
        return desk.go("change")
    try:
        section = services.take_lock(user=desk.user, section=section)
    except Conflict:
        section = to_write(desk, section.pk)
    number = desk.request.GET.get("like", "")
    like = None
    if number.isascii() and number.isdigit() and len(number) < 10:  # noqa: PLR2004 - more is no number of PostgreSQL's
        like = selectors.revisions(section).filter(number=int(number)).first()
    return _show(desk, section, section_form(desk.user, section, like=like))


def _save(form: SectionForm) -> tuple[Saved | None, int]:
    """What became of it; None with the status of the answer where it was refused and the form says why."""
    if not form.is_valid():
        return None, HTTPStatus.OK
    try:
        return form.save(), HTTPStatus.OK
    except ValidationError as error:
        take_errors(form, error)
        return None, HTTPStatus.OK
    except Conflict as conflict:
        take_errors(form, conflict)
        return None, HTTPStatus.CONFLICT


def _show(desk: Desk, section: Section, form: SectionForm, status: int = HTTPStatus.OK) -> HttpResponseBase:
    who = services.is_in(section)
    asked = desk.strategy.state in {StrategyState.IN_REVIEW, StrategyState.AGREED}
    body = str(form["body"].value() or "")
    context = {
        "section": section,
        "form": form,
        "other": who if who != desk.user and not desk.posted else None,
        "beside": selectors.open_beside(section).exists(),
        "asked": asked,
        "most": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "unsaved": form.is_bound or form.like,
        "pictures": [(picture, picture.address(False)) for picture in newest_pictures(section.client_id, SHELF)],
        **_preview(desk, body),
    }
    return desk.show("admin/strategy_write.html", context, status=status)


def save_view(desk: Desk, section_id: int) -> HttpResponseBase:
    """The same as one types: what became of it, for the page's script."""
    section = to_write(desk, section_id)
    form = section_form(desk.user, section, desk.request.POST)
    saved, _status = _save(form)
    if saved is None:
        words = " ".join([_("Not saved yet: something has to change first."), *form.non_field_errors()])
        return JsonResponse({"words": words, "errors": form.errors}, status=HTTPStatus.BAD_REQUEST)
    time = clock(timezone.localtime())
    answer: dict[str, Any] = {"revision": saved.revision.number, "beside": saved.beside}
    if saved.beside:
        return JsonResponse(answer | {"words": kept_at(saved, time)}, status=HTTPStatus.CONFLICT)
    return JsonResponse(answer | {"words": _("Saved at %(time)s.") % {"time": time}})


def lock_view(desk: Desk, section_id: int) -> HttpResponseBase:
    """One is in it, or still; or (``leave``) one is not any more. Says who is."""
    section = to_write(desk, section_id)
    if desk.request.POST.get("leave"):
        services.release_lock(user=desk.user, section=section)
        return JsonResponse({"mine": False, "words": ""})
    try:
        services.take_lock(user=desk.user, section=section)
    except Conflict as conflict:
        words = _("%(why)s What you type is kept all the same, beside theirs if need be.") % {"why": conflict.detail}
        return JsonResponse({"mine": False, "words": words})
    return JsonResponse({"mine": True, "words": ""})


def preview_view(desk: Desk, section_id: int) -> HttpResponseBase:
    """What is being typed, as it will read. Writes nothing."""
    to_write(desk, section_id)
    context = _preview(desk, desk.request.POST.get("body", ""))
    return TemplateResponse(desk.request, "admin/strategy_preview.html", {"strategy": desk.strategy, **context})


def _preview(desk: Desk, body: str) -> dict[str, Any]:
    try:
        clean_texts(desk.strategy, {"body": body}, {"body": ""})
    except ValidationError as error:
        return {"text": shown(desk.strategy.client_id, [body[:LONGEST]], below=3)[0], "wrong": error.messages}
    return {"text": shown(desk.strategy.client_id, [body], below=3)[0], "wrong": []}


PAGES = (
    Page("sections/<int:section_id>/write/", "write", write_page, tab="change"),
    Page("sections/<int:section_id>/save/", "save", save_view, tab="change", post=True),
    Page("sections/<int:section_id>/lock/", "lock", lock_view, tab="change", post=True),
    Page("sections/<int:section_id>/preview/", "preview", preview_view, tab="change", post=True),
)
