"""How large a run is, and what becomes of each of its posts: drawn from a seed, so that a run can be had again."""

import random
from dataclasses import dataclass
from typing import Literal

Way = Literal["plain", "never", "draft", "edited", "taken_back", "moved"]
WAYS: list[tuple[Way, int]] = [
    ("plain", 72),
    ("never", 7),
    ("draft", 3),
    ("edited", 6),
    ("taken_back", 5),
    ("moved", 7),
]
NETWORKS = {
    "sandbox": 4,
    "x": 2,
    "facebook": 2,
    "threads": 1,
    "linkedin": 1,
    "newsletter": 1,
}  # so many of eleven channels


@dataclass(frozen=True, kw_only=True)
class Size:
    """Seconds of storm, what goes out meanwhile, and how often something breaks (seconds between two, on average)."""

    seconds: float
    posts: int
    beforehand: int  # of these, so many are written and approved before it begins
    clients: int
    channels: int  # of each client
    kill: float
    database: float
    clock: float
    network: float
    behaviour: float
    broker: float
    disk: float
    freeze: float
    patience: float  # seconds until all is quiet again
    mails: bool  # newsletters, too

    @property
    def threads(self) -> int:
        """People who do things side by side."""
        return 3 if self.posts > 500 else 2


FULL = Size(
    seconds=600, posts=2000, beforehand=400, clients=8, channels=5, kill=5, database=45, clock=20, network=12, behaviour=8, broker=20,
    disk=50, freeze=70, patience=240, mails=True,
)  # fmt: skip
SMALL = Size(
    seconds=38, posts=120, beforehand=60, clients=3, channels=5, kill=4, database=16, clock=6, network=6, behaviour=4, broker=7,
    disk=13, freeze=11, patience=60, mails=False,
)  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """One post: whose, where, when it is written (seconds from the beginning), how soon it is due, what becomes of it."""

    number: int
    client: int
    channels: tuple[int, ...]
    at: float
    due_in: float
    way: Way
    picture: bool


def planned(size: Size, seed: int) -> list[Planned]:
    """All posts of a run, in the order in which they are written."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    ways, weights = zip(*WAYS, strict=True)
    posts = []
    during = size.posts - size.beforehand
    for number in range(size.posts):
        many = chance.choices([1, 2, 3], [80, 15, 5])[0]
        early = number < size.beforehand
        way: Way = "plain" if early else chance.choices(ways, weights)[0]
        posts.append(
            Planned(
                number=number,
                client=chance.randrange(size.clients),
                channels=tuple(sorted(chance.sample(range(size.channels), min(many, size.channels)))),
                at=size.seconds * 0.85 * (chance.random() if early else (number - size.beforehand) / during),
                due_in=chance.uniform(4, 8) if way == "plain" else chance.uniform(8, 25),
                way=way,
                picture=not early and chance.random() < 0.1,
            )
        )
    return posts


def networks_of(size: Size) -> list[str]:
    """The network of each channel, all clients' in a row."""
    there = {network: many for network, many in NETWORKS.items() if size.mails or network != "newsletter"}
    wanted = [network for network, many in there.items() for _ in range(many)]
    # Spread, so that each client has several of them.
    return [wanted[number * 7 % len(wanted)] for number in range(size.clients * size.channels)]
