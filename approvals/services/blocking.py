"""Reviews that can't pass as they stand: whoever can put it right is told, once for each way of being stuck."""

import hashlib
from collections import defaultdict

from approvals.models import ReviewStep
from approvals.services.asking import BATCH
from approvals.services.unanswered import agency_admins
from approvals.waiting import Lost, all_blocked, lost_seats
from clients.models import Membership, Role
from notifications.services import Message, tell_many


def tell_blocked() -> int:
    """Tell the managers of each blocked step, or the agency's admins where there are none. How many mails that makes.

    The insert into the outbox is the claim; its key names the seats on which nobody can decide, so that another person lost
    is another mail, and the same ones are none.
    """
    steps = list(all_blocked())
    return sum(_tell(steps[first : first + BATCH]) for first in range(0, len(steps), BATCH))


def _tell(steps: list[ReviewStep]) -> int:
    managers = _managers({step.client_id for step in steps})
    admins = agency_admins() if any(not managers[step.client_id] for step in steps) else set()
    lost = lost_seats(steps)
    messages = [
        Message(
            user=person,
            client=step.client_id,
            key=_key(step, lost.get(step.pk, [])),
            context={"step": step.pk},
        )
        for step in steps
        for person in managers[step.client_id] or admins
    ]
    return tell_many(kind="blocked", messages=messages)


def _key(step: ReviewStep, lost: list[Lost]) -> str:
    seats = ",".join(str(item.seat.pk) for item in lost)
    return f"step:{step.pk}:{hashlib.sha256(seats.encode()).hexdigest()[:32]}"


def _managers(clients: set[int]) -> defaultdict[int, set[int]]:
    found = defaultdict(set)
    rows = Membership.objects.filter(client__in=clients, role=Role.MANAGER, user__is_active=True)
    for client, user in rows.values_list("client", "user"):
        found[client].add(user)
    return found
