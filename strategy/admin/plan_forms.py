"""The forms over what a strategy says in numbers: objectives and how they stand, cadences, occasions."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.models import User
from accounts.staff_admin import RecordForm, take_errors
from strategy import selectors, services
from strategy.admin.beginning import day_input
from strategy.admin.stamped import StampedForm
from strategy.content import plain
from strategy.models import Cadence, Objective, ObjectiveNumber, Occasion, Pillar, PillarShare, Rank, Strategy
from strategy.models.plans import LINE_LENGTH, REASON_LENGTH, WHOLE
from strategy.services.numbers import UNIT_LENGTH

MONTH = re.compile(r"(\d{4})-(\d{2})")


def line() -> forms.Widget:
    """One line of text."""
    made: forms.Widget = UnfoldAdminTextInputWidget(attrs={"dir": "auto"})
    return made


def number_input() -> forms.Widget:
    """A number that need not be whole."""
    made: forms.Widget = UnfoldAdminTextInputWidget(attrs={"type": "number", "step": "any", "inputmode": "decimal"})
    return made


def few(value: Any) -> Any:
    """A number with as few digits as it needs; anything else as it is."""
    return Decimal(plain(value)) if isinstance(value, Decimal) else value


class OfStrategyForm(StampedForm):
    """A form over something of one strategy."""

    def __init__(self, *args: Any, strategy: Strategy, **kwargs: Any) -> None:
        self.strategy = strategy
        super().__init__(*args, **kwargs)


class SharesForm(OfStrategyForm):
    """What part of the posts each pillar is to have, in percent: a field for each."""

    def __init__(self, *args: Any, shares: Sequence[PillarShare], pillars: Sequence[Pillar], **kwargs: Any) -> None:
        self.shares, self.pillars = shares, pillars
        super().__init__(*args, **kwargs)
        for pillar in pillars:
            widget = UnfoldAdminTextInputWidget(
                attrs={"type": "number", "min": "0", "max": str(WHOLE), "data-share": ""}
            )
            self.fields[self.name_of(pillar)] = forms.IntegerField(
                label=pillar.named, required=False, min_value=0, max_value=WHOLE, widget=widget
            )

    @staticmethod
    def name_of(pillar: Pillar) -> str:
        """How its field is called."""
        return f"share_{pillar.pk}"

    def before(self, record: Any) -> dict[str, Any]:  # noqa: ARG002 - they came along
        return {self.name_of(row.pillar): row.percent for row in self.shares}

    def save(self) -> Strategy:
        """The strategy with these shares; what is empty or nought has none."""
        typed = [(pillar, self.cleaned_data[self.name_of(pillar)]) for pillar in self.pillars]
        shares = [(pillar, percent) for pillar, percent in typed if percent]
        return services.set_shares(user=self.user, strategy=self.strategy, shares=shares)


class ObjectiveForm(OfStrategyForm):
    """Something to be reached."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=LINE_LENGTH, widget=line())
    measure = forms.CharField(
        label=gettext_lazy("Measured by"),
        max_length=LINE_LENGTH,
        widget=line(),
        help_text=gettext_lazy("Such as: bookings of tastings on the website."),
    )
    rank = forms.ChoiceField(
        label=gettext_lazy("What it counts"),
        choices=Rank.choices,
        widget=UnfoldAdminSelectWidget(),
        help_text=gettext_lazy("Conversions come before reach, reach before followers."),
    )
    unit = forms.CharField(
        label=gettext_lazy("Unit"),
        required=False,
        max_length=UNIT_LENGTH,
        widget=line(),
        help_text=gettext_lazy("Such as: a month, €, %."),
    )
    baseline = forms.DecimalField(
        label=gettext_lazy("Where it stands today"),
        required=False,
        widget=number_input(),
        help_text=gettext_lazy("Empty: nobody knows it, and it is said so."),
    )
    target = forms.DecimalField(label=gettext_lazy("Target"), widget=number_input())
    due_on = forms.DateField(label=gettext_lazy("To be reached by"), widget=day_input())

    def clean(self) -> dict[str, Any]:
        """Also what the service would say, beside what could not be read: all of it at once."""
        super().clean()
        try:
            services.check_objective(self.strategy, self.record, **self.typed)
        except ValidationError as error:
            take_errors(self, error)
        return self.cleaned_data

    def before(self, record: Objective | None) -> dict[str, Any]:
        names = ("name", "measure", "rank", "unit", "baseline", "target", "due_on")
        return {name: few(getattr(record, name)) for name in names} if record else {}

    def save(self) -> Objective:
        """The objective, new or changed."""
        if self.record is not None:
            return services.edit_objective(user=self.user, objective=self.record, **self.typed)
        return services.add_objective(user=self.user, strategy=self.strategy, **self.typed)


