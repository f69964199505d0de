"""Deputies as one person reads of them, and the form by which they name their own."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.staff_admin import RecordForm
from approvals.deputies import DayField, days, first_and_last, stand_ins
from approvals.models import Deputy
from approvals.services import name_deputy
from clients.models import Client
from clients.moments import spoken, spoken_day


@dataclass(frozen=True, kw_only=True)
class StandsIn:
    """One deputy in words; ``begun``: they may decide now."""

    deputy: Deputy
    who: str
    when: str
    begun: bool


def stands_in(reader: User, deputy: Deputy) -> StandsIn:
    """In the active language, on the reader's clock."""
    names = {"deputy": deputy.deputy.name, "principal": deputy.principal.name}
    if reader.pk == deputy.principal_id:
        who = _("%(deputy)s stands in for you.") % names
    else:
        who = _("You stand in for %(principal)s.") % names
    begun = deputy.from_at <= timezone.now()
    return StandsIn(deputy=deputy, who=who, when=_when(deputy, ZoneInfo(reader.timezone)), begun=begun)


def _when(deputy: Deputy, zone: ZoneInfo) -> str:
    """By days where whole days are meant on this clock, else to the minute."""
    first, last = first_and_last(zone, deputy.from_at, deputy.until)
    if (deputy.from_at, deputy.until) != days(zone, first, last):
        words = {"from": spoken(deputy.from_at, zone), "until": spoken(deputy.until, zone)}
        return _("From %(from)s, until %(until)s.") % words
    if first == last:
        return _("On %(day)s.") % {"day": spoken_day(first, zone)}
    words = {"first": spoken_day(first, zone), "last": spoken_day(last, zone)}
    return _("From %(first)s until %(last)s, that day included.") % words


def _calendar() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class OwnDeputyForm(RecordForm):
    """Who stands in for oneself at one client, from which day to which."""

    deputy: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=gettext_lazy("Who stands in"), queryset=None, empty_label=gettext_lazy("Choose somebody")
    )
    from_at = DayField(label=gettext_lazy("From"), widget=_calendar())
    until = DayField(label=gettext_lazy("Until, that day included"), widget=_calendar())

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        self.client = client
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(self.user.timezone)
        self.people = list(stand_ins(self.user, client))
        field = self.fields["deputy"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = User.objects.filter(pk__in=[person.pk for person in self.people])

    def save(self) -> Deputy:
        """The deputy, named. Days are on one's own clock."""
        typed = self.cleaned_data
        from_at, until = days(self.zone, typed["from_at"], typed["until"])
        try:
            return name_deputy(
                user=self.user,
                client=self.client,
                principal=self.user,
                deputy=typed["deputy"],
                from_at=from_at,
                until=until,
            )
        except Client.DoesNotExist:  # their role ended while they were choosing
            raise Http404 from None
