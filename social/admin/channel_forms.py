"""What is typed on a channel's pages: the account and its credentials, whom to ask, why it ends."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import User
from accounts.staff_admin import RecordForm
from clients.admin.scoped import ClientForm
from clients.selectors import contacts
from social import services
from social.models import Channel, ConnectionAsk, PublicationState
from social.networks.base import Network
from social.services import signing_in
from social.services.channels import kept_credentials, shown_credentials


class ChannelForm(ClientForm):
    """An account, with the fields that its network asks for. A secret is never shown again: empty leaves it as it is.

    With another handle or server it is another account's, and goes.
    """

    handle = forms.CharField(label=gettext_lazy("Handle"), max_length=200, widget=UnfoldAdminTextInputWidget())
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("As we call it. Empty: the handle."),
    )
    server = forms.URLField(
        label=gettext_lazy("Server"),
        required=False,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget(),
        help_text=gettext_lazy("For networks with many servers. Empty: the network's usual one."),
    )
    cadence_per_week = forms.DecimalField(
        label=gettext_lazy("Posts a week, agreed"),
        required=False,
        min_value=0,
        max_digits=5,
        decimal_places=2,
        localize=True,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
    )

    def __init__(self, *args: Any, network: Network, **kwargs: Any) -> None:
        self.network = network
        record = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = {name: getattr(record, name) for name in self.base_fields}
            if record.cadence_per_week is not None:  # without zeros that say nothing
                kwargs["initial"]["cadence_per_week"] = Decimal(f"{record.cadence_per_week.normalize():f}")
            last = signing_in.last_typed(record)
            shown = {**shown_credentials(record), **(last.typed if last else {})}
            kwargs["initial"] |= {f"cred_{name}": value for name, value in shown.items()}
        super().__init__(*args, **kwargs)
        if network.no_server:
            del self.fields["server"]
        if network.own_server:
            self.fields["server"].required = True
            self.fields["server"].help_text = gettext_lazy("Where the account is, such as https://example.org.")
        later = (
            gettext_lazy("Empty: it is connected afterwards, by signing in or by the client.") if record is None else ""
        )
        over = record is not None and record.retired
        for need in () if over else network.needs:
            widget: Any = UnfoldAdminPasswordWidget if need.secret else UnfoldAdminTextInputWidget
            kept = bool(record and need.secret)
            self.fields[f"cred_{need.name}"] = forms.CharField(
                label=need.label,
                required=False,
                strip=not need.secret,
                max_length=1000,
                widget=widget(attrs={"autocomplete": "off"}),
                help_text=gettext_lazy("It is kept and not shown. Empty: unchanged.") if kept else later,
            )

    def save(self) -> Channel:
        """The channel, new or changed."""
        typed = dict(self.cleaned_data)
        given = {need.name: typed.pop(f"cred_{need.name}") for need in self.network.needs}
        if self.record is None:
            given = {name: value for name, value in given.items() if value}
            if given:
                typed["credentials"] = given
            if self.client is None:
                raise Http404
            return services.create_channel(user=self.user, client=self.client, network=self.network.slug, **typed)
        if self._are_others(given):
            typed["credentials"] = kept_credentials(self.record, given, typed)
        return services.edit_channel(user=self.user, channel=self.record, **typed)

    def _are_others(self, given: Mapping[str, Any]) -> bool:
        """Whether these are other credentials than those that the channel has: a secret is, whenever one was typed."""
        shown, last = shown_credentials(self.record), signing_in.last_typed(self.record)
        if last and signing_in.is_waiting(last):
            shown |= last.typed  # with its secrets, which are being tried
        return any(value != shown.get(name, "" if value == "" else None) for name, value in given.items())

    def tell(self, detail: str) -> None:
        """Say beside the fields, before anything is typed, that what was typed before was not taken."""
        field = next(need.name for need in sorted(self.network.needs, key=lambda need: not need.secret))
        self.cleaned_data = {}
        self.add_error(f"cred_{field}", detail)


class AskForm(RecordForm):
    """One of the client's own people."""

    person: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=gettext_lazy("Whom to ask"), queryset=None, empty_label=None, widget=UnfoldAdminSelectWidget()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = contacts(self.user, self.record.client_id)
            if not field.queryset.exists():
                field.help_text = _("Nobody on the client's side has a role here yet: give somebody one first.")

    def save(self) -> ConnectionAsk:
        """The ask, and its mail."""
        return services.ask_to_connect(user=self.user, channel=self.record, person=self.cleaned_data["person"])


class RetireForm(RecordForm):
    """Why a channel comes to an end."""

    because = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"dir": "auto"}),
        help_text=gettext_lazy("It stands beside everything that is cancelled."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record.publications.filter(state=PublicationState.UNKNOWN).exists():
            self.fields["keep_unknown"] = forms.BooleanField(
                label=gettext_lazy("Leave open what nobody knows the outcome of"),
                required=False,
                widget=UnfoldBooleanWidget(),
                help_text=gettext_lazy("Better say first what happened to it: afterwards nobody can ask the network."),
            )

    def save(self) -> Channel:
        """The channel, retired."""
        return services.retire_channel(user=self.user, channel=self.record, **self.cleaned_data)
