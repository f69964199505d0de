"""Signing in at a network: the whole way through our pages and over the wire, and every way in which it may be forged."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.services import hash_secret
from audit.models import Event
from social.credentials import unseal
from social.models import Channel, NetworkApp, Publication, SignIn
from social.networks import get
from social.services import apps, create_channel, edit_channel, retire_channel, signing_in
from tests.servers.bad_days import Answer, Slow
from tests.servers.facebook import FacebookPages
from tests.servers.linkedin import FakeLinkedIn
from tests.servers.mastodon import FakeMastodon
from tests.servers.pixelfed import Pixelfed
from tests.servers.x import FakeX
from tests.social.connections.going import (
    browser_of,
    come_back,
    last,
    leave,
    register,
    say_yes,
    there_and_back,
    unconnected,
)
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def x(world: World) -> Iterator[FakeX]:
    with FakeX() as server:
        register(world, "x", server)
        yield server


@pytest.fixture
def channel(world: World, x: FakeX) -> Channel:
    return unconnected(world.marta, world.winery, "x", x)


def fresh(channel: Channel) -> Channel:
    return Channel.objects.get(pk=channel.pk)


def test_the_whole_way(world: World, x: FakeX, channel: Channel) -> None:
    assert (channel.status, channel.status_detail) == ("broken", "Non ancora collegato.")
    marta = browser_of(world.marta)
    address = leave(marta, channel)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    place = hashlib.sha256(x.url.encode()).hexdigest()[:12]
    back = f"{settings.BASE_URL}/connect/back/x/{place}/"
    oauth = get("x").oauth
    assert oauth is not None
    assert (asked["redirect_uri"], asked["scope"]) == (back, " ".join(oauth.scopes))
    assert set(asked) == {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
    }
    away = last()
    assert away.state_digest == hash_secret(asked["state"])
    assert asked["state"] not in str(SignIn.objects.values())
    cookie = marta.cookies[f"filo_connect_{away.pk}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/connect/")
    page = come_back(marta, say_yes(address))
    assert page.redirect_chain[0][0] == f"/connect/{away.pk}/"  # the code is in no address any more
    assert (page.status_code, page["Referrer-Policy"], page["Cache-Control"]) == (
        200,
        "same-origin",
        "no-store, private",
    )
    assert "Cantina Roero è collegato." in page.text
    there = fresh(channel)
    assert (there.status, there.identity, there.handle) == ("connected", x.user, "cantinaroero")
    kept = unseal(there.credentials)
    assert (kept["access_token"], kept["refresh_token"]) == (x.token, x.refresh)
    assert there.token_ends_at is not None
    assert there.renew_at is not None
    life = there.token_ends_at - timezone.now()
    assert dt.timedelta(minutes=119) < life < dt.timedelta(minutes=121)
    assert dt.timedelta(minutes=39) < there.token_ends_at - there.renew_at < dt.timedelta(minutes=41)
    assert (last().state, last().secret) == ("done", "")
    event = Event.objects.filter(verb="channel.connected").get()
    assert (event.actor_id, event.data["identity"], event.data["asked"]) == (world.marta.pk, x.user, False)


def test_what_waited_goes_on(world: World, x: FakeX, channel: Channel) -> None:
    publication = world.due(channels=[channel])
    Publication.objects.filter(pk=publication.pk).update(wake_at=timezone.now() + dt.timedelta(hours=1))
    there_and_back(browser_of(world.marta), channel)
    publication.refresh_from_db()
    assert publication.wake_at is not None
    assert publication.wake_at <= timezone.now()


def test_an_answer_is_good_once(world: World, x: FakeX, channel: Channel) -> None:
    marta = browser_of(world.marta)
    back = say_yes(leave(marta, channel))
    come_back(marta, back)
    before = unseal(fresh(channel).credentials)
    again = come_back(marta, back)
    assert "Cantina Roero è collegato." in again.text
    assert x.count("POST /2/oauth2/token") == 1
    assert unseal(fresh(channel).credentials) == before


def test_two_answers_at_once_are_one(world: World, x: FakeX, channel: Channel) -> None:
    marta = browser_of(world.marta)
    state = parse_qs(urlsplit(leave(marta, channel)).query)["state"][0]
    way = signing_in.find(state=state)
    assert way is not None
    SignIn.objects.filter(pk=way.pk).update(state="back")  # the other one is at it
    with pytest.raises(Exception, match=r"già concluso|finished already"):
        signing_in.come_back(sign_in=way, redirect=way.redirect, answer={"code": "x", "state": state})
    assert x.count("POST /2/oauth2/token") == 0


@pytest.mark.parametrize("thief", ["no cookie", "another person", "signed out", "another way's cookie"])
def test_an_answer_of_somebody_else_changes_nothing(world: World, x: FakeX, channel: Channel, thief: str) -> None:
    """Bruno has his own answer and gets Marta to open it, or has hers and opens it himself."""
    marta = browser_of(world.marta)
    back = say_yes(leave(marta, channel))
    away = last()
    if thief == "no cookie":
        opener = browser_of(world.marta)
    elif thief == "another person":
        opener = browser_of(world.ada)
        opener.cookies = marta.cookies
        opener.force_login(world.ada)
    elif thief == "signed out":
        opener = browser_of()
        opener.cookies[f"filo_connect_{away.pk}"] = marta.cookies[f"filo_connect_{away.pk}"].value
    else:
        opener = browser_of(world.bruno)
        town = unconnected(world.bruno, world.town, "x", x, handle="alba")
        leave(opener, town)
        theirs = SignIn.objects.latest("pk")
        opener.cookies[f"filo_connect_{away.pk}"] = opener.cookies[f"filo_connect_{theirs.pk}"].value
    assert come_back(opener, back).status_code == 404
    assert opener.get(f"/connect/{away.pk}/").status_code == 404
    assert (last().state, fresh(channel).credentials, x.count("POST /2/oauth2/token")) == ("sent", "", 0)
    if thief != "another person":  # whose cookies were the same ones
        assert "è collegato" in come_back(marta, back).text


def test_an_answer_belongs_to_the_address_that_was_told(world: World, x: FakeX, channel: Channel) -> None:
    marta = browser_of(world.marta)
    back = say_yes(leave(marta, channel))
    elsewhere = back.replace(urlsplit(back).path, "/connect/back/linkedin/")
    assert "da un’altra parte" in come_back(marta, elsewhere).text
    assert (last().state, last().code, last().secret) == ("ended", "answer_swapped", "")
    assert x.count("POST /2/oauth2/token") == 0


def test_another_issuer_is_not_believed(world: World, x: FakeX, channel: Channel) -> None:
    x.consent.iss = "https://evil.example"
    assert "da un’altra parte" in there_and_back(browser_of(world.marta), channel).text
    assert x.count("POST /2/oauth2/token") == 0
    x.consent.iss = x.url
    assert "è collegato" in there_and_back(browser_of(world.marta), channel).text


def test_a_late_answer(world: World, x: FakeX, channel: Channel) -> None:
    marta = browser_of(world.marta)
    back = say_yes(leave(marta, channel))
    SignIn.objects.update(expires_at=timezone.now())
    assert "troppo tempo" in come_back(marta, back).text
    assert (fresh(channel).credentials, x.count("POST /2/oauth2/token")) == ("", 0)
    signing_in.forget_old()
    assert (last().state, last().secret) == ("ended", "")
    SignIn.objects.update(expires_at=timezone.now() - dt.timedelta(days=2))
    assert signing_in.forget_old() == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("access_denied", "access_denied"),
        ("temporarily_unavailable", "network_trouble"),
        ("invalid_scope", "app_refused"),
        ("<script>alert(1)</script>", "no_code"),
    ],
)
def test_a_no_is_told_kindly(world: World, x: FakeX, channel: Channel, error: str, code: str) -> None:
    x.consent.error = error
    marta = browser_of(world.marta)
    page = there_and_back(marta, channel)
    assert (last().state, last().code, page.status_code) == ("ended", code, 200)
    assert "script" not in page.text.lower()
    x.consent.error = ""  # “Begin again”
    begun = marta.post(f"/connect/{last().pk}/")
    assert f"url={x.url}/i/oauth2/authorize?" in begun.content.decode()
    assert last().state == "sent"


def test_a_mere_look_uses_nothing_up(world: World, x: FakeX, channel: Channel) -> None:
    marta = browser_of(world.marta)
    parts = urlsplit(say_yes(leave(marta, channel)))
    here = f"{parts.path}?{parts.query}"
    assert marta.head(here).status_code == 204
    assert marta.get(here, headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 204
    assert marta.post(here).status_code == 405
    assert last().state == "sent"


class TestTheAccount:
    def test_another_one_than_before_is_refused_and_the_old_credentials_stay(
        self, world: World, x: FakeX, channel: Channel
    ) -> None:
        marta = browser_of(world.marta)
        there_and_back(marta, channel)
        before = fresh(channel)
        x.user = "666"
        page = there_and_back(marta, channel)
        assert "è un altro account" in page.text
        after = fresh(channel)
        assert (last().code, after.credentials, after.status) == ("another_account", before.credentials, "connected")
        event = Event.objects.filter(verb="channel.not_connected").get()
        assert event.data["code"] == "another_account"

    def test_a_refresh_token_that_does_not_come_again_stays(self, world: World, x: FakeX, channel: Channel) -> None:
        marta = browser_of(world.marta)
        there_and_back(marta, channel)
        kept = unseal(fresh(channel).credentials)["refresh_token"]
        given = {"token_type": "bearer", "access_token": "access-token-anew", "expires_in": 7200}
        x.token = "access-token-anew"
        x.on("POST /2/oauth2/token", Answer(200, given))
        there_and_back(marta, channel)
        now = unseal(fresh(channel).credentials)
        assert (now["access_token"], now["refresh_token"]) == ("access-token-anew", kept)

    def test_a_handle_that_is_not_the_one_asks_first(self, world: World, x: FakeX) -> None:
        channel = unconnected(world.marta, world.winery, "x", x, handle="cantina_roero_vera")
        marta = browser_of(world.marta)
        page = there_and_back(marta, channel)
        assert "Quale account?" in page.text
        assert (fresh(channel).credentials, last().state) == ("", "choosing")
        assert x.token not in last().secret
        wrong = marta.post(f"/connect/{last().pk}/", {"account": "1"})
        assert wrong.status_code == 409
        marta.post(f"/connect/{last().pk}/", {"account": x.user})
        there = fresh(channel)
        assert (there.status, there.identity, there.handle) == ("connected", x.user, "cantinaroero")
        assert marta.post(f"/connect/{last().pk}/", {"account": x.user}).status_code == 409  # chosen once
        assert last().secret == ""

    def test_one_account_is_one_channel(self, world: World, x: FakeX, channel: Channel) -> None:
        there_and_back(browser_of(world.marta), channel)
        town = unconnected(world.bruno, world.town, "x", x, handle=x.user)
        page = there_and_back(browser_of(world.bruno), town)
        assert "Questo account è già un canale qui." in page.text
        assert (last().code, fresh(town).credentials) == ("account_taken", "")

    def test_a_page_is_chosen(self, world: World) -> None:
        with FacebookPages() as facebook:
            register(world, "facebook", facebook, client_id="77")
            channel = unconnected(world.marta, world.winery, "facebook", facebook)
            marta = browser_of(world.marta)
            page = there_and_back(marta, channel)
            assert "Cantina Roero" in page.text
            assert "Osteria" in page.text
            assert "Nothing to say there" not in page.text  # no token: the person may not publish there
            marta.post(f"/connect/{last().pk}/", {"account": facebook.page})
            there = fresh(channel)
            assert (there.identity, there.status, there.renew_at) == (facebook.page, "connected", None)
            assert unseal(there.credentials) == {"access_token": "EAAB-page-token-of-the-winery"}
            assert "è collegato" in there_and_back(marta, channel).text  # now it is clear which

    def test_an_organisation_at_linkedin(self, world: World) -> None:
        with FakeLinkedIn() as linkedin:
            register(world, "linkedin", linkedin, "organization")
            channel = unconnected(world.marta, world.winery, "linkedin", linkedin, handle="cantina-roero")
            marta = browser_of(world.marta)
            assert "è collegato" in there_and_back(marta, channel, "organization").text
            there = fresh(channel)
            assert (there.identity, there.handle) == (linkedin.winery, "cantina-roero")
            assert unseal(there.credentials)["organization"] == "5509810"
            asked = linkedin.consent.asked[-1]
            assert asked["scope"] == (
                "r_organization_social w_organization_social r_organization_social_feed w_organization_social_feed "
                "rw_organization_admin"
            )
            assert (there.ends_at, there.renew_at) == (there.token_ends_at, None)


class TestTheApp:
    def test_its_secret_is_shown_to_no_server_but_its_own(self, world: World, x: FakeX) -> None:
        with FakeX() as evil:
            channel = unconnected(world.marta, world.winery, "x", evil)
            marta = browser_of(world.marta)
            page = marta.post(f"/admin/social/channel/{channel.pk}/connect/", follow=True)
            assert "non è registrat" in page.content.decode()
            edit_channel(user=world.marta, channel=channel, credentials={"access_token": "a", "refresh_token": "r"})
            from social.services import renewing

            Channel.objects.filter(pk=channel.pk).update(renew_at=timezone.now())
            renewing.renew(channel_id=channel.pk)
            assert not evil.heard("secret")
            assert evil.calls == []

    def test_servers_that_hang_keep_few_threads(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever is led to a Mastodon server waits while it registers us: not for long, and not many at once."""
        monkeypatch.setattr("social.networks.mastodon.apps.SECONDS", 0.2)
        page = "/admin/social/channel/{}/connect/"
        with FakeMastodon() as server:
            channel = unconnected(world.marta, world.winery, "mastodon", server, handle="roero")
            marta, register_us = browser_of(world.marta), "POST /api/v1/apps"
            server.on(register_us, Slow(1.0))
            hung = marta.post(page.format(channel.pk), follow=True).content.decode()
            assert ("Mastodon" in hung, SignIn.objects.count()) == (True, 0)
            server.good_day()
            asked = server.count(register_us)
            with apps.REGISTERING, apps.REGISTERING:
                busy = marta.post(page.format(channel.pk), follow=True).content.decode()
            assert ("Ricomincia tra qualche secondo" in busy, server.count(register_us)) == (True, asked)
            server.on(register_us, Answer(200, {"client_id": "TWhM", "client_secret": "ZEaF"}))
            assert leave(marta, channel).startswith(f"{server.url}/oauth/authorize?")

    def test_only_admins_keep_apps(self, world: World, x: FakeX) -> None:
        app = NetworkApp.objects.get()
        for user, status in ((world.marta, 403), (world.cliente, 302)):
            assert browser_of(user).get("/admin/social/networkapp/").status_code in {status, 403}
        ada = browser_of(world.ada)
        page = ada.get(f"/admin/social/networkapp/{app.pk}/change/").content.decode()
        assert f"{settings.BASE_URL}/connect/back/x/" in page
        assert "secret of the app" not in page
        ada.post(f"/admin/social/networkapp/{app.pk}/change/", {"client_id": "newer", "client_secret": ""})
        app.refresh_from_db()
        assert (app.client_id, unseal(app.secret)) == ("newer", {"client_secret": "secret of the app"})
        new = {"network": "linkedin:organization", "server": "", "client_id": "li", "client_secret": "two"}
        ada.post("/admin/social/networkapp/add/", new)
        assert NetworkApp.objects.filter(network="linkedin", way="organization", client_id="li").exists()
        ada.post(f"/admin/social/networkapp/{app.pk}/remove/")
        assert not NetworkApp.objects.filter(pk=app.pk).exists()

    def test_one_that_the_network_does_not_know(self, world: World, x: FakeX, channel: Channel) -> None:
        x.consent.client_secret = "another"
        x.on("POST /2/oauth2/token", Answer(401, {"error": "invalid_client"}))
        assert "registrazione" in there_and_back(browser_of(world.marta), channel).text
        assert last().code == "app_refused"


