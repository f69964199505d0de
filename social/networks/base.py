"""What every network module gives: its rules, publishing, asking back, and the outcomes of both.

A try at a publication ends as `Published`, or with one of the errors below, each of which says what the caller may do
next. A network never retries a record by itself, never touches the database, and never waits longer than the steps
stated in its module.

Where publishing takes several calls, the network writes down in the `Journal` what each has given, and says before the
call that readers could see (`Journal.sending`). Whoever goes on after a crash calls `publish` again with the same
journal: what is written there is not done again, and where nothing was being sent, nothing is uncertain.
"""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from social.networks.asking import Field, Limit, Need, OAuth, Price, Proportions, Rendition
from social.networks.content import Account, Content, MediaItem, Part
from social.networks.journal import Given, Journal, LeaseLost
from social.networks.layout import Layout
from social.networks.outcomes import (
    CannotTell,
    CredentialsRefused,
    Identity,
    NetworkError,
    NotReady,
    NotSent,
    Numbers,
    Preflight,
    Problem,
    Published,
    Refused,
    Signed,
    Stopped,
    Throttled,
    Unknown,
    Unpaid,
    run_out,
    too_long,
)

__all__ = [
    "Account",
    "CannotTell",
    "Content",
    "CredentialsRefused",
    "Field",
    "Identity",
    "Journal",
    "Keys",
    "LeaseLost",
    "Limit",
    "MediaItem",
    "Need",
    "Network",
    "NetworkError",
    "NotReady",
    "NotSent",
    "Numbers",
    "OAuth",
    "Part",
    "Preflight",
    "Price",
    "Problem",
    "Proportions",
    "Published",
    "Refused",
    "Rendition",
    "Signed",
    "Stopped",
    "Throttled",
    "Unknown",
    "Unpaid",
    "too_long",
]

Keys = dict[str, Any]
"""What must stay the same over all tries of one publication, JSON-able; made once by `Network.new_keys`."""


