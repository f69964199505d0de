"""What a mail server's answers mean for an issue, by the table in ``social.networks.newsletter.wire``; on a real server."""

import datetime as dt
from contextlib import suppress
from typing import Any

import pytest
from django.utils import timezone, translation

from clients.models import Client
from newsletter.models import Copy, MailingList, Reader
from social import networks
from social.credentials import seal
from social.networks.base import (
    CannotTell,
    Content,
    CredentialsRefused,
    NetworkError,
    NotReady,
    NotSent,
    Numbers,
    Published,
    Refused,
    Stopped,
    Throttled,
    Unknown,
)
from social.networks.newsletter import publishing, wire
from tests.newsletter.mailing import Mailing
from tests.servers.smtp import MailServer, _mail_server, mail_server
from tests.social.networks.case import said_by
from tests.social.networks.conftest import NOW
from tests.social.notebook import Killed, Notebook
from tests.world import World

__all__ = ["_mail_server", "mail_server"]
pytestmark = pytest.mark.django_db
network = networks.get("newsletter")
POST = Content("Sabato si vendemmia.", link="https://cantina.example/visite", fields={"subject": "Vendemmia"})
THREE = ("anna@example.org", "bea@example.org", "carla@example.org")


@pytest.fixture
def mailing(world: World, mail_server: MailServer) -> Mailing:
    return Mailing(world, mail_server)


class One:
    """One publication of the winery's newsletter, over all its tries."""

    def __init__(self, mailing: Mailing) -> None:
        self.mailing, self.keys, self.notebook = mailing, network.new_keys(NOW, POST), Notebook()

    def publish(self) -> Published:
        return network.publish(self.mailing.account(), POST, self.keys, self.notebook)

    def find(self) -> Published | None:
        return network.find(self.mailing.account(), POST, self.keys, self.notebook)

    def fails(self, kind: type[NetworkError], code: str) -> NetworkError:
        with pytest.raises(NetworkError) as error:
            self.publish()
        assert (type(error.value), error.value.code) == (kind, code), repr(error.value)
        assert self.mailing.server.password not in said_by(error.value)
        return error.value


def test_each_reader_gets_one_and_the_tally_says_so(mailing: Mailing) -> None:
    mailing.readers(*THREE, "bounce@example.org")
    live = One(mailing).publish()
    assert mailing.got() == dict.fromkeys(THREE, 1)
    with translation.override("en"):
        assert str(live.detail) == "3 sent, 1 refused"
    assert network.numbers(mailing.account(), live) == Numbers(reach=3)
    assert network.read_back(mailing.account(), live) == live


def test_who_does_not_exist_gets_nothing_any_more(mailing: Mailing) -> None:
    mailing.readers("anna@example.org", "bounce@example.org")
    One(mailing).publish()
    gone = Reader.objects.get(email="bounce@example.org")
    assert (gone.state, gone.ended_why) == ("bounced", "550 5.1.1 User unknown")
    assert mailing.copies() == {"anna@example.org": "sent", "bounce@example.org": "refused"}


def test_who_is_full_for_now_is_tried_again_and_refused_at_last(mailing: Mailing) -> None:
    mailing.readers("anna@example.org", "later@example.org")
    one = One(mailing)
    for tries in (1, 2, 3):
        waits = one.fails(NotReady, "tried_again")
        assert isinstance(waits, NotReady)
        copy = Copy.objects.get(reader__email="later@example.org")
        assert (copy.state, copy.tries, waits.retry_at) == ("waiting", tries, copy.after)
        one.fails(NotReady, "tried_again")  # not before its time
        assert Copy.objects.get(pk=copy.pk).tries == tries
        Copy.objects.filter(pk=copy.pk).update(after=timezone.now())
    one.publish()
    assert mailing.copies() == {"anna@example.org": "sent", "later@example.org": "refused"}
    assert mailing.got() == {"anna@example.org": 1}
    assert Reader.objects.get(email="later@example.org").state == "confirmed"


def test_an_answer_that_never_came_is_uncertain_and_the_others_get_theirs(mailing: Mailing) -> None:
    mailing.readers(*THREE)
    mailing.server.drops = 1
    one = One(mailing)
    live = one.publish()
    assert mailing.copies() == {"anna@example.org": "uncertain", "bea@example.org": "sent", "carla@example.org": "sent"}
    assert mailing.got() == dict.fromkeys(THREE, 1)
    for _ in range(2):
        assert one.publish() == one.find() == live
    assert mailing.got() == dict.fromkeys(THREE, 1)


