"""Reviews in which four eyes bar somebody, and what SQL says of them beside what the engine does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Value

from accounts.models import User
from approvals import selectors
from approvals.eyes import Barred
from approvals.models import Restart, Review, ReviewStep, StepState, Verdict
from approvals.services import StepPlan, decide, name_deputy, take_back
from approvals.services.table import lay
from social.models import Post
from social.services import edit_post, submit_post
from tests.approvals.clock import chain, rome
from tests.approvals.engine.play import outcome
from tests.world import World, approve, review_of

MONDAY = rome(2027, 3, 1, 9)
TUESDAY = MONDAY + timedelta(days=1)
WHY = "This step asks for other eyes: you have decided on another step, or have written a version yourself."


@dataclass
class Scene:
    """A review in which some are barred from the step whose turn it is, and one is asked."""

    post: Post
    barred: list[User]
    asked: User

    @property
    def review(self) -> Review:
        """As it stands."""
        return review_of(self.post)


def who(world: World, *names: str) -> list[User]:
    return [User.objects.get(email=f"{name}@filo.example") for name in names]


def stands_in(world: World, deputy: User, principal: User) -> None:
    times = {"from_at": MONDAY, "until": MONDAY + timedelta(days=9)}
    name_deputy(user=world.marta, client=world.winery, principal=principal, deputy=deputy, **times)


def says_no(post: Post, user: User) -> None:
    review = review_of(post)
    decide(review=review, user=user, digest=review.digest, verdict=Verdict.REQUEST_CHANGES, comment="Così no.")


def own_decision(world: World) -> Scene:
    """Elena has approved the step before."""
    elena, giulia = who(world, "elena", "giulia")
    chain(world, StepPlan(name="Uno", users=[elena]), StepPlan(name="Due", users=[elena, giulia], four_eyes=True))
    post = world.submitted()
    approve(post, elena)
    return Scene(post, [elena], giulia)


def a_clients_decision(world: World) -> Scene:
    """The same, of the client's own people."""
    piero, piera = who(world, "cliente", "piera")
    chain(world, StepPlan(name="Uno", users=[piero]), StepPlan(name="Due", users=[piero, piera], four_eyes=True))
    post = world.submitted()
    approve(post, piero)
    return Scene(post, [piero], piera)


def a_deputys_decision(world: World) -> Scene:
    """Marta has approved for Elena: both have looked, and both sit on the next step."""
    elena, marta, giulia = who(world, "elena", "marta", "giulia")
    chain(
        world, StepPlan(name="Uno", users=[elena]), StepPlan(name="Due", users=[elena, marta, giulia], four_eyes=True)
    )
    stands_in(world, marta, elena)
    post = world.submitted()
    approve(post, marta)
    return Scene(post, [elena, marta], giulia)


def carried(world: World) -> Scene:
    """Elena's approval of the version before stands."""
    elena, marta, giulia = who(world, "elena", "marta", "giulia")
    steps = [StepPlan(name="Uno", users=[elena, marta]), StepPlan(name="Due", users=[elena, giulia], four_eyes=True)]
    chain(world, *steps, restart=Restart.REFUSED)
    post = world.submitted()
    approve(post, elena)
    says_no(post, giulia)
    edit_post(user=world.vito, post=post, text="Ieri si vendemmiava.")
    submit_post(user=world.vito, post=post)
    return Scene(post, [elena], giulia)


def taken_back(world: World) -> Scene:
    """Giulia has approved a later step, which asks for other eyes; then Elena's approval of the first one was taken back."""
    elena, marta, giulia = who(world, "elena", "marta", "giulia")
    steps = [StepPlan(name="Uno", users=[elena, giulia]), StepPlan(name="Due", users=[giulia, marta], four_eyes=True)]
    chain(world, *steps, StepPlan(name="Tre", users=[world.cliente]))
    post = world.submitted()
    approve(post, elena)
    approve(post, giulia)
    take_back(review=review_of(post), user=elena, reason="Ci ripenso.")
    return Scene(post, [giulia], elena)


SCENES = [own_decision, a_deputys_decision, carried, taken_back]
Write = Callable[[World], Scene]


def step_of(scene: Scene) -> ReviewStep:
    return ReviewStep.objects.get(review=scene.review, state=StepState.ACTIVE)


def by_sql(review: Review) -> dict[str, set[int]]:
    """By step, whom SQL calls barred."""
    people = User.objects.all()
    found: dict[str, set[int]] = {}
    for step in ReviewStep.objects.filter(review=review, state__in=[StepState.ACTIVE, StepState.WAITING]):
        here = Barred(Value(review.pk), Value(step.position), F("pk"))
        found[step.name] = set(people.filter(here).values_list("pk", flat=True))
    return found


def by_table(review: Review) -> dict[str, set[int]]:
    """By step, whom the engine calls barred."""
    with transaction.atomic():
        table = lay(review)
        open_steps = [step for step in table.steps.values() if step.state in {StepState.ACTIVE, StepState.WAITING}]
        return {step.name: table.barred(step) for step in open_steps}


def would_say(user: User, review: Review) -> str:
    """What ``decide`` answers, without its being done."""
    with transaction.atomic():
        act = {"review": review, "user": user, "digest": review.digest, "verdict": Verdict.APPROVE}
        answer = outcome(lambda: decide(**act))  # type: ignore[arg-type]
        transaction.set_rollback(True)
    return answer


def hold(review: Review) -> dict[str, str]:
    """What everybody is answered; whom the selectors name is exactly who is not refused."""
    assert by_sql(review) == by_table(review)
    answers = {}
    for user in User.objects.order_by("pk"):
        answer = answers[user.email.partition("@")[0]] = would_say(user, review)
        assert (selectors.my_seat(user, review) is not None) == (answer == ""), user
        assert (selectors.kept_out(user, review) is not None) == (answer == "four_eyes"), user
        if answer in {"", "four_eyes"}:
            assert selectors.waiting_for(user).filter(pk=review.pk).exists() == (answer == ""), user
    return answers
