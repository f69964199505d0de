"""What PostgreSQL itself refuses, whoever asks: a superuser at a raw connection, with plain SQL and the triggers on.

Exact both ways: what the tables of transitions allow goes through, and no column can be changed that is not named here.
"""

# ruff: noqa: S608 - tables and columns by their own names

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from approvals.models import Decision, Deputy, Reminder, Review, ReviewState, ReviewStep, Seat, StepState
from approvals.services import name_deputy, take_back
from audit.models import Event
from social.models import PostVersion
from tests.world import World, approve, review_of

pytestmark = pytest.mark.django_db(transaction=True)

REVIEW = {
    ("open", "approved"),
    ("open", "changes_requested"),
    ("open", "withdrawn"),
    ("open", "superseded"),
    ("approved", "superseded"),
    ("approved", "withdrawn"),
    ("approved", "open"),
}
STEP = {
    ("waiting", "active"),
    ("active", "passed"),
    ("active", "refused"),
    ("active", "waiting"),
    ("passed", "active"),
}
# A value that differs, by the column's type.
OTHER = {
    "bigint": "COALESCE({c}, 0) + 1",
    "integer": "COALESCE({c}, 0) + 1",
    "smallint": "COALESCE({c}, 0) + 1",
    "boolean": "NOT {c}",
    "character varying": "left(COALESCE({c}, ''), 2) || 'x'",
    "text": "COALESCE({c}, '') || 'x'",
    "timestamp with time zone": "COALESCE({c}, now()) + interval '1 minute'",
    "date": "COALESCE({c}, current_date) + 1",
    "jsonb": """'{{"something": "else"}}'::jsonb""",
    "ARRAY": "array_append({c}, 1)",
    "bytea": "{c} || 'x'::bytea",
}


@pytest.fixture
def raw(world_as_it_is: World) -> Iterator[psycopg.Connection[Any]]:
    """A connection that Django knows nothing of, as psql makes one. Nothing is committed."""
    settings = connection.get_connection_params()
    named = {name: settings[name] for name in ("dbname", "user", "password", "host", "port") if settings.get(name)}
    with psycopg.connect(**named) as made:
        role = made.execute(
            "SELECT usesuper, current_setting('session_replication_role') FROM pg_user WHERE usename = current_user"
        )
        assert role.fetchone() == (True, "origin")
        yield made
        made.rollback()


@pytest.fixture
def world_as_it_is(transactional_db: None) -> World:
    """A review with decisions, one of them taken back; a reminder; two deputies, one of whom has ended."""
    world = World()
    post = world.submitted()
    approve(post, world.elena)
    approve(post, world.marta)
    take_back(review=review_of(post), user=world.marta, reason="Ci ripenso.")
    Reminder.objects.create(
        seat=Seat.objects.filter(ended_at=None).latest("pk"), client=world.winery, kind="nudge", number=1
    )
    now = timezone.now()
    for principal, deputy in ((world.elena, world.vito), (world.marta, world.vito)):
        times = {"from_at": now, "until": now + timedelta(days=1)}
        name_deputy(user=world.marta, client=world.winery, principal=principal, deputy=deputy, **times)
    Deputy.objects.filter(principal=world.marta).update(cancelled_at=now, cancelled_by=world.marta)
    return world


def tried(raw: psycopg.Connection[Any], *statements: str) -> str:
    """What the last of these statements came to, all of them undone: empty, or what it was refused by."""
    try:
        with raw.transaction(force_rollback=True):
            for statement in statements:
                raw.execute(statement)
    except psycopg.errors.RaiseException as error:
        return str(error).partition("\n")[0]
    except psycopg.errors.IntegrityError as error:
        return f"constraint {error.diag.constraint_name}"
    return ""


@pytest.mark.parametrize(
    ("model", "states", "table"), [(Review, ReviewState, REVIEW), (ReviewStep, StepState, STEP)], ids=["review", "step"]
)
def test_only_the_transitions_of_the_table(
    raw: psycopg.Connection[Any], model: Any, states: Any, table: set[Any]
) -> None:
    name, pk = model._meta.db_table, model.objects.first().pk
    allowed = set()
    for old, new in product(states.values, repeat=2):
        refused = tried(
            raw,
            "SET LOCAL session_replication_role = replica",  # put it there, whatever was before
            f"UPDATE {name} SET state = 'passed' WHERE state = 'active'" if model is ReviewStep else "SELECT 1",
            f"UPDATE {name} SET {_with(model, old)} WHERE id = {pk}",
            "SET LOCAL session_replication_role = origin",
            f"UPDATE {name} SET {_with(model, new)} WHERE id = {pk}",
        )
        if not refused:
            allowed.add((old, new))
        else:
            assert "Invalid transition" in refused or "Cannot update rows" in refused, (old, new, refused)
    assert allowed == table | {(state, state) for state in states.values}


