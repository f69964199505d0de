"""What else belongs into somebody's morning mail: claimed by an insert for each person, and mailed once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from accounts.models import User
from approvals.models import MorningNote
from approvals.services.reminding import tell_morning

CLAIM = """
INSERT INTO approvals_morningnote (user_id, client_id, kind, key, at)
SELECT person, client, %(kind)s::text, key, %(now)s
FROM unnest(%(people)s::bigint[], %(clients)s::bigint[], %(keys)s::text[]) AS due (person, client, key)
WHERE NOT EXISTS (
    SELECT FROM approvals_morningnote told WHERE told.user_id = person AND told.kind = %(kind)s::text AND told.key = due.key
)
ORDER BY person, key
ON CONFLICT DO NOTHING RETURNING user_id
"""


@dataclass(frozen=True)
class Due:
    """Something that one person is to be told of this morning; ``key`` says what, and which time of it."""

    user: int
    client: int
    key: str


@transaction.atomic
def note(kind: str, due: Collection[Due], people: Mapping[int, date], *, now: datetime) -> int:
    """Claim all of it and put the mail of each of these people into the outbox. How much was not claimed before.

    ``people`` are those whose morning it is (see ``reminding.mornings``). One statement for the claims, one for the mails;
    they stand or fall together, so nobody is claimed and not mailed.
    """
    mine = [row for row in due if row.user in people]
    if not mine:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                "kind": kind,
                "people": [row.user for row in mine],
                "clients": [row.client for row in mine],
                "keys": [row.key for row in mine],
                "now": now,
            },
        )
        told = [row[0] for row in cursor.fetchall()]
    tell_morning({user: people[user] for user in sorted(set(told))}, now=now)
    return len(told)


def noted(kind: str, reader: User, since: datetime) -> set[str]:
    """The keys that were claimed for this person from that moment on."""
    return set(MorningNote.objects.filter(kind=kind, user=reader, at__gte=since).values_list("key", flat=True))
