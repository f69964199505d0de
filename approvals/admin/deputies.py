"""Who stands in for whom: named by oneself, or for anybody by a manager."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from accounts.staff_admin import Question, RecordForm, person
from approvals import selectors
from approvals.deputies import DayField, days, first_and_last
from approvals.models import Deputy
from approvals.services import end_deputy, name_deputy
from clients.admin.scoped import ClientFilter, ClientFirstAdmin, ClientForm
from clients.marks import state_mark
from clients.models import STAFF_ROLES, Role
from clients.selectors import deciders, role_of


class DeputyForm(ClientForm):
    """Who is away, who stands in, from which day to which."""

    principal: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=gettext_lazy("Who is away"), queryset=None, empty_label=None, widget=UnfoldAdminSelectWidget()
    )
    deputy: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=gettext_lazy("Who stands in"),
        queryset=None,
        widget=UnfoldAdminSelectWidget(),
        help_text=gettext_lazy("May decide what the other is asked. Both names are kept."),
    )
    from_at = DayField(label=gettext_lazy("From"), widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}))
    until = DayField(
        label=gettext_lazy("Until, that day included"), widget=UnfoldAdminTextInputWidget(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record = kwargs.get("record")
        if record is not None:
            first, last = first_and_last(record.client.zone, record.from_at, record.until)
            kwargs["initial"] = {
                "principal": record.principal_id,
                "deputy": record.deputy_id,
                "from_at": first.isoformat(),
                "until": last.isoformat(),
            }
        super().__init__(*args, **kwargs)
        if self.client is None:
            raise Http404
        able = deciders(self.user, self.client)
        principals = able if role_of(self.user, self.client) == Role.MANAGER else able.filter(pk=self.user.pk)
        for name, people in (("principal", principals), ("deputy", able)):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = people if record is None else User.objects.filter(pk=getattr(record, f"{name}_id"))
        if record is None and not self.is_bound:
            self.initial.setdefault("principal", self.user.pk)

    def save(self) -> Deputy:
        """The deputy, named."""
        typed = self.cleaned_data
        if self.client is None or self.record is not None:
            raise Http404
        from_at, until = days(self.client.zone, typed["from_at"], typed["until"])
        return name_deputy(
            user=self.user,
            client=self.client,
            principal=typed["principal"],
            deputy=typed["deputy"],
            from_at=from_at,
            until=until,
        )


@admin.register(Deputy)
class DeputyAdmin(ClientFirstAdmin):
    """Deputies at the clients one is staff for."""

    writing_roles = STAFF_ROLES
    list_display = ("of_client", "principal", "deputy", "from_day", "until_day", "standing")
    list_display_links = ("principal",)
    list_filter = (ClientFilter,)
    search_fields = ("principal__name", "deputy__name")
    ordering = ("-from_at", "-id")
    record_form: ClassVar[type[RecordForm] | None] = DeputyForm
    saved_words = gettext_lazy("Named. Both are told by mail.")

    def visible(self, user: User) -> QuerySet[Deputy]:
        return self.of_mine(user, selectors.deputies(user))

    def may_change(self, user: User, record: Any) -> bool:  # noqa: ARG002 - what was named is ended, not changed
        return False

    @admin.display(description=gettext_lazy("from"), ordering="from_at")
    def from_day(self, deputy: Deputy) -> Any:
        """On the client's calendar."""
        return first_and_last(deputy.client.zone, deputy.from_at, deputy.until)[0]

    @admin.display(description=gettext_lazy("until"), ordering="until")
    def until_day(self, deputy: Deputy) -> Any:
        """The last day, on the client's calendar."""
        return first_and_last(deputy.client.zone, deputy.from_at, deputy.until)[1]

    @admin.display(description=gettext_lazy("now"))
    def standing(self, deputy: Deputy) -> SafeString:
        """Whether the deputy may decide now."""
        now = timezone.now()
        if deputy.cancelled_at is not None or deputy.until <= now:
            return state_mark("cancelled", _("Over"))
        if deputy.from_at > now:
            return state_mark("scheduled", _("To come"))
        return state_mark("approved", _("Stands in now"))

    def own_urls(self) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
        yield "<int:deputy_id>/end/", self.end_view, "approvals_deputy_end"

    def doors(self, request: HttpRequest, record: Any) -> Iterable[tuple[str, str]]:
        """Ending it."""
        asking = person(request)
        may = asking.pk in {record.principal_id, record.deputy_id} or role_of(asking, record.client) == Role.MANAGER
        if may and record.cancelled_at is None and record.until > timezone.now():
            yield _("End this now"), reverse("admin:approvals_deputy_end", args=[record.pk])

    def end_view(self, request: HttpRequest, deputy_id: int) -> HttpResponseBase:
        """End it, after asking once more."""
        named = self.require(request, deputy_id)
        words = {"deputy": named.deputy, "principal": named.principal}
        question = Question(
            sentences=[
                _("%(deputy)s decides nothing for %(principal)s any more, from this moment on.") % words,
                _("What %(deputy)s has decided stands.") % words,
            ],
            button=_("End this now"),
            back=self.address("changelist"),
            act=lambda: end_deputy(user=person(request), deputy=named),
            done=_("%(deputy)s no longer stands in for %(principal)s.") % words,
        )
        return self.ask(request, named, question)
