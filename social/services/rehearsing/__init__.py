"""The whole way on a real account, with a post that says what it is and is deleted at once: what a network really does.

Fakes are made after documents, and documents are not the network. Each step says what was expected and what came. A thread
goes out whole, with its first comment; what breaks in the middle goes on from there, and where an answer is lost the network
is asked, as the outbox does. What has been published is deleted however the way ends, also where it was stopped in the
middle; what could not be deleted is said.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from audit.services import record
from clients.models import Client
from clients.months import month_at
from social import networks
from social.models import Act, Ceiling, Channel, ChannelStatus, Publication, Use
from social.networks import metering, rules
from social.networks.base import Account, CannotTell, Limit, Network, NetworkError, Preflight, Published, Unknown
from social.services import budgets, clock, spending
from social.services.claiming import share_client
from social.services.connections import account_of
from social.services.rehearsing import script
from social.services.rehearsing.going_out import GoingOut
from social.services.rehearsing.media import Shelf
from social.services.rehearsing.script import EXTRAS, Wishes
from social.services.rehearsing.steps import Step, as_expected, searched
from social.services.rehearsing.taking_down import TakingDown

__all__ = ["EXTRAS", "Rehearsal", "Step", "Wishes"]

MOST_READERS = 3  # of a newsletter that is rehearsed on


@dataclass
class Rehearsal:
    """One way over one channel. Making one asks nobody; ``steps`` does it all, one step after the other.

    Afterwards ``left_behind`` is where that is which could not be deleted, ``in_doubt`` whether more may be live than is
    known, ``dollars`` what the network took for all of it.
    """

    channel: Channel
    wishes: Wishes = field(default_factory=Wishes)
    left_behind: str = field(default="", init=False)
    in_doubt: bool = field(default=False, init=False)
    dollars: Decimal = field(default=Decimal(0), init=False)
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
            self.content = script.composed(self.network, self.channel, self.wishes, self._shelf)

    @property
    def private(self) -> bool:
        """Whether as few see it as the network lets us choose."""
        return script.is_private(self.network, self.content)

    @property
    def takes(self) -> list[tuple[Limit, int]]:
        """What publishing it takes of the network's limits, each with how much of it is used by now."""
        limits = budgets.limits_of(self.channel, self.content)
        return [(limit, budgets.used_of(key, limit, clock.now())) for key, limit in limits.items()]

    # The way

    def steps(self) -> Generator[Step]:
        """Each as it was done. Whatever has been published is deleted when this ends, however it does."""
        who = self._identity()
        yield who
        if who.verdict != "as expected":
            return  # as somebody else, nothing is posted
        self._require_few_readers()
        yield from self._preflight()
        if not rules.checked(self.network, self.content).ok:
            return
        self._begin()
        differs = 0
        going = GoingOut(self.network, self.account, self.content)
        try:
            with metering.metered(self._pay):
                for step in self._published_and_looked_at(going):
                    differs += step.verdict == "differs"
                    yield step
        finally:
            self._finish(going, differs)

    def _finish(self, going: GoingOut, differs: int) -> None:
        down = TakingDown(self.network, self.account, self.content)
        try:
            with metering.metered(self._pay):
                down.take(going)
        finally:
            self.left_behind, self.in_doubt = down.left_behind, going.in_doubt
            self._shelf.clear()
            self._record("channel.rehearsed", differs=differs, left_behind=self.left_behind, in_doubt=self.in_doubt)

    def _pay(self, _cause: metering.Cause, dollars: Decimal) -> None:
        self.dollars += dollars

    def _identity(self) -> Step:
        expected = self.channel.identity or self.channel.handle
        try:
            found = self.network.identity(self.account)
        except NetworkError as error:
            return Step("identity", expected, str(error), "differs")
        self.account = replace(self.account, identity=self.account.identity or found.id)
        self.readers = int(found.allows.get("readers", -1))
        same = (
            found.id == self.channel.identity if self.channel.identity else _handle(found.handle) == _handle(expected)
        )
        return Step("identity", expected, f"{found.id} ({found.handle})", as_expected(same))

    def _require_few_readers(self) -> None:
        """A mail can't be called back: only a list that holds nobody but ourselves is rehearsed on. Raises ``Conflict``."""
        if self.network.mails and not 0 <= self.readers <= MOST_READERS:
            text = _(
                "A rehearsal would reach the newsletter's readers. Make a channel for it whose only reader is you."
            )
            raise Conflict("has_readers", text)

    def _preflight(self) -> Iterator[Step]:
        checked = rules.checked(self.network, self.content)
        at_limit = f"{checked.used} of {checked.limit} {checked.unit}"
        yield Step("preflight", "it fits", at_limit if checked.ok else _problems(checked), as_expected(checked.ok))
        for name, content in script.too_long(self.content) if checked.ok and checked.used == checked.limit else ():
            over = rules.checked(self.network, content)
            yield Step(name, "too long", _problems(over) or "it fits", as_expected(not over.ok))

    def _published_and_looked_at(self, going: GoingOut) -> Iterator[Step]:
        yield from going.steps()
        if going.live is None:
            return
        self.dollars += spending.price_of(self.channel.network, self.content)
        yield from going.found_again()
        yield self._read("read back", going, there=True)
        if self.network.edits and (self.network.edits_threads or len(going.journal.live) < 2):  # noqa: PLR2004 - a thread
            yield self._edit(going)
        if self.network.counts:
            yield self._tried("numbers", "what it counts", going, self._numbers)
        if self.network.deletes:
            yield self._delete("delete", going)
            yield self._read("read back, deleted", going, there=False)
            yield from self._rest_is_gone(going)
            yield self._delete("delete again", going)

    def _read(self, name: str, going: GoingOut, *, there: bool) -> Step:
        live = _surely(going)
        expected = live.remote_id if there else "nothing"
        step, found = searched(name, expected, lambda: self.network.read_back(self.account, live), nothing="nothing")
        if not there and step.verdict == "as expected":
            going.survives = found is not None
            going.deleted |= found is None  # also where the answer to deleting was lost
        if step.verdict != "as expected":
            return step
        same = (found is not None and found.remote_id == live.remote_id) if there else found is None
        return replace(step, verdict=as_expected(same))

    def _rest_is_gone(self, going: GoingOut) -> Iterator[Step]:
        """The thread's other posts and the comment went with the first: by a key of ours where there is one, else by their numbers."""
        for step in going.journal.live[1:]:
            if not self.network.certain:
                if self.network.threads:
                    yield self._one_is_gone(step, going)
                continue
            journal = going.journal.as_before_the_answer(step)
            told, found = searched(
                f"find {step}, deleted",
                "nothing",
                lambda journal=journal: self.network.find(self.account, self.content, going.keys, journal),  # type: ignore[misc]
                nothing="nothing",
            )
            survives = found is not None or not journal.in_flight()
            going.survives |= survives
            yield replace(told, found="it is live", verdict="differs") if survives else told

    def _one_is_gone(self, step: str, going: GoingOut) -> Step:
        one = Published(str((going.journal.given(step) or {}).get("id") or ""), "")
        name, ask = f"read back {step}, deleted", partial(self.network.read_back, self.account, one)
        told, found = searched(name, "nothing", ask, nothing="nothing")
        going.survives |= found is not None
        return replace(told, found="it is live", verdict="differs") if found else told

    def _edit(self, going: GoingOut) -> Step:
        edited = script.edited(self.content)

        def edit(live: Published) -> str:
            going.live = self.network.edit(self.account, live, edited)
            self.dollars += spending.price_of(self.channel.network, replace(edited, parts=(), comment=""))
            return going.live.remote_id

        return self._tried("edit", "other words", going, edit)

    def _numbers(self, live: Published) -> str:
        return str(self.network.numbers(self.account, live))

    def _delete(self, name: str, going: GoingOut) -> Step:
        def delete(live: Published) -> str:
            self.network.delete(self.account, live)
            going.deleted = True
            return "it is gone"

        return self._tried(name, "it is gone", going, delete)

    def _tried(self, name: str, expected: str, going: GoingOut, act: Any) -> Step:
        try:
            return Step(name, expected, act(_surely(going)), "as expected")
        except CannotTell as error:
            return Step(name, expected, str(error), "can't be told")
        except NetworkError as error:
            return Step(name, expected, f"{type(error).__name__}: {error}", "differs")

    # Before and after

    @transaction.atomic
    def _begin(self) -> None:
        """As a claim does: the client may not be stopped, the limits have room, and what is used counts for everybody."""
        share_client(self.channel.client_id)
        client = Client.objects.get(pk=self.channel.client_id)
        if client.frozen:
            raise Conflict("frozen", _("Everything of this client is stopped."))
        now = clock.now()
        mine = Publication(channel=self.channel, client=client, network=self.channel.network)
        found = budgets.free_at(mine, self.content, now)
        if found is not None:
            raise Conflict("used_up", found[1])
        self._require_money(client, now)
        Use.objects.bulk_create(
            Use(key=key, at=now, cost=limit.cost, client=client) for key, limit in self._uses() if limit.cost
        )
        self._record("channel.rehearsal_began")

    def _uses(self) -> Iterator[tuple[str, Limit]]:
        acts = [
            Act.PUBLISH,
            *([Act.EDIT] if self.network.edits else []),
            *([Act.TAKE_DOWN] if self.network.deletes else []),
        ]
        for act in acts:
            yield from budgets.limits_of(self.channel, self.content, act).items()

    def _require_money(self, client: Client, now: Any) -> None:
        """Where the client has a ceiling, its month has room for this; it is not charged: it is no publication of theirs."""
        costs, ceiling = (
            spending.price_of(self.channel.network, self.content),
            Ceiling.objects.filter(client=client).first(),
        )
        month = month_at(client, now)
        if costs and ceiling and spending.spent(client.pk, month) + costs > ceiling.dollars:
            raise Conflict("ceiling", spending.beyond_words(costs, ceiling.dollars, month))

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


def _surely(going: GoingOut) -> Published:
    if going.live is None:
        raise Unknown(_("It is not known where it is."))
    return going.live


def _handle(words: str) -> str:
    return words.strip().removeprefix("@").lower()


def _problems(checked: Preflight) -> str:
    return " ".join(problem.detail for problem in checked.problems if problem.level == "error")
