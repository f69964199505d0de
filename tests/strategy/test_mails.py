"""What is said of a strategy reaches whom it concerns, in one letter, and never what stays in the agency."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from notifications import services as outbox
from notifications.models import Notification
from strategy.models import Section
from strategy.services import accept_suggestion, add_remark, decline_suggestion, resolve_remark, suggest
from tests.strategy.documents import TONE, draft, section
from tests.world import World


@pytest.fixture
def tone(world: World) -> Section:
    """A section that the client reads; everybody but Nonna reads English."""
    User.objects.exclude(pk=world.nonna.pk).update(language="en")
    return section(world, draft(world))


def say(user: User, found: Section, quote: str, words: str, **more: Any) -> Any:
    kind = "replace" if words else "delete"
    place: dict[str, Any] = {"start": TONE.index(quote), "revision": 1}
    return suggest(user=user, section=found, kind=kind, quote=quote, words=words, **place, **more)


def letters(*, later: int = 11) -> dict[str, Any]:
    """What reaches whom by so many minutes from now."""
    mail.outbox.clear()
    Notification.objects.update(wake_at=timezone.now() + timedelta(minutes=10 - later))
    outbox.send_due()
    found = {letter.to[0].partition("@")[0]: letter for letter in mail.outbox}
    assert len(found) == len(mail.outbox)
    return found


def test_all_that_was_said_meanwhile_is_in_one_letter(world: World, tone: Section) -> None:
    say(world.cliente, tone, "piano", "sottovoce", comment="È più nostro.")
    say(world.nonna, tone, "Mai punti esclamativi.", "")
    add_remark(user=world.cliente, section=tone, text="E il dialetto?")
    assert letters(later=9) == {}
    found = letters()
    assert list(found) == ["vito"]
    letter = found["vito"]
    assert letter.subject == "Said of a strategy · Cantina Roero: La cantina nel 2027"
    assert "3 things were said of the strategy “La cantina nel 2027”." in letter.body
    assert "Piero Roero would write otherwise, in “Tono di voce”:\n“piano” → “sottovoce”\nÈ più nostro." in letter.body
    assert "Nonna Roero would leave out, in “Tono di voce”:\n“Mai punti esclamativi.”" in letter.body
    assert "Piero Roero says of “Tono di voce”:\nE il dialetto?" in letter.body
    assert f"/admin/strategy/strategy/{tone.strategy_id}/change/" in letter.body
    assert "List-Unsubscribe" in letter.extra_headers
    assert letters() == {}


def test_what_became_of_ones_words(world: World, tone: Section) -> None:
    one = say(world.nonna, tone, "piano", "sottovoce")
    other = say(world.cliente, tone, "tu", "Lei")
    accept_suggestion(user=world.vito, suggestion=one)
    decline_suggestion(user=world.elena, suggestion=other, reason="Siamo amici.")
    found = letters()
    assert sorted(found) == ["cliente", "nonna"]  # Vito knows: nothing of it is open any more
    assert "Vito Serra ha accolto" in found["nonna"].body
    assert f"/strategies/{tone.strategy_id}/" in found["nonna"].body
    assert "Elena Riva has declined what you suggested" in found["cliente"].body
    assert "“Lei”" not in found["cliente"].body
    assert "Lei\nSiamo amici." in found["cliente"].body


def test_what_stays_in_the_agency_reaches_nobody_outside(world: World, tone: Section) -> None:
    inside = add_remark(user=world.elena, section=tone, text="Tirchi.", audience="internal")
    add_remark(user=world.marta, section=tone, text="Molto.", audience="internal", parent=inside)
    say(world.elena, tone, "piano", "basso", audience="internal")
    assert sorted(letters()) == ["elena", "vito"]
    assert not Notification.objects.filter(user__in=[world.cliente.pk, world.nonna.pk]).exists()


def test_answers_go_to_who_speaks_there_and_what_is_over_to_nobody(world: World, tone: Section) -> None:
    first = add_remark(user=world.nonna, section=tone, text="Chi risponde?")
    add_remark(user=world.elena, section=tone, text="Io.", parent=first)
    done = add_remark(user=world.cliente, section=tone, text="Già visto.")
    resolve_remark(user=world.vito, remark=done)
    found = letters()
    assert sorted(found) == ["nonna", "vito"]
    assert "Io." in found["nonna"].body
    assert "Già visto." not in found["vito"].body


def test_whoever_may_not_read_it_any_more_gets_nothing(world: World, tone: Section) -> None:
    one = say(world.nonna, tone, "piano", "sottovoce")
    accept_suggestion(user=world.elena, suggestion=one)
    world.winery.memberships.filter(user=world.nonna).delete()
    assert letters() == {}


def test_a_second_try_tells_the_same(world: World, tone: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    say(world.cliente, tone, "piano", "sottovoce")
    say(world.cliente, tone, "tu", "Lei")

    def broken(*_args: Any) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "get_connection", broken)
        assert letters() == {}
    body = letters()["vito"].body
    assert "sottovoce" in body
    assert "“Lei”" in body
