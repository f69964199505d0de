"""A channel becomes another account: what was approved for the old one goes out on no other, and no token goes along."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import Conflict
from audit.models import Event
from notifications.models import Notification
from social.credentials import unseal
from social.models import Channel, ChannelStatus, SandboxPost, SignInState
from social.networks.base import Identity, Signed
from social.services import ask_channel, checking, create_channel, edit_channel, withdraw_post
from social.services.connecting import Connector, connect
from tests.browsing import Staff, words
from tests.rest.caller import Caller
from tests.servers.x import FakeX
from tests.social.connections.going import browser_of, last, leave, register, say_yes, there_and_back, unconnected
from tests.social.test_publishing import run
from tests.world import World

MARIO = Signed(Identity("99", "mario_privato", "Mario"), {"access_token": "t"})
WINERY = Signed(Identity("7", "CantinaRoero", "Cantina"), {"access_token": "t"})


def x_channel(world: World, **more: Any) -> Channel:
    """The winery's account on X, which nobody has asked yet who it is."""
    return create_channel(user=world.marta, client=world.winery, network="x", handle="cantinaroero", **more)


class TestWhatIsAskedFor:
    """Posts that are in review or approved name the account."""

    def test_the_account_stays_while_a_post_for_it_is_in_review(self, world: World) -> None:
        post = world.submitted()
        with pytest.raises(Conflict) as refused:
            edit_channel(user=world.marta, channel=world.page, handle="un-altro-conto")
        assert (refused.value.code, refused.value.field) == ("in_review", "handle")
        assert "cantina-roero: “Vendemmia”" in str(refused.value)
        with pytest.raises(Conflict):
            edit_channel(user=world.marta, channel=world.page, server="https://altrove.example")
        edit_channel(user=world.marta, channel=world.page, name="Prova", handle="Cantina-Roero")  # the same account
        withdraw_post(user=world.vito, post=post)
        assert edit_channel(user=world.marta, channel=world.page, handle="un-altro-conto").handle == "un-altro-conto"

    def test_so_it_does_while_one_is_approved_without_a_time(self, world: World) -> None:
        for _number in range(4):
            world.approved()
        with pytest.raises(Conflict) as refused:
            edit_channel(user=world.marta, channel=world.page, handle="un-altro-conto")
        assert str(refused.value).count("“Vendemmia”") == 3
        assert "“Vendemmia”, …" in str(refused.value)

    def test_both_faces_say_so(self, world: World) -> None:
        world.marta.language = "en"
        world.marta.save(update_fields=["language"])
        world.submitted()
        typed = {"handle": "un-altro-conto", "name": "Nuovo nome"}
        page = Staff(world.marta).send("social_channel_change", world.page.pk, data=typed)
        assert "In review or approved for cantina-roero: “Vendemmia”." in words(page)
        assert page.context["form"]["name"].value() == "Nuovo nome"
        answer = Caller(world.marta).patch(f"channels/{world.page.pk}/", {"handle": "un-altro-conto"}, expect=409)
        assert answer["code"] == "in_review"

    def test_a_claim_compares_once_more(self, world: World) -> None:
        publication = world.due()
        Channel.objects.filter(pk=world.page.pk).update(handle="un-altro-conto")  # past every service
        publication = run(publication)
        assert (publication.state, publication.post.state, publication.attempts.count()) == (
            "cancelled",
            "cancelled",
            0,
        )
        assert "cantina-roero" in publication.detail
        assert "un-altro-conto" in publication.detail
        assert not SandboxPost.objects.exists()
        assert Notification.objects.filter(kind="publication_failed").exists()
        event = Event.objects.get(verb="publication.cancelled")
        assert event.data["because"] == publication.detail

    def test_a_claim_takes_another_case_for_the_same(self, world: World) -> None:
        publication = world.due()
        Channel.objects.filter(pk=world.page.pk).update(handle="Cantina-Roero")
        assert run(publication).state == "published"


