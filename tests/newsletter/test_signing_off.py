"""Rosa signs off by the address in her mail: one click for her mail program, one button for herself."""

from typing import Any

import pytest
from django.test import Client as Browser

from audit.models import Event
from newsletter import tokens
from newsletter.models import MailingList, Reader, ReaderState
from newsletter.selectors import readers_who_get
from newsletter.services.readers import sign_off_address
from tests.browsing import words
from tests.newsletter.reading import reader

ONE_CLICK: dict[str, Any] = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}


@pytest.fixture
def rosa(harvest: MailingList) -> Reader:
    return reader(harvest, language="it")


def path_of(found: Reader) -> str:
    return sign_off_address(found).removeprefix("http://127.0.0.1:8000")


def test_one_click(harvest: MailingList, rosa: Reader) -> None:
    path = path_of(rosa)
    assert path.startswith(f"/newsletter/off/{rosa.pk}.")
    stranger = Browser(enforce_csrf_checks=True)
    answer = stranger.post(path, **ONE_CLICK)
    assert (answer.status_code, answer.cookies) == (200, {})
    rosa.refresh_from_db()
    ended = rosa.ended_at
    assert (rosa.state, rosa.ended_why) == (ReaderState.UNSUBSCRIBED, "one click")
    assert list(readers_who_get(harvest)) == []
    assert stranger.post(path, **ONE_CLICK).status_code == 200
    rosa.refresh_from_db()
    assert rosa.ended_at == ended
    assert Event.objects.filter(verb="reader.signed_off").count() == 1


def test_opening_decides_nothing(rosa: Reader) -> None:
    for _time in range(2):
        page = Browser().get(path_of(rosa))
        assert Browser().head(path_of(rosa)).status_code == 200
        assert "Non vuoi più ricevere “Lettera dalla vigna”?" in words(page)
    rosa.refresh_from_db()
    assert rosa.state == ReaderState.CONFIRMED
    page = Browser(enforce_csrf_checks=True).post(path_of(rosa))
    assert "rosa@example.org non è più nella lista" in words(page)
    assert "Non vuoi più" not in words(Browser().get(path_of(rosa)))


@pytest.mark.parametrize("spoil", [
    lambda token: token[:-1],
    lambda token: token + "a",
    lambda token: token.replace(".", ".a", 1)[: len(token)],
    lambda token: "0" + token,
    lambda token: str(int(token.partition(".")[0]) + 1) + "." + token.partition(".")[2],
    lambda token: token.replace(".", ""),
    lambda token: "9" * 30 + "." + token.partition(".")[2],
    lambda token: "é" + token,
])  # fmt: skip
def test_a_token_that_we_did_not_make_opens_nothing(rosa: Reader, spoil: Any) -> None:
    other = reader(rosa.mailing_list, "altra@example.org")
    token = spoil(tokens.token(tokens.OFF, rosa.pk))
    assert Browser().post(f"/newsletter/off/{token}", **ONE_CLICK).status_code == 404
    for found in (rosa, other):
        found.refresh_from_db()
        assert found.state == ReaderState.CONFIRMED


def test_tokens_of_one_kind_open_nothing_of_another(rosa: Reader) -> None:
    assert tokens.read(tokens.OFF, tokens.token(tokens.BOUNCE, rosa.pk)) is None
    assert (
        tokens.read(tokens.OFF, tokens.token(tokens.OFF, rosa.pk).upper()) == rosa.pk
    )  # as some servers do to addresses


def test_a_new_key_keeps_old_mails_good(rosa: Reader, settings: Any) -> None:
    path, before = path_of(rosa), settings.SECRET_KEY
    settings.SECRET_KEY = "quite another key, long enough for everybody who asks about it here"
    assert Browser().get(path).status_code == 404
    settings.SECRET_KEY_FALLBACKS = [before]
    assert Browser().get(path).status_code == 200


def test_who_bounced_can_still_sign_off_for_good(harvest: MailingList) -> None:
    gone = reader(harvest, state=ReaderState.BOUNCED)
    Browser().post(path_of(gone), **ONE_CLICK)
    gone.refresh_from_db()
    assert gone.state == ReaderState.UNSUBSCRIBED


def test_who_tries_many_is_asked_to_wait(rosa: Reader) -> None:
    stranger = Browser()
    codes = [stranger.post(f"/newsletter/off/{number}.{'a' * 26}").status_code for number in range(1, 32)]
    assert codes == [404] * 30 + [429]
    assert stranger.post(path_of(rosa), **ONE_CLICK).status_code == 200  # a true one is never kept out
