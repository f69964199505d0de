"""A world that services have furnished once is put back in later tests as the rows that it was: four queries, not 170.

All that was written is moved in time by how long ago that was, so that it is as if it had just been written. The evidence is
written anew, since its hashes hold the time.
"""

import copy
import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from audit.models import Event
from audit.services import append

# What migrations and Django itself fill.
MIGRATED = {"django_migrations", "django_content_type", "auth_permission"}
EVIDENCE = {"audit_event", "audit_head"}
SHIFT = ":shift"
SAID = ("client_id", "at", "actor_id", "verb", "subject_type", "subject_id", "digest", "data")
COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""


@dataclass(frozen=True)
class Furniture:
    """The rows, as SQL with ``SHIFT`` in it; the evidence; the object with its parts; when that was."""

    at: dt.datetime
    sql: str
    events: list[dict[str, Any]]
    parts: dict[str, Any]

    def put_back(self) -> dict[str, Any]:
        """Write the rows, and give the parts."""
        shift = timezone.now() - self.at
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(self.sql.replace(SHIFT, f"interval '{shift / dt.timedelta(microseconds=1)} microseconds'"))
            for event in self.events:
                append(**{**event, "at": event["at"] + shift})
        memo: dict[int, Any] = {}
        parts = copy.deepcopy(self.parts, memo)
        for one in memo.values():
            if isinstance(one, Model):
                for name, value in vars(one).items():
                    if isinstance(value, dt.datetime):
                        setattr(one, name, value + shift)
        return parts


_kept: dict[type, Furniture] = {}


def furnish(owner: Any, move_in: Callable[[], None]) -> None:
    """Let the owner's parts be there: by moving in the first time, then by putting them back."""
    kind = type(owner)
    if kind not in _kept:
        alone = not _furniture()
        move_in()
        if alone:  # beside other things there is nothing to learn from
            _kept[kind] = _taken(vars(owner), timezone.now())
        return
    vars(owner).update(_kept[kind].put_back())


def _taken(parts: dict[str, Any], at: dt.datetime) -> Furniture:
    with connection.cursor() as cursor:
        statements = list(_statements(cursor))
    quiet, loud = (f"SET LOCAL session_replication_role = {role}" for role in ("replica", "DEFAULT"))
    events = list(Event.objects.order_by("pk").values(*SAID))
    return Furniture(at, ";".join([quiet, *statements, loud]), events, copy.deepcopy(parts))


def _statements(cursor: Any) -> Iterator[str]:
    for table in _furniture():
        cursor.execute(COLUMNS, [table])
        columns = cursor.fetchall()
        named = ", ".join(f'"{name}"' for name, _kind in columns)
        taken = ", ".join(
            f'"{name}" + {SHIFT}' if kind == "timestamp with time zone" else f'"{name}"' for name, kind in columns
        )
        cursor.execute(f'SELECT json_agg(row) FROM "{table}" row')  # noqa: S608 - our own tables, here and below
        rows = json.dumps(cursor.fetchone()[0], ensure_ascii=False).replace("'", "''")
        source = f"""json_populate_recordset(NULL::"{table}", '{rows}')"""
        yield f'INSERT INTO "{table}" ({named}) SELECT {taken} FROM {source}'  # noqa: S608


def filled() -> list[str]:
    """The tables that have rows."""
    each = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in connection.introspection.table_names())  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return sorted(name for (name,) in cursor.fetchall())


def _furniture() -> list[str]:
    return [name for name in filled() if name not in MIGRATED | EVIDENCE]
