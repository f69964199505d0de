"""The form over one section's texts, for who writes it and for who merges what two people wrote."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.errors import Conflict
from accounts.models import User
from accounts.staff_admin import RecordForm, take_errors
from strategy import selectors, services
from strategy.admin.beginning import day_input
from strategy.models import Horizon, Revision, Section
from strategy.models.strategies import SOURCE_LENGTH, TITLE_LENGTH
from strategy.services import Saved
from strategy.services.texts import WHY_LENGTH, Texts


class SectionForm(RecordForm):
    """The texts of ``record``. ``revision`` is the one that they were begun from, ``merges`` what they take into account."""

    revision = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput())
    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=TITLE_LENGTH, widget=UnfoldAdminTextInputWidget(attrs={"dir": "auto"})
    )
    body = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 18, "dir": "auto"}),
    )
    why = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=WHY_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy("What it is to achieve, or where it comes from, for who reads it in a year."),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        required=False,
        max_length=SOURCE_LENGTH,
        widget=UnfoldAdminTextInputWidget(attrs={"dir": "auto"}),
        help_text=gettext_lazy("Where something is quoted from."),
    )
    horizon = forms.ChoiceField(
        label=gettext_lazy("How long it holds"),
        choices=Horizon.choices,
        widget=UnfoldAdminSelectWidget(),
        help_text=gettext_lazy("Lasting: a year. Seasonal: three months. Fast-changing: a month."),
    )
    review_by = forms.DateField(
        label=gettext_lazy("To be looked at again by"),
        required=False,
        widget=day_input(),
        help_text=gettext_lazy("Empty: what follows from how long it holds."),
    )

    def __init__(self, *args: Any, record: Section, like: Revision | None = None, **kwargs: Any) -> None:
        self.like = like is not None
        texts = like or record
        names = ("title", "body", "why", "source", "horizon", "review_by")
        initial = {name: getattr(texts, name) for name in names}
        initial |= {"revision": record.revision, "owner": texts.owner_id}
        super().__init__(*args, record=record, initial=initial, **kwargs)
        self.fields["owner"] = forms.ModelChoiceField(
            label=_("Who keeps it"),
            queryset=selectors.people(self.user, record.client, also=record.owner_id),
            required=False,
            empty_label=_("— nobody —"),
            widget=UnfoldAdminSelectWidget(),
        )

    def texts(self) -> Texts:
        """What was typed, as the services take it."""
        typed = self.cleaned_data
        owner: User | None = typed["owner"]
        return {
            "title": typed["title"],
            "body": typed["body"],
            "why": typed["why"],
            "source": typed["source"],
            "horizon": typed["horizon"],
            "review_by": typed["review_by"],
            "owner": owner,
        }

    def save(self) -> Saved:
        """What became of saving it."""
        begun_from = self.cleaned_data["revision"]
        return services.save_section(user=self.user, section=self.record, begun_from=begun_from, **self.texts())

    def merge(self, numbers: Collection[int]) -> Saved | None:
        """The same where it settles these; None where it is refused, with the errors in the form."""
        if not self.is_valid():
            return None
        begun_from = self.cleaned_data["revision"]
        try:
            return services.merge_section(
                user=self.user, section=self.record, begun_from=begun_from, merges=numbers, **self.texts()
            )
        except (ValidationError, Conflict) as error:
            take_errors(self, error)
            return None


def section_form(user: User, section: Section, data: Any = None, like: Revision | None = None) -> SectionForm:
    """The form, bound to ``data`` if any was sent; ``like``: with the texts of that revision."""
    bound = {} if data is None else {"data": data}
    return SectionForm(user=user, record=section, like=like, **bound)
