"""Markdown in. The text of a section stays as it was typed; only its headings move, and pictures are found again."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from django.utils.translation import gettext as _
from markdown_it.token import Token

from strategy.markdown.blocks import Block, Inlines, Paragraph, Quote, Run, inlines_of, words_of
from strategy.markdown.parsing import Reader, blocks_of, parsed
from strategy.papers.about import Line, is_label
from strategy.papers.archive import shifted
from strategy.reading.parts import Part, dividing, document_label, gathered, looks_like_a_heading, made_by_hand
from strategy.reading.understood import FoundPicture, Understood

PICTURE = re.compile(r"!\[((?:[^\[\]\\]|\\.){0,2000})\]\(\s*(?:<([^<>\n]*)>|([^\s()<>]+))(?:\s+\"[^\"\n]*\")?\s*\)")
EXPLAINED = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*\S", re.MULTILINE)
UNDERLINED = {"=": "#", "-": "##"}


@dataclass(frozen=True)
class _Head:
    level: int
    title: str
    start: int
    end: int
    by_hand: bool = False


def understood(text: str, files: Mapping[str, bytes], *, mine: Mapping[str, str]) -> Understood:
    """What is understood of Markdown. ``files`` are the pictures that came with it, by the names that the text uses."""
    pictures: list[FoundPicture] = []
    text = PICTURE.sub(lambda found: _picture(found, files, mine, pictures), _flat(text))
    lines = text.split("\n")
    heads = _heads(text)
    titled, level = dividing([head.level for head in heads])
    begun = heads[0].end if titled else 0
    starts = [head for head in heads[titled:] if head.level <= level]
    ends = [head.start for head in starts] + [len(lines)]
    top = _part("", lines[begun : ends[0]], 0, document_label)
    parts = [
        _part(head.title, lines[head.end : end], head.level, is_label)
        for head, end in zip(starts, ends[1:], strict=True)
    ]
    strange = [made_by_hand(by_hand)] if (by_hand := sum(head.by_hand for head in heads)) else []
    if EXPLAINED.search(text):
        strange.append(_("Links that are explained elsewhere in the text ([name]: address) stay as they were typed."))
    return gathered(heads[0].title if titled else "", top, parts, pictures=pictures, strange=strange)


def _tokens(text: str) -> list[Token]:
    """As other programs write it: with headings that are underlined, and code in which no heading is one."""
    return Reader().enable(["fence", "lheading"]).parse(text)


def _flat(text: str) -> str:
    """Headings that are underlined get number signs: our texts know only those."""
    lines = text.split("\n")
    for token in reversed(_tokens(text)):
        if token.type == "heading_open" and token.markup in UNDERLINED and token.map and token.level == 0:
            start, end = token.map
            words = " ".join(line.strip() for line in lines[start : end - 1])
            lines[start:end] = [f"{UNDERLINED[token.markup]} {words}"]
    return "\n".join(lines)


def _heads(text: str) -> list[_Head]:
    tokens = _tokens(text)
    found = []
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.map and token.level == 0:
            title = words_of(inlines_of(blocks_of(tokens[at : at + 3])))
            found.append(_Head(int(token.tag[1:]), title, token.map[0], token.map[1]))
    if [head.level for head in found] not in ([], [1]):
        return found
    return sorted([*found, *_by_hand(tokens, titled=bool(found))], key=lambda head: head.start)


def _by_hand(tokens: Sequence[Token], *, titled: bool) -> list[_Head]:
    """Lines that were made to look like headings; two right behind each other: the first is the title, where there is none."""
    found: list[_Head] = []
    for at, token in enumerate(tokens):
        if token.type == "paragraph_open" and token.map and token.level == 0:
            inlines = tuple(inlines_of(blocks_of(tokens[at : at + 3])))
            if looks_like_a_heading(inlines):
                found.append(_Head(2, words_of(inlines).strip(), token.map[0], token.map[1], by_hand=True))
    starts = {token.map[0] for token in tokens if token.map and token.level == 0}
    if len(found) > 1 and not titled and not any(found[0].end <= start < found[1].start for start in starts):
        found[0] = replace(found[0], level=1)
    return found


def _part(title: str, lines: Sequence[str], level: int, labelled: Callable[[str], bool]) -> Part:
    """What stands below a heading: first what is known of it, then its text, then tables of facts."""
    part = Part(level, title)
    tokens = Reader().parse("\n".join(lines))
    places = [token.map for token in tokens if token.map and token.level == 0 and token.nesting >= 0]
    blocks: list[Block] = list(blocks_of(tokens))
    begin = 0
    if blocks and (told := about_lines(blocks[0], labelled)):
        part.lines = told
        begin = places[0][1]
    gone = [place for block, place in zip(blocks, places, strict=True) if part.takes(block)]
    kept = [
        lines[start:end]
        for start, end in zip(
            [begin, *[end for _start, end in gone]], [*[start for start, _end in gone], len(lines)], strict=True
        )
    ]
    texts = ("\n".join(between).strip("\n") for between in kept)
    part.body = shifted("\n\n".join(filter(None, texts)), -level)
    return part


def about_lines(block: Block, labelled: Callable[[str], bool]) -> list[Line]:
    """The lines of a quotation in which each paragraph begins with one of our labels, or goes on; none for any other."""
    lines: list[Line] = []
    if not isinstance(block, Quote):
        return lines
    for paragraph in block.blocks:
        if not isinstance(paragraph, Paragraph):
            return []
        line = labelled_line(paragraph.inlines, labelled)
        if line:
            lines.append(line)
        elif lines:
            label, text = lines[-1]
            lines[-1] = (label, f"{text}\n\n{words_of(paragraph.inlines)}")
        else:
            return []
    return lines


def labelled_line(inlines: Inlines, labelled: Callable[[str], bool]) -> Line | None:
    """A line that begins with a label of ours, strong and with a colon."""
    first = inlines[0] if inlines else None
    if isinstance(first, Run) and first.strong and first.text.rstrip().endswith(":"):
        label = first.text.rstrip()[:-1]
        if labelled(label):
            return label, words_of(inlines[1:]).strip()
    return None


def _picture(
    found: re.Match[str], files: Mapping[str, bytes], mine: Mapping[str, str], pictures: list[FoundPicture]
) -> str:
    address = unquote(found[2] if found[2] is not None else found[3])
    data = files.get(address.removeprefix("./"))
    if data is None:
        return found[0]
    digest = hashlib.sha256(data).hexdigest()
    if media := mine.get(digest):
        return f"![{found[1]}](media:{media})"
    alt = words_of(inlines_of(parsed(found[1])))
    pictures.append(FoundPicture(name=address.rpartition("/")[2], alt=alt, sha256=digest, data=data))
    return found[1]
