"""Whom an issue goes to, and who has got it: what the newsletter knows nothing of and asks for.

The network speaks SMTP; who reads, and which copies are out, is kept by whoever gives it a post room (the app
``newsletter``). Each call is committed before it returns. A copy that was begun is never begun again: where its end is not
known, it is uncertain, and its reader may miss an issue, but never gets one twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from social.networks.content import MediaItem


@dataclass(frozen=True, slots=True)
class Written:
    """An issue as it is the same for all readers. ``{unsubscribe}`` and ``{page}`` stand for the addresses of one's own."""

    subject: str
    preheader: str
    html: str
    text: str
    media: tuple[MediaItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """One copy: who gets it, and what is their own. ``bounces_to`` is where the mail server sends what can't be delivered.

    ``unsubscribe`` is the address of one click (RFC 8058), ``message_id`` ours, the same for the same copy.
    """

    copy: int
    email: str
    name: str
    unsubscribe: str
    message_id: str
    bounces_to: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many copies stand how."""

    waiting: int = 0
    sending: int = 0
    sent: int = 0
    refused: int = 0
    uncertain: int = 0
    skipped: int = 0
    bounced: int = 0


class PostRoom(Protocol):
    """Where the newsletter's issues lie until each reader has theirs."""

    def readers(self, handle: str) -> int:
        """How many would get an issue now."""

    def lay_out(self, handle: str, key: str, issue: Written) -> str:
        """Write the issue down with a copy for each who gets it now, once for a key; the address of its page on the web."""

    def page_of(self, handle: str, key: str) -> str | None:
        """The address of its page, None where it was never laid out."""

    def waiting(self, handle: str, key: str, most: int) -> Sequence[Envelope]:
        """The next copies that nobody has begun, at most so many; who has signed off meanwhile is passed over."""

    def begin(self, copy: int) -> bool:
        """From here on it may be out. False where somebody else has begun it, or its reader has signed off: leave it."""

    def took(self, copy: int) -> None:
        """The mail server has taken it."""

    def refused(self, copy: int, detail: str, *, gone: bool) -> None:
        """The mail server will not have it; ``gone``: since there is no such address, which then gets nothing any more."""

    def put_back(self, copies: Sequence[int]) -> None:
        """Begun, and surely not out: they wait again."""

    def uncertain(self, copy: int, detail: str) -> None:
        """It may be out."""

    def give_up_begun(self, handle: str, key: str) -> int:
        """Whoever had begun copies died: these are uncertain. How many."""

    def tally(self, handle: str, key: str) -> Tally | None:
        """How the copies stand, None where it was never laid out."""
