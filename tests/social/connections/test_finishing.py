"""What people bring from networks, or type, is looked at by workers: each once, in their language, and never on another server."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from clients.models import Membership
from social.models import Channel, ConnectionAsk, SignIn
from social.networks.x import X
from social.services import ask_to_connect, edit_channel, finishing, signing_in
from social.services.connecting import Connector
from tests.browsing import Staff, words
from tests.rest.caller import Caller, fields
from tests.servers.x import FakeX
from tests.social.connections.going import browser_of, come_back, last, leave, register, say_yes, unconnected, work
from tests.world import World

TOKEN = "POST /2/oauth2/token"


@pytest.fixture
def x(world: World) -> Iterator[FakeX]:
    with FakeX() as server:
        register(world, "x", server)
        yield server


def brought(world: World, x: FakeX) -> tuple[Any, str]:
    """Marta is back from the network, and no worker has looked yet: her browser, and the page that she sees."""
    marta = browser_of(world.marta)
    back = say_yes(leave(marta, unconnected(world.marta, world.winery, "x", x)))
    answer = marta.get(back, follow=True)
    return marta, answer.redirect_chain[-1][0]


@pytest.mark.django_db(transaction=True)
def test_two_workers_give_a_code_to_its_network_once(world: World, x: FakeX) -> None:
    brought(world, x)
    assert x.count(TOKEN) == 0  # the page asked nobody
    number, at_once = last().pk, threading.Barrier(2)

    def worker() -> None:
        at_once.wait()
        finishing._go_on(number)  # beside the lane, which would keep the second one of a process out
        connection.close()

    workers = [threading.Thread(target=worker) for _each in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert (x.count(TOKEN), last().state, last().secret) == (1, "done", "")


@pytest.mark.django_db
def test_a_lost_message_is_handed_out_again_and_a_dead_worker_is_told_of(world: World, x: FakeX) -> None:
    marta, page = brought(world, x)
    now = timezone.now()
    assert (finishing.hand_out(now), finishing.hand_out(now)) == ([last().pk], [])
    assert finishing.hand_out(now + finishing.AGAIN) == [last().pk]
    SignIn.objects.update(state="asking")  # and then the worker was killed
    assert 'http-equiv="refresh"' in marta.get(page).content.decode()
    SignIn.objects.update(created_at=now - timedelta(seconds=30))
    assert "X ci sta mettendo un po’" in marta.get(page).content.decode()
    SignIn.objects.update(expires_at=now)
    late = marta.get(page).content.decode()
    assert ("refresh" in late, "È passato troppo tempo" in late, "Ricomincia" in late) == (False, True, True)
    assert (work(), x.count(TOKEN)) == (0, 0)
    signing_in.forget_old()
    assert (last().state, last().secret) == ("ended", "")


@pytest.mark.django_db
def test_what_breaks_is_told_in_the_language_of_who_waits(world: World, x: FakeX, monkeypatch: Any) -> None:
    world.marta.language = "en"
    world.marta.save(update_fields=["language"])
    marta, page = brought(world, x)

    def breaks(*_args: object) -> None:
        raise LookupError("access-canary")

    monkeypatch.setattr("social.networks.signing_in.Visit.exchanged", breaks)
    assert work() == 1
    shown = marta.get(page).content.decode()
    assert ("Something broke on our side. Begin again." in shown, "canary" in shown) == (True, False)
    assert (last().state, last().code, last().secret) == ("ended", "broke", "")


@pytest.mark.django_db
def test_what_is_typed_for_one_server_is_never_shown_another(world: World, x: FakeX) -> None:
    channel = unconnected(world.marta, world.winery, "x", x)
    ask_to_connect(user=world.marta, channel=channel, person=world.cliente)
    by = Connector(user=world.cliente, ask=ConnectionAsk.objects.get())
    typed = {"access_token": "typed-canary", "refresh_token": "typed-too"}
    with FakeX() as other:
        signing_in.bring(by=by, channel=channel, credentials=typed)
        edit_channel(user=world.marta, channel=channel, server=other.url)
        assert (work(), last().code, last().secret) == (0, "changed_meanwhile", "")
        signing_in.bring(by=by, channel=Channel.objects.get(pk=channel.pk), credentials=typed)
        assert (work(), last().state, x.calls) == (1, "ended", [])
        assert other.heard("typed-canary")
    assert Channel.objects.get(pk=channel.pk).credentials == ""


@pytest.mark.django_db
def test_an_answer_after_its_end_connects_nothing(world: World, x: FakeX, monkeypatch: Any) -> None:
    """The time was up while the network was still asked."""
    marta, _page = brought(world, x)
    signed_in = X.signed_in

    def slow(self: X, *args: Any) -> Any:
        SignIn.objects.update(state="ended", secret="")
        return signed_in(self, *args)

    monkeypatch.setattr(X, "signed_in", slow)
    assert work() == 1
    assert Channel.objects.get(network="x").credentials == ""
    assert come_back(marta, say_yes(leave(marta, Channel.objects.get(network="x")))).status_code == 200


@pytest.mark.django_db
def test_whose_role_ends_meanwhile_connects_nothing(world: World, x: FakeX) -> None:
    brought(world, x)
    Membership.objects.filter(user=world.marta, client=world.winery).delete()
    assert work() == 1
    assert (last().state, last().code, Channel.objects.get(network="x").credentials) == ("ended", "role_ended", "")


@pytest.fixture
def known(world: World, x: FakeX) -> Channel:
    """The winery's account on X, connected."""
    given = {"access_token": x.token, "refresh_token": x.refresh}
    channel = unconnected(world.marta, world.winery, "x", x)
    channel = edit_channel(user=world.marta, channel=channel, credentials=given)
    Channel.objects.filter(pk=channel.pk).update(identity=x.user)
    return Channel.objects.get(pk=channel.pk)


