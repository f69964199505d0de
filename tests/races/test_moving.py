"""A scheduled post is moved at the very moment at which a worker takes it: one of them wins, and nothing is torn.

Two hundred meetings of real threads on real connections: a hundred free, fifty with each of them first.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import Conflict
from social.models import Attempt, Post, Publication, SandboxPost
from social.services import claiming, edit_post, publishing
from tests.races.meeting import Act, meeting
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 200


def again(publication: Publication, post: Post) -> None:
    """The same approved post, due now, as if nothing had happened to it."""
    now = timezone.now()
    with_triggers_off(
        "DELETE FROM social_attempt WHERE publication_id = %s",
        "UPDATE social_publication SET state = 'scheduled', tries = 0, keys = '{}', progress = '{}' WHERE id = %s",
        pk=publication.pk,
    )
    with_triggers_off("UPDATE social_post SET state = 'scheduled' WHERE id = %s", pk=post.pk)
    Publication.objects.filter(pk=publication.pk).update(due_at=now, wake_at=now, handed_at=None)
    Post.objects.filter(pk=post.pk).update(publish_at=now)


def with_triggers_off(*statements: str, pk: int) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement, [pk])


def test_move_or_claim(transactional_db: None) -> None:
    world = World()
    publication = world.due()
    post = publication.post
    later = timezone.now() + timedelta(days=1)
    seen = []
    with meeting() as two:

        def scene() -> tuple[Act, Act]:
            again(publication, post)
            assert claiming.hand_out(timezone.now()) == [(publication.pk, "scheduled")]
            return (
                partial(claiming.claim, publication_id=publication.pk, now=timezone.now()),
                partial(edit_post, user=world.vito, post=post, publish_at=later),
            )

        for claimed, moved in two.times(ROUNDS, lambda: post, scene):
            seen.append(check(publication, claimed, moved, later))
        assert len(seen) == ROUNDS
        assert seen.count("moved") >= ROUNDS // 4
        assert seen.count("claimed") >= ROUNDS // 4


def check(publication: Publication, claimed: Any, moved: Any, later: datetime) -> str:
    """Who has won; and that the other one changed nothing."""
    publication.refresh_from_db()
    post = Post.objects.get(pk=publication.post_id)
    attempts = Attempt.objects.filter(publication=publication).count()
    if isinstance(moved, Conflict):
        assert moved.code == "already_published"
        assert isinstance(claimed, claiming.Claim)
        assert (publication.state, post.state, attempts) == ("publishing", "publishing", 1)
        assert publication.due_at == post.publish_at
        assert post.publish_at != later
        return "claimed"
    assert isinstance(moved, Post), moved
    assert claimed is None
    assert (publication.state, post.state, attempts) == ("scheduled", "scheduled", 0)
    assert publication.due_at == publication.wake_at == post.publish_at == later
    assert publication.handed_at is None
    return "moved"


def test_what_was_moved_goes_out_at_its_new_time_and_once(transactional_db: None) -> None:
    """Also if whoever was handed it before is too busy for it, or comes late."""
    world = World()
    publication = world.due()
    later = timezone.now() + timedelta(days=1)
    claiming.hand_out(timezone.now())
    edit_post(user=world.vito, post=publication.post, publish_at=later)
    claiming.put_back(publication.pk)
    publishing.publish(publication_id=publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.wake_at) == ("scheduled", later)
    assert claiming.hand_out(later - timedelta(seconds=1)) == []
    assert claiming.hand_out(later) == [(publication.pk, "scheduled")]
    now = timezone.now()
    Publication.objects.filter(pk=publication.pk).update(due_at=now, wake_at=now)
    publishing.publish(publication_id=publication.pk)
    publishing.publish(publication_id=publication.pk)
    publication.refresh_from_db()
    assert publication.state == "published"
    assert SandboxPost.objects.filter(key=publication.keys["key"]).count() == 1
