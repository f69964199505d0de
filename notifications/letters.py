"""What a mail says, and who writes it: apps register a writer for each kind of notification."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import strip_tags
from django_stubs_ext import StrOrPromise

from notifications.models import Notification


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail in the reader's language: first what it is about, then what to do. Plain text and HTML say the same."""

    language: str
    subject: str
    client_name: str
    client_colour: str
    paragraphs: tuple[str, ...]
    quotes: tuple[tuple[str, str], ...] = field(default=())  # who or where, and the words
    button: tuple[str, str] | None = None  # its words and its address
    footer: str = ""

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
_writers: dict[str, Writer] = {}
_names: dict[str, StrOrPromise] = {}


def register(kind: str, writer: Writer, name: StrOrPromise = "") -> None:
    """``writer`` turns a notification of ``kind`` into a letter at the moment of sending, or None if it is moot by then.

    ``name`` is what people read for the kind.
    """
    _writers[kind] = writer
    _names[kind] = name or kind


def name_of(kind: str) -> StrOrPromise:
    """The kind in the reader's words."""
    return _names.get(kind, kind)


def write(notification: Notification) -> Letter | None:
    """The letter of this notification as things stand now; None if nobody needs it any more."""
    return _writers[notification.kind](notification)
