"""Speaking SMTP (RFC 5321) to a mail server that a person has typed: guarded, in bounded time, and never in clear.

The connection is made to an address that was looked up once and checked (`social.networks.transport`), so that no name
leads inside; its certificate is checked against the name; without TLS only what the operator allows inside is spoken to.
Longest times of a step: connect 5 s, handshake 10 s, each answer 30 s, a mail 60 s, and 120 s for the answer that takes it.

| answer, or none                                   | outcome                                                        |
|---------------------------------------------------|----------------------------------------------------------------|
| no connection, no greeting, broken before a mail  | NotSent                                                        |
| certificate not believed                          | Refused (`certificate`)                                        |
| no STARTTLS or AUTH where they are asked for      | Refused (`no_starttls`, `no_auth`)                             |
| 5xx to AUTH; 530, 535, 538 to MAIL                | CredentialsRefused                                             |
| 4xx to the greeting, EHLO, AUTH, MAIL; 421 to all | Throttled, for 5 minutes: what was begun is put back           |
| 5xx to the greeting, EHLO, MAIL                   | Refused: this sender, or this size, is not taken               |
| any of them that speaks of the sender (`statuses`) | Refused (`sender_refused`); 4xx: Throttled. All is put back   |
| any of them that speaks of the sender's limits    | Throttled, for an hour; 4xx: for 5 minutes. All is put back    |
| 4xx to RCPT, DATA or the mail (RFC 5321 §4.2.1)   | this copy later; five in a row that say nothing of the address: Throttled |
| 5xx to RCPT, DATA or the mail                     | this copy refused; as many, or more than a tenth: Refused      |
| the same with 5.1.1, 5.1.6 or 5.1.10 (RFC 3463, RFC 7505) | and its reader is gone                                 |
| 5.3.4 to any (RFC 3463), or a mail larger than the server's SIZE (RFC 1870) | Refused (`too_large`)                |
| 4xx that is not of the address, on a connection that has taken mails | the same once more by a new one: it may be a limit of each |
| 250 to the mail                                   | sent                                                           |
| nothing, or no SMTP, to the mail                  | this copy uncertain; go on by another connection               |
"""

import base64
import datetime as dt
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, Self

import httpcore
from django.utils.translation import gettext_lazy as _

from social.networks import inside, transport
from social.networks.base import CredentialsRefused, NetworkError, NotSent, Refused, Throttled
from social.networks.hiding import Secrets
from social.networks.newsletter import conversation
from social.networks.newsletter.conversation import Conversation
from social.networks.newsletter.sender import Sender, spelled
from social.networks.newsletter.statuses import About, about

TAKEN_SECONDS: Final = 120.0
THROTTLED_FOR: Final = dt.timedelta(minutes=5)
# Where the day's mails are used up: who asks all the time is shut out for longer.
LIMITED_FOR: Final = dt.timedelta(hours=1)
_OK, _CLOSING, _GO_ON = 250, 421, 354
_FOR_NOW, _FOR_GOOD, _END = 400, 500, 600
_NO_ENTRY: Final = (530, 534, 535, 538)  # RFC 4954 §6
_GONE: Final = ("5.1.1", "5.1.6", "5.1.10")
_TOO_LARGE: Final = "5.3.4"
_STATUS: Final = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")


class Doubtful(Exception):  # noqa: N818 - it says what is
    """The mail was given away, and no answer came that says what became of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the mail server said to one copy. ``said`` holds no secrets."""

    code: int
    said: str = ""

    @property
    def taken(self) -> bool:
        """It is theirs now."""
        return 200 <= self.code < 300  # noqa: PLR2004 - RFC 5321 §4.2.1

    @property
    def later(self) -> bool:
        """Not for now."""
        return _FOR_NOW <= self.code < _FOR_GOOD

    @property
    def about(self) -> About:
        """What a no is about."""
        return about(self.said, *filter(None, [self.status]), final=not self.later)

    @property
    def of_address(self) -> bool:
        """Whether it says something of the address or its mailbox, and nothing of us."""
        return self.about in {About.GONE, About.MAILBOX}

    @property
    def of_sender(self) -> bool:
        """Whether it speaks of us: whoever it is said to, all others would be told the same."""
        return self.about in {About.SENDER, About.LIMIT} or self.status == _TOO_LARGE

    @property
    def gone(self) -> bool:
        """There is no such address."""
        return self.status in _GONE and self.about == About.GONE

    @property
    def status(self) -> str:
        """The enhanced status code (RFC 3463), empty where there is none."""
        found = _STATUS.match(self.said)
        return found[1] if found else ""


