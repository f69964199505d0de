"""What every network module gives: its rules, publishing, asking back, and the outcomes of both.

A try at a publication ends as `Published`, or with one of the errors below, each of which says what the caller may do
next. A network never retries a record by itself, never touches the database, and never waits longer than the steps
stated in its module.
"""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Literal

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Level = Literal["error", "warning"]
Keys = dict[str, Any]
"""What must stay the same over all tries of one publication, JSON-able; made once by `Network.new_keys`."""


# ---------------------------------------------------------------------------------------------------- what goes out


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One picture, as stored: metadata stripped, its type found by content.

    `size` is in bytes, `width` and `height` in pixels. `open` gives a fresh binary stream, which the network closes.
    """

    sha256: str
    mime: str
    width: int
    height: int
    size: int
    alt_text: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Content:
    """What goes out on one channel: the very words, link and pictures that were approved."""

    text: str
    link: str = ""
    media: tuple[MediaItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A channel, as a network needs it.

    `server` is a base URL, empty for the network's usual one. `identity` is the network's own stable id of the
    account, once known (on Bluesky the DID), else empty: where it is set, nothing is published as anybody else.
    """

    handle: str
    server: str = ""
    credentials: Mapping[str, Any] = field(default_factory=dict, repr=False)
    identity: str = ""


# ------------------------------------------------------------------------------------------------------ what it says


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a network would not take (`error`) or that its readers would miss (`warning`).

    `code` never changes and is for programs; `detail` is for people.
    """

    code: str
    level: Level
    template: "StrOrPromise"
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def detail(self) -> str:
        """The sentence, in the language that is active now."""
        return _filled(self.template, self.params)


@dataclass(frozen=True, slots=True)
class Preflight:
    """How a content stands to one network's rules.

    `used` and `limit` are in `unit` (a word for programs: `graphemes`, `bytes`). `cut_at` is None where all fits, else
    the index in `Content.text`, in code points, up to which it fits; it is never inside a grapheme.
    """

    used: int
    limit: int
    unit: str
    cut_at: int | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """True if the network would take it; warnings do not count."""
        return not any(problem.level == "error" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Published:
    """Where the publication is. A `permalink` that starts with `/` is a page of this installation."""

    remote_id: str
    permalink: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the network says we are: its stable `id`, the `handle` of today, the `name` shown to readers."""

    id: str
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Need:
    """One field of a channel's `credentials`. `secret`: never shown again once given."""

    name: str
    label: "StrOrPromise"
    secret: bool = True
    required: bool = True


@dataclass(frozen=True, slots=True)
class Proportions:
    """What a preview draws: width divided by height, at the narrowest and the widest, and of a link card's picture.

    `fold_at` is the number of graphemes after which the network hides the rest behind "more", None where it never does.
    """

    narrowest: float
    widest: float
    card: float
    fold_at: int | None = None


# ---------------------------------------------------------------------------------------------------------- outcomes


class NetworkError(Exception):
    """A try that did not end as published; the subclass says what may be done now.

    `code` is for programs. `detail` is a sentence in the language active when it is read; `said` is what the network
    answered, cut to 300 characters, without credentials, empty where it did not answer.
    """

    def __init__(
        self,
        template: "StrOrPromise",
        *,
        code: str = "",
        params: Mapping[str, Any] | None = None,
        said: str = "",
    ) -> None:
        super().__init__(template)
        self.template = template
        self.code = code
        self.params = dict(params or {})
        self.said = said[:300]

    @property
    def detail(self) -> str:
        """The sentence, in the language that is active now."""
        return _filled(self.template, self.params)

    def __str__(self) -> str:
        """What stands in a log: the sentence and the network's own words."""
        return f"{self.detail} ({self.said})" if self.said else self.detail


class Refused(NetworkError):  # noqa: N818 - an outcome, in the words of the design
    """The network says no, or we do before it could: nothing went out, and the same try would end the same."""


