"""The form over a client's record, in groups that open where something is to be said."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from babel import Locale
from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.models import Language
from accounts.staff_admin import RecordForm
from clients import public_holidays, services
from clients.admin.tables import ClosingsField, HoursField, LinesField
from clients.models import Client, Status
from clients.moments import locale
from clients.working_time import DEFAULT_HOURS, calendar_of


@dataclass(frozen=True)
class Group:
    """Some fields under a title. ``open``: to be seen without asking for it."""

    title: str
    fields: list[forms.BoundField]
    open: bool


@dataclass(frozen=True)
class Stored:
    """The document that is there, as the input for files shows it."""

    url: str
    name: str

    def __str__(self) -> str:
        return self.name


class LogoInput(forms.ClearableFileInput):
    """An input for a picture beside the one that is there, which is shown."""

    template_name = "clients/logo.html"


class DocumentInput(forms.ClearableFileInput):
    """An input for a file beside the one that is there."""

    template_name = "clients/document.html"


def countries() -> list[tuple[str, str]]:
    """The countries whose public holidays are known, by their names in the reader's language; the first is none."""
    names = Locale.parse(locale()).territories
    named = [(code, str(names.get(code, code))) for code in public_holidays.regions()]
    return [("", _("— no public holidays —")), *sorted(named, key=lambda pair: pair[1])]


FILES = ("logo", "tacit_consent_document")


