"""Reviews that can't pass as they stand: whoever can put it right is told once, of all that one sweep finds."""

from collections import defaultdict
from datetime import datetime

from django.db import connection, transaction

from approvals.models import ReminderKind, ReviewStep
from approvals.services.unanswered import agency_admins
from approvals.waiting import all_blocked, lost_seats
from clients.models import Membership, Role
from notifications.services import Message, tell_many

CLAIM = """
INSERT INTO approvals_reminder (seat_id, client_id, kind, number, at)
SELECT seat, client, %(kind)s, 1, %(now)s FROM unnest(%(seats)s::bigint[], %(clients)s::bigint[]) AS lost (seat, client)
ORDER BY seat ON CONFLICT DO NOTHING RETURNING seat_id
"""


@transaction.atomic
def tell_blocked(*, now: datetime) -> int:
    """Tell the managers of what is blocked anew, or the agency's admins where a client has none left. How many mails that makes.

    The claim is a reminder of each seat on which nobody can decide: another person lost is another mail, the same one none.
    """
    steps = list(all_blocked())
    anew = _claimed(steps, now)
    managers = _managers({step.client_id for step in anew})
    admins = agency_admins() if any(not managers[step.client_id] for step in anew) else set()
    found: defaultdict[int, list[ReviewStep]] = defaultdict(list)
    for step in anew:
        for person in managers[step.client_id] or admins:
            found[person].append(step)
    messages = [
        Message(user=person, client=None, key=now.isoformat(), context={"steps": [step.pk for step in those]})
        for person, those in found.items()
    ]
    return tell_many(kind="blocked", messages=messages)


def _claimed(steps: list[ReviewStep], now: datetime) -> list[ReviewStep]:
    """Those of the steps with a seat of which nobody has been told."""
    lost = {item.seat.pk: item.seat for seats in lost_seats(steps).values() for item in seats}
    if not lost:
        return []
    values = {"seats": list(lost), "clients": [seat.client_id for seat in lost.values()]}
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {**values, "kind": str(ReminderKind.BLOCKED), "now": now})
        claimed = {lost[row[0]].step_id for row in cursor.fetchall()}
    return [step for step in steps if step.pk in claimed]


def _managers(clients: set[int]) -> defaultdict[int, set[int]]:
    found = defaultdict(set)
    rows = Membership.objects.filter(client__in=clients, role=Role.MANAGER, user__is_active=True)
    for client, user in rows.values_list("client", "user"):
        found[client].add(user)
    return found
