"""What every page of the staff's admin shares: it lists what a selector gives, and lets services write.

Django's own way of saving, deleting, looking up and logging is closed off, so that no door goes round the services:
nothing is deleted here, no ``LogEntry`` is written (the evidence is in ``audit``), what the person may not see is 404.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets, SimpleListFilter
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from accounts.errors import Conflict
from accounts.models import User


def person(request: HttpRequest) -> User:
    """Who is asking; the site lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def take_errors(form: forms.BaseForm, error: ValidationError | Conflict) -> None:
    """Put what a service said beside the fields that it speaks of, or above them all."""
    if isinstance(error, Conflict):
        form.add_error(None, str(error.detail))
        return
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for field, errors in by_field.items():
        form.add_error(field if field in form.fields else None, ValidationError(errors))


class RecordForm(forms.Form):
    """A form over one record: its choices come from selectors, its ``save`` is a service."""

    def __init__(self, *args: Any, user: User, record: Any = None, **kwargs: Any) -> None:
        self.user, self.record = user, record
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # Browsers cut in silence what is pasted beyond it. Too long is told instead, with all that was pasted still there.
            field.widget.attrs.pop("maxlength", None)

    def save(self) -> Any:
        """Call the service with what was typed; the record that it gives."""
        raise NotImplementedError

    def try_save(self) -> Any:
        """The record, or None when something is wrong with what was typed: then the errors stand in the form."""
        if not self.is_valid():
            return None
        try:
            return self.save()
        except (ValidationError, Conflict) as error:
            take_errors(self, error)
            return None


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked once more before something that can't be taken back easily."""

    sentences: Sequence[str]
    button: str
    back: str  # an address
    act: Callable[[], object]
    done: str
    dangerous: bool = True


def say(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Do it and say so; or say why it can't be done. Whether it was done."""
    try:
        act()
    except Conflict as conflict:
        messages.warning(request, str(conflict.detail))
    except ValidationError as error:
        for text in error.messages:
            messages.error(request, text)
    else:
        messages.success(request, done)
        return True
    return False


class StaffAdmin(ModelAdmin):  # type: ignore[misc]  # unfold ships no types
    """One kind of record in the staff's admin."""

    actions = None
    list_per_page = 50
    list_max_show_all = 50
    show_facets = ShowFacets.NEVER
    record_form: ClassVar[type[RecordForm] | None] = None
    record_template: ClassVar[str] = "admin/record.html"
    saved_words: ClassVar[Any] = None

    def visible(self, user: User) -> models.QuerySet[Any]:
        """The records this person may see, from a selector."""
        raise NotImplementedError

    def may_enter(self, user: User) -> bool:  # noqa: ARG002 - for those below
        """Whether this kind of record is for this person at all."""
        return True

    def may_add(self, user: User) -> bool:  # noqa: ARG002 - for those below
        """Whether this person may add one."""
        return False

    def may_change(self, user: User, record: Any) -> bool:  # noqa: ARG002 - for those below
        """Whether this person may change this one."""
        return False

    def band(self, record: Any) -> Any:  # noqa: ARG002 - for those below
        """The client whose name and colour stand above the record, if it is one client's (see ``clients.marks``)."""
        return None

    def doors(self, request: HttpRequest, record: Any) -> Iterable[tuple[str, str]]:  # noqa: ARG002 - for those below
        """What else can be done with the record: words and addresses."""
        return ()

    def own_urls(self) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
        """Pages beside the list and the record: route, view, name."""
        return ()

    def get_urls(self) -> list[URLPattern]:
        """Our own pages first."""
        own = [path(route, self.admin_site.admin_view(view), name=name) for route, view, name in self.own_urls()]
        return [*own, *super().get_urls()]

    def address(self, page: str, *args: object) -> str:
        """The address of ``changelist``, ``add`` or ``change`` of this kind of record."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """What the person may see, and nothing else, wherever Django asks."""
        return self.visible(person(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may_enter(person(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return self.may_enter(person(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_enter(person(request)) and self.may_add(person(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and self.may_enter(person(request)) and self.may_change(person(request), obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:  # noqa: ARG002
        """Only our own filters: an address can't ask after columns, ours or a neighbour's."""
        filters = [item for item in self.get_list_filter(request) if isinstance(item, type)]
        return lookup in {item.parameter_name for item in filters if issubclass(item, SimpleListFilter)}

    def require(self, request: HttpRequest, object_id: str | int) -> Any:
        """The record with this number. What the person may not see does not exist."""
        try:
            return self.get_queryset(request).get(pk=int(object_id))
        except (ValueError, OverflowError, self.model.DoesNotExist):
            raise Http404 from None

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        """There is no deleting."""
        raise Http404

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        """The history of a record is its evidence, which has a page of its own."""
        raise Http404

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        """The record with its form; saving is the form's own service."""
        record = self.require(request, object_id) if object_id is not None else None
        writable = self.has_change_permission(request, record) if record else self.has_add_permission(request)
        if self.record_form is None or not (writable or (record and self.has_view_permission(request, record))):
            raise PermissionDenied
        form = self.make_form(request, record)
        if request.method == "POST":
            if not writable:
                raise PermissionDenied
            saved = form.try_save()
            if saved is not None:
                return self.after_saving(request, saved, is_new=record is None)
        elif not writable:
            for field in form.fields.values():
                field.disabled = True
        return self.show(request, record, {"form": form, "writable": writable, **(extra_context or {})})

    def make_form(self, request: HttpRequest, record: Any) -> RecordForm:
        """The record's form, with what was typed if anything was."""
        if self.record_form is None:
            raise PermissionDenied
        typed = {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}
        return self.record_form(user=person(request), record=record, **typed)

    def after_saving(self, request: HttpRequest, record: Any, *, is_new: bool) -> HttpResponseBase:  # noqa: ARG002
        """Say so, and back to the list."""
        messages.success(request, self.saved_words or _("Saved."))
        return redirect(self.address("changelist"))

    def ask(self, request: HttpRequest, record: Any, question: Question) -> HttpResponseBase:
        """Ask once more, naming the client; on yes do it."""
        if request.method == "POST":
            say(request, question.act, question.done)
            return redirect(question.back)
        context = {
            "sentences": question.sentences,
            "button": question.button,
            "back": question.back,
            "dangerous": question.dangerous,
        }
        return self.show(request, record, {**context, "doors": []}, template="admin/confirm.html")

    def ask_in_words(
        self, request: HttpRequest, record: Any, form: RecordForm, context: dict[str, Any], done: str
    ) -> HttpResponseBase:
        """The same, where something must be typed for it; ``context`` is what ``ask`` shows."""
        if request.method == "POST" and form.try_save() is not None:
            messages.success(request, done)
            return redirect(context["back"])
        return self.show(request, record, {**context, "form": form, "doors": []}, template="admin/confirm.html")

    def show(
        self, request: HttpRequest, record: Any, context: dict[str, Any], template: str = "", status: int = 200
    ) -> TemplateResponse:
        """A page of this record in the admin's frame."""
        request.current_app = self.admin_site.name
        title = str(record) if record else _("New: %(kind)s") % {"kind": self.opts.verbose_name}
        return TemplateResponse(
            request,
            template or self.record_template,
            {
                **self.admin_site.each_context(request),
                "title": title,
                "list_url": f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist",
                "list_name": self.opts.verbose_name_plural,
                "record": record,
                "band": self.band(record) if record else None,
                "doors": list(self.doors(request, record)) if record else [],
                **context,
            },
            status=status,
        )
