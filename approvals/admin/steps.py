"""One step in the editor of chains: everything about it, the rare settings apart. Hours are typed, minutes are kept."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from approvals import chain_words, conditions
from approvals.models import OnDeadline, Rule
from approvals.models.chains import MOST_MANAGERS_UP
from approvals.services import StepPlan
from approvals.services.plans import MOST_PEOPLE
from approvals.subjects import Choices
from clients.models import DECIDING_ROLES, Role

PEOPLE, ROLE, MANAGERS = "people", "role", "managers"
WHO = [
    (PEOPLE, gettext_lazy("People by name")),
    (ROLE, gettext_lazy("Everyone with a role")),
    (MANAGERS, gettext_lazy("The author's manager")),
]
LEVELS = [
    (1, gettext_lazy("the author's manager")),
    (2, gettext_lazy("the manager of the author's manager")),
    *(
        (up, gettext_lazy("%(levels)d levels above the author") % {"levels": up})
        for up in range(3, MOST_MANAGERS_UP + 1)
    ),
]
# Where the services' words for a field stand in the form.
BESIDE = {
    "due_after_minutes": "due_after",
    "due_before_minutes": "due_before",
    **{f"only.{key}": key for key in conditions.KEYS},
}
RARE = (*conditions.KEYS, "four_eyes", "due_after", "due_before", "on_deadline", "escalate_to", "never_tacit")
HOURS = re.compile(r"(\d{1,6})(?:[.,](\d{1,2})|:([0-5]\d))?\s*h?", re.ASCII)
INPUT = {"class": "filo-input"}
SHORT = {"class": "filo-input filo-short"}


class HoursField(forms.CharField):
    """A span typed in hours, such as 24, 1.5, 1,5 or 1:30; in minutes, or None."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {**SHORT, "inputmode": "decimal"}
        super().__init__(required=False, max_length=20, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        """The minutes."""
        text = super().clean(value)
        if not text:
            return None
        match = HOURS.fullmatch(text)
        if match is None:
            raise ValidationError(_("Type hours like 24, 1.5 or 1:30."), code="invalid")
        whole, part, minutes = match.groups()
        more = round(int(part) * 60 / 10 ** len(part)) if part else int(minutes or 0)
        return int(whole) * 60 + more

    def prepare_value(self, value: Any) -> Any:
        """What was typed, or minutes as people type them."""
        return chain_words.typed_hours(value) if isinstance(value, int) else value


def _checks(label: Any, **kwargs: Any) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=label, required=False, empty_value=[], widget=forms.CheckboxSelectMultiple(), **kwargs
    )


