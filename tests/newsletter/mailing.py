"""The winery's newsletter on the mail server of the tests: its channel, its readers, and what each of them got."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from newsletter.models import Copy, Issue, MailingList, Reader, ReaderState, Source
from newsletter.services.lists import list_of
from social.models import Channel, Publication
from social.networks.base import Account
from social.services import create_channel
from social.services.connections import account_of
from social.services.content_rows import VariantPlan
from tests.servers.smtp import Mail, MailServer
from tests.world import World

IMPRINT = "Cantina Roero s.r.l.\nVia del Nebbiolo 1, 12046 Montà (CN)"
HANDLE = "notizie"


@dataclass
class Mailing:
    """One newsletter and its mail server."""

    world: World
    server: MailServer
    channel: Channel = field(init=False)
    mailing_list: MailingList = field(init=False)

    def __post_init__(self) -> None:
        """It has an imprint, and nobody reads it yet."""
        self.channel = create_channel(
            user=self.world.marta,
            client=self.world.winery,
            network="newsletter",
            handle=HANDLE,
            name="Notizie dalla cantina",
            credentials=self.credentials(),
        )
        self.mailing_list = list_of(self.channel)
        MailingList.objects.filter(pk=self.mailing_list.pk).update(imprint=IMPRINT)
        self.mailing_list.refresh_from_db()

    def credentials(self, **fields: Any) -> dict[str, Any]:
        """What a person has typed."""
        return {
            "host": self.server.host,
            "port": str(self.server.port),
            "security": "none",
            "user": self.server.user,
            "password": self.server.password,
            "from_name": "Cantina Roero",
            "from_address": "notizie@cantinaroero.example",
            **fields,
        }

    def account(self) -> Account:
        """As its channel knows it."""
        return account_of(self.channel)

    def readers(self, *emails: str, state: str = ReaderState.CONFIRMED) -> list[Reader]:
        """These people have signed up."""
        now = timezone.now()
        rows = [
            Reader(
                mailing_list=self.mailing_list,
                client=self.channel.client,
                email=email,
                state=state,
                source=Source.FORM,
                consent="Sì",
                consented_at=now,
                confirmed_at=now,
            )
            for email in emails
        ]
        return Reader.objects.bulk_create(rows)

    def many(self, number: int) -> None:
        """So many people."""
        self.readers(*[f"reader{each}@example.org" for each in range(number)])

    def got(self) -> Counter[str]:
        """How many mails each address got."""
        return Counter(mail.recipients[0] for mail in self.server.mails)

    def mail(self, email: str) -> Mail:
        """The only mail to this address."""
        found = [mail for mail in self.server.mails if mail.recipients == (email,)]
        assert len(found) == 1
        return found[0]

    def copies(self) -> dict[str, str]:
        """The state of each reader's copy, of the only issue."""
        return {copy.reader.email: copy.state for copy in Copy.objects.select_related("reader")}

    def issue(self) -> Issue:
        """The only one."""
        return Issue.objects.get()


def words_of(mail: Mail) -> str:
    """The text of a mail, down to what stands below every issue."""
    part = mail.message.get_body(("plain",))
    assert part is not None
    text: str = part.get_content().replace("\r\n", "\n")
    return text.partition("\n\n-- \n")[0]


def due(mailing: Mailing, text: str = "Sabato si vendemmia.", subject: str = "Vendemmia") -> Publication:
    """An approved issue whose time has come."""
    plan = VariantPlan(channel=mailing.channel, fields={"subject": subject})
    return mailing.world.due(text=text, channels=[mailing.channel], variants=[plan])
