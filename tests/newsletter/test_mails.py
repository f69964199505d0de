"""A mail as its reader's program gets it: both parts, its headers, its pictures; and nothing that was typed does anything."""

import email.policy
import hashlib
import re
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from newsletter.models import Copy, Reader
from social.credentials import seal
from social.networks import get
from social.networks.base import Content
from social.networks.newsletter.mails import Mails
from social.networks.newsletter.post_room import Envelope, House
from social.networks.newsletter.sender import Sender
from social.networks.newsletter.writing import for_all, write
from tests.newsletter.mailing import IMPRINT, Mailing, due
from tests.newsletter.test_going_out import publish
from tests.servers.smtp import MailServer, _mail_server, mail_server
from tests.social.networks.conftest import NOW, picture
from tests.social.notebook import Notebook
from tests.world import World

__all__ = ["_mail_server", "mail_server"]
network = get("newsletter")
HOUSE = House("Cantina Roero", "it", "#7A1F3D", IMPRINT)
SENDER = Sender("mail.example", 587, "starttls", "u", "p", "Cantina Roero", "notizie@cantinaroero.example")
ENVELOPE = Envelope(7, "anna@example.org", "Anna", "https://filo.example/off/7.abc", "<7@x.example>", "b@x.example")
PAGE = "https://filo.example/newsletter/issues/abc/"
HOSTILE = "<script>alert(1)</script> {unsubscribe} <!--own--> {page} & “quotes” \"'"


