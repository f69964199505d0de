"""Copies that come back, complaints, and all the rest that arrives at such an address."""

import mailbox
import sys
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import Conflict
from audit.models import Event
from newsletter.models import Copy, CopyState, MailingList, Reader, ReaderState
from newsletter.reports import Said, read, status_of
from newsletter.services.bounces import Became, message_id, return_path, take
from newsletter.services.post_room import Room
from newsletter.services.readers import erase, sign_off
from tests.newsletter.reading import copy_for, reader
from tests.newsletter.reports import DOMAIN, EXIM, HOLIDAY, QMAIL, bounce, complaint, old_style
from tests.world import World


@pytest.fixture
def rosa(harvest: MailingList) -> Reader:
    return reader(harvest)


def became(raw: bytes) -> str:
    return take(raw=raw).became.value


def state_of(found: Reader) -> str:
    found.refresh_from_db()
    return found.state


def test_no_such_address_is_the_end_at_once(rosa: Reader) -> None:
    copy = copy_for(rosa)
    assert take(raw=bounce(copy)).reader == rosa.pk
    assert state_of(rosa) == ReaderState.BOUNCED
    assert rosa.ended_why == "5.1.1 smtp; 550 5.1.1 <rosa@example.org>: no such user"
    copy.refresh_from_db()
    assert copy.state == CopyState.BOUNCED
    assert became(bounce(copy)) == "known"
    (event,) = Event.objects.filter(verb="reader.bounced")
    assert (event.subject_id, "rosa" in str(event.data)) == (rosa.pk, False)


@pytest.mark.parametrize("letter", [EXIM, QMAIL], ids=["exim", "qmail"])
@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("550 5.1.1 <rosa@example.org>: no such user", "bounced"),
        ("552 5.2.2 mailbox is full", "counted"),
        ("host mx.example.org [5.1.1.20]: 550 go away", "counted"),  # an address of a machine is no status
        ("retry time not reached for any host", "counted"),
        ("550 No such user here", "bounced"),  # plain words do without a status
        ("550 5.1.8 sender address rejected: user unknown", "of_sender"),
        ("550 5.1.1 no such user; 550 5.7.1 not from you", "counted"),  # the mildest word counts
    ],
)
def test_reports_of_the_old_kind(rosa: Reader, letter: str, words: str, what: str) -> None:
    copy = copy_for(rosa)
    raw = old_style(letter, copy, words)
    assert became(raw) == what
    copy.refresh_from_db()
    assert (copy.state, words in copy.detail) == (CopyState.BOUNCED, True)
    assert state_of(rosa) == (ReaderState.BOUNCED if what == "bounced" else ReaderState.CONFIRMED)
    assert became(raw) == "known"


@pytest.mark.parametrize("letter", [EXIM, QMAIL], ids=["exim", "qmail"])
def test_what_they_return_of_ours_is_enough_to_know_the_copy(rosa: Reader, letter: str) -> None:
    copy, to = copy_for(rosa), "mailer@filo.example"
    assert became(old_style(letter, copy, "550 5.1.1", to=to, message_id="<x@example.org>")) == "ignored"
    assert became(old_style(letter, copy, "550 5.1.1 no such user", to=to)) == "bounced"


@pytest.mark.parametrize("words", ["Torno lunedì.", "Undelivered: 550 5.1.1 no such user", "Your mail is delayed."])
def test_a_note_without_form_says_nothing_though_it_comes_to_our_address(rosa: Reader, words: str) -> None:
    assert became(old_style(HOLIDAY, copy_for(rosa), words)) == "ignored"
    assert state_of(rosa) == ReaderState.CONFIRMED


@pytest.mark.parametrize("said", [
    {"to": "mailer@filo.example"},  # the server rewrote the address: the returned mail's own number is enough
    {"message_id": "<other@example.org>"},  # it returned nothing of ours: the address it came to is enough
    {"returned": "message/rfc822"},
], ids=["message id", "return path", "whole mail"])  # fmt: skip
def test_either_way_of_knowing_the_copy_is_enough(rosa: Reader, said: dict[str, str]) -> None:
    assert became(bounce(copy_for(rosa), **said)) == "bounced"
    assert state_of(rosa) == ReaderState.BOUNCED


