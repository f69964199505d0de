"""One quote on a stage, and every verb of the engine beside the same verb of the model: what is done, and how it is refused, is the same."""

from collections.abc import Callable
from copy import copy, deepcopy
from datetime import datetime
from functools import cache, partial
from typing import Any, ClassVar

import time_machine
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from hypothesis.stateful import RuleBasedStateMachine

from accounts.errors import Conflict
from accounts.models import User
from accounts.prepared import Prepared
from approvals import selectors
from approvals.models import Chain, Deputy, Review, ReviewStep, Seat
from approvals.services import decide, end_deputy, name_deputy, replace_seat, save_chain, take_back, time_up
from clients.models import Client, Membership
from tests.approvals.engine import truths
from tests.approvals.engine.cast import AGREED_ON, DOCUMENT, NAMES, Stage, Wanted
from tests.approvals.engine.model import Model
from tests.approvals.engine.pieces import Person, Place, Run, StandIn
from tests.approvals.engine.pieces import Stage as Step
from tests.quotes.models import Quote
from tests.quotes.services import edit_quote, move_quote, send_quote, submit_quote, withdraw_quote
from tests.world import person

MOST_SEATS = 40  # more than any chain has


def outcome(act: Callable[[], Any]) -> str:
    """The code with which it was refused; empty where it was done."""
    try:
        act()
    except Conflict as conflict:
        return conflict.code
    except PermissionDenied:
        return "permission"
    except ObjectDoesNotExist:
        return "unknown"
    except ValidationError as error:
        field, errors = next(iter(error.error_dict.items()))
        return f"{field}:{errors[0].code}"
    return ""


def _listed(user: User, review: Review) -> bool:
    """Whether the review is on this person's list of what waits for them."""
    if not user.is_active:
        return selectors.waiting_for(user).exists()
    return bool(_lists(user.is_agency_admin)(user=user.pk, review=review.pk, now=timezone.now()))


@cache
def _lists(is_agency_admin: bool) -> Prepared[Review]:  # noqa: FBT001 - for each of the two
    """The list's own query, written once for thousands of examples."""

    def build(user: int, review: int, now: datetime) -> QuerySet[Review]:
        return selectors.waiting_for(User(pk=user, is_agency_admin=is_agency_admin), now).filter(pk=review)

    return Prepared(build)


