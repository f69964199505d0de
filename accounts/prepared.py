"""Reads that are asked again and again, whose SQL Django writes once: writing it takes longer than asking.

    _SEATS = Prepared(lambda review: Seat.objects.filter(step__review_id=review).select_related("step"))

    seats = _SEATS(review=review.pk)

What is read, and into what, stays the queryset's business. Only values that the database compares with may change between
two calls; what would change the SQL itself (a column, an order, None in place of a number) is another queryset.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
Value = int | str | dt.datetime
Shape = tuple[tuple[str, type, int], ...]
ONE = -1  # in a shape: a value by itself, not a list of them
MOST = 50  # values in a list, of which the SQL is kept for each length
_FAR = 2**31 - 100_000  # within every whole-number column, and the number of nothing
_LONG_AFTER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Written:
    """One queryset as SQL. ``places`` says which parameter is which given value."""

    queryset: QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    places: dict[int, tuple[str, int]]

    def rows(self, values: dict[str, Value | Sequence[Value]]) -> list[Any]:
        """Ask with these values."""
        params = list(self.params)
        for place, (name, number) in self.places.items():
            given = values[name]
            one = given if number == ONE else cast("Sequence[Value]", given)[number]
            kind = type(params[place])
            params[place] = kind(one) if isinstance(one, int) else one  # the driver's own kinds of whole numbers
        compiler = copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.as_sql = lambda *_, **__: (self.sql, tuple(params))  # type: ignore[method-assign]
        query = copy(self.queryset.query)
        query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        source = SimpleNamespace(
            db=DEFAULT_DB_ALIAS,
            query=query,
            _known_related_objects={},
            _fields=self.queryset._fields,  # type: ignore[attr-defined]  # as Django makes its own rows
        )
        rows: Any = self.queryset._iterable_class  # noqa: SLF001
        return list(rows(source))


class Prepared(Generic[Row]):
    """A queryset to be asked with other values each time. Safe for many threads; reads by the default database."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._written: dict[Shape, Written | None] = {}

    def __call__(self, **values: Value | Sequence[Value]) -> list[Row]:
        """The rows for these values, by the names of the queryset's parameters; a list of values for an ``__in``."""
        shape = tuple((name, *_shape(value)) for name, value in values.items())
        if any(length > MOST for _name, _kind, length in shape):
            return list(self._build(**values))
        if shape not in self._written:
            self._written[shape] = self._write(shape)
        written = self._written[shape]
        return written.rows(values) if written else []

    def _write(self, shape: Shape) -> Written | None:
        """The SQL for values of this shape; None where it can find nothing, such as in an empty list."""
        marks: dict[Any, tuple[str, int]] = {}

        def mark(name: str, kind: type, number: int) -> Value:
            marks[made := _mark(kind, len(marks))] = (name, number)
            return made

        queryset = self._build(
            **{
                name: mark(name, kind, ONE) if length == ONE else [mark(name, kind, n) for n in range(length)]
                for name, kind, length in shape
            }
        )
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return None
        places = {place: marks[param] for place, param in enumerate(params) if _is_mark(param, marks)}
        if set(places.values()) != set(marks.values()):
            raise ValueError("a value has become part of the SQL itself")
        return Written(queryset, compiler, sql, tuple(params), places)


def _shape(value: Value | Sequence[Value]) -> tuple[type, int]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return type(value), ONE
    return (type(value[0]) if value else int), len(value)


def _mark(kind: type, number: int) -> Value:
    """A value of that kind that stands nowhere else."""
    if issubclass(kind, dt.datetime):
        return _LONG_AFTER + dt.timedelta(seconds=number)
    return f"\x00{number}" if issubclass(kind, str) else _FAR + number


def _is_mark(param: Any, marks: dict[Any, tuple[str, int]]) -> bool:
    return isinstance(param, int | str | dt.datetime) and param in marks
