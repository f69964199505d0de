"""Writing in a section: under a sign that one is in it, saved against what one had read, and put together by hand where two did."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.errors import Conflict
from accounts.guarding import WITH_OUR_SCRIPT, guarded
from accounts.models import User
from accounts.staff_admin import RecordForm
from approvals.rewording import pieces
from clients.moments import clock
from portal.people import signed_in
from portal.speaking import say, speaking_to
from portal.strategies import writes
from portal.views.given_back import Typed, no_longer, taken_out
from portal.views.strategies import about
from strategy import selectors
from strategy.kept import kept_at
from strategy.models import Revision, Section, Strategy, StrategyState
from strategy.models.strategies import SOURCE_LENGTH, TITLE_LENGTH
from strategy.rewritten import NAMES, Said, shortened
from strategy.services import Saved, is_in, merge_section, release_lock, save_section, take_lock
from strategy.together import together

ENTER, STAY, LEAVE, KEEP = "enter", "stay", "leave", "keep"
TEXTS = ("title", "body", "why", "source")
# The script saves as one types, and says every half minute that somebody is still in it.
WITH_OUR_CALLS = f"{WITH_OUR_SCRIPT}; connect-src 'self'"


class Writing(RecordForm):
    """The texts of a section, and the revision that they were begun from."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=TITLE_LENGTH)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "dir": "auto"}),
        help_text=gettext_lazy(
            "An empty line begins a paragraph. # makes a heading, - a point of a list, **words** bold."
        ),
    )
    why = forms.CharField(
        label=gettext_lazy("Why it is here"), required=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    )
    source = forms.CharField(label=gettext_lazy("Source, if it quotes one"), required=False, max_length=SOURCE_LENGTH)
    begun_from = forms.IntegerField(widget=forms.HiddenInput, max_value=2**31 - 1)

    def save(self) -> Saved:
        """The section as it was typed, or what was typed beside it."""
        return save_section(user=self.user, section=self.record, begun_from=self.begun, **self.texts)

    @property
    def begun(self) -> int:
        """The number of the revision that was read before."""
        return int(self.cleaned_data["begun_from"])

    @property
    def texts(self) -> Any:
        """What was typed."""
        return {name: self.cleaned_data[name] for name in TEXTS}


class Joining(Writing):
    """One text of two: what stood beside is settled by it."""

    def __init__(self, *args: Any, beside: Revision, **kwargs: Any) -> None:
        self.beside = beside
        super().__init__(*args, **kwargs)

    def save(self) -> Saved:
        return merge_section(
            user=self.user,
            section=self.record,
            begun_from=self.begun,
            merges=[self.beside.number],
            **self.texts,
        )


@dataclass(frozen=True)
class Visit:
    """Who writes in which section."""

    request: HttpRequest
    reader: User
    section: Section


@guarded
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, section_id: int) -> HttpResponseBase:
    """The section's texts to be written; for who may not, the page where one suggests."""
    reader = signed_in(request)
    row = selectors.sections(reader).filter(pk=section_id).first()
    if row is None:
        return _taken_out(request, reader, section_id)
    if not writes(reader, row.strategy):
        return _no_longer_writes(request, reader, row)
    visit = Visit(request, reader, row)
    with speaking_to(request, reader, row.client):
        try:
            if request.method != "POST":
                return _show(visit, _blank(visit))
            if request.POST.get("do") in {ENTER, STAY, LEAVE}:
                return _in_or_out(visit, request.POST["do"])
            return _keep(visit) if request.POST.get("do") == KEEP else _save(visit)
        except PermissionDenied:  # their role, or this right, ended while they were writing
            return _show(visit, Writing(request.POST, user=reader, record=row), _no_longer(), 403)
        except (Section.DoesNotExist, Strategy.DoesNotExist):
            raise Http404 from None


