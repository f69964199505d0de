"""A client's record, and the stop on everything of it."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from accounts.staff_admin import Question, RecordForm, StaffAdmin, person
from clients import services
from clients.admin.client_form import ClientForm
from clients.admin.scoped import choice_filter
from clients.documents import consent_document, logo_file
from clients.marks import Band, band_of, client_mark, state_mark
from clients.models import Client, Role, Status
from clients.selectors import role_of, staff_clients


class FreezeForm(RecordForm):
    """Why everything is stopped."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        required=False,  # the service says it better
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
        help_text=gettext_lazy("Whoever finds the stop reads this."),
    )

    def save(self) -> Client:
        """The stopped client."""
        return services.freeze(user=self.user, client=self.record, reason=self.cleaned_data["reason"])


@admin.register(Client)
class ClientAdmin(StaffAdmin):
    """Clients: those one is staff for; agency admins see all and add new ones."""

    list_display = ("marked", "status_mark", "timezone", "stopped")
    list_filter = (choice_filter("status", Status, gettext_lazy("status")),)
    search_fields = ("name", "slug")
    ordering = ("name", "id")
    record_form: ClassVar[type[RecordForm] | None] = ClientForm
    record_template = "admin/client.html"

    def visible(self, user: User) -> QuerySet[Client]:
        return staff_clients(user)

    def may_add(self, user: User) -> bool:
        return user.is_agency_admin

    def may_change(self, user: User, record: Any) -> bool:
        return role_of(user, record) == Role.MANAGER

    def band(self, record: Any) -> Band:
        return band_of(record)

    @admin.display(description=gettext_lazy("client"), ordering="name")
    def marked(self, record: Client) -> SafeString:
        """The client's name and colour."""
        return client_mark(record)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_mark(self, record: Client) -> SafeString:
        """Where the work stands."""
        return state_mark(record.status, record.get_status_display())

    @admin.display(description=gettext_lazy("stop"), empty_value="")
    def stopped(self, record: Client) -> SafeString | None:
        """Whether everything is stopped, and why."""
        if not record.frozen:
            return None
        return state_mark("frozen", _("Stopped: %(reason)s") % {"reason": record.freeze_reason})

    def own_urls(self) -> Iterable[tuple[str, Any, str]]:
        yield "<int:client_id>/freeze/", self.freeze_view, "clients_client_freeze"
        yield "<int:client_id>/unfreeze/", self.unfreeze_view, "clients_client_unfreeze"
        yield "<int:client_id>/tacit_consent/", self.consent_view, "clients_client_consent"
        yield "<int:client_id>/logo/", self.logo_view, "clients_client_logo"

    def doors(self, request: HttpRequest, record: Any) -> Iterable[tuple[str, str]]:
        """Its people, its channels, its evidence, the stop."""
        mine = f"?client={record.pk}"
        yield _("Its people"), reverse("admin:clients_membership_changelist") + mine
        yield _("Its channels"), reverse("admin:social_channel_changelist") + mine
        yield _("Its calendar"), reverse("admin:social_calendar", args=[record.pk])
        yield _("What the month costs"), reverse("admin:social_spending", args=[record.pk])
        yield _("Its posts"), reverse("admin:social_post_changelist") + mine
        yield _("What happened"), reverse("admin:audit_event_changelist") + mine
        if not record.frozen:
            yield _("Stop everything"), reverse("admin:clients_client_freeze", args=[record.pk])
        elif role_of(person(request), record) == Role.MANAGER:
            yield _("Lift the stop"), reverse("admin:clients_client_unfreeze", args=[record.pk])

    def consent_view(self, request: HttpRequest, client_id: int) -> HttpResponseBase:
        """The document of the client's tacit consent, to be kept by who asks: a browser does not run what is in it."""
        return consent_document(self.require(request, client_id))

    def logo_view(self, request: HttpRequest, client_id: int) -> HttpResponseBase:
        """The client's logo."""
        return logo_file(self.require(request, client_id))

    def freeze_view(self, request: HttpRequest, client_id: int) -> HttpResponseBase:
        """Stop everything of the client, after saying why."""
        client = self.require(request, client_id)
        typed = {"data": request.POST} if request.method == "POST" else {}
        context = {
            "sentences": [
                _("Nothing of %(client)s goes out from this moment on.") % {"client": client.name},
                _("What is due meanwhile does not go out by itself when the stop is lifted: it asks a person."),
            ],
            "button": _("Stop everything"),
            "back": self.address("change", client.pk),
            "dangerous": True,
        }
        done = _("Everything of %(client)s is stopped.") % {"client": client.name}
        return self.ask_in_words(
            request, client, FreezeForm(user=person(request), record=client, **typed), context, done
        )

    def unfreeze_view(self, request: HttpRequest, client_id: int) -> HttpResponseBase:
        """Lift the stop."""
        client = self.require(request, client_id)
        question = Question(
            sentences=[
                _("What is scheduled for %(client)s goes out again at its time.") % {"client": client.name},
                _("What missed its time stays, and asks you: send it now, give it another time, or cancel it."),
            ],
            button=_("Lift the stop"),
            back=self.address("change", client.pk),
            act=lambda: services.unfreeze(user=person(request), client=client),
            done=_("The stop is lifted. What missed its time is listed under Today."),
            dangerous=False,
        )
        return self.ask(request, client, question)
