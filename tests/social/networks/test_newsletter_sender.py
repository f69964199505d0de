"""What a mail server says of who sends, and of its limits, is believed of no address; on a real server."""

import dataclasses

import pytest
from django.utils import timezone, translation

from newsletter.models import Copy, Reader
from social.networks.base import NetworkError, NotReady, Refused, Throttled
from social.networks.newsletter import publishing
from tests.newsletter.mailing import Mailing
from tests.servers.smtp import MOST_BYTES, _mail_server, mail_server
from tests.social.networks.conftest import item_of
from tests.social.networks.test_newsletter_bad_days import POST, One, mailing, network
from tests.social.notebook import Killed, Notebook

__all__ = ["_mail_server", "mail_server", "mailing"]
pytestmark = pytest.mark.django_db

BLOCKED = "550 5.1.8 Access denied, bad outbound sender AS(42004)"
OF_SENDER = [
    (BLOCKED, Refused, "sender_refused"),
    ("550 5.1.7 Bad sender's mailbox address syntax", Refused, "sender_refused"),
    ("554 5.2.252 SendAsDenied; filo@example.com not allowed to send as notizie@example.com", Refused, "sender_refused"),
    ("550 5.7.1 <notizie@example.com>: Sender address rejected: not owned by user filo", Refused, "sender_refused"),
    ("554 5.7.1 <anna@example.org>: Relay access denied", Refused, "sender_refused"),
    ("450 4.1.8 <notizie@example.com>: Sender address rejected: Domain not found", Throttled, "throttled"),
    ("550 5.1.90 Your message can't be sent because you've reached your daily limit", Throttled, "throttled"),
    ("550 5.2.251 Sender throttled due to continuous invalid recipients errors", Throttled, "throttled"),
    ("450 4.2.1 Peak SMTP relay limit exceeded for customer", Throttled, "throttled"),
    ("552 5.3.4 Message too big for system", Refused, "too_large"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "said", "kind", "code"),
    [*(("RCPT", *one) for one in OF_SENDER), ("MAIL", *OF_SENDER[0]), ("DATA", *OF_SENDER[0]), ("DATA", *OF_SENDER[6])],
)
def test_what_is_said_of_the_sender_is_said_of_nobody_else(
    mailing: Mailing, word: str, said: str, kind: type[NetworkError], code: str
) -> None:
    mailing.many(8)
    mailing.server.say(word, "", "", *[said] * 20)
    one = One(mailing)
    one.fails(kind, code)
    assert sorted(mailing.copies().values()) == ["sent"] * 2 + ["waiting"] * 6
    assert one.find() is None
    one.fails(kind, code)
    assert sorted(mailing.copies().values()) == ["sent"] * 2 + ["waiting"] * 6
    mailing.server.say(word)
    with translation.override("en"):
        assert str(one.publish().detail) == "8 sent"
    assert sorted(mailing.got().values()) == [1] * 8
    assert set(Reader.objects.values_list("state", flat=True)) == {"confirmed"}


def test_who_has_used_up_the_day_is_asked_again_after_an_hour(mailing: Mailing) -> None:
    mailing.many(3)
    mailing.server.say("RCPT", "550 5.4.5 Daily user sending limit exceeded")
    limited = One(mailing).fails(Throttled, "throttled")
    assert isinstance(limited, Throttled)
    assert limited.retry_at is not None
    assert 3500 < (limited.retry_at - timezone.now()).total_seconds() <= 3600


def test_a_word_of_the_sender_takes_back_what_was_in_doubt(mailing: Mailing) -> None:
    mailing.many(8)
    mailing.server.say("RCPT", "550 Rejected", "550 Rejected", BLOCKED)
    one = One(mailing)
    one.fails(Refused, "sender_refused")
    assert set(mailing.copies().values()) == {"waiting"}
    one.publish()
    assert sorted(mailing.got().values()) == [1] * 8


@pytest.mark.parametrize("said", ["550 Rejected", "550 5.0.0 Mail rejected", "554 5.7.1 Not today", "550 5.4.1 No"])
def test_a_no_without_words_to_all_of_a_short_list_refuses_nobody(mailing: Mailing, said: str) -> None:
    mailing.many(3)
    mailing.server.say("RCPT", *[said] * 3)
    one = One(mailing)
    one.fails(Refused, "refused")
    assert set(mailing.copies().values()) == {"waiting"}
    one.publish()
    assert sorted(mailing.got().values()) == [1] * 3


