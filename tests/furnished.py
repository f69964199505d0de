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

from audit.services import APPEND, content_hash

# What migrations and Django itself fill, and the evidence.
NOT_OURS = {"django_migrations", "django_content_type", "auth_permission", "audit_event", "audit_head"}
SHIFT = ":shift"
EVENTS = """
SELECT client_id, at, actor_id, verb, subject_type, subject_id, digest, data FROM audit_event ORDER BY id
"""
COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""


@dataclass(frozen=True)
class Furniture:
    """The rows, as SQL with ``SHIFT`` in it; the evidence; the object with its parts; when that was."""

    at: dt.datetime
    sql: str
    events: list[tuple[Any, ...]]
    parts: dict[str, Any]

    def put_back(self) -> dict[str, Any]:
        """Write the rows, and give the parts."""
        shift = timezone.now() - self.at
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(self.sql.replace(SHIFT, f"interval '{shift / dt.timedelta(microseconds=1)} microseconds'"))
            for client, at, *said, data in self.events:
                cursor.execute(APPEND, _event(client, at + shift, said, data))
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
        if any(_filled(_tables())):
            move_in()  # beside other things: nothing to learn from
            return
        move_in()
        _kept[kind] = _taken(vars(owner), timezone.now())
        return
    vars(owner).update(_kept[kind].put_back())


def _taken(parts: dict[str, Any], at: dt.datetime) -> Furniture:
    with connection.cursor() as cursor:
        statements = list(_statements(cursor))
        cursor.execute(EVENTS)
        events = [(*row[:-1], json.loads(row[-1])) for row in cursor.fetchall()]
    quiet, loud = (f"SET LOCAL session_replication_role = {role}" for role in ("replica", "DEFAULT"))
    return Furniture(at, ";".join([quiet, *statements, loud]), events, copy.deepcopy(parts))


def _statements(cursor: Any) -> Iterator[str]:
    for table in _filled(_tables()):
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


def _tables() -> list[str]:
    return sorted(set(connection.introspection.table_names()) - NOT_OURS)


def _filled(tables: list[str]) -> list[str]:
    each = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return sorted(name for (name,) in cursor.fetchall())


def _event(client: Any, at: dt.datetime, said: list[Any], data: dict[str, Any]) -> list[Any]:
    actor, verb, subject_type, subject_id, digest = said
    hashed = content_hash(
        client_id=client,
        at=at,
        actor_id=actor,
        verb=verb,
        subject_type=subject_type,
        subject_id=subject_id,
        digest=digest,
        data=data,
    )
    return [client, at, *said, json.dumps(data), hashed]
