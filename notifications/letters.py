"""What a mail says, and who writes it: apps register a writer for each kind of notification."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import strip_tags
from django_stubs_ext import StrOrPromise

from notifications.models import Notification

NEUTRAL = "#5b6770"  # the band of a letter that is about no client, or about several


@dataclass(frozen=True, kw_only=True)
class Item:
    """One of many things in a letter: whose it is, what it is, since when it is so, and the way to it."""

    client_name: str
    client_colour: str
    title: str
    words: str = ""
    since: str = ""
    address: str
    button: str

    @property
    def colour(self) -> str:
        """The client's, or none in particular."""
        return self.client_colour or NEUTRAL


@dataclass(frozen=True, kw_only=True)
class Group:
    """Things in a letter under one heading."""

    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail in the reader's language: first what it is about, then what to do. Plain text and HTML say the same.

    A letter about several clients has no ``client_name`` and no ``client_colour``: each of its items says whose it is.
    """

    language: str
    subject: str
    client_name: str
    client_colour: str
    paragraphs: tuple[str, ...]
    code: str = ""  # what is to be typed elsewhere, on a line of its own
    quotes: tuple[tuple[str, str], ...] = field(default=())  # who or where, and the words
    groups: tuple[Group, ...] = ()
    button: tuple[str, str] | None = None  # its words and its address
    footer: str = ""
    urgent: str = ""  # why it comes in the reader's quiet time; the outbox says it
    off: tuple[str, str] | None = None  # how not to get more of the kind, and where; the outbox says it

    @property
    def sender(self) -> str:
        """In whose name it is: the client's, or the house's own."""
        return self.client_name or "Filo"

    @property
    def colour(self) -> str:
        """The client's, or none in particular."""
        return self.client_colour or NEUTRAL

    def text(self) -> str:
        """The plain text."""
        return self._render("notifications/letter.txt")

    def html(self) -> str:
        """The HTML."""
        return self._render("notifications/letter.html")

    def one_line_subject(self) -> str:
        """The subject as a header: one line, no tags."""
        return " ".join(strip_tags(self.subject).split())[:250]

    def _render(self, template: str) -> str:
        with translation.override(self.language):
            return render_to_string(template, {"letter": self})


Writer = Callable[[Notification], Letter | None]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What is the same for all mails of a kind."""

    name: StrOrPromise  # what people read for it
    writer: Writer
    duty: bool  # somebody has to act on it, so nobody can switch it off; anything else is news
    quiet: bool  # it waits for the end of the reader's quiet time
    staff: bool  # only the agency's own people ever get it
    secret: bool  # the reader has just asked for it, and its context is wiped once nobody needs it


_kinds: dict[str, Kind] = {}


def register(  # noqa: PLR0913 - a kind is all of these
    kind: str,
    writer: Writer,
    name: StrOrPromise = "",
    *,
    duty: bool = True,
    quiet: bool = True,
    staff: bool = False,
    secret: bool = False,
) -> None:
    """``writer`` turns a notification of ``kind`` into a letter at the moment of sending, or None if it is moot by then.

    See ``Kind`` for the rest. Who says nothing gets what does least harm: it can't be switched off, and wakes nobody.
    """
    _kinds[kind] = Kind(name=name or kind, writer=writer, duty=duty, quiet=quiet, staff=staff, secret=secret)


def kind_of(notification: Notification) -> Kind:
    """What kind of mail this is. Raises ``KeyError`` for one that no app knows."""
    return _kinds[notification.kind]


def name_of(kind: str) -> StrOrPromise:
    """The kind in the reader's words."""
    return _kinds[kind].name if kind in _kinds else kind


def news(*, staff: bool = True) -> dict[str, StrOrPromise]:
    """The kinds that a person may switch off, with their names; without ``staff``, those that a client's people get."""
    return {kind: told.name for kind, told in _kinds.items() if not told.duty and (staff or not told.staff)}


def duties(*, staff: bool = True) -> list[StrOrPromise]:
    """The names of the kinds that nobody can switch off; what one asks for oneself needs no mention."""
    return [told.name for told in _kinds.values() if told.duty and not told.secret and (staff or not told.staff)]


def secret() -> list[str]:
    """The kinds whose context is wiped in the end."""
    return [kind for kind, told in _kinds.items() if told.secret]


def write(notification: Notification) -> Letter | None:
    """The letter of this notification as things stand now; None if nobody needs it any more."""
    return kind_of(notification).writer(notification)
