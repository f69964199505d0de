"""The one form over oneself: shown in the staff's admin and in the portal."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.models import Language, User, Weekday, timezones
from accounts.staff_admin import RecordForm
from clients.oneself import change_oneself
from clients.selectors import is_staff
from notifications import letters
from notifications.selectors import muted

REGIONS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


def zones(own: str) -> list[tuple[str, str]]:
    """The time zones to choose from, by region and place; one's own among them, however it is called."""
    places = {zone for zone in timezones() if zone.startswith(REGIONS)}
    return [(zone, zone.replace("_", " ")) for zone in sorted(places | {"UTC", own})]


def clock() -> forms.TimeInput:
    """A time of the day, to the minute."""
    return forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "filo-input"})


class SettingsForm(RecordForm):
    """How one is called and addressed, when mail may come, and which news one wants to be mailed."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput({"class": "filo-input"}))
    language = forms.ChoiceField(
        label=_("Language"), choices=Language.choices, widget=forms.Select({"class": "filo-input"})
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        widget=forms.Select({"class": "filo-input"}),
        help_text=_("All times below are on this clock."),
    )
    morning_at = forms.TimeField(
        label=_("Morning mail at"),
        widget=clock(),
        help_text=_("What waits for you comes in one mail, at this time. Nothing waits, no mail."),
    )
    quiet_from = forms.TimeField(label=_("No mail from"), required=False, widget=clock())
    quiet_until = forms.TimeField(
        label=_("No mail until"),
        required=False,
        widget=clock(),
        help_text=_(
            "What can wait comes afterwards. What can’t comes all the same, and says so. Both empty: at any time."
        ),
    )
    quiet_days = forms.TypedMultipleChoiceField(
        label=_("No mail on"),
        coerce=int,
        choices=Weekday.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    news = forms.MultipleChoiceField(
        label=_("Tell me by mail"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("These say what happened, and ask nothing of you."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.kinds = letters.news(staff=is_staff(user))
        off = muted(user)
        kwargs["initial"] = {name: getattr(user, name, None) for name in self.base_fields} | {
            "news": [kind for kind in self.kinds if kind not in off]
        }
        super().__init__(*args, user=user, record=user, **kwargs)
        self._offer("timezone", zones(user.timezone))
        self._offer("news", list(self.kinds.items()))

    def _offer(self, name: str, choices: Sequence[tuple[str, StrOrPromise]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def save(self) -> User:
        """Oneself, changed."""
        fields = dict(self.cleaned_data)
        wanted = fields.pop("news")
        off = [kind for kind in self.kinds if kind not in wanted]
        return change_oneself(user=self.user, muted=off, **fields)
