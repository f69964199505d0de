"""The whole way on a real account, with a post that says what it is and is deleted at once: what a network really does.

Fakes are made after documents, and documents are not the network. Each step says what was expected and what came. What has
been published is deleted however the way ends; what could not be deleted is said.
"""

import dataclasses
import datetime as dt
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from audit.services import record
from clients.models import Client
from clients.months import month_at
from social import networks
from social.models import Ceiling, Channel, ChannelStatus, Publication, Use
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    Keys,
    MediaItem,
    Network,
    NetworkError,
    NotReady,
    Preflight,
    Published,
    Unknown,
)
from social.services import budgets, clock, spending
from social.services.claiming import share_client
from social.services.connections import account_of
from social.services.rehearsing_media import Shelf, make_picture, make_video

LONGEST = 5_000  # units; a longer text shows nothing that this does not
MOST_READERS = 3  # of a newsletter that is rehearsed on
WAIT = 300.0  # seconds until a network that still works on it is given up
PRIVATE = ("private", "SELF_ONLY", "direct", "draft", "unlisted")  # the best first, as networks call it

Verdict = Literal["as expected", "differs", "can't be told"]


@dataclass(frozen=True)
class Step:
    """One thing that was done: what was expected of it, and what came."""

    name: str
    expected: str
    found: str
    verdict: Verdict


class Memory:
    """The journal of a rehearsal: in memory, since nobody goes on with one."""

    def __init__(self) -> None:
        self.steps: dict[str, Mapping[str, Any]] = {}
        self.flying = ""

    def once(
        self,
        step: str,
        work: Callable[[], Mapping[str, Any]],
        *,
        good_for: dt.timedelta | None = None,  # noqa: ARG002 - the journal's contract
        shared: str = "",  # noqa: ARG002
        secret: str = "",  # noqa: ARG002 - nothing of it is kept
    ) -> Mapping[str, Any]:
        """Do it once."""
        if step not in self.steps:
            self.steps[step] = dict(work())
        return self.steps[step]

    def given(self, step: str) -> Mapping[str, Any] | None:
        """What it gave."""
        return self.steps.get(step)

    def sending(self, step: str = "publish") -> None:
        """Readers could see it from here on."""
        self.flying = step

    def sent(self, step: str, given: Mapping[str, Any]) -> None:
        """It is live."""
        self.steps[step], self.flying = dict(given), ""

    def in_flight(self) -> str:
        """What is being sent."""
        return self.flying

    def is_another(self, number: str) -> bool:  # noqa: ARG002
        """A rehearsal says what nothing else of ours says."""
        return False

    def forget(self, *steps: str) -> None:
        """Do these again."""
        for step in steps:
            self.steps.pop(step, None)

    def as_before_the_answer(self) -> "Memory":
        """The same, had the worker died before it heard that it was live."""
        other = Memory()
        other.steps = {name: given for name, given in self.steps.items() if name != "publish"}
        other.flying = "publish"
        return other


