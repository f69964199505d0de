"""The mail servers of a run, each of one newsletter: real ones, which count whose mails they have taken, and break."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.chaos.record import Changed, Seen
from tests.servers.bad_days import Answer, AnswerLost, Cut, Fault, Slow
from tests.servers.smtp import Mail, MailServer

READERS = 60  # of each newsletter
BUSY = "451 4.3.2 Not now"


@dataclass(frozen=True)
class Letter:
    """One mail as its server took it: of which newsletter, whose, its first words, and when (seconds since 1970)."""

    account: str
    reader: str
    text: str
    at: float


@dataclass(frozen=True)
class Copy:
    """One copy as the database has it. ``published``: so its publication is called."""

    account: str
    reader: str
    text: str
    state: str
    published: bool = True


class PostOffice(MailServer):
    """One newsletter's mail server, on a clock of its own: `account` is the newsletter's name."""

    account = ""

    def __init__(self) -> None:
        super().__init__()
        self.url = ""  # a newsletter's channel has no server: its mail server is among its credentials
        self.wrong: list[str] = []
        self._letters: list[Letter] = []
        self._reads = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def credentials(self) -> dict[str, str]:
        """What a person has typed to connect it."""
        return {
            "host": self.host,
            "port": str(self.port),
            "security": "none",
            "user": self.user,
            "password": self.password,
            "from_name": f"Newsletter {self.account}",
            "from_address": f"news-{self.account}@chaos.example",
        }

    @property
    def readers(self) -> list[str]:
        """Who reads it."""
        return [f"reader{number}-{self.account}@readers.example" for number in range(READERS)]

    @property
    def letters(self) -> list[Letter]:
        """All mails that it has taken, the oldest first; each is read once: aiosmtpd looks at this at every connection."""
        with self._reads:
            for mail in self.mails[len(self._letters) :]:
                self._letters.append(Letter(self.account, mail.recipients[0], _words(mail), mail.at))
            return list(self._letters)

    @property
    def seen(self) -> list[Seen]:
        """What readers could see: each issue once, from its first mail on."""
        return list(self._issues())

    @property
    def changes(self) -> list[Changed]:
        """What is sent stays as it is."""
        return []

    def expire(self) -> None:
        """Nothing is prepared."""

    def settle(self) -> None:
        """Nothing is worked on."""

    def _issues(self) -> Iterator[Seen]:
        known: set[str] = set()
        for letter in self.letters:
            if letter.text not in known:
                known.add(letter.text)
                yield Seen(self.account, letter.text, letter.at)

    def on(self, name: str, *faults: Fault | None) -> None:
        """Break as a network would; what is cut, lost or refused is so for the next mails alone."""
        for fault in faults:
            match fault:
                case Cut(unread=True):
                    self.cut("MAIL")
                case Cut():
                    self.cut("DATA")
                case AnswerLost():
                    self.drops += 2
                case Slow(seconds=seconds):
                    self.slow = seconds / 10  # of each mail
                case Answer(status=429):
                    self.say("RCPT", BUSY)
                case Answer():
                    self.say("MAIL", "421 4.3.2 Soon back")

    def good_day(self) -> None:
        """All is well again; what was taken stays."""
        with self._lock:
            self._next.clear()
            self._cuts.clear()
            self.slow, self.drops = 0.0, 0


def _words(mail: Mail) -> str:
    part: Any = mail.message.get_body(("plain",))
    words: str = part.get_content().replace("\r\n", "\n")
    return words.partition("\n\n")[0]