@guarded
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def beside(request: HttpRequest, section_id: int, number: int) -> HttpResponseBase:
    """What two people did to the same section, one above the other, and one text of both to be finished by hand."""
    reader = signed_in(request)
    row = selectors.sections(reader).filter(pk=section_id).first()
    if row is None:
        return _taken_out(request, reader, section_id)
    if not writes(reader, row.strategy):
        if request.method != "POST":
            raise Http404
        return _no_longer_writes(request, reader, row)
    kept = selectors.open_beside(row).filter(number=number).first() if number < 2**31 else None
    with speaking_to(request, reader, row.client):
        visit = Visit(request, reader, row)
        if kept is not None:
            return _join(visit, kept)
        there = selectors.revisions(row).filter(number=number, beside=True).exists() if number < 2**31 else False
        if not there:
            raise Http404
        if request.method == "POST":  # somebody has put the two together meanwhile: it counts as any other saving
            return _save(visit)
        return redirect(_strategy_page(row))


def _join(visit: Visit, kept: Revision) -> HttpResponse:
    request, reader, row = visit.request, visit.reader, visit.section
    form = Joining(request.POST or None, user=reader, record=row, beside=kept, initial=_joined(row, kept))
    if request.method != "POST":
        return _side_by_side(visit, kept, form)
    try:
        saved = form.try_save()
    except PermissionDenied:
        return _side_by_side(visit, kept, form, _no_longer(), 403)
    if saved is None:
        return _side_by_side(visit, kept, form, status=400)
    if saved.beside:  # somebody was faster once more
        return _show_beside(visit, saved)
    return redirect(_strategy_page(row, saved=True))


def _in_or_out(visit: Visit, do: str) -> HttpResponse:
    row = visit.section
    if do == LEAVE:
        release_lock(user=visit.reader, section=row)
        return redirect(_strategy_page(row))
    try:
        take_lock(user=visit.reader, section=row, anyway="anyway" in visit.request.POST)
    except Conflict as conflict:
        if do == STAY:
            return HttpResponse(str(conflict.detail), status=409, content_type="text/plain; charset=utf-8")
        return _show(visit, _blank(visit), str(conflict.detail), 409)
    return HttpResponse(status=204) if do == STAY else redirect("portal:write_section", row.pk)


def _keep(visit: Visit) -> JsonResponse:
    """The same as one types: what became of it, for the page's script."""
    form = Writing(visit.request.POST, user=visit.reader, record=visit.section)
    saved = form.try_save()
    if saved is None:
        wrong = [_("Not saved yet: something has to change first."), *map(str, form.non_field_errors())]
        wrong += [
            f"{form[name].label}: {' '.join(map(str, form.errors[name]))}" for name in TEXTS if name in form.errors
        ]
        return JsonResponse({"words": " ".join(wrong)}, status=400)
    time = clock(timezone.localtime())
    if saved.beside:
        return JsonResponse({"revision": saved.revision.number, "words": kept_at(saved, time)}, status=409)
    return JsonResponse({"revision": saved.revision.number, "words": _("Saved at %(time)s.") % {"time": time}})


def _save(visit: Visit) -> HttpResponse:
    form = Writing(visit.request.POST, user=visit.reader, record=visit.section)
    saved = form.try_save()
    if saved is None:
        return _show(visit, form, status=400)
    if saved.beside:
        return _show_beside(visit, saved)
    release_lock(user=visit.reader, section=visit.section)
    return redirect(_strategy_page(visit.section, saved=True))


def _show_beside(visit: Visit, saved: Saved) -> HttpResponse:
    row = selectors.sections(visit.reader).filter(pk=visit.section.pk).first()
    if row is None:
        return taken_out(visit.request, visit.section, _typed(visit.request), kept=True)
    form = Joining(user=visit.reader, record=row, beside=saved.revision, initial=_joined(row, saved.revision))
    return _side_by_side(Visit(visit.request, visit.reader, row), saved.revision, form, status=409)


