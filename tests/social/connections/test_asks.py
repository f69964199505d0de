"""One of the client's own people connects an account, by a link in a mail."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.services import hash_secret
from audit.models import Event
from clients.models import Membership
from notifications import services as outbox
from notifications.models import Notification
from social.credentials import unseal
from social.models import Channel, ConnectionAsk, ConnectionLink, SignIn
from social.services import ask_to_connect, create_channel, retire_channel, revoke_asks
from social.services.connecting import MOST_TRIES
from tests.portal.reaching import row_counts
from tests.rest.caller import Caller, fields
from tests.servers.keeping import free_port
from tests.servers.pds import Pds, pds
from tests.servers.x import FakeX
from tests.social.connections.going import browser_of, come_back, last, register, say_yes, unconnected, work
from tests.world import World

__all__ = ["pds"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def x(world: World) -> Iterator[FakeX]:
    with FakeX() as server:
        register(world, "x", server)
        yield server


@pytest.fixture
def channel(world: World, x: FakeX) -> Channel:
    return unconnected(world.marta, world.winery, "x", x)


def mailed(world: World) -> str:
    """The path in the mail that Piero got last."""
    outbox.send_due()
    letter = [letter for letter in mail.outbox if letter.to == [world.cliente.email]][-1]
    found = re.search(r"https?://[^/\s]+(/c/\S+)", str(letter.body))
    assert found is not None
    return found.group(1)


def ask(world: World, channel: Channel) -> str:
    ask_to_connect(user=world.marta, channel=channel, person=world.cliente)
    return mailed(world)


def test_piero_connects_it_himself(world: World, x: FakeX, channel: Channel) -> None:
    here = ask(world, channel)
    link = ConnectionLink.objects.get()
    secret = here.split("/")[2]
    assert link.digest == hash_secret(secret)
    assert secret not in str([*Notification.objects.values(), *ConnectionAsk.objects.values(), *Event.objects.values()])
    letter = str(mail.outbox[-1].body)
    assert "cantinaroero" in letter
    assert "Cantina Roero" in letter
    piero = browser_of()
    page = piero.get(here)
    assert (page.status_code, page["Referrer-Policy"], page["Cache-Control"]) == (
        200,
        "same-origin",
        "no-store, private",
    )
    assert "script" not in page["Content-Security-Policy"]
    shown = page.content.decode()
    assert ("Cantina Roero" in shown, "cantinaroero" in shown, "X" in shown) == (True, True, True)
    going = piero.post(here, {"way": ""})
    found = re.search(r'href="(http[^"]+authorize[^"]+)"', going.content.decode())
    assert found is not None
    assert 'http-equiv="refresh"' in going.content.decode()
    back = come_back(piero, say_yes(found.group(1).replace("&amp;", "&")))
    assert "L’account è collegato" in back.text
    assert "/admin/" not in back.content.decode()
    there = Channel.objects.get(pk=channel.pk)
    assert (there.status, there.identity) == ("connected", x.user)
    event = Event.objects.get(verb="channel.connected")
    assert (event.actor_id, event.data["asked"]) == (world.cliente.pk, True)
    done = piero.get(here)
    assert (done.status_code, "è collegato" in done.content.decode()) == (200, True)
    begun = SignIn.objects.count()
    assert piero.post(here, {"way": ""}).status_code == 200
    assert SignIn.objects.count() == begun  # it was for this once


def test_opening_it_does_nothing_whoever_opens(world: World, x: FakeX, channel: Channel) -> None:
    here = ask(world, channel)
    browsers = (browser_of(), browser_of(world.bruno))
    before = row_counts()
    for browser in browsers:
        for headers in ({}, {"Sec-Purpose": "prefetch"}, {"User-Agent": "Outlook-SafeLinks"}):
            assert browser.get(here, headers=headers).status_code == 200
            assert browser.head(here, headers=headers).status_code == 200
        assert browser.options(here).status_code == 405
    assert row_counts() == before
    assert x.calls == []


@pytest.mark.parametrize("end", ["revoked", "expired", "asked again", "retired", "role ended", "switched off"])
def test_a_link_that_is_over(world: World, x: FakeX, channel: Channel, end: str) -> None:
    here = ask(world, channel)
    if end == "revoked":
        assert revoke_asks(user=world.marta, channel=channel) == 1
    elif end == "expired":
        ConnectionAsk.objects.update(expires_at=timezone.now())
    elif end == "asked again":
        ask_to_connect(user=world.marta, channel=channel, person=world.cliente)
    elif end == "retired":
        retire_channel(user=world.marta, channel=channel)
    elif end == "role ended":
        Membership.objects.filter(user=world.cliente).delete()
    else:
        world.cliente.is_active = False
        world.cliente.save()
    browser = browser_of()
    assert browser.get(here).status_code == 410
    assert browser.post(here, {"way": ""}).status_code == 410
    assert not SignIn.objects.exists()


def test_a_link_taken_back_while_piero_is_at_the_network(world: World, x: FakeX, channel: Channel) -> None:
    here = ask(world, channel)
    piero = browser_of()
    found = re.search(r'href="(http[^"]+authorize[^"]+)"', piero.post(here, {"way": ""}).content.decode())
    assert found is not None
    revoke_asks(user=world.marta, channel=channel)
    come_back(piero, say_yes(found.group(1).replace("&amp;", "&")))
    assert (last().state, last().code, Channel.objects.get(pk=channel.pk).credentials) == ("ended", "ask_over", "")


def test_guessing_is_slowed(world: World) -> None:
    browser = browser_of()
    statuses = [browser.get(f"/c/kein-geheimnis-{number}/").status_code for number in range(32)]
    assert (statuses[0], statuses[-1]) == (404, 429)


def test_what_is_no_secret_stands_there_again(world: World) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    channel = create_channel(user=world.marta, client=world.winery, network="wordpress", handle="c", server=nowhere)
    here, piero = ask(world, channel), browser_of()
    typed = {"username": "piero-canary", "app_password": "wrong-wrong-wrong"}
    looks = piero.post(here, typed, follow=True).redirect_chain[0][0]
    assert work() == 1
    page = piero.get(looks).content.decode()
    assert ('value="piero-canary"' in page, "wrong-wrong-wrong" in page) == (True, False)


def test_an_app_password_goes_in_and_is_never_read_again(
    world: World, pds: Pds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real Bluesky server."""
    person = pds.create_person("vigna")
    channel = create_channel(
        user=world.marta, client=world.winery, network="bluesky", handle=person.handle, server=pds.url
    )
    here, piero = ask(world, channel), browser_of()
    assert "nemmeno l’agenzia" in piero.get(here).content.decode()
    waits = piero.post(here, {"app_password": "wrong-wrong-wrong"}, follow=True)
    way, looks = last(), waits.redirect_chain[0][0]
    assert 'http-equiv="refresh" content="2"' in waits.content.decode()
    assert "Bluesky: stiamo chiedendo di chi è l’account." in waits.content.decode()
    assert ("wrong-wrong-wrong" in way.secret, browser_of().get(looks).status_code) == (False, 404)
    assert work() == 1
    wrong = piero.get(looks).content.decode()
    assert ("refresh" in wrong, "wrong-wrong-wrong" in wrong, 'name="app_password"' in wrong) == (False, False, True)
    assert (last().state, last().secret, last().code) == ("ended", "", "credentials_refused")
    assert last().detail in html.unescape(wrong)
    assert (piero.post(here, {}).status_code, piero.post(looks, {}).status_code) == (400, 400)
    assert Channel.objects.get(pk=channel.pk).credentials == ""
    again = piero.post(looks, {"app_password": person.app_password}, follow=True)
    assert work() == 1
    good = piero.get(again.redirect_chain[0][0])
    assert "è collegato" in good.content.decode()
    assert ConnectionAsk.objects.get().tries == 2
    there = Channel.objects.get(pk=channel.pk)
    assert (there.status, there.identity) == ("connected", person.did)
    assert unseal(there.credentials) == {"app_password": person.app_password}
    marta = browser_of(world.marta)
    for page in (f"/admin/social/channel/{channel.pk}/change/", "/admin/audit/event/", "/admin/"):
        assert person.app_password not in marta.get(page).content.decode()
    assert person.app_password not in str(Caller(world.marta).get(f"channels/{channel.pk}/"))
    # Another account than before, by the agency's own form: refused, and the old password stays.
    other = pds.create_person("altra")
    monkeypatch.setattr("social.services.awaiting.sleep", lambda _seconds: work())
    refused = Caller(world.marta).patch(
        f"channels/{channel.pk}/", {"credentials": {"app_password": other.app_password}}, 400
    )
    assert fields(refused) == [("credentials", "credentials_refused")]
    assert Channel.objects.get(pk=channel.pk).credentials == there.credentials


