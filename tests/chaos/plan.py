"""How large a run is, and what becomes of each of its posts: drawn from a seed, so that a run can be had again."""

import random
from dataclasses import dataclass
from typing import Any, Literal

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
    "sandbox": 3,
    "x": 3,
    "facebook": 2,
    "threads": 2,
    "instagram": 1,
    "linkedin": 1,
    "newsletter": 1,
    "pinterest": 1,
}  # so many of fourteen channels
REAL = {"bluesky": 4, "mastodon": 3}  # beside them, where they are asked for
THREADS = frozenset({"x", "threads", "sandbox", "bluesky", "mastodon"})  # networks that have them
COMMENTS = THREADS | {"facebook", "instagram", "linkedin"}
LAST_DUE = 25.0  # seconds from being written until a post is due, at most
ONLY_SHOWS = frozenset({"instagram", "pinterest"})  # where nothing goes out without a picture or a video
# Pinterest wants longer ones than ours; Bluesky's are somebody else's server's.
NO_VIDEOS = frozenset({"newsletter", "pinterest", "bluesky", "mastodon"})
ONLY_FULL = frozenset({"newsletter", "pinterest"})  # what the short storm has no time for


@dataclass(frozen=True, kw_only=True)
class Size:
    """Seconds of storm, what goes out meanwhile, and how often something breaks (seconds between two, on average).

    The storm lasts until all posts were written and due, too, but no longer than ``longest``.
    """

    seconds: float
    longest: float
    posts: int
    beforehand: int  # of these, so many are written and approved before it begins
    clients: int
    channels: int  # of each client
    kill: float
    patient_kill: float  # and on a machine that is so busy that what was killed takes its time to come to life, at most
    database: float
    clock: float
    network: float
    behaviour: float
    broker: float
    disk: float
    freeze: float
    token: float
    correction: float
    patience: float  # seconds in which something has to end, until all is quiet again
    all_networks: bool
    real: bool = False  # real servers, too

    @property
    def threads(self) -> int:
        """People who do things side by side."""
        return 8 if self.posts > 500 else 2


FULL = Size(
    seconds=600, longest=3000, posts=2000, beforehand=1000, clients=8, channels=5, kill=5, patient_kill=20, database=45, clock=20, network=12, behaviour=8, broker=20,
    disk=50, freeze=70, token=9, correction=3, patience=240, all_networks=True,
)  # fmt: skip
SMALL = Size(
    seconds=38, longest=38, posts=120, beforehand=60, clients=3, channels=5, kill=4, patient_kill=4.8, database=16, clock=6, network=6, behaviour=4, broker=7,
    disk=13, freeze=11, token=7, correction=2, patience=60, all_networks=False,
)  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """One post: whose, where, when it is written (seconds from the beginning), how soon it is due, what becomes of it.

    ``parts``: so many posts below it, where the network has threads; ``comment``: a first comment, where it has those.
    """

    number: int
    client: int
    channels: tuple[int, ...]
    at: float
    due_in: float
    way: Way
    shows: Literal["", "picture", "video"] = ""
    parts: int = 0
    comment: bool = False


def planned(size: Size, seed: int) -> list[Planned]:
    """All posts of a run, in the order in which they are written."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    ways, weights = zip(*WAYS, strict=True)
    networks, posts = networks_of(size), []
    during = size.posts - size.beforehand
    for number in range(size.posts):
        many = chance.choices([1, 2, 3], [80, 15, 5])[0]
        early = number < size.beforehand
        way: Way = "plain" if early else chance.choices(ways, weights)[0]
        client = chance.randrange(size.clients)
        wanted = tuple(sorted(chance.sample(range(size.channels), min(many, size.channels))))
        shows = "" if early else chance.choices(["", "picture", "video"], [82, 14, 4])[0]
        channels, shows = _fitting(wanted, networks[client * size.channels :][: size.channels], shows, early=early)
        posts.append(
            Planned(
                number=number,
                client=client,
                channels=channels,
                at=size.seconds * 0.85 * (chance.random() if early else (number - size.beforehand) / during),
                due_in=chance.uniform(4, 8) if way == "plain" and shows != "video" else chance.uniform(8, LAST_DUE),
                way=way,
                shows=shows,
                parts=chance.choices([0, 1, 2, 3], [72, 12, 10, 6])[0],
                comment=chance.random() < 0.2,
            )
        )
    return posts


def _fitting(wanted: tuple[int, ...], networks: list[str], shows: Any, *, early: bool) -> tuple[tuple[int, ...], Any]:
    """The channels among these that take what the post shows, and what it then shows."""
    bars = NO_VIDEOS if shows == "video" else frozenset() if shows else ONLY_SHOWS
    fitting = tuple(number for number in wanted if networks[number] not in bars)
    if fitting:
        return fitting, shows
    if early:  # which have nothing to show
        return (next(number for number, network in enumerate(networks) if network not in ONLY_SHOWS),), ""
    return wanted, "picture"


def networks_of(size: Size) -> list[str]:
    """The network of each channel, all clients' in a row."""
    there = {network: many for network, many in NETWORKS.items() if size.all_networks or network not in ONLY_FULL}
    there |= REAL if size.real else {}
    wanted = [network for network, many in there.items() for _ in range(many)]
    # Spread, so that each client has several of them.
    return [wanted[number * 5 % len(wanted)] for number in range(size.clients * size.channels)]