def _taken_out(request: HttpRequest, reader: User, section_id: int) -> HttpResponse:
    """The section is gone. What was typed into it is kept beside it where this person writes there, and given back to them."""
    row = get_object_or_404(selectors.taken_out(reader), pk=section_id)
    with speaking_to(request, reader, row.client):
        typed, saved = _typed(request), None
        if typed and writes(reader, row.strategy):
            with suppress(PermissionDenied):
                saved = Writing(request.POST, user=reader, record=row).try_save()
        if saved is not None and not saved.beside:  # it was put back this moment
            return redirect(_strategy_page(row, saved=True))
        return taken_out(request, row, typed, kept=saved is not None)


def _no_longer_writes(request: HttpRequest, reader: User, row: Section) -> HttpResponse:
    typed = _typed(request)
    if not typed:
        return redirect("portal:section", row.pk)
    with speaking_to(request, reader, row.client):
        return no_longer(request, row, typed)


def _typed(request: HttpRequest) -> Typed:
    """What was sent to be saved; nothing where somebody only comes or goes."""
    if request.method != "POST" or request.POST.get("do") in {ENTER, STAY, LEAVE}:
        return []
    return [(str(Writing.base_fields[name].label), request.POST.get(name, "")) for name in TEXTS]


def _joined(row: Section, kept: Revision) -> dict[str, Any]:
    """Both in one: what only one of them changed is taken over, what both changed stands there twice."""
    base = row.revisions.filter(number=kept.begun_from or 0).first()
    told: dict[str, Any] = {"begun_from": row.revision}
    for name in TEXTS:
        was, now, typed = (getattr(each, name) if each else "" for each in (base, row, kept))
        whole = name in {"body", "why"}
        told[name] = together(was, now, typed) if whole else (typed if now == was else now)
    return told


def _side_by_side(visit: Visit, kept: Revision, form: Joining, notice: str = "", status: int = 200) -> HttpResponse:
    row = visit.section
    current = selectors.revisions(row).get(number=row.revision)
    context = {
        **about(row.strategy),
        "section": row,
        "current": current,
        "kept": kept,
        "mine": kept.author_id == visit.reader.pk,
        "own": kept.author_id == current.author_id,
        "said": [
            Said(label=str(NAMES[name]), pieces=shortened(pieces(getattr(current, name), getattr(kept, name))))
            for name in TEXTS
            if getattr(current, name) != getattr(kept, name)
        ],
        "form": form,
        "notice": notice,
        "action": reverse("portal:beside", args=[row.pk, kept.number]),
    }
    return _scripted(say(visit.request, "portal/beside.html", context, status=status))


def _show(visit: Visit, form: Writing, notice: str = "", status: int = 200) -> HttpResponse:
    row = visit.section
    inside = is_in(row)
    context = {
        **about(row.strategy),
        "section": row,
        "form": form,
        "reader": visit.reader,
        "inside": inside if inside and inside.pk != visit.reader.pk else None,
        "notice": notice,
        "beside": list(selectors.open_beside(row)),
        "most": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "asked": row.strategy.state in {StrategyState.IN_REVIEW, StrategyState.AGREED},
    }
    return _scripted(say(visit.request, "portal/write.html", context, status=status))


def _scripted(answer: HttpResponse) -> HttpResponse:
    answer["Content-Security-Policy"] = WITH_OUR_CALLS
    return answer


def _blank(visit: Visit) -> Writing:
    row = visit.section
    texts = {name: getattr(row, name) for name in TEXTS}
    return Writing(user=visit.reader, record=row, initial={**texts, "begun_from": row.revision})


def _no_longer() -> str:
    return _("You may no longer write here. Copy what you typed, and send it to the agency.")


def _strategy_page(row: Section, *, saved: bool = False) -> str:
    query = f"?saved={row.pk}" if saved else ""
    return f"{reverse('portal:strategy', args=[row.strategy_id])}{query}#section-{row.pk}"