def test_some_servers_change_the_case_of_addresses(rosa: Reader) -> None:
    copy = copy_for(rosa)
    shouted = return_path(copy.pk, DOMAIN).upper()
    assert became(bounce(copy, to=f'"Bounces" <{shouted}>', message_id="")) == "bounced"


def test_the_return_path_fits_into_any_mail() -> None:
    local, _at, domain = return_path(2**63 - 1, DOMAIN).partition("@")
    assert (len(local) <= 64, domain) == (True, DOMAIN)
    assert len(message_id(2**63 - 1, DOMAIN)) < 200


def test_a_stranger_bounces_nobody(rosa: Reader, gazette: MailingList) -> None:
    mine, theirs = copy_for(rosa), copy_for(reader(gazette, "bea@example.org"))
    token = return_path(theirs.pk, DOMAIN).partition("+")[2].partition("@")[0]
    mark = token.partition(".")[2]
    for forged in (f"{mine.pk}.{mark}", f"{mine.pk}.{'a' * 26}", f"{mine.pk}", f"0{token}", "9" * 40 + "." + mark):
        raw = bounce(mine, to=f"bounces+{forged}@{DOMAIN}", message_id=f"<copy.{forged}@{DOMAIN}>")
        assert became(raw) == "ignored"
    assert state_of(rosa) == ReaderState.CONFIRMED


def test_five_in_a_row_are_the_end(rosa: Reader) -> None:
    copies = [copy_for(rosa, number) for number in range(1, 9)]
    assert [became(bounce(copies[number], "4.4.7")) for number in (0, 1, 2, 3)] == ["counted"] * 4
    rosa.refresh_from_db()
    assert rosa.soft_bounces == 4
    assert became(bounce(copies[3], "4.4.7")) == "known"  # told twice is once
    rosa.refresh_from_db()
    assert rosa.soft_bounces == 4
    assert became(bounce(copies[5], "4.4.7")) == "counted"  # the fifth has arrived: from one on anew
    rosa.refresh_from_db()
    assert (rosa.soft_bounces, rosa.state) == (1, ReaderState.CONFIRMED)
    assert became(bounce(copies[4], "4.4.7")) == "bounced"  # a late word on the fifth: five in a row after all
    assert state_of(rosa) == ReaderState.BOUNCED


@pytest.mark.parametrize(
    ("status", "words", "said"),
    [
        ("5.1.1", "no", Said.HARD),
        ("5.1.2", "no", Said.HARD),
        ("5.1.6", "no", Said.HARD),
        ("5.1.10", "no", Said.HARD),
        ("5.2.1", "disabled", Said.HARD),
        ("5.2.1", "receives mail too quickly", Said.SOFT),
        ("5.0.0", "no such user", Said.HARD),  # the number says nothing, the words do
        ("5.0.0", "5.1.1 rejected", Said.HARD),
        ("5.5.0", "user unknown", Said.HARD),
        ("5.0.0", "rejected", Said.SOFT),
        ("5.0.0", "552 quota", Said.SOFT),
        ("5.1.7", "no", Said.OURS),  # the sender's address
        ("5.1.8", "Access denied, bad outbound sender", Said.OURS),
        ("5.1.90", "daily limit", Said.OURS),
        ("5.1.0", "Sender address rejected: User unknown in virtual mailbox table", Said.OURS),
        ("5.1.1", "5.7.1 blocked", Said.SOFT),  # the mildest counts
        ("5.2.0", "no", Said.SOFT),
        ("5.2.2", "no such user", Said.SOFT),  # full
        ("5.2.252", "SendAsDenied", Said.OURS),
        ("5.3.4", "no such user", Said.SOFT),  # too large for them
        ("5.4.1", "Recipient address rejected: Access denied", Said.SOFT),
        ("5.4.4", "Host not found", Said.SOFT),  # whose name was not found?
        ("5.4.6", "loop", Said.SOFT),
        ("5.5.0", "no", Said.SOFT),
        ("5.6.1", "no such user", Said.SOFT),  # they don't take what is in it
        ("5.7.1", "no such user", Said.SOFT),  # they don't take it from us: that says nothing of the address
        ("4.2.2", "no such user", Said.SOFT),
        ("2.0.0", "no such user", Said.NOTHING),
        ("5", "no such user", Said.NOTHING),
        ("", "no such user", Said.NOTHING),
        ("9.9.9", "no such user", Said.NOTHING),
    ],
)
def test_what_a_status_says_of_the_address(rosa: Reader, status: str, words: str, said: Said) -> None:
    assert read(bounce(copy_for(rosa), status, words=words)).said == said


