"""Who was taken off since mails came back, and should not have been: a manager puts them back."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.errors import Conflict
from audit.models import Event
from newsletter.models import Copy, MailingList, Reader, ReaderState
from newsletter.services.bounces import take
from newsletter.services.readers import put_back
from tests.browsing import Staff, words
from tests.newsletter.reading import copy_for, reader
from tests.newsletter.reports import bounce, complaint
from tests.rest.caller import Caller
from tests.world import World

AGREED = {"consent": "Sul foglio.", "consented_at": "2024-05-31T09:00"}


def became(raw: bytes) -> str:
    return take(raw=raw).became.value


def sent(found: Reader, number: int) -> Copy:
    """A copy that went out now."""
    copy = copy_for(found, number)
    Copy.objects.filter(pk=copy.pk).update(begun_at=timezone.now())
    copy.refresh_from_db()
    return copy


@pytest.fixture
def rosa(harvest: MailingList) -> Reader:
    """Mails to her came back, once and for all."""
    found = reader(harvest)
    assert became(bounce(sent(found, 1))) == "bounced"
    found.refresh_from_db()
    return found


def test_the_next_issue_goes_there_again(world: World, rosa: Reader) -> None:
    assert put_back(reader=rosa, user=world.marta)
    rosa.refresh_from_db()
    assert (rosa.state, rosa.ended_at, rosa.ended_why, rosa.soft_bounces) == (ReaderState.CONFIRMED, None, "", 0)
    assert rosa.back_at is not None
    event = Event.objects.get(verb="reader.put_back")
    assert (event.subject_id, event.actor, "rosa" in str(event.data)) == (rosa.pk, world.marta, False)
    assert not put_back(reader=rosa, user=world.marta)  # twice is once
    assert Event.objects.filter(verb="reader.put_back").count() == 1


def test_what_came_back_before_ends_nobody_once_more(world: World, rosa: Reader) -> None:
    old = Copy.objects.get()
    put_back(reader=rosa, user=world.marta)
    assert became(bounce(old)) == "known"  # a mailbox is read any number of times
    rosa.refresh_from_db()
    assert rosa.state == ReaderState.CONFIRMED
    assert became(bounce(sent(rosa, 2))) == "bounced"  # there is no such address after all


def test_five_in_a_row_are_counted_anew(world: World, harvest: MailingList) -> None:
    found = reader(harvest)
    assert [became(bounce(sent(found, number), "4.4.7")) for number in range(1, 6)] == ["counted"] * 4 + ["bounced"]
    put_back(reader=found, user=world.marta)
    assert [became(bounce(sent(found, number), "4.4.7")) for number in range(6, 11)] == ["counted"] * 4 + ["bounced"]


def test_who_came_back_by_the_form_is_counted_anew_too(harvest: MailingList) -> None:
    found = reader(harvest)
    for number in range(1, 6):
        became(bounce(sent(found, number), "4.4.7"))
    now = timezone.now() + timedelta(seconds=1)
    Reader.objects.filter(pk=found.pk).update(state=ReaderState.CONFIRMED, confirmed_at=now)
    copy = sent(found, 6)
    Copy.objects.filter(pk=copy.pk).update(begun_at=now + timedelta(days=7))
    assert became(bounce(copy, "4.4.7")) == "counted"


@pytest.mark.parametrize("state", [ReaderState.UNSUBSCRIBED, ReaderState.COMPLAINED])
def test_who_has_left_comes_back_only_by_themselves(world: World, harvest: MailingList, state: ReaderState) -> None:
    found = reader(harvest, state=state)
    with pytest.raises(Conflict) as caught:
        put_back(reader=found, user=world.marta)
    assert caught.value.code == "left_before"
    found.refresh_from_db()
    assert found.state == state


def test_a_complaint_holds_after_it(world: World, rosa: Reader) -> None:
    put_back(reader=rosa, user=world.marta)
    assert became(complaint(Copy.objects.get())) == "complained"  # of a mail that did arrive
    with pytest.raises(Conflict):
        put_back(reader=rosa, user=world.marta)


def test_only_managers(world: World, rosa: Reader) -> None:
    for who in (world.vito, world.elena):
        with pytest.raises(PermissionDenied):
            put_back(reader=rosa, user=who)
    Caller(world.bruno).post(f"readers/{rosa.pk}/put_back/", expect=404)
    rosa.refresh_from_db()
    assert rosa.state == ReaderState.BOUNCED


def test_by_program(world: World, rosa: Reader, harvest: MailingList) -> None:
    body = {"mailing_list": harvest.pk, "email": "rosa@example.org", **AGREED}
    assert Caller(world.marta).post("readers/", body, expect=409)["code"] == "bounced"
    told = Caller(world.marta).post(f"readers/{rosa.pk}/put_back/", expect=200)
    assert (told["state"], told["ended_why"], told["ended_at"]) == ("confirmed", "", None)
    assert told["back_at"] is not None
    bea = reader(harvest, "bea@example.org", state=ReaderState.UNSUBSCRIBED)
    assert Caller(world.marta).post(f"readers/{bea.pk}/put_back/", expect=409)["code"] == "left_before"


def test_on_the_desk(world: World, rosa: Reader, harvest: MailingList) -> None:
    world.marta.language = "en"
    world.marta.save(update_fields=["language"])
    marta = Staff(world.marta)
    assert "Put back" in words(marta.open("newsletter_reader_change", rosa.pk))
    asked = words(marta.open("newsletter_reader_back", rosa.pk))
    assert "rosa@example.org gets the next issue of “Lettera dalla vigna” again." in asked
    assert "What came back: 5.1.1 smtp; 550 5.1.1 <rosa@example.org>: no such user" in asked
    page = words(marta.send("newsletter_reader_back", rosa.pk))
    assert "rosa@example.org gets the next issue again." in page
    assert "Put back on" in page
    assert "Put back" not in page.replace("Put back on", "")
    assert Staff(world.bruno).open("newsletter_reader_back", rosa.pk).status_code == 404
    bea = reader(harvest, "bea@example.org", state=ReaderState.COMPLAINED)
    assert "Put back" not in words(marta.open("newsletter_reader_change", bea.pk))
