"""What a network answers, and how a try at a publication ends."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Level = Literal["error", "warning"]


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
    """Where the publication is. A `permalink` that starts with `/` is a page of this installation.

    `detail` is what else there is to say of it, lazily translated: of a newsletter, to how many it went.
    `hidden`: it is there as was asked, and its readers don't see it yet, since it waits there as a draft or for its day.
    `since`: of what is asked about again, when it went out, where that is known.
    `lacks` is what its readers don't get of it although it is there, lazily translated: a person has to look.
    """

    remote_id: str
    permalink: str
    detail: "StrOrPromise" = field(default="", compare=False)
    hidden: bool = field(default=False, compare=False)
    since: dt.datetime | None = field(default=None, compare=False)
    lacks: "StrOrPromise" = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the network says we are: its stable `id`, the `handle` of today, the `name` shown to readers.

    `allows` is what this account's server takes where that differs from server to server, small and JSON-able; it is kept
    on the channel, and comes back to the network's rules as `Content.allows`.
    """

    id: str
    handle: str
    name: str
    allows: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signed:
    """One account that a sign-in lets us into, and the credentials to keep where it is the one that is meant.

    Where these hold a `person`, all accounts of that person go by the newest tokens, which no renewal ends.
    """

    identity: Identity
    credentials: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a network counts of one publication. None is unknown, which is not zero.

    `conversions` are what people did because of it, beyond reading and clicking: called, wrote, asked the way, bought.
    """

    reach: int | None = None
    views: int | None = None
    reactions: int | None = None
    comments: int | None = None
    shares: int | None = None
    clicks: int | None = None
    conversions: int | None = None


class NetworkError(Exception):
    """A try that did not end as published; the subclass says what may be done now.

    `code` is for programs. `detail` is a sentence in the language active when it is read; `said` is what the network
    answered, cut to 300 characters, without credentials, empty where it did not answer. `partly`: of several things that were
    to be done to what is live, some were (see `halfway`).
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
        self.partly = False

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


class Unpaid(Throttled):
    """The network takes nothing more of this installation before who runs it has paid: nothing went out; tried again by itself."""


class Stopped(NetworkError):  # noqa: N818 - an outcome, in the words of the design
    """Nothing (more) of it may go out just now, and nothing did: its client was stopped meanwhile, or there is no more to send to."""


class NotSent(NetworkError):  # noqa: N818 - an outcome, in the words of the design
    """Nothing went out, for a reason that may pass (no connection, an error before acceptance): safe to retry."""


class Unknown(NetworkError):  # noqa: N818 - an outcome, in the words of the design
    """It was sent and no clear answer came back: ask with `find` before anything else."""


class NotReady(NetworkError):  # noqa: N818 - an outcome, in the words of the design
    """The network is still working on what was uploaded: nothing is live; go on at `retry_at` (aware, UTC) or later.

    It is no failure and counts as no try.
    """

    def __init__(self, template: "StrOrPromise", *, retry_at: dt.datetime, **rest: Any) -> None:
        super().__init__(template, **rest)
        self.retry_at = retry_at


class CannotTell(NetworkError):  # noqa: N818 - an outcome, in the words of the design
    """`find` could not decide: a person must."""


def run_out(network: str, *, code: str, said: str = "", why: "StrOrPromise" = "") -> CredentialsRefused:
    """The connection has come to its end, and can't be renewed. `why`: the network's own sentence for that, where it has one."""
    return CredentialsRefused(
        why or _("The connection to %(network)s has run out. Connect the channel again."),
        code=code,
        params={"network": network},
        said=said,
    )


def wordless(network: str) -> CannotTell:
    """There is a post without words, as ours is: by its words nobody can tell them apart."""
    sentence = _("%(network)s has a post without words since then: whether it is this one, only a person can see.")
    return CannotTell(sentence, code="wordless", params={"network": network})


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
