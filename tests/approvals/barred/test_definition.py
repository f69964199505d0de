"""Whom SQL calls barred is whom ``decide`` refuses: what is asked is what is taken."""

import pytest

from accounts.models import User
from approvals import waiting
from approvals.models import Seat
from approvals.services import StepPlan, add_comment, take_back, take_over
from approvals.standing_in import deputy_of
from social.services import edit_post, submit_post
from tests.approvals.barred.scenes import (
    MONDAY,
    Scene,
    a_deputys_decision,
    by_sql,
    hold,
    stands_in,
    step_of,
    taken_back,
    who,
)
from tests.approvals.clock import chain
from tests.world import World, approve, review_of


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
    assert (deputy_of(seat), waiting.deputies_of([seat])) == (None, {})


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
