"""A review through its steps: who may say what, when, and what follows."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Decision, Review, Rule, Verdict
from approvals.services import StepPlan, decide, save_chain
from approvals.services.planning import plan_for
from clients.models import Membership, Role
from clients.services import end_role, set_role
from notifications.models import Notification
from social.services import edit_post, submit_post, withdraw_post
from social.services.locks import lock_post
from social.services.subject import PostSubject
from tests.world import World, approve, person, review_of


def one_step(world: World, **step: object) -> None:
    """The winery's chain becomes this one step."""
    plan = StepPlan(name="Unico", **step)  # type: ignore[arg-type]
    save_chain(user=world.marta, client=world.winery, chain=world.chain, name="Unico", is_default=True, steps=[plan])


def told(kind: str) -> list[str]:
    found = Notification.objects.filter(kind=kind).select_related("user")
    return sorted(notification.user.name for notification in found)


def steps(review: Review) -> list[str]:
    return list(review.steps.order_by("position").values_list("state", flat=True))


def test_each_step_waits_for_the_one_before(world: World) -> None:
    post = world.submitted()
    review = review_of(post)
    assert steps(review) == ["active", "waiting", "waiting"]
    assert told("turn") == ["Elena Riva"]
    with pytest.raises(Conflict) as refused:
        approve(post, world.cliente)
    assert refused.value.code == "not_your_turn"
    approve(post, world.elena)
    assert steps(review) == ["passed", "active", "waiting"]
    assert told("turn") == ["Elena Riva", "Marta Gallo"]
    approve(post, world.marta)
    approve(post, world.cliente)
    assert steps(review) == ["passed", "passed", "passed"]
    assert review_of(post).state == "approved"
    assert told("approved") == ["Vito Serra"]


@pytest.mark.parametrize(("rule", "needed", "approvals"), [(Rule.ANY, 1, 1), (Rule.AT_LEAST, 2, 2), (Rule.ALL, 1, 3)])
def test_as_many_as_the_rule_says(world: World, rule: str, needed: int, approvals: int) -> None:
    people = [world.elena, world.marta, world.cliente]
    one_step(world, users=people, rule=rule, needed=needed)
    post = world.submitted()
    for number, user in enumerate(people[:approvals], start=1):
        assert review_of(post).state == "open"
        review = approve(post, user)
        assert review.state == ("approved" if number == approvals else "open")
    assert told("step_over") == sorted(user.name for user in people[approvals:])


def test_one_who_asks_for_changes_ends_it_for_all(world: World) -> None:
    one_step(world, users=[world.elena, world.marta, world.cliente], rule=Rule.ALL)
    post = world.submitted()
    approve(post, world.elena)
    review = review_of(post)
    decide(review=review, user=world.marta, digest=review.digest, verdict="request_changes", comment="Manca il prezzo.")
    assert (review_of(post).state, steps(review)) == ("changes_requested", ["refused"])
    assert type(post).objects.get(pk=post.pk).state == "changes_requested"
    assert told("changes_requested") == ["Vito Serra"]
    assert told("step_over") == ["Piero Roero"]
    with pytest.raises(Conflict) as refused:
        decide(review=review, user=world.cliente, digest=review.digest, verdict="approve")
    assert refused.value.code == "review_closed"


def test_changes_need_words(world: World) -> None:
    review = review_of(world.submitted())
    with pytest.raises(ValidationError) as refused:
        decide(review=review, user=world.elena, digest=review.digest, verdict="request_changes", comment="  ")
    assert list(refused.value.message_dict) == ["comment"]
    assert not Decision.objects.exists()


def test_a_decision_is_of_the_words_seen(world: World) -> None:
    post = world.submitted()
    seen = review_of(post)
    edit_post(user=world.vito, post=post, text="Domani si vendemmia.")
    submit_post(user=world.vito, post=post)
    with pytest.raises(Conflict) as closed:
        decide(review=seen, user=world.elena, digest=seen.digest, verdict="approve")
    with pytest.raises(Conflict) as stale:
        decide(review=review_of(post), user=world.elena, digest=seen.digest, verdict="approve")
    assert (closed.value.code, stale.value.code) == ("review_closed", "stale_digest")
    assert not Decision.objects.exists()


def test_twice_is_once(world: World) -> None:
    one_step(world, users=[world.elena, world.marta], rule=Rule.ALL)
    post = world.submitted()
    approve(post, world.elena)
    with pytest.raises(Conflict) as refused:
        approve(post, world.elena)
    assert refused.value.code == "already_decided"


@pytest.mark.parametrize("name", ["vito", "nonna", "bruno", "carlo", "ada"])
def test_who_has_no_seat_has_no_say(world: World, name: str) -> None:
    post = world.submitted()
    with pytest.raises(PermissionDenied):
        approve(post, getattr(world, name))


def test_a_role_taken_away_takes_the_say_away_at_once(world: World) -> None:
    post = world.submitted()
    end_role(user=world.marta, membership=Membership.objects.get(client=world.winery, user=world.elena))
    with pytest.raises(PermissionDenied):
        approve(post, world.elena)


