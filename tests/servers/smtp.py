"""A real mail server for tests (aiosmtpd): it asks for a password, refuses what it is told to, keeps what it takes.

The fixture `mail_server` gives one of this process's own.
"""

import asyncio
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.servers.keeping import free_port

USER, PASSWORD = "filo", "the mail server's own password"
MOST_BYTES = 200_000


@dataclass(frozen=True)
class Mail:
    """One mail as it was taken: who it was from and for on the wire, what it said, and when."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    at: float = field(default_factory=time.time)

    @property
    def message(self) -> EmailMessage:
        """The mail, taken apart."""
        return BytesParser(policy=default).parsebytes(self.raw)


class MailServer:
    """A mail server that keeps what it takes.

    Recipients that begin with `bounce` are refused for good (550), those with `later` for now (451). `say` sets what it
    says next: to `MAIL`, `RCPT`, `DATA` (the mail itself) or a sign-in. `drops` takes so many mails and then breaks the
    connection instead of saying so; `cut` breaks it at the next such word. `slow` are the seconds that it takes over each
    mail. It takes mails of `most_bytes` and, unless `utf8` is False, addresses in any letters, and says so. `carry` gives each connection so many mails, and what it says at such a word after them. With `tls` it has STARTTLS, or speaks nothing else (`implicit`).
    """

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        *,
        implicit: bool = False,
        most_bytes: int = MOST_BYTES,
        utf8: bool = True,
    ) -> None:
        self.host, self.port = "127.0.0.1", free_port()
        self.user, self.password = USER, PASSWORD
        self.mails: list[Mail] = []
        self.sign_ins = 0
        self.refused_sign_ins = 0
        self.drops = 0
        self.slow = 0.0
        self.connections = 0
        self._cuts: set[str] = set()
        self._next: dict[str, list[str]] = {}
        self._carries = (0, "", "")
        self._lock = threading.Lock()
        self._controller = Controller(
            self,
            hostname=self.host,
            port=self.port,
            authenticator=self._authenticate,
            auth_require_tls=False,
            auth_exclude_mechanism=["LOGIN"],  # smtplib would try with each
            data_size_limit=most_bytes,
            enable_SMTPUTF8=utf8,
            ident="a mail server of the tests",
            ssl_context=tls if implicit else None,
            tls_context=None if implicit else tls,
        )

    @property
    def settings(self) -> dict[str, Any]:
        """What Django's settings have to say so that mails come here."""
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": self.host,
            "EMAIL_PORT": self.port,
            "EMAIL_HOST_USER": self.user,
            "EMAIL_HOST_PASSWORD": self.password,
            "EMAIL_USE_TLS": False,
            "EMAIL_USE_SSL": False,
            "EMAIL_TIMEOUT": 5,
        }

    def say(self, word: str, *answers: str) -> None:
        """Answer the next so many of `RCPT`, `DATA` or `AUTH` with these lines; an empty one is a good day."""
        with self._lock:
            self._next[word] = list(answers)

    def cut(self, *words: str) -> None:
        """Break the connection at the next of each of these words, and take nothing."""
        with self._lock:
            self._cuts |= set(words)

    def carry(self, mails: int, word: str = "", says: str = "") -> None:
        """Take so many mails by one connection (0: any number), and then say this to its next such word."""
        with self._lock:
            self._carries = (mails, word, says)

    def empty(self) -> None:
        """Forget all mails and all bad days."""
        with self._lock:
            self._carries = (0, "", "")
            self.mails.clear()
            self._next.clear()
            self._cuts.clear()
            self.sign_ins = self.refused_sign_ins = self.drops = self.connections = 0
            self.slow = 0.0

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if said := self._said("MAIL", server, session):
            return said
        if not session.authenticated:  # aiosmtpd's own auth_required warns that there is no TLS
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if said := self._said("RCPT", server, session):
            return said
        if address.startswith("bounce"):
            return "550 5.1.1 User unknown"
        if address.startswith("later"):
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.slow:
            await asyncio.sleep(self.slow)
        if said := self._said("DATA", server, session):
            return said
        with self._lock:
            session.carried = getattr(session, "carried", 0) + 1
            self.mails.append(Mail(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
            number, dropped = len(self.mails), self.drops > 0
            self.drops -= dropped
        if dropped:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            await asyncio.sleep(0)
        return f"250 2.0.0 OK: queued as {number}"

    def _authenticate(self, server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = LoginPassword(self.user.encode(), self.password.encode())
        said = self._said("AUTH", server)
        with self._lock:
            self.sign_ins += data == known
            self.refused_sign_ins += data != known
        if said:
            return AuthResult(success=False, handled=False, message=said)
        return AuthResult(success=data == known, handled=False)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        with self._lock:
            self.connections += 1
        return responses

    def _said(self, word: str, server: SMTP, session: Any = None) -> str:
        with self._lock:
            most, at, says = self._carries
            if most and word == at and getattr(session, "carried", 0) >= most:
                return says
            if word in self._cuts:
                self._cuts.discard(word)
                assert isinstance(server.transport, asyncio.Transport)
                server.transport.abort()
                return "421 cut"
            waiting = self._next.get(word)
            return waiting.pop(0) if waiting else ""


@contextmanager
def mail_server_running(
    tls: ssl.SSLContext | None = None, *, implicit: bool = False, most_bytes: int = MOST_BYTES, utf8: bool = True
) -> Iterator[MailServer]:
    """Start a mail server, stop it at the end."""
    server = MailServer(tls, implicit=implicit, most_bytes=most_bytes, utf8=utf8)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def _mail_server() -> Iterator[MailServer]:
    with mail_server_running() as server:
        yield server


@pytest.fixture
def mail_server(_mail_server: MailServer) -> MailServer:
    """A mail server, empty and on its best behaviour."""
    _mail_server.empty()
    return _mail_server
