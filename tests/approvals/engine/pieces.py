"""What the model is made of: people, seats, steps, reviews, deputies."""

from dataclasses import dataclass, field
from typing import Any

from tests.approvals.engine.cast import Wanted

DECIDING = {"manager", "editor", "author", "approver"}
CONTACTS = {"approver", "viewer"}


@dataclass
class Person:
    """What somebody is for the client."""

    name: str
    role: str | None
    boss: str | None
    active: bool = True

    @property
    def acts_as(self) -> str | None:
        """The role that counts now."""
        if not self.active:
            return None
        return "manager" if self.name == "ada" else self.role

    @property
    def decides(self) -> bool:
        """Whether they may decide anything."""
        return self.acts_as in DECIDING


@dataclass
class Place:
    """A seat."""

    user: str
    source: str = "chain"
    ended: str = ""
    actor: str = ""
    verdict: str = ""

    @property
    def living(self) -> bool:
        """Whether it counts."""
        return not self.ended

    @property
    def said(self) -> bool:
        """Whether something was decided on it."""
        return bool(self.verdict)


@dataclass
class Stage:
    """A step of a review."""

    wanted: Wanted
    round: int
    position: int
    needed: int
    escalate_to: list[str]
    part: str
    key: tuple[Any, ...]
    state: str = "waiting"
    places: list[Place] = field(default_factory=list)
    stem: "Stage | None" = None
    tacit: bool = False
    agreed: bool = False  # when its turn came, in writing, that silence counts here
    since: int | None = None
    due: int | None = None
    wake: int | None = None

    @property
    def living(self) -> list[Place]:
        """The seats that count."""
        return [place for place in self.places if place.living]

    @property
    def votes(self) -> int:
        """How many have approved."""
        return sum(place.said for place in self.living)

    @property
    def heard(self) -> set[str]:
        """Who has counted here, by themselves or by somebody else; where it is carried, in that earlier round."""
        if self.stem is not None:
            return self.stem.heard
        return {name for place in self.living if place.said for name in (place.user, place.actor)}


@dataclass
class Run:
    """A review."""

    round: int
    chain: int
    author: str
    digest: str
    goes_out: int | None
    state: str = "open"
    stages: list[Stage] = field(default_factory=list)

    @property
    def active(self) -> Stage | None:
        """The step whose turn it is."""
        return next((stage for stage in self.stages if stage.state == "active"), None)


@dataclass
class StandIn:
    """A deputy."""

    principal: str
    deputy: str
    begins: int
    ends: int
    cancelled: bool = False
