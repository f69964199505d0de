"""One person connects many places: Google ends the oldest of too many connections of theirs, so they share the newest."""

import html
import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone

from audit.models import Event
from clients.models import Client
from social.credentials import unseal
from social.models import Channel, Publication
from social.networks.base import Identity, Signed
from social.services import renewing
from social.services.connecting import Connector, connect, connect_others, record_others
from social.services.outbox import record_publication
from tests.races.meeting import meeting
from tests.servers.google_business import FakeGoogleBusiness
from tests.social.connections.going import browser_of, come_back, last, register, say_yes, there_and_back, unconnected
from tests.social.connections.test_asks import ask
from tests.world import World

pytestmark = pytest.mark.django_db
TOWNS = ("Alba", "Bra", "Canale", "Dogliani")


@pytest.fixture
def google(world: World) -> Iterator[FakeGoogleBusiness]:
    with FakeGoogleBusiness() as server:
        server.most, server.living = 3, []
        server.places = {str(number): f"Cantina Roero {town}" for number, town in enumerate(TOWNS, start=1)}
        register(world, "google_business", server)
        yield server


def place(world: World, google: FakeGoogleBusiness, town: str, client: Client | None = None) -> Channel:
    client = client or world.winery
    user = world.marta if client == world.winery else world.bruno
    return unconnected(user, client, "google_business", google, handle=f"Cantina Roero {town}")


def renewed(channel: Channel) -> str:
    """Renew its token; what the channel is then."""
    Channel.objects.filter(pk=channel.pk).exclude(renew_at=None).update(renew_at="2026-11-21T09:00Z")
    renewing.renew(channel_id=channel.pk)
    return Channel.objects.get(pk=channel.pk).status


def test_the_fourth_place_does_not_end_the_first(world: World, google: FakeGoogleBusiness) -> None:
    marta, channels = browser_of(world.marta), []
    for town in TOWNS:
        channels.append(place(world, google, town))
        there_and_back(marta, channels[-1])
    assert "e anche altri 3 canali" in last().detail
    assert len(google.living) == 3  # Google has ended the one that the first was connected with
    assert [renewed(channel) for channel in channels] == ["connected"] * 4
    kept = [unseal(Channel.objects.get(pk=channel.pk).credentials) for channel in channels]
    assert {one["refresh_token"] for one in kept} == {google.living[-1]}
    assert [one["location"] for one in kept] == [f"accounts/104506391/locations/{number}" for number in range(1, 5)]
    shared = Event.objects.filter(verb="channel.connected", subject_id=str(channels[0].pk)).order_by("pk")
    assert [event.data["beside"] for event in shared] == [None, *(channel.pk for channel in channels[1:])]


def test_one_sign_in_connects_all_places_that_wait_for_one(world: World, google: FakeGoogleBusiness) -> None:
    channels = [place(world, google, town) for town in TOWNS]
    there_and_back(browser_of(world.marta), channels[2])
    assert [renewed(channel) for channel in channels] == ["connected"] * 4
    assert google.consent.asked[1:] == []


def test_whoever_has_to_choose_connects_the_others_with_it(world: World, google: FakeGoogleBusiness) -> None:
    marta, waits = browser_of(world.marta), place(world, google, "Alba")
    named_otherwise = unconnected(world.marta, world.winery, "google_business", google, handle="la-cantina")
    assert "Quale account?" in there_and_back(marta, named_otherwise).text
    marta.post(f"/connect/{last().pk}/", {"account": "locations/2"})
    assert [renewed(channel) for channel in (named_otherwise, waits)] == ["connected"] * 2
    assert "e anche un altro canale" in last().detail
    assert Channel.objects.get(pk=waits.pk).identity == "locations/1"


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_nobody_who_waits_for_it(world: World, google: FakeGoogleBusiness) -> None:
    """A claim that finds something late holds its row, and then writes down what it found, as others do."""
    first, second = place(world, google, "Alba"), place(world, google, "Bra")
    waits = world.due(channels=[second])
    signed = [
        Signed(Identity(f"locations/{number}", one.handle, one.handle), {"access_token": "a", "person": "7"})
        for number, one in enumerate([first, second], start=1)
    ]

    def connect_both() -> int:
        by = Connector(user=world.marta)
        with transaction.atomic():
            others = connect_others(by=by, channel=second, signed=signed)
            connect(by=by, channel=second, signed=signed[1], way="sign_in")
            record_others(by=by, channel=second, others=others, way="sign_in")
            return len(others)

    with meeting() as two:
        with transaction.atomic():
            Publication.objects.filter(pk=waits.pk).update(wake_at=timezone.now())
            two.runners[0].do(connect_both)
            two._wait_until_it_waits(two.runners[0])
            record_publication(waits, "publication.late")
        assert two.runners[0].result() == 1


def test_another_client_s_places_are_left_alone(world: World, google: FakeGoogleBusiness) -> None:
    of_town = place(world, google, "Alba", world.town)
    there_and_back(browser_of(world.bruno), of_town)
    before = Channel.objects.get(pk=of_town.pk).credentials
    waits = place(world, google, "Bra", world.town)
    there_and_back(browser_of(world.marta), place(world, google, "Canale"))
    assert last().detail == "Cantina Roero Canale è collegato."
    assert Channel.objects.get(pk=of_town.pk).credentials == before
    assert Channel.objects.get(pk=waits.pk).credentials == ""


def test_what_another_person_connected_stays_as_long_as_it_holds(world: World, google: FakeGoogleBusiness) -> None:
    marta = browser_of(world.marta)
    first, second = place(world, google, "Alba"), place(world, google, "Bra")
    google.places = {"1": "Cantina Roero Alba"}
    there_and_back(marta, first)
    before = Channel.objects.get(pk=first.pk).credentials
    google.person, google.places = "accounts/99", {"1": "Cantina Roero Alba", "2": "Cantina Roero Bra"}
    there_and_back(marta, second)
    assert Channel.objects.get(pk=first.pk).credentials == before
    google.living = google.living[-1:]
    assert renewed(first) == "broken"
    assert "un centinaio di collegamenti" in Channel.objects.get(pk=first.pk).status_detail
    there_and_back(marta, second)
    assert renewed(first) == "connected"


def test_who_was_asked_for_one_place_renews_their_own_and_connects_no_other(
    world: World, google: FakeGoogleBusiness
) -> None:
    own, asked = place(world, google, "Alba"), place(world, google, "Bra")
    piero = browser_of()
    for channel in (own, asked):
        go_by_link(world, piero, channel)
    waits = place(world, google, "Canale")
    go_by_link(world, piero, asked)
    assert Channel.objects.get(pk=waits.pk).credentials == ""
    kept = [unseal(Channel.objects.get(pk=channel.pk).credentials)["refresh_token"] for channel in (own, asked)]
    assert kept == [google.living[-1]] * 2
    assert len(google.living) == 3


def go_by_link(world: World, browser: Browser, channel: Channel) -> None:
    """Piero connects it by the link in his mail."""
    here = ask(world, channel)
    going = browser.post(here, {"way": ""})
    found = re.search(r'href="(http[^"]+auth[^"]+)"', going.content.decode())
    assert found is not None
    come_back(browser, say_yes(html.unescape(found.group(1))))
    assert Channel.objects.get(pk=channel.pk).status == "connected"