@pytest.mark.parametrize("status", ["5.1.8", "5.0.0", "5.4.1", "5.7.1"])
def test_a_fault_of_ours_that_is_written_to_each_ends_nobody_and_counts_for_nobody(rosa: Reader, status: str) -> None:
    blocked = "Access denied, bad outbound sender"
    copies = [copy_for(rosa, number) for number in range(1, 12)]
    assert [became(bounce(copy, status, words=blocked)) for copy in copies[:6]] == ["of_sender"] * 6
    assert became(bounce(copies[0], status, words=blocked)) == "known"
    assert set(Copy.objects.filter(pk__lte=copies[5].pk).values_list("state", flat=True)) == {CopyState.BOUNCED}
    told = [became(bounce(copy, "4.4.7")) for copy in copies[6:]]
    assert told == ["counted"] * 4 + ["bounced"]  # of her own five
    rosa.refresh_from_db()
    assert rosa.soft_bounces == 5


@pytest.mark.parametrize(("status", "words"), [("5.0.0", "rejected"), ("5.4.1", "Access denied"), ("5.4.4", "no")])
def test_what_says_nothing_plainly_is_not_the_end_at_once(rosa: Reader, status: str, words: str) -> None:
    assert became(bounce(copy_for(rosa), status, words=words)) == "counted"
    assert state_of(rosa) == ReaderState.CONFIRMED


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_what_is_not_given_up_says_nothing(rosa: Reader, action: str) -> None:
    assert became(bounce(copy_for(rosa), "4.4.1", action=action)) == "ignored"


def test_a_complaint_is_the_end(rosa: Reader) -> None:
    copy = copy_for(rosa)
    assert became(complaint(copy, "not-spam")) == "ignored"
    assert became(complaint(copy)) == "complained"
    assert state_of(rosa) == ReaderState.COMPLAINED
    assert became(complaint(copy)) == "known"
    copy.refresh_from_db()
    assert copy.state == CopyState.SENT  # it did arrive


def test_a_complaint_known_by_its_return_path_alone(rosa: Reader) -> None:
    copy = copy_for(rosa)
    raw = complaint(copy, message_id="<redacted@provider.example>", mail_from=return_path(copy.pk, DOMAIN))
    assert became(raw) == "complained"


def test_who_has_left_stays_as_they_left(world: World, rosa: Reader) -> None:
    copy = copy_for(rosa)
    sign_off(reader=rosa)
    assert became(bounce(copy)) == "known"
    assert state_of(rosa) == ReaderState.UNSUBSCRIBED
    erase(user=world.marta, reader=rosa)
    assert became(complaint(copy)) == "ignored"
    assert state_of(rosa) == ReaderState.ERASED


def test_what_a_server_took_before_is_no_answer_of_its_no() -> None:
    assert status_of("250 2.1.5 Ok; then 550 5.1.1 User unknown") == "5.1.1"
    assert status_of("250 2.1.5 Ok") == status_of("") == "5.0.0"


@pytest.mark.parametrize("word", ["refused", "later", "uncertain"])
def test_of_who_is_erased_while_their_copy_is_under_way_no_word_is_kept(world: World, rosa: Reader, word: str) -> None:
    copy, room = copy_for(rosa, state=CopyState.SENDING), Room()
    erase(user=world.marta, reader=rosa)
    more = {"gone": True} if word == "refused" else {}
    getattr(room, word)(copy.pk, "5.1.1 <rosa@example.org>: no such user", **more)
    copy.refresh_from_db()
    assert (copy.state, copy.detail) == ("waiting" if word == "later" else word, "")
    assert state_of(rosa) == ReaderState.ERASED


