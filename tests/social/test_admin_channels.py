"""Marta connects, checks and retires channels; a secret that was given is never shown again."""

import pytest
from pytest_django import DjangoAssertNumQueries

from social.credentials import unseal
from social.models import Channel, ChannelStatus
from social.networks import NETWORKS
from social.services import checking, create_channel
from tests.browsing import Staff, words
from tests.world import World, sandbox

SECRET = "abcd-efgh-ijkl-mnop"


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for person in (world.vito, world.marta):
        person.language = "en"
        person.save(update_fields=["language"])


@pytest.fixture
def sky(world: World) -> Channel:
    """The winery's Bluesky account."""
    return create_channel(
        user=world.marta,
        client=world.winery,
        network="bluesky",
        handle="roero.example",
        name="Roero su Bluesky",
        credentials={"app_password": SECRET},
    )


def test_client_then_network_then_the_fields_that_it_needs(world: World) -> None:
    marta = Staff(world.marta)
    names = " ".join(network.name for network in NETWORKS.values() if network.retired is None)
    assert f"On which network? {names}" in words(marta.open("social_channel_add"))
    query = f"?client={world.winery.pk}&network=sandbox"
    page = marta.open("social_channel_add", query=query)
    assert "Behaviour to rehearse" in words(page)
    assert "Cantina Roero" in words(page)
    answer = marta.send("social_channel_add", query=query, data={"handle": "@nuova", "cred_behaviour": "slow"})
    channel = Channel.objects.get(handle="nuova")
    assert (channel.client, channel.network, channel.status) == (world.winery, "sandbox", ChannelStatus.CONNECTED)
    assert unseal(channel.credentials) == {"behaviour": "slow"}
    assert "Saved. The network is being asked who we are." in words(answer)
    assert channel.asked_by == world.marta


@pytest.mark.parametrize(("network", "asked"), [("sandbox", 0), ("newsletter", 0), ("bluesky", 1), ("mastodon", 1)])
def test_a_server_is_asked_where_there_can_be_one(world: World, network: str, asked: int) -> None:
    page = Staff(world.marta).open("social_channel_add", query=f"?client={world.winery.pk}&network={network}")
    assert page.content.decode().count('name="server"') == asked


def test_a_secret_is_kept_and_not_shown(world: World, sky: Channel) -> None:
    marta = Staff(world.marta)
    page = marta.open("social_channel_change", sky.pk)
    assert SECRET not in page.content.decode()
    assert "It is kept and not shown. Empty: unchanged." in words(page)
    typed = {"handle": "roero.example", "name": "Altro nome", "cred_app_password": ""}
    marta.send("social_channel_change", sky.pk, data=typed)
    sky.refresh_from_db()
    assert (sky.name, unseal(sky.credentials)) == ("Altro nome", {"app_password": SECRET})
    answer = marta.send("social_channel_change", sky.pk, data={**typed, "cred_app_password": "nuova", "handle": ""})
    assert "nuova" not in answer.content.decode()
    marta.send("social_channel_change", sky.pk, data={**typed, "cred_app_password": "nuova"})
    sky.refresh_from_db()
    assert unseal(sky.credentials) == {"app_password": "nuova"}


@pytest.mark.parametrize(
    ("query", "data", "said"),
    [
        ("&network=bluesky", {"handle": ""}, "This field is required."),
        ("&network=sandbox", {"handle": "CANTINA-ROERO"}, "This account is already a channel here."),
        ("&network=bluesky", {"handle": "x", "server": "nowhere"}, "Enter a valid URL."),
        ("&network=sandbox", {"handle": "x", "cadence_per_week": "-1"}, "greater than or equal to 0"),
    ],
)
def test_bad_input(world: World, query: str, data: dict[str, str], said: str) -> None:
    before = Channel.objects.count()
    answer = Staff(world.marta).send("social_channel_add", query=f"?client={world.winery.pk}{query}", data=data)
    assert said in words(answer)
    assert answer.context["form"]["handle"].value() == data["handle"]
    assert Channel.objects.count() == before


