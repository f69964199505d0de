"""With tu or with Lei, also on the pages of one's account and in the mails about it."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Language, User
from notifications.services import send_due
from tests.world import World


@pytest.fixture(autouse=True)
def _nobody_tried_yet() -> None:
    cache.clear()


@pytest.fixture(params=[False, True], ids=["tu", "Lei"])
def formal(request: pytest.FixtureRequest, world: World) -> bool:
    world.winery.formal = request.param
    world.winery.save(update_fields=["formal"])
    return bool(request.param)


def test_on_the_way_out(world: World, client: Browser, *, formal: bool) -> None:
    client.force_login(world.cliente)
    html = client.get(reverse("account_logout")).content.decode()
    assert ("I link nelle Sue email" in html, "I link nelle tue email" in html) == (formal, not formal)


def test_staff_with_tu_always(world: World, client: Browser, *, formal: bool) -> None:
    client.force_login(world.vito)
    assert "I link nelle tue email" in client.get(reverse("account_logout")).content.decode()


def test_a_code_in_the_language_of_who_gets_it(world: World, *, formal: bool) -> None:
    browser = Browser(headers={"Accept-Language": "en"})
    browser.post(reverse("account_request_login_code"), {"email": world.cliente.email})
    send_due()
    assert [letter.subject for letter in mail.outbox] == [
        "Il Suo codice per accedere" if formal else "Il tuo codice per accedere"
    ]


def test_a_code_for_who_reads_english(world: World) -> None:
    User.objects.filter(pk=world.cliente.pk).update(language=Language.ENGLISH)
    browser = Browser(headers={"Accept-Language": "it"})
    browser.post(reverse("account_request_login_code"), {"email": world.cliente.email})
    send_due()
    assert [letter.subject for letter in mail.outbox] == ["Your code to sign in"]
