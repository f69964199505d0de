"""The page of a channel's slots: a table of the week, and the next ones that are free."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.staff_admin import RecordForm
from clients.admin.tables import Table, weekdays
from clients.moments import spoken
from social import services
from social.models import Channel, Post, Slot
from social.services.slots import MOST_SLOTS, SlotPlan, leading_channel
from social.slotting import free_slots

SPARE = 3  # empty lines
SHOWN = 5  # free slots that are shown beforehand
BESIDE = 3  # the same, beside the composer


class SlotsTable(Table):
    """A line a slot, and some empty ones."""

    template_name = "social/slots.html"
    columns = ("weekday", "at", "best", "advice")
    most_rows = MOST_SLOTS + SPARE

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The lines that were typed; one without day, hour and name is none."""
        rows = super().value_from_datadict(data, files, name)
        return None if rows is None else [row for row in rows if any(row[1:])]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The lines: their inputs' names, and what they hold."""
        context = super().get_context(name, value, attrs)
        rows = [*(value or []), *([["", "", "", ""]] * SPARE)]
        context["days"] = [(str(number), day) for number, day in enumerate(weekdays())]
        context["rows"] = [
            {
                column: {"name": f"{name}-{number}-{column}", "value": typed}
                for column, typed in zip(self.columns, row, strict=True)
            }
            for number, row in enumerate(rows)
        ]
        return context


class SlotsField(forms.Field):
    """The slots of a week as ``SlotPlan``."""

    widget = SlotsTable

    def prepare_value(self, value: Any) -> Any:
        """The table's lines."""
        if not value or not isinstance(value[0], Slot):
            return value
        return [[str(slot.weekday), f"{slot.at:%H:%M}", "yes" if slot.best else "", slot.advice] for slot in value]

    def to_python(self, value: Any) -> list[SlotPlan] | None:
        """Raises ``ValidationError`` with a sentence for each line that can't be read."""
        found, errors = [], []
        for weekday, at, best, advice in value or ():
            try:
                clock = datetime.strptime(at[:5], "%H:%M").time()  # noqa: DTZ007 - a time of the day
                found.append(SlotPlan(int(weekday), clock, bool(best), advice))
            except ValueError:
                text = _("“%(typed)s” is no slot: give it a day and an hour, such as 9:00.")
                typed = " ".join(filter(None, [_day(weekday), at, advice]))
                errors.append(ValidationError(text, code="invalid", params={"typed": typed[:40]}))
        if errors:
            raise ValidationError(errors)
        return found


def _day(typed: str) -> str:
    names = weekdays()
    return names[int(typed)] if typed.isdecimal() and int(typed) < len(names) else ""


class SlotsForm(RecordForm):
    """All slots of a channel."""

    slots = SlotsField(label=gettext_lazy("Slots of a week"), required=False)

    def __init__(self, *args: Any, record: Channel, **kwargs: Any) -> None:
        super().__init__(*args, record=record, initial={"slots": list(record.slots.all())}, **kwargs)

    def save(self) -> Channel:
        """The channel with these slots."""
        channel: Channel = self.record
        services.set_slots(user=self.user, channel=channel, slots=self.cleaned_data["slots"])
        return channel


def next_free(channel: Channel, many: int = SHOWN, but: Post | None = None) -> list[dict[str, Any]]:
    """The next free slots of the channel, in words; what ``but`` holds counts as free."""
    return [
        {"when": spoken(found.at, channel.client.zone), "slot": found.slot}
        for found in free_slots(channel, timezone.now(), many, but=but)
    ]


def slots_beside(channels: Iterable[Channel], post: Post | None) -> dict[str, Any]:
    """What the composer shows of the slots: of the channel that leads for what is chosen."""
    leader = leading_channel(sorted(channels, key=lambda channel: channel.pk))
    return {"slots_of": leader, "next_slots": next_free(leader, BESIDE, post) if leader else []}
