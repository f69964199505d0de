"""A newsletter in the story: its list, the readers who sign up and confirm, and an issue that a mail server takes.

Each reader goes through the form's own services, with the secret that their mail would have brought. Nobody is mailed: the
story's mail server takes every copy that is begun, and what is written down of it is what would be.
"""

from collections.abc import Iterator
from datetime import time, timedelta
from functools import partial

from django.utils import translation

from accounts.sealing import unseal
from agency.sample.client_life import ClientLife
from agency.sample.plans import NewsletterPlan, ReaderPlan
from newsletter.models import Confirmation, MailingList, Reader
from newsletter.services.lists import make_list
from newsletter.services.post_room import Room
from newsletter.services.readers import sign_off
from newsletter.services.signing_up import confirm, sign_up
from newsletter.speaking import promise_of
from social import networks
from social.networks.newsletter.sender import sender_of
from social.networks.newsletter.writing import write
from social.services import claiming
from social.services.connections import account_of
from social.services.journal import PublicationJournal
from social.services.settling import settle_published

CONFIRMED_AFTER = timedelta(minutes=12)
AT_ONCE = 100


class NewsletterLife:
    """A client's list as the story goes on."""

    def __init__(self, life: ClientLife, plan: NewsletterPlan) -> None:
        self.life, self.story, self.plan = life, life.story, plan
        self.list: MailingList

    def foresee(self) -> None:
        """It begins with its channel; readers come, and some leave."""
        then, local = self.story.then, self.story.local
        then(local(self.plan.begins, time(11)), self._begin)
        for number, reader in enumerate(self.plan.readers):
            came = local(reader.day, time(8, 30)) + timedelta(minutes=47 * number)
            then(came, partial(self._sign_up, reader))
            if reader.confirms:
                then(came + CONFIRMED_AFTER, partial(self._confirm, reader))
            if reader.leaves is not None:
                then(local(reader.leaves, time(20, 10)), partial(self._leave, reader))

    def _begin(self) -> None:
        channel = self.life.channels[self.plan.handle]
        self.list = make_list(user=self.life.manager, channel=channel, imprint=self.plan.imprint)

    def _sign_up(self, reader: ReaderPlan) -> None:
        with translation.override("it"):
            promise = promise_of(self.list)
        sign_up(mailing_list=self.list, email=reader.email, name=reader.name, consent=promise, language="it")

    def _confirm(self, reader: ReaderPlan) -> None:
        asked = Confirmation.objects.get(reader__mailing_list=self.list, reader__email=reader.email)
        confirm(secret=unseal(asked.sealed)["secret"])

    def _leave(self, reader: ReaderPlan) -> None:
        sign_off(reader=Reader.objects.get(mailing_list=self.list, email=reader.email))


def send_issue(publication_id: int) -> None:
    """The issue goes out, if it may: laid out, every copy taken, and written down where it is."""
    claimed = claiming.claim(publication_id=publication_id)
    if claimed is None:
        return
    publication, content, room = claimed.publication, claimed.content, Room()
    account, keys = account_of(publication.channel), publication.keys
    house = room.house(account.handle)
    if house is None:
        return
    with translation.override(house.language):
        issue = write(content, house, room.page_address(keys["page"]))
    room.lay_out(account.handle, keys["key"], keys["page"], issue)
    for copy in _waiting(room, account.handle, keys["key"], sender_of(account).address):
        if room.begin(copy):
            room.took(copy)
    live = networks.get(publication.network).find(account, content, keys, PublicationJournal(publication))
    if live is not None:
        settle_published(publication=publication, attempt=claimed.attempt, live=live)


def _waiting(room: Room, handle: str, key: str, sender: str) -> Iterator[int]:
    while batch := room.waiting(handle, key, AT_ONCE, sender, ""):
        yield from (envelope.copy for envelope in batch)
