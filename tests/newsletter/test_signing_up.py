"""Rosa asks for the winery's letter. Only her own yes, by the mail that goes to her address, puts her on the list."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from audit.models import Event
from newsletter.models import Confirmation, MailingList, Reader, ReaderState, Source
from newsletter.selectors import readers_who_get
from newsletter.services import signing_up
from newsletter.services.lists import edit_list
from newsletter.services.readers import sign_off, sign_off_address
from newsletter.speaking import mark_of
from notifications.models import State
from social.services.connections import note_allows
from tests.browsing import words
from tests.newsletter.reading import address_in, posted, reader
from tests.world import World

PROMISE = "Mandatemi la lettera dalla vigna."


def ask(found: MailingList, email: str = "rosa@example.org", **typed: str) -> Any:
    """The form, sent as a browser without cookies sends it."""
    body = {"email": email, "words": mark_of(PROMISE), "language": "it", **typed}
    return Browser(enforce_csrf_checks=True).post(f"/newsletter/{found.key}/", body)


def press(path: str) -> Any:
    """The button of the page at this address."""
    return Browser(enforce_csrf_checks=True).post(path)


def test_nobody_gets_anything_before_their_own_yes(harvest: MailingList) -> None:
    page = Browser().get(f"/newsletter/{harvest.key}/?language=it")
    assert (page.status_code, PROMISE in words(page)) == (200, True)
    assert "Guarda nella posta" in words(ask(harvest, "Rosa@Example.org ", name="Rosa"))
    rosa = Reader.objects.get()
    assert (rosa.email, rosa.state, rosa.consent, rosa.name) == ("rosa@example.org", ReaderState.PENDING, "", "")
    assert list(readers_who_get(harvest)) == []
    (message,) = posted()
    assert (message.to, message.subject) == (["rosa@example.org"], "Vuoi ricevere “Lettera dalla vigna”?")
    assert PROMISE in message.body
    assert "via Roma 1" in message.body
    path = address_in(message)
    for method in ("get", "head", "get"):  # a scanner, a preview, Rosa
        page = getattr(Browser(), method)(path)
        assert page.status_code == 200
    assert "Vuoi ricevere “Lettera dalla vigna”?" in words(page)
    rosa.refresh_from_db()
    assert rosa.state == ReaderState.PENDING
    assert "Sei nella lista" in words(press(path))
    rosa.refresh_from_db()
    asked = Confirmation.objects.get()
    assert (rosa.state, rosa.consent, rosa.consented_at) == (ReaderState.CONFIRMED, PROMISE, asked.created_at)
    assert (rosa.name, rosa.language, rosa.source) == ("Rosa", "it", Source.FORM)
    assert list(readers_who_get(harvest)) == [rosa]
    event = Event.objects.get(verb="reader.confirmed")
    assert (event.actor, event.data["consent"]) == (None, PROMISE)
    assert "rosa" not in str(event.data)
    assert "Sei nella lista" in words(press(path))  # twice is once
    assert Event.objects.filter(verb="reader.confirmed").count() == 1


def test_the_secret_is_nowhere_once_it_is_sent(harvest: MailingList) -> None:
    ask(harvest)
    sealed = Confirmation.objects.get()
    assert sealed.sealed
    secret = address_in(posted()[0]).rpartition("/")[2]
    assert len(secret) == 22  # 128 bits
    kept = Confirmation.objects.get()
    assert (kept.state, kept.sealed) == (State.SENT, "")
    assert kept.secret_hash == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(Confirmation.objects.values().get())


def test_known_or_not_the_answer_is_the_same(harvest: MailingList) -> None:
    reader(harvest, "nota@example.org")
    reader(harvest, "via@example.org", state=ReaderState.UNSUBSCRIBED)
    pages = [ask(harvest, f"{name}@example.org") for name in ("nota", "via", "nuova")]
    said = {words(page).replace(f"{name}@", "") for page, name in zip(pages, ("nota", "via", "nuova"), strict=True)}
    assert len(said) == 1
    subjects = sorted((message.to[0], message.subject) for message in posted())
    assert subjects == [
        ("nota@example.org", "Ricevi già “Lettera dalla vigna”"),
        ("nuova@example.org", "Vuoi ricevere “Lettera dalla vigna”?"),
        ("via@example.org", "Vuoi ricevere “Lettera dalla vigna”?"),
    ]


def test_a_stranger_changes_nothing_of_who_is_known(harvest: MailingList) -> None:
    nota = reader(harvest, "nota@example.org", name="Nota", consent="Come sempre.")
    ask(harvest, "nota@example.org", name="Cattiva")
    (message,) = posted()
    nota.refresh_from_db()
    assert (nota.name, nota.consent, nota.state) == ("Nota", "Come sempre.", ReaderState.CONFIRMED)
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sign_off_address(nota) in message.body


@pytest.mark.parametrize("state", [ReaderState.UNSUBSCRIBED, ReaderState.BOUNCED, ReaderState.COMPLAINED])
def test_who_left_comes_back_only_by_confirming_anew(harvest: MailingList, state: str) -> None:
    via = reader(harvest, state=state, ended_why="prima", soft_bounces=4)
    ask(harvest)
    via.refresh_from_db()
    assert via.state == state
    press(address_in(posted()[0]))
    via.refresh_from_db()
    assert (via.state, via.ended_why, via.soft_bounces) == (ReaderState.CONFIRMED, "", 0)


def test_an_old_link_does_not_undo_signing_off(harvest: MailingList) -> None:
    ask(harvest)
    first = address_in(posted()[0])
    ask(harvest)
    second = address_in(posted()[0])
    press(first)
    sign_off(reader=Reader.objects.get())
    assert press(second).status_code == 404
    assert Reader.objects.get().state == ReaderState.UNSUBSCRIBED


def test_a_link_works_for_seven_days(harvest: MailingList) -> None:
    ask(harvest)
    path = address_in(posted()[0])
    Confirmation.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert (Browser().get(path).status_code, press(path).status_code) == (404, 404)
    assert Reader.objects.get().state == ReaderState.PENDING


def test_three_mails_a_day_to_one_address(harvest: MailingList) -> None:
    said = [words(ask(harvest)) for _time in range(5)]
    assert len(set(said)) == 1
    assert Confirmation.objects.count() == 3
    assert len(posted()) == 1  # the newest: those before it were not sent yet


def test_twenty_sign_ups_from_one_place(harvest: MailingList) -> None:
    codes = [ask(harvest, f"r{number}@example.org").status_code for number in range(21)]
    assert codes == [200] * 20 + [429]
    answer = ask(harvest)
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")
    assert Reader.objects.count() == 20


def test_what_one_agrees_to_is_what_one_has_read(world: World, harvest: MailingList) -> None:
    edit_list(user=world.marta, mailing_list=harvest, promise="Mandatemi tutto.")
    page = ask(harvest, name="Rosa")  # with the old words' mark
    assert page.status_code == 400
    assert "Mandatemi tutto." in words(page)
    assert 'value="rosa@example.org"' in page.content.decode()
    assert 'value="Rosa"' in page.content.decode()
    assert not Reader.objects.exists()
    assert ask(harvest, words=mark_of("Mandatemi tutto.")).status_code == 200
    assert Confirmation.objects.get().consent == "Mandatemi tutto."


@pytest.mark.parametrize(
    "email", ["", "rosa", "rosa@", "rosa@example.org\nBcc: x@example.org", f"{'r' * 250}@example.org"]
)
def test_what_is_no_address_is_refused(harvest: MailingList, email: str) -> None:
    page = ask(harvest, email)
    assert page.status_code == 400
    assert "Non sei ancora nella lista" in words(page)
    assert not Reader.objects.exists()


def test_a_closed_list_takes_nobody(world: World, harvest: MailingList) -> None:
    edit_list(user=world.marta, mailing_list=harvest, is_open=False)
    assert (Browser().get(f"/newsletter/{harvest.key}/").status_code, ask(harvest).status_code) == (410, 410)
    assert not Reader.objects.exists()


def test_without_a_promise_the_house_has_one_in_each_language(gazette: MailingList) -> None:
    english = words(Browser().get(f"/newsletter/{gazette.key}/?language=en"))
    italian = words(Browser().get(f"/newsletter/{gazette.key}/?language=it"))
    assert "Comune di Alba may send me its newsletter “La gazzetta” by e-mail." in english
    assert "Comune di Alba può mandarmi per email la newsletter “La gazzetta”." in italian


def test_who_never_confirms_is_forgotten(harvest: MailingList) -> None:
    ask(harvest)
    posted()
    reader(harvest, "nota@example.org")
    now = timezone.now()
    assert signing_up.forget_unconfirmed(now + timedelta(days=13)) == 0
    assert signing_up.forget_unconfirmed(now + timedelta(days=15)) == 1
    assert [found.email for found in Reader.objects.all()] == ["nota@example.org"]
    assert not Confirmation.objects.exists()


def test_a_mail_that_fails_goes_later_and_once(harvest: MailingList, settings: Any) -> None:
    ask(harvest)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1  # nobody listens
    assert posted() == []
    waiting = Confirmation.objects.get()
    assert (waiting.state, waiting.tries, waiting.error) == (State.QUEUED, 1, "ConnectionRefusedError")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert posted() == []
    Confirmation.objects.update(wake_at=timezone.now())
    assert len(posted()) == 1
    assert posted() == []


def test_with_the_first_reader_nobody_is_said_to_be_missing_any_more(harvest: MailingList) -> None:
    note_allows(channel_id=harvest.channel_id, readers=0)
    ask(harvest)
    harvest.channel.refresh_from_db()
    assert harvest.channel.allows["readers"] == 0  # asked is not confirmed
    press(address_in(posted()[0]))
    harvest.channel.refresh_from_db()
    assert harvest.channel.allows["readers"] == 1
