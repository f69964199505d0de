"""What a client of the sample agency is made of."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from approvals.models import Audience, Rule

Scene = Literal[
    "hills", "rows", "bottles", "glass", "barrels", "village", "tower", "path", "market", "bridge", "train", "square"
]


class Fate(StrEnum):
    """What becomes of a post by the time somebody looks."""

    DRAFT = "draft"  # written, not submitted
    REVIEW = "review"  # submitted, approved by ``passed`` steps; late if its hour has come meanwhile
    CHANGES = "changes"  # approved by ``passed`` steps, then changes were asked for (``wish``)
    READY = "ready"  # approved; goes out at its time, or waits for one
    EDITED = "edited"  # approved, then its words were changed to ``rewritten``
    STOPPED = "stopped"  # approved, but its hour came while everything of the client was stopped
    BEGUN = "begun"  # going out at this very moment
    DROPPED = "dropped"  # the network took it and then broke down: nobody knows
    CANCELLED = "cancelled"  # given up before its time


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody, by the part of the e-mail before the @ (of ``domain``), and their role for the client at hand."""

    key: str
    name: str
    role: str
    domain: str = "filo.example"
    language: str = "it"

    @property
    def email(self) -> str:
        """Where mail reaches them."""
        return f"{self.key}@{self.domain}"


@dataclass(frozen=True, kw_only=True)
class ChannelPlan:
    """A page of the sandbox. ``later`` is how it behaves once its past has been told."""

    handle: str
    name: str
    cadence: str
    behaviour: str = "ok"
    later: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StepOf:
    """A step of a chain: a role, or people by key."""

    name: str
    role: str = ""
    people: tuple[str, ...] = ()
    rule: str = Rule.ANY


@dataclass(frozen=True)
class Remark:
    """Something said of the post, after so many steps had decided; ``afterwards``: after its hour."""

    who: str
    text: str
    audience: str = Audience.INTERNAL
    after: int = 0
    afterwards: bool = False


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture of ours: a scene, a palette (0 to 3) and what is seen in it."""

    scene: Scene
    palette: int
    alt_text: str


@dataclass(frozen=True, kw_only=True)
class PillarPlan:
    """A theme of the client's posts, and why there is it."""

    name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class PostPlan:
    """A post. ``day`` counts from today, ``at`` is on the client's clock; neither: no time yet.

    ``in_minutes`` counts from this moment instead. ``elsewhere`` says what differs on a channel.
    """

    title: str
    text: str
    channels: tuple[str, ...]
    fate: Fate
    pillar: str = ""
    labels: tuple[str, ...] = ()
    day: int | None = None
    at: str = "09:00"
    in_minutes: int | None = None
    passed: int = 0
    wish: str = ""
    rewritten: str = ""
    link: str = ""
    pictures: tuple[Picture, ...] = ()
    elsewhere: dict[str, str] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StopPlan:
    """Everything of the client was stopped on that day, for so many hours."""

    day: int
    at: str
    hours: int
    who: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ClientPlan:
    """A client, its people, its channels, its pillars, its chain (none: the agency's own) and its posts."""

    name: str
    slug: str
    colour: str
    author: str
    manager: str
    people: tuple[Person, ...]
    channels: tuple[ChannelPlan, ...]
    posts: tuple[PostPlan, ...]
    pillars: tuple[PillarPlan, ...] = ()
    formal: bool = False
    chain: str = ""
    steps: tuple[StepOf, ...] = ()
    stop: StopPlan | None = None
