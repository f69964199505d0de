"""Links that open nothing say why, and tell nothing of what they were for."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from approvals.models import Link, Seat
from approvals.services import replace_seat, revoke_links, take_back
from approvals.services.links import READABLE
from clients.models import Membership, Role
from tests.portal.reaching import asked, link_to, row_counts, seat_of
from tests.world import World, approve, review_of

SECRETS = ["Vendemmia", "Oggi si", "Cantina Roero", "#7A1F3D", "Vito", "Marta", "Piero"]


def opened(browser: Browser, path: str, status: int) -> str:
    """The page, which must have this status, tell nothing and change nothing, read or sent to."""
    before = row_counts()
    answer = browser.get(path)
    assert answer.status_code == status
    assert browser.head(path).status_code == status
    sent = browser.post(path, {"do": "approve", "words": "Scritto a lungo", "digest": "0" * 64})
    assert sent.status_code == status
    assert "Scritto a lungo</textarea>" in sent.content.decode()
    assert row_counts() == before
    html = answer.content.decode()
    for secret in SECRETS:
        assert secret not in html
        assert secret not in sent.content.decode()
    assert answer["Cache-Control"] == "no-store, private"
    return html


def test_the_same_words_stand_on_a_link_that_opens(world: World, client: Browser) -> None:
    html = client.get(link_to(asked(world), world.cliente)).content.decode()
    for secret in SECRETS:
        if secret != "Marta":
            assert secret in html, secret


def test_expired(world: World, client: Browser) -> None:
    path = link_to(asked(world), world.cliente)
    Link.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    html = opened(client, path, 410)
    assert 'lang="it"' in html
    assert "un link in un’email si apre per 90 giorni." in html


def test_a_while_after_the_end_of_its_review(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    approve(post, world.cliente)
    assert client.get(path).status_code == 200
    with time_machine.travel(timezone.now() + READABLE - timedelta(minutes=1)):
        assert client.get(path).status_code == 200
    with time_machine.travel(timezone.now() + READABLE):
        html = opened(client, path, 410)
    assert "Dopo, un link in un’email si apre ancora per 14 giorni e non di più." in html


def test_somebody_else_sits_there(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    Membership.objects.filter(user=world.nonna).update(role=Role.APPROVER)
    replace_seat(user=world.marta, seat=seat_of(post, world.cliente), person=world.nonna, reason="Piero è via.")
    html = opened(client, path, 410)
    assert "Ora un’altra persona decide al tuo posto." in html
    assert "L’agenzia lo ha ritirato" not in html
    assert "Nonna" not in html


def test_revoked_before_its_approval_was_taken_back(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    approve(post, world.cliente)
    revoke_links(seat=seat_of(post, world.cliente), user=world.marta)
    take_back(review=review_of(post), user=world.cliente, reason="Il prezzo è cambiato.")
    assert "L’agenzia lo ha ritirato." in opened(client, path, 410)


def test_revoked(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    assert revoke_links(seat=seat_of(post, world.cliente), user=world.marta) == 1
    assert "L’agenzia lo ha ritirato." in opened(client, path, 410)


def test_a_person_switched_off(world: World, client: Browser) -> None:
    path = link_to(asked(world), world.cliente)
    world.cliente.is_active = False
    world.cliente.save(update_fields=["is_active"])
    opened(client, path, 410)


def test_a_person_whose_role_has_ended(world: World, client: Browser) -> None:
    path = link_to(asked(world), world.cliente)
    Membership.objects.filter(user=world.cliente).delete()
    opened(client, path, 410)


@pytest.mark.parametrize("browser_language", ["it", "en"])
def test_unknown_speaks_the_browsers_language(world: World, browser_language: str) -> None:
    html = opened(Browser(headers={"Accept-Language": browser_language}), "/r/nobody-ever-had-this-one/", 404)
    assert f'lang="{browser_language}"' in html


def test_cut_by_a_mail_program(world: World, client: Browser) -> None:
    path = link_to(asked(world), world.cliente)
    opened(client, path[:-6] + "/", 404)
    assert client.get("/r/").status_code == 404
    assert client.get(f"{path}more/of/it").status_code == 404


@pytest.mark.parametrize("tail", ["", ">", ".", ")", "%3E", ",/"])
def test_an_address_that_a_mail_program_has_spoilt_is_mended(world: World, client: Browser, tail: str) -> None:
    path = link_to(asked(world), world.cliente)
    answer = client.get(path.rstrip("/") + tail, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain == [(path, 302)] or answer.redirect_chain[-1] == (path, 302)


def test_guessing_is_slowed_down_and_keeps_nobody_out(world: World, client: Browser) -> None:
    path = link_to(asked(world), world.cliente)
    statuses = [client.get(f"/r/guess-{number}/").status_code for number in range(32)]
    assert statuses == [404] * 30 + [429] * 2
    assert client.get("/r/guess/")["Retry-After"] == "600"
    assert Browser(REMOTE_ADDR="192.0.2.7").get("/r/guess/").status_code == 404
    assert client.get(path).status_code == 200


def test_a_link_of_a_step_not_yet_reached_opens_nothing(world: World, client: Browser) -> None:
    post = world.submitted()
    assert Seat.objects.filter(user=world.cliente).count() == 1
    opened(client, link_to(post, world.cliente), 410)