@pytest.mark.parametrize("raw", [
    b"",
    b"\0\xff" * 1000,
    b"To: bounces+{token}@news.example.org\nAuto-Submitted: auto-replied\nSubject: Sono in ferie\n\nTorno lunedi.",
    b"To: bounces+{token}@news.example.org\nContent-Type: multipart/report; report-type=delivery-status\n\nniente",
    b"To: bounces+{token}@news.example.org\nContent-Type: message/delivery-status\n\nAction: failed",
    b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n" * 10_000,
    b'Content-Type: multipart/mixed; boundary="\xff"\nContent-Type: x\n\n--\xff',
    b'Content-Type: text/plain; charset="no-such"\nTo: =?no-such?b?!!?=\n\n\xff',
    b"Content-Type: message/rfc822\n\n" * 500,
], ids=["empty", "noise", "holiday", "no parts", "bare status", "parts", "boundary", "charset", "nested"])  # fmt: skip
def test_garbage_and_holidays_are_ignored(rosa: Reader, raw: bytes) -> None:
    token = return_path(copy_for(rosa).pk, DOMAIN).partition("+")[2].partition("@")[0]
    assert became(raw.replace(b"{token}", token.encode())) == "ignored"
    assert state_of(rosa) == ReaderState.CONFIRMED


@given(st.binary(max_size=400))
def test_reading_breaks_on_nothing(noise: bytes) -> None:
    assert read(b"Content-Type: multipart/report; boundary=XX\n\n--XX\n" + noise).copy is None


def test_a_report_faster_than_our_own_record_comes_again(rosa: Reader) -> None:
    copy = copy_for(rosa, state=CopyState.WAITING)
    Copy.objects.update(state=CopyState.SENDING)
    with pytest.raises(Conflict):
        take(raw=bounce(copy))
    assert state_of(rosa) == ReaderState.CONFIRMED
    Copy.objects.update(state=CopyState.SENT)
    assert became(bounce(copy)) == "bounced"


def test_one_channel_takes_only_its_own(rosa: Reader, gazette: MailingList) -> None:
    copy = copy_for(rosa)
    assert take(raw=bounce(copy), channel=gazette.channel).became == Became.IGNORED
    assert take(raw=bounce(copy), channel=rosa.mailing_list.channel).became == Became.BOUNCED


def piped(monkeypatch: Any, raw: bytes) -> str:
    """The command with this message in its pipe; what it says."""

    class Pipe:
        buffer = BytesIO(raw)

    out = StringIO()
    monkeypatch.setattr(sys, "stdin", Pipe())
    call_command("take_bounces", stdout=out, stderr=out)
    return out.getvalue()


def test_from_a_pipe(rosa: Reader, monkeypatch: Any) -> None:
    copy = copy_for(rosa, state=CopyState.WAITING)
    assert piped(monkeypatch, b"Subject: Sono in ferie\n\nCiao.") == "ignored\n"
    Copy.objects.update(state=CopyState.SENDING)
    with pytest.raises(SystemExit) as caught:
        piped(monkeypatch, bounce(copy))
    assert caught.value.code == 75  # the mail server keeps it and comes back
    Copy.objects.update(state=CopyState.SENT)
    assert piped(monkeypatch, bounce(copy)) == "bounced\n"


def test_from_a_mailbox_any_number_of_times(harvest: MailingList, tmp_path: Path) -> None:
    raws = [
        bounce(copy_for(reader(harvest, f"r{at}@example.org")), status) for at, status in enumerate(["5.1.1", "4.2.2"])
    ]
    raws.append(b"Subject: Sono in ferie\n\nCiao.")
    mbox, maildir = mailbox.mbox(tmp_path / "mbox"), mailbox.Maildir(tmp_path / "maildir")
    for raw in raws:
        mbox.add(raw)
        maildir.add(raw)
    mbox.close()
    said = []
    for path in ("mbox", "mbox", "maildir"):
        out = StringIO()
        call_command("take_bounces", str(tmp_path / path), stdout=out)
        said.append(out.getvalue().strip())
    assert said == ["1 bounced, 1 counted, 1 ignored", "1 ignored, 2 known", "1 ignored, 2 known"]
    with pytest.raises(CommandError):
        call_command("take_bounces", str(tmp_path / "nowhere"))
