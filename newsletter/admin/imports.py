"""A file of addresses: brought, looked at with its columns and first lines, taken in, its refused lines taken away."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from accounts.staff_admin import Question, RecordForm, person
from clients.admin.scoped import ClientFilter, ClientScopedAdmin, ids
from clients.marks import state_mark
from newsletter import selectors, tables
from newsletter.admin.filters import ListFilter
from newsletter.admin.readers import ListField, fill_lists
from newsletter.models import ImportState, ListImport
from newsletter.services import importing
from newsletter.taking_away import refused_file

PREVIEWED = 10
AGAIN = 3  # seconds until the page of a running import is shown anew
LABELS = {
    "email": gettext_lazy("Addresses"),
    "name": gettext_lazy("Names"),
    "language": gettext_lazy("Languages"),
    "consented_on": gettext_lazy("Day of consent"),
    "consent": gettext_lazy("Words of consent"),
}


class FileForm(RecordForm):
    """The file, and for which newsletter it is."""

    mailing_list = ListField()
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain", "class": "filo-file"}),
        help_text=gettext_lazy(
            "CSV as Excel or any other program saves it, up to 10 MB and 50,000 lines. Nothing is taken in before you have looked at it."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fill_lists(self)

    def save(self) -> ListImport:
        """The file, kept to be looked at."""
        file = self.cleaned_data["file"]
        # One byte more than may be: whoever sends more is told so, and it is not read.
        raw = file.read(tables.MOST_BYTES + 1)
        found = self.cleaned_data["mailing_list"]
        return importing.begin_import(user=self.user, mailing_list=found, name=file.name or "", raw=raw)


class ReadingForm(RecordForm):
    """Which column is which, and what all agreed to whose line does not say it."""

    statement = forms.CharField(
        label=gettext_lazy("What they all agreed to"),
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy(
            "For lines that say nothing of it themselves: the words that they read, and where. You sign for it: it stands in the evidence with your name."
        ),
    )
    stated_on = forms.DateField(
        label=gettext_lazy("When they all agreed"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record: ListImport = kwargs["record"]
        kwargs["initial"] = {
            "statement": record.statement,
            "stated_on": record.stated_on and record.stated_on.isoformat(),
            **record.columns,
        }
        super().__init__(*args, **kwargs)
        columns = [(str(at), heading) for at, heading in enumerate(tables.head(record.content)[0])]
        fields = {
            field: forms.ChoiceField(
                label=label,
                required=False,
                choices=[("", _("not in the file")), *columns],
                widget=UnfoldAdminSelectWidget(),
            )
            for field, label in LABELS.items()
        }
        self.fields = {**fields, **self.fields}

    def save(self) -> ListImport:
        """How it is read; with ``do=start`` it is then taken in."""
        columns = {field: int(at) for field in LABELS if (at := self.cleaned_data[field])}
        said = {name: self.cleaned_data[name] for name in ("statement", "stated_on")}
        with transaction.atomic():
            found = importing.set_reading(user=self.user, found=self.record, columns=columns, **said)
            if self.data.get("do") == "start":
                importing.start_import(user=self.user, found=found)
        return found


class EmptyForm(RecordForm):
    """There is nothing to write on an import that has begun."""


@admin.register(ListImport)
class ImportAdmin(ClientScopedAdmin):
    """Imports, for the managers of their client alone."""

    list_display = ("__str__", "of_list", "of_client", "state_word", "total", "added", "refused", "created_at")
    list_filter = (ClientFilter, ListFilter)
    ordering = ("-id",)
    record_form: ClassVar[type[RecordForm] | None] = ReadingForm
    record_template = "admin/list_import.html"

    def visible(self, user: User) -> QuerySet[ListImport]:
        return self.of_mine(user, selectors.imports(user))

    def may_add(self, user: User) -> bool:
        return selectors.kept_lists(user).exists()

    def may_change(self, user: User, record: Any) -> bool:
        return record.state == ImportState.DRAFT and super().may_change(user, record)

    @admin.display(description=gettext_lazy("newsletter"))
    def of_list(self, record: ListImport) -> str:
        """The newsletter's name."""
        return record.mailing_list.channel.name

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_word(self, record: ListImport) -> SafeString:
        """The state as word and icon."""
        return state_mark(MARKS[ImportState(record.state)], record.get_state_display())

    def make_form(self, request: HttpRequest, record: Any) -> RecordForm:
        typed: dict[str, Any] = {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}
        if record is None:
            typed["initial"] = {"mailing_list": next(iter(ids([request.GET.get("list", "")])), None)}
            return FileForm(user=person(request), **typed)
        kind = ReadingForm if record.state == ImportState.DRAFT else EmptyForm
        return kind(user=person(request), record=record, **typed)

    def after_saving(self, request: HttpRequest, record: Any, *, is_new: bool) -> HttpResponseBase:  # noqa: ARG002
        """On to the page of the import."""
        if request.POST.get("do") == "start":
            messages.success(request, _("It is being taken in. You can leave this page."))
        return redirect(self.address("change", record.pk))

    def own_urls(self) -> Iterable[tuple[str, Any, str]]:
        yield "<int:listimport_id>/refused.csv", self.refused_view, "newsletter_listimport_refused"
        yield "<int:listimport_id>/discard/", self.discard_view, "newsletter_listimport_discard"

    def refused_view(self, request: HttpRequest, listimport_id: int) -> HttpResponseBase:
        """The lines that were not taken, as a table."""
        return refused_file(person(request), self.require(request, listimport_id))

    def discard_view(self, request: HttpRequest, listimport_id: int) -> HttpResponseBase:
        """Forget the file, after asking once more."""
        record = self.require(request, listimport_id)
        question = Question(
            sentences=[_("The file is forgotten; nobody of it is on the list.")],
            button=_("Discard the file"),
            back=self.address("change", record.pk),
            act=lambda: importing.discard_import(user=person(request), found=record),
            done=_("Discarded."),
        )
        return self.ask(request, record, question)

    def doors(self, request: HttpRequest, record: Any) -> Iterable[tuple[str, str]]:
        """Discarding a draft; what was refused of one that has begun; back to the list."""
        if self.has_change_permission(request, record):
            yield _("Discard the file"), reverse("admin:newsletter_listimport_discard", args=[record.pk])
        if record.refused:
            yield _("Refused lines as CSV"), reverse("admin:newsletter_listimport_refused", args=[record.pk])
        yield _("To the list"), reverse("admin:newsletter_mailinglist_change", args=[record.mailing_list_id])

    def show(
        self, request: HttpRequest, record: Any, context: dict[str, Any], template: str = "", status: int = 200
    ) -> TemplateResponse:
        """A draft with its first lines, a running one with how far it is."""
        if not isinstance(record, ListImport) or template:
            return super().show(request, record, context, template or "admin/record.html", status)
        draft = record.state == ImportState.DRAFT
        context = {
            **context,
            "draft": draft,
            "mark": state_mark(MARKS[ImportState(record.state)], record.get_state_display()),
            "entries": importing.preview(record, PREVIEWED) if draft else [],
            "lines": selectors.refused_lines(person(request), record)[:PREVIEWED],
        }
        answer = super().show(request, record, context, template, status)
        if record.state == ImportState.RUNNING:
            answer["Refresh"] = str(AGAIN)
        return answer


MARKS = {
    ImportState.DRAFT: "draft",
    ImportState.RUNNING: "sending",
    ImportState.DONE: "active",
    ImportState.DISCARDED: "dropped",
}