def mail_of(content: Content, envelope: Envelope = ENVELOPE) -> EmailMessage:
    """The mail as a program takes it apart."""
    with translation.override("it"):
        written = write(content, HOUSE, PAGE)
    raw = Mails.of(written, content.media, SENDER, "notizie", "key").mail(envelope)
    assert raw.endswith(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    assert not [part.defects for part in found.walk() if part.defects]
    return found


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


class Links(HTMLParser):
    """Where an HTML leads, and which elements it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.django_db
def test_the_headers_of_a_mail_on_the_wire(world: World, mail_server: MailServer) -> None:
    mailing = Mailing(world, mail_server)
    (anna,) = mailing.readers("anna@example.org")
    Reader.objects.filter(pk=anna.pk).update(name="Anna Müller")
    fields = mailing.credentials(
        from_name="Cantina Roero è qui", reply_to="vino@cantinaroero.example", bounce_domain="b.example"
    )
    mailing.channel.credentials = seal(fields)
    mailing.channel.save(update_fields=["credentials"])
    publish(due(mailing, subject="Però, che vendemmia! " * 6))
    taken = mailing.mail("anna@example.org")
    head, copy = taken.message, Copy.objects.get()
    assert re.fullmatch(rf"bounces\+{copy.pk}\.[a-z2-7]{{26}}@b\.example", taken.sender)
    assert head["From"] == "Cantina Roero è qui <notizie@cantinaroero.example>"
    assert head["To"] == "Anna Müller <anna@example.org>"
    assert head["Reply-To"] == "vino@cantinaroero.example"
    assert head["Subject"] == ("Però, che vendemmia! " * 6).strip()
    assert re.fullmatch(rf"<copy\.{copy.pk}\.[a-z2-7]{{26}}@cantinaroero\.example>", head["Message-ID"])
    assert abs(parsedate_to_datetime(head["Date"]) - timezone.now()).total_seconds() < 60
    assert head["List-ID"] == "<notizie.cantinaroero.example>"
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not {"Precedence", "Auto-Submitted", "Bcc", "Cc"} & set(head.keys())
    raw = taken.raw.partition(b"\r\n\r\n")[0]
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 140  # the address of one click is not folded
    # The address of one click signs this reader off, and is the same in both parts.
    address = head["List-Unsubscribe"].strip("<>")
    assert address in part(head, "plain")
    assert address in Links(part(head, "html")).targets
    assert Browser().post(address.partition("8000")[2], {"List-Unsubscribe": "One-Click"}).status_code == 200
    anna.refresh_from_db()
    assert anna.state == "unsubscribed"


def test_both_parts_say_the_same() -> None:
    text = "## Sabato\n\nLa cantina è aperta.\nVieni: https://cantina.example/a?b=1&c=2.\n\n.punto\n\nFrom qui."
    content = Content(text, link="https://cantina.example/visite", fields={"subject": "S", "preheader": "Prima"})
    mail = mail_of(content)
    plain, html = part(mail, "plain"), Links(part(mail, "html"))
    for words in ("Sabato", "La cantina è aperta.", ".punto", "From qui.", *IMPRINT.split("\n"), "Per saperne di più"):
        assert words in plain
        assert words in html.words
    for address in ("https://cantina.example/visite", PAGE, ENVELOPE.unsubscribe):
        assert address in plain
        assert address in html.targets
    assert "https://cantina.example/a?b=1&c=2" in html.targets
    assert {"h2", "table", "p", "a"} <= html.tags
    assert html.words.index("Prima") < html.words.index("Sabato")


def test_nothing_that_was_typed_does_anything() -> None:
    content = Content(
        HOSTILE,
        fields={"subject": HOSTILE, "preheader": HOSTILE, "button": HOSTILE},
        link='https://a.example/"><script>',
    )
    mail = mail_of(content)
    html = part(mail, "html")
    assert "script" not in Links(html).tags
    assert "{unsubscribe}" in Links(html).words
    assert Links(html).targets.count(ENVELOPE.unsubscribe) == 1
    plain = part(mail, "plain")
    assert plain.count(ENVELOPE.unsubscribe) == 1
    assert HOSTILE in plain
    with translation.override("it"):
        page = for_all(write(content, HOUSE, PAGE).html)
    assert "&lt;!--own--&gt;" in page
    assert "{unsubscribe}" not in page


@pytest.mark.parametrize(
    "break_", ["\r\nBcc: x@evil.example", "\nBcc: x@evil.example", "\x00", "\u2028Bcc: x@evil.example"]
)
def test_no_header_can_be_typed(break_: str) -> None:
    content = Content("x", fields={"subject": f"Ciao{break_}"})
    envelope = Envelope(7, "anna@example.org", f"Anna{break_}", ENVELOPE.unsubscribe, "<7@x.example>", "b@x.example")
    mail = mail_of(content, envelope)
    assert "Bcc" not in mail
    assert mail["Subject"].startswith("Ciao")
    assert mail["To"].addresses[0].addr_spec == "anna@example.org"


def test_pictures_stand_beside_the_html_and_on_the_page() -> None:
    shown = (picture((30, 20), alt_text="I <filari>"), picture((1200, 800), colour="green", alt_text=""))
    mail = mail_of(Content("Guarda.", media=shown, fields={"subject": "S"}))
    html = part(mail, "html")
    related = [one for one in mail.walk() if one.get_content_type() == "image/png"]
    assert [one["Content-ID"] for one in related] == [f"<{item.sha256}>" for item in shown]
    assert [hashlib.sha256(one.get_content()).hexdigest() for one in related] == [item.sha256 for item in shown]
    assert [f"cid:{item.sha256}" in html for item in shown] == [True, True]
    assert 'alt="I &lt;filari&gt;" width="30"' in html
    assert 'width="552"' in html
    assert "[I <filari>]" in part(mail, "plain")
    assert "[un’immagine]" in part(mail, "plain")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300).filter(str.strip))
def test_any_words_arrive_as_they_were_typed(words: str) -> None:
    mail = mail_of(Content(words, fields={"subject": words, "preheader": words}))
    assert "".join(part(mail, "plain").partition("\n\n-- \n")[0].split()) == "".join(_unheaded(words).split())


def _unheaded(words: str) -> str:
    found = re.fullmatch(r"\s*#{1,4}[ \t]+(\S.*)", words, re.DOTALL)
    return found[1] if found else words


@pytest.mark.django_db
def test_keys_name_nobody_and_two_issues_are_two_pages(world: World, mail_server: MailServer) -> None:
    mailing = Mailing(world, mail_server)
    mailing.readers("anna@example.org")
    pages = set()
    for _ in range(2):
        keys: dict[str, Any] = network.new_keys(NOW, Content("x"))
        content = Content("x", fields={"subject": "S"})
        pages.add(network.publish(mailing.account(), content, keys, Notebook()).permalink)
        assert keys["key"] not in "".join(pages)
    assert len(pages) == 2
