"""Where much of an issue comes back with one status nobody is taken off for it by itself: Marta looks, and decides."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.errors import Conflict
from audit.models import Event
from newsletter.models import Copy, Doubt, MailingList, Reader, ReaderState
from newsletter.services import doubts
from newsletter.services.bounces import take
from newsletter.services.readers import sign_off
from notifications.models import Notification
from notifications.services import send_due
from social import networks
from social.networks.base import Content
from tests.browsing import Staff, words
from tests.newsletter.mailing import Mailing
from tests.newsletter.reading import copy_for, reader
from tests.newsletter.reports import bounce
from tests.races.meeting import meeting
from tests.rest.caller import Caller
from tests.servers.smtp import MailServer, _mail_server, mail_server
from tests.social.networks.conftest import NOW
from tests.social.notebook import Notebook
from tests.world import World

__all__ = ["_mail_server", "mail_server"]


def issue(harvest: MailingList, copies: int) -> list[Copy]:
    """An issue that went out to so many."""
    return [copy_for(reader(harvest, f"r{number}@example.org")) for number in range(copies)]


def came_back(copies: list[Copy], status: str = "5.1.1") -> list[str]:
    return [take(raw=bounce(copy, status)).became.value for copy in copies]


def states() -> dict[str, int]:
    found = list(Reader.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in sorted(set(found))}


@pytest.fixture
def doubted(harvest: MailingList) -> list[Copy]:
    """Twelve of forty came back."""
    copies = issue(harvest, 40)
    assert came_back(copies[:12]) == ["bounced"] * 9 + ["held"] * 3
    return copies


def test_the_tenth_of_one_status_puts_all_back(world: World, doubted: list[Copy]) -> None:
    assert states() == {"confirmed": 40}
    doubt = Doubt.objects.get()
    assert (doubt.issue, doubt.status, doubt.state) == (doubted[0].issue, "5.1.1", "open")
    event = Event.objects.get(verb="doubt.opened")
    assert event.data["came_back"] == 10
    assert event.data["readers"] == [copy.reader_id for copy in doubted[:9]]
    assert came_back(doubted[:2]) == ["held"] * 2  # told once more
    assert Notification.objects.filter(kind="newsletter_doubt").count() == 1


@pytest.mark.parametrize(
    ("copies", "back"),
    [(12, 9), (110, 11), (200, 20)],
    ids=["fewer than ten", "a tenth of it", "a tenth of a long one"],
)
def test_some_dead_addresses_are_ended_as_ever(harvest: MailingList, copies: int, back: int) -> None:
    assert came_back(issue(harvest, copies)[:back]) == ["bounced"] * back
    assert states() == {"bounced": back, "confirmed": copies - back}
    assert not Doubt.objects.exists()


def test_each_issue_and_each_status_by_itself(harvest: MailingList) -> None:
    copies = issue(harvest, 40)
    assert came_back(copies[:9]) == came_back(copies[9:18], "5.2.1") == ["bounced"] * 9
    assert not Doubt.objects.exists()
    others = [copy_for(copy.reader, 2) for copy in copies[18:]]
    assert came_back(others[:4]) == ["bounced"] * 4
    assert not Doubt.objects.exists()


def test_they_are_taken_off(world: World, doubted: list[Copy]) -> None:
    sign_off(reader=doubted[0].reader)
    doubts.decide(user=world.marta, doubt=Doubt.objects.get(), ends=True)
    assert states() == {"bounced": 11, "confirmed": 28, "unsubscribed": 1}
    assert "no such user" in Reader.objects.get(pk=doubted[1].reader_id).ended_why
    assert came_back(doubted[12:14]) == ["bounced"] * 2  # whatever else comes back so
    event = Event.objects.get(verb="doubt.ended")
    assert (event.actor, len(event.data["readers"])) == (world.marta, 11)
    with pytest.raises(Conflict) as caught:
        doubts.decide(user=world.marta, doubt=Doubt.objects.get(), ends=False)
    assert caught.value.code == "decided"
    assert states()["bounced"] == 13


def test_they_stay(world: World, doubted: list[Copy]) -> None:
    doubts.decide(user=world.marta, doubt=Doubt.objects.get(), ends=False)
    assert came_back(doubted) == ["held"] * 40
    assert states() == {"confirmed": 40}
    assert Event.objects.get(verb="doubt.kept").actor == world.marta
    # Of these copies none counts among five in a row.
    one = doubted[0].reader
    later = [copy_for(one, number) for number in range(2, 7)]
    assert came_back(later, "4.4.7") == ["counted"] * 4 + ["bounced"]


def test_what_was_decided_of_one_issue_is_not_undone_by_the_next(world: World, doubted: list[Copy]) -> None:
    """Its reports come when the readers of the one before have been taken off."""
    after = [copy_for(copy.reader, 2) for copy in doubted]
    doubts.decide(user=world.marta, doubt=Doubt.objects.get(), ends=True)
    assert states() == {"bounced": 12, "confirmed": 28}
    came_back(after[:12])
    assert Doubt.objects.filter(state="open").count() == 1
    assert states() == {"bounced": 12, "confirmed": 28}


def test_who_came_back_by_themselves_meanwhile_stays(world: World, doubted: list[Copy]) -> None:
    before, after = timezone.now() - timedelta(hours=1), timezone.now()
    Copy.objects.update(begun_at=before)
    sign_off(reader=doubted[0].reader)
    Reader.objects.filter(pk=doubted[0].reader_id).update(state=ReaderState.CONFIRMED, confirmed_at=after)
    doubts.decide(user=world.marta, doubt=Doubt.objects.get(), ends=True)
    assert states() == {"bounced": 11, "confirmed": 29}
    assert Reader.objects.get(pk=doubted[0].reader_id).state == ReaderState.CONFIRMED


def test_only_managers_decide(world: World, doubted: list[Copy]) -> None:
    doubt = Doubt.objects.get()
    with pytest.raises(PermissionDenied):
        doubts.decide(user=world.vito, doubt=doubt, ends=True)
    assert Caller(world.vito).get("doubts/")["results"] == []
    Caller(world.bruno).post(f"doubts/{doubt.pk}/decide/", {"ends": True}, expect=404)
    assert states() == {"confirmed": 40}


def test_by_program(world: World, doubted: list[Copy]) -> None:
    (row,) = Caller(world.marta).get("doubts/?state=open")["results"]
    told = {name: row[name] for name in ("subject", "status", "came_back", "copies", "state")}
    assert told == {"subject": "Numero 1", "status": "5.1.1", "came_back": 12, "copies": 40, "state": "open"}
    answer = Caller(world.marta).post(f"doubts/{row['id']}/decide/", {"ends": True}, expect=200)
    assert answer["state"] == "ended"
    assert Caller(world.marta).post(f"doubts/{row['id']}/decide/", {"ends": True}, expect=409)["code"] == "decided"


def test_managers_are_told_once_with_the_figures(world: World, doubted: list[Copy], harvest: MailingList) -> None:
    world.marta.language = "en"
    world.marta.save(update_fields=["language"])
    mail.outbox.clear()
    send_due()
    (letter,) = [one for one in mail.outbox if "came back" in one.subject]
    assert letter.to == [world.marta.email]
    text = " ".join(str(letter.body).split())
    assert "12 of 40 copies of “Numero 1” came back with the same answer, 5.1.1" in text
    assert f"/admin/newsletter/mailinglist/{harvest.pk}/change/" in text


def test_on_the_desk(world: World, doubted: list[Copy], harvest: MailingList) -> None:
    for who in (world.marta, world.vito):
        who.language = "en"
        who.save(update_fields=["language"])
    marta, doubt = Staff(world.marta), Doubt.objects.get()
    figures = "12 of 40 copies of “Numero 1” came back with the same answer, 5.1.1: there is no such address."
    page = words(marta.open("newsletter_mailinglist_change", harvest.pk))
    assert figures in page
    assert "no such user" in page
    assert figures not in words(Staff(world.vito).open("newsletter_mailinglist_change", harvest.pk))
    assert Staff(world.vito).open("newsletter_mailinglist_end", harvest.pk, doubt.pk).status_code in {403, 404}
    assert Staff(world.bruno).open("newsletter_mailinglist_keep", harvest.pk, doubt.pk).status_code == 404
    assert figures in words(marta.open("newsletter_mailinglist_keep", harvest.pk, doubt.pk))
    page = words(marta.send("newsletter_mailinglist_keep", harvest.pk, doubt.pk))
    assert "Decided." in page
    assert figures not in page
    assert "decided already" in words(marta.send("newsletter_mailinglist_end", harvest.pk, doubt.pk))
    assert states() == {"confirmed": 40}


def test_a_mail_server_that_knows_nobody_ends_nobody(world: World, mail_server: MailServer) -> None:
    """As one whose table of addresses is broken: it says so at once, of each reader, while the issue goes out."""
    mailing, content = Mailing(world, mail_server), Content("x", fields={"subject": "S"})
    mailing.many(30)
    network: Any = networks.get("newsletter")
    mail_server.say("RCPT", *["550 5.1.1 User unknown in virtual mailbox table"] * 20)
    network.publish(mailing.account(), content, network.new_keys(NOW, content), Notebook())
    assert sorted(mailing.copies().values()) == ["refused"] * 20 + ["sent"] * 10
    assert states() == {"confirmed": 30}
    assert Doubt.objects.get().status == "5.1.1"


@pytest.mark.django_db(transaction=True)
def test_reports_and_a_decision_at_once(world: World, harvest: MailingList) -> None:
    """Whoever comes first: all told of are off or all stay, and nobody waits for ever."""
    with meeting() as two:
        for number in range(5):
            copies = [
                copy_for(reader(harvest, f"{number}-{each}@example.org"), number=100 + number) for each in range(12)
            ]
            raws = [bounce(copy) for copy in copies]
            for raw in raws[:8]:
                take(raw=raw)
            two.together(partial(take, raw=raws[8]), partial(take, raw=raws[9]))
            doubt = Doubt.objects.get(issue=copies[0].issue_id)
            assert set(Reader.objects.filter(copies__issue=doubt.issue_id).values_list("state", flat=True)) == {
                ReaderState.CONFIRMED
            }
            two.together(partial(take, raw=raws[10]), partial(doubts.decide, user=world.marta, doubt=doubt, ends=True))
            back = Reader.objects.filter(pk__in=[copy.reader_id for copy in copies[:11]])
            assert set(back.values_list("state", flat=True)) == {ReaderState.BOUNCED}
