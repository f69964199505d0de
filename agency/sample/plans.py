"""What a client of the sample agency is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from approvals.models import Audience, OnDeadline, Restart, Rule
from social.kind import POST

Scene = Literal[
    "hills", "rows", "bottles", "glass", "barrels", "village", "tower", "path", "market", "bridge", "train", "square"
]


class Fate(StrEnum):
    """What becomes of a post by the time somebody looks."""

    DRAFT = "draft"  # written, not submitted
    REVIEW = "review"  # submitted, approved by ``passed`` steps; late if its hour has come meanwhile
    CHANGES = "changes"  # approved by ``passed`` steps, then changes were asked for (``wish``)
    AGAIN = "again"  # the same, then ``rewritten``, submitted again and approved by ``passed_again`` steps
    READY = "ready"  # approved; goes out at its time, or waits for one
    EDITED = "edited"  # approved, then its words were changed to ``rewritten``
    STOPPED = "stopped"  # approved, but its hour came while everything of the client was stopped
    BEGUN = "begun"  # going out at this very moment
    DROPPED = "dropped"  # the network took it and then broke down: nobody knows
    BROKEN = "broken"  # a thread that broke off in the middle, and was finished from there
    CANCELLED = "cancelled"  # given up before its time


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody, by the part of the e-mail before the @ (of ``domain``), and their role for the client at hand."""

    key: str
    name: str
    role: str
    domain: str = "filo.example"
    language: str = "it"
    manager: str = ""  # the key of who they report to

    @property
    def email(self) -> str:
        """Where mail reaches them."""
        return f"{self.key}@{self.domain}"


@dataclass(frozen=True, kw_only=True)
class ChannelPlan:
    """A page of the sandbox. ``later`` is how it behaves once its past has been told.

    On another ``network`` it is connected by ``credentials`` that lead nowhere: what went out there is told, too.
    """

    handle: str
    name: str
    cadence: str
    behaviour: str = "ok"
    later: dict[str, str | int] = field(default_factory=dict)
    network: str = "sandbox"
    credentials: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ReaderPlan:
    """Somebody who signs up to a newsletter on that day, says by the link in the mail that it was them, and may leave."""

    email: str
    name: str
    day: int
    confirms: bool = True
    leaves: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewsletterPlan:
    """The list of the newsletter channel with this handle: it ``begins`` on that day, with its imprint."""

    handle: str
    begins: int
    imprint: str
    readers: tuple[ReaderPlan, ...]


@dataclass(frozen=True, kw_only=True)
class StepOf:
    """A step of a chain: a role, people by key, or the author's manager. Hours are working hours, and plain ones before."""

    name: str
    role: str = ""
    people: tuple[str, ...] = ()
    managers_up: int = 0
    rule: str = Rule.ANY
    needed: int = 1
    only: Mapping[str, Any] = field(default_factory=dict)  # channels by handle
    due_after_hours: int | None = None
    due_before_hours: int | None = None
    on_deadline: str = OnDeadline.REMIND
    escalate_to: tuple[str, ...] = ()
    never_tacit: bool = False
    four_eyes: bool = False

    @property
    def timed(self) -> bool:
        """Whether it has a deadline."""
        return self.due_after_hours is not None or self.due_before_hours is not None


@dataclass(frozen=True, kw_only=True)
class ChainPlan:
    """A chain of the client's: its default, or the one of posts with these labels. ``copied``: from the agency's own."""

    name: str
    steps: tuple[StepOf, ...]
    labels: tuple[str, ...] = ()
    restart: str = Restart.FIRST
    subject: str = POST
    copied: bool = False


