"""A mail server of the tests' own, and the settings that lead to it."""

import asyncio
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.servers.keeping import free_port


class Server:
    """A mail server that says try again later as often as it is told, then takes the mail."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.taken: list[Message] = []
        self.port = 0
        self.hangs = False  # takes the words and never says that it has them
        self.hung = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.refusals:
            self.refusals -= 1
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.hangs:
            self.hung += 1
            await asyncio.sleep(3600)
        self.taken.append(BytesParser().parsebytes(envelope.content))
        return "250 OK"


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    """The server, and the settings that lead to it."""
    handler = Server(refusals=2)
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    handler.port = port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield handler
    controller.stop()
