"""Approval chains: ordered steps, each with people or a role and a rule."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.models import User
from accounts.staff_admin import RecordForm
from approvals import selectors, services
from approvals.models import Chain, Rule, Step
from approvals.services import StepPlan
from clients.admin.scoped import ClientFilter, ClientFirstAdmin, ClientForm
from clients.marks import Band, band_of
from clients.models import Client, Role
from clients.selectors import memberships

SPARE_STEPS = 3
MOST_STEPS = 30


class StepForm(forms.Form):
    """One step. Without a name it is none."""

    position = forms.IntegerField(
        label=gettext_lazy("Order"), required=False, min_value=1, widget=UnfoldAdminIntegerFieldWidget()
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the step"), max_length=120, required=False, widget=UnfoldAdminTextInputWidget()
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Everyone with the role"),
        choices=[("", gettext_lazy("— nobody by role —")), *Role.choices],
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    users: forms.ModelMultipleChoiceField[User] = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Or these people"),
        queryset=None,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    rule = forms.ChoiceField(
        label=gettext_lazy("Who must approve"),
        choices=Rule.choices,
        initial=Rule.ANY,
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    needed = forms.IntegerField(
        label=gettext_lazy("How many, for “at least”"),
        initial=1,
        required=False,
        min_value=1,
        max_value=1000,
        widget=UnfoldAdminIntegerFieldWidget(),
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        users = self.fields["users"]
        if isinstance(users, forms.ModelMultipleChoiceField):
            users.queryset = people

    def clean(self) -> dict[str, Any]:
        """People and no name: say so, instead of dropping them."""
        typed = self.cleaned_data
        if not typed.get("name") and (typed.get("role") or typed.get("users")):
            self.add_error("name", _("Give the step a name."))
        return typed


class ChainForm(ClientForm):
    """A chain with its steps."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, widget=UnfoldAdminTextInputWidget())
    is_default = forms.BooleanField(
        label=gettext_lazy("Default"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=gettext_lazy("Used where no other chain is chosen."),
    )
    active = forms.BooleanField(
        label=gettext_lazy("Active"), required=False, initial=True, widget=UnfoldBooleanSwitchWidget()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = {name: getattr(record, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        self.steps = self._steps()

    def _steps(self) -> Any:
        steps = list(self.record.steps.all()) if self.record else []
        made = forms.formset_factory(StepForm, extra=SPARE_STEPS, max_num=MOST_STEPS, absolute_max=MOST_STEPS)
        initial = [
            {
                "position": step.position,
                "name": step.name,
                "role": step.role,
                "users": [user.pk for user in step.users.all()],
                "rule": step.rule,
                "needed": step.needed,
            }
            for step in steps
        ]
        people = eligible(self.user, self.client, steps)
        typed = self.data if self.is_bound else None
        return made(typed, initial=initial, prefix="steps", form_kwargs={"people": people})

    def is_valid(self) -> bool:
        """The chain and each of its steps."""
        return bool(super().is_valid() & self.steps.is_valid())

    def plans(self) -> list[StepPlan]:
        """The steps that have a name, in the order given; those without a number come last."""
        typed = [form.cleaned_data for form in self.steps.forms if form.cleaned_data.get("name")]
        typed.sort(key=lambda step: step["position"] or MOST_STEPS * 1000)
        return [
            StepPlan(
                name=step["name"],
                rule=step["rule"] or Rule.ANY,
                needed=step["needed"] or 1,
                role=step["role"],
                users=list(step["users"]),
            )
            for step in typed
        ]

    def save(self) -> Chain:
        """The chain, new or changed."""
        return services.save_chain(
            user=self.user, client=self.client, chain=self.record, steps=self.plans(), **self.cleaned_data
        )


def eligible(user: User, client: Client | None, steps: list[Step]) -> QuerySet[User]:
    """Who may be named in a step: the client's people and agency admins; whoever is named already stays to be seen."""
    named = [person.pk for step in steps for person in step.users.all()]
    members = memberships(user).filter(client=client).values("user") if client else []
    found = Q(pk__in=members) | Q(is_agency_admin=True) | Q(pk__in=named)
    return User.objects.filter(found, is_active=True).order_by("name", "pk")


@admin.register(Chain)
class ChainAdmin(ClientFirstAdmin):
    """Chains: those of one's clients and the agency's own; written by managers and agency admins."""

    list_display = ("name", "of_client", "way", "is_default", "active")
    list_filter = (ClientFilter,)
    search_fields = ("name",)
    ordering = ("client__name", "name", "id")
    record_form: ClassVar[type[RecordForm] | None] = ChainForm
    record_template = "admin/chain.html"
    agency_has_some = True

    def visible(self, user: User) -> QuerySet[Chain]:
        people = User.objects.order_by("name", "pk")
        steps = Step.objects.order_by("position").prefetch_related(Prefetch("users", people))
        return selectors.chains(user).prefetch_related(None).prefetch_related(Prefetch("steps", steps))

    def may_change(self, user: User, record: Any) -> bool:
        return user.is_agency_admin if record.client_id is None else super().may_change(user, record)

    def band(self, record: Any) -> Band | None:
        return band_of(record.client) if record.client else None

    @admin.display(description=gettext_lazy("steps"))
    def way(self, record: Chain) -> SafeString | str:
        """The steps in a row."""
        return " → ".join(step.name for step in record.steps.all())
