"""Whose decision is asked now, over all reviews: the sweeps read it in bulk, and claim what they do by inserting it.

While somebody stands in for the person of a seat, it is the deputy who is reminded: who is away has named them for that.
Where a deputy would not be heard (see ``approvals.standing_in``), who sits there is asked; where that person has no say any
more, or four eyes bar them, nobody is: there is no ``reader``, and only who is in charge can do something.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from approvals.eyes import BARRED
from approvals.models import ReminderKind

BATCH = 500

HERE = {"review": "step.review_id", "position": "step.position"}

# The seats that are waited for. ``since`` is when it became their turn; ``reader`` is who is to be reminded, if anybody.
ASKED = f"""
SELECT seat.id AS seat, seat.client_id AS client, seat.user_id AS person, step.id AS step, step.due_at,
    review.id AS review, review.goes_out_at, review.moved_at,
    GREATEST(step.activated_at, seat.created_at) AS since,
    CASE WHEN sits.is_active AND (sits.is_agency_admin OR place.role <> 'viewer')
        AND NOT {BARRED.format(person="seat.user_id", **HERE)}
        THEN COALESCE(deputy.deputy_id, seat.user_id)
    END AS reader
FROM approvals_reviewstep step
JOIN approvals_review review ON review.id = step.review_id AND review.state = 'open'
JOIN approvals_seat seat ON seat.step_id = step.id AND seat.ended_at IS NULL
JOIN accounts_user sits ON sits.id = seat.user_id
LEFT JOIN clients_membership place ON place.client_id = seat.client_id AND place.user_id = seat.user_id
LEFT JOIN (
    approvals_deputy deputy
    JOIN accounts_user who ON who.id = deputy.deputy_id AND who.is_active
    LEFT JOIN clients_membership role ON role.client_id = deputy.client_id AND role.user_id = deputy.deputy_id
) ON deputy.client_id = seat.client_id AND deputy.principal_id = seat.user_id AND deputy.cancelled_at IS NULL
    AND deputy.from_at <= %(now)s AND deputy.until > %(now)s AND deputy.deputy_id <> review.author_id
    AND (who.is_agency_admin OR role.role <> 'viewer')
    AND (who.is_agency_admin OR role.role <> 'approver') = (sits.is_agency_admin OR place.role <> 'approver')
    AND NOT EXISTS (
        SELECT FROM approvals_seat own LEFT JOIN approvals_decision word ON word.seat_id = own.id
        WHERE own.step_id = step.id AND own.ended_at IS NULL AND deputy.deputy_id IN (own.user_id, word.actor_id)
    )
    AND NOT {BARRED.format(person="deputy.deputy_id", **HERE)}
WHERE step.state = 'active' AND NOT EXISTS (SELECT FROM approvals_decision decision WHERE decision.seat_id = seat.id)
"""  # noqa: S608 - ours, from above

CLAIM = """
WITH due AS MATERIALIZED ({due}),
claimed AS (
    INSERT INTO approvals_reminder (seat_id, client_id, kind, number, at)
    SELECT seat, client, %(kind)s, number, %(now)s FROM due ORDER BY seat
    ON CONFLICT DO NOTHING RETURNING seat_id
)
SELECT due.seat, due.client, due.person, due.reader, due.review, due.goes_out_at, due.number, claimed.seat_id IS NOT NULL
FROM due LEFT JOIN claimed ON claimed.seat_id = due.seat ORDER BY due.seat
"""


@dataclass(frozen=True)
class Claimed:
    """One reminder that is this sweep's to send; where ``ours`` is false, another one had it."""

    seat: int
    client: int
    person: int
    reader: int | None
    review: int
    goes_out_at: datetime | None
    number: int
    ours: bool


def claim(due: str, *, kind: ReminderKind, now: datetime, values: Mapping[str, Any]) -> list[Claimed]:
    """Insert a reminder for each seat that the query ``due`` finds, by one statement, in the caller's transaction.

    ``due`` gives the columns of ``ASKED`` and ``number``.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLAIM.format(due=due), {**values, "kind": str(kind), "now": now})
        return [Claimed(*row) for row in cursor.fetchall()]


def minute_of(moment: datetime) -> int:
    """The number of a reminder about this moment (see ``Reminder``)."""
    return int(moment.timestamp()) // 60


# The same, in SQL; half a minute is cut off in both.
MINUTE_OF = "floor(extract(epoch FROM {moment}) / 60)::int"


IN_CHARGE = """
SELECT review.id, person.id FROM approvals_review review
JOIN clients_membership role ON role.client_id = review.client_id AND role.role = 'manager'
JOIN accounts_user person ON person.id = role.user_id AND person.is_active
WHERE review.id = ANY(%(reviews)s)
UNION
SELECT review.id, person.id FROM approvals_review review
JOIN accounts_user person ON person.id IN (review.author_id, review.asked_by_id) AND person.is_active
LEFT JOIN clients_membership role ON role.client_id = review.client_id AND role.user_id = person.id
WHERE review.id = ANY(%(reviews)s) AND (person.is_agency_admin OR role.role IN ('manager', 'editor', 'author'))
"""


def people_in_charge(reviews: list[int]) -> dict[int, set[int]]:
    """Who must act when these reviews get stuck: the managers of their clients, who wrote, who asked, if still there."""
    found: dict[int, set[int]] = {review: set() for review in reviews}
    with connection.cursor() as cursor:
        cursor.execute(IN_CHARGE, {"reviews": reviews})
        for review, person in cursor.fetchall():
            found[review].add(person)
    return found