def test_nobody_tries_passwords_out_through_it(world: World, pds: Pds) -> None:
    person = pds.create_person("prova")
    channel = create_channel(
        user=world.marta, client=world.winery, network="bluesky", handle=person.handle, server=pds.url
    )
    here, piero = ask(world, channel), browser_of()
    ConnectionAsk.objects.update(tries=MOST_TRIES)
    answer = piero.post(here, {"app_password": person.app_password})
    assert (answer.status_code, "Troppi tentativi" in answer.content.decode()) == (409, True)
    assert not SignIn.objects.exists()


class TestTheFaces:
    def test_by_the_api(self, world: World, channel: Channel) -> None:
        marta, here = Caller(world.marta), f"channels/{channel.pk}/"
        made = marta.post(here + "connection_link/", {"email": world.cliente.email.upper()})
        assert (made["channel"], made["email"]) == (channel.pk, world.cliente.email)
        assert mailed(world).split("/")[2] not in str(made)
        assert marta.post(here + "revoke_connection_links/", expect=200)["status"] == "broken"
        assert ConnectionAsk.objects.get().revoked_at is not None
        for email in (world.vito.email, world.sindaco.email, "nobody@example.org"):
            assert fields(marta.post(here + "connection_link/", {"email": email}, 400)) == [("email", "no_contact")]
        Caller(world.elena).post(here + "connection_link/", {"email": world.cliente.email}, 403)
        Caller(world.bruno).post(here + "connection_link/", {"email": world.cliente.email}, 404)

    def test_by_the_channels_page(self, world: World, channel: Channel) -> None:
        marta, here = browser_of(world.marta), f"/admin/social/channel/{channel.pk}/"
        page = marta.get(here + "change/").content.decode()
        assert "Collega con X" in page
        assert "Chiedi al cliente di collegarlo" in page
        form = marta.get(here + "ask/").content.decode()
        assert ("Piero Roero" in form, "Nonna Roero" in form, "Il Sindaco" in form) == (True, True, False)
        assert "in partenza" in marta.post(here + "ask/", {"person": world.cliente.pk}, follow=True).content.decode()
        assert "È stato chiesto a Piero Roero" in marta.get(here + "change/").content.decode()
        marta.post(here + "revoke/")
        assert ConnectionAsk.objects.get().revoked_at is not None
        assert marta.post(here + "ask/", {"person": world.sindaco.pk}).status_code == 200  # not among the choices
        assert ConnectionAsk.objects.count() == 1
        elena = browser_of(world.elena)
        assert "Collega con X" not in elena.get(here + "change/").content.decode()
        assert elena.get(here + "ask/").status_code == 403

    def test_piero_is_addressed_with_lei(self, world: World, channel: Channel) -> None:
        world.winery.formal = True
        world.winery.save()
        here = ask(world, channel)
        assert "Le chiede di collegare" in str(mail.outbox[-1].body)
        assert "dove Lei dà il Suo consenso" in browser_of().get(here).content.decode()


