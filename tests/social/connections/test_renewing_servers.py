"""Accounts on servers whose tokens end (Pleroma, Akkoma, Pixelfed): renewed there, or told that they need a new connection."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Notification
from social.credentials import unseal
from social.models import Channel, Publication, PublicationState
from social.networks.base import Identity, Signed
from social.services import publishing, renewing
from social.services.connecting import Connector, connect
from tests.servers.mastodon import Pleroma
from tests.servers.wire import Answer
from tests.social.connections.going import register, unconnected
from tests.world import World

TOKEN, CREATE = "POST /oauth/token", "POST /api/v1/statuses"
pytestmark = pytest.mark.django_db


@pytest.fixture
def pleroma(world: World) -> Iterator[Pleroma]:
    with Pleroma() as server:
        register(world, "mastodon", server)
        yield server


def connected(world: World, server: Pleroma, ends_in: timedelta) -> Channel:
    """The winery's account, with what a sign-in there gives."""
    until = (timezone.now() + ends_in).isoformat()
    given = {"access_token": server.token, "refresh_token": server.refresh, "expires_at": until}
    signed = Signed(Identity(server.account, "roero", "Cantina Roero"), given)
    channel = unconnected(world.marta, world.winery, "mastodon", server, "roero")
    connect(by=Connector(user=world.marta), channel=channel, signed=signed, way="sign_in")
    Channel.objects.filter(pk=channel.pk).update(renewed_at=timezone.now() - timedelta(days=1))
    return fresh(channel)


def fresh(channel: Channel) -> Channel:
    return Channel.objects.get(pk=channel.pk)


def publish(publication: Publication) -> Publication:
    Publication.objects.filter(pk=publication.pk).update(wake_at=timezone.now())
    publishing.publish(publication_id=publication.pk)
    publication.refresh_from_db()
    return publication


def test_one_that_has_ended_is_renewed_once_and_its_post_goes_out(world: World, pleroma: Pleroma) -> None:
    channel = connected(world, pleroma, timedelta(seconds=-5))
    publication = publish(world.due(channels=[channel]))
    assert (publication.state, pleroma.texts()) == (PublicationState.SCHEDULED, [])
    assert renewing.hand_out(timezone.now()) == [channel.pk]
    renewing.renew(channel_id=channel.pk)
    assert publish(publication).state == PublicationState.PUBLISHED
    assert (len(pleroma.texts()), pleroma.used) == (1, ["refresh-token-of-the-winery"])
    kept = unseal(fresh(channel).credentials)
    assert (kept["access_token"], kept["refresh_token"]) == (pleroma.token, pleroma.refresh)


def test_one_that_was_taken_back_is_renewed_once_else_a_person_hears_it(world: World, pleroma: Pleroma) -> None:
    channel = connected(world, pleroma, timedelta(hours=2))
    publication = world.due(channels=[channel])
    pleroma.token = "taken back, whatever was said of its end"
    assert publish(publication).state == PublicationState.SCHEDULED
    assert (fresh(channel).status, renewing.hand_out(timezone.now())) == ("connected", [channel.pk])
    renewing.renew(channel_id=channel.pk)
    assert publish(publication).state == PublicationState.PUBLISHED
    pleroma.token = "taken back again"
    other = publish(world.due(channels=[channel], text="Ancora"))
    assert (other.state, fresh(channel).status) == (PublicationState.SCHEDULED, "broken")
    assert [told.user for told in Notification.objects.filter(kind="channel_broken")] == [world.marta]


def test_one_that_the_server_does_not_renew_needs_a_new_connection(world: World, pleroma: Pleroma) -> None:
    channel = connected(world, pleroma, timedelta(seconds=-5))
    publication = publish(world.due(channels=[channel]))
    pleroma.refresh = "taken back as well"
    renewing.renew(channel_id=channel.pk)
    there = fresh(channel)
    assert (there.status, there.renew_at) == ("broken", None)
    assert there.status_detail == "Il collegamento a Mastodon è scaduto. Ricollega il canale."
    assert publish(publication).state == PublicationState.SCHEDULED
    assert "nuovo collegamento" in publication.detail
    assert pleroma.count(CREATE) == 0


def test_while_a_server_can_not_renew_nobody_is_asked_every_three_seconds(world: World, pleroma: Pleroma) -> None:
    channel = connected(world, pleroma, timedelta(seconds=-5))
    publication = publish(world.due(channels=[channel]))
    pleroma.on(TOKEN, *[Answer(503, {"error": "Service Unavailable"})] * 9)
    for _turn in range(5):
        Channel.objects.filter(pk=channel.pk).update(renew_at=timezone.now())
        renewing.renew(channel_id=channel.pk)
    before = timezone.now()
    wakes = publish(publication).wake_at
    assert wakes is not None
    assert timedelta(seconds=30) < wakes - before <= timedelta(seconds=61)
