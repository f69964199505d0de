"""Another time for what is under review: never one at which somebody would have had to decide before now."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from approvals.models import Review
from approvals.services import StepPlan
from audit.models import Event
from clients.models import Role
from social.models import Post
from social.services import edit_post
from tests.approvals.clock import MINUTE, at, chain, rome, step_of
from tests.browsing import Staff, words
from tests.rest.caller import Caller
from tests.world import World, approve, review_of

NOW, OUT = rome(2027, 3, 1, 9), rome(2027, 3, 5, 9)


@pytest.fixture
def post(world: World) -> Post:
    """Elena has until two hours before it goes out, then Piero until one hour before."""
    for person in (world.vito, world.elena):
        person.language = "en"
        person.save(update_fields=["language"])
    chain(
        world,
        StepPlan(name="Redazione", users=[world.elena], due_before_minutes=120),
        StepPlan(name="Cliente", role=Role.APPROVER, due_before_minutes=60),
        StepPlan(name="Legale", users=[world.marta], due_before_minutes=6000, only={"text": ["price"]}),
    )
    with at(NOW):
        return world.submitted(publish_at=OUT)


def stands(post: Post) -> tuple[datetime | None, datetime | None, datetime | None, int]:
    """The post's time, the review's, the deadline, and how much was written down of it."""
    review = review_of(post)
    return Post.objects.get(pk=post.pk).publish_at, review.goes_out_at, step_of(post).due_at, Event.objects.count()


@pytest.mark.parametrize("minutes", [1, 30, 120])
def test_refused_and_nothing_half_done(world: World, post: Post, minutes: int) -> None:
    before = stands(post)
    with at(NOW), pytest.raises(ValidationError) as refused:
        edit_post(user=world.vito, post=post, title="Altro", publish_at=NOW + timedelta(minutes=minutes))
    assert refused.value.error_dict["publish_at"][0].code == "deadline_passed"
    assert stands(post) == before
    assert Post.objects.get(pk=post.pk).title == "Vendemmia"


def test_a_minute_later_it_may(world: World, post: Post) -> None:
    with at(NOW):
        edit_post(user=world.vito, post=post, publish_at=NOW + 121 * MINUTE)
    assert step_of(post).due_at == NOW + MINUTE


def test_a_step_whose_turn_is_still_to_come_counts_and_one_that_is_over_does_not(world: World, post: Post) -> None:
    with at(NOW):
        approve(post, world.elena)
        edit_post(user=world.vito, post=post, publish_at=NOW + 61 * MINUTE)  # Elena is done
        with pytest.raises(ValidationError):
            edit_post(user=world.vito, post=post, publish_at=NOW + 60 * MINUTE)
    chain(
        world,
        StepPlan(name="Redazione", users=[world.elena]),
        StepPlan(name="Cliente", role=Role.APPROVER, due_before_minutes=60),
    )
    with at(NOW):
        other = world.submitted(publish_at=OUT)
        with pytest.raises(ValidationError) as refused:
            edit_post(user=world.vito, post=other, publish_at=NOW + 60 * MINUTE)
    assert "Cliente" in refused.value.messages[0]


def test_without_a_time_or_once_approved_it_may(world: World, post: Post) -> None:
    with at(NOW):
        edit_post(user=world.vito, post=post, publish_at=None)
        assert (step_of(post).due_at, review_of(post).goes_out_at) == (None, None)
        approve(post, world.elena)
        approve(post, world.cliente)
        edit_post(user=world.vito, post=post, publish_at=NOW + 5 * MINUTE)
    assert Post.objects.get(pk=post.pk).publish_at == NOW + 5 * MINUTE


def test_by_the_api_the_field_is_named_at_submitting_and_at_moving(world: World, post: Post) -> None:
    soon = (NOW + 30 * MINUTE).isoformat()
    with at(NOW):
        moved = Caller(world.vito).patch(f"posts/{post.pk}/", {"publish_at": soon}, 400)
        draft = world.draft(publish_at=NOW + 30 * MINUTE)
        asked = Caller(world.vito).post(f"posts/{draft.pk}/submit/", {}, 400)
    told = [[(error["field"], error["code"]) for error in answer["errors"]] for answer in (moved, asked)]
    assert told == [[("publish_at", "deadline_passed")]] * 2
    assert Review.objects.filter(subject_id=draft.pk).count() == 0
    assert review_of(post).goes_out_at == OUT


def test_the_composer_says_so_and_keeps_what_was_typed(world: World, post: Post) -> None:
    before = stands(post)
    typed = {
        "token": "uno",
        "title": "Vendemmia, secondo giorno",
        "text": post.text,
        "channels": [world.page.pk],
        "do": "save",
        "revision": post.revision,
        "day": "2027-03-01",
        "time": "10:30",
    }
    with at(NOW):
        answer = Staff(world.vito).send("social_post_change", post.pk, data=typed)
    page = words(answer)
    assert "Step 1, “Redazione”, would have to be over already: by Monday 1 March, 08:30, Rome time." in page
    assert "Vendemmia, secondo giorno" in answer.content.decode()
    assert stands(post) == before
