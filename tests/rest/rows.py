"""One line of the table of the contract."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.world import World

CANARY = "kanarienvogel"


@dataclass(frozen=True)
class Row:
    """One operation on one row of the winery: who may, what it takes, and whether a client's approver may not."""

    method: str
    path: str
    who: str
    pk: Callable[[World], int]
    body: Callable[[World], Any] = lambda _world: None
    expect: int = 200
    contact: int = 403
