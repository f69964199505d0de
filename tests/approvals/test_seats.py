"""Seats that change hands: deputies, replacement, an approval taken back."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Decision, Deputy, Rule, Seat, StepState, Verdict
from approvals.selectors import my_seat, reviews, waiting_for
from approvals.services import StepPlan, decide, end_deputy, name_deputy, replace_seat, save_chain, take_back
from clients.models import Client, Role
from clients.services import end_role, set_role
from social.models import Publication
from tests.world import World, approve, person, review_of


def away(world: World, principal: User, deputy: User, days: int = 7, client: Client | None = None) -> Deputy:
    """The deputy stands in from an hour ago."""
    now = timezone.now()
    return name_deputy(
        user=principal,
        client=client or world.winery,
        principal=principal,
        deputy=deputy,
        from_at=now - timedelta(hours=1),
        until=now + timedelta(days=days),
    )


def steps_of(world: World, *plans: StepPlan) -> None:
    """The winery's chain becomes these steps."""
    save_chain(user=world.marta, client=world.winery, chain=world.chain, name="Prova", is_default=True, steps=plans)


def code_of(error: pytest.ExceptionInfo[ValidationError], field: str) -> str | None:
    return error.value.error_dict[field][0].code


def test_a_deputy_decides_and_both_names_are_kept(world: World) -> None:
    away(world, world.elena, world.marta)
    review = review_of(world.submitted())
    assert list(waiting_for(world.marta)) == [review]
    seat = my_seat(world.marta, review)
    assert seat is not None
    assert seat.user == world.elena
    decide(review=review, user=world.marta, digest=review.digest, verdict=Verdict.APPROVE)
    decision = Decision.objects.get(seat=seat)
    assert (decision.seat.user, decision.actor) == (world.elena, world.marta)


def test_a_contact_sees_what_their_principal_is_asked_only_while_they_stand_in(world: World) -> None:
    post = world.submitted()
    review = review_of(post)
    figlia = person("figlia", "Figlia Roero")
    set_role(user=world.marta, client=world.winery, person=figlia, role=Role.APPROVER)
    approve(post, world.elena)
    approve(post, world.marta)
    assert list(reviews(figlia)) == []
    deputy = away(world, world.cliente, figlia)
    assert list(reviews(figlia)) == [review]
    end_deputy(user=world.cliente, deputy=deputy)
    assert list(reviews(figlia)) == []
    with pytest.raises(PermissionDenied):
        decide(review=review, user=figlia, digest=review.digest, verdict=Verdict.APPROVE)


def test_nobody_counts_twice_as_their_own_deputy(world: World) -> None:
    steps_of(world, StepPlan(name="Due", users=[world.elena, world.marta], rule=Rule.AT_LEAST, needed=2))
    away(world, world.elena, world.marta)
    review = review_of(world.submitted())
    decide(review=review, user=world.marta, digest=review.digest, verdict=Verdict.APPROVE)
    with pytest.raises(Conflict) as again:
        decide(review=review, user=world.marta, digest=review.digest, verdict=Verdict.APPROVE)
    assert again.value.code == "already_decided"
    decide(review=review, user=world.elena, digest=review.digest, verdict=Verdict.APPROVE)
    review.refresh_from_db()
    assert review.state == "approved"


def test_the_author_decides_for_nobody(world: World) -> None:
    set_role(user=world.ada, client=world.winery, person=world.vito, role=Role.EDITOR)
    away(world, world.elena, world.vito)
    review = review_of(world.submitted())
    with pytest.raises(PermissionDenied):
        decide(review=review, user=world.vito, digest=review.digest, verdict=Verdict.APPROVE)


@pytest.mark.parametrize(
    ("case", "field", "code"),
    [
        ("oneself", "deputy", "oneself"),
        ("stranger", "deputy", "role"),
        ("other side", "deputy", "side"),
        ("backwards", "until", "order"),
        ("over", "until", "past"),
        ("for ever", "until", "too_long"),
    ],
)
def test_deputies_that_cannot_be(world: World, case: str, field: str, code: str) -> None:
    now = timezone.now()
    deputy = {"oneself": world.elena, "stranger": world.bruno, "other side": world.cliente}.get(case, world.marta)
    times = {
        "backwards": (now + timedelta(days=2), now + timedelta(days=1)),
        "over": (now - timedelta(days=2), now - timedelta(days=1)),
        "for ever": (now, now + timedelta(days=400)),
    }
    from_at, until = times.get(case, (now, now + timedelta(days=1)))
    with pytest.raises(ValidationError) as refused:
        name_deputy(
            user=world.elena, client=world.winery, principal=world.elena, deputy=deputy, from_at=from_at, until=until
        )
    assert code_of(refused, field) == code
    assert not Deputy.objects.exists()


