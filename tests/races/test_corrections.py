"""Corrections that meet: one thing at a time is done to what is live, and what is gone is not brought back."""

import time
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from clients.services import freeze, unfreeze
from social.models import Attempt, Publication, SandboxPost
from social.services import (
    claiming,
    correct_publication,
    edit_channel,
    publishing,
    retry_publication,
    submit_post,
    take_down,
)
from tests.races.test_races import conflicts, together
from tests.social.test_retiring import half_a_thread
from tests.world import World, approve, short_chain_for_corrections

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 6
LATER = timedelta(hours=1)
LAG = 0.01  # seconds


@pytest.fixture
def town(transactional_db: None) -> World:
    """The agency, in a database that other threads can see, with a short chain for corrections."""
    world = World()
    short_chain_for_corrections(world)
    return world


def live(world: World) -> Publication:
    publication = world.due()
    publishing.publish(publication_id=publication.pk)
    publication.refresh_from_db()
    assert publication.state == "published"
    return publication


def edit(world: World, of: Publication, text: str) -> Publication:
    draft = correct_publication(user=world.vito, publication=of, act="edit", because="Errore.", text=text)
    approve(submit_post(user=world.vito, post=draft), world.marta)
    return draft.publications.get()


def down(world: World, of: Publication) -> Publication:
    post = take_down(user=world.vito, publication=of, because="Errore.")
    approve(post, world.marta)
    return post.publications.get()


def test_two_take_it_down_at_once(town: World) -> None:
    for _time in range(TIMES):
        of = live(town)
        acts = [partial(take_down, user=user, publication=of, because="Via.") for user in (town.vito, town.elena)]
        assert conflicts(together(*acts)) == ["already_asked"]
        assert of.corrections.count() == 1


def test_a_change_and_a_taking_down_at_once_leave_nothing_behind(town: World) -> None:
    for _time in range(TIMES):
        of = live(town)
        change, end = edit(town, of, "Nuovo."), down(town, of)
        together(*(partial(publishing.publish, publication_id=act.pk) for act in (change, end)))
        assert Attempt.objects.filter(publication__target=of, ended_at=None).count() == 0
        for _turn in range(2):  # whoever came second waits for the first
            Publication.objects.filter(target=of, state="scheduled").update(wake_at=timezone.now())
            for act in (change, end):
                publishing.publish(publication_id=act.pk)
        change.refresh_from_db()
        end.refresh_from_db()
        assert (end.state, change.state in {"published", "cancelled"}) == ("published", True)
        assert not SandboxPost.objects.filter(pk=of.remote_id).exists()


def test_two_changes_at_once_are_one(town: World) -> None:
    for _time in range(TIMES):
        of = live(town)
        changes = [edit(town, of, text) for text in ("Uno.", "Due.")]
        together(*(partial(publishing.publish, publication_id=change.pk) for change in changes))
        Publication.objects.filter(target=of, state="scheduled").update(wake_at=timezone.now())
        for change in changes:
            publishing.publish(publication_id=change.pk)
            change.refresh_from_db()
        assert sorted(change.state for change in changes) == ["cancelled", "published"]
        done = next(change for change in changes if change.state == "published")
        assert SandboxPost.objects.get(pk=of.remote_id).text == done.version.content["channels"][0]["text"]


def test_a_stop_and_a_correction_at_once(town: World) -> None:
    for _time in range(TIMES):
        of = live(town)
        change = edit(town, of, "Nuovo.")
        stop = partial(freeze, user=town.vito, client=town.winery, reason="Si decide.")
        together(stop, partial(claiming.claim, publication_id=change.pk, now=timezone.now()))
        change.refresh_from_db()
        begun = change.attempts.exists()
        assert change.state == ("publishing" if begun else "scheduled")
        assert claiming.claim(publication_id=change.pk, now=timezone.now() + LATER) is None
        unfreeze(user=town.marta, client=town.winery)


def half(world: World) -> Publication:
    """A thread of which the first post is live, on a network that is well again."""
    found = half_a_thread(world, "failed")
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "ok"})
    return found


def acting(world: World, of: Publication, act: str, text: str) -> Publication:
    draft = correct_publication(user=world.vito, publication=of, act=act, because="Errore.", text=text)
    approve(submit_post(user=world.vito, post=draft), world.marta)
    return draft.publications.get()


def send_rest(world: World, of: Publication, lag: float = 0) -> None:
    """A little after the others, so that now these and now those come first."""
    time.sleep(lag)
    publishing.publish(publication_id=retry_publication(user=world.marta, publication=of).pk)


def go_on(*rows: Publication) -> None:
    """Whoever waits gets its turn, until nobody does."""
    for _turn in range(4):
        for row in rows:
            Publication.objects.filter(pk=row.pk, state="scheduled").update(wake_at=timezone.now())
            publishing.publish(publication_id=row.pk)
            row.refresh_from_db()


def test_the_rest_and_an_answer_at_once_make_no_second_branch(town: World) -> None:
    for number in range(TIMES):
        SandboxPost.objects.update(below=None)
        SandboxPost.objects.all().delete()
        of = half(town)
        answer = acting(town, of, "reply", "Scusate.")
        lost = conflicts(
            together(partial(send_rest, town, of, number * LAG), partial(publishing.publish, publication_id=answer.pk))
        )
        go_on(answer, of)
        assert lost in ([], ["acted_on"], ["answered"])
        assert (answer.state, of.state) == ("published", "failed" if lost else "published")
        above = list(SandboxPost.objects.order_by("pk").values_list("below__text", flat=True))
        assert above == ([None, "Uno"] if lost else [None, "Uno", "Due", "Tre"])


def test_a_change_of_half_a_thread_its_taking_down_and_its_rest_at_once(town: World) -> None:
    for number in range(TIMES):
        SandboxPost.objects.update(below=None)
        SandboxPost.objects.all().delete()
        of = half(town)
        change, end = acting(town, of, "edit", "Uno."), down(town, of)
        acts = [partial(publishing.publish, publication_id=act.pk) for act in (change, end)]
        lost = conflicts(together(*acts, partial(send_rest, town, of, number * LAG)))
        assert lost in (["taking_down"], ["taken_down"], ["acted_on"])
        go_on(change, of, end)
        assert (end.state, change.state in {"published", "cancelled"}) == ("published", True)
        # The rest is never sent only to be taken down.
        assert (of.taken_down_at is not None, of.state, of.live_posts) == (True, "failed", 1)
        assert not SandboxPost.objects.exists()
