"""The engine and the model side by side: every verb in any order, the same answers, and what must never be."""

from collections.abc import Callable
from copy import copy
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

import time_machine
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accounts.errors import Conflict
from accounts.models import User
from approvals import selectors
from approvals.models import Deputy, Review, ReviewStep, Seat
from approvals.services import decide, end_deputy, name_deputy, replace_seat, save_chain, take_back, time_up
from clients.models import Client, Membership
from tests.approvals.engine import truths
from tests.approvals.engine.cast import AGREED_ON, DOCUMENT, NAMES, Stage
from tests.approvals.engine.model import Model
from tests.quotes.models import Quote
from tests.quotes.services import edit_quote, move_quote, send_quote, submit_quote, withdraw_quote

who = st.sampled_from(NAMES)
staff = st.sampled_from(["vito", "vito", "elena", "luca", "marta", "ada", "piero", "carlo"])
manager = st.sampled_from(["marta", "marta", "ada", "elena", "carlo"])
number = st.integers(0, 5)
WORDS = {"amount": ["Da dire", "3.000 €", "Gratis", ""], "terms": ["T0", "T1", ""]}
RESTARTS = ["refused", "unchanged", "refused", "unchanged", "first"]


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


class Machine(RuleBasedStateMachine):
    """One quote. ``stage`` holds the rows that every example begins with; each one is rolled back."""

    stage: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        self.point = transaction.savepoint()
        self.clock = time_machine.travel(self.stage.at(0), tick=False)
        self.traveller = self.clock.start()

    def teardown(self) -> None:
        """Whatever happened, something can happen still; and then it has not."""
        try:
            self.some_way_is_left()
        finally:
            self.clock.stop()
            transaction.savepoint_rollback(self.point)

    # What is at hand

    @property
    def quote(self) -> Quote:
        """Its number and client are all that services take from it."""
        return self.stage.quote

    @property
    def review(self) -> Review:
        """The last one."""
        return self.reviews[-1]

    def person(self, name: str) -> User:
        """As they stand, read as a request would."""
        user = copy(self.stage.people[name])
        user.is_active = self.model.people[name].active
        return user

    def at(self, minute: int | None) -> datetime | None:
        """A moment of the model's."""
        return None if minute is None else self.stage.at(minute)

    @property
    def in_review(self) -> bool:
        """Whether there has been a review."""
        return bool(self.model.runs)

    # The beginning

    @initialize(number=st.integers(0, 10_000), restart=st.sampled_from(RESTARTS), pick=number, yes=st.integers(0, 3))
    def begin(self, number: int, restart: str, pick: int, yes: int) -> None:
        """A chain, and a quote that is submitted; some have approved it already."""
        self.chain_number = number % len(self.stage.chains)
        chain, steps = self.stage.chains[self.chain_number]
        self.chain = copy(chain)
        self.chain.restart = restart
        self.chain.save(update_fields=["restart"])
        self.reviews: list[Review] = []
        self.model = Model(chain=self.chain_number, steps=steps, restart=restart)
        self.submit("vito")
        for _time in range(yes):
            if self.model.able():
                self._decide_one_of(self.model.able(), pick)

    # The author's verbs

    @rule(by=staff)
    def submit(self, by: str) -> None:
        """Ask."""
        act = partial(submit_quote, user=self.person(by), quote=self.quote, chain=self.chain)
        assert outcome(lambda: self.reviews.append(act())) == self.model.submit(by)

    @rule(by=staff, part=st.sampled_from(sorted(WORDS)), text=number)
    def edit(self, by: str, part: str, text: int) -> None:
        """Other words; now and then the same."""
        words = WORDS[part][text % len(WORDS[part])]
        got = outcome(lambda: edit_quote(user=self.person(by), quote=self.quote, **{part: words}))  # type: ignore[arg-type]
        assert got == self.model.edit(by, part, words)

    @rule(pick=number, part=st.sampled_from(sorted(WORDS)), text=number)
    def edit_and_submit(self, pick: int, part: str, text: int) -> None:
        """What an author does when changes are asked; or one of those who have decided becomes the author."""
        writers = ["vito", *(name for place in self.model.said for name in (place.actor, place.user))]
        by = writers[-pick % len(writers)]
        self.edit(by, part, text)
        self.submit(by)

    @rule(by=staff)
    def withdraw(self, by: str) -> None:
        """Take the question back."""
        assert outcome(lambda: withdraw_quote(user=self.person(by), quote=self.quote)) == self.model.withdraw(by)

    @precondition(lambda self: self.model.state == "approved")
    @rule()
    def send(self) -> None:
        """It goes out."""
        assert outcome(lambda: send_quote(quote=self.quote)) == self.model.send()

    @rule(by=staff, minutes=st.sampled_from([None, -5, 20, 45, 90, 150, 600]))
    def move(self, by: str, minutes: int | None) -> None:
        """It is to go out at another time."""
        then = None if minutes is None else self.model.now + minutes
        got = outcome(lambda: move_quote(user=self.person(by), quote=self.quote, goes_out_at=self.at(then)))
        assert got == self.model.move(by, then)

    # Deciding

    @precondition(lambda self: self.in_review)
    @rule(who=who, yes=st.booleans(), seen=st.sampled_from(["this", "this", "this", "before", "none"]))
    def decide(self, who: str, yes: bool, seen: str) -> None:  # noqa: FBT001 - hypothesis names it
        """Anybody says anything, of the words they saw."""
        run = self.model.runs[-1]
        digest, review = run.digest, self.review
        if seen != "this":
            digest = "other words"
        verdict = "approve" if yes else "request_changes"
        user = self.person(who)
        shown, listed = selectors.my_seat(user, review), selectors.waiting_for(user).filter(pk=review.pk).exists()
        text = review.digest if seen == "this" else "0" * 64
        got = outcome(lambda: decide(review=review, user=user, digest=text, verdict=verdict, comment="Così."))
        assert got == self.model.decide(who, verdict, digest)
        if seen == "this":
            assert (shown is not None) == (got == ""), f"a page says something else than the engine: {got}"
        if seen == "this" and got in {"", "four_eyes"}:
            assert listed == (got == ""), f"a list says something else than the engine: {got}"

    @precondition(lambda self: self.in_review and self.model.runs[-1].state == "open")
    @rule(pick=number, yes=st.sampled_from([True, True, False]))
    def everybody_tries(self, pick: int, yes: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """Everybody of this review, whether or not it is for them to decide."""
        near = self.model.nearby()
        first = pick % len(near)
        for name in [*near[first:], *near[:first]][:4]:
            self.decide(name, yes=yes, seen="this")

    @precondition(lambda self: bool(self.model.able()))
    @rule(pick=number)
    def approve_all(self, pick: int) -> None:
        """On to the end of the step, or of it all."""
        for _time in range(4):
            able = self.model.able()
            if able:
                self._decide_one_of(able, pick)

    @precondition(lambda self: bool(self.model.able()))
    @rule(pick=number, more=st.booleans())
    def approve(self, pick: int, more: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """Somebody who can says yes; and perhaps somebody else."""
        for _time in range(1 + more):
            able = self.model.able()
            if able:
                self._decide_one_of(able, pick)

    def _decide_one_of(self, able: list[str], pick: int, *, verdict: str = "approve") -> None:
        """One who can decides."""
        run, user = self.model.runs[-1], able[pick % len(able)]
        act = {"review": self.review, "user": self.person(user), "digest": self.review.digest, "verdict": verdict}
        got = outcome(lambda: decide(**act, comment="Così."))  # type: ignore[arg-type]
        assert got == self.model.decide(user, verdict, run.digest)

    @precondition(lambda self: bool(self.model.able()))
    @rule(pick=number, by=number, part=st.sampled_from(sorted(WORDS)), text=number)
    def send_back(self, pick: int, by: int, part: str, text: int) -> None:
        """Somebody who can asks for changes, and gets other words."""
        self._decide_one_of(self.model.able(), pick, verdict="request_changes")
        self.edit_and_submit(by, part, text)

    @precondition(lambda self: self.in_review)
    @rule(who=who)
    def take_back(self, who: str) -> None:
        """Somebody thinks again."""
        got = outcome(lambda: take_back(review=self.review, user=self.person(who), reason="Ci ripenso."))
        assert got == self.model.take_back(who)

    @precondition(lambda self: bool(self.model.said) and self.model.runs[-1].state in {"open", "approved"})
    @rule(pick=number, other=number)
    def take_back_what_was_said(self, pick: int, other: int) -> None:
        """Somebody who has decided; and somebody else who has would speak in their place."""
        said = self.model.said[-3:]
        self.take_back(said[pick % len(said)].actor)
        self.decide(said[other % len(said)].actor, yes=True, seen="this")

    # People

    @precondition(lambda self: self.in_review)
    @rule(by=manager, pick=st.integers(0, 9), name=who)
    def replace(self, by: str, pick: int, name: str) -> None:
        """Somebody else sits there."""
        run = self.model.runs[-1]
        places = [(stage, place) for stage in run.stages for place in stage.places]
        places.sort(key=lambda pair: pair[1].said + (not pair[1].living) + (pair[0].state == "passed"))
        stage, place = places[pick % len(places)]
        seats = Seat.objects.filter(step__review=self.review, step__position=stage.position).order_by("pk")
        seat = seats[stage.places.index(place)]
        got = outcome(lambda: replace_seat(user=self.person(by), seat=seat, person=self.person(name), reason="Via."))
        assert got == self.model.replace(by, stage, place, name)

    @rule(
        by=st.sampled_from(["marta", "marta", "elena", "piero"]),
        principal=who,
        deputy=who,
        begins=st.sampled_from([-10, 0, 0, 30]),
        minutes=st.sampled_from([0, 31, 120, 600]),
    )
    def deputise(self, by: str, principal: str, deputy: str, begins: int, minutes: int) -> None:
        """Somebody stands in."""
        begins += self.model.now
        act = {"client": self.stage.client, "principal": self.person(principal), "deputy": self.person(deputy)}
        times = {"from_at": self.stage.at(begins), "until": self.stage.at(begins + minutes)}
        got = outcome(lambda: name_deputy(user=self.person(by), **act, **times))  # type: ignore[arg-type]
        assert got == self.model.name_deputy(by, principal, deputy, begins, begins + minutes)

    @precondition(lambda self: bool(self.model.runs and self.model.runs[-1].active))
    @rule(pick=number, deputy=who)
    def deputise_for_who_is_asked(self, pick: int, deputy: str) -> None:
        """Somebody who matters goes on holiday."""
        active = self.model.runs[-1].active
        assert active is not None
        place = active.living[pick % len(active.living)]
        self.deputise("marta", place.user, deputy, 0, 120)

    @precondition(lambda self: bool(self.model.deputies))
    @rule(by=who, pick=number)
    def end_deputy(self, by: str, pick: int) -> None:
        """Not any more."""
        number = pick % len(self.model.deputies)
        row = Deputy.objects.filter(client=self.stage.client).order_by("pk")[number]
        got = outcome(lambda: end_deputy(user=self.person(by), deputy=row))
        assert got == self.model.end_deputy(by, self.model.deputies[number])

    @rule(name=who, role=st.sampled_from(["", "", None, "viewer", "approver", "editor", "manager"]))
    def change_person(self, name: str, role: str | None) -> None:
        """Somebody is something else now."""
        if role == "" or name == "ada":
            self.switch(name)
        else:
            self.change_role(name, role)

    def switch(self, name: str) -> None:
        """Somebody leaves the agency, or comes back."""
        one = self.model.people[name]
        one.active = not one.active
        User.objects.filter(pk=self.stage.people[name].pk).update(is_active=one.active)

    def change_role(self, name: str, role: str | None) -> None:
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

    @rule(minutes=st.sampled_from([0, 1, 29, 31, 61, 121, 600]))
    def wait(self, minutes: int) -> None:
        """The clock moves, and whoever sweeps does so until nothing is due."""
        self.model.now += minutes
        self.traveller.move_to(self.stage.at(self.model.now))
        now = self.stage.at(self.model.now)
        for _step in range(5):
            ours = ReviewStep.objects.filter(state="active", review__in=self.reviews)
            done = [time_up(step_id=pk, now=now) for pk in ours.values_list("pk", flat=True)]
            assert sum(done) == self.model.time_up()
            if not any(done):
                return
        raise AssertionError("it is never done")

    @rule()
    def agree_or_not(self) -> None:
        """The client agrees to tacit consent, or takes that back."""
        self.model.consent = not self.model.consent
        Client.objects.filter(pk=self.stage.client.pk).update(
            tacit_consent_agreed_on=AGREED_ON if self.model.consent else None,
            tacit_consent_document=DOCUMENT if self.model.consent else "",
        )

    @precondition(lambda self: self.model.state in {"draft", "changes_requested"})
    @rule(number=st.integers(0, 10_000), restart=st.sampled_from(RESTARTS))
    def edit_chain(self, number: int, restart: str) -> None:
        """The chain becomes another one, if such a one may be written now."""
        steps = self.stage.chains[number % len(self.stage.chains)][1]
        plans = [step.plan({name: self.person(name) for name in NAMES}) for step in steps]
        act = {"client": self.stage.client, "chain": self.chain, "name": self.chain.name, "steps": plans}
        if not outcome(lambda: save_chain(user=self.stage.people["ada"], restart=restart, **act)):  # type: ignore[arg-type]
            self.model.steps, self.model.restart = steps, restart
            self.chain.restart = restart

    # What must be

    @invariant()
    def it_holds(self) -> None:
        """What must be true of the rows, whatever the model says; and state by state, seat by seat, what the model says."""
        if self.in_review:
            rows = truths.read(self.quote.pk)
            truths.hold(rows)
            truths.same(self.stage, self.model, rows)

    def some_way_is_left(self) -> None:
        """An open review can go on: somebody can decide, or sit down in somebody's place, or its author takes it back."""
        if not self.in_review or self.model.runs[-1].state != "open":
            return
        able = self.model.able()
        if able:
            self.decide(able[0], yes=True, seen="this")
            return
        for name in ("marta", "vito"):
            self.model.people[name].active, self.model.people[name].role = True, "manager"
        User.objects.filter(pk__in=[self.stage.people["marta"].pk, self.stage.people["vito"].pk]).update(is_active=True)
        self.change_role("vito", "author")
        self.withdraw("vito")
        assert self.model.state == "draft"
