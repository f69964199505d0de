"""What a network takes for a change is said before anybody approves it: for what it sends, not for all that is live."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.errors import Conflict
from clients.months import month_at
from social import networks
from social.calendars import calendar
from social.models import Act, Post, Publication
from social.services import correct_publication, go_beyond, set_ceiling, submit_post, take_down
from social.services.content_rows import PartPlan
from social.services.foreseeing import foresee
from tests.browsing import Staff, words
from tests.rest.caller import Caller
from tests.servers.bad_days import Answer
from tests.servers.x import FakeX
from tests.social.test_changing_half import channel_on
from tests.social.test_publishing import run
from tests.world import World, approve, review_of, short_chain_for_corrections

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


def month_of(world: World) -> dict[str, float]:
    found = Caller(world.marta).get(f"clients/{world.winery.pk}/spending/")
    return {name: found[name] for name in ("dollars", "planned", "deleting")}


def test_of_a_taking_down_each_post_and_each_answer_is_paid_for(world: World, live: Publication) -> None:
    desk = Staff(world.marta)
    assert "X chiede 0,03 USD per la rimozione." in words(desk.open("social_publication_take_down", live.pk))
    answer = correct_publication(user=world.vito, publication=live, act=Act.REPLY, because=WHY, text="Era il secondo.")
    submit_post(user=world.vito, post=answer)
    approve(answer, world.marta)
    assert run(Publication.objects.get(post=answer)).state == "published"
    told = "X chiede 0,04 USD per la rimozione."

    assert told in words(desk.open("social_publication_take_down", live.pk))
    post = take_down(user=world.vito, publication=live, because=WHY)
    [found] = Caller(world.vito).get(f"posts/{post.pk}/preflight/")
    assert (found["dollars"], found["problems"]) == (0.04, [])
    review = review_of(post)
    assert told in words(desk.open("social_post_page", post.pk))
    assert told in words(desk.open("approvals_review_page", review.pk))
    assert told in words(desk.browser.get(reverse("portal:signed_review", args=[review.pk])))
    assert told in words(desk.browser.get(reverse("portal:approve_many")))
    # It is no reason to wait: what is wrong has to go.
    set_ceiling(user=world.marta, client=world.winery, dollars=Decimal("0.01"))
    before = month_of(world)
    approve(post, world.marta)
    down = Publication.objects.get(post=post)
    assert (str(down.dollars), month_of(world)["planned"], foresee([down])) == ("0.0400", 0.04, {})
    month = month_at(world.winery, down.due_at)
    assert [entry.wait for entry in calendar(world.marta, world.winery, month) if entry.publication == down.pk] == [
        None
    ]
    with pytest.raises(Conflict, match="already"):
        go_beyond(user=world.marta, publication=down)

    assert run(down).state == "published"
    after = month_of(world)
    assert {name: round(after[name] - before[name], 4) for name in after} == {
        "dollars": 0.04,
        "planned": 0,
        "deleting": 0.04,
    }
    page = words(desk.open("social_post_page", post.pk))
    assert (told in page, "Prezzo: 0,04 USD." in page) == (False, True)


def test_of_what_broke_off_only_what_is_live_is_paid_for(world: World) -> None:
    short_chain_for_corrections(world)
    with FakeX() as server:
        server.on("POST /2/tweets", None, None, Answer(403, {"title": "Forbidden", "detail": "No."}))
        parts = [PartPlan(text="Due"), PartPlan(text="Tre"), PartPlan(text="Quattro")]
        half = run(world.due(channels=[channel_on(world, server, "x")], text="Uno", parts=parts))
        assert (half.state, half.live_posts) == ("failed", 2)
        server.good_day()
        post = take_down(user=world.vito, publication=half, because=WHY)
        assert "X chiede 0,02 USD per la rimozione." in words(Staff(world.vito).open("social_post_page", post.pk))
        before = month_of(world)["deleting"]
        approve(post, world.marta)
        assert run(Publication.objects.get(post=post)).state == "published"
        assert month_of(world)["deleting"] - before == pytest.approx(0.02)


def test_what_many_approve_at_once_says_what_a_change_sends(world: World, live: Publication) -> None:
    parts = [PartPlan(text="Due."), PartPlan(text="Tre")]
    post = correct_publication(user=world.vito, publication=live, act=Act.EDIT, because=WHY, text="Uno", parts=parts)
    submit_post(user=world.vito, post=post)
    page = words(Staff(world.marta).browser.get(reverse("portal:approve_many")))
    assert ("X chiede 0,015 USD" in page, "X chiede 0,045" in page) == (True, False)


@pytest.mark.parametrize("network", ["mastodon", "bluesky", "sandbox"])
def test_where_it_costs_nothing_nothing_is_said(network: str) -> None:
    assert networks.get(network).delete_price(3) is None
