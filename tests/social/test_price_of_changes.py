"""What a network takes for a change is said before anybody approves it: for what it sends, not for all that is live."""

from collections.abc import Iterator

import pytest

from social.models import Act, Post, Publication
from social.services import correct_publication, take_down
from social.services.content_rows import PartPlan
from tests.browsing import Staff, words
from tests.rest.caller import Caller
from tests.servers.x import FakeX
from tests.social.test_changing_half import channel_on
from tests.social.test_publishing import run
from tests.world import World, short_chain_for_corrections

pytestmark = pytest.mark.django_db
WHY = "Il secondo post non era giusto."


@pytest.fixture
def live(world: World) -> Iterator[Publication]:
    """A thread of three on X, which took $0.045 for it."""
    short_chain_for_corrections(world)
    with FakeX() as server:
        channel = channel_on(world, server, "x")
        thread = run(world.due(channels=[channel], text="Uno", parts=[PartPlan(text="Due"), PartPlan(text="Tre")]))
        assert (thread.state, str(thread.dollars)) == ("published", "0.0450")
        yield thread


def said(world: World, post: Post) -> tuple[list[float], bool, bool]:
    """By the API, beside the composer, and on its page: the price of one post."""
    found = Caller(world.vito).get(f"posts/{post.pk}/preflight/")
    beside, page = (words(Staff(world.vito).open(name, post.pk)) for name in ("social_post_change", "social_post_page"))
    told = "X chiede 0,015"
    return [one["dollars"] for one in found], told in beside, told in page


def test_of_a_change_of_one_post_one_is_paid_for(world: World, live: Publication) -> None:
    parts = [PartPlan(text="Due."), PartPlan(text="Tre")]
    post = correct_publication(user=world.vito, publication=live, act=Act.EDIT, because=WHY, text="Uno", parts=parts)
    assert said(world, post) == ([0.015], True, True)


def test_of_an_answer_itself_is_paid_for(world: World, live: Publication) -> None:
    post = correct_publication(user=world.vito, publication=live, act=Act.REPLY, because=WHY, text="Era il secondo.")
    assert said(world, post) == ([0.015], True, True)


def test_of_a_taking_down_nothing_is_paid_for(world: World, live: Publication) -> None:
    post = take_down(user=world.vito, publication=live, because=WHY)
    assert "X chiede" not in words(Staff(world.vito).open("social_post_page", post.pk))
    assert "X chiede" in words(Staff(world.vito).open("social_post_page", live.post_id))