def test_an_answer_that_is_no_smtp_is_uncertain(mailing: Mailing) -> None:
    mailing.readers(*THREE)
    mailing.server.say("DATA", "HTTP/1.1 400 Bad Request")
    One(mailing).publish()
    assert mailing.copies()["anna@example.org"] == "uncertain"
    assert mailing.got() == dict.fromkeys(THREE[1:], 1)


def test_where_no_copy_is_sure_a_person_is_asked(mailing: Mailing) -> None:
    mailing.readers("anna@example.org")
    mailing.server.drops = 1
    one = One(mailing)
    one.fails(Unknown, "all_uncertain")
    with pytest.raises(CannotTell):
        one.find()
    one.fails(Unknown, "all_uncertain")
    assert mailing.got() == {"anna@example.org": 1}


@pytest.mark.parametrize(
    ("word", "said", "kind", "code"),
    [
        ("AUTH", "535 5.7.8 Authentication credentials invalid", CredentialsRefused, "credentials_refused"),
        ("AUTH", "454 4.7.0 Temporary authentication failure", Throttled, "throttled"),
        ("MAIL", "421 4.3.2 Shutting down", Throttled, "throttled"),
        ("MAIL", "451 4.3.0 Too much of it", Throttled, "throttled"),
        ("MAIL", "530 5.7.0 Authentication required", CredentialsRefused, "credentials_refused"),
        ("MAIL", "553 5.7.1 Sender rejected", Refused, "sender_refused"),
        ("RCPT", "421 4.7.0 Too many", Throttled, "throttled"),
        ("MAIL", "nonsense", NotSent, "answer_not_readable"),
    ],
)
def test_what_is_said_of_us_leaves_everybody_waiting(
    mailing: Mailing, word: str, said: str, kind: type[NetworkError], code: str
) -> None:
    mailing.readers(*THREE)
    mailing.server.say(word, said)
    one = One(mailing)
    one.fails(kind, code)
    assert set(mailing.copies().values()) == {"waiting"}
    assert one.find() is None
    one.publish()
    assert mailing.got() == dict.fromkeys(THREE, 1)


@pytest.mark.parametrize("word", ["AUTH", "MAIL", "RCPT"])
def test_a_connection_that_breaks_before_the_mail_leaves_everybody_waiting(mailing: Mailing, word: str) -> None:
    mailing.readers(*THREE)
    mailing.server.cut(word)
    one = One(mailing)
    one.fails(NotSent, "no_answer")
    assert set(mailing.copies().values()) == {"waiting"}
    one.publish()
    assert mailing.got() == dict.fromkeys(THREE, 1)


def test_a_connection_that_breaks_over_the_mail_is_uncertain_and_sends_nobody_two(mailing: Mailing) -> None:
    mailing.readers(*THREE)
    mailing.server.cut("DATA")
    One(mailing).publish()
    assert mailing.copies()["anna@example.org"] == "uncertain"
    assert mailing.got() == dict.fromkeys(THREE[1:], 1)


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [("554 5.7.1 Not from you", Refused, "refused"), ("451 4.7.1 Rate limited", Throttled, "throttled")],
)
def test_a_no_to_five_in_a_row_is_about_us(mailing: Mailing, said: str, kind: type[NetworkError], code: str) -> None:
    mailing.many(20)
    mailing.server.say("RCPT", *[said] * 5)
    one = One(mailing)
    one.fails(kind, code)
    assert set(mailing.copies().values()) == {"waiting"}
    one.publish()
    assert sorted(mailing.got().values()) == [1] * 20


def test_a_no_to_four_in_a_row_is_about_them(mailing: Mailing) -> None:
    mailing.many(20)
    mailing.server.say("RCPT", *["554 5.7.1 Not to this one"] * 4)
    One(mailing).publish()
    assert sorted(mailing.copies().values()) == ["refused"] * 4 + ["sent"] * 16


def test_a_mail_that_is_refused_after_all_is_one_copy(mailing: Mailing) -> None:
    mailing.readers(*THREE)
    mailing.server.say("DATA", "554 5.6.0 Not this one", "", "")
    One(mailing).publish()
    assert mailing.copies()["anna@example.org"] == "refused"
    assert mailing.got() == dict.fromkeys(THREE[1:], 1)


def test_nobody_to_send_to_and_no_imprint(mailing: Mailing) -> None:
    One(mailing).fails(Refused, "no_readers")
    MailingList.objects.update(imprint=" ")
    One(mailing).fails(Refused, "no_imprint")


def test_a_refusal_of_everybody_is_no_publication(mailing: Mailing) -> None:
    mailing.readers("bounce@example.org")
    one = One(mailing)
    one.fails(Refused, "nobody_got_it")
    assert one.find() is None


