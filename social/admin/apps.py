"""This installation's apps at the networks: what each gave when it was registered there. For agency admins."""

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
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
)

from accounts.models import User
from accounts.staff_admin import Question, RecordForm, StaffAdmin, person
from social import networks, services
from social.models import NetworkApp
from social.services.apps import redirect_of


class AppForm(RecordForm):
    """Network, and what it gave. The secret is never shown again: empty leaves it as it is."""

    network = forms.ChoiceField(label=gettext_lazy("Network"), widget=UnfoldAdminSelectWidget())
    server = forms.URLField(
        label=gettext_lazy("Server"),
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget(),
        help_text=gettext_lazy("Only for channels on a server of their own; its secret is shown to no other one."),
    )
    client_id = forms.CharField(
        label=gettext_lazy("Id of the app"),
        max_length=300,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    client_secret = forms.CharField(
        label=gettext_lazy("Secret of the app"),
        max_length=1000,
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record = kwargs.get("record")
        if record is not None:
            named = {"network": f"{record.network}:{record.way}", "server": record.server}
            kwargs["initial"] = {**named, "client_id": record.client_id}
        super().__init__(*args, **kwargs)
        self.fields["network"].choices = [  # type: ignore[attr-defined]  # a choice field
            (f"{network.slug}:{way}", f"{network.name} ({oauth.label})" if oauth.label else network.name)
            for network in sorted(networks.NETWORKS.values(), key=lambda one: one.name)
            for way, oauth in network.ways().items()
        ]
        if record is not None:
            for name in ("network", "server"):
                self.fields[name].disabled = True
            self.fields["client_secret"].help_text = gettext_lazy("It is kept and not shown. Empty: unchanged.")

    def save(self) -> NetworkApp:
        """The app, kept."""
        typed = self.cleaned_data
        given = {"client_id": typed["client_id"], "client_secret": typed["client_secret"]}
        if self.record is not None:
            return services.save_app(user=self.user, app=self.record, **given)
        network, _colon, way = typed["network"].partition(":")
        return services.save_app(user=self.user, network=network, way=way, server=typed["server"], **given)


@admin.register(NetworkApp)
class AppAdmin(StaffAdmin):
    """The apps; each page says which address is to be given to the network."""

    list_display = ("network_name", "server", "client_id", "updated_at")
    ordering = ("network", "server", "way", "id")
    record_form: ClassVar[type[RecordForm] | None] = AppForm
    record_template = "admin/network_app.html"

    def visible(self, user: User) -> QuerySet[NetworkApp]:
        return NetworkApp.objects.all() if self.may_enter(user) else NetworkApp.objects.none()

    def may_enter(self, user: User) -> bool:
        return user.is_active and user.is_agency_admin

    def may_add(self, user: User) -> bool:
        return self.may_enter(user)

    def may_change(self, user: User, record: Any) -> bool:  # noqa: ARG002 - StaffAdmin's signature
        return self.may_enter(user)

    @admin.display(description=gettext_lazy("network"), ordering="network")
    def network_name(self, record: NetworkApp) -> str:
        """The network by its name, and for what the app is where there are several."""
        network = networks.NETWORKS.get(record.network)
        label = network.ways()[record.way].label if network and record.way in network.ways() else record.way
        name = network.name if network else record.network
        return f"{name} ({label})" if label else name

    def show(
        self, request: HttpRequest, record: Any, context: dict[str, Any], template: str = "", status: int = 200
    ) -> Any:
        """With the addresses to give to the networks."""
        if not template:
            shown = [record.network] if record else [slug for slug, one in networks.NETWORKS.items() if one.ways()]
            server = record.server if record else ""
            named = [(networks.get(slug).name, redirect_of(slug, server)) for slug in sorted(shown)]
            context = {**context, "redirects": named}
        return super().show(request, record, context, template, status)

    def own_urls(self) -> Iterable[tuple[str, Any, str]]:
        yield "<int:app_id>/remove/", self.remove_view, "social_networkapp_remove"

    def doors(self, request: HttpRequest, record: Any) -> Iterable[tuple[str, str]]:  # noqa: ARG002 - StaffAdmin's signature
        """Forgetting it."""
        yield _("Remove this app"), reverse("admin:social_networkapp_remove", args=[record.pk])

    def remove_view(self, request: HttpRequest, app_id: int) -> HttpResponseBase:
        """Forget it, after asking once more."""
        app = self.require(request, app_id)
        question = Question(
            sentences=[
                _("Nobody can connect an account with it any more."),
                _("Tokens that came from it are not renewed: those channels need a new connection when they end."),
            ],
            button=_("Remove this app"),
            back=self.address("changelist"),
            act=lambda: services.remove_app(user=person(request), app=app),
            done=_("The app is removed."),
        )
        return self.ask(request, app, question)
