"""Whom an issue goes to, and who has got it: what the newsletter knows nothing of and asks for.

The network speaks SMTP; who reads, and which copies are out, is kept by whoever gives it a post room (the app
``newsletter``). Each call is committed before it returns. A copy that was begun is never begun again: where its end is not
known, it is uncertain, and its reader may miss an issue, but never gets one twice.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from social.networks.content import MediaItem


@dataclass(frozen=True, slots=True)
class House:
    """A list as its mails show it: whose it is, in which language and colour, and the imprint that stands below each."""

    name: str
    language: str
    colour: str
    imprint: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """An issue as it is the same for all readers.

    ``{unsubscribe}`` stands for the address of one's own, in the text where it comes last. Pictures are called by
    ``cid:`` and their digest.
    """

    subject: str
    preheader: str
    html: str
    text: str
    media: tuple[MediaItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """One copy: who gets it, and what is their own.

    ``unsubscribe`` is their address of one click (RFC 8058), ``message_id`` the same at every try, ``bounces_to`` where the mail
    server sends back what it can't deliver.
    """

    copy: int
    email: str
    name: str
    unsubscribe: str
    message_id: str
    bounces_to: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many copies stand how. ``next_at`` is when the first of those that wait may be tried (aware)."""

    waiting: int = 0
    sending: int = 0
    sent: int = 0
    refused: int = 0
    uncertain: int = 0
    skipped: int = 0
    bounced: int = 0
    next_at: dt.datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.waiting or self.sending)

    @property
    def out(self) -> int:
        """How many a mail server has surely taken."""
        return self.sent + self.bounced


class PostRoom(Protocol):
    """Where the newsletter's issues lie until each reader has theirs."""

    def house(self, handle: str) -> House | None:
        """How the list shows itself; None where the channel has no list."""

    def readers(self, handle: str) -> int:
        """How many would get an issue now."""

    def page_address(self, page: str) -> str:
        """The whole web address that an issue with this page key has."""

    def lay_out(self, handle: str, key: str, page: str, issue: Written) -> None:
        """Write the issue down with a copy for each who gets it now; once for a key, a second time changes nothing."""

    def laid_out(self, handle: str, key: str) -> Written | None:
        """What was laid out, without its pictures; None where it never was."""

    def waiting(self, handle: str, key: str, most: int, sender: str, domain: str) -> Sequence[Envelope]:
        """The next copies that may be begun now, at most so many.

        What can't be delivered comes back to ``domain``, where it is given, else to ``sender``, the sender's address.
        """

    def begin(self, copy: int) -> bool:
        """From here on it may be out.

        False where it may not be begun: somebody else has, its reader has signed off, or everything is stopped.
        """

    def is_stopped(self, handle: str) -> bool:
        """Whether nothing may go out there any more for now."""

    def took(self, copy: int) -> None:
        """The mail server has taken it."""

    def refused(self, copy: int, detail: str, *, gone: bool) -> None:
        """The mail server will not have it; ``gone``: since there is no such address, which then gets nothing any more."""

    def later(self, copy: int, detail: str) -> None:
        """The mail server will not have it for now: it waits for a while, and after some times of that is refused."""

    def put_back(self, copy: int) -> None:
        """Begun, and surely not out, for a reason that is not its own: it waits as before."""

    def uncertain(self, copy: int, detail: str) -> None:
        """It may be out."""

    def give_up_begun(self, handle: str, key: str) -> int:
        """Whoever had begun copies died: these are uncertain. How many."""

    def tally(self, handle: str, key: str) -> Tally | None:
        """How the copies stand, None where it was never laid out."""

    def free(self, handle: str, most: int, within: dt.timedelta) -> tuple[int, dt.datetime]:
        """How many copies may be begun now, where it is at most so many of this list within a time; where none, when."""
