"""A channel becomes another account at the very moment at which a post for it is submitted, planned or claimed.

Real threads on real connections. Whoever is first: a version that is in review names the account that its channel is.
"""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import Conflict
from social.models import Channel, Post, Publication, SandboxPost
from social.networks.base import Identity, Signed
from social.services import claiming, create_channel, edit_channel, edit_post, publishing, submit_post, withdraw_post
from social.services.connecting import Connector, connect
from tests.races.meeting import Act, meeting
from tests.races.test_races import conflicts, together
from tests.world import World, sandbox

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 40


def named(post: Post, channel: Channel) -> bool:
    """Whether the version in review names the account that the channel is."""
    post.refresh_from_db()
    channel.refresh_from_db()
    assert post.state == "in_review"
    assert post.version is not None
    return bool(post.version.content["channels"][0]["handle"] == channel.handle)


def refused_to_become_another(result: Any) -> None:
    """A post is approved for it; or has its hour there already."""
    assert isinstance(result, Conflict | ValidationError), result
    code = result.code if isinstance(result, Conflict) else result.error_dict["handle"][0].code
    assert code in {"in_review", "in_use"}


def test_edit_or_submit(transactional_db: None) -> None:
    world = World()
    post, channel = world.draft(), world.page
    seen = set()
    with meeting() as two:

        def scene() -> tuple[Act, Act]:
            post.refresh_from_db()
            if post.state == "in_review":
                withdraw_post(user=world.vito, post=post)
            other = "un-altro-conto" if channel.handle == "cantina-roero" else "cantina-roero"
            return (
                partial(edit_channel, user=world.marta, channel=channel, handle=other),
                partial(submit_post, user=world.vito, post=post),
            )

        for results in two.times(ROUNDS, lambda: channel, scene):
            seen.add(tuple(conflicts(results)))
            assert named(post, channel)
    assert seen == {(), ("in_review",)}


def test_connect_or_submit(transactional_db: None) -> None:
    world = World()
    channel = create_channel(user=world.marta, client=world.winery, network="x", handle="cantinaroero")
    post = world.draft(channels=[channel])
    mario = Signed(Identity("99", "mario_privato", "Mario"), {"access_token": "t"})
    seen = set()
    with meeting() as two:

        def scene() -> tuple[Act, Act]:
            post.refresh_from_db()
            if post.state == "in_review":
                withdraw_post(user=world.vito, post=post)
            Channel.objects.filter(pk=channel.pk).update(handle="cantinaroero", identity="", credentials="")
            return (
                partial(connect, by=Connector(user=world.marta), channel=channel, signed=mario, way="sign_in"),
                partial(submit_post, user=world.vito, post=post),
            )

        for results in two.times(ROUNDS, lambda: channel, scene):
            seen.add(tuple(conflicts(results)))
            assert named(post, channel)
    assert seen == {(), ("another_account",)}


def test_edit_or_plan_or_claim(transactional_db: None) -> None:
    world = World()
    for number in range(ROUNDS // 4):
        channel = sandbox(world.marta, world.winery, f"roero{number}")
        post = world.approved(channels=[channel])
        soon = timezone.now() + timedelta(hours=1)
        results = together(
            partial(edit_channel, user=world.marta, channel=channel, handle="un-altro-conto"),
            partial(edit_post, user=world.vito, post=post, publish_at=soon),
        )
        refused_to_become_another(results[0])
        publication = post.publications.get()
        Publication.objects.filter(pk=publication.pk).update(due_at=timezone.now(), wake_at=timezone.now())
        results = together(
            partial(edit_channel, user=world.marta, channel=channel, handle="un-altro-conto"),
            partial(publishing.publish, publication_id=publication.pk),
        )
        refused_to_become_another(results[0])
        publication.refresh_from_db()
        assert publication.state == "published"
        assert SandboxPost.objects.latest("pk").handle == f"roero{number}"


def test_connect_or_claim(transactional_db: None) -> None:
    """Of a channel that nobody has asked yet who it is, a publication is due while somebody signs in as another."""
    world = World()
    mario = Signed(Identity("99", "mario_privato", "Mario"), {"access_token": "t"})
    for number in range(ROUNDS // 4):
        channel = create_channel(
            user=world.marta,
            client=world.winery,
            network="x",
            handle=f"roero{number}",
            credentials={"access_token": "a"},
        )
        publication = world.due(channels=[channel])
        results = together(
            partial(connect, by=Connector(user=world.marta), channel=channel, signed=mario, way="sign_in"),
            partial(claiming.claim, publication_id=publication.pk),
        )
        assert conflicts(results) == ["another_account"]
        assert isinstance(results[1], claiming.Claim)
        channel.refresh_from_db()
        assert (channel.handle, channel.identity) == (f"roero{number}", "")