def test_a_no_to_three_of_four_is_not_about_them(mailing: Mailing) -> None:
    """Never five in a row, and still a wall: most of a list may not be called refused beside an issue that is out."""
    mailing.many(200)
    mailing.server.say("RCPT", *(["550 Rejected"] * 3 + [""]) * 50)
    one = One(mailing)
    one.fails(Refused, "refused")
    states = sorted(mailing.copies().values())
    assert states == ["refused"] * 9 + ["sent"] * 3 + ["waiting"] * 188
    mailing.server.say("RCPT")
    one.publish()
    assert sorted(mailing.copies().values()) == ["refused"] * 9 + ["sent"] * 191


def test_a_few_among_many_that_are_taken_are_refused_for_themselves(mailing: Mailing) -> None:
    mailing.many(220)
    mailing.server.say("RCPT", *([""] * 10 + ["554 5.7.1 Not to this one"]) * 20)
    One(mailing).publish()
    assert sorted(mailing.copies().values()) == ["refused"] * 20 + ["sent"] * 200


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("DATA", "452 4.4.5 Maximum number of messages per session exceeded."),
        ("DATA", "451 Mails per session limit"),
        ("RCPT", "452 4.5.3 Too many recipients in this session"),
        ("MAIL", "421 4.7.0 Enough of this connection"),
        ("MAIL", "451 4.3.0 Again, by another connection"),
    ],
)
def test_so_many_mails_a_connection(mailing: Mailing, word: str, says: str) -> None:
    mailing.many(30)
    mailing.server.carry(10, word, says)
    with translation.override("en"):
        assert str(One(mailing).publish().detail) == "30 sent"
    assert sorted(mailing.got().values()) == [1] * 30
    assert mailing.server.connections == 3


def test_where_a_new_connection_does_not_help_none_is_made_for_the_next(mailing: Mailing) -> None:
    mailing.readers("anna@example.org", *[f"later{each}@example.org" for each in range(4)], "bea@example.org")
    One(mailing).fails(NotReady, "tried_again")
    assert mailing.got() == {"anna@example.org": 1, "bea@example.org": 1}
    assert mailing.server.connections == 2
    assert Copy.objects.filter(state="waiting", tries=1).count() == 4


def test_a_limit_that_a_new_connection_has_too_waits(mailing: Mailing) -> None:
    mailing.many(8)
    mailing.server.say("DATA", "", "", *["452 4.4.5 Maximum number of messages per hour exceeded"] * 9)
    one = One(mailing)
    one.fails(Throttled, "throttled")
    assert (mailing.server.connections, len(mailing.server.mails)) == (2, 2)
    assert sorted(mailing.copies().values()) == ["sent"] * 2 + ["waiting"] * 6


def test_a_mail_larger_than_the_server_takes_is_not_offered(mailing: Mailing) -> None:
    mailing.many(3)
    heavy = dataclasses.replace(POST, media=(item_of(b"\xff\xd8" + b"x" * MOST_BYTES, "image/jpeg", (40, 30)),))
    keys = network.new_keys(timezone.now(), heavy)
    with pytest.raises(Refused) as refused, translation.override("en"):
        network.publish(mailing.account(), heavy, keys, Notebook())
    assert refused.value.code == "too_large"
    with translation.override("en"):
        assert "the mail server takes at most 200 kB" in str(refused.value)
    assert set(mailing.copies().values()) == {"waiting"}
    assert mailing.server.mails == []


def test_a_kill_over_the_new_connection_sends_nobody_two(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    mailing.many(6)
    mailing.server.carry(2, "DATA", "451 Mails per session limit")
    one = One(mailing)
    real = publishing._offered

    def dies(server: object, *given: object) -> object:
        if mailing.server.connections == 2:
            raise Killed
        return real(server, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "_offered", dies)
    with pytest.raises(Killed):
        one.publish()
    monkeypatch.setattr(publishing, "_offered", real)
    one.publish()
    assert sorted(mailing.copies().values()) == ["sent"] * 5 + ["uncertain"]
    assert sorted(mailing.got().values()) == [1] * 5