def test_who_signs_off_in_the_middle_gets_nothing(mailing: Mailing) -> None:
    mailing.readers(*THREE)
    one = One(mailing)
    mailing.server.say("MAIL", "421 4.3.2 Shutting down")
    one.fails(Throttled, "throttled")
    Reader.objects.filter(email=THREE[1]).update(state="unsubscribed")
    live = one.publish()
    assert mailing.got() == {THREE[0]: 1, THREE[2]: 1}
    assert mailing.copies()[THREE[1]] == "skipped"
    with translation.override("en"):
        assert str(live.detail) == "2 sent, 1 signed off before"


def test_who_signs_up_after_it_was_laid_out_waits_for_the_next(mailing: Mailing) -> None:
    mailing.readers(THREE[0])
    one = One(mailing)
    mailing.server.say("MAIL", "421 4.3.2 Shutting down")
    one.fails(Throttled, "throttled")
    mailing.readers(THREE[1])
    one.publish()
    assert mailing.got() == {THREE[0]: 1}


def test_everything_stopped_means_no_further_copy(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    mailing.many(10)
    monkeypatch.setattr(publishing, "WORD_SECONDS", 0.0)
    one = One(mailing)
    winery = Client.objects.filter(pk=mailing.channel.client_id)

    class Stops(Notebook):
        """By the time of its next word, somebody has stopped everything."""

        def sending(self, step: str = "publish") -> None:
            super().sending(step)
            if len(mailing.server.mails) == 3:
                winery.update(frozen_at=timezone.now())

    one.notebook = Stops()
    one.fails(Stopped, "stopped")
    assert len(mailing.server.mails) == 3
    one.fails(Stopped, "stopped")
    winery.update(frozen_at=None)
    one.notebook = Notebook()
    one.publish()
    assert sorted(mailing.got().values()) == [1] * 10


def test_so_many_an_hour(mailing: Mailing) -> None:
    mailing.many(5)
    mailing.channel.credentials = seal(mailing.credentials(most_an_hour="2"))
    one = One(mailing)
    for sent in (2, 4):
        waits = one.fails(NotReady, "hour_used_up")
        assert isinstance(waits, NotReady)
        assert dt.timedelta(minutes=59) < waits.retry_at - timezone.now() <= dt.timedelta(hours=1)
        assert len(mailing.server.mails) == sent
        Copy.objects.exclude(begun_at=None).update(begun_at=timezone.now() - dt.timedelta(minutes=61))
    one.publish()
    assert sorted(mailing.got().values()) == [1] * 5


def test_a_long_list_lets_others_go_first(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "ROUND_SECONDS", 0.05)
    mailing.many(40)
    mailing.server.slow = 0.005
    one, rounds = One(mailing), 0
    while sorted(mailing.got().values()) != [1] * 40:
        rounds += 1
        with suppress(NotReady):
            one.publish()
    assert 2 < rounds < 40


def test_two_hundred_in_a_few_seconds_over_two_connections(mailing: Mailing) -> None:
    mailing.many(200)
    began = dt.datetime.now(dt.UTC)
    One(mailing).publish()
    assert dt.datetime.now(dt.UTC) - began < dt.timedelta(seconds=20)
    assert sorted(mailing.got().values()) == [1] * 200
    assert (mailing.server.sign_ins, mailing.server.connections) == (2, 2)


@pytest.mark.parametrize("at", range(1, 10))
def test_killed_over_a_copy_it_is_uncertain_and_nobody_gets_two(mailing: Mailing, at: int, monkeypatch: Any) -> None:
    mailing.readers(*THREE)
    one, heard = One(mailing), 0
    real: Any = wire.MailServer

    class Dies(wire.MailServer):
        """The worker is killed before or after its so-manieth word."""

        def offer(self, *args: Any) -> wire.Answer:
            self._count()
            return super().offer(*args)

        def send(self, *args: Any) -> wire.Answer:
            self._count()
            answer = super().send(*args)
            self._count()
            return answer

        def _count(self) -> None:
            nonlocal heard
            heard += 1
            if heard == at:
                raise Killed

    monkeypatch.setattr(wire, "MailServer", Dies)
    with pytest.raises(Killed):
        one.publish()
    monkeypatch.setattr(wire, "MailServer", real)
    assert (one.find() is None) == (at < 7)
    one.publish()
    states = list(mailing.copies().values())
    assert sorted(states) == ["sent", "sent", "uncertain"]
    assert max(mailing.got().values()) == 1
    assert len(mailing.got()) == (2 if at % 3 else 3)
