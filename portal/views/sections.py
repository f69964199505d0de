"""One section by thumb: a passage is chosen, other words are suggested for it, something is said of it."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import Conflict
from accounts.guarding import WITH_OUR_SCRIPT, guarded
from accounts.models import User
from approvals.models import Audience
from portal.paging import paged
from portal.people import signed_in
from portal.section_talk import conversations, last_written, proposed, remarks_of, suggested_by, suggestions_of
from portal.speaking import say, speaking_to
from portal.strategies import writes
from portal.views.given_back import taken_out
from portal.views.strategies import about, found
from strategy import selectors
from strategy.models import Remark, Section, Strategy, StrategyState, Suggestion, SuggestionKind
from strategy.passages import Passage, passages_of
from strategy.services import (
    accept_suggestion,
    add_remark,
    decline_suggestion,
    reopen_remark,
    resolve_remark,
    suggest,
)

ROWS = 10
LONGEST_NUMBER = 9  # digits: more than any place in a text, any revision
LONGEST_ID = 18  # digits of a row's number
SAY, CHOOSE = "say", "choose"
SUGGEST = frozenset(SuggestionKind.values)
SETTLE = {"accept": accept_suggestion, "decline": decline_suggestion}
THREAD = {"answer", "resolve", "reopen"}


@dataclass
class Typed:
    """What was typed, kept until it is taken. ``instead`` None: as the passage reads."""

    do: str = ""
    passage: str = ""
    revision: str = ""
    instead: str | None = None
    more: str = ""
    comment: str = ""
    row: str = ""
    words: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def in_row(self) -> bool:
        """Whether it was sent from a suggestion or a conversation that is there already."""
        return self.do in SETTLE or self.do in THREAD


@dataclass(frozen=True)
class Visit:
    """Who is here, of what, and what they typed."""

    request: HttpRequest
    reader: User
    section: Section
    typed: Typed

    @property
    def strategy(self) -> Strategy:
        """Whose section it is."""
        return self.section.strategy


@guarded
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, section_id: int) -> HttpResponse:
    """The section in passages to point at, and what was said of it. What is sent is kept where it is not taken."""
    reader = signed_in(request)
    typed = _typed(request.POST if request.method == "POST" else request.GET)
    row = selectors.sections(reader).filter(pk=section_id).first()
    if row is None:
        row = get_object_or_404(selectors.taken_out(reader), pk=section_id)
        with speaking_to(request, reader, row.client):
            return taken_out(request, row, _words(typed))
    with speaking_to(request, reader, row.client):
        visit = Visit(request, reader, row, typed)
        return _send(visit) if request.method == "POST" else _show(visit)


def _send(visit: Visit) -> HttpResponse:
    do, _colon, passage = visit.typed.do.partition(":")
    if do == CHOOSE:
        visit.typed.do, visit.typed.passage, visit.typed.revision = CHOOSE, passage, str(visit.section.revision)
        return _show(visit)
    try:
        place = _take(visit)
    except ValidationError as error:
        visit.typed.errors = error.messages
        return _show(visit, status=400)
    except PermissionDenied as error:
        visit.typed.errors = [str(error) or _("This is for others to do.")]
        return _show(visit, status=403)
    except Conflict as conflict:
        visit.typed.errors = [str(conflict.detail)]
        return _show(visit, status=409)
    except (Section.DoesNotExist, Strategy.DoesNotExist, Suggestion.DoesNotExist, Remark.DoesNotExist):
        raise Http404 from None
    return redirect(visit.request.path + place)


@guarded
@login_required
@require_safe
def own_suggestions(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """All that this person suggested for a strategy, and what became of it."""
    reader = signed_in(request)
    row = found(reader, strategy_id)
    with speaking_to(request, reader, row.client):
        page = paged(request, suggested_by(reader, row), "page", ROWS)
        return say(
            request, "portal/own_suggestions.html", {**about(row), "page": page, "rows": proposed(reader, page.rows)}
        )


def _take(visit: Visit) -> str:
    """Do what was asked; where on the page it is seen."""
    typed = visit.typed
    if typed.do in SUGGEST:
        return f"?sent#suggestion-{_suggest(visit).pk}"
    if typed.do == SAY:
        return f"?sent#remark-{_say(visit).pk}"
    if typed.do in SETTLE:
        row = get_object_or_404(suggestions_of(visit.reader, visit.section), pk=_number(typed.row, LONGEST_ID))
        more = {"reason": typed.words} if typed.do == "decline" else {}
        SETTLE[typed.do](user=visit.reader, suggestion=row, **more)
        return f"#suggestion-{row.pk}"
    if typed.do in THREAD:
        return f"#remark-{_talk(visit).pk}"
    raise ValidationError(_("Use one of the buttons."))


def _suggest(visit: Visit) -> Suggestion:
    typed, (start, quote) = visit.typed, _sent_passage(visit)
    place: dict[str, Any] = {"start": start, "quote": quote, "words": typed.instead or ""}
    if typed.do == SuggestionKind.DELETE:
        place |= {"words": ""}
    if typed.do == SuggestionKind.INSERT:
        more = typed.more.strip()
        place |= {"start": start + len(quote), "quote": "", "words": f" {more}" if more else ""}
    return suggest(
        user=visit.reader,
        section=visit.section,
        revision=_number(typed.revision),
        kind=typed.do,
        comment=typed.comment,
        audience=Audience.CLIENT,
        **place,
    )


def _say(visit: Visit) -> Remark:
    typed = visit.typed
    more: dict[str, Any] = {}
    if typed.passage:
        start, quote = _sent_passage(visit)
        more = {"start": start, "quote": quote, "revision": _number(typed.revision)}
    return add_remark(user=visit.reader, section=visit.section, text=typed.comment, audience=Audience.CLIENT, **more)


def _talk(visit: Visit) -> Remark:
    typed = visit.typed
    first = get_object_or_404(remarks_of(visit.reader, visit.section), pk=_number(typed.row, LONGEST_ID))
    if typed.do == "answer":
        add_remark(user=visit.reader, section=visit.section, text=typed.words, audience=Audience.CLIENT, parent=first)
    else:
        change = resolve_remark if typed.do == "resolve" else reopen_remark
        change(user=visit.reader, remark=first)
    return first


def _sent_passage(visit: Visit) -> tuple[int, str]:
    """Where the chosen passage begins in the text of the revision it was chosen in, and its words."""
    number = _number(visit.typed.revision)
    text = visit.section.body
    if number != visit.section.revision:
        row = selectors.revisions(visit.section).filter(number=number, beside=False).first()
        text = row.body if row else ""
    passage = _passage(visit.typed.passage, text)
    if passage is None:
        raise ValidationError(_("Choose a passage of the text first."))
    return passage.start, passage.text


def _passage(typed: str, text: str) -> Passage | None:
    """“12-40”: characters 12 to 40 of the text."""
    start, end = (_number(part) for part in typed.partition("-")[::2])
    words = text[start:end]
    return Passage(start, words) if words.strip() and end <= len(text) else None


def _number(typed: str, longest: int = LONGEST_NUMBER) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= longest else 0


def _typed(sent: QueryDict) -> Typed:
    names = ("do", "passage", "revision", "instead", "more", "comment", "row", "words")
    typed = Typed()
    for name in names:
        if name in sent:
            setattr(typed, name, _plain(str(sent[name])))
    return typed


def _words(typed: Typed) -> list[tuple[str, str]]:
    """What was typed, each with what it was typed into."""
    return [
        (_("How you would write it"), typed.instead or ""),
        (_("What should stand behind these words"), typed.more),
        (_("Your words"), "\n\n".join(filter(None, [typed.comment, typed.words]))),
    ]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _show(visit: Visit, status: int = 200) -> HttpResponse:
    request, reader, row, typed = visit.request, visit.reader, visit.section, visit.typed
    if status != 200:  # noqa: PLR2004 - something came in between: as it reads now
        now = selectors.sections(reader).filter(pk=row.pk).first()
        if now is None:
            return taken_out(request, row, _words(typed))
        row = now
    stands = _number(typed.revision) == row.revision
    chosen = _passage(typed.passage, row.body) if typed.passage and stands else None
    suggestions = paged(request, suggestions_of(reader, row), "suggestions", ROWS)
    remarks = paged(request, remarks_of(reader, row), "remarks", ROWS)
    context = {
        **about(row.strategy),
        "section": row,
        "last": last_written(row),
        "passages": passages_of(row.body),
        "chosen": chosen,
        "moved": bool(typed.passage) and not chosen,
        "kept": bool(typed.errors or typed.do == CHOOSE) and not typed.in_row,
        "typed": typed,
        "suggestions": suggestions,
        "proposed": proposed(reader, suggestions.rows),
        "remarks": remarks,
        "conversations": conversations(reader, remarks.rows),
        "writes": writes(reader, row.strategy),
        "over": row.strategy.state == StrategyState.SUPERSEDED,
        "sent": "sent" in request.GET,
    }
    answer = say(request, "portal/section.html", context, status=status)
    answer["Content-Security-Policy"] = WITH_OUR_SCRIPT
    return answer
