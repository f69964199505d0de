"""Who is barred by four eyes is not asked: not shown a button, not listed, not mailed, not nudged. Beside each, somebody who is.

What is asked is held against ``decide`` itself: whom a list names is not refused, and who is refused is in no list.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.db.models import F, Value
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.errors import Conflict
from accounts.models import User
from approvals import selectors, waiting
from approvals.eyes import Barred
from approvals.models import Reminder, Restart, Review, ReviewStep, Seat, StepState, Verdict
from approvals.services import StepPlan, add_comment, decide, name_deputy, take_back, take_over
from approvals.services.nudging import nudge, nudge_all
from approvals.services.reminding import remind
from approvals.services.table import lay
from approvals.services.time_up import time_up
from approvals.services.warning import warn
from clients.models import Membership, Role
from notifications.models import Notification
from notifications.services import send_due
from social.models import Post
from social.services import edit_post, submit_post
from tests.approvals.clock import chain, mailable, rome
from tests.approvals.engine.machine import outcome
from tests.browsing import Staff, words
from tests.rest.caller import Caller
from tests.world import World, approve, person, review_of

MONDAY = rome(2027, 3, 1, 9)
TUESDAY = MONDAY + timedelta(days=1)
WHY = "This step asks for other eyes: you have decided on another step, or have written a version yourself."


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday, and stays so until it is moved."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def town(clock: time_machine.Traveller, world: World) -> World:
    """The world, where Giulia edits, too, and Piera approves; all read English."""
    for name, full, role in [("giulia", "Giulia Riva", Role.EDITOR), ("piera", "Piera Roero", Role.APPROVER)]:
        setattr(world, name, person(name, full))
        Membership.objects.create(client=world.winery, user=getattr(world, name), role=role)
    for user in User.objects.all():
        mailable(user, language="en", quiet_days=[])
    return world


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


@pytest.fixture(params=SCENES, ids=lambda write: write.__name__)
def scene(request: pytest.FixtureRequest, town: World) -> Scene:
    write: Write = request.param
    return write(town)


# One definition


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


def test_what_is_asked_is_what_is_taken(scene: Scene) -> None:
    answers = hold(scene.review)
    assert [answers[user.email.partition("@")[0]] for user in scene.barred] == ["four_eyes"] * len(scene.barred)
    assert answers[scene.asked.email.partition("@")[0]] == ""


def test_nobody_is_barred_where_no_other_eyes_are_asked(town: World) -> None:
    chain(town, StepPlan(name="Uno", users=[town.elena]), StepPlan(name="Due", users=[town.elena, town.marta]))
    post = town.submitted()
    approve(post, town.elena)
    assert by_sql(review_of(post)) == {"Due": set()}
    answers = hold(review_of(post))
    assert (answers["elena"], answers["marta"]) == ("", "")


def test_one_barred_is_asked_again_when_their_word_is_taken_back(town: World) -> None:
    elena, giulia, marta = who(town, "elena", "giulia", "marta")
    steps = [StepPlan(name="Uno", users=[elena, marta]), StepPlan(name="Due", users=[elena, giulia], four_eyes=True)]
    chain(town, *steps)
    post = town.submitted()
    approve(post, elena)
    assert hold(review_of(post))["elena"] == "four_eyes"
    take_back(review=review_of(post), user=elena, reason="Ci ripenso.")
    approve(post, marta)
    answers = hold(review_of(post))
    assert (answers["elena"], answers["marta"], answers["giulia"]) == ("", "not_your_turn", "")


@pytest.mark.parametrize("author", ["vito", "giulia"])
def test_a_deputy_who_has_written_it_speaks_for_nobody(town: World, author: str) -> None:
    """Giulia has written a version; Vito the next one, or she that one, too."""
    elena, giulia, marta = who(town, "elena", "giulia", "marta")
    chain(town, StepPlan(name="Uno", users=[marta]), StepPlan(name="Due", users=[elena, marta], four_eyes=True))
    stands_in(town, giulia, elena)
    post = town.draft()
    edit_post(user=giulia, post=post, text="Di Giulia.")
    if author == "vito":
        edit_post(user=town.vito, post=post, text="Di Vito.")
    submit_post(user=town.vito, post=post)
    approve(post, marta)
    review = review_of(post)
    assert {town.vito.pk, giulia.pk} == set(review.writers)
    answers = hold(review)
    expected = "four_eyes" if author == "vito" else "permission"
    assert (answers["giulia"], answers["marta"], answers["elena"]) == (expected, "four_eyes", "")
    seat = Seat.objects.select_related("step__review").get(step__name="Due", user=elena)
    assert (selectors.deputy_of(seat), waiting.deputies_of([seat])) == (None, {})


def test_whose_words_were_taken_over_has_written(town: World) -> None:
    elena, giulia, marta = who(town, "elena", "giulia", "marta")
    chain(town, StepPlan(name="Uno", users=[elena]), StepPlan(name="Due", users=[marta, giulia], four_eyes=True))
    post = town.submitted()
    anchor = {"part": str(town.page.pk), "start": 0, "end": 4, "quote": "Oggi"}
    said = add_comment(
        review=review_of(post), user=giulia, text="", audience="internal", anchor=anchor, suggestion="Ora"
    )
    take_over(user=town.vito, comment=said, submit=True)
    review = review_of(post)
    assert set(review.writers) == {town.vito.pk, giulia.pk}
    approve(post, elena)
    answers = hold(review)
    assert (answers["marta"], answers["giulia"]) == ("", "permission")  # she got no seat


# The faces


def test_the_page_at_the_desk(scene: Scene) -> None:
    for user in scene.barred:
        page = words(Staff(user).open("approvals_review_page", scene.review.pk))
        assert "Nothing is asked of you here" in page
        assert WHY in page
        assert "Your decision ·" not in page
        assert f"It waits for: {scene.asked.name}" in page
        assert page.count("(not asked: this step wants other eyes)") == len(scene.barred)
        assert page.count("notifications_active Nudge") == 1
    page = words(Staff(scene.asked).open("approvals_review_page", scene.review.pk))
    assert "Your decision ·" in page
    assert WHY not in page


def test_the_list_of_reviews_names_who_is_asked(scene: Scene) -> None:
    page = words(Staff(scene.asked).open("approvals_review_changelist"))
    assert f"In review {scene.asked.name} Vito Serra" in page


def test_the_first_page_and_who_waits_for_whom(scene: Scene) -> None:
    for user in scene.barred:
        assert list(selectors.waiting_for(user)) == []
    assert list(selectors.waiting_for(scene.asked)) == [scene.review]
    assert [seat.user for seat in waiting.waiting_seats(scene.asked)] == [scene.asked]
    page = words(Staff(scene.asked).open("approvals_seat_changelist"))
    assert "One decision is waited for." in page
    assert page.count("Nudge") == 1


def test_the_portals_page(town: World, client: Browser) -> None:
    scene = a_clients_decision(town)
    address = reverse("portal:signed_review", args=[scene.review.pk])
    client.force_login(scene.barred[0])
    page = words(client.get(address))
    assert "You have approved it" in page
    assert f"It now waits for the step “Due”. {WHY}" in page
    assert "✓ Approve This page" not in page
    client.force_login(scene.asked)
    page = words(client.get(address))
    assert "✓ Approve This page" in page
    assert WHY not in page


def test_a_deputy_reads_that_it_is_who_they_stand_in_for(town: World, client: Browser) -> None:
    scene = a_clients_decision(town)
    piero, (zia,) = scene.barred[0], [person("zia", "Zia Roero", language="en")]
    Membership.objects.create(client=town.winery, user=zia, role=Role.APPROVER)
    stands_in(town, zia, piero)
    assert hold(scene.review)["zia"] == "four_eyes"
    client.force_login(zia)
    page = words(client.get(reverse("portal:signed_review", args=[scene.review.pk])))
    assert "This step asks for other eyes than those of Piero Roero." in page
    assert "✓ Approve This page" not in page


def test_many_at_once(town: World, client: Browser) -> None:
    scene = a_clients_decision(town)
    chosen = f'name="seen" value="{scene.review.pk}:'
    client.force_login(scene.barred[0])
    assert chosen not in client.get("/approve/").content.decode()
    client.force_login(scene.asked)
    assert chosen in client.get("/approve/").content.decode()


def test_by_the_api(scene: Scene) -> None:
    for user in scene.barred:
        assert Caller(user).get("reviews/", waiting_for="me")["results"] == []
    asked = Caller(scene.asked)
    (row,) = asked.get("reviews/", waiting_for="me")["results"]
    (step,) = [step for step in row["steps"] if step["state"] == "active"]
    told = {seat["email"]: seat["not_asked_because"] for seat in step["seats"] if not seat["ended"]}
    assert told.pop(scene.asked.email) is None
    said = {user.email: f"This step asks for other eyes than those of {user.name}." for user in scene.barred}
    assert told == said
    others = [seat for step in row["steps"] if step["state"] != "active" for seat in step["seats"]]
    assert {seat["not_asked_because"] for seat in others} <= {None}
    assert [seat["email"] for seat in asked.get("waiting/")["results"]] == [scene.asked.email]


@pytest.mark.parametrize("many", [1, 3])
def test_the_lists_ask_as_often_however_long_they_are(
    town: World, django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    for _number in range(many):
        own_decision(town)
    giulia = Caller(who(town, "giulia")[0])
    giulia.get("reviews/", waiting_for="me")
    with django_assert_num_queries(6):
        assert len(giulia.get("reviews/", waiting_for="me")["results"]) == many
    with django_assert_num_queries(1):
        assert len(waiting.waiting_seats(town.marta)) == many


# The mails


def sent(kind: str) -> list[str]:
    """To whom mails of this kind go out now."""
    mail.outbox.clear()
    Notification.objects.exclude(kind=kind).update(state="dropped")
    send_due()
    return sorted(message.to[0] for message in mail.outbox)


def test_the_turn(scene: Scene) -> None:
    barred = {user.email for user in scene.barred}
    turned = sent("turn")
    assert scene.asked.email in turned
    about = [message for message in mail.outbox if f"Step: {step_of(scene).name}." in message.body]
    assert {message.to[0] for message in about} & barred == set()


def step_of(scene: Scene) -> ReviewStep:
    return ReviewStep.objects.get(review=scene.review, state=StepState.ACTIVE)


def test_the_morning(scene: Scene, clock: time_machine.Traveller) -> None:
    clock.move_to(TUESDAY)
    assert remind(now=TUESDAY) == 1
    assert [row.seat.user for row in Reminder.objects.select_related("seat__user")] == [scene.asked]
    assert sent("morning") == [scene.asked.email]


def test_the_morning_lists_nothing_that_would_be_refused(town: World, clock: time_machine.Traveller) -> None:
    """Somebody who is asked for one thing, and barred from another: the mail has the one."""
    scene = own_decision(town)
    chain(town, StepPlan(name="Uno", users=scene.barred))
    town.submitted(title="Barbera")
    clock.move_to(TUESDAY)
    assert remind(now=TUESDAY) == 2
    assert sent("morning") == [scene.barred[0].email, scene.asked.email]
    body = next(message.body for message in mail.outbox if message.to == [scene.barred[0].email])
    assert ("Barbera" in body, "Vendemmia" in body) == (True, False)


def test_where_the_deputy_is_barred_who_is_away_is_reminded(town: World, clock: time_machine.Traveller) -> None:
    elena, giulia = who(town, "elena", "giulia")
    chain(town, StepPlan(name="Uno", users=[elena]), StepPlan(name="Due", users=[giulia], four_eyes=True))
    stands_in(town, elena, giulia)
    free, other = town.submitted(title="Barbera"), town.submitted()
    approve(other, elena)
    seat = Seat.objects.select_related("step__review").get(step__review=review_of(other), user=giulia)
    assert (selectors.deputy_of(seat), waiting.deputies_of([seat])) == (None, {})
    assert [row.deputy for row in waiting.standing(waiting.seats(town.marta).filter(pk=seat.pk), MONDAY)] == [None]  # type: ignore[attr-defined]
    assert hold(review_of(other))["elena"] == "four_eyes"
    assert sent("turn").count(giulia.email) == 1
    clock.move_to(TUESDAY)
    assert remind(now=TUESDAY) == 2
    assert sent("morning") == [elena.email, giulia.email]
    assert review_of(free).state == "open"


def test_the_hour_of_publishing(town: World, clock: time_machine.Traveller) -> None:
    scene = own_decision(town)
    edit_post(user=town.vito, post=scene.post, publish_at=MONDAY + timedelta(days=1))
    then = MONDAY + timedelta(hours=23)
    clock.move_to(then)
    warn(now=then)
    told = Notification.objects.filter(kind="hour_before").select_related("user").order_by("user__email")
    assert [(row.user.name, "seat" in row.context) for row in told] == [
        ("Giulia Riva", True),
        ("Marta Gallo", False),
        ("Vito Serra", False),
    ]
    assert sent("hour_before") == [f"{name}@filo.example" for name in ("giulia", "marta", "vito")]
    (letter,) = [message.body for message in mail.outbox if message.to == ["marta@filo.example"]]
    assert "still waits for: Giulia Riva." in letter


def test_the_hour_of_publishing_where_nobody_is_left(town: World, clock: time_machine.Traveller) -> None:
    """Who is in charge is warned all the same, also where they are who is barred."""
    scene = own_decision(town)
    Seat.objects.filter(step=step_of(scene), user=scene.asked).update(
        ended_at=MONDAY, ended_why="replaced", reason="Via."
    )
    edit_post(user=town.vito, post=scene.post, publish_at=MONDAY + timedelta(days=1))
    then = MONDAY + timedelta(hours=23)
    clock.move_to(then)
    warn(now=then)
    assert sent("hour_before") == [f"{name}@filo.example" for name in ("marta", "vito")]
    assert "Step “Due” asks for other eyes, and nobody is left there." in mail.outbox[0].body
    assert [step.name for step in waiting.blocked(town.marta)] == ["Due"]


def test_a_deadline(town: World, clock: time_machine.Traveller) -> None:
    elena, giulia = who(town, "elena", "giulia")
    steps = [StepPlan(name="Due", users=[elena, giulia], four_eyes=True, due_after_minutes=60)]
    chain(town, StepPlan(name="Uno", users=[elena]), *steps)
    post = town.submitted()
    approve(post, elena)
    step = step_of(Scene(post, [elena], giulia))
    late = step.due_at or MONDAY
    clock.move_to(late)
    assert time_up(step_id=step.pk, now=late)
    assert sent("time_up") == [giulia.email]


def test_a_nudge(scene: Scene) -> None:
    here = Seat.objects.filter(step=step_of(scene), ended_at=None, decision=None)
    manager = User.objects.get(email="marta@filo.example")
    for user in scene.barred:
        with pytest.raises(Conflict, match="This step asks for other eyes than those of") as refused:
            nudge(user=manager, seat=here.get(user=user))
        assert refused.value.code == "nothing_to_nudge"
    assert [told.seat.user for told in nudge_all(user=manager, review=scene.review)] == [scene.asked]
    assert sent("nudge") == [scene.asked.email]


def test_what_was_queued_before_is_not_sent(town: World) -> None:
    """Written at the moment of sending: who is barred by then is not asked any more."""
    elena, giulia = who(town, "elena", "giulia")
    steps = [StepPlan(name="Uno", users=[elena, giulia]), StepPlan(name="Due", users=[elena, giulia], four_eyes=True)]
    chain(town, *steps)
    post = town.submitted()
    approve(post, elena)
    nudge_all(user=town.marta, review=review_of(post))
    assert Notification.objects.filter(kind="nudge", state="queued").count() == 1
    take_back(review=review_of(post), user=elena, reason="Ci ripenso.")
    approve(post, giulia)
    assert hold(review_of(post))["giulia"] == "four_eyes"
    assert sent("nudge") == []


def test_everybody_barred_is_blocked_and_says_what_to_do(town: World) -> None:
    scene = a_deputys_decision(town)
    assert list(waiting.blocked(town.marta)) == []
    Seat.objects.filter(step=step_of(scene), user=scene.asked).update(
        ended_at=MONDAY, ended_why="replaced", reason="Via."
    )
    (step,) = waiting.blocked(town.marta)
    (lost,) = waiting.lost_seats([step]).values()
    assert {(item.seat.user.name, item.why) for item in lost} == {
        ("Elena Riva", "four_eyes"),
        ("Marta Gallo", "four_eyes"),
    }


def test_blocked_by_a_later_step_too(town: World) -> None:
    scene = taken_back(town)
    assert list(waiting.all_blocked()) == []
    User.objects.filter(pk=scene.asked.pk).update(is_active=False)
    (step,) = waiting.all_blocked()
    assert step.name == "Uno"
    (lost,) = waiting.lost_seats([step]).values()
    assert {(item.seat.user.name, item.why) for item in lost} == {
        ("Elena Riva", "inactive"),
        ("Giulia Riva", "four_eyes"),
    }