class Network(ABC):
    """One social network. An instance holds no account and may be used by many threads at once.

    `limits` is dated data with its source, as the API gives it: `{"text": {"max", "unit", …}, "media": {…}, "source",
    "as_of"}`. `patience` is the longest that `publish` or `find` may take, in seconds: a lease must be longer, but where it is
    safe to go on beside a worker that lives all the same: then `pulse` is for how long it may be silent.

    `prepares`: publishing begins with calls that readers can't see, and says itself when it sends (`Journal.sending`);
    otherwise all of `publish` is sending. `company`: on whose servers it hangs, where other networks hang on the same. `at_once`: how many publications all workers together send there at a time.
    `certain`: what `find` does not see is not there, since it goes by a key or a number of ours; otherwise it looks through
    what the network lists, which may be late, and its None counts only after some minutes.
    `plays`: the kinds of moving pictures beside GIFs that its readers see move. `captions`: a video's subtitles go out; `covers`: its cover; `describes_videos`: its alternative text. `edits_media`: an edit changes pictures and link as well, not just words; `edits_count`: their number, too; `edits_threads`: more than single posts can be edited.
    `edits_alt_texts`: an edit changes alternative texts, too; `edits_fields`: which of the `fields` it changes, and
    `keeps_fields` those of them that it leaves as they are where they are emptied.
    `reads`: what each question about something live (`read_back`, `numbers`) takes of the network's limits; `read_price`:
    what it takes for each post that is asked for.
    `mails`: what goes out are mails, which lie in an inbox before they are read. `lasts`: what goes out there takes as long
    as it takes, copy by copy: days, where it has said so.
    `repeats_after`: the network refuses the same text within this time. `retired`: the day since which there is no such
    network any more; what was published there stays. `oauth`: how accounts are connected, where that is by OAuth 2.
    `own_server`: each account is on a server that has to be named; `no_server`: there is none that could be.
    `many_servers`: accounts are on different ones, of which each may hang by itself.
    `registers`: each of its servers gives out apps by itself (`register_app`).
    """

    slug: ClassVar[str]
    name: ClassVar[str]
    needs: ClassVar[tuple[Need, ...]] = ()
    fields: ClassVar[tuple[Field, ...]] = ()
    limits: ClassVar[Mapping[str, Any]]
    proportions: ClassVar[Proportions]
    patience: ClassVar[int]
    pulse: ClassVar[int | None] = None
    prepares: ClassVar[bool] = False
    company: ClassVar[str] = ""
    at_once: ClassVar[int] = 16
    certain: ClassVar[bool] = False
    threads: ClassVar[bool] = False
    comments: ClassVar[bool] = False
    plays: ClassVar[tuple[str, ...]] = ()
    captions: ClassVar[bool] = False
    covers: ClassVar[bool] = False
    describes_videos: ClassVar[bool] = False
    edits: ClassVar[bool] = False
    edits_media: ClassVar[bool] = False
    edits_count: ClassVar[bool] = True
    edits_threads: ClassVar[bool] = True
    edits_alt_texts: ClassVar[bool] = False
    edits_fields: ClassVar[tuple[str, ...]] = ()
    keeps_fields: ClassVar[tuple[str, ...]] = ()
    deletes: ClassVar[bool] = False
    counts: ClassVar[bool] = False
    mails: ClassVar[bool] = False
    lasts: ClassVar[bool] = False
    reads: ClassVar[tuple[Limit, ...]] = (
        Limit("reads", _("Questions about what is out, an hour"), 100, dt.timedelta(hours=1)),
    )
    read_price: ClassVar[Price | None] = None
    repeats_after: ClassVar[dt.timedelta | None] = None
    retired: ClassVar[dt.date | None] = None
    own_server: ClassVar[bool] = False
    no_server: ClassVar[bool] = False
    many_servers: ClassVar[bool] = False
    oauth: ClassVar[OAuth | None] = None
    registers: ClassVar[bool] = False

    @abstractmethod
    def preflight(self, content: Content) -> Preflight:
        """Check the content against the network's rules; asks nobody, takes milliseconds, never raises."""

    def takes_cover(self, content: Content) -> bool:
        """Whether a video's cover goes out with this content."""
        return self.covers

    @abstractmethod
    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix what all tries of one publication share. The caller stores it before the first try.

        `now` is when that first try begins, not when it was planned: some networks show it, and sort by it.
        """

    def keys_for_rest(self, keys: Keys, now: dt.datetime, content: Content, live: int) -> Keys:
        """The keys with which what broke off after `live` posts goes on as this content; those of what is live stay."""
        return keys

    @abstractmethod
    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Publish once, or go on where `journal` says that the try before has stopped.

        Raises:
            Refused, CredentialsRefused, Throttled, NotSent, NotReady: nothing went out of what was in flight.
            Unknown: it may have gone out.
            LeaseLost, Stopped: the journal does not let it go on (`Journal.sending`).
        """

    @abstractmethod
    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Ask whether what was in flight is live; None means that it surely is not.

        Of a thread, only the part in flight is asked for: where it is live, that is written down (`journal.sent`), and
        None says that the rest has still to go out.

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

    def rendition(self, item: MediaItem) -> Rendition | None:
        """How this picture or video has to be there; None where it goes out as it is."""
        return None

    def budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """What this publication takes of the network's limits."""
        return ()

    def edit_budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """What changing what is live takes of the network's limits; usually what publishing does."""
        return self.budgets(account, content)

    def delete_budgets(self, account: Account, content: Content) -> tuple[Limit, ...]:
        """What taking this content down takes of the network's limits."""
        return ()

    def read_budgets(self) -> tuple[Limit, ...]:
        """What each question about something live takes of the network's limits."""
        return self.reads

    def check_budgets(self) -> tuple[Limit, ...]:
        """What it takes of the limits to ask who an account is."""
        return ()

    def words(self, content: Content) -> tuple[str, ...]:
        """The texts that the network compares, where it refuses what it has had already (`repeats_after`)."""
        return (f"{content.text}\n\n{content.link}",)

    def count_comment(self, content: Content) -> tuple[int, int]:
        """How long the first comment is as the network counts, and how long it may be; usually as any post of its."""
        check = self.preflight(Content(content.comment, allows=content.allows))
        return check.used, check.limit

    def layout(self, content: Content) -> Layout | None:
        """How the network sets the text; None where lines stay lines."""
        return None

    def posts_read(self, live: Published) -> int:
        """Of how many posts `read_back` asks: each of them costs `read_price`."""
        return 1

    def price(self, content: Content) -> Price | None:
        """What the network takes for this publication; None where it costs nothing."""
        return None

    def delete_price(self, posts: int) -> Price | None:
        """What the network takes for deleting so many posts; None where that costs nothing."""
        return None

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        """Change what is live into this content; the same change twice is one. For networks that have `edits`.

        Raises:
            Refused, CredentialsRefused, Throttled, NotSent: it is as it was.
            Unknown: try again: a second time does no harm.
        """
        raise self._has_no("edit")

    def so_far(self, given_by: Given) -> Published | None:
        """Where that is which is live of something that broke off in the middle, so that it can be deleted.

        By what its steps gave alone: nobody is asked. None where nothing is written down.
        """
        given = given_by("publish")
        return Published(str(given["id"]), str(given.get("url") or given.get("link") or "")) if given else None

    def delete(self, account: Account, live: Published) -> None:
        """Take down what is live; what is not there any more is deleted. For networks that have `deletes`.

        Raises:
            Refused, CredentialsRefused, Throttled, NotSent, Unknown: as with `edit`.
        """
        raise self._has_no("delete")

    def read_back(self, account: Account, live: Published) -> Published | None:
        """What the network shows now at this publication's place; None where readers see nothing any more.

        What was `hidden` as it was asked is there, hidden or shown by now. Where its readers don't get all of it, that is
        said (`Published.lacks`).

        Raises:
            CannotTell: the network does not let it be read.
            NotReady: it is there, and the network is still at work on what readers are to see of it.
            Refused, CredentialsRefused, Throttled, NotSent.
        """
        raise CannotTell(_("%(network)s can't be read back."), code="cannot_read", params={"network": self.name})

    def numbers(self, account: Account, live: Published) -> Numbers:
        """What the network counts of it today. For networks that have `counts`.

        Raises:
            Refused, CredentialsRefused, Throttled, NotSent.
        """
        raise self._has_no("numbers")

    def refresh(self, account: Account) -> Mapping[str, Any]:
        """Renew the token, and return all credentials anew, to be kept before they are used: the old ones may be over.

        `access_token`, `refresh_token` and `expires_at` (ISO 8601, UTC) are as they are now; what else there was stays.
        For networks with `oauth`; one renewal of a channel at a time.

        Raises:
            Refused, CredentialsRefused: the channel has to be connected again.
            NotSent, Throttled: try again later.
        """
        raise run_out(self.name, code="no_refresh")

    def ways(self) -> Mapping[str, OAuth]:
        """The ways to sign in, by name; the usual one has none. None at all where accounts are connected otherwise."""
        return {"": self.oauth} if self.oauth else {}

    def way_of(self, credentials: Mapping[str, Any]) -> str:
        """By which of its `ways` these credentials came: whose app they are renewed with."""
        return ""

    def signed_in(self, account: Account, way: str = "") -> tuple[Signed, ...]:
        """Which accounts a sign-in that has just come back lets us into, each with the credentials to keep for it.

        `account.credentials` are what the network gave for the code. Usually that is one account, and they are kept as
        they are; where a person has several (pages, organisations, places), each of them is named.

        Raises:
            Refused, CredentialsRefused, Throttled, NotSent.
        """
        return (Signed(self.identity(account), account.credentials),)

    def renews(self, credentials: Mapping[str, Any]) -> bool:
        """Whether `refresh` can make these last longer."""
        has_refresh = type(self).refresh is not Network.refresh
        return bool(has_refresh and self.ways() and credentials.get("refresh_token"))

    def register_app(self, server: str, redirects: Sequence[str]) -> Mapping[str, str]:
        """Register this installation at one server (a base URL), with the exact addresses that people come back to.

        Gives `client_id` and `client_secret`, which are kept for that server; also `scopes`, as they stand in its
        address, where it takes others than those of `oauth`. For networks that have `registers`.

        Raises:
            Refused, Throttled, NotSent.
        """
        raise self._has_no("register_app")

    def _has_no(self, verb: str) -> Refused:
        return Refused(_("%(network)s has no way to do that."), code=f"no_{verb}", params={"network": self.name})

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