class CredentialsRefused(Refused):
    """The network does not accept our credentials: the channel needs a new connection. Nothing went out."""


class Throttled(NetworkError):  # noqa: N818 - an outcome, in the words of the design
    """Too much for the network just now: nothing went out; try again at `retry_at` (aware, UTC) or later."""

    def __init__(self, template: "StrOrPromise", *, retry_at: dt.datetime, **rest: Any) -> None:
        super().__init__(template, **rest)
        self.retry_at = retry_at


class NotSent(NetworkError):  # noqa: N818 - an outcome, in the words of the design
    """Nothing went out, for a reason that may pass (no connection, an error before acceptance): safe to retry."""


class Unknown(NetworkError):  # noqa: N818 - an outcome, in the words of the design
    """It was sent and no clear answer came back: ask with `find` before anything else."""


class CannotTell(NetworkError):  # noqa: N818 - an outcome, in the words of the design
    """`find` could not decide: a person must."""


# ----------------------------------------------------------------------------------------------------------- network


class Network(ABC):
    """One social network. An instance holds no account and may be used by many threads at once.

    `limits` is dated data with its source, as the API gives it: `{"text": {"max", "unit", …}, "media": {…}, "source",
    "as_of"}`. `patience` is the longest that `publish` or `find` may take, in seconds: a lease must be longer.
    """

    slug: ClassVar[str]
    name: ClassVar[str]
    needs: ClassVar[tuple[Need, ...]] = ()
    limits: ClassVar[Mapping[str, Any]]
    proportions: ClassVar[Proportions]
    patience: ClassVar[int]

    @abstractmethod
    def preflight(self, content: Content) -> Preflight:
        """Check the content against the network's rules; asks nobody, takes milliseconds, never raises."""

    @abstractmethod
    def new_keys(self, now: dt.datetime) -> Keys:
        """Fix what all tries of one publication share. The caller stores it before the first try.

        `now` is when that first try begins, not when it was planned: some networks show it, and sort by it.
        """

    @abstractmethod
    def publish(self, account: Account, content: Content, keys: Keys) -> Published:
        """Publish once.

        Raises:
            Refused, CredentialsRefused, Throttled, NotSent: nothing went out.
            Unknown: it may have gone out.
        """

    @abstractmethod
    def find(self, account: Account, content: Content, keys: Keys) -> Published | None:
        """Ask whether the publication with these keys is live; None means that it surely is not.

        Raises:
            CannotTell: the network gave no answer that decides.
            NotSent, Throttled: the network could not be asked now; ask again later.
            Refused, CredentialsRefused: the network does not let us ask.
        """

    @abstractmethod
    def identity(self, account: Account) -> Identity:
        """Ask the network who these credentials belong to, with a fresh sign-in where the network has one.

        Raises:
            Refused, CredentialsRefused, Throttled, NotSent.
        """

    def warm_up(self) -> None:  # noqa: B027 - most networks have nothing to load
        """Load what only publishing needs: for a worker, before its first task."""

    def refuse_unfit(self, content: Content) -> None:
        """Do what the network would with a content that its rules forbid, without asking it.

        Raises:
            Refused: with the first error of the preflight.
        """
        for problem in self.preflight(content).problems:
            if problem.level == "error":
                raise Refused(problem.template, code=problem.code, params=problem.params)

    def missing(self, credentials: Mapping[str, Any]) -> tuple[Need, ...]:
        """Which required fields the credentials lack."""
        return tuple(need for need in self.needs if need.required and not credentials.get(need.name))


def too_long(network: str, used: int, limit: int) -> Problem:
    """The problem that every network with a limit of text has words for."""
    return Problem(
        code="text_too_long",
        level="error",
        template=_("Too long for %(network)s: %(used)d of %(limit)d. This is where it is cut."),
        params={"network": network, "used": used, "limit": limit},
    )


def _filled(template: "StrOrPromise", params: Mapping[str, Any]) -> str:
    return str(template) % params if params else str(template)