class ClientForm(RecordForm):
    """Everything of a client that its manager may write."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, widget=UnfoldAdminTextInputWidget())
    slug = forms.SlugField(
        label=gettext_lazy("Short name"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("Letters, figures and hyphens, such as cantina-roero."),
    )
    colour = forms.CharField(
        label=gettext_lazy("Colour"),
        initial="#5B6770",
        widget=UnfoldAdminColorInputWidget(),
        help_text=gettext_lazy("Marks everything of this client."),
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        widget=LogoInput(attrs={"class": "filo-file", "accept": "image/png,image/jpeg"}),
        help_text=gettext_lazy("Stands on strategies that are taken away. PNG or JPEG, at most 2 MB."),
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status"), choices=Status.choices, initial=Status.ACTIVE, widget=UnfoldAdminSelectWidget()
    )
    timezone = forms.CharField(
        label=gettext_lazy("Time zone"),
        initial="Europe/Rome",
        max_length=64,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("Its posts go out on this clock, such as Europe/Rome."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=Language.choices,
        initial=Language.ITALIAN,
        widget=UnfoldAdminSelectWidget(),
    )
    formal = forms.BooleanField(
        label=gettext_lazy("Formal address"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=gettext_lazy("In Italian, its people are addressed with Lei instead of tu."),
    )
    lateness_minutes = forms.IntegerField(
        label=gettext_lazy("May be late by (minutes)"),
        initial=30,
        min_value=0,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=gettext_lazy("What could not go out within this time asks a person instead of going out by itself."),
    )
    working_hours = HoursField(
        label=gettext_lazy("Hours"),
        required=False,
        initial=list(DEFAULT_HOURS),
        help_text=gettext_lazy(
            "Deadlines of approvals count these hours only. An empty day is a free one; 0:00 closes at midnight."
        ),
    )
    holidays_country = forms.ChoiceField(
        label=gettext_lazy("Public holidays of"), required=False, initial="IT", widget=UnfoldAdminSelectWidget()
    )
    holidays_region = forms.CharField(
        label=gettext_lazy("Region"),
        required=False,
        max_length=60,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy(
            "Its code, such as CN for the province of Cuneo: adds the holidays of that place. Empty: only those of the whole country."
        ),
    )
    closing_days = ClosingsField(
        label=gettext_lazy("Own closing days"),
        required=False,
        help_text=gettext_lazy("Beside the public holidays, both days included. Empty a line to take it away."),
    )
    link_code = forms.BooleanField(
        label=gettext_lazy("A decision through a link asks for a code by mail"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=gettext_lazy("So that a mail passed on to somebody else decides nothing."),
    )
    tacit_consent_agreed_on = forms.DateField(
        label=gettext_lazy("Tacit consent agreed in writing on"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: silence is never taken for a yes."),
    )
    tacit_consent_document = forms.FileField(
        label=gettext_lazy("Document of the tacit consent"),
        required=False,
        widget=DocumentInput(attrs={"class": "filo-file", "accept": "application/pdf,image/jpeg,image/png,image/webp"}),
        help_text=gettext_lazy(
            "What the client signed: a PDF or a picture, at most 10 MB. Only the client's staff can open it."
        ),
    )
    watched_names = LinesField(
        label=gettext_lazy("Watch list"),
        required=False,
        max_length=60_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "One name a line. A step of an approval can be asked only where a text names one of them. The client's people do not see this list."
        ),
    )

    GROUPS = (
        (gettext_lazy("The client"), ("name", "slug", "colour", "logo", "status")),
        (gettext_lazy("Language and time"), ("language", "formal", "timezone", "lateness_minutes")),
        (gettext_lazy("Working time"), ("working_hours", "holidays_country", "holidays_region", "closing_days")),
        (
            gettext_lazy("Approvals"),
            ("link_code", "tacit_consent_agreed_on", "tacit_consent_document", "watched_names"),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = _as_shown(record, self.base_fields)
        super().__init__(*args, **kwargs)
        country = self.fields["holidays_country"]
        if isinstance(country, forms.ChoiceField):
            country.choices = countries()

    def clean(self) -> dict[str, Any]:
        """A day without its document is asked for it: whoever fills in the form has it at hand."""
        cleaned = super().clean() or self.cleaned_data
        there = isinstance(cleaned.get("tacit_consent_document"), Stored) or cleaned.get("tacit_consent_document")
        fine = there or "tacit_consent_document" in self.errors
        if cleaned.get("tacit_consent_agreed_on") and not fine and self._says_another_day():
            text = gettext_lazy(
                "Add the document in which the client agreed to it. Without it, silence is never taken for a yes."
            )
            self.add_error("tacit_consent_document", forms.ValidationError(text, code="required"))
        return cleaned

    def _says_another_day(self) -> bool:
        """A day that is stored without a document, as programs may write it, is in nobody's way."""
        stored = self.record.tacit_consent_agreed_on if self.record and not self.record.tacit_consent else None
        return bool(stored != self.cleaned_data["tacit_consent_agreed_on"])

    def groups(self) -> Iterator[Group]:
        """The fields under their titles; the first group is open, and those where something is wrong."""
        for number, (title, names) in enumerate(self.GROUPS):
            fields = [self[name] for name in names]
            yield Group(str(title), fields, open=number == 0 or any(field.errors for field in fields))

    def file_to_choose_again(self) -> bool:
        """Whether a file came along with what could not be saved: a browser sends each file once."""
        return bool(self.errors and any(self.files.get(name) for name in FILES))

    def save(self) -> Client:
        """The client, new or changed."""
        fields = dict(self.cleaned_data)
        for name in FILES:
            file = fields.pop(name)
            if not isinstance(file, Stored | None):
                fields[name] = file or None
        for name in ("working_hours", "closing_days"):
            if fields[name] is None:
                del fields[name]
        if self.record is None:
            return services.create_client(user=self.user, **fields)
        return services.edit_client(user=self.user, client=self.record, **fields)


def _as_shown(client: Client, names: Any) -> dict[str, Any]:
    shown = {name: getattr(client, name) for name in names}
    calendar = calendar_of(client)
    shown |= {"working_hours": list(calendar.hours), "closing_days": list(calendar.closings)}
    if client.tacit_consent_agreed_on:
        shown["tacit_consent_agreed_on"] = client.tacit_consent_agreed_on.isoformat()
    shown["logo"] = shown["tacit_consent_document"] = None
    if client.logo:
        shown["logo"] = Stored(reverse("admin:clients_client_logo", args=[client.pk]), _("The logo that is kept"))
    if client.tacit_consent_document:
        address = reverse("admin:clients_client_consent", args=[client.pk])
        shown["tacit_consent_document"] = Stored(address, _("The document that is kept"))
    return shown
