"""Fields of the API: they take what the schema says they take, and nothing that only looks like it."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty

from accounts.models import User
from rest.moments import parse_moment

Selector = Callable[[User], QuerySet[Any]]
MOST_IDS = 100
BIGGEST_ID = 2**63 - 1
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class Text(serializers.CharField):
    """A string; a number is not one. NUL and lone surrogates are refused by DRF's own validators."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """true or false; "yes" is neither."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Whole(serializers.IntegerField):
    """A whole number."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, (int, float)) or data != data // 1:
            self.fail("invalid")
        return int(data)


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"})
class Clock(serializers.Field[Any, Any, str, Any]):
    """A time of the day, to the minute, on whichever clock is meant: 08:30."""

    default_error_messages = {"invalid": _("A time of the day reads like 08:30.")}

    def to_internal_value(self, data: Any) -> time:
        if not isinstance(data, str) or not CLOCK.fullmatch(data):
            self.fail("invalid")
        return time.fromisoformat(data)

    def to_representation(self, value: time) -> str:
        return f"{value:%H:%M}"


class Amount(serializers.FloatField):
    """A number with few decimals, kept as ``Decimal``."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, (int, float)):
            self.fail("invalid")
        return Decimal(str(data))

    def to_representation(self, value: Any) -> float:  # type: ignore[override]  # DRF has text here
        return float(value)


def _whole(data: Any) -> int | None:
    """The number; digits count too, since a form field is text."""
    if isinstance(data, str) and data.isascii() and data.isdigit() and len(data) < len(str(BIGGEST_ID)):
        return int(data)
    if isinstance(data, int) and not isinstance(data, bool) and abs(data) <= BIGGEST_ID:
        return data
    return None


@extend_schema_field(OpenApiTypes.INT)
class Id(serializers.Field[Any, Any, int, Any]):
    """The id of something that this person may see; whatever else there is does not exist."""

    default_error_messages = {"invalid": _("An id is a whole number."), "does_not_exist": _("There is no {pk} here.")}

    def __init__(self, selector: Selector | None = None, **kwargs: Any) -> None:
        self.selector = selector
        super().__init__(**kwargs)

    def get_attribute(self, instance: Any) -> int | None:
        """The key alone: what it points to is not read."""
        pk: int | None = getattr(instance, f"{self.source}_id")
        return pk

    def to_internal_value(self, data: Any) -> Model:
        pk = _whole(data)
        if pk is None or self.selector is None:
            self.fail("invalid")
        found: Model | None = self.selector(self.context["request"].user).filter(pk=pk).first()
        if found is None:
            self.fail("does_not_exist", pk=pk)
        return found

    def to_representation(self, value: int) -> int:
        return value


@extend_schema_field({"type": "array", "items": {"type": "integer"}, "maxItems": MOST_IDS})
class Ids(serializers.Field[Any, Any, list[int], Any]):
    """Several of the same, in their order, found by one query."""

    default_error_messages = {
        "invalid": _("This is a list of ids, which are whole numbers."),
        "does_not_exist": _("There is no {pk} here."),
        "too_many": _("At most {most}."),
        "twice": _("{pk} is named twice."),
    }

    def __init__(self, selector: Selector, **kwargs: Any) -> None:
        self.selector = selector
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> list[Model]:
        if not isinstance(data, list):
            self.fail("invalid")
        wanted = [pk for pk in map(_whole, data) if pk is not None]
        if len(wanted) != len(data):
            self.fail("invalid")
        if len(wanted) > MOST_IDS:
            self.fail("too_many", most=MOST_IDS)
        found = {row.pk: row for row in self.selector(self.context["request"].user).filter(pk__in=wanted)}
        for place, pk in enumerate(wanted):
            if pk not in found:
                self.fail("does_not_exist", pk=pk)
            if pk in wanted[:place]:
                self.fail("twice", pk=pk)
        return [found[pk] for pk in wanted]

    def to_representation(self, value: Sequence[int]) -> list[int]:
        return list(value)


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(serializers.Field[Any, Any, str, Any]):
    """A time. In: with an offset or without (then naive, for the service to place). Out: with the client's offset.

    ``of`` is the path from the row to its client, or to a zone's name, as far as it is loaded anyway; empty for a client.
    What has no client is in UTC.
    """

    default_error_messages = {
        "invalid": _("A time reads like 2026-05-28T09:00, or with its offset 2026-05-28T09:00+02:00.")
    }

    def __init__(self, of: str = "client", **kwargs: Any) -> None:
        self.of = of
        super().__init__(**kwargs)

    def get_attribute(self, instance: Any) -> datetime | None:
        """The time on the client's clock."""
        value: datetime | None = super().get_attribute(instance)
        if value is None:
            return None
        for name in filter(None, self.of.split(".")):
            instance = getattr(instance, name)
        if instance is None:
            return value.astimezone(UTC)
        return value.astimezone(ZoneInfo(instance) if isinstance(instance, str) else instance.zone)

    def to_internal_value(self, data: Any) -> datetime:
        try:
            return parse_moment(data)
        except (TypeError, ValueError, AttributeError):
            self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


@extend_schema_field({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}})
class Secrets(serializers.Field[Any, Any, Any, Any]):
    """Names and values that are never given back, not even in an error."""

    default_error_messages = {
        "invalid": _("This is an object of names and values; a value is a text, a number, true, false or null."),
        "too_large": _("This is larger than any network's credentials."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            self.fail("invalid")
        if len(data) > 50 or sum(len(str(value)) for value in data.values()) > 20_000:  # noqa: PLR2004
            self.fail("too_large")
        for text in (*data.keys(), *data.values()):
            if not isinstance(text, (str, int, float, bool, type(None))):
                self.fail("invalid")
            if isinstance(text, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
                self.fail("invalid")
        return dict(data)

    def to_representation(self, _value: Any) -> Any:
        raise TypeError("secrets have no representation")


class Part(serializers.Serializer[Any]):
    """A thing inside another, sent whole or not at all: a PATCH of the other one does not make it partial."""

    def run_validation(self, data: Any = empty) -> Any:
        """As if it stood alone."""
        if self.root is not self and getattr(self.root, "partial", False):
            return type(self)(context=self.context).run_validation(data)
        return super().run_validation(data)


class Things(serializers.Serializer[Any]):
    """A serializer of a client's things. What ``fixed`` names is said once, when the thing is made."""

    fixed: tuple[str, ...] = ()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The fields; what is fixed can only be read of a thing that exists."""
        fields = super().get_fields()
        if self.partial and self.instance is not None:
            for name in self.fixed:
                fields[name].read_only, fields[name].required = True, False
        return fields

    def to_internal_value(self, data: Any) -> Any:
        """Raises ``ValidationError`` for an attempt at what is fixed; its present value may be sent along."""
        value = super().to_internal_value(data)
        if self.partial and self.instance is not None:
            for name in self.fixed:
                field = self.fields[name]
                if name in data and not field.write_only:
                    present = field.get_attribute(self.instance)
                    if data[name] != (None if present is None else field.to_representation(present)):
                        text = _("This stays as it was made.")
                        raise serializers.ValidationError({name: [ErrorDetail(str(text), "fixed")]})
        return value