HOSTILE: list[Any] = [
    Answer(200, {"access_token": 7, "token_type": "bearer"}),
    Answer(200, {"access_token": ["a"], "expires_in": 7200}),
    Answer(200, {"access_token": "a", "expires_in": "soon"}),
    Answer(200, {"access_token": "a", "refresh_token": {"x": 1}}),
    Answer(200, {"access_token": "x" * 9_000}),
    Answer(200, []),
    Answer(200, b"<html>", {"Content-Type": "text/html"}),
    Answer(302, b"", {"Location": "http://169.254.169.254/"}),
    Answer(400, {"error": ["invalid_grant"]}),
    Answer(503),
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_answer_connects_nothing(world: World, x: FakeX, channel: Channel, hostile: Answer) -> None:
    x.on("POST /2/oauth2/token", hostile)
    page = there_and_back(browser_of(world.marta), channel)
    assert (page.status_code, last().state, last().secret, fresh(channel).credentials) == (200, "ended", "", "")


def test_who_may_begin(world: World, x: FakeX, channel: Channel) -> None:
    here = f"/admin/social/channel/{channel.pk}/connect/"
    assert browser_of(world.elena).post(here).status_code == 403
    assert browser_of(world.bruno).post(here).status_code == 404
    assert browser_of(world.marta).get(here).status_code == 405
    assert not SignIn.objects.exists()
    page = create_channel(user=world.marta, client=world.winery, network="sandbox", handle="due")
    assert (
        "non si collegano"
        in browser_of(world.marta).post(f"/admin/social/channel/{page.pk}/connect/", follow=True).content.decode()
    )
    marta = browser_of(world.marta)
    for _turn in range(signing_in.MOST_AN_HOUR):
        leave(marta, channel)
    assert "un’ora" in marta.post(here, follow=True).content.decode()


def test_a_channel_that_is_retired_on_the_way(world: World, x: FakeX, channel: Channel) -> None:
    marta = browser_of(world.marta)
    back = say_yes(leave(marta, channel))
    retire_channel(user=world.marta, channel=channel)
    assert "archivi" in come_back(marta, back).text or last().code == "retired"
    assert (last().state, fresh(channel).credentials) == ("ended", "")


NARROW = "read:accounts read:statuses write:statuses write:media"


@pytest.mark.parametrize(
    ("supported", "asked"),
    [("", "read write"), ("read write follow", "read write"), (f"{NARROW} read write", NARROW)],
)
def test_a_server_is_asked_for_the_scopes_that_it_knows(world: World, supported: str, asked: str) -> None:
    with Pixelfed(supported=supported.split()) as server:
        channel = unconnected(world.marta, world.winery, "mastodon", server, "roero")
        there_and_back(browser_of(world.marta), channel)
        assert server.consent.asked[-1]["scope"] == asked
        registered = server.requests[server.calls.index("POST /api/v1/apps")]
        assert registered.fields["scopes"] == asked
        there = fresh(channel)
        assert (there.status, there.identity) == ("connected", server.account)
        assert there.renew_at is not None
        there_and_back(browser_of(world.marta), channel)  # with the app that it gave
        assert (server.consent.asked[-1]["scope"], server.count("POST /api/v1/apps")) == (asked, 1)
