"""Reads, updates and new rows that are asked again and again, whose SQL Django writes once: writing it takes longer than asking.

    _SEATS = Prepared(lambda review: Seat.objects.filter(step__review_id=review).select_related("step"))
    _OVER = PreparedUpdate(lambda step, state: (ReviewStep.objects.filter(pk=step), {"state": state, "wake_at": None}))
    _ASKED = PreparedInsert(lambda step, at: Reminder(step_id=step, sent_at=at))

    seats = _SEATS(review=review.pk)
    _OVER(step=step.pk, state="passed")
    number = _ASKED(step=step.pk, at=now)

What is read, and into what, stays the queryset's business. Only values that the database compares with, or keeps, may change
between two calls; what would change the SQL itself (a column, an order) is another queryset. A None in place of a value makes
an SQL of its own. All that is no such value stays what it was when the SQL was written: a moment that is asked for within
the queryset, too.
"""

import datetime as dt
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler
from psycopg.types.json import Jsonb

Row = TypeVar("Row")
Value = int | str | dt.date | dict[str, Any] | None
Values = Mapping[str, Value | Sequence[Value]]
Shape = tuple[tuple[str, type, int], ...]
ONE = -1  # in a shape: a value by itself, not a list of them
MOST = 50  # values in a list, of which the SQL is kept for each length
_FAR = 2**31 - 100_000  # within every whole-number column, and the number of nothing
_LONG_AFTER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


class Marks:
    """For each value of a shape one that stands nowhere else, by which it is found again among the parameters of the SQL."""

    def __init__(self, shape: Shape) -> None:
        self._of: dict[Any, tuple[str, int]] = {}
        self.values = {
            name: self._mark(name, kind, ONE) if length == ONE else [self._mark(name, kind, n) for n in range(length)]
            for name, kind, length in shape
        }

    def _mark(self, name: str, kind: type, number: int) -> Value:
        if kind is type(None):
            return None  # which is a word of the SQL, and no parameter
        made = _mark(kind, len(self._of))
        self._of[_key(made)] = (name, number)
        return made

    def places(self, params: Sequence[Any]) -> dict[int, tuple[str, int]]:
        """Which parameter is which of the values. Raises ``ValueError`` where one of them is none."""
        keys = enumerate(map(_key, params))
        found = {place: self._of[key] for place, key in keys if key is not None and key in self._of}
        if set(found.values()) != set(self._of.values()):
            raise ValueError("a value has become part of the SQL itself")
        return found


@dataclass(frozen=True)
class Written:
    """A queryset, or an update, as SQL. ``places`` says which parameter is which given value."""

    sql: str
    params: tuple[Any, ...]
    places: dict[int, tuple[str, int]]

    def params_for(self, values: Values) -> tuple[Any, ...]:
        """The parameters with these values in their places."""
        params = list(self.params)
        for place, (name, number) in self.places.items():
            given = values[name]
            one = given if number == ONE else cast("Sequence[Value]", given)[number]
            params[place] = _as(params[place], one)
        return tuple(params)


@dataclass(frozen=True)
class Read:
    """A queryset that is written, and what makes its rows."""

    written: Written
    queryset: QuerySet[Any, Any]
    compiler: SQLCompiler
    converters: dict[int, Any]

    def rows(self, values: Values) -> list[Any]:
        """Ask with these values."""
        params = self.written.params_for(values)
        compiler = copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.as_sql = lambda *_, **__: (self.written.sql, params)  # type: ignore[method-assign]
        compiler.get_converters = lambda *_: self.converters  # type: ignore[method-assign]
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
        self._reads: dict[Shape, Read | None] = {}

    def __call__(self, **values: Value | Sequence[Value]) -> list[Row]:
        """The rows for these values, by the names of the queryset's parameters; a list of values for an ``__in``."""
        shape = _shape_of(values)
        if any(length > MOST for _name, _kind, length in shape):
            return list(self._build(**values))
        if shape not in self._reads:
            self._reads[shape] = self._write(shape)
        read = self._reads[shape]
        return read.rows(values) if read else []

    def get(self, **values: Value | Sequence[Value]) -> Row:
        """The one row for these values. Raises its model's ``DoesNotExist``."""
        rows = self(**values)
        if not rows:
            raise self._build(**values).model.DoesNotExist
        return rows[0]

    def _write(self, shape: Shape) -> Read | None:
        """The SQL for values of this shape; None where it can find nothing, such as in an empty list."""
        marks = Marks(shape)
        queryset = self._build(**marks.values)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return None
        converters = compiler.get_converters([column for column, _sql, _alias in compiler.select or ()])
        return Read(Written(sql, tuple(params), marks.places(params)), queryset, compiler, converters)