class MailServer:
    """One connection, signed in. To be used as a context; whatever goes wrong is an outcome of the table above."""

    def __init__(self, sender: Sender, *, resolver: transport.Resolver = transport.look_up) -> None:
        self._sender = sender
        self._secrets = Secrets([sender.password, *sender.secrets])
        if sender.password:
            utf8 = sender.password.encode("utf-8", "surrogatepass")
            self._secrets.add(base64.b64encode(utf8).decode())
            self._secrets.add(base64.b64encode(_plain(sender)).decode())
        self._smtp = Conversation(sender, resolver)
        self.mails = 0  # that this connection has carried

    def __enter__(self) -> Self:
        """Connect and sign in."""
        try:
            with self._outcomes():
                self._smtp.open()
                self._greeted()
                self._sign_in()
        except BaseException:
            self._smtp.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        """Say goodbye, if it is still there."""
        if self._smtp.sock is not None and not exception[0]:
            self._smtp.wait = conversation.CONNECT_SECONDS
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.docmd("QUIT")
        self._smtp.close()

    def offer(self, return_path: str, recipient: str, size: int) -> Answer:
        """Say who a mail is from and for.

        Raises:
            NotSent, Throttled, Refused, CredentialsRefused: nothing was sent, and nothing can be for now.
        """
        address = self._spelled(recipient)
        if address is None:
            return Answer(553, "5.6.7 this mail server takes no such address")
        if 0 < self.most_bytes < size:
            sentence = _(
                "The mail weighs %(used)d kB, and the mail server takes at most %(limit)d kB. Use fewer pictures, or less text."
            )
            params = {"used": -(-size // 1000), "limit": self.most_bytes // 1000}
            raise Refused(sentence, code="too_large", params=params)
        with self._outcomes():
            options = f" SIZE={size}" if self._smtp.has_extn("size") else ""
            options += " SMTPUTF8" if not address.isascii() else ""
            answer = self._said(*self._smtp.docmd("MAIL", f"FROM:<{return_path}>{options}"))
            if not answer.taken:
                raise self._no(answer)
            answer = self._said(*self._smtp.docmd("RCPT", f"TO:<{address}>"))
            self._require_open(answer)
        if not answer.taken:
            self._forget()
        return answer

    def send(self, mail: bytes) -> Answer:
        """Give the mail away, and say what became of it. Its lines end in CRLF.

        Raises:
            NotSent, Throttled, Refused: nothing was sent.
            Doubtful: it may be out.
        """
        with self._outcomes():
            answer = self._said(*self._smtp.docmd("DATA"))
            self._require_open(answer)
            if answer.code != _GO_ON:
                return answer if answer.code >= _FOR_NOW else Answer(451, answer.said)
        self.mails += 1
        try:
            self._smtp.give(mail)
            self._smtp.wait = TAKEN_SECONDS
            answer = self._said(*self._smtp.getreply())
        except (OSError, smtplib.SMTPException) as error:
            self._smtp.close()
            raise Doubtful(type(error).__name__) from None
        finally:
            self._smtp.wait = conversation.ANSWER_SECONDS
        if not answer.taken and not _FOR_NOW <= answer.code < _END:
            self._smtp.close()
            raise Doubtful(answer.said)
        if answer.code == _CLOSING:
            self._smtp.close()
        return answer

    def _forget(self) -> None:
        """Begin anew after a recipient that was not taken; where that does not go, by another connection."""
        try:
            self._smtp.docmd("RSET")
        except (OSError, smtplib.SMTPException):
            self._smtp.close()

    @property
    def most_bytes(self) -> int:
        """How large a mail may be (RFC 1870); 0 where the server does not say, or sets no limit."""
        said = self._smtp.esmtp_features.get("size", "")
        return int(said) if said.isascii() and said.isdecimal() and len(said) < 20 else 0  # noqa: PLR2004 - its digits

    @property
    def is_open(self) -> bool:
        """Whether another mail may follow."""
        return self._smtp.sock is not None

    def _spelled(self, address: str) -> str | None:
        """The address as it goes over the wire (RFC 5891, RFC 6531); None where this server has no way to take it."""
        if any(char in "<>\r\n" or not char.isprintable() for char in address):
            return None
        try:
            found = spelled(address)
        except UnicodeError:
            return None
        if found.isascii():
            return found
        self._smtp.command_encoding = "utf-8"
        return found if self._smtp.has_extn("smtputf8") else None

    def _greeted(self) -> None:
        self._hello()
        if self._sender.security != "starttls":
            return
        if not self._smtp.has_extn("starttls"):
            raise Refused(
                _("The mail server offers no STARTTLS: no password goes to it in clear. Its port may be another."),
                code="no_starttls",
            )
        answer = self._said(*self._smtp.docmd("STARTTLS"))
        if not answer.taken:
            raise self._no(answer)
        self._smtp.wrap()
        self._hello()

    def _hello(self) -> None:
        answer = self._said(*self._smtp.ehlo())
        if not answer.taken:
            raise self._no(answer)

    def _sign_in(self) -> None:
        """By PLAIN (RFC 4616) or LOGIN, whichever it has, and only once: several wrong ones would lock an account."""
        sender = self._sender
        if not sender.user:
            return
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            code, said = self._smtp.docmd("AUTH", f"PLAIN {_base64(_plain(sender))}")
        elif "LOGIN" in offered:
            code, said = self._smtp.docmd("AUTH", "LOGIN")
            for word in (sender.user, sender.password):
                if code == 334:  # noqa: PLR2004 - RFC 4954 §4
                    code, said = self._smtp.docmd(_base64(word.encode()))
        else:
            text = _("The mail server offers no way to sign in that we know. Its port may be another.")
            raise Refused(text, code="no_auth")
        answer = self._said(code, said)
        if _FOR_GOOD <= answer.code < _END:
            raise self._credentials(answer)
        if not answer.taken:
            raise self._no(answer)

    def _require_open(self, answer: Answer) -> None:
        """What ends the conversation is said of us, not of one copy; as is what is no SMTP."""
        if answer.code == _CLOSING or not 200 <= answer.code < _END:  # noqa: PLR2004 - RFC 5321 §4.2.1
            raise self._no(answer)

    def _no(self, answer: Answer) -> NetworkError:
        self._smtp.close()
        if answer.code in _NO_ENTRY:
            return self._credentials(answer)
        if _FOR_NOW <= answer.code < _END:
            return no(answer)
        sentence = _("The mail server answered something that can't be read. Nothing of it was sent.")
        return NotSent(sentence, code="answer_not_readable", said=answer.said)

    def _credentials(self, answer: Answer) -> NetworkError:
        self._smtp.close()
        return CredentialsRefused(
            _("The mail server does not accept this channel's user name and password. Connect the channel again."),
            code="credentials_refused",
            said=answer.said,
        )

    def _said(self, code: int, said: bytes) -> Answer:
        return Answer(code, self._secrets.said(said.decode("utf-8", "replace")))

    @contextmanager
    def _outcomes(self) -> Iterator[None]:
        """Errors of the wire as outcomes; they themselves may hold secrets, so only their kind is told."""
        try:
            yield
        except (NetworkError, Doubtful):
            raise
        except transport.Inside as error:
            self._smtp.close()
            raise _inside(error.refused) from None
        except ssl.SSLCertVerificationError:
            self._smtp.close()
            text = _("The mail server's certificate is not valid for its name. Check the name.")
            raise Refused(text, code="certificate") from None
        except smtplib.SMTPConnectError as error:
            raise self._no(self._said(error.smtp_code, _bytes(error.smtp_error))) from None
        except (httpcore.ConnectError, httpcore.ConnectTimeout, ConnectionRefusedError) as error:
            raise NotSent(
                _("The mail server could not be reached."), code="unreachable", said=type(error).__name__
            ) from None
        except (OSError, smtplib.SMTPException, UnicodeError, ValueError) as error:
            self._smtp.close()
            raise NotSent(
                _("The mail server did not answer in time, or broke off. Nothing of it was sent."),
                code="no_answer",
                said=type(error).__name__,
            ) from None


def no(answer: Answer) -> Throttled | Refused:
    """What a no means that is not about one copy: the mail server takes no more for now, or will not have us or this mail."""
    said = f"{answer.code} {answer.said}"
    if answer.later or answer.about == About.LIMIT:
        wait = THROTTLED_FOR if answer.later else LIMITED_FOR
        sentence = _("The mail server takes no more for now.")
        return Throttled(sentence, code="throttled", said=said, retry_at=dt.datetime.now(dt.UTC) + wait)
    if answer.about == About.SENDER:
        sentence = _(
            "The mail server does not let this sender send. What is not out yet waits: once that is mended there, send it again."
        )
        return Refused(sentence, code="sender_refused", said=said)
    if answer.status == _TOO_LARGE:
        sentence = _("The mail is larger than the mail server takes. Use fewer pictures, or less text.")
        return Refused(sentence, code="too_large", said=said)
    sentence = _("The mail server refuses to send this. What is not out yet stays here.")
    return Refused(sentence, code="refused", said=said)


def _bytes(said: bytes | str) -> bytes:
    return said.encode() if isinstance(said, str) else said


def _inside(error: inside.InsideRefused) -> Refused:
    if error.code != "plain_http":
        return error
    return Refused(
        _("The mail server has to be spoken to by TLS, so that no password crosses the internet in clear."),
        code="plain_smtp",
    )


def _plain(sender: Sender) -> bytes:
    return b"\0" + sender.user.encode() + b"\0" + sender.password.encode("utf-8", "surrogatepass")


def _base64(words: bytes) -> str:
    return base64.b64encode(words).decode()