def test_switched_off_people_have_no_say(world: World) -> None:
    post = world.submitted()
    User.objects.filter(pk=world.elena.pk).update(is_active=False)
    world.elena.refresh_from_db()
    with pytest.raises(PermissionDenied):
        approve(post, world.elena)


def test_the_author_never_sits_on_their_own_version(world: World) -> None:
    one_step(world, users=[world.elena, world.vito], rule=Rule.ALL)
    review = review_of(world.submitted())
    assert [seat.user for seat in review.steps.get().seats.all()] == [world.elena]


def test_who_rewrites_it_becomes_its_author(world: World) -> None:
    post = world.draft()
    edit_post(user=world.elena, post=post, text="Oggi, finalmente, si vendemmia.")
    with pytest.raises(ValidationError) as refused:
        submit_post(user=world.vito, post=post)  # the first step is Elena alone
    assert refused.value.error_dict["chain"][0].code == "no_eligible_approver"
    assert "Redazione" in refused.value.message_dict["chain"][0]
    post.refresh_from_db()
    assert (post.state, post.version) == ("draft", None)


def test_a_step_with_too_few_people_is_refused_at_the_start(world: World) -> None:
    figlia = person("figlia", "Figlia Roero")
    set_role(user=world.marta, client=world.winery, person=figlia, role=Role.APPROVER)
    one_step(world, role=Role.APPROVER, rule=Rule.AT_LEAST, needed=2)
    end_role(user=world.marta, membership=figlia.memberships.get())
    with pytest.raises(ValidationError) as refused:
        world.submitted()
    error = refused.value.error_dict["chain"][0]
    assert (error.code, error.params) == (
        "no_eligible_approver",
        {"position": 1, "name": "Unico", "people": 1, "needed": 2},
    )
    set_role(user=world.marta, client=world.winery, person=figlia, role=Role.APPROVER)
    world.submitted()


def test_a_chain_changed_later_changes_no_review_under_way(world: World) -> None:
    post = world.submitted()
    one_step(world, users=[world.marta])
    assert [step.name for step in review_of(post).steps.order_by("position")] == ["Redazione", "Account", "Cliente"]
    assert review_of(post).chain_name == "Redazione, account, cliente"


def test_nine_steps_deep(world: World) -> None:
    plans = [StepPlan(name=f"Livello {n}", users=[world.elena if n % 2 else world.marta]) for n in range(1, 10)]
    save_chain(user=world.marta, client=world.winery, chain=world.chain, name="Nove", is_default=True, steps=plans)
    post = world.submitted()
    for number in range(1, 10):
        approve(post, world.elena if number % 2 else world.marta)
    assert review_of(post).state == "approved"


def test_taken_back_by_its_author(world: World) -> None:
    post = world.submitted()
    review = review_of(post)
    post = withdraw_post(user=world.vito, post=post)
    review.refresh_from_db()
    assert (post.state, review.state) == ("draft", "withdrawn")
    assert told("withdrawn") == ["Elena Riva"]
    again = submit_post(user=world.vito, post=post)
    assert again.version is not None
    assert (again.version.number, review_of(again).round) == (1, 2)  # unchanged words are no new version


def test_an_edit_after_the_last_approval_takes_it_back_and_says_so(world: World) -> None:
    post = world.approved()
    review = review_of(post)
    edited = edit_post(user=world.vito, post=post, text="Altro.")
    review.refresh_from_db()
    assert (edited.state, edited.version, review.state) == ("draft", None, "superseded")
    assert told("superseded") == ["Elena Riva", "Marta Gallo", "Piero Roero"]


def test_a_title_is_ours_and_takes_nothing_back(world: World) -> None:
    post = world.approved()
    edited = edit_post(user=world.vito, post=post, title="Vendemmia, giorno uno")
    assert (edited.state, review_of(edited).state) == ("approved", "approved")


def test_a_chain_names_no_stranger(world: World) -> None:
    with pytest.raises(ValidationError) as refused:
        one_step(world, users=[world.bruno])
    assert refused.value.error_dict["steps.0.users"][0].code == "member"


def test_a_decision_costs_the_same_in_a_long_chain(world: World) -> None:
    counts = []
    for depth in (2, 6):
        plans = [StepPlan(name=f"Livello {n}", users=[world.elena]) for n in range(depth)]
        save_chain(user=world.marta, client=world.winery, chain=world.chain, name="L", is_default=True, steps=plans)
        post = world.submitted()
        review = review_of(post)
        with CaptureQueriesContext(connection) as queries:
            decide(review=review, user=world.elena, digest=review.digest, verdict=Verdict.APPROVE)
        counts.append(len(queries))
    assert counts == [11, 11]


def test_seats_are_planned_in_the_same_number_of_queries_for_any_depth(world: World) -> None:
    counts = []
    for depth in (1, 3):
        plans = [StepPlan(name=f"Livello {n}", users=[world.elena]) for n in range(depth)]
        save_chain(user=world.marta, client=world.winery, chain=world.chain, name="L", is_default=True, steps=plans)
        subject = PostSubject(lock_post(world.submitted().pk, "client", "version__author"))
        facts = subject.facts()
        with CaptureQueriesContext(connection) as queries:
            plan_for(chain=world.chain, subject=subject, facts=facts)
        counts.append(len(queries))
    assert counts == [3, 3]