class Play(RuleBasedStateMachine):
    """One quote. ``stage`` holds the rows that every example begins with; each one is rolled back."""

    stage: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        self.point = transaction.savepoint()
        self.newcomers: list[str] = []
        self.clock = time_machine.travel(self.stage.at(0), tick=False)
        self.traveller = self.clock.start()
        self.reviews: list[Review] = []

    def teardown(self) -> None:
        """Whatever happened, something can happen still; and then it has not."""
        try:
            self.some_way_is_left()
        finally:
            self.clock.stop()
            for name in self.newcomers:
                del self.stage.people[name]
            transaction.savepoint_rollback(self.point)

    def raises_the_curtain(self, number: int, restart: str) -> None:
        """A chain, and a quote that nobody was asked about."""
        chain, steps = self.stage.chains[number]
        self.chain: Chain = copy(chain)
        self.chain.restart = restart
        self.chain.save(update_fields=["restart"])
        self.model = Model(chain=number, steps=steps, restart=restart)

    # What is at hand

    @property
    def quote(self) -> Quote:
        """Its number and client are all that services take from it."""
        return self.stage.quote

    @property
    def review(self) -> Review:
        """The last one."""
        return self.reviews[-1]

    @property
    def run(self) -> Run:
        """The same, in the model."""
        return self.model.runs[-1]

    def person(self, name: str) -> User:
        """As they stand, read as a request would."""
        user = copy(self.stage.people[name])
        user.is_active = self.model.people[name].active
        return user

    def at(self, minute: int | None) -> datetime | None:
        """A moment of the model's."""
        return None if minute is None else self.stage.at(minute)

    # The author's verbs

    def submits(self, by: str) -> None:
        """Ask."""
        act = partial(submit_quote, user=self.person(by), quote=self.quote, chain=self.chain)
        assert outcome(lambda: self.reviews.append(act())) == self.model.submit(by)

    def edits(self, by: str, part: str, words: str) -> None:
        """Other words; now and then the same."""
        got = outcome(lambda: edit_quote(user=self.person(by), quote=self.quote, **{part: words}))  # type: ignore[arg-type]
        assert got == self.model.edit(by, part, words)

    def withdraws(self, by: str) -> None:
        """Take the question back."""
        assert outcome(lambda: withdraw_quote(user=self.person(by), quote=self.quote)) == self.model.withdraw(by)

    def sends(self) -> None:
        """It goes out."""
        assert outcome(lambda: send_quote(quote=self.quote)) == self.model.send()

    def moves(self, by: str, minute: int | None) -> None:
        """It is to go out at another time."""
        got = outcome(lambda: move_quote(user=self.person(by), quote=self.quote, goes_out_at=self.at(minute)))
        assert got == self.model.move(by, minute)

    def writes_chain(self, steps: tuple[Wanted, ...], restart: str) -> None:
        """The chain becomes this one, if such a one may be written now."""
        plans = [step.plan({name: self.person(name) for name in NAMES}) for step in steps]
        act = {"client": self.stage.client, "chain": self.chain, "name": self.chain.name, "steps": plans}
        if not outcome(lambda: save_chain(user=self.stage.people["ada"], restart=restart, **act)):  # type: ignore[arg-type]
            self.model.steps, self.model.restart = steps, restart
            self.chain.restart = restart

    # Deciding

    def says(self, who: str, verdict: str = "approve", *, of_these: bool = True) -> None:
        """Anybody says anything, of the words that stand or of others; pages and lists offer it to them if the engine takes it."""
        if not of_these:
            self._decide(who, verdict, "0" * 64, "none")
            return
        user, review = self.person(who), self.review
        shown, listed = selectors.my_seat(user, review), _listed(user, review)
        got = self._decide(who, verdict, review.digest, self.run.digest)
        assert (shown is not None) == (got == ""), f"a page says something else than the engine: {got}"
        assert listed == (got == ""), f"a list says something else than the engine: {got}"

    def _decide(self, who: str, verdict: str, digest: str, words: str) -> str:
        act = {"review": self.review, "user": self.person(who), "digest": digest, "verdict": verdict}
        got = outcome(lambda: decide(**act, comment="Così."))  # type: ignore[arg-type]
        assert got == self.model.decide(who, verdict, words)
        return got

    def one_says(self, pick: int, verdict: str = "approve") -> None:
        """One of those who can, if anybody can."""
        able = self.model.able()
        if able:
            self._decide(able[pick % len(able)], verdict, self.review.digest, self.run.digest)

    def takes_back(self, who: str) -> None:
        """Somebody thinks again."""
        got = outcome(lambda: take_back(review=self.review, user=self.person(who), reason="Ci ripenso."))
        assert got == self.model.take_back(who)

    # People

    def replaces(self, by: str, stage: Step, place: Place, name: str) -> None:
        """Somebody else sits there."""
        seats = Seat.objects.filter(step__review=self.review, step__position=stage.position).order_by("pk")
        seat = seats[next(number for number, one in enumerate(stage.places) if one is place)]
        got = outcome(lambda: replace_seat(user=self.person(by), seat=seat, person=self.person(name), reason="Via."))
        assert got == self.model.replace(by, stage, place, name)

    def deputises(self, by: str, principal: str, deputy: str, begins: int, ends: int) -> None:
        """Somebody stands in."""
        act = {"client": self.stage.client, "principal": self.person(principal), "deputy": self.person(deputy)}
        times = {"from_at": self.stage.at(begins), "until": self.stage.at(ends)}
        got = outcome(lambda: name_deputy(user=self.person(by), **act, **times))  # type: ignore[arg-type]
        assert got == self.model.name_deputy(by, principal, deputy, begins, ends)

    def ends(self, by: str, row: StandIn) -> None:
        """Not any more."""
        number = next(number for number, one in enumerate(self.model.deputies) if one is row)
        deputy = Deputy.objects.filter(client=self.stage.client).order_by("pk")[number]
        got = outcome(lambda: end_deputy(user=self.person(by), deputy=deputy))
        assert got == self.model.end_deputy(by, row)

    def switches(self, name: str) -> None:
        """Somebody leaves the agency, or comes back."""
        one = self.model.people[name]
        one.active = not one.active
        User.objects.filter(pk=self.stage.people[name].pk).update(is_active=one.active)

    def becomes(self, name: str, role: str | None) -> None:
        """Somebody does something else for the client now, or nothing."""
        one = self.model.people[name]
        rows = Membership.objects.filter(client=self.stage.client, user=self.stage.people[name])
        if role is None:
            rows.delete()
        elif not rows.update(role=role):
            boss = self.stage.people[one.boss] if one.boss else None
            rows.create(client=self.stage.client, user=self.stage.people[name], role=role, manager=boss)
        one.role = role

    # Time, and what was agreed

    def waits(self, minutes: int) -> None:
        """The clock moves, and whoever sweeps does so until nothing is due."""
        self.model.now += minutes
        now = self.stage.at(self.model.now)
        self.traveller.move_to(now)
        for _step in range(5):
            ours = ReviewStep.objects.filter(state="active", review__in=self.reviews)
            done = [time_up(step_id=pk, now=now) for pk in ours.values_list("pk", flat=True)]
            assert sum(done) == self.model.time_up()
            if not any(done):
                return
        raise AssertionError("it is never done")

    def agrees_or_not(self) -> None:
        """The client agrees to tacit consent, or takes that back."""
        self.model.consent = not self.model.consent
        Client.objects.filter(pk=self.stage.client.pk).update(
            tacit_consent_agreed_on=AGREED_ON if self.model.consent else None,
            tacit_consent_document=DOCUMENT if self.model.consent else "",
        )

    # What must be

    def some_way_is_left(self) -> None:
        """An open review can go on: somebody can decide; or a manager seats others until it is approved, or its author takes it back."""
        if not self.reviews or self.run.state != "open":
            return
        able = self.model.able()
        if able:
            self.says(able[0])
            return
        self._is_back("marta", "manager")
        self._is_back("vito", "author")
        point, as_it_was = transaction.savepoint(), deepcopy(self.model)
        self._is_led_to_its_end()
        transaction.savepoint_rollback(point)
        self.model = as_it_was
        self.withdraws("vito")
        assert self.model.state == "draft"

    def _is_led_to_its_end(self) -> None:
        """Wherever nobody can speak, a manager lets a newcomer sit down, who can: what four eyes ask, or whoever has left."""
        for _seat in range(MOST_SEATS):
            if self.run.state != "open":
                break
            able, step = self.model.able(), self.run.active
            assert step is not None
            if able:
                self.says(able[0])
                continue
            lost = next(place for place in step.living if not place.said)
            name = self._newcomer()
            self.replaces("marta", step, lost, name)
            self.says(name)
            assert any(place.user == name and place.said for place in step.living), "a newcomer is not heard"
        assert (self.run.state, self.model.state) == ("approved", "approved")
        rows = truths.read(self.quote.pk)
        truths.hold(rows)
        truths.same(self.stage, self.model, rows)

    def _is_back(self, name: str, role: str) -> None:
        if not self.model.people[name].active:
            self.switches(name)
        self.becomes(name, role)

    def _newcomer(self) -> str:
        """Somebody new at the agency, who has had to do with nothing."""
        name = f"newcomer{len(self.newcomers)}"
        self.newcomers.append(name)
        self.stage.people[name] = person(name, name.title())
        self.model.people[name] = Person(name, None, None)
        self.becomes(name, "editor")
        return name
