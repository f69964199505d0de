"""The first page: what waits for one, what went wrong, what goes out next, how everything stands."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When
from django.utils import timezone

from accounts.models import User
from approvals.models import Review
from approvals.selectors import waiting_for
from approvals.waiting import blocked
from clients.models import STAFF_ROLES, Client
from clients.selectors import staff_clients, within
from social.models import (
    Channel,
    ChannelStatus,
    Post,
    PostState,
    Publication,
    PublicationState,
    Silence,
    SilenceState,
)
from social.selectors import channels, counts_by_state, posts, publications, silences

MOST = 12  # rows of each list; the rest is a click away
WRONG = [PostState.LATE, PostState.FAILED, PostState.CHANGES_REQUESTED]


@dataclass(frozen=True, kw_only=True)
class StandingRow:
    """One client and how many posts it has in each of the table's states."""

    client: Client
    counts: list[tuple[str, int]]
    total: int


def today(user: User) -> dict[str, Any]:
    """Everything of the first page, in a fixed number of queries."""
    mine = list(staff_clients(user))
    standing, states = _standing(user, mine)
    waiting = list(_waiting(user)[: MOST + 1])
    return {
        "waiting": waiting[:MOST],
        "more_waiting": len(waiting) > MOST,
        "blocked": list(blocked(user)[:MOST]),
        "uncertain": list(_uncertain(user)[:MOST]),
        "wrong": list(_wrong(user)[:MOST]),
        "connections": list(_connections(user)[:MOST]),
        "silences": list(_silences(user)[:MOST]),
        "coming": list(_coming(user)[:MOST]),
        "frozen": [client for client in mine if client.frozen],
        "standing": standing,
        "states": states,
    }


def _waiting(user: User) -> QuerySet[Review]:
    return waiting_for(user).filter(within(user, "client", STAFF_ROLES))


def _uncertain(user: User) -> QuerySet[Publication]:
    found = publications(user).filter(within(user, "client", STAFF_ROLES), state=PublicationState.UNKNOWN)
    return found.prefetch_related(None).order_by("due_at", "pk")


def _wrong(user: User) -> QuerySet[Post]:
    """Posts that a person has to act on: late, not published on a channel, changes asked."""
    failed = Publication.objects.filter(post=OuterRef("pk"), state__in=[PublicationState.FAILED, PublicationState.LATE])
    found = posts(user).filter(within(user, "client", STAFF_ROLES))
    return (found.filter(state__in=WRONG) | found.filter(Exists(failed))).order_by("publish_at", "pk")


def _connections(user: User) -> QuerySet[Channel]:
    """Channels that need a new connection, or soon will, and how many posts wait to go out there."""
    needing = [ChannelStatus.BROKEN, ChannelStatus.EXPIRING]
    found = channels(user).filter(within(user, "client", STAFF_ROLES), status__in=needing)
    waiting = Count("publications", filter=Q(publications__state=PublicationState.SCHEDULED))
    return found.annotate(waiting=waiting).order_by("status", "ends_at", "pk")


def _silences(user: User) -> QuerySet[Silence]:
    """Channels that are going to fall silent, one's own first."""
    found = silences(user).filter(state=SilenceState.FORESEEN)
    return found.order_by(Case(When(owner=user, then=0), default=1), "falls_on", "pk")


def _coming(user: User) -> QuerySet[Publication]:
    found = publications(user).filter(
        within(user, "client", STAFF_ROLES), state=PublicationState.SCHEDULED, due_at__gt=timezone.now()
    )
    return found.filter(client__frozen_at=None).prefetch_related(None).order_by("due_at", "pk")


def _standing(user: User, mine: list[Client]) -> tuple[list[StandingRow], list[tuple[str, Any]]]:
    counts = counts_by_state(user)
    there = {state for _client, state in counts}
    states = [(state, words) for state, words in PostState.choices if state in there]
    rows = []
    for client in mine:
        row = [(state, counts.get((client.pk, state), 0)) for state, _words in states]
        rows.append(StandingRow(client=client, counts=row, total=sum(number for _state, number in row)))
    return rows, states