class TestTheFirstConnection:
    """A channel that is still to be connected, or that nobody has asked yet who it is."""

    def test_another_account_than_the_posts_name(self, world: World) -> None:
        channel = x_channel(world)
        post = world.submitted(channels=[channel])
        with pytest.raises(Conflict) as refused:
            connect(by=Connector(user=world.marta), channel=channel, signed=MARIO, way="sign_in")
        assert refused.value.code == "another_account"
        assert "Mario" in str(refused.value)
        channel.refresh_from_db()
        assert (channel.handle, channel.identity, channel.credentials) == ("cantinaroero", "", "")
        withdraw_post(user=world.vito, post=post)
        assert connect(by=Connector(user=world.marta), channel=channel, signed=MARIO, way="sign_in").handle == (
            "mario_privato"
        )

    @pytest.mark.parametrize("said", ["CantinaRoero", "@CantinaRoero"])  # with the @, as YouTube says it
    @pytest.mark.parametrize(("handle", "after"), [("@cantinaroero", "cantinaroero"), ("7", "7")])
    def test_the_one_that_they_name(self, world: World, handle: str, after: str, said: str) -> None:
        channel = create_channel(user=world.marta, client=world.winery, network="x", handle=handle)
        post = world.submitted(channels=[channel])
        signed = replace(WINERY, identity=replace(WINERY.identity, handle=said))
        there = connect(by=Connector(user=world.marta), channel=channel, signed=signed, way="sign_in")
        assert (there.identity, there.handle) == ("7", after)
        assert post.version is not None
        assert post.version.content["channels"][0]["handle"] == after
        withdraw_post(user=world.vito, post=post)
        Channel.objects.filter(pk=channel.pk).update(identity="")
        there = connect(by=Connector(user=world.marta), channel=channel, signed=signed, way="sign_in")
        assert there.handle == "CantinaRoero"

    def test_somebody_who_signs_in_as_another_reads_why(self, world: World) -> None:
        with FakeX() as x:
            register(world, "x", x)
            channel = unconnected(world.marta, world.winery, "x", x, handle="cantina_roero_vera")
            world.submitted(channels=[channel])
            marta = browser_of(world.marta)
            there_and_back(marta, channel)
            marta.post(f"/connect/{last().pk}/", {"account": x.user})
            channel.refresh_from_db()
            assert (last().state, last().code, last().secret) == ("ended", "another_account", "")
            assert (channel.credentials, channel.handle) == ("", "cantina_roero_vera")


class TestWhatWasPasted:
    """Credentials come before anybody has asked the network whose they are; the channel is called by another handle."""

    @pytest.fixture
    def channel(self, world: World) -> Iterator[Channel]:
        with FakeX() as x:
            given = {"credentials": {"access_token": x.token}, "server": x.url, "handle": "cantina_roero_vera"}
            yield create_channel(user=world.marta, client=world.winery, network="x", **given)  # type: ignore[arg-type]

    def test_it_is_called_as_its_network_calls_it(self, world: World, channel: Channel) -> None:
        checking.check(channel_id=channel.pk)
        channel.refresh_from_db()
        assert (channel.handle, channel.status, channel.identity) == ("cantinaroero", "connected", FakeX.user)
        event = Event.objects.get(verb="channel.checked")
        assert (event.data["was"]["handle"], event.data["now"]["handle"]) == ("cantina_roero_vera", "cantinaroero")

    def test_what_is_approved_for_one_goes_out_on_no_other(self, world: World, channel: Channel) -> None:
        world.submitted(channels=[channel])
        checking.check(channel_id=channel.pk)
        channel.refresh_from_db()
        assert (channel.handle, channel.status, channel.identity) == ("cantina_roero_vera", "broken", "")
        assert "La rete dice che questo è cantinaroero" in channel.status_detail

    def test_nor_before_its_first_check(self, world: World, channel: Channel) -> None:
        """What is due within the minute before that asks first whose account it is."""
        waits = run(world.due(channels=[channel]))
        channel.refresh_from_db()
        assert (waits.state, channel.handle, channel.status) == ("scheduled", "cantina_roero_vera", "broken")
        assert [FakeX.user, channel.identity] == ["2244994945", ""]
        assert "La rete dice che questo è cantinaroero" in channel.status_detail
        assert [event.subject_id for event in Event.objects.filter(verb="channel.broken")] == [channel.pk]

    def test_nor_is_one_account_two_channels(self, world: World, channel: Channel) -> None:
        create_channel(user=world.marta, client=world.winery, network="x", handle="CantinaRoero", server=channel.server)
        checking.check(channel_id=channel.pk)
        channel.refresh_from_db()
        assert (channel.status, channel.status_detail) == ("broken", "Questo account è già un canale qui.")


