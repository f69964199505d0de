"""News can be switched off from the mail itself: by one button, or by one click of the mail program. Nothing else can."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.core import mail, signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client as Browser

from accounts.models import User
from clients.models import Client
from notifications import switching
from notifications.models import Mute, Notification, State
from notifications.selectors import muted
from notifications.services import mute, send_due, set_muted, unmute
from social.services import withdraw_post
from tests.notifications.reading import body
from tests.world import World

ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def _nobody_guessed_yet() -> None:
    cache.clear()


def address(user: User, kind: str = "withdrawn") -> str:
    """The path in a mail."""
    return switching.address_for(user.pk, kind).removeprefix(settings.BASE_URL)


def taken_back(world: World) -> None:
    """Elena is told that what waited for her was taken back."""
    withdraw_post(user=world.vito, post=world.submitted())
    Notification.objects.filter(kind="turn").delete()


def test_news_says_how_not_to_get_more_of_it(world: World) -> None:
    taken_back(world)
    send_due()
    (letter,) = mail.outbox
    header = letter.extra_headers["List-Unsubscribe"]
    assert letter.extra_headers["List-Unsubscribe-Post"] == ONE_CLICK
    assert letter.message()["List-Unsubscribe"] == header
    assert header in letter.message().as_string()  # on one line, unbroken and not encoded
    found = header.strip("<>")
    assert found == settings.BASE_URL + address(world.elena)
    text, html = body(letter)
    assert found in text
    assert f'href="{found}"' in unescape(html)


def test_duties_do_not(world: World) -> None:
    world.submitted()
    send_due()
    (letter,) = mail.outbox
    assert letter.extra_headers.keys() == {"Message-ID"}
    assert "/mail/off/" not in letter.body


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_who_only_looks_decides_nothing(world: World, method: str, *, signed_in: bool) -> None:
    browser = Browser()
    if signed_in:
        browser.force_login(world.elena)
    answer = getattr(browser, method)(address(world.elena), {"do": "off", "List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not Mute.objects.exists()
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"


def test_one_click_of_a_mail_program(world: World) -> None:
    program = Browser(enforce_csrf_checks=True)  # no cookie, no token, no referrer
    answer = program.post(address(world.elena), ONE_CLICK, content_type=FORM)
    assert answer.status_code == 200
    assert "Set-Cookie" not in str(answer.headers)
    assert list(Mute.objects.values_list("user__name", "kind")) == [("Elena Riva", "withdrawn")]
    program.post(address(world.elena), ONE_CLICK, content_type=FORM)
    assert Mute.objects.count() == 1
    taken_back(world)
    assert (send_due(), mail.outbox) == (0, [])
    assert Notification.objects.get().state == State.DROPPED


def test_a_form_of_several_parts_does_too(world: World) -> None:
    Browser(enforce_csrf_checks=True).post(address(world.elena), {"List-Unsubscribe": "One-Click"})
    assert muted(world.elena) == ["withdrawn"]


def test_a_person_with_the_page_and_back(world: World) -> None:
    User.objects.filter(pk=world.elena.pk).update(language="en")
    browser = Browser(enforce_csrf_checks=True)
    page = browser.get(address(world.elena)).content.decode()
    assert "No more mails “Taken back”?" in page
    assert page.count("<button") == 1
    assert 'href="/settings/"' in page
    after = browser.post(address(world.elena), {"do": "off"}).content.decode()
    assert "You get no more mails “Taken back”" in after
    assert after.count("<button") == 1
    assert muted(world.elena) == ["withdrawn"]
    again = browser.post(address(world.elena), {"do": "on"}).content.decode()
    assert "You get them again." in again
    assert muted(world.elena) == []
    taken_back(world)
    assert send_due() == 1


def test_of_one_kind_and_for_one_person_alone(world: World) -> None:
    mute(user=world.elena, kind="superseded")
    mute(user=world.marta, kind="withdrawn")
    taken_back(world)
    assert send_due() == 1
    assert mail.outbox[0].to == ["elena@filo.example"]


def test_the_page_speaks_to_its_reader_and_not_to_the_browser(world: World) -> None:
    Client.objects.filter(pk=world.winery.pk).update(formal=True)
    answer = Browser(headers={"Accept-Language": "en"}).get(address(world.cliente))
    assert answer["Content-Language"] == "it"
    assert answer.wsgi_request.LANGUAGE_CODE == "it-formal"


def spoilt(user: User) -> dict[str, str]:
    """Everything but a true one."""
    token = switching.token_for(user.pk, "withdrawn")
    return {
        "cut": token[:-4],
        "longer": token + "A",
        "another's": signing.Signer(salt="another").sign_object([user.pk, "withdrawn"]),
        "unsigned": token.partition(":")[0],
        "nonsense": "nonsense",
        "a duty": switching.token_for(user.pk, "turn"),
        "no kind": switching.token_for(user.pk, "weather"),
        "nobody": switching.token_for(2**62, "withdrawn"),
        "too big": switching.token_for(2**80, "withdrawn"),
        "no pair": signing.Signer(salt="notifications.switching").sign_object("withdrawn"),
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_that_is_not_ours_is_a_calm_page(world: World, method: str) -> None:
    browser = Browser(headers={"Accept-Language": "en"})
    for what, token in spoilt(world.elena).items():
        answer = getattr(browser, method)(f"/mail/off/{token}/")
        assert (what, answer.status_code) == (what, 404)
        assert "This address opens nothing" in answer.content.decode()
    assert not Mute.objects.exists()


def test_it_is_calm_in_the_reader_s_language(world: World) -> None:
    browser = Browser(headers={"Accept-Language": "en"})
    browser.force_login(world.elena)
    assert '<html lang="it">' in browser.get("/mail/off/nonsense/").content.decode()


def test_somebody_switched_off(world: World) -> None:
    User.objects.filter(pk=world.elena.pk).update(is_active=False)
    assert Browser().post(address(world.elena)).status_code == 404
    assert not Mute.objects.exists()


def test_guessing_is_slowed_down(world: World) -> None:
    browser = Browser()
    assert {browser.get(f"/mail/off/guess-{number}/").status_code for number in range(30)} == {404}
    slowed = browser.get("/mail/off/guess/")
    assert (slowed.status_code, slowed["Retry-After"]) == (429, "600")
    assert browser.get(address(world.elena)).status_code == 200  # who has a true address is never kept out


@pytest.mark.parametrize("kind", ["turn", "changes_requested", "sign_in_code", "weather", ""])
def test_what_is_a_duty_stays(world: World, kind: str) -> None:
    with pytest.raises(ValidationError) as refused:
        mute(user=world.elena, kind=kind)
    assert refused.value.message_dict.keys() == {"muted"}
    with pytest.raises(ValidationError):
        set_muted(user=world.elena, kinds=["withdrawn", kind])
    assert not Mute.objects.exists()


def test_a_duty_goes_out_whatever_stands_in_the_table(world: World) -> None:
    Mute.objects.create(user=world.elena, kind="turn")  # a kind that was news once
    world.submitted()
    assert send_due() == 1


def test_these_and_no_others(world: World) -> None:
    set_muted(user=world.elena, kinds=["withdrawn", "superseded"])
    set_muted(user=world.elena, kinds=["withdrawn", "step_over"])
    assert muted(world.elena) == ["step_over", "withdrawn"]
    unmute(user=world.elena, kind="step_over")
    assert muted(world.elena) == ["withdrawn"]
    assert re.fullmatch(r"\d+ withdrawn", str(Mute.objects.get()))
