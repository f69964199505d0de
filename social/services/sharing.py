"""What a limit that several clients share gives to each: no more than it asks for, and nobody's asking starves another.

Max-min fair: a client that asks for less than an equal share gets all of it, the others share the rest equally. What does
not divide goes to whom it is most urgent for: whose window (``Client.lateness_minutes``) ends first, and of these to who
was served least recently.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Demand:
    """What one client has used of a limit's window, and what it has planned until the window ends.

    ``urgent`` is when the first window of what is planned ends; ``served`` when the client used it last.
    """

    used: int = 0
    planned: int = 0
    urgent: datetime | None = None
    served: datetime | None = None

    @property
    def total(self) -> int:
        """All that it asks for."""
        return self.used + self.planned


def shares(demands: Mapping[int, Demand], most: int) -> dict[int, int]:
    """How much of ``most`` each client may have in this window, by its id."""
    level, left, given = 0, most, {}
    waiting = sorted(demands, key=lambda client: (demands[client].total, client))
    while waiting:
        level = left // len(waiting)
        if demands[waiting[0]].total > level:
            break
        client = waiting.pop(0)
        given[client] = demands[client].total
        left -= given[client]
    rest = left - level * len(waiting) if waiting else 0
    for client in sorted(waiting, key=lambda client: _turn(client, demands[client], level)):
        given[client] = level + (rest > 0)
        rest -= 1
    return given


def _turn(client: int, demand: Demand, level: int) -> tuple[bool, bool, float, float, int]:
    """By what those stand in line who ask for more than there is: what was given stays given."""
    urgent = demand.urgent.timestamp() if demand.urgent else 0.0
    return (
        demand.used <= level,
        demand.urgent is None,
        urgent,
        demand.served.timestamp() if demand.served else 0.0,
        client,
    )
