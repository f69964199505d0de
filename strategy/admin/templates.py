"""The agency's library of templates: what strategies begin from."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.errors import Conflict
from accounts.models import Language, User
from accounts.staff_admin import RecordForm, StaffAdmin, person, say, take_errors
from clients.admin.retiring import RetiredFilter
from clients.admin.scoped import choice_filter
from clients.marks import state_mark
from strategy import selectors, services
from strategy.admin.section_rows import SectionRows, rows_of, with_another
from strategy.models import StrategyKind, Template
from strategy.models.strategies import TITLE_LENGTH
from strategy.services.templates import ABOUT_LENGTH
from strategy.starts import start, starts

PLAIN = ("name", "language", "kind", "about")


class TemplateForm(RecordForm):
    """A template with its sections."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=TITLE_LENGTH,
        widget=UnfoldAdminTextInputWidget(),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=Language.choices, widget=UnfoldAdminSelectWidget()
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is for"), choices=StrategyKind.choices, widget=UnfoldAdminSelectWidget()
    )
    about = forms.CharField(
        label=gettext_lazy("For whom"),
        required=False,
        max_length=ABOUT_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("What kind of client it suits, for whoever chooses one."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, beginning: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        record = kwargs.get("record")
        shown = dict(beginning or {})
        if record is not None:
            shown = {name: getattr(record, name) for name in (*PLAIN, "sections")}
            shown["seen"] = record.updated_at.isoformat()
        kwargs["initial"] = shown
        super().__init__(*args, **kwargs)
        self.rows: SectionRows = rows_of(shown.get("sections", ()), data=self.data if self.is_bound else None)

    def is_valid(self) -> bool:
        """Both what is said of it and its sections."""
        return all([super().is_valid(), self.rows.is_valid()])

    def try_save(self) -> Template | None:
        """The template, or None where something is wrong: then it is said beside what it is about."""
        if not self.is_valid():
            self.say_rows()
            return None
        try:
            return self.save()
        except Conflict as conflict:
            take_errors(self, conflict)
        except ValidationError as error:
            rest = self.rows.take(error)
            if rest:
                take_errors(self, ValidationError(rest))
            self.say_rows()
        return None

    def say_rows(self) -> None:
        """Above the form, where something is wrong below it alone."""
        if not self.errors and (any(self.rows.errors) or self.rows.non_form_errors()):
            texts = list(self.rows.non_form_errors()) or [_("In a section below something has to change.")]
            self.add_error(None, texts)

    def save(self) -> Template:
        """The template, new or changed."""
        typed: Any = {name: self.cleaned_data[name] for name in PLAIN}
        typed["sections"] = self.rows.wanted()
        if self.record is None:
            return services.create_template(user=self.user, **typed)
        seen = parse_datetime(self.cleaned_data["seen"] or "")
        return services.edit_template(user=self.user, template=self.record, seen=seen, **typed)


@admin.register(Template)
class TemplateAdmin(StaffAdmin):
    """The library, for all of the agency's people; its managers and editors write it."""

    list_display = ("name", "language", "kind", "state_shown", "changed")
    list_filter = (
        choice_filter("language", Language, gettext_lazy("language")),
        choice_filter("kind", StrategyKind, gettext_lazy("kind")),
        RetiredFilter,
    )
    search_fields = ("name", "about")
    ordering = ("language", "name", "id")
    record_form: ClassVar[type[RecordForm] | None] = TemplateForm
    record_template = "admin/strategy_template.html"
    saved_words = gettext_lazy("Saved. Strategies that were begun from it stay as they are.")

    def visible(self, user: User) -> QuerySet[Template]:
        return selectors.templates(user, retired=True)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:  # noqa: ARG002 - Django's signature
        """For Django's own list of kinds, made on every page, which our menu replaces: nothing is asked of the database."""
        return {"add": False, "change": False, "delete": False, "view": True}

    def may_add(self, user: User) -> bool:
        return selectors.keeps_library(user)

    def may_change(self, user: User, record: Any) -> bool:  # noqa: ARG002 - as the others have it
        return selectors.keeps_library(user)

    @admin.display(description=gettext_lazy("state"), ordering="retired_at")
    def state_shown(self, template: Template) -> SafeString:
        """Whether strategies are begun from it."""
        if template.retired_at:
            return state_mark("retired", _("Retired"))
        return state_mark("active", _("In use"))

    @admin.display(description=gettext_lazy("last changed"), ordering="updated_at")
    def changed(self, template: Template) -> datetime:
        """When somebody last wrote in it."""
        return template.updated_at

    def own_urls(self) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
        """Retiring and taking up again."""
        yield "<int:template_id>/retire/", require_POST(self.retire_view), "strategy_template_retire"
        yield "<int:template_id>/take-up/", require_POST(self.take_up_view), "strategy_template_take_up"

    def make_form(self, request: HttpRequest, record: Any) -> RecordForm:
        """The form; for a new one with what it begins with, one of those that come with Filo or nothing."""
        data = request.POST if request.method == "POST" else None
        beginning = self._beginning(request) if record is None else None
        return TemplateForm(user=person(request), record=record, data=data, beginning=beginning)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        """The template; “add” shows what was typed with an empty section behind it, and saves nothing."""
        record = self.require(request, object_id) if object_id is not None else None
        if request.method == "POST" and request.POST.get("do") == "add" and self._writes(request, record):
            return self.show(request, record, {"form": _longer(request, record), "writable": True})
        more = {"starts": starts() if record is None else []}
        return super().changeform_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def after_saving(self, request: HttpRequest, record: Any, *, is_new: bool) -> HttpResponseBase:  # noqa: ARG002
        """Say so, and back to its page."""
        messages.success(request, str(self.saved_words))
        return redirect(self.address("change", record.pk))

    def retire_view(self, request: HttpRequest, template_id: int) -> HttpResponseBase:
        """Nothing is begun from it any more."""
        return self._set(request, template_id, retired=True)

    def take_up_view(self, request: HttpRequest, template_id: int) -> HttpResponseBase:
        """It is offered again."""
        return self._set(request, template_id, retired=False)

    def _set(self, request: HttpRequest, template_id: int, *, retired: bool) -> HttpResponseBase:
        template, user = self.require(request, template_id), person(request)
        words = (
            _("“%(name)s” is retired. What was begun from it stays.") if retired else _("“%(name)s” is in use again.")
        )
        act = services.edit_template
        say(request, lambda: act(user=user, template=template, retired=retired), words % {"name": template.name})
        return redirect(self.address("change", template.pk))

    def _writes(self, request: HttpRequest, record: Any) -> bool:
        return self.has_add_permission(request) if record is None else self.has_change_permission(request, record)

    @staticmethod
    def _beginning(request: HttpRequest) -> dict[str, Any]:
        wanted = request.GET.get("start", "")
        if not wanted:
            return {"language": Language.ITALIAN, "kind": StrategyKind.YEAR, "sections": [{}]}
        try:
            found = start(*wanted.split(".", 1))
        except (KeyError, TypeError):
            raise Http404 from None
        about = {"name": found.name, "about": found.about, "language": found.language, "kind": found.kind}
        return {**about, "sections": found.entries()}


def _longer(request: HttpRequest, record: Template | None) -> TemplateForm:
    typed = {name: request.POST.get(name, "") for name in (*PLAIN, "seen")}
    form = TemplateForm(user=person(request), record=record)
    form.initial = typed
    form.rows = with_another(request.POST)
    return form