class StepForm(forms.Form):
    """One step. Wholly empty, it is none."""

    name = forms.CharField(
        label=gettext_lazy("Name of the step"), max_length=120, required=False, widget=forms.TextInput(attrs=INPUT)
    )
    who = forms.ChoiceField(label=gettext_lazy("Who"), choices=WHO, required=False, widget=forms.Select(attrs=INPUT))
    users = _checks(gettext_lazy("These people"))
    role = forms.ChoiceField(
        label=gettext_lazy("With the role"),
        choices=[("", gettext_lazy("— choose a role —")), *((r.value, r.label) for r in Role if r in DECIDING_ROLES)],
        required=False,
        widget=forms.Select(attrs=INPUT),
    )
    managers_up = forms.TypedChoiceField(
        label=gettext_lazy("Which"),
        choices=LEVELS,
        coerce=int,
        required=False,
        widget=forms.Select(attrs=INPUT),
    )
    rule = forms.ChoiceField(
        label=gettext_lazy("Who must approve"), choices=Rule.choices, required=False, widget=forms.Select(attrs=INPUT)
    )
    needed = forms.IntegerField(
        label=gettext_lazy("How many"),
        required=False,
        min_value=1,
        max_value=MOST_PEOPLE,
        widget=forms.NumberInput(attrs=SHORT),
    )
    networks = _checks(gettext_lazy("Networks"))
    channels = _checks(gettext_lazy("Channels"), coerce=int)
    labels = _checks(gettext_lazy("Labels"))
    pillars = _checks(gettext_lazy("Pillars"))
    text = _checks(gettext_lazy("The text holds"), choices=chain_words.IN_TEXT)
    changed = _checks(gettext_lazy("Since it was agreed"))
    four_eyes = forms.BooleanField(
        label=gettext_lazy("Four eyes: not who decided on a step before, and not who wrote any version"), required=False
    )
    due_after = HoursField(label=gettext_lazy("Working hours after its turn"))
    due_before = HoursField(label=gettext_lazy("Hours before it goes out"))
    on_deadline = forms.ChoiceField(
        label=gettext_lazy("When the time is up"),
        choices=OnDeadline.choices,
        required=False,
        widget=forms.Select(attrs=INPUT),
    )
    escalate_to = _checks(gettext_lazy("Then also ask"))
    never_tacit = forms.BooleanField(
        label=gettext_lazy("Never tacit: silence never counts here, whatever is agreed"), required=False
    )

    def __init__(  # noqa: PLR0913 - a form, and what there is to choose
        self,
        data: Any = None,
        *,
        people: Sequence[tuple[User, str]],
        choices: Choices,
        number: int,
        plan: StepPlan | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.number, self.choices, self.notes = number, choices, notes
        self._given = plan
        by_pk = {person.pk: person for person, _words in people}
        super().__init__(data, initial=_initial(plan), prefix=f"steps-{number}")
        find: Callable[[str], Any] = lambda pk: by_pk[int(pk)]  # noqa: E731 - it is the field's own
        for name in ("users", "escalate_to"):
            self._offer(name, [(person.pk, words) for person, words in people], find)
        for name in ("networks", "channels", "labels", "pillars"):
            self._offer(name, getattr(choices, name))
        self._offer("changed", choices.changes)

    def _offer(self, name: str, offered: Iterable[tuple[Any, Any]], coerce: Callable[[str], Any] | None = None) -> None:
        field = self.fields[name]
        if isinstance(field, forms.TypedMultipleChoiceField):
            field.choices = list(offered)
            field.coerce = coerce or field.coerce

    @property
    def conditions(self) -> list[forms.BoundField]:
        """The conditions that there is anything to choose for."""
        return [self[key] for key in conditions.KEYS if getattr(self.fields[key], "choices", ())]

    @property
    def rare_errors(self) -> bool:
        """Whether something among the rare settings is wrong, so that they have to be seen."""
        return any(self[name].errors for name in RARE)

    @property
    def rare_in_words(self) -> str:
        """What the rare settings say, where they say anything."""
        return "; ".join(chain_words.settings(self.plan(), self.choices))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed that makes it a step."""
        typed = self.cleaned_data if self.is_bound else {}
        return not (typed.get("name") or typed.get("users") or typed.get("role") or typed.get("who") == MANAGERS)

    def clean(self) -> dict[str, Any]:
        """People and no name: say so, instead of dropping them."""
        if not self.is_empty and not self.cleaned_data.get("name") and "name" not in self.errors:
            self.add_error("name", _("Give the step a name."))
        return self.cleaned_data

    def hush(self) -> None:
        """What is not finished yet is not wrong yet."""
        self._errors = forms.utils.ErrorDict()

    def take(self, field: str, errors: Iterable[ValidationError]) -> None:
        """Put what a service said of this step beside its field."""
        beside = BESIDE.get(field, field)
        for error in errors:
            self.add_error(beside if beside in self.fields else None, error)

    def plan(self) -> StepPlan:
        """The step as it stands in the form; the part of it that can be understood."""
        if not self.is_bound:
            return self._given or StepPlan(name="")
        typed = getattr(self, "cleaned_data", {})
        who = typed.get("who", "")
        return StepPlan(
            name=typed.get("name", ""),
            rule=typed.get("rule") or Rule.ANY,
            needed=typed.get("needed") or 1,
            users=typed.get("users", []) if who in {PEOPLE, ""} else [],
            role=typed.get("role", "") if who in {ROLE, ""} else "",
            managers_up=(typed.get("managers_up") or 0) if who == MANAGERS else 0,
            only={key: typed[key] for key in conditions.KEYS if typed.get(key)},
            due_after_minutes=typed.get("due_after"),
            due_before_minutes=typed.get("due_before"),
            on_deadline=typed.get("on_deadline") or OnDeadline.REMIND,
            escalate_to=typed.get("escalate_to", []) if typed.get("on_deadline") == OnDeadline.ESCALATE else [],
            never_tacit=typed.get("never_tacit", False),
            four_eyes=typed.get("four_eyes", False),
        )


def _initial(plan: StepPlan | None) -> dict[str, Any]:
    if plan is None:
        return {"rule": Rule.ANY, "needed": 1, "who": PEOPLE}
    return {
        "name": plan.name,
        "who": ROLE if plan.role else MANAGERS if plan.managers_up else PEOPLE,
        "users": [person.pk for person in plan.users],
        "role": plan.role,
        "managers_up": plan.managers_up or 1,
        "rule": plan.rule,
        "needed": plan.needed,
        **{key: plan.only.get(key, []) for key in conditions.KEYS},
        "four_eyes": plan.four_eyes,
        "due_after": plan.due_after_minutes,
        "due_before": plan.due_before_minutes,
        "on_deadline": plan.on_deadline,
        "escalate_to": [person.pk for person in plan.escalate_to],
        "never_tacit": plan.never_tacit,
    }
