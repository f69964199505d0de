"""Connecting and renewing at a real OpenID provider: what our own fakes say of RFC 6749, 7636 and 9207 holds there too."""

from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.utils import timezone

from social import networks
from social.credentials import unseal
from social.models import Channel
from social.networks.base import Account, CredentialsRefused, Identity, Need, OAuth
from social.networks.renewing import renewed
from social.networks.wire import Wire, word
from social.services import create_channel, renewing, save_app
from social.services.apps import redirect_of
from tests.servers.openid import OpenId, free_port, running
from tests.social.connections.going import browser_of, come_back, last, leave
from tests.social.publishing.stepwise import Stepwise
from tests.world import World

pytestmark = pytest.mark.django_db
APP = {"client_id": "id of the app", "client_secret": "secret: of the app/"}


class Guild(Stepwise):
    """A network of its own servers whose accounts are connected at an OpenID provider."""

    slug = "guild"
    name = "Guild"
    needs = (Need("access_token", "Access token"),)
    own_server = True
    oauth: ClassVar[OAuth | None] = OAuth(
        authorize="https://guild.example/auth",
        token="https://guild.example/token",
        scopes=("openid", "offline_access"),
        more={"prompt": "consent"},
        rotates=True,
    )

    def identity(self, account: Account) -> Identity:
        """Ask the provider whose token it is."""
        with Wire(self.name, account.server) as wire:
            who = word(wire.call("GET", "/me", seconds=10, token=str(account.credentials["access_token"])), "sub")
        return Identity(id=who, handle=who, name=who.title())

    def refresh(self, account: Account) -> dict[str, object]:
        """Renew the token."""
        assert self.oauth is not None
        return dict(renewed(self.name, self.oauth, account))


@pytest.fixture
def guild(monkeypatch: pytest.MonkeyPatch) -> Guild:
    network = Guild()
    monkeypatch.setitem(networks.NETWORKS, network.slug, network)
    return network


@pytest.fixture
def openid(world: World, guild: Guild) -> Iterator[OpenId]:
    port = free_port()
    redirect = redirect_of("guild", f"http://127.0.0.1:{port}")
    with running(port, **APP, redirect=redirect) as server:
        save_app(
            user=world.ada,
            network="guild",
            server=server.url,
            client_id=APP["client_id"],
            client_secret=APP["client_secret"],
        )
        yield server


@pytest.fixture
def channel(world: World, openid: OpenId) -> Channel:
    return create_channel(user=world.marta, client=world.winery, network="guild", handle="roero", server=openid.url)


def fresh(channel: Channel) -> Channel:
    return Channel.objects.get(pk=channel.pk)


def connected(world: World, openid: OpenId, channel: Channel) -> Channel:
    marta = browser_of(world.marta)
    page = come_back(marta, openid.say_yes(leave(marta, channel), "roero"))
    there = fresh(channel)
    assert there.status == "connected", page.text
    return there


def test_connected_with_a_code_that_only_we_can_use(world: World, openid: OpenId, channel: Channel) -> None:
    marta = browser_of(world.marta)
    address = leave(marta, channel)
    back = openid.say_yes(address, "roero")
    came = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    assert (came["iss"], came["state"]) == (openid.url, parse_qs(urlsplit(address).query)["state"][0])
    come_back(marta, back)
    there = fresh(channel)
    assert (there.status, there.identity) == ("connected", "roero")
    assert there.token_ends_at is not None
    assert there.token_ends_at > timezone.now()
    assert {"access_token", "refresh_token", "expires_at"} <= set(unseal(there.credentials))


def test_an_answer_of_another_issuer_is_refused(world: World, openid: OpenId, channel: Channel) -> None:
    marta = browser_of(world.marta)
    back = urlsplit(openid.say_yes(leave(marta, channel), "roero"))
    came = {name: values[0] for name, values in parse_qs(back.query).items()}
    assert fresh(channel).status == "broken"
    come_back(marta, f"{back.path}?{urlencode({**came, 'iss': 'https://elsewhere.example'})}")
    assert (fresh(channel).status, last().code) == ("broken", "answer_swapped")


def test_renewed_with_rotation_and_never_with_an_old_token(
    world: World, openid: OpenId, channel: Channel, guild: Guild
) -> None:
    there = connected(world, openid, channel)
    old = before = unseal(there.credentials)
    for _turn in range(2):
        Channel.objects.filter(pk=channel.pk).update(renew_at=timezone.now())
        assert renewing.hand_out(timezone.now()) == [channel.pk]
        renewing.renew(channel_id=channel.pk)
        after = unseal(fresh(channel).credentials)
        assert after["refresh_token"] != before["refresh_token"]
        assert after["access_token"] != before["access_token"]
        account = Account("roero", openid.url, after, "roero", APP)
        assert guild.identity(account).id == "roero"
        old, before = before, after
    with pytest.raises(CredentialsRefused):
        guild.refresh(Account("roero", openid.url, old, "roero", APP))
