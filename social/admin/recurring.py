"""What is typed of a series: how often, from when, until when; and what that means, before it is saved."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.staff_admin import RecordForm
from clients.admin.tables import weekdays
from clients.moments import spoken
from social import services
from social.models import Post, Recurrence
from social.models.recurring import MOST_AHEAD
from social.recurrence import DAYS, MOST, MOST_INTERVAL
from social.recurrence_words import in_words
from social.services.recurring import AHEAD, Series, plan_series

SHOWN = 5  # times that are shown beforehand
# Where the services' words for a field stand in the form.
BESIDE = {"rule": "how", "starts_at": "day", "pattern": NON_FIELD_ERRORS}
WEEK = 7


class SeriesForm(RecordForm):
    """A new series; ``record`` is the post that comes again."""

    token = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput())
    how = forms.ChoiceField(
        label=gettext_lazy("It comes again"),
        choices=[
            ("daily", gettext_lazy("by days")),
            ("weekly", gettext_lazy("by weeks, on the days below")),
            ("monthly", gettext_lazy("by months, on the same day of the month")),
            ("nth", gettext_lazy("by months, on the same weekday, such as the second Tuesday")),
            ("last", gettext_lazy("by months, on the last such weekday")),
            ("yearly", gettext_lazy("by years, on the same day")),
        ],
        widget=UnfoldAdminSelectWidget(),
    )
    interval = forms.IntegerField(
        label=gettext_lazy("Every so many"),
        min_value=1,
        max_value=MOST_INTERVAL,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=gettext_lazy("1 is every day, week, month or year; 2 every other one."),
    )
    days = forms.MultipleChoiceField(
        label=gettext_lazy("Days of the week"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=gettext_lazy("Only where it comes again by weeks. None: the day on which it begins."),
    )
    day = forms.DateField(
        label=gettext_lazy("Begins on"),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )
    time = forms.TimeField(
        label=gettext_lazy("Time"),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "time"}),
        input_formats=["%H:%M", "%H:%M:%S"],
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
        help_text=gettext_lazy("The last day on which it may come. Or say how many times, below."),
    )
    times = forms.IntegerField(
        label=gettext_lazy("So many times"),
        required=False,
        min_value=1,
        max_value=MOST,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    ahead_days = forms.IntegerField(
        label=gettext_lazy("Made so many days before"),
        min_value=1,
        max_value=MOST_AHEAD,
        initial=AHEAD,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=gettext_lazy("Then its post is made, and whoever approves it is asked."),
    )

    def __init__(self, *args: Any, record: Post, **kwargs: Any) -> None:
        kwargs["initial"] = _proposed(record)
        super().__init__(*args, record=record, **kwargs)
        days = self.fields["days"]
        if isinstance(days, forms.MultipleChoiceField):
            days.choices = list(zip(DAYS, weekdays(), strict=True))
        self.series: Series | None = None

    def clean(self) -> dict[str, Any]:
        """The whole of it is what the service would make of it. Raises ``ValidationError`` where it can't be."""
        typed: dict[str, Any] = self.cleaned_data
        if self.errors:
            return typed
        if bool(typed["until"]) == bool(typed["times"]):
            self.add_error("until", _("Give it one end: a last day, or how many times."))
            return typed
        try:
            self.series = plan_series(self.record, rule=self.rule(), starts_at=self.starts_at())
        except ValidationError as error:
            for field, errors in error.error_dict.items():
                self.add_error(BESIDE.get(field, field), ValidationError(errors))
        return typed

    def rule(self) -> str:
        """What is typed, as RFC 5545 writes it."""
        typed: Mapping[str, Any] = self.cleaned_data
        day: date = typed["day"]
        weekday = DAYS[day.weekday()]
        parts = {
            "daily": "FREQ=DAILY",
            "weekly": f"FREQ=WEEKLY;BYDAY={','.join(typed['days'] or [weekday])}",
            "monthly": f"FREQ=MONTHLY;BYMONTHDAY={day.day}",
            "nth": f"FREQ=MONTHLY;BYDAY={(day.day - 1) // WEEK + 1}{weekday}",
            "last": f"FREQ=MONTHLY;BYDAY=-1{weekday}",
            "yearly": f"FREQ=YEARLY;BYMONTH={day.month};BYMONTHDAY={day.day}",
        }[typed["how"]]
        end = f"UNTIL={typed['until']:%Y%m%d}" if typed["until"] else f"COUNT={typed['times']}"
        return f"{parts};INTERVAL={typed['interval']};{end}"

    def starts_at(self) -> datetime:
        """The day and the hour, on the client's clock."""
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"])

    def meaning(self) -> dict[str, Any]:
        """The series in words, and its first times; why not, while what is typed can't be."""
        series = self.series
        if series is None:
            return {"problems": [text for errors in self.errors.values() for text in errors]}
        zone = self.record.client.zone
        return {
            "said": in_words(series.rule, series.first),
            "many": len(series.moments),
            "first_times": [spoken(at, zone) for at in series.moments[:SHOWN]],
            "last_time": spoken(series.moments[-1], zone),
        }

    def save(self) -> Recurrence:
        """The series."""
        return services.create_recurrence(
            user=self.user,
            pattern=self.record,
            rule=self.rule(),
            starts_at=self.starts_at(),
            ahead_days=self.cleaned_data["ahead_days"],
        )


def _proposed(post: Post) -> dict[str, Any]:
    """Every week at the hour of the post, from a week after it on; of one without an hour from tomorrow at nine."""
    zone = post.client.zone
    tomorrow = datetime.combine(timezone.now().astimezone(zone).date() + timedelta(days=1), time(9))
    begin = tomorrow
    if post.publish_at:
        begin = post.publish_at.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0) + timedelta(days=WEEK)
        while begin < tomorrow:
            begin += timedelta(days=WEEK)
    last = begin + timedelta(days=12 * WEEK)
    return {
        "token": uuid.uuid4().hex,
        "how": "weekly",
        "interval": 1,
        "days": [DAYS[begin.weekday()]],
        "day": f"{begin:%Y-%m-%d}",
        "time": f"{begin:%H:%M}",
        "until": f"{last:%Y-%m-%d}",
        "ahead_days": AHEAD,
    }


def proposed_form(user: Any, post: Post) -> SeriesForm:
    """The form with what is proposed, as if it had been typed: so that its times are shown at once."""
    blank = SeriesForm(user=user, record=post)
    return SeriesForm(user=user, record=post, data=forms_data(blank.initial))


def forms_data(initial: Mapping[str, Any]) -> QueryDict:
    """These values as a browser would send them."""
    data = QueryDict(mutable=True)
    for name, value in initial.items():
        data.setlist(name, value if isinstance(value, list) else [str(value)])
    return data


class EndForm(RecordForm):
    """A series is ended."""

    cancel_posts = forms.BooleanField(
        label=gettext_lazy("Cancel the posts that are made already, too"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
        help_text=gettext_lazy("As far as nothing of them has begun to go out. It can't be undone."),
    )

    def save(self) -> Recurrence:
        """The series, ended."""
        cancel = self.cleaned_data["cancel_posts"]
        return services.end_recurrence(user=self.user, recurrence=self.record, cancel_posts=cancel)[0]
