"""Sections as rows of one form: of a template, and of what was understood of a file."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.formsets import DELETION_FIELD_NAME, ORDERING_FIELD_NAME
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from strategy.markdown.checking import LONGEST
from strategy.models import Horizon, SectionKind
from strategy.models.strategies import SOURCE_LENGTH, TITLE_LENGTH
from strategy.services.sections import MOST_SECTIONS
from strategy.services.texts import WHY_LENGTH

PREFIX = "sections"
TEXTS = ("kind", "title", "body", "why", "source", "horizon")


class SectionRow(forms.Form):
    """One section. What it may say is for the service to judge: nothing typed is cut off here."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=SectionKind.choices, widget=UnfoldAdminSelectWidget())
    title = forms.CharField(
        label=gettext_lazy("Title"),
        required=False,
        max_length=TITLE_LENGTH,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("Empty: that of its kind."),
    )
    body = forms.CharField(
        label=gettext_lazy("Text (Markdown)"),
        required=False,
        strip=False,
        max_length=LONGEST,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "dir": "auto"}),
    )
    why = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=WHY_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"), required=False, max_length=SOURCE_LENGTH, widget=UnfoldAdminTextInputWidget()
    )
    horizon = forms.ChoiceField(
        label=gettext_lazy("Horizon"), choices=Horizon.choices, required=False, widget=UnfoldAdminSelectWidget()
    )

    @property
    def called(self) -> str:
        """Its title; without one what it is about."""
        kind = str(self["kind"].value() or "")
        return str(self["title"].value() or dict(SectionKind.choices).get(kind, ""))

    def wanted(self) -> dict[str, Any]:
        """What was typed, as services take it."""
        return {name: self.cleaned_data[name] for name in TEXTS}


class SectionRows(forms.BaseFormSet):  # type: ignore[type-arg]  # of SectionRow
    """The rows, in the order that their numbers say."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """A place among the others, and the way out."""
        super().add_fields(form, index)
        form.fields[ORDERING_FIELD_NAME].label = gettext_lazy("Place")
        form.fields[ORDERING_FIELD_NAME].widget = forms.NumberInput(attrs={"class": "filo-input", "min": 1})
        form.fields[DELETION_FIELD_NAME].label = gettext_lazy("Leave this section out")

    @property
    def taken(self) -> list[SectionRow]:
        """Those that stay, in their order."""
        return list(self.ordered_forms)

    def wanted(self) -> list[dict[str, Any]]:
        """What was typed in those that stay."""
        return [form.wanted() for form in self.taken]

    def take(self, error: ValidationError) -> dict[str, list[ValidationError]]:
        """Put errors on ``sections.0.body`` beside the field of the first that stays; the rest comes back."""
        rest: dict[str, list[ValidationError]] = {}
        by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        for name, errors in by_field.items():
            head, _dot, below = name.partition(".")
            number, _dot, field = below.partition(".")
            if head == PREFIX and number.isdigit() and int(number) < len(self.taken):
                form = self.taken[int(number)]
                form.add_error(field if field in form.fields else None, ValidationError(errors))
            else:
                rest[name] = list(errors)
        return rest


def rows_of(
    initial: Iterable[Mapping[str, Any]] = (),
    *,
    data: Mapping[str, Any] | None = None,
    row: type[SectionRow] = SectionRow,
) -> SectionRows:
    """The rows with these sections in them, or with what was sent."""
    made = forms.formset_factory(
        row, formset=SectionRows, extra=0, can_order=True, can_delete=True, max_num=MOST_SECTIONS, validate_max=True,
        absolute_max=MOST_SECTIONS + 1,
    )  # fmt: skip
    rows: Any = made(prefix=PREFIX, **({"initial": list(initial)} if data is None else {"data": data}))
    found: SectionRows = rows
    return found


def with_another(data: Mapping[str, Any], row: type[SectionRow] = SectionRow) -> SectionRows:
    """What was sent, not judged yet, and an empty row behind it."""
    sent = rows_of(data=data, row=row)
    names: Sequence[str] = [*row.base_fields, DELETION_FIELD_NAME]
    typed = [{name: form[name].data for name in names} for form in sent.forms]
    return rows_of([*typed, {"kind": SectionKind.FREE}], row=row)