def test_a_deputy_has_no_deputy_and_nobody_has_two(world: World) -> None:
    away(world, world.elena, world.marta)
    with pytest.raises(ValidationError) as further:
        away(world, world.marta, world.ada)
    with pytest.raises(ValidationError) as second:
        away(world, world.elena, world.ada)
    with pytest.raises(ValidationError) as absent:
        away(world, world.ada, world.elena)
    assert [code_of(further, "principal"), code_of(second, "from_at"), code_of(absent, "deputy")] == [
        "deputy_of_deputy",
        "overlap",
        "deputy_of_deputy",
    ]


def test_another_seat_for_who_left(world: World) -> None:
    review = review_of(world.submitted())
    seat = Seat.objects.get(step__review=review, step__position=1)
    new = replace_seat(user=world.marta, seat=seat, person=world.ada, reason="Elena è in maternità.")
    assert (new.user, new.source, new.instead_of) == (world.ada, "replacement", seat)
    with pytest.raises(PermissionDenied):
        decide(review=review, user=world.elena, digest=review.digest, verdict=Verdict.APPROVE)
    decide(review=review, user=world.ada, digest=review.digest, verdict=Verdict.APPROVE)
    with pytest.raises(Conflict) as decided:
        replace_seat(user=world.marta, seat=new, person=world.elena, reason="No.")
    assert decided.value.code == "seat_over"


def test_who_cannot_be_seated(world: World) -> None:
    seat = Seat.objects.get(step__review=review_of(world.submitted()), step__position=1)
    codes = []
    for wrong in (world.vito, world.bruno, world.nonna, world.elena):
        with pytest.raises(ValidationError) as refused:
            replace_seat(user=world.marta, seat=seat, person=wrong, reason="Prova.")
        codes.append(code_of(refused, "person"))
    assert codes == ["author", "role", "role", "seated"]
    with pytest.raises(PermissionDenied):
        replace_seat(user=world.elena, seat=seat, person=world.ada, reason="Prova.")


def test_an_approval_taken_back_asks_that_person_again_and_nobody_else(world: World) -> None:
    post = world.approved(publish_at=timezone.now() + timedelta(days=1))
    review = review_of(post)
    assert post.state == "scheduled"
    take_back(review=review, user=world.elena, reason="Il prezzo è sbagliato.")
    post.refresh_from_db()
    review.refresh_from_db()
    assert (post.state, review.state, review.closed_at) == ("in_review", "open", None)
    assert set(Publication.objects.filter(post=post).values_list("state", flat=True)) == {"cancelled"}
    states = list(review.steps.order_by("position").values_list("state", flat=True))
    assert states == [StepState.ACTIVE, StepState.PASSED, StepState.PASSED]
    decide(review=review, user=world.elena, digest=review.digest, verdict=Verdict.APPROVE)
    post.refresh_from_db()
    assert post.state == "scheduled"
    assert Publication.objects.filter(post=post, state="scheduled").count() == 1


def test_what_was_not_given_is_not_taken_back(world: World) -> None:
    review = review_of(world.submitted())
    with pytest.raises(Conflict) as nothing:
        take_back(review=review, user=world.elena, reason="Mi ripenso.")
    assert nothing.value.code == "nothing_to_take_back"


def test_four_eyes_are_others_than_those_that_looked(world: World) -> None:
    steps_of(
        world,
        StepPlan(name="Prima", users=[world.elena]),
        StepPlan(name="Seconda", users=[world.elena, world.marta], four_eyes=True),
    )
    review = review_of(world.submitted())
    decide(review=review, user=world.elena, digest=review.digest, verdict=Verdict.APPROVE)
    with pytest.raises(Conflict) as looked:
        decide(review=review, user=world.elena, digest=review.digest, verdict=Verdict.APPROVE)
    assert looked.value.code == "four_eyes"
    decide(review=review, user=world.marta, digest=review.digest, verdict=Verdict.APPROVE)
    review.refresh_from_db()
    assert review.state == "approved"


def test_a_chain_that_nobody_could_pass_is_not_saved(world: World) -> None:
    with pytest.raises(ValidationError) as refused:
        steps_of(
            world,
            StepPlan(name="Prima", users=[world.elena]),
            StepPlan(name="Seconda", users=[world.elena], four_eyes=True),
        )
    assert code_of(refused, "steps.1") == "no_eligible_approver"
    world.chain.refresh_from_db()
    assert world.chain.name == "Redazione, account, cliente"


def test_who_lost_their_role_lends_it_to_nobody(world: World) -> None:
    away(world, world.elena, world.marta)
    review = review_of(world.submitted())
    end_role(user=world.marta, membership=world.elena.memberships.get(client=world.winery))
    with pytest.raises(PermissionDenied):
        decide(review=review, user=world.marta, digest=review.digest, verdict=Verdict.APPROVE)
