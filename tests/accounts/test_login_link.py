"""``login_link EMAIL`` and the address that it prints."""

import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import LoginLink, User
from tests.world import World


@pytest.fixture(autouse=True)
def _nobody_guessed_yet() -> None:
    cache.clear()


def printed(email: str) -> str:
    """The command's last line."""
    out = io.StringIO()
    call_command("login_link", email, stdout=out)
    return out.getvalue().splitlines()[-1]


def who(browser: Browser) -> str | None:
    """Whom the browser's session is for."""
    return browser.session.get("_auth_user_id")


@pytest.mark.parametrize(("name", "lands"), [("cliente", "/"), ("nonna", "/"), ("vito", "/admin/"), ("ada", "/admin/")])
def test_it_signs_its_person_in(world: World, client: Browser, name: str, lands: str) -> None:
    person: User = getattr(world, name)
    address = printed(person.email.upper())
    assert address.startswith(settings.BASE_URL + "/in/")
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, lands)
    assert who(client) == str(person.pk)
    assert answer["Cache-Control"] == "no-store, private"


def test_only_once(world: World, client: Browser) -> None:
    address = printed(world.cliente.email)
    client.get(address)
    other = Browser(headers={"Accept-Language": "en"})
    answer = other.get(address)
    assert answer.status_code == 410
    assert "This sign-in address no longer works" in answer.content.decode()
    assert "/accounts/login/" in answer.content.decode()
    assert who(other) is None


def test_a_mere_look_uses_nothing_up(world: World, client: Browser) -> None:
    address = printed(world.cliente.email)
    assert client.head(address).status_code == 204
    assert client.get(address, headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 204
    assert client.post(address).status_code == 405
    assert who(client) is None
    assert LoginLink.objects.get().used_at is None
    assert client.get(address).status_code == 302


def test_for_fifteen_minutes(world: World, client: Browser) -> None:
    address = printed(world.cliente.email)
    left = LoginLink.objects.get().expires_at - timezone.now()
    assert timedelta(minutes=14, seconds=50) < left <= timedelta(minutes=15)
    LoginLink.objects.update(expires_at=timezone.now())
    assert client.get(address).status_code == 410


def test_somebody_switched_off_in_between(world: World, client: Browser) -> None:
    address = printed(world.cliente.email)
    User.objects.filter(pk=world.cliente.pk).update(is_active=False)
    assert client.get(address).status_code == 410
    assert who(client) is None


def test_an_address_that_never_was(world: World, client: Browser) -> None:
    assert client.get("/in/never/").status_code == 410


def test_guessing_is_slowed_down(world: World, client: Browser) -> None:
    statuses = {client.get(f"/in/guess-{number}/").status_code for number in range(30)}
    assert statuses == {410}
    assert client.get("/in/guess/").status_code == 429


def test_another_person_signed_in_gives_way(world: World, client: Browser) -> None:
    client.force_login(world.vito)
    client.get(printed(world.cliente.email))
    assert who(client) == str(world.cliente.pk)


@pytest.mark.parametrize("email", ["nobody@filo.example", ""])
def test_an_unknown_email_is_one_clear_line(world: World, email: str) -> None:
    with pytest.raises(CommandError, match="Nobody here has the e-mail") as failed:
        printed(email)
    assert failed.value.returncode == 1
    assert "\n" not in str(failed.value)
    assert not LoginLink.objects.exists()


def test_an_inactive_person_is_one_clear_line(world: World) -> None:
    User.objects.filter(pk=world.cliente.pk).update(is_active=False)
    with pytest.raises(CommandError, match="is switched off"):
        printed("cliente@filo.example")
