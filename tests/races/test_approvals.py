"""Approvals at the same instant: two people, or somebody and the clock. Two hundred times each, and every end is exact."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from approvals.models import Chain, Decision, Deputy, Review, ReviewStep, Seat
from approvals.services import (
    StepPlan,
    decide,
    end_deputy,
    name_deputy,
    replace_seat,
    save_chain,
    take_back,
    time_up,
)
from notifications.models import Notification
from social.services import claiming
from tests.approvals.engine import truths
from tests.approvals.engine.cast import Stage
from tests.quotes.models import Quote
from tests.quotes.services import create_quote, submit_quote
from tests.quotes.subject import KIND
from tests.races.meeting import Act, Meeting, code, meeting
from tests.world import World, review_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TIMES = 200


@dataclass
class Scene:
    """The cast, two people who meet, and the quote of the moment."""

    stage: Stage
    meeting: Meeting
    quote: Quote
    review: Review
    steps: tuple[StepPlan, ...] = ()

    def person(self, name: str) -> User:
        """By name."""
        return self.stage.people[name]

    def chain(self, *steps: StepPlan) -> None:
        """The chain from now on."""
        self.steps = steps
        ada = self.person("ada")
        chain = self.stage.chains[0][0] if self.stage.chains else None
        made = save_chain(
            user=ada, client=self.stage.client, chain=chain, name="C", subject=KIND, steps=steps, is_default=True
        )
        self.stage.chains = [(made, ())]

    def submit(self) -> Review:
        """A new quote, in review."""
        self.quote = create_quote(user=self.person("vito"), client=self.stage.client, title="Q", amount="1 €")
        self.review = submit_quote(user=self.person("vito"), quote=self.quote)
        return self.review

    def says(self, name: str, verdict: str = "approve") -> Act:
        """This person decides."""
        comment = "" if verdict == "approve" else "Troppo."
        act = {"review": self.review, "user": self.person(name), "digest": self.review.digest}
        return lambda: decide(**act, verdict=verdict, comment=comment)  # type: ignore[arg-type]

    def clock(self) -> Act:
        """The sweep comes, an hour and a bit later."""
        step = ReviewStep.objects.get(review=self.review, state="active")
        return partial(time_up, step_id=step.pk, now=timezone.now() + timedelta(minutes=61))

    def said(self) -> list[str]:
        """Who has decided, in order."""
        names = {user.pk: name for name, user in self.stage.people.items()}
        actors = Decision.objects.filter(seat__step__review=self.review).order_by("pk").values_list("actor", flat=True)
        return [names[actor] for actor in actors]

    def state(self) -> str:
        """Of the review; and what must hold, holds."""
        truths.hold(truths.read(self.quote.pk))
        self.review.refresh_from_db()
        return self.review.state

    def told(self, kind: str) -> int:
        """How many mails of this kind about this review."""
        return Notification.objects.filter(kind=kind, context__review=self.review.pk).count()

    def meet(self, make: Any) -> Iterator[list[str]]:
        """Two hundred times; how each of the two ended."""

        def scene() -> tuple[Act, Act]:
            self.submit()
            acts: tuple[Act, Act] = make()
            return acts

        for results in self.meeting.times(TIMES, lambda: self.quote, scene):
            self.results = results
            yield [code(result) for result in results]


@pytest.fixture
def scene(transactional_db: None) -> Iterator[Scene]:
    """In a database that other threads can see."""
    with meeting() as two:
        stage = Stage()
        yield Scene(stage, two, stage.quote, Review())


def anyone(scene: Scene, *names: str, **fields: Any) -> StepPlan:
    return StepPlan(name="Passo", users=[scene.person(name) for name in names], **fields)


def test_the_last_two_votes_of_a_quorum(scene: Scene) -> None:
    scene.chain(anyone(scene, "elena", "luca", "marta", rule="at_least", needed=2))
    ends: Counter[Any] = Counter()

    def make() -> tuple[Act, Act]:
        scene.says("elena")()
        return scene.says("luca"), scene.says("marta")

    for codes in scene.meet(make):
        said = scene.said()
        assert (scene.state(), scene.told("approved")) == ("approved", 1)
        ends[tuple(said), tuple(codes)] += 1
    assert set(ends) == {(("elena", "luca"), ("", "review_closed")), (("elena", "marta"), ("review_closed", ""))}


def test_the_last_two_votes_where_all_are_needed(scene: Scene) -> None:
    scene.chain(anyone(scene, "elena", "luca", rule="all"), anyone(scene, "piero"))
    ends: Counter[Any] = Counter()
    for codes in scene.meet(lambda: (scene.says("elena"), scene.says("luca"))):
        assert (codes, scene.state()) == (["", ""], "open")
        assert list(scene.review.steps.order_by("position").values_list("state", flat=True)) == ["passed", "active"]
        ends[tuple(scene.said())] += 1
    assert set(ends) == {("elena", "luca"), ("luca", "elena")}


def test_approve_or_ones_deputy_does(scene: Scene) -> None:
    scene.chain(anyone(scene, "elena", "marta", rule="all"))
    now = timezone.now()
    name_deputy(
        user=scene.person("elena"),
        client=scene.stage.client,
        principal=scene.person("elena"),
        deputy=scene.person("luca"),
        from_at=now - timedelta(hours=1),
        until=now + timedelta(days=1),
    )
    ends: Counter[Any] = Counter()
    for codes in scene.meet(lambda: (scene.says("elena"), scene.says("luca"))):
        assert scene.state() == "open"
        ends[tuple(scene.said()), tuple(codes)] += 1
    assert set(ends) == {(("elena",), ("", "already_decided")), (("luca",), ("already_decided", ""))}


def test_decide_or_ask_more_people(scene: Scene) -> None:
    more = {"due_after_minutes": 60, "on_deadline": "escalate", "escalate_to": [scene.person("marta")]}
    scene.chain(anyone(scene, "elena", "luca", **more))
    ends: Counter[Any] = Counter()
    for codes in scene.meet(lambda: (scene.says("elena"), scene.clock())):
        assert (codes, scene.state(), scene.said()) == (["", ""], "approved", ["elena"])
        seats = Seat.objects.filter(step__review=scene.review, source="escalation").count()
        ends[scene.results[1], seats] += 1
    assert set(ends) == {(True, 1), (False, 0)}


def test_decide_or_be_replaced(scene: Scene) -> None:
    scene.chain(anyone(scene, "elena", "marta", rule="all"))
    ends: Counter[Any] = Counter()

    def make() -> tuple[Act, Act]:
        seat = Seat.objects.get(step__review=scene.review, user=scene.person("elena"))
        ada, luca = scene.person("ada"), scene.person("luca")
        return scene.says("elena"), partial(replace_seat, user=ada, seat=seat, person=luca, reason="Malata.")

    for codes in scene.meet(make):
        assert scene.state() == "open"
        living = (
            Seat.objects.filter(step__review=scene.review, ended_at=None).order_by("user").values_list("user__name")
        )
        ends[tuple(codes), tuple(scene.said()), tuple(name for (name,) in living)] += 1
    assert set(ends) == {
        (("", "already_decided"), ("elena",), ("Marta", "Elena")),
        (("permission", ""), (), ("Marta", "Luca")),
    }


def test_silence_or_a_word(scene: Scene) -> None:
    scene.chain(anyone(scene, "piero", due_after_minutes=60, on_deadline="tacit"))
    ends: Counter[Any] = Counter()
    for codes in scene.meet(lambda: (scene.says("piero", "request_changes"), scene.clock())):
        tacit = ReviewStep.objects.filter(review=scene.review, tacit_at__isnull=False).count()
        ends[scene.state(), tuple(codes), scene.results[1], tacit, tuple(scene.said())] += 1
    assert set(ends) == {
        ("changes_requested", ("", ""), False, 0, ("piero",)),
        ("approved", ("review_closed", ""), True, 1, ()),
    }


def test_two_sweeps(scene: Scene) -> None:
    scene.chain(anyone(scene, "piero", due_after_minutes=60, on_deadline="tacit"))
    for codes in scene.meet(lambda: (scene.clock(), scene.clock())):
        assert (codes, sorted(scene.results), scene.state()) == (["", ""], [False, True], "approved")


def test_take_back_or_decide_the_next_step(scene: Scene) -> None:
    scene.chain(anyone(scene, "elena"), anyone(scene, "marta"))
    ends: Counter[Any] = Counter()

    def make() -> tuple[Act, Act]:
        scene.says("elena")()
        back = partial(take_back, review=scene.review, user=scene.person("elena"), reason="No.")
        return back, scene.says("marta")

    for codes in scene.meet(make):
        assert scene.state() == "open"
        states = tuple(scene.review.steps.order_by("position").values_list("state", flat=True))
        ends[tuple(codes), states] += 1
    assert set(ends) == {
        (("", ""), ("active", "passed")),
        (("", "not_your_turn"), ("active", "waiting")),
    }


def test_take_back_or_claim(transactional_db: None) -> None:
    world = World()
    ends: Counter[Any] = Counter()
    with meeting() as two:

        def make() -> tuple[Act, Act]:
            publication = world.due()
            at["publication"], review = publication, review_of(publication.post)
            at["review"] = review
            back = partial(take_back, review=review, user=world.cliente, reason="Un momento.")
            return back, partial(claiming.claim, publication_id=publication.pk, now=timezone.now())

        at: dict[str, Any] = {}
        for back, claimed in two.times(TIMES, lambda: at["publication"].post, make):
            at["review"].refresh_from_db()
            at["publication"].refresh_from_db()
            post = type(at["publication"].post).objects.get(pk=at["publication"].post_id)
            sent = at["publication"].attempts.count()
            ends[code(back), claimed is None, sent, at["publication"].state, at["review"].state, post.state] += 1
    assert set(ends) == {
        ("already_published", False, 1, "publishing", "approved", "publishing"),
        ("", True, 0, "cancelled", "open", "in_review"),
    }


def test_a_deputy_of_a_deputy(scene: Scene) -> None:
    now = timezone.now()
    client = scene.stage.client
    ends: Counter[Any] = Counter()

    def stands_in(principal: str, deputy: str) -> Act:
        act = {"client": client, "principal": scene.person(principal), "deputy": scene.person(deputy)}
        times: dict[str, datetime] = {"from_at": now, "until": now + timedelta(days=2)}
        return lambda: name_deputy(user=scene.person(principal), **act, **times)  # type: ignore[arg-type]

    pairs = stands_in("elena", "luca"), stands_in("luca", "marta")
    for results in scene.meeting.times(TIMES, lambda: client, lambda: pairs):
        row = Deputy.objects.get(cancelled_at=None)
        ends[row.deputy.email.partition("@")[0], tuple(code(result) for result in results)] += 1
        end_deputy(user=scene.person("marta"), deputy=row)
    assert set(ends) == {
        ("luca", ("", "principal:deputy_of_deputy")),
        ("marta", ("deputy:deputy_of_deputy", "")),
    }


@pytest.mark.parametrize("looked", [True, False])
def test_two_save_the_same_chain(scene: Scene, looked: bool) -> None:  # noqa: FBT001 - a parameter of the test
    scene.chain(anyone(scene, "elena"))
    pk, ends = scene.stage.chains[0][0].pk, Counter[Any]()

    def saves(*names: str) -> Act:
        chain = Chain.objects.get(pk=pk)
        steps = [anyone(scene, name) for name in names]
        seen = chain.updated_at if looked else None
        act = {"client": scene.stage.client, "chain": chain, "name": "C", "steps": steps, "seen": seen}
        return lambda: save_chain(user=scene.person("ada"), **act)  # type: ignore[arg-type]

    acts = scene.meeting.times(
        TIMES, lambda: Chain.objects.get(pk=pk), lambda: (saves("luca", "piero"), saves("marta"))
    )
    for results in acts:
        steps = Chain.objects.get(pk=pk).steps.order_by("position").values_list("position", "users__name")
        ends[tuple(code(result) for result in results), tuple(steps)] += 1
    one, other = ((1, "Luca"), (2, "Piero")), ((1, "Marta"),)
    if looked:
        assert set(ends) == {(("", "changed_meanwhile"), one), (("changed_meanwhile", ""), other)}
    else:
        assert set(ends) == {(("", ""), one), (("", ""), other)}


def test_submit_or_change_the_chain(scene: Scene) -> None:
    scene.chain(anyone(scene, "elena"))
    chain = scene.stage.chains[0][0]
    plans = [anyone(scene, "luca"), anyone(scene, "piero")], [anyone(scene, "marta")]
    ends: Counter[Any] = Counter()

    def make() -> tuple[Act, Act]:
        steps = plans[sum(ends.values()) % 2]
        act = {"client": scene.stage.client, "chain": Chain.objects.get(pk=chain.pk), "name": "C", "steps": steps}
        scene.quote = create_quote(user=scene.person("vito"), client=scene.stage.client, title="Q", amount="1 €")
        submit = partial(submit_quote, user=scene.person("vito"), quote=scene.quote)
        return submit, lambda: save_chain(user=scene.person("ada"), is_default=True, **act)  # type: ignore[arg-type]

    for results in scene.meeting.times(TIMES, lambda: chain, make):
        assert [code(result) for result in results] == ["", ""]
        review = Quote.objects.get(pk=scene.quote.pk).review
        assert review is not None
        ends[tuple(review.steps.order_by("position").values_list("position", "seats__user__name"))] += 1
    assert set(ends) <= {((1, "Luca"), (2, "Piero")), ((1, "Marta"),), ((1, "Elena"),)}
    assert len(ends) >= 2