class Writing(ABC):
    """What writes, its SQL kept by the shape of the values."""

    def __init__(self) -> None:
        self._written: dict[Shape, Written] = {}

    def _execute(self, cursor: CursorWrapper, values: Mapping[str, Value]) -> None:
        shape = _shape_of(values)
        if shape not in self._written:
            self._written[shape] = self._write(shape)
        written = self._written[shape]
        cursor.execute(written.sql, written.params_for(values))

    @abstractmethod
    def _write(self, shape: Shape) -> Written:
        """The SQL for values of this shape."""


class PreparedUpdate(Writing):
    """Rows of one table, and what is written into them: ``update`` with other values each time. Safe for many threads."""

    def __init__(self, build: Callable[..., tuple[QuerySet[Any, Any], Mapping[str, Any]]]) -> None:
        super().__init__()
        self._build = build

    def __call__(self, **values: Value) -> int:
        """How many rows were found."""
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            self._execute(cursor, values)
            found: int = cursor.rowcount
            return found

    def _write(self, shape: Shape) -> Written:
        marks = Marks(shape)
        rows, fields = self._build(**marks.values)
        query = cast("UpdateQuery", rows.query.chain(UpdateQuery))
        query.add_update_values(dict(fields))
        sql, params = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        return Written(sql, tuple(params), marks.places(params))


class PreparedInsert(Writing):
    """A new row of one table: ``create`` with other values each time. Safe for many threads.

    All that the row does not name is fixed when it is written first, what a field's ``default`` makes up, too: name those.
    ``once``: a row that is there already stays as it is.
    """

    def __init__(self, build: Callable[..., Model], *, once: bool = False) -> None:
        super().__init__()
        self._build, self._once = build, once

    def __call__(self, **values: Value) -> int | None:
        """The number of the new row; None where it was there."""
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            self._execute(cursor, values)
            found = cursor.fetchone()
            return found[0] if found else None

    def _write(self, shape: Shape) -> Written:
        marks = Marks(shape)
        row = self._build(**marks.values)
        meta = type(row)._meta  # noqa: SLF001 - as Django's own inserts
        query = InsertQuery(type(row), on_conflict=OnConflict.IGNORE if self._once else None)
        query.insert_values([field for field in meta.concrete_fields if field is not meta.pk], [row])
        compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        compiler.returning_fields = [meta.pk]
        [(sql, params)] = compiler.as_sql()
        return Written(sql, tuple(params), marks.places(params))


def _shape_of(values: Mapping[str, Value | Sequence[Value]]) -> Shape:
    return tuple((name, *_shape(value)) for name, value in values.items())


def _shape(value: Value | Sequence[Value]) -> tuple[type, int]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return type(value), ONE
    return (type(value[0]) if value else int), len(value)


def _mark(kind: type, number: int) -> Value:
    """A value of that kind that stands nowhere else."""
    if issubclass(kind, dt.datetime):
        return _LONG_AFTER + dt.timedelta(seconds=number)
    if issubclass(kind, dt.date):
        return dt.date.max - dt.timedelta(days=number)
    if issubclass(kind, dict):
        return {"\x00": number}
    return f"\x00{number}" if issubclass(kind, str) else _FAR + number


def _key(param: Any) -> Any:
    """By what a parameter is found among marks; None where it is none."""
    given = param.obj if isinstance(param, Jsonb) else param
    if isinstance(given, dict):
        return json.dumps(given, default=str)
    return given if isinstance(given, int | str | dt.date) else None


def _as(param: Any, value: Any) -> Any:
    """The value as the driver takes it in the place of this parameter, which has its own kinds of whole numbers and of JSON."""
    if isinstance(param, Jsonb):
        return Jsonb(value, dumps=param.dumps)
    return type(param)(value) if isinstance(value, int) else value
