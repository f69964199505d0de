"""A strategy that was written elsewhere is taken in: what was understood is shown, chosen and corrected before anything is stored."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.errors import Conflict, Stale
from accounts.once import once
from accounts.staff_admin import StaffAdmin, person, take_errors
from clients.admin.scoped import ids
from clients.marks import band_of
from clients.models import Client
from clients.selectors import staff_clients
from strategy import selectors
from strategy.admin.brought import Brought, brought_rows, read_rows
from strategy.admin.desk import Desk, Page
from strategy.markdown.checking import LONGEST
from strategy.models import Strategy, StrategyState
from strategy.reading.safety import BIGGEST
from strategy.services import importing
from strategy.shown import shown

ACCEPTED = ".md,.markdown,.docx,.zip,text/markdown"


class FileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "filo-file", "accept": ACCEPTED}),
        help_text=gettext_lazy("Markdown, Word (.docx), or a ZIP of Markdown with its pictures; at most %(limit)d MB."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["file"]
        field.help_text = str(field.help_text) % {"limit": BIGGEST // 1024**2}


class Bringing:
    """One request to bring a file in, for a new strategy of this client or for one that there is."""

    def __init__(self, pages: StaffAdmin, request: HttpRequest, client: Client, desk: Desk | None = None) -> None:
        self.pages, self.request, self.client, self.desk = pages, request, client, desk

    def answer(self) -> HttpResponseBase:
        """The page that asks for the file; what was understood of it; what was made of that."""
        do = self.request.POST.get("do", "") if self.request.method == "POST" else ""
        steps: dict[str, Callable[[], HttpResponseBase]] = {"read": self._read, "take": self._take}
        return steps.get(do, self._ask)()

    def _ask(self, form: FileForm | None = None, status: int = 200) -> HttpResponseBase:
        return self._show("admin/strategy_file.html", {"form": form or FileForm()}, status)

    def _read(self) -> HttpResponseBase:
        form = FileForm(self.request.POST, self.request.FILES)
        if not form.is_valid():
            return self._ask(form, 400)
        file = form.cleaned_data["file"]
        user = person(self.request)
        try:
            found = selectors.understood(user, self.client, file.read(BIGGEST + 1), file.name)
        except ValidationError as error:
            take_errors(form, error)
            return self._ask(form, 400)
        if not found.sections:
            form.add_error("file", _("There is no section in this file: each begins with a heading."))
            return self._ask(form, 400)
        strategy = self.desk.strategy if self.desk else None
        return self._preview(read_rows(found, self.client, strategy, token=uuid.uuid4().hex))

    def _take(self) -> HttpResponseBase:
        brought = brought_rows(self.request.POST, new=self.desk is None)
        if not brought.is_valid():
            return self._preview(brought, 400)
        brought.look(person(self.request), self.client, self.desk.strategy if self.desk else None)
        try:
            number, first = once(self.request, f"bringing:{brought.token}", lambda: self._store(brought).pk)
        except Stale as stale:
            brought.say(
                str(stale.detail) + " " + _("What you chose is still here: take it in once more to write over that.")
            )
            return self._preview(brought, 409)
        except Conflict as conflict:
            brought.say(str(conflict.detail))
            return self._preview(brought, 409)
        except ValidationError as error:
            brought.take(error)
            return self._preview(brought, 400)
        if first:
            many = len(brought.rows.taken)
            done = ngettext("%(many)d section was taken in.", "%(many)d sections were taken in.", many) % {"many": many}
            messages.success(self.request, done)
            for fact in brought.stayed_out:
                messages.warning(self.request, f"{fact.name}: {fact.stays_out}")
        else:
            messages.info(self.request, _("This was taken in already, once."))
        return redirect(reverse("admin:strategy_strategy_change", args=[number]))

    def _store(self, brought: Brought) -> Strategy:
        plan = brought.plan()
        if self.desk is None:
            return importing.bring_new(user=person(self.request), client=self.client, plan=plan, **brought.frame())
        return importing.bring_into(
            user=person(self.request), strategy=self.desk.strategy, plan=plan, edition=brought.edition
        )

    def _preview(self, brought: Brought, status: int = 200) -> HttpResponseBase:
        texts = shown(self.client.pk, [(form["body"].value() or "")[:LONGEST] for form in brought.rows], below=4)
        for form, text in zip(brought.rows, texts, strict=True):
            form.preview = text
        brought.look(person(self.request), self.client, self.desk.strategy if self.desk else None)
        if self.desk is not None:
            brought.meet(self.desk.strategy)
        return self._show("admin/strategy_understood.html", {"brought": brought, "form": brought.form}, status)

    def _show(self, template: str, context: dict[str, Any], status: int) -> HttpResponseBase:
        around = {"client": self.client, "writable": True}
        if self.desk is not None:
            over = self.desk.strategy.state == StrategyState.IN_REVIEW
            frame = "admin/strategy_page.html"
            return self.desk.show(template, {**around, "frame": frame, "in_review": over, **context}, status=status)
        more = {"frame": "admin/strategy_bringing.html", "band": band_of(self.client)}
        title = _("Take in a strategy")
        return self.pages.show(self.request, None, {**around, **more, "title": title, **context}, template, status)


def page(desk: Desk) -> HttpResponseBase:
    """Into a strategy that there is."""
    if not desk.writable:
        messages.warning(desk.request, _("This strategy is over: it stays as it is. Begin a new one from it."))
        return desk.go("change")
    return Bringing(desk.pages, desk.request, desk.strategy.client, desk).answer()


def new(pages: StaffAdmin, request: HttpRequest) -> HttpResponseBase:
    """As a new strategy of a client, which is chosen first."""
    mine = staff_clients(person(request))
    wanted = request.GET.get("client", "")
    found = list(mine.filter(pk__in=ids([wanted])) if wanted else mine[:2])
    if len(found) == 1:
        return Bringing(pages, request, found[0]).answer()
    if wanted or not found:
        raise Http404
    links = [(f"?client={client.pk}", band_of(client)) for client in mine]
    context = {"links": links, "agency": False, "question": _("For which client?"), "title": _("Take in a strategy")}
    return pages.show(request, None, context, template="admin/choose_client.html")


PAGES = (Page("import/", "import", page, tab="versions"),)
