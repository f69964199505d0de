"""A story to be fooled in: the cast, one quote, and a clock that stands still until it is moved."""

from datetime import timedelta
from typing import Any

import time_machine

from accounts.models import User
from approvals.models import Chain, Restart, Review, ReviewStep, Seat
from approvals.services import StepPlan, decide, name_deputy, replace_seat, save_chain, time_up
from clients.models import Client
from tests.approvals.engine import truths
from tests.approvals.engine.cast import Stage
from tests.approvals.engine.play import outcome
from tests.quotes.models import Quote
from tests.quotes.services import submit_quote
from tests.quotes.subject import KIND


class Story:
    """The cast, one quote, and a clock that stands still until it is moved."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self.stage, self.clock, self.minute = Stage(), clock, 0
        self.chain: Chain | None = None

    def __getattr__(self, name: str) -> User:
        """Somebody by name."""
        people: dict[str, User] = self.__dict__["stage"].people
        return people[name]

    @property
    def client(self) -> Client:
        """The only one."""
        return self.stage.client

    @property
    def quote(self) -> Quote:
        """As it stands."""
        return Quote.objects.get(pk=self.stage.quote.pk)

    @property
    def review(self) -> Review:
        """As it stands."""
        review = self.quote.review
        assert review is not None
        return review

    def asks(self, *steps: StepPlan, restart: str = Restart.FIRST) -> None:
        """The chain from now on."""
        fields = {"client": self.client, "name": "C", "subject": KIND, "is_default": True, "restart": restart}
        self.chain = save_chain(user=self.ada, chain=self.chain, steps=steps, **fields)  # type: ignore[arg-type]

    def submits(self, by: str = "vito") -> Review:
        """Ask."""
        return submit_quote(user=getattr(self, by), quote=self.quote)

    def says(self, name: str, verdict: str = "approve") -> str:
        """Decide; how it was refused."""
        act = {"review": self.review, "user": getattr(self, name), "digest": self.review.digest, "verdict": verdict}
        try:
            return outcome(lambda: decide(**act, comment="Così."))
        finally:
            truths.hold(truths.read(self.quote.pk))

    def stands_in(self, deputy: str, principal: str, minutes: int = 600, after: int = 0) -> str:
        """Name a deputy."""
        begin = self.stage.at(self.minute + after)
        act = {"client": self.client, "principal": getattr(self, principal), "deputy": getattr(self, deputy)}
        return outcome(
            lambda: name_deputy(user=self.marta, from_at=begin, until=begin + timedelta(minutes=minutes), **act)
        )

    def replaces(self, was: str, now: str) -> str:
        """Somebody else sits there."""
        seat = Seat.objects.get(step__review=self.review, ended_at=None, user=getattr(self, was), decision=None)
        act = {"user": self.ada, "seat": seat, "person": getattr(self, now), "reason": "Via."}
        return outcome(lambda: replace_seat(**act))

    def waits(self, minutes: int) -> list[bool]:
        """The clock moves, and the sweep comes."""
        self.minute += minutes
        self.clock.move_to(self.stage.at(self.minute))
        due = ReviewStep.objects.filter(review=self.review, state="active", wake_at__lte=self.stage.at(self.minute))
        return [time_up(step_id=step.pk, now=self.stage.at(self.minute)) for step in due]

    def states(self) -> list[str]:
        """Of the steps."""
        return list(self.review.steps.order_by("position").values_list("state", flat=True))


def one(story: Story, *names: str, **fields: Any) -> StepPlan:
    """A step with these people."""
    return StepPlan(**{"name": "Passo", "users": [getattr(story, name) for name in names], **fields})
