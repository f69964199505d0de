"""Readers, and what reaches them."""

import re
from datetime import timedelta
from typing import Any

from django.core import mail
from django.utils import timezone

from clients.models import Client
from newsletter.models import Copy, CopyState, Issue, MailingList, Reader, ReaderState, Source
from newsletter.services import posting
from social.models import Channel

ADDRESS = re.compile(r"http://\S+?(/newsletter/\S+)")


def newsletter_of(client: Client, name: str) -> Channel:
    """A newsletter channel."""
    handle = f"{client.slug}@example.org"
    return Channel.objects.create(client=client, network="newsletter", handle=handle, name=name)


def reader(mailing_list: MailingList, email: str = "rosa@example.org", **fields: Any) -> Reader:
    """Somebody who gets it, unless ``fields`` say otherwise."""
    agreed: dict[str, Any] = {
        "state": ReaderState.CONFIRMED,
        "source": Source.STAFF,
        "consent": "Sì.",
        "consented_at": timezone.now() - timedelta(days=1),
    }
    return Reader.objects.create(
        mailing_list=mailing_list, client_id=mailing_list.client_id, email=email, **{**agreed, **fields}
    )


def copy_for(found: Reader, number: int = 1, state: str = CopyState.SENT) -> Copy:
    """A copy of the list's issue of this number, as far as ``state``."""
    issue, _made = Issue.objects.get_or_create(
        mailing_list=found.mailing_list,
        key=f"issue-{number}",
        defaults={
            "client_id": found.client_id,
            "page_key": f"page-{found.mailing_list_id}-{number}",
            "subject": f"Numero {number}",
            "html": "<p>Ciao.</p>",
            "text": "Ciao.",
        },
    )
    return Copy.objects.create(issue=issue, reader=found, client_id=found.client_id, state=state)


def posted() -> list[Any]:
    """Empty the outbox of mails to confirm; what went out."""
    mail.outbox.clear()
    posting.send_due()
    return list(mail.outbox)


def address_in(message: Any) -> str:
    """The path of the only address of ours in a mail's text."""
    found = ADDRESS.findall(message.body)
    assert len(found) == 1, message.body
    path: str = found[0]
    return path
