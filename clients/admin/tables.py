"""Small tables in a form, of plain inputs: the hours of a week, the closing days. An emptied row is taken away."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any

from babel.dates import get_day_names
from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from clients.moments import locale
from clients.working_time import Closing, Hours

FEWEST_SPANS = 2  # a morning and an afternoon
MOST_SPANS = 12
SPARE_CLOSINGS = 2
MOST_CLOSINGS = 220
CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?::00)?")

Row = Sequence[str]  # what stands in the inputs of one row, or of one span


def weekdays() -> list[str]:
    """Monday to Sunday in the reader's language, as a line begins."""
    names = get_day_names("wide", "stand-alone", locale=locale())
    return [names[day][:1].upper() + names[day][1:] for day in range(7)]


class Table(forms.Widget):
    """Inputs named ``NAME-ROW-COLUMN``; what was typed comes back as it was, right or wrong."""

    use_fieldset = True
    columns: tuple[str, ...] = ()
    most_rows = 0

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> Any:
        """The rows as they were typed; None where the form had no such table."""
        if self.value_omitted_from_data(data, files, name):
            return None
        rows = [[str(data.get(f"{name}-{row}-{column}", "")).strip() for column in self.columns] for row in self.rows()]
        while rows and not any(rows[-1]):
            rows.pop()
        return rows

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ARG002
        """Whether the form had no such table."""
        return f"{name}-table" not in data

    def id_for_label(self, id_: str, index: Any = None) -> str:  # noqa: ARG002 - Django's signature
        """None: each input says itself what it is."""
        return ""

    def rows(self) -> range:
        """The rows that may have been sent."""
        return range(self.most_rows)


class HoursTable(Table):
    """A line a weekday, with two spans or one more than the fullest day has."""

    template_name = "clients/hours.html"
    columns = tuple(f"{span}-{edge}" for span in range(MOST_SPANS) for edge in ("opens", "closes"))
    most_rows = 7

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The days, each with its spans: their inputs' names, what they hold, how they are called."""
        rows = [list(row) for row in value or []] + [[]] * (7 - len(value or []))
        filled = max((number // 2 + 1 for row in rows for number, typed in enumerate(row) if typed), default=0)
        spans = range(min(max(FEWEST_SPANS, filled + (filled >= FEWEST_SPANS)), MOST_SPANS))
        context = super().get_context(name, value, attrs)
        context["numbers"] = [number + 1 for number in spans]
        context["days"] = [
            (day, list(self._spans(f"{name}-{weekday}", day, row, spans)))
            for weekday, (day, row) in enumerate(zip(weekdays(), rows, strict=True))
        ]
        return context

    @staticmethod
    def _spans(name: str, day: str, row: Row, spans: range) -> Iterator[list[dict[str, str]]]:
        words = {"opens": _("%(day)s, opens, span %(number)d"), "closes": _("%(day)s, closes, span %(number)d")}
        for span in spans:
            yield [
                {
                    "name": f"{name}-{span}-{edge}",
                    "value": row[span * 2 + place] if span * 2 + place < len(row) else "",
                    "label": words[edge] % {"day": day, "number": span + 1},
                }
                for place, edge in enumerate(("opens", "closes"))
            ]


class HoursField(forms.Field):
    """The hours of a week: ``Hours``, or None where the form had no table."""

    widget = HoursTable

    def prepare_value(self, value: Any) -> Any:
        """The table's rows."""
        if not value or not isinstance(value[0], Hours):
            return value
        return [
            [f"{edge:%H:%M}" for item in value if item.weekday == day for edge in (item.opens, item.closes)]
            for day in range(7)
        ]

    def to_python(self, value: Any) -> list[Hours] | None:
        """Raises ``ValidationError`` with a sentence for each day that can't be read."""
        if value is None:
            return None
        found, errors = [], []
        for weekday, (day, row) in enumerate(zip(weekdays(), value, strict=False)):
            for opens, closes in zip(row[::2], row[1::2], strict=True):
                try:
                    if opens or closes:
                        found.append(Hours(weekday, _clock(day, opens), _clock(day, closes)))
                except ValidationError as error:
                    errors.append(error)
        if errors:
            raise ValidationError(errors)
        return found


def _clock(day: str, typed: str) -> time:
    if not typed:
        raise ValidationError(_("%(day)s: give both hours, or none."), code="incomplete", params={"day": day})
    read = CLOCK.fullmatch(typed)
    hour, minute = (int(read[1]), int(read[2])) if read else (99, 99)
    if (hour, minute) == (24, 0):
        return time()
    try:
        return time(hour, minute)
    except ValueError:
        text = _("%(day)s: “%(typed)s” is no time. A time reads like 9:00.")
        raise ValidationError(text, code="invalid", params={"day": day, "typed": typed[:20]}) from None


class ClosingsTable(Table):
    """A line a closing, and some empty ones."""

    template_name = "clients/closings.html"
    columns = ("first", "last", "name")
    most_rows = MOST_CLOSINGS

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The lines: their inputs' names, and what they hold."""
        context = super().get_context(name, value, attrs)
        rows = [*(value or []), *([["", "", ""]] * SPARE_CLOSINGS)]
        context["rows"] = [
            {
                column: {"name": f"{name}-{number}-{column}", "value": typed}
                for column, typed in zip(self.columns, row, strict=True)
            }
            for number, row in enumerate(rows)
        ]
        return context


class ClosingsField(forms.Field):
    """The closing days: ``Closing``, or None where the form had no table."""

    widget = ClosingsTable

    def prepare_value(self, value: Any) -> Any:
        """The table's rows."""
        if not value or not isinstance(value[0], Closing):
            return value
        return [[item.first.isoformat(), item.last.isoformat(), item.name] for item in value]

    def to_python(self, value: Any) -> list[Closing] | None:
        """One day where the last one is left out. Raises ``ValidationError`` for what is no day."""
        if value is None:
            return None
        found, errors = [], []
        for first, last, name in value:
            try:
                if first or last or name:
                    found.append(Closing(_day(first or last), _day(last or first), name))
            except ValidationError as error:
                errors.append(error)
        if errors:
            raise ValidationError(errors)
        return found


def _day(typed: str) -> date:
    if not typed:
        raise ValidationError(_("Give a closing its days."), code="incomplete")
    try:
        return date.fromisoformat(typed)
    except ValueError:
        text = _("“%(typed)s” is no day. A day reads like 2026-08-15.")
        raise ValidationError(text, code="invalid", params={"typed": typed[:20]}) from None


class LinesField(forms.CharField):
    """A list of words, one a line."""

    def prepare_value(self, value: Any) -> Any:
        """The lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """The lines; empty ones are none."""
        return [line.strip() for line in str(super().clean(value)).splitlines() if line.strip()]