def test_nobody_is_asked_where_their_way_would_end_at_once(world: World) -> None:
    new = create_channel(user=world.marta, client=world.winery, network="pinterest", handle="cantinaroero")
    here = f"channels/{new.pk}/connection_link/"
    problem = Caller(world.marta).post(here, {"email": world.cliente.email}, 409)
    assert "registrata presso Pinterest" in problem["detail"]
    form = browser_of(world.marta).post(f"/admin/social/channel/{new.pk}/ask/", {"person": world.cliente.pk})
    assert "registrata presso Pinterest" in form.content.decode()
    assert (ConnectionAsk.objects.exists(), len(mail.outbox)) == (False, 0)


def test_a_newsletter_is_asked_for_as_what_it_is(world: World) -> None:
    new = create_channel(user=world.marta, client=world.winery, network="newsletter", handle="Lettera")
    here = ask(world, new)
    page = browser_of().get(here).content.decode()
    assert ("Collega la newsletter" in page, "va solo al tuo server di posta" in page) == (True, True)
    assert ("solo a Newsletter" in page, "password per app" in page) == (False, False)
    assert ('inputmode="numeric"' in page, "Porta, se non è la 587 (tls: 465) (facoltativo)" in page) == (True, True)


def test_a_link_lasts_two_weeks(world: World, channel: Channel) -> None:
    made = ask_to_connect(user=world.marta, channel=channel, person=world.nonna)
    assert timedelta(days=13, hours=23) < made.expires_at - timezone.now() <= timedelta(days=14)
