"""What is said of a section: suggestions and remarks beside the text at their place, and what becomes of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from accounts.models import User
from approvals import anchors
from approvals.models import Audience
from approvals.rewording import Piece
from approvals.subjects import Passage
from strategy import selectors, services
from strategy.admin.desk import Desk, Page
from strategy.admin.passages import Said, stretches
from strategy.admin.writing import to_write
from strategy.models import Remark, Section, Suggestion, SuggestionKind, SuggestionState

REMARK = "remark"
NAMES = ("do", "kind", "quote", "start", "revision", "words", "text", "audience", "number")


@dataclass
class Typed:
    """What somebody typed and must not lose, and what is wrong with it, by field."""

    do: str = ""
    kind: str = REMARK
    quote: str = ""
    start: str = ""
    revision: str = ""
    words: str = ""
    text: str = ""
    audience: str = ""
    number: str = ""  # of the suggestion, or the remark, that it is about
    errors: dict[str, list[str]] = field(default_factory=dict)
    notice: str = ""

    def take(self, error: ValidationError) -> None:
        """What a service said, beside the fields of this form."""
        beside = {"anchor": "quote", "start": "quote", "comment": "text", "revision": "quote", "reason": "words"}
        for name, errors in error.message_dict.items():
            self.errors.setdefault(beside.get(name, name), []).extend(errors)


@dataclass(frozen=True, kw_only=True)
class Note:
    """One suggestion, or one conversation, with its number in the text if it has a place there."""

    number: int | None
    suggestion: Suggestion | None = None
    remark: Remark | None = None
    answers: Sequence[Remark] = ()

    @property
    def pieces(self) -> list[Piece]:
        """The words that would go, and those that would come."""
        if self.suggestion is None:
            return []
        both = [Piece("removed", self.suggestion.quote), Piece("added", self.suggestion.words)]
        return [piece for piece in both if piece.text]


def talk_page(desk: Desk, section_id: int) -> HttpResponseBase:
    """The text with its notes; or what became of what was sent: who speaks of one that is taken out meanwhile loses nothing."""
    section = to_write(desk, section_id)
    if section.removed_at is not None and not desk.posted:
        raise Http404
    typed = Typed(revision=str(section.revision))
    status = HTTPStatus.OK
    if desk.posted:
        sent: dict[str, Any] = {name: desk.request.POST.get(name, "").replace("\r\n", "\n") for name in NAMES}
        typed = Typed(**sent)
        try:
            anchor, done = _act(desk, section, typed)
        except ValidationError as error:
            typed.take(error)
        except Conflict as conflict:
            typed.notice, status = str(conflict.detail), HTTPStatus.CONFLICT
            section = to_write(desk, section_id)
        else:
            desk.tell(done)
            return desk.go("talk", section.pk, anchor=anchor)
    notes, closed = _notes(desk.user, section)
    context = {
        "section": section,
        "notes": notes,
        "closed": closed,
        "pieces": list(stretches(section.body, [_said(note) for note in notes if note.number])),
        "typed": typed,
        "audiences": Audience.choices,
        "kinds": [(REMARK, _("Say something of it")), *SuggestionKind.choices],
    }
    return desk.show("admin/strategy_talk.html", context, status=status)


def _notes(user: User, section: Section) -> tuple[list[Note], list[Note]]:
    """What is open, in the order of the text and then what has no place in it; what is settled, the latest first. Two queries."""
    suggestions = list(selectors.suggestions(user).filter(section=section))
    said = list(selectors.remarks(user).filter(section=section).order_by("pk"))
    answers: dict[int | None, list[Remark]] = {}
    for remark in said:
        answers.setdefault(remark.parent_id, []).append(remark)
    placed: list[tuple[int, Note]] = []
    loose: list[Note] = []
    closed: list[Note] = []
    for words in suggestions:
        note = Note(number=None, suggestion=words)
        if words.state == SuggestionState.OPEN:
            placed.append((words.place, note))
        else:
            (loose if words.state == SuggestionState.OUTDATED else closed).append(note)
    for row in answers.get(None, []):
        note = Note(number=None, remark=row, answers=answers.get(row.pk, []))
        if row.resolved_at is not None:
            closed.append(note)
        elif row.place is None:
            loose.append(note)
        else:
            placed.append((row.place, note))
    placed.sort(key=lambda pair: pair[0])
    numbered = [
        Note(number=number, suggestion=note.suggestion, remark=note.remark, answers=note.answers)
        for number, (_place, note) in enumerate(placed, start=1)
    ]
    return [*numbered, *loose], closed[::-1]


def _said(note: Note) -> Said:
    row: Any = note.suggestion or note.remark
    return Said(number=note.number or 0, start=row.place, end=row.place + len(row.quote))


# What can be sent: where to go then, and what to say


def _act(desk: Desk, section: Section, typed: Typed) -> tuple[str, str]:
    if typed.do not in _VERBS:
        raise Conflict("unknown", _("Choose what you want to do."))
    return _VERBS[typed.do](desk, section, typed)


def _say(desk: Desk, section: Section, typed: Typed) -> tuple[str, str]:
    """A remark, or other words, on the passage that was copied or selected."""
    found = _passage(section, typed)
    if typed.kind == REMARK:
        place = {"revision": int(typed.revision), "start": found["start"], "quote": found["quote"]} if found else {}
        said: dict[str, Any] = {"text": typed.text, "audience": typed.audience, **place}
        number = desk.once(typed.kind, lambda: services.add_remark(user=desk.user, section=section, **said))
        return f"remark-{number}", _("Your remark stands beside the text.")
    if found is None:
        raise ValidationError({"quote": _("Copy the words that you mean.")})
    words = "" if typed.kind == SuggestionKind.DELETE else typed.words
    meant: dict[str, Any] = {"start": found["start"], "quote": found["quote"], "words": words}
    if typed.kind == SuggestionKind.INSERT:
        meant |= {"start": found["end"], "quote": ""}
    meant |= {"revision": int(typed.revision), "kind": typed.kind, "comment": typed.text, "audience": typed.audience}
    number = desk.once(typed.kind, lambda: services.suggest(user=desk.user, section=section, **meant))
    return f"suggestion-{number}", _("Your suggestion stands beside the text.")


def _passage(section: Section, typed: Typed) -> dict[str, Any] | None:
    """Where the words stand in the text that was read; None for none. Raises ``ValidationError``."""
    if not typed.quote.strip():
        return None
    if not _number(typed.revision):
        typed.revision = str(section.revision)
    read = section.body
    if int(typed.revision) != section.revision:
        was = section.revisions.filter(number=int(typed.revision), beside=False).first()
        read = was.body if was else read
    start = int(typed.start) if _number(typed.start) else None
    return anchors.find([Passage(key="body", name=section.title, text=read)], typed.quote, part="body", start=start)


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 - more is no number of PostgreSQL's


def _suggestion(desk: Desk, section: Section, typed: Typed) -> Suggestion:
    found = selectors.suggestions(desk.user).filter(section=section)
    row = found.filter(pk=int(typed.number)).first() if _number(typed.number) else None
    if row is None:
        raise Conflict("gone", _("There is no such suggestion here."))
    return row


def _remark(desk: Desk, section: Section, typed: Typed) -> Remark:
    found = selectors.remarks(desk.user).filter(section=section, parent=None)
    row = found.filter(pk=int(typed.number)).first() if _number(typed.number) else None
    if row is None:
        raise Conflict("gone", _("There is no such remark here."))
    return row


def _accept(desk: Desk, section: Section, typed: Typed) -> tuple[str, str]:
    row = services.accept_suggestion(user=desk.user, suggestion=_suggestion(desk, section, typed))
    words = _("Taken over: the text reads so now, credited to %(who)s and you.")
    if row.author == desk.user:
        words = _("Taken over: the text reads so now.")
    return "text", words % {"who": row.author}


def _decline(desk: Desk, section: Section, typed: Typed) -> tuple[str, str]:
    suggestion = _suggestion(desk, section, typed)
    services.decline_suggestion(user=desk.user, suggestion=suggestion, reason=typed.words)
    return "notes", _("Declined. The text stays as it is.")


def _answer(desk: Desk, section: Section, typed: Typed) -> tuple[str, str]:
    parent = _remark(desk, section, typed)
    audience = typed.do.partition(":")[2]
    said: dict[str, Any] = {"text": typed.words, "audience": audience, "parent": parent}
    desk.once("answer", lambda: services.add_remark(user=desk.user, section=section, **said))
    return f"remark-{parent.pk}", _("Your answer stands below.")


def _resolve(desk: Desk, section: Section, typed: Typed) -> tuple[str, str]:
    services.resolve_remark(user=desk.user, remark=_remark(desk, section, typed))
    return "notes", _("Dealt with.")


def _reopen(desk: Desk, section: Section, typed: Typed) -> tuple[str, str]:
    remark = services.reopen_remark(user=desk.user, remark=_remark(desk, section, typed))
    return f"remark-{remark.pk}", _("Open again.")


_VERBS: dict[str, Callable[[Desk, Section, Typed], tuple[str, str]]] = {
    "say": _say,
    "accept": _accept,
    "decline": _decline,
    "answer:internal": _answer,
    "answer:client": _answer,
    "resolve": _resolve,
    "reopen": _reopen,
}

PAGES = (Page("sections/<int:section_id>/", "talk", talk_page, tab="change"),)
