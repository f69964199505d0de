"""From a row of headings and what stands between them to sections: the same for Markdown and DOCX."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from strategy.markdown import check
from strategy.markdown.blocks import Block, Inlines, Run, Table, words_of
from strategy.papers.about import Line, kind_of, understood
from strategy.papers.days import day_in
from strategy.papers.facts import is_ours, read_back
from strategy.papers.words import LANGUAGES, STRATEGIES, speaking
from strategy.reading.understood import FoundPicture, SectionRead, Understood

TITLE_LENGTH = 200
MOST_SECTIONS = 200
LONGEST_HEADING = 80  # of those that somebody made by hand


@dataclass
class Part:
    """A heading, and what stands below it. ``level`` is 0 for what comes before the first heading."""

    level: int
    title: str
    lines: list[Line] = field(default_factory=list)  # what is known of it beside its text
    body: str = ""
    facts: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)

    def takes(self, block: Block) -> bool:
        """Whether the block is a table of facts, which are taken then; one that is meant as such and can't be read stays."""
        if not isinstance(block, Table):
            return False
        head = [words_of(cell) for cell in block.head]
        facts = read_back(head, [[words_of(cell) for cell in row] for row in block.rows])
        if facts:
            self.facts.append(facts)
        elif is_ours(head):
            told = _("The table “%(head)s” stays in the text: a number, a day or a word in it is not one that we know.")
            self.strange.append(told % {"head": " · ".join(head)})
        return facts is not None


def dividing(levels: Sequence[int], *, titled: bool = False) -> tuple[bool, int]:
    """Whether the first heading is the document's title, and the level of those with which sections begin.

    It is the title if it stands above all others. ``titled``: the title was found already.
    """
    if not levels:
        return False, 1
    first, others = levels[0], levels[1:]
    if not titled and others and all(first < level for level in others):
        return True, min(others)
    if not titled and not others and first == 1:
        return True, 2
    return False, min(levels)


def looks_like_a_heading(inlines: Inlines) -> bool:
    """Whether somebody who uses no headings means one: a short line that is bold or in capitals, and no sentence."""
    words = words_of(inlines).strip()
    strong = all(isinstance(run, Run) and (run.strong or not run.text.strip()) for run in inlines)
    short = 0 < len(words) <= LONGEST_HEADING and "\n" not in words
    return short and (strong or words.isupper()) and not words.endswith((".", "!", "?", ";", ","))


def made_by_hand(number: int) -> str:
    """That so many of them were taken for headings."""
    text = ngettext(
        "The document has no headings: %(number)d line in bold or in capitals was taken for one.",
        "The document has no headings: %(number)d lines in bold or in capitals were taken for them.",
        number,
    )
    return text % {"number": number}


def gathered(
    title: str,
    head: Part | None,
    parts: Iterable[Part],
    *,
    pictures: Sequence[FoundPicture] = (),
    strange: Sequence[str] = (),
) -> Understood:
    """All of it together. ``head`` is what stands below the title, before the first section."""
    told, problems = _document(head.lines if head else [])
    problems = [*strange, *problems]
    sections: list[SectionRead] = []
    pillars: list[dict[str, Any]] = []
    taken: set[str] = set()
    found = list(parts)
    if head and (head.body.strip() or head.facts):
        found.insert(0, Part(0, _("Introduction"), body=head.body, facts=head.facts, strange=head.strange))
    if len(found) > MOST_SECTIONS:
        problems.append(_("Only the first %(limit)d sections were read.") % {"limit": MOST_SECTIONS})
    for part in found[:MOST_SECTIONS]:
        shares = [entry for name, entries in part.facts if name == "pillars" for entry in entries]
        pillars += shares
        if shares and _only_shares(part):
            continue
        section = _section(part, taken)
        taken.add(section.kind)
        sections.append(section)
    return Understood(
        title=_short(title),
        sections=tuple(sections),
        pillars=tuple(pillars),
        pictures=tuple(pictures),
        strange=tuple(problems),
        **told,
    )


def _only_shares(part: Part) -> bool:
    """A section that is there for the table alone, as our papers have it where nobody wrote one on pillars."""
    return not part.lines and not part.body.strip() and all(name == "pillars" for name, _entries in part.facts)


def _section(part: Part, taken: Collection[str]) -> SectionRead:
    said, strange = understood(part.lines)
    kind, guessed = said.pop("kind", None), False
    if kind is None:
        kind = kind_of(part.title)
        guessed = kind != "free"
    if kind in taken and kind != "free":
        kind, guessed = "free", False
    facts = {name: entries for name, entries in part.facts if name != "pillars"}
    body = part.body.strip("\n")
    title = _short(part.title) or _("Without a title")
    notes = [*part.strange, *strange, *_problems(body)]
    if title != " ".join(part.title.split()):
        notes.append(_("The heading was shortened."))
    return SectionRead(kind=kind, title=title, body=body, guessed=guessed, facts=facts, strange=tuple(notes), **said)


def _problems(body: str) -> list[str]:
    """What would be refused when it is saved; whose pictures they are is asked then."""
    try:
        check(body, mine=lambda names: names)
    except ValidationError as refused:
        return [str(message) for message in refused.messages]
    return []


def _short(title: str) -> str:
    return " ".join(title.split())[:TITLE_LENGTH].strip()


def _document(lines: Iterable[Line]) -> tuple[dict[str, Any], list[str]]:
    """What stands below the title; whose it was, which version and its digest are not taken over."""
    readers: dict[str, tuple[str, Callable[[str], str | None]]] = {}
    ignored = set()
    for language in LANGUAGES:
        with speaking(language):
            words = {str(word).lower(): name for name, word in STRATEGIES.items()}
            readers[_("For").lower()] = "kind", lambda text, words=words: words.get(text.lower())  # type: ignore[misc]
            readers[_("Begins on").lower()] = "starts_on", day_in
            readers[_("Ends on").lower()] = "ends_on", day_in
            ignored |= {_("Client").lower(), _("Version").lower(), _("Digest").lower()}
    told: dict[str, Any] = {}
    strange = []
    for label, text in lines:
        name, reader = readers.get(label.strip().lower(), ("", day_in))
        if name and (value := reader(text.strip())):
            told[name] = value
        elif label.strip().lower() not in ignored:
            strange.append(f"{label}: {text}")
    return told, strange


def document_label(text: str) -> bool:
    """Whether a line below the title could begin so."""
    label = text.strip().lower()
    for language in LANGUAGES:
        with speaking(language):
            known = (_("For"), _("Begins on"), _("Ends on"), _("Client"), _("Version"), _("Digest"))
            if label in {word.lower() for word in known}:
                return True
    return False