@pytest.mark.django_db
def test_new_credentials_are_tried_beside_the_page_and_the_old_ones_hold(
    world: World, x: FakeX, known: Channel
) -> None:
    marta = Staff(world.marta)
    typed = {"handle": known.handle, "name": "Roero su X", "server": x.url, "cred_refresh_token": ""}

    def saved(token: str) -> str:
        return words(marta.send("social_channel_change", known.pk, data={**typed, "cred_access_token": token}))

    page = saved("wrong-canary")
    assert ("sta controllando le nuove credenziali" in page, x.calls) == (True, [])
    channel = Channel.objects.get(pk=known.pk)
    assert (channel.name, channel.credentials) == ("Roero su X", known.credentials)
    assert work() == 1
    answer = marta.open("social_channel_change", known.pk)
    assert "Le nuove credenziali non sono state accettate" in words(answer)
    assert answer.context["form"].errors["cred_access_token"] == [last().detail]
    assert "Non è ancora salvato" not in words(answer)  # of the rest nothing is left to save
    assert (last().state, last().secret, "canary" in answer.content.decode()) == ("ended", "", False)
    assert Channel.objects.get(pk=known.pk).credentials == known.credentials
    saved("wrong-again")
    saved(x.token)  # meanwhile
    assert (work(), last().state, SignIn.objects.filter(code="changed_meanwhile").count()) == (1, "done", 1)
    page = words(marta.open("social_channel_change", known.pk))
    assert ("nuove credenziali" in page, marta.open("social_channel_change", known.pk).context["form"].errors) == (
        False,
        {},
    )


@pytest.mark.django_db
def test_a_program_reads_whether_they_were_taken(
    world: World, x: FakeX, known: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("social.api.channels.PATIENCE", 0.1)
    marta, here = Caller(world.marta), f"channels/{known.pk}/"
    patch = {"credentials": {"access_token": "wrong-canary", "refresh_token": "r"}}
    tried = marta.patch(here, patch)
    assert (tried["being_tried"], tried["not_taken"]) == (True, None)
    assert work() == 1  # after the program has gone
    found = marta.get(here)
    why = found["not_taken"]
    assert (found["being_tried"], why["code"]) == (False, "credentials_refused")
    assert (why["detail"], why["brought_at"][:10]) == (last().detail, f"{last().created_at:%Y-%m-%d}")
    assert marta.get("channels/")["results"][-1].keys() == found.keys()
    SignIn.objects.update(state="asking", detail="", code="", expires_at=timezone.now())  # its worker died
    assert marta.get(here)["not_taken"]["code"] == "too_late"
    monkeypatch.setattr("social.services.awaiting.sleep", lambda _seconds: work())
    problem = marta.patch(here, patch, 400)
    assert [name for name, _code in fields(problem)] == ["credentials"]
    assert "canary" not in str(problem)
    assert marta.get(here)["being_tried"] is False
    patch["credentials"]["access_token"] = x.token
    taken = marta.patch(here, patch)
    assert (taken["status"], taken["not_taken"]) == ("connected", None)