@dataclass(frozen=True)
class Remark:
    """Something said of the post, after so many steps had decided; ``afterwards``: after its hour.

    ``quote`` is the passage that it is about (``pointing``: a point of the first picture instead), ``suggestion`` what its
    author would write there, ``taken`` whether the post's author took that over; ``answers`` follow, and ``settled`` says
    that it is dealt with.
    """

    who: str
    text: str
    audience: str = Audience.INTERNAL
    after: int = 0
    afterwards: bool = False
    quote: str = ""
    pointing: tuple[float, float] | None = None
    suggestion: str | None = None
    taken: bool = False
    answers: tuple["Remark", ...] = ()
    settled: bool = False


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
class Correction:
    """What was live was changed to ``text``, so many hours after it went out."""

    text: str
    because: str
    hours: int = 2


@dataclass(frozen=True, kw_only=True)
class PostPlan:
    """A post. ``parts`` are the further posts of a thread, ``comment`` the first comment below it. ``day`` counts from today, ``at`` is on the client's clock; neither: no time yet.

    ``in_minutes`` counts from this moment instead. ``elsewhere`` says what differs on a channel. ``lead`` is how many days
    before its time it is written, ``votes`` how many have approved in the step that waits, ``silent`` the positions of the
    steps in which nobody says anything. ``readers`` is how often its page was looked at between two counts, at first.
    ``asked`` is what a channel's network asks beside the text.
    """

    title: str
    text: str
    channels: tuple[str, ...]
    fate: Fate
    pillar: str = ""
    objective: str = ""
    occasion: str = ""
    labels: tuple[str, ...] = ()
    day: int | None = None
    at: str = "09:00"
    in_minutes: int | None = None
    passed: int = 0
    votes: int = 0
    silent: tuple[int, ...] = ()
    lead: int = 4
    wish: str = ""
    rewritten: str = ""
    passed_again: int = 0
    link: str = ""
    parts: tuple[str, ...] = ()
    comment: str = ""
    pictures: tuple[Picture, ...] = ()
    elsewhere: dict[str, str] = field(default_factory=dict)
    asked: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    correction: Correction | None = None
    readers: int = 0


@dataclass(frozen=True, kw_only=True)
class StopPlan:
    """Everything of the client was stopped on that day, for so many hours."""

    day: int
    at: str
    hours: int
    who: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DeputyPlan:
    """On these days (counted from today) ``deputy`` stands in for ``who``."""

    who: str
    deputy: str
    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class LeaverPlan:
    """``who`` leaves on that day; in the chains ``instead`` takes their place, in the reviews under way nobody yet."""

    who: str
    instead: str
    day: int
    at: str = "16:30"


@dataclass(frozen=True, kw_only=True)
class ConsentPlan:
    """The client agreed to tacit consent on that day, by a letter in these words."""

    day: int
    letter: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ClosingPlan:
    """The client is closed on these days, both included."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class ClientPlan:
    """A client, its people, its channels, its pillars, its chains (none: the agency's own) and its posts.

    ``since`` is the day on which it became one, counted from today. ``hours`` are spans such as "0-4 09:00-18:00": from
    Monday to Friday.
    """

    name: str
    slug: str
    colour: str
    author: str
    manager: str
    people: tuple[Person, ...]
    channels: tuple[ChannelPlan, ...]
    posts: tuple[PostPlan, ...]
    pillars: tuple[PillarPlan, ...] = ()
    since: int = -40
    formal: bool = False
    link_code: bool = False
    chains: tuple[ChainPlan, ...] = ()
    hours: tuple[str, ...] = ()
    closings: tuple[ClosingPlan, ...] = ()
    watched: tuple[str, ...] = ()
    consent: ConsentPlan | None = None
    deputies: tuple[DeputyPlan, ...] = ()
    leavers: tuple[LeaverPlan, ...] = ()
    stop: StopPlan | None = None
    newsletter: NewsletterPlan | None = None

    def chain_of(self, post: PostPlan) -> ChainPlan:
        """The one that this post goes through."""
        chains = [chain for chain in self.chains if chain.subject == POST]
        closer = (chain for chain in chains if set(chain.labels) & set(post.labels))
        return next(closer, None) or next(chain for chain in chains if not chain.labels)
