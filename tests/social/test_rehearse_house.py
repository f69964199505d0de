"""A rehearsal on a real WordPress, and on an emulator of Mastodon: all is as expected, and nothing is left."""

import pytest

from social.services import create_channel
from tests.servers.emulators import Mastodon
from tests.servers.fixtures import mastodon, wordpress
from tests.servers.wordpress import WordPress
from tests.social.publishing.test_own_house import site_of
from tests.social.test_rehearse import rehearse
from tests.world import World

__all__ = ["mastodon", "wordpress"]
pytestmark = pytest.mark.django_db


def test_on_wordpress_it_is_a_draft_and_then_in_the_trash(world: World, wordpress: WordPress) -> None:
    author = wordpress.create_author("roero-prova")
    said, wrong = rehearse(site_of(world, wordpress, author))
    assert (wrong, "differs" in said) == ("", False), said
    assert [post["status"] for post in wordpress.posts(author, status="any,trash")] == ["trash"]


def test_on_mastodon_followers_see_it_for_a_moment(world: World, mastodon: Mastodon) -> None:
    person = mastodon.person()
    fields = {"handle": person.name, "server": mastodon.url, "credentials": {"access_token": person.token}}
    channel = create_channel(user=world.marta, client=world.winery, network="mastodon", **fields)  # type: ignore[arg-type]
    said, wrong = rehearse(channel)
    assert (wrong, "differs" in said) == ("", False), said
    assert mastodon.statuses(person) == []
