"""People and what they do for whom."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.models import Language, User
from accounts.staff_admin import Question, RecordForm, StaffAdmin, person
from clients import services
from clients.admin import oneself
from clients.admin.scoped import ClientFilter, ClientScopedAdmin, choice_filter
from clients.models import Client, Membership, Role
from clients.selectors import clients, memberships, possible_managers


class MembershipForm(RecordForm):
    """A role of one's client for whoever has this e-mail."""

    client: forms.ModelChoiceField[Client] = forms.ModelChoiceField(
        label=gettext_lazy("Client"), queryset=None, empty_label=None, widget=UnfoldAdminSelectWidget()
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"), widget=UnfoldAdminEmailInputWidget())
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("For somebody who is new here."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=Role.choices, initial=Role.AUTHOR, widget=UnfoldAdminSelectWidget()
    )
    manager: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=gettext_lazy("Reports to"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("— nobody —"),
        widget=UnfoldAdminSelectWidget(),
        help_text=gettext_lazy("Steps of a chain may ask “the author’s manager”."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = {
                "client": record.client_id,
                "email": record.user.email,
                "name": record.user.name,
                "role": record.role,
                "manager": record.manager_id,
            }
        super().__init__(*args, **kwargs)
        choices = self.fields["client"]
        if isinstance(choices, forms.ModelChoiceField):
            choices.queryset = clients(self.user, {Role.MANAGER})
        if record is not None:
            if isinstance(choices, forms.ModelChoiceField):
                choices.queryset = type(record.client).objects.filter(pk=record.client_id)
            for name in ("client", "email", "name"):
                self.fields[name].disabled = True
        self._offer_managers()

    def _offer_managers(self) -> None:
        """Of whom there are is known with the client: of a new role it is said once it is there."""
        managers = self.fields["manager"]
        if self.record is None:
            del self.fields["manager"]
        elif isinstance(managers, forms.ModelChoiceField):
            managers.queryset = possible_managers(self.user, self.record)

    def save(self) -> Membership:
        """The role, given or changed."""
        typed = self.cleaned_data
        if self.record is not None:
            return services.edit_membership(
                user=self.user, membership=self.record, role=typed["role"], manager=typed["manager"]
            )
        return services.add_person(user=self.user, **typed)


@admin.register(Membership)
class MembershipAdmin(ClientScopedAdmin):
    """Roles: seen by a client's staff, given, changed and ended by its managers."""

    list_display = ("user", "of_client", "role", "manager")
    list_filter = (ClientFilter, choice_filter("role", Role, gettext_lazy("role")))
    search_fields = ("user__name", "user__email")
    ordering = ("client__name", "user__name", "id")
    record_form: ClassVar[type[RecordForm] | None] = MembershipForm

    def visible(self, user: User) -> QuerySet[Membership]:
        return self.of_mine(user, memberships(user))

    def own_urls(self) -> Iterable[tuple[str, Any, str]]:
        yield "<int:membership_id>/end/", self.end_view, "clients_membership_end"

    def doors(self, request: HttpRequest, record: Any) -> Iterable[tuple[str, str]]:
        """Ending it."""
        if self.has_change_permission(request, record):
            yield _("End this role"), reverse("admin:clients_membership_end", args=[record.pk])

    def end_view(self, request: HttpRequest, membership_id: int) -> HttpResponseBase:
        """Take the role away, after asking once more."""
        membership = self.require(request, membership_id)
        words = {"person": membership.user, "client": membership.client}
        question = Question(
            sentences=[
                _("%(person)s sees nothing of %(client)s any more, from this moment on.") % words,
                _("What they wrote and decided stays, with their name."),
            ],
            button=_("End this role"),
            back=self.address("changelist"),
            act=lambda: services.end_role(user=person(request), membership=membership),
            done=_("%(person)s has no role for %(client)s any more.") % words,
        )
        return self.ask(request, membership, question)


class PersonForm(RecordForm):
    """What a person may say of themselves, and what an agency admin may say of anybody."""

    email = forms.EmailField(label=gettext_lazy("E-mail"), widget=UnfoldAdminEmailInputWidget())
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, widget=UnfoldAdminTextInputWidget())
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=Language.choices,
        initial=Language.ITALIAN,
        widget=UnfoldAdminSelectWidget(),
    )
    timezone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        initial="Europe/Rome",
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("Times are shown on this clock, such as Europe/Rome."),
    )
    is_agency_admin = forms.BooleanField(
        label=gettext_lazy("Agency admin"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=gettext_lazy("Sees every client."),
    )
    is_active = forms.BooleanField(
        label=gettext_lazy("Active"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=gettext_lazy("Whoever is not can't sign in. What they wrote and decided stays."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = {name: getattr(record, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        if not self.user.is_agency_admin:
            for name in ("email", "is_agency_admin", "is_active"):
                del self.fields[name]

    def save(self) -> User:
        """The person, new or changed."""
        if self.record is None:
            return services.create_person(user=self.user, **self.cleaned_data)
        return services.edit_person(user=self.user, person=self.record, **self.cleaned_data)


@admin.register(User)
class PersonAdmin(StaffAdmin):
    """Everybody, for agency admins; oneself, for everybody else."""

    list_display = ("name", "email", "language", "is_agency_admin", "is_active")
    search_fields = ("name", "email")
    ordering = ("name", "id")
    record_form: ClassVar[type[RecordForm] | None] = PersonForm

    def visible(self, user: User) -> QuerySet[User]:
        return User.objects.all() if user.is_agency_admin else User.objects.filter(pk=user.pk)

    def may_add(self, user: User) -> bool:
        return user.is_agency_admin

    def may_change(self, user: User, record: Any) -> bool:
        return user.is_agency_admin or record.pk == user.pk

    def own_urls(self) -> Iterable[tuple[str, Any, str]]:
        yield "settings/", self.settings_view, oneself.NAME

    def settings_view(self, request: HttpRequest) -> HttpResponseBase:
        """Oneself: language, hours, mails."""
        return oneself.settings_page(self, request)

    def doors(self, request: HttpRequest, record: Any) -> Iterable[tuple[str, str]]:
        """One's own hours, keys and password."""
        if record.pk == person(request).pk:
            yield _("Hours and mails"), reverse(f"admin:{oneself.NAME}")
            yield _("Change password"), reverse("account_change_password")
            yield _("API tokens"), reverse("admin:accounts_apitoken_changelist")