def _with(model: Any, state: str) -> str:
    """The state, and what the constraints ask beside it."""
    if model is Review:
        return f"state = '{state}', closed_at = {'NULL' if state == 'open' else 'now()'}"
    return f"state = '{state}', skipped_because = {chr(39) + '{}' + chr(39) if state == 'skipped' else 'NULL'}"


def columns(raw: psycopg.Connection[Any], name: str) -> list[tuple[str, str]]:
    rows = raw.execute("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", [name])
    return rows.fetchall()


CHANGEABLE = [
    (Review, "", {"state", "closed_at", "updated_at", "goes_out_at", "moved_at"}),
    (ReviewStep, "", {"state", "activated_at", "due_at", "wake_at"}),
    (Seat, "ended_at IS NULL", {"ended_at", "ended_by_id", "ended_why", "reason"}),
    (Seat, "ended_at IS NOT NULL", set()),
    (Decision, "", set()),
    (Reminder, "", set()),
    (Deputy, "cancelled_at IS NULL", {"cancelled_at", "cancelled_by_id"}),
    (Deputy, "cancelled_at IS NOT NULL", set()),
    (Event, "", set()),
    (PostVersion, "", set()),
]


@pytest.mark.parametrize(("model", "which", "changeable"), CHANGEABLE, ids=lambda value: getattr(value, "__name__", ""))
def test_only_these_columns_change(raw: psycopg.Connection[Any], model: Any, which: str, changeable: set[str]) -> None:
    name = model._meta.db_table
    where = f"WHERE {which}" if which else ""
    found = raw.execute(f"SELECT id FROM {name} {where} ORDER BY id LIMIT 1").fetchone()
    assert found is not None
    free = set()
    for column, kind in columns(raw, name):
        value = OTHER[kind].format(c=column)
        # Constraints are another matter: here only what a trigger lets through counts.
        refused = tried(raw, f"UPDATE {name} SET {column} = {value} WHERE id = {found[0]}")
        if not refused or refused.startswith("constraint") or "Invalid transition" in refused:
            free.add(column)
    assert free == changeable


@pytest.mark.parametrize("model", [Review, ReviewStep, Seat, Decision, Reminder, Deputy, Event, PostVersion])
def test_nothing_is_deleted_or_emptied(raw: psycopg.Connection[Any], model: Any) -> None:
    name = model._meta.db_table
    count = raw.execute(f"SELECT count(*) FROM {name}").fetchone()
    assert count is not None
    assert count[0] > 0
    refused = tried(raw, f"DELETE FROM {name}")
    assert (refused.startswith("pgtrigger: Cannot "), "delete" in refused) == (True, True)
    assert tried(raw, f"TRUNCATE {name} CASCADE") == "this table is evidence: it is never emptied"


def test_half_an_end_of_a_seat_is_none(raw: psycopg.Connection[Any], world_as_it_is: World) -> None:
    seat = Seat.objects.filter(ended_at=None).earliest("pk").pk
    table = Seat._meta.db_table
    halves = ("ended_at = now()", "ended_why = 'replaced'", f"ended_by_id = {world_as_it_is.ada.pk}", "reason = 'x'")
    for half in halves:
        assert tried(raw, f"UPDATE {table} SET {half} WHERE id = {seat}") == "constraint ck_seat_ended"
    assert tried(raw, f"UPDATE {table} SET ended_at = now(), ended_why = 'replaced' WHERE id = {seat}") == ""


def test_what_the_constraints_hold(raw: psycopg.Connection[Any]) -> None:
    step, review = ReviewStep.objects.get(state="active"), Review.objects.get()
    steps, reviews = ReviewStep._meta.db_table, Review._meta.db_table
    assert tried(raw, f"UPDATE {steps} SET tacit_at = now() WHERE id = {step.pk}") == "constraint ck_reviewstep_tacit"
    for column, value in (("tacit_agreed_on", "'2026-01-15'"), ("tacit_document", "'x'")):
        refused = tried(raw, f"UPDATE {steps} SET {column} = {value} WHERE id = {step.pk}")
        assert refused.startswith("pgtrigger: Cannot update"), column
    again = f'INSERT INTO {reviews} SELECT (jsonb_populate_record(r, \'{{"id": 999, "round": 9}}\')).* FROM {reviews} r'
    assert tried(raw, again) == "constraint uq_review_open"
    assert review.state == "open"