class TestWhatGoesAlong:
    """Nothing of the old account is kept for the new one."""

    def connected(self, world: World, x: FakeX) -> Channel:
        until = (timezone.now() + timedelta(hours=1)).isoformat()
        given = {"access_token": x.token, "refresh_token": x.refresh, "expires_at": until}
        channel = x_channel(world, server=x.url, credentials=given)
        Channel.objects.filter(pk=channel.pk).update(identity=x.user, checked_at=timezone.now())
        channel.refresh_from_db()
        assert channel.token_ends_at is not None
        return channel

    def test_another_server_never_hears_the_old_token(self, world: World) -> None:
        with FakeX() as x, FakeX() as elsewhere:
            register(world, "x", x)
            channel = edit_channel(user=world.marta, channel=self.connected(world, x), server=elsewhere.url)
            assert (channel.identity, channel.credentials, channel.status) == ("", "", ChannelStatus.BROKEN)
            assert (channel.token_ends_at, channel.renew_at, channel.checked_at) == (None, None, None)
            ask_channel(user=world.marta, channel=channel)
            checking.check(channel_id=channel.pk)
            channel.refresh_from_db()
            assert channel.status_detail == "Non ancora collegato."
            assert elsewhere.requests == []
        event = Event.objects.filter(verb="channel.edited").latest("id")
        assert event.data["was"] == {"handle": "cantinaroero", "server": x.url}
        assert event.data["now"] == {"handle": "cantinaroero", "server": elsewhere.url}
        assert x.token not in str(event.data)

    def test_nor_another_handle(self, world: World) -> None:
        with FakeX() as x:
            channel = edit_channel(user=world.marta, channel=self.connected(world, x), handle="un_altro")
            assert (channel.identity, channel.credentials, channel.status) == ("", "", ChannelStatus.BROKEN)

    def test_new_credentials_come_with_it(self, world: World) -> None:
        with FakeX() as x, FakeX() as elsewhere:
            old = self.connected(world, x)
            given = {"access_token": "new", "refresh_token": ""}
            channel = edit_channel(user=world.marta, channel=old, server=elsewhere.url, credentials=given)
            assert unseal(channel.credentials) == {"access_token": "new"}
            assert (channel.identity, channel.status) == ("", ChannelStatus.CONNECTED)
            assert elsewhere.requests == x.requests == []

    def test_an_empty_secret_in_the_form_is_not_the_old_one(self, world: World) -> None:
        given = {"app_password": "abcd-efgh-ijkl-mnop"}
        sky = create_channel(
            user=world.marta, client=world.winery, network="bluesky", handle="roero.example", credentials=given
        )
        typed = {"handle": "roero.example", "server": "https://pds.example", "cred_app_password": ""}
        Staff(world.marta).send("social_channel_change", sky.pk, data=typed)
        sky.refresh_from_db()
        assert (sky.server, sky.credentials, sky.status) == ("https://pds.example", "", ChannelStatus.BROKEN)

    def test_who_is_on_the_way_to_the_old_server_begins_again(self, world: World) -> None:
        with FakeX() as x, FakeX() as elsewhere:
            register(world, "x", x)
            channel = unconnected(world.marta, world.winery, "x", x)
            marta = browser_of(world.marta)
            back = say_yes(leave(marta, channel))
            edit_channel(user=world.marta, channel=channel, server=elsewhere.url)
            assert (last().state, last().secret) == (SignInState.ENDED, "")
            marta.get(back)
            channel.refresh_from_db()
            assert (channel.credentials, channel.identity) == ("", "")

    def test_an_answer_of_the_old_server_connects_nothing(self, world: World) -> None:
        channel = x_channel(world)
        read = Channel.objects.get(pk=channel.pk)
        edit_channel(user=world.marta, channel=channel, server="https://altrove.example")
        with pytest.raises(Conflict) as refused:
            connect(by=Connector(user=world.marta), channel=read, signed=WINERY, way="sign_in")
        assert refused.value.code == "changed_meanwhile"

    def test_where_something_went_out_it_stays(self, world: World) -> None:
        run(world.due())
        with pytest.raises(ValidationError) as refused:
            edit_channel(user=world.marta, channel=world.page, handle="un-altro-conto")
        assert refused.value.error_dict["handle"][0].code == "in_use"
