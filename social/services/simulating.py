"""The walk through what is planned, in the order in which it will be claimed."""

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from social.networks.base import Limit
from social.services.budgets import LOOK_AGAIN, begins, ends
from social.services.sharing import Demand, shares

MOST_STEPS = 20_000  # beyond them nothing more is foreseen
PIECE = timedelta(hours=1)  # what is planned is summed up by such pieces of time


@dataclass(frozen=True, kw_only=True)
class Planned:
    """Something that is to go out at ``due_at``, or until ``ends``; ``uses`` is what it takes, by the limits' keys."""

    number: int
    client_id: int
    due_at: datetime
    ends: datetime
    uses: Mapping[str, int]


@dataclass
class Counter:
    """One limit as it fills up."""

    limit: Limit
    used: deque[tuple[datetime, int, int]] = field(default_factory=deque)
    total: int = 0
    mine: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    planned: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))

    def take(self, at: datetime, cost: int, client: int) -> None:
        """So much is used."""
        self.used.append((at, cost, client))
        self.total += cost
        self.mine[client] += cost

    def plan(self, row: Planned, cost: int) -> None:
        """So much is planned; a negative cost takes it back."""
        self.planned[row.client_id][_piece(row.due_at)] += cost

    def until(self, row: Planned, cost: int, at: datetime) -> datetime | None:
        """The first moment at which it may go; None where it may now."""
        since = begins(self.limit, at)
        while self.used and self.used[0][0] <= since:
            _at, gone, client = self.used.popleft()
            self.total -= gone
            self.mine[client] -= gone
        over = self.total + cost - self.limit.most
        if over > 0:
            return self._free(over, at)
        if self.limit.scope != "channel" and not self._has_turn(row, at):
            return ends(self.limit, at) if self.limit.zone else at + LOOK_AGAIN
        return None

    def _free(self, over: int, at: datetime) -> datetime:
        if not self.limit.zone:
            for used, cost, _client in self.used:
                over -= cost
                if over <= 0:
                    return used + self.limit.window
        return ends(self.limit, at)

    def _has_turn(self, row: Planned, at: datetime) -> bool:
        last = _piece(ends(self.limit, at) - timedelta(seconds=1))
        asked = {
            client: sum(cost for piece, cost in pieces.items() if piece <= last)
            for client, pieces in self.planned.items()
        }
        demands = {
            client: Demand(self.mine.get(client, 0), asked.get(client, 0)) for client in self.mine.keys() | asked.keys()
        }
        if sum(demand.total for demand in demands.values()) <= self.limit.most:
            return True
        return demands[row.client_id].used < shares(demands, self.limit.most)[row.client_id]


def _piece(at: datetime) -> int:
    return int(at.timestamp() // PIECE.total_seconds())


def walk(
    rows: Iterable[Planned], counters: Mapping[str, Counter], now: datetime
) -> dict[int, tuple[datetime, Limit, bool]]:
    """Which of them don't go at their time: when they can, which limit keeps them, and whether that is too late."""
    line = [(max(row.due_at, now), row.ends, row.number, row) for row in rows]
    heapq.heapify(line)
    for *_order, row in line:
        for counter, cost in _of(row, counters):
            counter.plan(row, cost)
    kept: dict[int, tuple[datetime, Limit, bool]] = {}
    for _step in range(MOST_STEPS):
        if not line:
            break
        at, last, number, row = heapq.heappop(line)
        found = _kept_by(row, counters, at)
        if found:
            kept[number] = (*found, found[0] > last)
        if found and found[0] <= last:
            heapq.heappush(line, (found[0], last, number, row))
            continue
        for counter, cost in _of(row, counters):
            counter.plan(row, -cost)
            if not found:
                counter.take(at, cost, row.client_id)
    return kept


def _of(row: Planned, counters: Mapping[str, Counter]) -> list[tuple[Counter, int]]:
    return [(counters[key], cost) for key, cost in row.uses.items() if key in counters]


def _kept_by(row: Planned, counters: Mapping[str, Counter], at: datetime) -> tuple[datetime, Limit] | None:
    found = None
    for counter, cost in _of(row, counters):
        until = counter.until(row, cost, at)
        if until and (found is None or until > found[0]):
            found = until, counter.limit
    return found
