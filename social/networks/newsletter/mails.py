"""One reader's mail as bytes: what is the same for all is encoded once, what is their own is put between.

multipart/alternative of the text and the HTML, with the pictures beside the HTML (multipart/related, by Content-ID). Text is
UTF-8 in quoted-printable, so that every server takes it; headers are encoded as RFC 2047 says, and hold no breaks.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import Address
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Final

from django.utils import timezone

from social.networks.base import MediaItem
from social.networks.newsletter.post_room import Envelope, Written
from social.networks.newsletter.sender import Sender, spelled
from social.networks.newsletter.writing import UNSUBSCRIBE, one_line

_LINE: Final = "\r\n"
_SOFT: Final = b"=\r\n"  # a break in quoted-printable that is none
# In quoted-printable an underscore never follows an equals sign: no boundary can stand in a text.
_ALTERNATIVE, _RELATED = b"=_alternative_of_the_issue", b"=_related_of_the_issue"
_ENDING: Final = {"image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True, slots=True)
class Mails:
    """All mails of one issue."""

    sender: Sender
    handle: str
    key: str
    subject: str
    text: tuple[bytes, bytes]
    html: Sequence[bytes]
    pictures: bytes

    @classmethod
    def of(cls, written: Written, media: Sequence[MediaItem], sender: Sender, handle: str, key: str) -> "Mails":
        """Encode what is the same for all. Raises ``Refused`` or ``NotSent`` where a picture is not what was approved, or can't be read."""
        before, _place, after = written.text.rpartition(UNSUBSCRIBE)
        return cls(
            sender=sender,
            handle=handle,
            key=key,
            subject=written.subject,
            text=(_quoted(before), _quoted(after)),
            html=[_quoted(part) for part in written.html.split(UNSUBSCRIBE)],
            pictures=b"".join(_picture(item) for item in media),
        )

    def mail(self, envelope: Envelope) -> bytes:
        """This reader's, lines ending in CRLF."""
        own = _quoted(envelope.unsubscribe)
        text = _part(b"text/plain", self.text, own)
        page = _part(b"text/html", self.html, own)
        if self.pictures:
            inner = b"--" + _RELATED + b"\r\n" + page + self.pictures + b"--" + _RELATED + b"--\r\n"
            page = _multipart(b"multipart/related", _RELATED, b'; type="text/html"') + b"\r\n" + inner
        edge = b"--" + _ALTERNATIVE + b"\r\n"
        return self._headers(envelope) + edge + text + edge + page + b"--" + _ALTERNATIVE + b"--\r\n"

    def _headers(self, envelope: Envelope) -> bytes:
        sender, to = self.sender, spelled(envelope.email)
        lines = [
            _folded("From", _named(sender.name, sender.address)),
            _folded("To", _named(envelope.name, to), utf8=not to.isascii()),
            *([_folded("Reply-To", sender.reply_to)] if sender.reply_to else []),
            _folded("Subject", self.subject),
            f"Date: {format_datetime(timezone.now())}\r\n",
            f"Message-ID: {envelope.message_id}\r\n",
            _folded("List-ID", f"<{list_id(self.handle, sender.domain)}>"),
            f"List-Unsubscribe: <{envelope.unsubscribe}>\r\n",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            "MIME-Version: 1.0\r\n",
        ]
        return "".join(lines).encode("utf-8") + _multipart(b"multipart/alternative", _ALTERNATIVE) + b"\r\n"


def list_id(handle: str, domain: str) -> str:
    """The list's name in the world (RFC 2919)."""
    label = "".join(char if char.isascii() and char.isalnum() else "-" for char in handle.lower()).strip("-")
    return f"{label or 'newsletter'}.{domain}"


def _named(name: str, address: str) -> str:
    name = one_line(name)
    local, _at, domain = address.rpartition("@")
    return str(Address(display_name=name, username=local, domain=domain)) if name else address


def _folded(name: str, value: str, *, utf8: bool = False) -> str:
    """One header, encoded and folded; breaks in it are none. ``utf8``: as RFC 6532 has it, where an address needs that."""
    if name == "Subject" and "=?" in value:  # words that look encoded would be taken for it, and read as others
        return f"Subject: {Header(one_line(value), 'utf-8', header_name=name).encode(linesep=_LINE)}{_LINE}"
    folded: str = SMTP.header_factory(name, one_line(value)).fold(policy=SMTPUTF8 if utf8 else SMTP)
    return folded


def _multipart(kind: bytes, boundary: bytes, more: bytes = b"") -> bytes:
    return b"Content-Type: " + kind + b'; boundary="' + boundary + b'"' + more + b"\r\n"


def _part(kind: bytes, parts: Sequence[bytes], own: bytes) -> bytes:
    joint = _SOFT + own + _SOFT
    head = b"Content-Type: " + kind + b"; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head + joint.join(parts) + b"\r\n"


def _quoted(words: str) -> bytes:
    """Quoted-printable; the pieces are joined by soft breaks, so that each begins a line."""
    lines = words.encode("utf-8", "replace").split(b"\n")
    return b"\r\n".join(binascii.b2a_qp(line, quotetabs=False, istext=False).replace(b"=\n", _SOFT) for line in lines)


def _picture(item: MediaItem) -> bytes:
    with item.open() as stream:
        data = stream.read()
    name = f"{item.sha256[:12]}.{_ENDING.get(item.mime, 'img')}"
    head = (
        f"Content-Type: {item.mime}\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <{item.sha256}>\r\n"
        f'Content-Disposition: inline; filename="{name}"\r\n\r\n'
    )
    lines = base64.encodebytes(data).replace(b"\n", b"\r\n")
    return b"--" + _RELATED + b"\r\n" + head.encode() + lines
