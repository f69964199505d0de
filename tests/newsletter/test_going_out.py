"""An issue goes out by the real engine: its claim, its rounds, a stop, an end of the lease, and what people then see."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone

from clients.services import freeze, unfreeze
from newsletter.models import Copy, Issue, MailingList
from newsletter.services.lists import edit_list
from social.models import Channel, Publication
from social.networks.newsletter import publishing as sending
from social.networks.newsletter import wire
from social.services import asking, publishing, settling
from social.services.publications import retry_publication
from tests.newsletter.mailing import Mailing, due, words_of
from tests.servers.smtp import MailServer, _mail_server, mail_server
from tests.social.notebook import Killed
from tests.world import World

__all__ = ["_mail_server", "mail_server"]
pytestmark = pytest.mark.django_db
THREE = ("anna@example.org", "bea@example.org", "carla@example.org")


@pytest.fixture
def mailing(world: World, mail_server: MailServer) -> Mailing:
    return Mailing(world, mail_server)


def publish(publication: Publication) -> Publication:
    """A worker is handed it."""
    Publication.objects.filter(pk=publication.pk).update(wake_at=timezone.now())
    publishing.publish(publication_id=publication.pk)
    publication.refresh_from_db()
    return publication


def outcomes(publication: Publication) -> list[str]:
    return [attempt.outcome for attempt in publication.attempts.order_by("number")]


def test_published_when_every_copy_is_over_and_says_how_they_stand(mailing: Mailing) -> None:
    mailing.readers(*THREE, "bounce@example.org")
    publication = publish(due(mailing))
    assert (publication.state, publication.detail) == ("published", "3 inviate, 1 rifiutata")
    assert publication.attempts.get().detail == "3 inviate, 1 rifiutata"
    assert publication.permalink == f"http://127.0.0.1:8000/newsletter/issues/{Issue.objects.get().page_key}/"
    assert words_of(mailing.mail(THREE[0])) == "Sabato si vendemmia."


def test_what_waits_is_tried_again_and_published_at_last(mailing: Mailing) -> None:
    mailing.readers(THREE[0])
    mailing.server.say("RCPT", "451 4.7.1 Greylisted")
    publication = publish(due(mailing))
    assert (publication.state, publication.detail) == ("scheduled", "In uscita: 1 in attesa.")
    assert publication.wake_at == Copy.objects.get().after
    Copy.objects.update(after=timezone.now())
    assert publish(publication).state == "published"
    assert (outcomes(publication), mailing.got()) == (["waiting", "published"], {THREE[0]: 1})


def test_a_worker_that_died_over_a_copy_leaves_the_others_to_the_next(mailing: Mailing, monkeypatch: Any) -> None:
    mailing.readers(*THREE)
    publication = due(mailing)
    took = wire.MailServer.send

    def dies(self: wire.MailServer, mail: bytes) -> wire.Answer:
        answer = took(self, mail)
        if len(mailing.server.mails) == 2:
            raise Killed
        return answer

    monkeypatch.setattr(wire.MailServer, "send", dies)
    with pytest.raises(Killed):
        publish(publication)
    monkeypatch.setattr(wire.MailServer, "send", took)
    Publication.objects.filter(pk=publication.pk).update(wake_at=timezone.now())
    settling.end_lease(publication_id=publication.pk)
    publication.refresh_from_db()
    assert publication.state == "unknown"
    asking.ask(publication_id=publication.pk)
    publication.refresh_from_db()
    assert publication.state == "scheduled"
    assert publish(publication).detail == "2 inviate, 1 incerta"
    assert mailing.got() == dict.fromkeys(THREE, 1)


def test_a_long_list_goes_on_after_its_window_has_closed(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    mailing.many(5)
    publication = due(mailing)
    monkeypatch.setattr(sending, "ROUND_SECONDS", 0.0)
    assert publish(publication).detail.startswith("In uscita: 5")
    monkeypatch.setattr(sending, "ROUND_SECONDS", 60.0)
    mailing.server.say("RCPT", "", "", *["421 4.3.2 Not now"] * 2)  # by a new connection, too
    assert publish(publication).state == "scheduled"
    days = timezone.now() - dt.timedelta(days=3)
    Publication.objects.filter(pk=publication.pk).update(due_at=days)
    assert publish(publication).state == "published"
    assert outcomes(publication) == ["waiting", "throttled", "published"]
    assert sorted(mailing.got().values()) == [1] * 5


def test_what_has_not_begun_misses_its_time(mailing: Mailing) -> None:
    mailing.readers(*THREE)
    publication = due(mailing)
    Publication.objects.filter(pk=publication.pk).update(due_at=timezone.now() - dt.timedelta(days=3))
    assert publish(publication).state == "late"
    assert mailing.got() == {}


def test_stopped_in_the_middle_it_asks_a_person_whether_to_go_on(mailing: Mailing, monkeypatch: Any) -> None:
    mailing.readers(*THREE)
    world, publication = mailing.world, due(mailing)
    took = wire.MailServer.send

    def stop_after_one(self: wire.MailServer, mail: bytes) -> wire.Answer:
        answer = took(self, mail)
        freeze(user=world.marta, client=world.winery, reason="Grandine")
        return answer

    monkeypatch.setattr(wire.MailServer, "send", stop_after_one)
    assert publish(publication).state == "scheduled"
    assert mailing.got() == {THREE[0]: 1}
    monkeypatch.setattr(wire.MailServer, "send", took)
    assert publish(publication).state == "scheduled"
    unfreeze(user=world.marta, client=world.winery)
    assert publish(publication).state == "late"
    retry_publication(user=world.marta, publication=publication)
    assert publish(publication).state == "published"
    assert mailing.got() == dict.fromkeys(THREE, 1)


def test_a_channel_that_broke_in_the_middle_waits_for_its_connection(mailing: Mailing) -> None:
    mailing.readers(*THREE)
    publication = due(mailing)
    mailing.server.say("MAIL", "", "530 5.7.0 Authentication required")
    assert publish(publication).state == "scheduled"
    assert Channel.objects.get(pk=mailing.channel.pk).status == "broken"
    assert publish(publication).detail == "Notizie dalla cantina ha bisogno di un nuovo collegamento."
    Channel.objects.filter(pk=mailing.channel.pk).update(status="connected")
    assert publish(publication).state == "published"
    assert mailing.got() == dict.fromkeys(THREE, 1)


def test_a_sender_who_is_blocked_in_the_middle_is_no_publication_and_goes_on_when_sent_again(mailing: Mailing) -> None:
    mailing.many(8)
    publication = due(mailing)
    mailing.server.say("RCPT", "", "", *["550 5.1.8 Access denied, bad outbound sender"] * 6)
    assert publish(publication).state == "failed"
    assert publication.detail == (
        "Una parte è già online. Il server di posta non accetta invii da questo mittente. Le copie non ancora partite restano in attesa: "
        "quando il problema è risolto lì, riprova l’invio. Finora: 2 inviate, 6 in attesa. "
        "(550 5.1.8 Access denied, bad outbound sender)"
    )
    assert sorted(mailing.copies().values()) == ["sent"] * 2 + ["waiting"] * 6
    mailing.server.say("RCPT")
    retry_publication(user=mailing.world.marta, publication=publication)
    assert publish(publication).detail == "8 inviate"
    assert sorted(mailing.got().values()) == [1] * 8
    assert outcomes(publication) == ["refused", "published"]


def test_no_imprint_is_a_refusal_that_can_be_mended(mailing: Mailing) -> None:
    mailing.readers(*THREE)
    world = mailing.world
    MailingList.objects.update(imprint="")
    publication = publish(due(mailing))
    assert publication.state == "failed"
    assert publication.detail.startswith("La lista non ha ancora i dati del mittente")
    edit_list(user=world.marta, mailing_list=mailing.mailing_list, imprint="Cantina Roero")
    retry_publication(user=world.marta, publication=publication)
    assert publish(publication).state == "published"


def test_the_page_is_there_when_it_is_out_and_holds_nothing_of_one_reader(mailing: Mailing, client: Browser) -> None:
    mailing.readers(*THREE)
    publication = due(mailing)
    mailing.server.say("MAIL", "451 4.3.0 Not now")
    publish(publication)
    page = f"/newsletter/issues/{Issue.objects.get().page_key}/"
    assert client.get(page).status_code == 404
    publish(publication)
    answer = client.get(page)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Sabato si vendemmia." in text
    assert "unsubscribe" not in text
    assert "/newsletter/off/" not in text
    assert "script" not in answer["Content-Security-Policy"]
    assert client.get("/newsletter/issues/0123456789abcdef/").status_code == 404
    assert client.post(page).status_code == 405


def test_a_rehearsal_reaches_no_readers(mailing: Mailing) -> None:
    mailing.readers(*THREE, "dora@example.org")
    with pytest.raises(CommandError, match="Nothing was posted"):
        call_command("rehearse", str(mailing.channel.pk), "--yes", "--field", "subject=Prova", stdout=io.StringIO())
    assert (mailing.got(), Issue.objects.count()) == ({}, 0)


def test_a_rehearsal_on_a_list_of_one_s_own(mailing: Mailing) -> None:
    mailing.readers(THREE[0])
    said = io.StringIO()
    with pytest.raises(CommandError, match="Differs: something was left behind"):  # a mail can't be called back
        call_command("rehearse", str(mailing.channel.pk), "--yes", "--field", "subject=Prova", stdout=said)
    assert mailing.got() == {THREE[0]: 1}
    assert (
        f"Left behind, delete it by hand: http://127.0.0.1:8000/newsletter/issues/{Issue.objects.get().page_key}/"
        in said.getvalue()
    )