class NumberForm(RecordForm):
    """How an objective (``record``) stood in a month."""

    month = forms.CharField(
        label=gettext_lazy("Month"), max_length=7, widget=UnfoldAdminTextInputWidget(attrs={"type": "month"})
    )
    value = forms.DecimalField(label=gettext_lazy("Number"), widget=number_input())
    note = forms.CharField(
        label=gettext_lazy("Where it comes from, if you like"), required=False, max_length=LINE_LENGTH, widget=line()
    )

    def __init__(self, *args: Any, record: Objective, **kwargs: Any) -> None:
        now = timezone.localdate(timezone=record.client.zone)
        super().__init__(*args, record=record, initial={"month": f"{now:%Y-%m}"}, **kwargs)

    def clean_month(self) -> date:
        """Its first day."""
        found = MONTH.fullmatch(self.cleaned_data["month"])
        try:
            return date(int(found[1]), int(found[2]), 1) if found else date(0, 1, 1)
        except ValueError:
            raise ValidationError(_("This is no month: type it like 2026-11."), code="invalid") from None

    def save(self) -> ObjectiveNumber:
        """The number, said or corrected."""
        typed = self.cleaned_data
        return services.set_number(
            user=self.user, objective=self.record, month=typed["month"], value=typed["value"], note_text=typed["note"]
        )


class CadenceForm(OfStrategyForm):
    """How often a channel is to be heard, and why; or why it is left out. ``channel`` is its number; None: it is none of ours."""

    name = forms.CharField(
        label=gettext_lazy("What is left out"),
        max_length=LINE_LENGTH,
        widget=line(),
        help_text=gettext_lazy("A network on which this client is not, such as TikTok."),
    )
    per_week = forms.DecimalField(
        label=gettext_lazy("Posts a week"),
        required=False,
        widget=number_input(),
        help_text=gettext_lazy("0.5 is one every two weeks."),
    )
    left_out = forms.BooleanField(
        label=gettext_lazy("Left out: nothing goes out there"), required=False, widget=UnfoldBooleanSwitchWidget()
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=REASON_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy(
            "Why this channel and this often, or why not. It is asked for before the strategy is submitted."
        ),
    )

    def __init__(self, *args: Any, channel: int | None, **kwargs: Any) -> None:
        self.channel = channel
        super().__init__(*args, **kwargs)
        if channel is None:
            del self.fields["per_week"], self.fields["left_out"]
            self.fields["name"].disabled = self.record is not None
        else:
            del self.fields["name"]
            self.fields["owner"] = forms.ModelChoiceField(
                label=_("Who sees to it"),
                queryset=selectors.people(
                    self.user, self.strategy.client, also=self.record.owner_id if self.record else None
                ),
                required=False,
                empty_label=_("— nobody —"),
                widget=UnfoldAdminSelectWidget(),
                help_text=_("They are told before this channel falls silent."),
            )

    def before(self, record: Cadence | None) -> dict[str, Any]:
        if record is None:
            return {}
        if self.channel is None:
            return {"name": record.name, "reason": record.reason}
        told = {"per_week": few(record.per_week), "left_out": record.left_out, "reason": record.reason}
        return {**told, "owner": record.owner_id}

    def save(self) -> Cadence:
        """The cadence, new or changed."""
        typed = self.cleaned_data
        if self.channel is None:
            return services.set_cadence(
                user=self.user, strategy=self.strategy, name=typed["name"], left_out=True, reason=typed["reason"]
            )
        owner: User | None = typed["owner"]
        return services.set_cadence(
            user=self.user,
            strategy=self.strategy,
            channel=self.channel,
            per_week=typed["per_week"],
            left_out=typed["left_out"],
            reason=typed["reason"],
            owner=owner,
        )


class OccasionForm(OfStrategyForm):
    """A day worth a post."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=LINE_LENGTH, widget=line())
    on = forms.DateField(label=gettext_lazy("Day"), widget=day_input())
    yearly = forms.BooleanField(
        label=gettext_lazy("Every year on this day"), required=False, widget=UnfoldBooleanSwitchWidget()
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=REASON_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2, "dir": "auto"}),
    )

    def before(self, record: Occasion | None) -> dict[str, Any]:
        names = ("name", "on", "yearly", "note")
        return {name: getattr(record, name) for name in names} if record else {}

    def save(self) -> Occasion:
        """The occasion, new or changed."""
        if self.record is not None:
            return services.edit_occasion(user=self.user, occasion=self.record, **self.typed)
        return services.add_occasion(user=self.user, strategy=self.strategy, **self.typed)
