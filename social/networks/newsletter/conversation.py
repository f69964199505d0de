"""The conversation itself: smtplib's words over our own socket, which is guarded and ends in time."""

import re
import smtplib
import socket
import ssl
import threading
import time
from contextlib import suppress
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore
import httpx
from django.conf import settings

from social.networks import inside, transport
from social.networks.newsletter.sender import Sender

CONNECT_SECONDS: Final = 5.0
HANDSHAKE_SECONDS: Final = 10.0
ANSWER_SECONDS = 30.0
MAIL_SECONDS: Final = 60.0
_MOST_ANSWER: Final = 65_536  # bytes


class Conversation(smtplib.SMTP):
    """smtplib's, over our own socket; each answer comes within ``wait`` seconds and 64 kB, however it drips."""

    def __init__(self, sender: Sender, resolver: transport.Resolver) -> None:
        super().__init__(local_hostname=_own_name())
        self.sock: Any = None
        self.file: Any = None
        self.wait = ANSWER_SECONDS
        self._to = sender
        self._resolver = resolver

    def open(self) -> None:
        """Connect, and hear the greeting."""
        self.sock = _connected(self._to, self._resolver)
        if self._to.security == "tls":
            self.wrap()
        code, said = self.getreply()
        if code != 220:  # noqa: PLR2004 - RFC 5321 §4.2.3
            raise smtplib.SMTPConnectError(code, said)

    def wrap(self) -> None:
        """From here on nobody reads along; what was said before counts no more (RFC 3207 §4.2)."""
        plain, self.file = self.sock, None
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features, self.does_esmtp = {}, False
        plain.settimeout(HANDSHAKE_SECONDS)
        # Each read has its time-out; that their sum has one, too, somebody has to watch.
        watch = threading.Timer(HANDSHAKE_SECONDS, _shut, [plain])
        watch.daemon = True
        watch.start()
        try:
            self.sock = _trusted().wrap_socket(plain, server_hostname=self._to.host)
        finally:
            watch.cancel()

    def give(self, mail: bytes) -> None:
        """Send a mail, its dots doubled (RFC 5321 §4.5.2), and the end of it."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected
        self.sock.settimeout(MAIL_SECONDS)  # for all of it: since Python 3.5 sendall counts so
        self.sock.sendall(re.sub(rb"(?m)^\.", b"..", mail) + b".\r\n")

    def getreply(self) -> tuple[int, bytes]:
        """The next answer, in time."""
        if self.sock is not None and self.file is None:
            self.file = _Lines(self.sock)
        if self.file is not None:
            self.file.allow(self.wait)
            self.sock.settimeout(self.wait)
        return super().getreply()


class _Lines:
    """The lines of one answer, within a time and a size."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._read = b""
        self._until = 0.0
        self._left = 0

    def allow(self, seconds: float) -> None:
        """So long for the next answer."""
        self._until, self._left = time.monotonic() + seconds, _MOST_ANSWER

    def readline(self, most: int) -> bytes:
        """The next line; empty where the other side has ended."""
        while b"\n" not in self._read and len(self._read) < most:
            left = self._until - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer took too long")
            self._sock.settimeout(left)
            piece = self._sock.recv(4096)
            if not piece:
                break
            self._left -= len(piece)
            if self._left < 0:
                raise OSError("the answer is larger than allowed")
            self._read += piece
        end = self._read.find(b"\n") + 1 or len(self._read)
        line, self._read = self._read[: min(end, most)], self._read[min(end, most) :]
        return line

    def close(self) -> None:
        """The socket is closed by who opened it."""


def _connected(to: Sender, resolver: transport.Resolver) -> socket.socket:
    """A connection to one of the host's addresses, all of which may be reached."""
    until = time.monotonic() + CONNECT_SECONDS
    addresses = transport.checked_addresses(
        to.host, to.port, until=until, plain=to.security == "none", allow=inside.allowed(), resolver=resolver
    )
    for turn, address in enumerate(addresses):
        share = max(0.1, (until - time.monotonic()) / (len(addresses) - turn))
        try:
            return socket.create_connection((address, to.port), share)
        except OSError as error:
            last = type(error).__name__
            if turn == len(addresses) - 1:
                raise httpcore.ConnectError(last) from None
    raise httpcore.ConnectError("no such host")


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _own_name() -> str:
    """How we say who we are: the installation's name, as the world knows it."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    found = inside.literal(host)
    if found is None:
        return host
    return f"[{found}]" if found.version == 4 else f"[IPv6:{found}]"  # noqa: PLR2004 - the protocol's number


@cache
def _trusted() -> ssl.SSLContext:
    # Not the one of HTTP, which says so in its handshake.
    return httpx.create_ssl_context()
