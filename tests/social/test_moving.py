"""Moving a post that is scheduled, has missed its time, or was not published: what becomes of its publications."""

from datetime import timedelta

import pytest
from django.utils import timezone

from social.models import Attempt, Publication, PublicationState
from social.services import edit_post, publishing
from tests.rest.caller import Caller
from tests.world import World


def failed(world: World) -> Publication:
    """One that the network refused."""
    publication = world.due()
    world.page.credentials = ""
    for state in ("publishing", "failed"):
        Publication.objects.filter(pk=publication.pk).update(state=state)
        type(publication.post).objects.filter(pk=publication.post_id).update(state=state)
    publication.refresh_from_db()
    publication.post.refresh_from_db()
    return publication


def test_what_was_not_published_goes_out_at_its_new_time(world: World) -> None:
    publication = failed(world)
    later = timezone.now() + timedelta(hours=2)
    post = edit_post(user=world.vito, post=publication.post, publish_at=later)
    publication.refresh_from_db()
    assert post.state == "scheduled"
    assert (publication.state, publication.due_at, publication.wake_at) == ("scheduled", later, later)
    now = timezone.now()
    Publication.objects.filter(pk=publication.pk).update(due_at=now, wake_at=now)
    publishing.publish(publication_id=publication.pk)
    publication.refresh_from_db()
    assert publication.state == "published"


@pytest.mark.parametrize("state", ["failed", "late", "scheduled"])
def test_a_time_that_is_taken_away(world: World, state: str) -> None:
    publication = failed(world) if state == "failed" else world.due()
    post = publication.post
    if state == "late":
        Publication.objects.filter(pk=publication.pk).update(state="late", wake_at=None)
        type(post).objects.filter(pk=post.pk).update(state="late")
    post = edit_post(user=world.vito, post=post, publish_at=None)
    publication.refresh_from_db()
    assert (post.state, publication.state) == ("approved", "cancelled")
    # The approval stands: a new time is all that it wants.
    later = timezone.now() + timedelta(hours=2)
    post = edit_post(user=world.vito, post=post, publish_at=later)
    assert post.state == "scheduled"
    assert post.publications.get(state=PublicationState.SCHEDULED).due_at == later


def test_it_says_that_it_is_going_out_already(world: World) -> None:
    publication = world.due()
    for kind, pk in ((Publication, publication.pk), (type(publication.post), publication.post_id)):
        kind.objects.filter(pk=pk).update(state="publishing")
    later = (timezone.now() + timedelta(hours=2)).isoformat()
    world.vito.language = "en"
    world.vito.save(update_fields=["language"])
    problem = Caller(world.vito).patch(f"posts/{publication.post_id}/", {"publish_at": later}, expect=409)
    assert problem["code"] == "already_published"
    assert problem["detail"] == "It is going out already: nothing of it can be changed any more."
    assert not Attempt.objects.exists()
