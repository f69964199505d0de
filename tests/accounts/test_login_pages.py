"""Signing in with a password or a code; the pages of strangers in the browser's language."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User
from notifications.services import send_due
from tests.world import PASSWORD, World

PAGES = ["account_login", "account_request_login_code", "account_reset_password", "account_reset_password_done"]


@pytest.fixture(autouse=True)
def _nobody_tried_yet() -> None:
    cache.clear()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["en", "it"])
def test_pages_of_strangers(world: World, name: str, language: str) -> None:
    answer = Browser(headers={"Accept-Language": language}).get(reverse(name))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in html
    assert "portal/portal.css" in html
    assert "sign up" not in html.lower()
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(("name", "lands"), [("cliente", "/"), ("vito", "/admin/")])
def test_with_a_password(world: World, client: Browser, name: str, lands: str) -> None:
    answer = client.post(reverse("account_login"), {"login": f"{name}@filo.example", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, lands)
    assert "uccess" not in client.get("/").content.decode()


def test_on_the_way_to_a_page(world: World, client: Browser) -> None:
    form = {"login": "cliente@filo.example", "password": PASSWORD, "next": "/reviews/1/"}
    assert client.post(reverse("account_login"), form)["Location"] == "/reviews/1/"
    form["next"] = "https://elsewhere.example/"
    client.logout()
    assert client.post(reverse("account_login"), form)["Location"] == "/"


def test_a_wrong_password(world: World, client: Browser) -> None:
    answer = client.post(reverse("account_login"), {"login": "cliente@filo.example", "password": "no"})
    assert answer.status_code == 200
    assert 'class="errorlist' in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_with_a_code(world: World, client: Browser) -> None:
    answer = client.post(reverse("account_request_login_code"), {"email": "CLIENTE@filo.example"}, follow=True)
    assert answer.redirect_chain == [(reverse("account_confirm_login_code"), 302)]
    assert mail.outbox == []  # nobody waits for a mail server
    send_due()
    (letter,) = mail.outbox
    assert letter.to == ["cliente@filo.example"]
    assert "Scrivi questo codice" in letter.body
    code = re.search(r"^\s*([A-Z0-9-]{6,})\s*$", str(letter.body), re.MULTILINE)
    assert code is not None
    wrong = client.post(reverse("account_confirm_login_code"), {"code": "NOPE"})
    assert 'class="errorlist' in wrong.content.decode()
    answer = client.post(reverse("account_confirm_login_code"), {"code": code.group(1)})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(world.cliente.pk)


def test_an_unknown_email_looks_the_same(world: World, client: Browser) -> None:
    answer = client.post(reverse("account_request_login_code"), {"email": "nobody@filo.example"}, follow=True)
    assert answer.redirect_chain == [(reverse("account_confirm_login_code"), 302)]
    assert (send_due(), mail.outbox) == (0, [])


def test_somebody_switched_off_gets_no_code(world: World, client: Browser) -> None:
    User.objects.filter(pk=world.cliente.pk).update(is_active=False)
    client.post(reverse("account_request_login_code"), {"email": "cliente@filo.example"})
    assert (send_due(), mail.outbox) == (0, [])
    client.post(reverse("account_login"), {"login": "cliente@filo.example", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_a_new_password_by_mail(world: World, client: Browser) -> None:
    client.post(reverse("account_reset_password"), {"email": "cliente@filo.example"})
    send_due()
    (letter,) = mail.outbox
    address = re.search(r"https?://\S+", str(letter.body))
    assert address is not None
    form = client.get(address.group(), follow=True)
    path = form.redirect_chain[-1][0]
    new = "la nebbia sale dal Tanaro"
    answer = client.post(path, {"password1": new, "password2": new}, follow=True)
    assert answer.status_code == 200
    world.cliente.refresh_from_db()
    assert world.cliente.check_password(new)
    assert Browser().get(address.group(), follow=True).context["token_fail"]


def test_signing_out_asks_first(world: World, client: Browser) -> None:
    client.force_login(world.cliente)
    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("name", ["account_change_password", "account_reauthenticate"])
def test_pages_of_who_is_signed_in(world: World, client: Browser, name: str) -> None:
    client.force_login(world.cliente)
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    assert "portal/portal.css" in answer.content.decode()


@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/email/", "/accounts/confirm-email/"])
def test_what_is_not_offered(world: World, client: Browser, path: str) -> None:
    client.force_login(world.cliente)
    assert client.get(path).status_code == 404
    assert client.post(path, {"email": "altro@filo.example", "action_add": ""}).status_code == 404
