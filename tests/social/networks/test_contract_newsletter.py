"""The newsletter keeps what of the contract is not about HTTP: on a real mail server, with three readers and the real post room."""

import dataclasses
import smtplib
from email.message import EmailMessage

import pytest

from social import networks
from social.networks.base import Account, Content
from tests.newsletter.mailing import Mailing, words_of
from tests.servers.keeping import free_port
from tests.servers.smtp import MOST_BYTES, MailServer, _mail_server, mail_server
from tests.social.networks.case import Case
from tests.social.networks.conftest import item_of, picture
from tests.social.networks.contract import Contract
from tests.world import World

__all__ = ["_mail_server", "mail_server"]

READERS = ("anna@example.org", "bea@example.org", "carla@example.org")
pytestmark = pytest.mark.django_db


class NewsletterCase(Case):
    """What Anna reads; and nobody reads anything twice."""

    def __init__(self, mailing: Mailing) -> None:
        self.network = networks.get("newsletter")
        self.mailing = mailing
        mailing.readers(*READERS)

    def account(self) -> Account:
        return self.mailing.account()

    def live(self) -> list[str]:
        mails = self.mailing.server.mails
        assert len({mail.message["Message-ID"] for mail in mails}) == len(mails), "a copy went out twice"
        shown = [[words_of(mail) for mail in mails if mail.recipients == (reader,)] for reader in READERS]
        assert shown[0] == shown[1] == shown[2], "some got it and some did not"
        return shown[0]

    def content(self, kind: str, number: int) -> Content:
        media = (picture((number, 1)),) if kind == "pictures" else ()
        return Content(f"Novità {number}", media=media, fields={"subject": f"Vendemmia {number}"})

    def shown(self, content: Content) -> list[str]:
        return ["\n\n".join([content.text, *(f"[{item.alt_text}]" for item in content.media)])]

    def of_length(self, length: int) -> Content:
        return Content("a" * length, fields={"subject": "Vendemmia"})

    def edges(self) -> list[tuple[Content, bool]]:
        tens = [picture((size, 1)) for size in range(1, 22)]
        heavy = tuple(dataclasses.replace(picture((size, 2)), size=1_000_000) for size in range(1, 9))
        gif = (item_of(b"GIF89a", "image/gif", (1, 1)),)
        named = {"subject": "Vendemmia"}
        return [
            (Content("x", media=tuple(tens[:20]), fields=named), True),
            (Content("x", media=tuple(tens), fields=named), False),
            (Content("x", media=heavy, fields=named), False),
            (Content("x", media=gif, fields=named), False),
            (Content("x"), False),
            (self._weighing(130_000), True),
            (self._weighing(MOST_BYTES * 3 // 4), False),
        ]

    def _weighing(self, size: int) -> Content:
        """A picture so heavy, by what the channel knows of its mail server."""
        media = (item_of(b"\xff\xd8" + b"x" * size, "image/jpeg", (40, 30)),)
        return Content(
            "x", media=media, fields={"subject": "Pesante"}, allows=self.network.identity(self.account()).allows
        )

    def takes(self, content: Content) -> bool | None:
        """Whether the server takes a mail of these words and pictures that Python's library makes, for a reader of nobody's.

        None for what only our own figures refuse: a mail server takes any number of characters and pictures.
        """
        refused = {problem.code for problem in self.network.preflight(content).problems if problem.level == "error"}
        if refused - {"mail_too_large"}:
            return None
        mail = EmailMessage()
        mail["Subject"], mail["From"] = content.fields["subject"], "prova@cantinaroero.example"
        mail.set_content(content.text)
        for item in content.media:
            mail.add_attachment(item.open().read(), *item.mime.split("/"))
        server = self.mailing.server
        with smtplib.SMTP(server.host, server.port, timeout=10) as smtp:
            smtp.login(server.user, server.password)
            try:
                smtp.send_message(mail, to_addrs=["nobody@example.org"])
            except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
                if error.smtp_code != 552:  # RFC 1870 §6.1
                    raise
                return False
        server.mails.pop()
        return True

    def nowhere(self) -> Account:
        account = self.account()
        return dataclasses.replace(account, credentials={**account.credentials, "port": str(free_port())})


class TestNewsletter(Contract):
    kinds = ("words", "pictures")

    @pytest.fixture
    def case(self, world: World, mail_server: MailServer) -> Case:
        return NewsletterCase(Mailing(world, mail_server))
