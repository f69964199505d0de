"""In which language a reader is spoken to, and what they agree to in it."""

import hashlib

from django.utils.translation import gettext as _

from clients.models import Client
from newsletter.models import Doubt, MailingList

ITALIAN = "it"


def catalogue(language: str, client: Client) -> str:
    """The catalogue for this language: a client who says Lei does so to its readers too."""
    return "it-formal" if language == ITALIAN and client.formal else language


def promise_of(mailing_list: MailingList) -> str:
    """What readers agree to: the client's own words, else ours in the active language."""
    words = {"name": mailing_list.channel.name, "client": mailing_list.client.name}
    ours = _(
        "%(client)s may send me its newsletter “%(name)s” by e-mail. I can sign off at any time, with one click in every issue."
    )
    return mailing_list.promise or ours % words


def figures_of(doubt: Doubt) -> str:
    """How many of which issue came back, and how; of a doubt that ``selectors.doubts`` gave."""
    words = {
        "came_back": getattr(doubt, "came_back", 0),
        "copies": getattr(doubt, "copies", 0),
        "subject": doubt.issue.subject,
        "status": doubt.status,
    }
    return (
        _(
            "%(came_back)d of %(copies)d copies of “%(subject)s” came back with the same answer, %(status)s: there is no such address."
        )
        % words
    )


def mark_of(words: str) -> str:
    """A short mark of these words: a form carries it, so that nobody agrees to others than they have read."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]