@dataclass
class Rehearsal:
    """One way over one channel. `prepared` asks nobody; `steps` does it all, one step after the other."""

    channel: Channel
    fields: Mapping[str, Any] = field(default_factory=dict)
    picture: bool = True
    live: Published | None = field(default=None, init=False)
    deleted: bool = field(default=False, init=False)
    left_behind: str = field(default="", init=False)
    readers: int = field(default=-1, init=False)

    def __post_init__(self) -> None:
        """Refuse what can't be rehearsed. Raises ``Conflict``."""
        self.network: Network = networks.get(self.channel.network)
        if self.channel.status == ChannelStatus.RETIRED or self.network.retired:
            raise Conflict("retired", _("This channel is retired."))
        if self.channel.client.frozen:
            raise Conflict("frozen", _("Everything of this client is stopped."))
        self.account: Account = account_of(self.channel)
        self._shelf = Shelf(self.channel.client)
        with translation.override(self.channel.client.language):
            self.content = self._content()

    # What goes out

    def _content(self) -> Content:
        words = _("Rehearsal by Filo, deleted at once.") + f" {secrets.token_hex(4)}"
        found = {name: value for name, value in _private(self.network).items() if name not in self.fields}
        bare = Content(words, fields={**found, **self.fields}, allows=self.channel.allows)
        tried = []
        for make in self._makers(bare):
            tried.append(dataclasses.replace(bare, media=(self._shelf.addressed(make()),)) if make else bare)
            if self.network.preflight(tried[-1]).ok:
                return self._of_length(tried[-1], min(self.network.preflight(tried[-1]).limit, LONGEST))
        return tried[0]

    def _makers(self, bare: Content) -> list[Callable[[], MediaItem] | None]:
        """With what it may go out, the best first: a picture, words alone, and a video where nothing else does.

        A picture may want a public address, which not every installation has.
        """
        media = self.network.limits.get("media", {})
        kinds = media.get("kinds", ()) if media.get("max") else ()
        words_do = self.network.preflight(bare).ok
        makers: list[Callable[[], MediaItem] | None] = [make_picture] if self.picture and "image/jpeg" in kinds else []
        return [*makers, *([make_video] if "video/mp4" in kinds and not words_do else [None])]

    def _of_length(self, content: Content, length: int) -> Content:
        used = self.network.preflight(content).used
        words = f"{content.text}\n{'a' * max(0, length - used - 1)}" if length > used + 1 else content.text
        return dataclasses.replace(content, text=words)

    # The way

    def steps(self) -> Iterator[Step]:
        """Each as it was done. Whatever has been published is deleted when this ends, however it does."""
        yield self._identity()
        self._require_few_readers()
        yield from self._preflight()
        if not self.network.preflight(self.content).ok:
            return
        self._begin()
        differs = 0
        try:
            for step in self._published_and_looked_at():
                differs += step.verdict == "differs"
                yield step
        finally:
            self._clean_up()
            self._shelf.clear()
            self._end(differs)

    def _identity(self) -> Step:
        expected = self.channel.identity or self.channel.handle
        try:
            found = self.network.identity(self.account)
        except NetworkError as error:
            return Step("identity", expected, str(error), "differs")
        self.account = dataclasses.replace(self.account, identity=self.account.identity or found.id)
        self.readers = int(found.allows.get("readers", -1))
        same = (
            found.id == self.channel.identity if self.channel.identity else _handle(found.handle) == _handle(expected)
        )
        return Step("identity", expected, f"{found.id} ({found.handle})", "as expected" if same else "differs")

    def _require_few_readers(self) -> None:
        """A mail can't be called back: only a list that holds nobody but ourselves is rehearsed on. Raises ``Conflict``."""
        if self.network.mails and not 0 <= self.readers <= MOST_READERS:
            text = _(
                "A rehearsal would reach the newsletter's readers. Make a channel for it whose only reader is you."
            )
            raise Conflict("has_readers", text)

    def _preflight(self) -> Iterator[Step]:
        checked = self.network.preflight(self.content)
        at_limit = f"{checked.used} of {checked.limit} {checked.unit}"
        yield Step("preflight", "it fits", at_limit if checked.ok else _problems(checked), _as(checked.ok))
        if checked.ok and checked.used == checked.limit:
            over = self.network.preflight(dataclasses.replace(self.content, text=self.content.text + "a"))
            yield Step("preflight, one more", "too long", _problems(over) or "it fits", _as(not over.ok))

    def _published_and_looked_at(self) -> Iterator[Step]:
        keys, journal = self.network.new_keys(clock.now(), self.content), Memory()
        yield self._publish(keys, journal)
        if self.live is None:
            yield self._search("find, after no clear answer", keys, journal.as_before_the_answer())
        if self.live is None:
            return
        for name in journal.steps:
            yield Step(f"step {name.partition(':')[0]}", "done", "done", "as expected")
        yield self._search("find", keys, journal.as_before_the_answer())
        yield self._read("read back", there=True)
        if self.network.edits:
            yield self._edit()
        if self.network.counts:
            yield self._tried("numbers", "what it counts", lambda live: str(self.network.numbers(self.account, live)))
        if self.network.deletes:
            yield self._delete()
            yield self._read("read back, deleted", there=False)
            yield self._delete("delete again")

    def _publish(self, keys: Keys, journal: Memory) -> Step:
        until = time.monotonic() + WAIT
        expected = "it is out"
        while True:
            try:
                self.live = self.network.publish(self.account, self.content, keys, journal)
                return Step("publish", expected, f"{self.live.remote_id} {self.live.permalink}", "as expected")
            except NotReady as waits:
                if time.monotonic() > until:
                    return Step("publish", expected, str(waits), "differs")
                time.sleep(min(10.0, max(0.2, (waits.retry_at - dt.datetime.now(dt.UTC)).total_seconds())))
            except NetworkError as error:
                return Step("publish", expected, f"{type(error).__name__}: {error}", "differs")

    def _search(self, name: str, keys: Keys, journal: Memory) -> Step:
        expected = self.live.remote_id if self.live else "it is told whether it is live"
        try:
            found = self.network.find(self.account, self.content, keys, journal)
        except CannotTell as error:
            return Step(name, expected, str(error), "can't be told")
        except NetworkError as error:
            return Step(name, expected, f"{type(error).__name__}: {error}", "differs")
        if self.live is None:
            self.live = found
            return Step(name, expected, found.remote_id if found else "it is not live", "as expected")
        same = found is not None and found.remote_id == self.live.remote_id
        return Step(name, expected, found.remote_id if found else "it is not live", _as(same))

    def _read(self, name: str, *, there: bool) -> Step:
        live = self._surely()
        expected = live.remote_id if there else "nothing"
        try:
            found = self.network.read_back(self.account, live)
        except CannotTell as error:
            return Step(name, expected, str(error), "can't be told")
        except NetworkError as error:
            return Step(name, expected, f"{type(error).__name__}: {error}", "differs")
        same = (found is not None and found.remote_id == live.remote_id) if there else found is None
        return Step(name, expected, found.remote_id if found else "nothing", _as(same))

    def _edit(self) -> Step:
        words = self.content.text[:-1] + "b" if self.content.text.endswith("a") else f"{self.content.text[:-1]}."
        edited = dataclasses.replace(self.content, text=words)

        def edit(live: Published) -> str:
            self.live = self.network.edit(self.account, live, edited)
            return self.live.remote_id

        return self._tried("edit", "other words", edit)

    def _delete(self, name: str = "delete") -> Step:
        def delete(live: Published) -> str:
            self.network.delete(self.account, live)
            self.deleted = True
            return "it is gone"

        return self._tried(name, "it is gone", delete)

    def _tried(self, name: str, expected: str, act: Callable[[Published], str]) -> Step:
        try:
            return Step(name, expected, act(self._surely()), "as expected")
        except NetworkError as error:
            return Step(name, expected, f"{type(error).__name__}: {error}", "differs")

    def _surely(self) -> Published:
        if self.live is None:
            raise Unknown(_("It is not known where it is."))
        return self.live

    # Before and after

    @transaction.atomic
    def _begin(self) -> None:
        """As a claim does: the client may not be stopped, the limits have room, and what is used counts for everybody."""
        client = share_client(self.channel.client_id)
        if client.frozen:
            raise Conflict("frozen", _("Everything of this client is stopped."))
        now = clock.now()
        mine = Publication(channel=self.channel, client=client, network=self.channel.network)
        found = budgets.free_at(mine, self.content, now)
        if found is not None:
            raise Conflict("used_up", found[1])
        self._require_money(client, now)
        Use.objects.bulk_create(
            Use(key=key, at=now, cost=limit.cost, client=client)
            for key, limit in budgets.limits_of(self.channel, self.content).items()
        )
        self._record("channel.rehearsal_began")

    def _require_money(self, client: Client, now: dt.datetime) -> None:
        """Where the client has a ceiling, its month has room for this; it is not charged: it is no publication of theirs."""
        costs, ceiling = (
            spending.price_of(self.channel.network, self.content),
            Ceiling.objects.filter(client=client).first(),
        )
        month = month_at(client, now)
        if costs and ceiling and spending.spent(client.pk, month) + costs > ceiling.dollars:
            raise Conflict("ceiling", spending.beyond_words(costs, ceiling.dollars, month))

    def _clean_up(self) -> None:
        """Take down what is still there."""
        if self.live is None or self.deleted:
            return
        self.left_behind = self.live.permalink or self.live.remote_id
        if self.network.deletes:
            try:
                self.network.delete(self.account, self.live)
            except NetworkError:
                return
            self.left_behind, self.deleted = "", True

    def _end(self, differs: int) -> None:
        self._record("channel.rehearsed", differs=differs, left_behind=self.left_behind)

    def _record(self, verb: str, **data: Any) -> None:
        with transaction.atomic():
            record(
                client_id=self.channel.client_id,
                actor=None,
                verb=verb,
                subject_type="channel",
                subject_id=self.channel.pk,
                text=self.content.text[:60],
                **data,
            )


def _as(fits: bool) -> Verdict:  # noqa: FBT001 - it is what is told
    return "as expected" if fits else "differs"


def _handle(words: str) -> str:
    return words.strip().removeprefix("@").lower()


def _problems(checked: Preflight) -> str:
    return " ".join(problem.detail for problem in checked.problems if problem.level == "error")


def _private(network: Network) -> dict[str, Any]:
    """The fields that keep a post from being seen, where the network has such."""
    found = {}
    for one in network.fields:
        values = [value for value, _label in one.choices]
        best = next((word for word in PRIVATE if word in values), None)
        if one.kind == "choice" and best is not None:
            found[one.name] = best
    return found