def test_a_network_that_is_none(world: World) -> None:
    query = f"?client={world.winery.pk}&network=myspace"
    assert Staff(world.marta).open("social_channel_add", query=query).status_code == 404


def test_staff_look_and_check_and_only_managers_write(world: World) -> None:
    vito = Staff(world.vito)
    page = words(vito.open("social_channel_change", world.page.pk))
    assert "Check now" in page
    assert "Save" not in page
    assert "Retire this channel" not in page
    assert vito.send("social_channel_change", world.page.pk, data={"handle": "altra"}).status_code == 403
    assert vito.open("social_channel_add").status_code == 403
    assert "Sandbox is being asked who we are" in words(vito.send("social_channel_check", world.page.pk))
    checking.check(channel_id=world.page.pk)
    assert vito.send("social_channel_retire", world.page.pk).status_code == 403
    world.page.refresh_from_db()
    assert world.page.status == ChannelStatus.CONNECTED
    assert world.page.checked_at is not None


def test_a_channel_that_breaks_says_why(world: World) -> None:
    away = sandbox(world.marta, world.winery, "altrove", behaviour="unavailable")
    Staff(world.marta).send("social_channel_check", away.pk)
    checking.check(channel_id=away.pk)
    page = words(Staff(world.marta).open("social_channel_change", away.pk))
    assert "The sandbox is not reachable, as its channel is set to." in page
    assert "being asked" not in page
    # Nobody has let us in there so far, so it is not called connected, and the next sweep but ten minutes asks again.
    assert ("Not confirmed yet" in page, "The network has not answered yet." in page) == (True, True)
    away.refresh_from_db()
    assert away.check_at is not None
    assert away.pk in checking.hand_out(away.check_at)


def test_retiring_is_asked_once_more_with_the_clients_name(world: World) -> None:
    marta = Staff(world.marta)
    page = marta.open("social_channel_retire", world.page.pk)
    assert "Nothing goes out on Cantina Roero (prova) any more." in words(page)
    assert "#7A1F3D" in page.content.decode()
    assert "This field is required." in words(marta.send("social_channel_retire", world.page.pk))
    why = {"because": "Venduto."}
    assert "is retired" in words(marta.send("social_channel_retire", world.page.pk, data=why))
    assert "This channel is retired." in words(marta.send("social_channel_retire", world.page.pk, data=why))
    world.page.refresh_from_db()
    assert (world.page.status, world.page.credentials, world.page.retired_because) == ("retired", "", "Venduto.")
    page = words(marta.open("social_channel_change", world.page.pk))
    assert "Why: Venduto." in page
    assert ("has not answered yet" in page, "Behaviour to rehearse" in page) == (False, False)


def test_what_was_never_connected_is_not_called_broken(world: World) -> None:
    new = create_channel(user=world.marta, client=world.winery, network="bluesky", handle="roero.example")
    page = words(Staff(world.marta).open("social_channel_change", new.pk))
    assert ("Not connected yet" in page, "Needs a new connection" in page) == (True, False)
    assert ("has not answered yet" in page, "Check now" in page) == (False, False)


def test_another_clients_channel_does_not_exist(world: World) -> None:
    marta, bruno = Staff(world.marta), Staff(world.bruno)
    for name in ("change", "retire"):
        assert marta.open(f"social_channel_{name}", world.town_page.pk).status_code == 404
        assert bruno.open(f"social_channel_{name}", world.town_page.pk).status_code == 200
    assert marta.send("social_channel_check", world.town_page.pk).status_code == 404
    assert world.town_page.name not in marta.open("social_channel_changelist").content.decode()
    assert world.town_page.name in bruno.open("social_channel_changelist").content.decode()
    assert marta.open("social_channel_add", query=f"?client={world.town.pk}").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows - 1):
        sandbox(world.marta, world.winery, f"roero-{number}")
    marta = Staff(world.marta)
    marta.open("social_channel_changelist")
    with django_assert_num_queries(9):
        marta.open("social_channel_changelist")
