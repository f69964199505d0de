"""A network with many servers: each channel knows what its own one takes, and the composer holds texts against that."""

import pytest
from django.core.exceptions import ValidationError

from social.models import Channel
from social.services import create_channel, edit_channel
from tests.servers.mastodon import FakeMastodon
from tests.social.checked import check_channel
from tests.social.test_publishing import run
from tests.world import World

LONG = "a" * 700


def connected(world: World, server: FakeMastodon) -> Channel:
    credentials = {"access_token": server.token}
    fields = {"handle": "roero", "server": server.url, "credentials": credentials}
    return create_channel(user=world.marta, client=world.winery, network="mastodon", **fields)  # type: ignore[arg-type]


def test_a_checked_channel_takes_what_its_server_takes(world: World) -> None:
    with FakeMastodon(max_text=700) as server:
        channel = connected(world, server)
        with pytest.raises(ValidationError, match="700 of 500"):
            world.submitted(channels=[channel], text=LONG)
        assert check_channel(user=world.marta, channel=channel).allows["max_text"] == 700
        publication = run(world.due(channels=[channel], text=LONG))
        assert (publication.state, server.texts()) == ("published", [LONG])
        assert publication.permalink == f"{server.url}/@roero/{publication.remote_id}"
        with pytest.raises(ValidationError, match="701 of 700"):
            world.submitted(channels=[channel], text=LONG + "a")


def test_the_first_publication_asks_what_the_server_takes(world: World) -> None:
    with FakeMastodon(max_text=700) as server:
        channel = connected(world, server)
        assert run(world.due(channels=[channel])).state == "published"
        channel.refresh_from_db()
        assert (channel.identity, channel.allows["max_text"]) == (server.account, 700)


def test_another_server_is_another_allowance(world: World) -> None:
    with FakeMastodon(max_text=700) as server, FakeMastodon() as other:
        channel = check_channel(user=world.marta, channel=connected(world, server))
        assert channel.allows
        channel = edit_channel(user=world.marta, channel=channel, server=other.url)
        assert (channel.identity, channel.allows) == ("", {})


def test_a_channel_of_such_a_network_names_its_server(world: World) -> None:
    fields = {"handle": "roero", "credentials": {"access_token": "x"}}
    with pytest.raises(ValidationError) as refused:
        create_channel(user=world.marta, client=world.winery, network="mastodon", **fields)  # type: ignore[arg-type]
    assert list(refused.value.error_dict) == ["server"]
