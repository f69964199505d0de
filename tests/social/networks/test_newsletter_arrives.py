"""What preflight takes of a newsletter, a real mail server takes, and it arrives as it was written: taken apart by Python's parser."""

import dataclasses
import hashlib
import html
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32

import pytest
from django.utils import translation

from newsletter.models import MailingList, Reader
from social.credentials import seal
from social.networks import newsletter
from social.networks.base import Content, Refused
from tests.newsletter.mailing import Mailing, words_of
from tests.newsletter.test_mails import Links, part
from tests.servers.smtp import MOST_BYTES, Mail, _mail_server, mail_server, mail_server_running
from tests.social.networks.conftest import NOW, item_of, picture
from tests.social.networks.test_newsletter_bad_days import mailing, network
from tests.social.notebook import Notebook

__all__ = ["_mail_server", "mail_server", "mailing"]
pytestmark = pytest.mark.django_db
FAMILY = "👩‍👩‍👧‍👦"
ACCENTS = "e\N{COMBINING ACUTE ACCENT}"
SUBJECTS = {
    "one word": "a" * 200,
    "families": FAMILY * (200 // len(FAMILY)),
    "accents": f"{ACCENTS} " * 66 + "ne",
    "flags and Persian": "\N{WAVING BLACK FLAG}\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f می\u200cخواهم",
    "right to left": "שלום, 2026. " * 16,
    "looks encoded": "=?utf-8?q?Vendemmia?= =?x?= \"'<>()[]:;@\\,",
    "looks like headers": "Bcc: x@evil.example; Subject: y",
    "one too long for a line": "Straßenfest im Weingut, " + "ü" * 176,
}


def sent(mailing: Mailing, content: Content) -> Mail:
    """The mail that Anna got, of which each line is one of SMTP's (RFC 5321 §4.5.3.1.6)."""
    checked = network.preflight(content)
    assert checked.ok, checked.problems
    network.publish(mailing.account(), content, network.new_keys(NOW, content), Notebook())
    mail = mailing.mail("anna@example.org")
    assert max(map(len, mail.raw.split(b"\r\n"))) <= 998
    assert b"\n" not in mail.raw.replace(b"\r\n", b"")
    assert mail.raw.isascii()
    assert not [one.defects for one in mail.message.walk() if one.defects]
    return mail


@pytest.fixture(autouse=True)
def _anna(mailing: Mailing) -> None:
    mailing.readers("anna@example.org")


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_a_subject_at_the_limit_arrives_whole(mailing: Mailing, subject: str) -> None:
    assert len(subject) <= newsletter.MAX_SUBJECT
    assert sent(mailing, Content("x", fields={"subject": subject})).message["Subject"] == subject.strip()


def test_one_character_more_is_refused_and_said(mailing: Mailing) -> None:
    for name, most in (("subject", 200), ("preheader", 200), ("button", 60)):
        content = Content("x", link="https://a.example/", fields={"subject": "S", name: FAMILY * (most + 1)})
        problems = [problem for problem in network.preflight(content).problems if problem.level == "error"]
        assert len(problems) == 1, name
        with translation.override("en"):
            assert str(most) in problems[0].detail
        with pytest.raises(Refused):
            network.publish(mailing.account(), content, network.new_keys(NOW, content), Notebook())
    assert mailing.server.mails == []


def test_preheader_and_button_at_the_limit_arrive_whole(mailing: Mailing) -> None:
    preheader, button, link = f"{FAMILY}&<b>" * 18, ACCENTS * 30, "https://a.example/" + "x" * 1900 + "?a=1&b=%C3%A8"
    content = Content("x", link=link, fields={"subject": "S", "preheader": preheader, "button": button})
    page = part(sent(mailing, content).message, "html")
    assert html.escape(preheader) in page
    assert button in Links(page).words
    assert link in Links(page).targets
    assert link in part(mailing.mail("anna@example.org").message, "plain")


@pytest.mark.parametrize(
    "text",
    [
        "a" * 40_000,
        "è" * 40_000,
        FAMILY * 3_000,
        ".\n\n..\n\n.punto\n\nFrom qui\n\n--\n\n=3D=\n\n&amp; <b>\n\n\u2028\xa0\u200b fine",
        "\t rientro \t\n\nspazi in fondo   \n\nfine",
    ],
    ids=["one line", "one line in UTF-8", "families", "what SMTP and MIME stumble over", "spaces"],
)
def test_a_text_at_the_limit_arrives_whole(mailing: Mailing, text: str) -> None:
    with mail_server_running(most_bytes=10_000_000) as roomy:
        mailing.server = roomy
        mailing.channel.credentials = seal(mailing.credentials())
        mail = sent(mailing, Content(text, fields={"subject": "S"}, allows=network.identity(mailing.account()).allows))
    assert words_of(mail).split() == text.split()
    assert "".join(Links(part(mail.message, "html")).words.split()).find("".join(text.split())) > 0


def test_twenty_pictures_arrive_bit_by_bit_and_in_order(mailing: Mailing) -> None:
    media = tuple(picture((size, 1), alt_text=f"{FAMILY} {size}") for size in range(1, 21))
    mail = sent(mailing, Content("x", media=media, fields={"subject": "S"})).message
    got = [one for one in mail.walk() if one.get_content_maintype() == "image"]
    assert [hashlib.sha256(one.get_content()).hexdigest() for one in got] == [item.sha256 for item in media]


def test_odd_names_of_sender_and_reader_arrive(mailing: Mailing) -> None:
    name = 'Cantina "Roero", è qui; <ok> (sì) ' + "ü" * 60
    Reader.objects.update(name="D’Àrco, \N{HEBREW LETTER SHIN}\\")
    mailing.channel.credentials = seal(mailing.credentials(from_name=name))
    MailingList.objects.update(imprint=f"{FAMILY} s.r.l.\n.\nFrom Roero")
    raw = sent(mailing, Content("x", fields={"subject": "S"}))
    mail = raw.message
    # Decoded word by word as RFC 2047 §6.2 says: the parser of Python 3.11 puts spaces between the words of a phrase.
    written = message_from_bytes(raw.raw, policy=compat32)["From"]
    assert str(make_header(decode_header(written))) == f"{name} <notizie@cantinaroero.example>"
    assert mail["To"].addresses[0].display_name == "D’Àrco, \N{HEBREW LETTER SHIN}\\"
    assert f"{FAMILY} s.r.l.\n.\nFrom Roero" in part(mail, "plain")


def test_the_servers_size_is_known_beforehand_and_said(mailing: Mailing) -> None:
    allows = network.identity(mailing.account()).allows
    assert allows["mail_bytes"] == MOST_BYTES
    light, heavy = (
        Content("x", media=(item_of(b"\xff\xd8" + b"x" * size, "image/jpeg", (40, 30)),), fields={"subject": "S"})
        for size in (130_000, MOST_BYTES * 3 // 4)
    )
    long = Content("è" * 40_000, fields={"subject": "S"})
    for content, codes in ((light, []), (heavy, ["mail_too_large"]), (long, ["mail_too_large"])):
        known = network.preflight(dataclasses.replace(content, allows=allows))
        assert [problem.code for problem in known.problems] == codes
        # One that says none takes whatever our own figures let through.
        assert network.preflight(dataclasses.replace(content, allows={"mail_bytes": 0})).ok
    with translation.override("en"):
        assert network.preflight(dataclasses.replace(heavy, allows=allows)).problems[0].detail == (
            "The mail weighs 206 kB, and the mail server takes at most 200 kB. Use fewer pictures, or less text."
        )


@pytest.mark.parametrize("state", ["sent", "refused"])
def test_letters_in_addresses(mailing: Mailing, state: str) -> None:
    """A domain goes in ASCII (RFC 5891); what stands before the @ only to a server with SMTPUTF8 (RFC 6531)."""
    mailing.readers("bea@müller.example", "dürer@example.org")
    with mail_server_running(utf8=state == "sent") as server:
        mailing.server = server
        mailing.channel.credentials = seal(mailing.credentials())
        content = Content("x", fields={"subject": "S"})
        network.publish(mailing.account(), content, network.new_keys(NOW, content), Notebook())
    bea = mailing.mail("bea@xn--mller-kva.example")
    assert bea.raw.isascii()
    assert bea.message["To"] == "bea@xn--mller-kva.example"
    assert mailing.copies() == {"anna@example.org": "sent", "bea@müller.example": "sent", "dürer@example.org": state}
    if state == "sent":
        assert "To: dürer@example.org\r\n".encode() in mailing.mail("dürer@example.org").raw
    assert Reader.objects.get(email="dürer@example.org").state == "confirmed"
