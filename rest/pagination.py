"""Lists by cursor: stable while rows are added, the same speed on every page."""

import base64
import json
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from rest.moments import parse_moment

PAGE_SIZE = 50
LARGEST_PAGE = 200
BIGGEST_ID = 2**63 - 1
# "format" is DRF's habit and asks for JSON, which it gets.
PARAMETERS = frozenset({"page_size", "cursor", "ordering", "format"})
Position = tuple[Any, int]


class Cursor(BasePagination):
    """``{"next", "previous", "results"}``. Ordered by one indexed field that is never empty, ties by id."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """One page. Raises ``ValidationError`` with the parameter's name for what can't be understood."""
        self.url = request.build_absolute_uri()
        self.ordering = _ordering(request, ordering_fields(view))
        backwards, position = self._decode(request.query_params.get("cursor"))
        size = _page_size(request)
        field, descending = self.ordering.lstrip("-"), self.ordering.startswith("-") != backwards
        sign = "-" if descending else ""
        ties = [] if field == "id" else [f"{sign}id"]
        rows = queryset.order_by(f"{sign}{field}", *ties)
        if position:
            rows = rows.filter(_beyond(field, position, descending=descending))
        found = list(rows[: size + 1])
        more, self.page = len(found) > size, found[:size]
        if backwards:
            self.page.reverse()
        self.has_next = bool(self.page) and (backwards or more)
        self.has_previous = bool(self.page) and (more if backwards else position is not None)
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        """The page with the addresses of its neighbours."""
        before = self._link(self.page[0], backwards=True) if self.has_previous else None
        after = self._link(self.page[-1], backwards=False) if self.has_next else None
        return Response({"next": after, "previous": before, "results": data})

    def _link(self, row: Any, *, backwards: bool) -> str:
        value = getattr(row, self.ordering.lstrip("-"))
        value = value.isoformat() if isinstance(value, datetime) else value
        text = json.dumps([self.ordering, backwards, value, row.pk], separators=(",", ":"))
        cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        url: str = replace_query_param(self.url, "cursor", cursor)
        return url

    def _decode(self, cursor: str | None) -> tuple[bool, Position | None]:
        if not cursor:
            return False, None
        try:
            text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            ordering, backwards, value, pk = json.loads(text)
            position = (_whole(value) if ordering.lstrip("-") == "id" else parse_moment(value), _whole(pk))
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise _refused("cursor", _("This cursor is none of ours. Begin again without it.")) from None
        if ordering != self.ordering or not isinstance(backwards, bool) or not _is_aware(position[0]):
            raise _refused("cursor", _("This cursor belongs to another list. Begin again without it."))
        return backwards, position

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """What the schema says of these parameters."""
        choices = [sign + name for name in ordering_fields(view) for sign in ("", "-")]
        size = {"type": "integer", "minimum": 1, "default": PAGE_SIZE}
        told = [
            ("cursor", {"type": "string"}, "From `next` or `previous` of another page."),
            ("page_size", size, f"How many rows; more than {LARGEST_PAGE} are {LARGEST_PAGE}."),
            ("ordering", {"type": "string", "enum": choices}, "Ties are ordered by id."),
        ]
        return [
            {"name": name, "in": "query", "required": False, "schema": schema, "description": text}
            for name, schema, text in told
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The envelope."""
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": address, "results": schema},
        }


def ordering_fields(view: Any) -> tuple[str, ...]:
    """By what this list can be ordered, the default first."""
    fields: tuple[str, ...] = view.get_ordering_fields() if hasattr(view, "get_ordering_fields") else ("id",)
    return fields


def _ordering(request: Request, fields: tuple[str, ...]) -> str:
    asked = request.query_params.get("ordering", "")
    if not asked:
        follows = "updated_since" in request.query_params and "updated_at" in fields
        return "updated_at" if follows else fields[0]
    if asked.removeprefix("-") not in fields:
        text = _("This list is ordered by %(names)s, each also with a minus sign.") % {"names": ", ".join(fields)}
        raise _refused("ordering", text)
    return asked


def _page_size(request: Request) -> int:
    asked = request.query_params.get("page_size", str(PAGE_SIZE))
    if not (asked.isascii() and asked.isdigit() and asked.strip("0")):
        raise _refused("page_size", _("This is a whole number, 1 or more."))
    return min(int(asked[:10]), LARGEST_PAGE)


def _beyond(field: str, position: Position, *, descending: bool) -> Q:
    value, pk = position
    side = "lt" if descending else "gt"
    if field == "id":
        return Q(**{f"id__{side}": pk})
    # Said twice, so that the index on the field is used for the first part.
    return Q(**{f"{field}__{side}e": value}) & (Q(**{f"{field}__{side}": value}) | Q(**{f"id__{side}": pk}))


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > BIGGEST_ID:
        raise ValueError(value)
    return value


def _is_aware(value: Any) -> bool:
    return not isinstance(value, datetime) or value.tzinfo is not None


def _refused(field: str, text: str) -> ValidationError:
    return ValidationError({field: ValidationError(text, code="invalid")})


class OnePage(serializers.Serializer[Any]):
    """A list that is never long, in the shape of all lists; its own class says what its ``results`` are."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)

    @classmethod
    def answer(cls, results: Any) -> Response:
        """All of them."""
        return Response({"next": None, "previous": None, "results": results})
