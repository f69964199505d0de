"""From blocks back to Markdown, in one plain form: what is read from a DOCX becomes a section's text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from strategy.markdown.blocks import (
    Block,
    Break,
    Heading,
    Inline,
    Inlines,
    Paragraph,
    Picture,
    Points,
    Quote,
    Rule,
    Run,
    Table,
    words_of,
)
from strategy.markdown.parsing import parsed

ALWAYS = re.compile(r"([\\`*\[\]<&|#]|(?<![^\W_])_|_(?![^\W_]))")
AT_THE_START = re.compile(r"^(\s*)([-+>=]|:(?=-)|\d{1,9}(?=[.)](?:\s|$)))", re.MULTILINE)
MANNERS = (("**", "*"), ("**", "_"), ("__", "*"), ("__", "_"))
SIDES = {"": "---", "left": ":--", "center": ":-:", "right": "--:"}


def escaped(text: str) -> str:
    """Words that a reader of Markdown takes for nothing else."""
    return AT_THE_START.sub(_marked, _safe(text))


def _safe(text: str) -> str:
    return ALWAYS.sub(r"\\\1", text)


def _marked(found: re.Match[str]) -> str:
    space, sign = found[1], found[2]
    return f"{space}{sign}\\" if sign.isdecimal() else f"{space}\\{sign}"


def written(blocks: Iterable[Block]) -> str:
    """These blocks as Markdown, without a line's end at the end; read again they are the same."""
    return "\n\n".join(_blocks(blocks))


def _blocks(blocks: Iterable[Block]) -> Iterator[str]:
    before: Block | None = None
    other = False
    for block in blocks:
        # Two lists in a row would be read as one, if they had the same sign.
        other = (
            isinstance(block, Points)
            and isinstance(before, Points)
            and _numbered(before) == _numbered(block)
            and not other
        )
        before = block
        if text := _block(block, other=other):
            yield text


def _numbered(points: Points) -> bool:
    return points.start is not None


def _block(block: Block, *, other: bool) -> str:
    match block:
        case Paragraph():
            return _paragraph(block.inlines)
        case Heading():
            words = _line(block.inlines)
            return f"{'#' * block.depth} {words}" if words else ""
        case Points():
            return _points(block, other=other)
        case Quote():
            return "\n".join(f"> {line}".rstrip() for line in written(block.blocks).split("\n"))
        case Table():
            return _table(block)
        case Rule():
            return "***"


def _points(points: Points, *, other: bool) -> str:
    tight = all(_close(block) for item in points.items for block in item)
    made = []
    for at, item in enumerate(points.items):
        sign = ("+ " if other else "- ") if points.start is None else f"{points.start + at}{')' if other else '.'} "
        inside = ("\n" if tight else "\n\n").join(_blocks(item))
        made.append((sign + inside.replace("\n", "\n" + " " * len(sign))).rstrip())
    text = ("\n" if tight else "\n\n").join(made)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def _close(block: Block) -> bool:
    """Whether it can stand right below words, without an empty line."""
    if isinstance(block, Points):
        return block.start in {None, 1}
    return not isinstance(block, Paragraph) or block.tight


def _table(table: Table) -> str:
    lines = [[_line(cell) for cell in row] for row in (table.head, *table.rows)]
    lines.insert(1, [SIDES[side] for side in table.sides])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _line(inlines: Inlines) -> str:
    """In one line, as headings and cells are."""
    return _paragraph(tuple(Run(" ") if isinstance(inline, Break) else inline for inline in inlines))


def _paragraph(inlines: Inlines) -> str:
    """In the first of the manners that is read as it was meant; without manners, where none is."""
    plain = _trimmed(inlines)
    if not any(isinstance(inline, Run) and (inline.strong or inline.emphasised) for inline in plain):
        return _inlines(plain, *MANNERS[0])
    for strong, emphasised in MANNERS:
        text = _inlines(plain, strong, emphasised)
        if parsed(text) == (Paragraph(plain),):
            return text
    return _inlines([replace(i, strong=False, emphasised=False) if isinstance(i, Run) else i for i in plain], "", "")


def _trimmed(inlines: Inlines) -> Inlines:
    """White space at the edges of a manner stands outside of it; at the edges of the whole it does not count."""
    found: list[Inline] = []
    for inline in inlines:
        if isinstance(inline, Run) and (inline.strong or inline.emphasised or inline.link):
            inner = inline.text.strip()
            before, after = inline.text[: len(inline.text) - len(inline.text.lstrip())], ""
            if inner:
                after = inline.text[len(inline.text.rstrip()) :]
            parts: list[Inline] = [Run(before), replace(inline, text=inner), Run(after)]
            found += [part for part in parts if isinstance(part, Run) and part.text]
        else:
            found.append(inline)
    return joined(found)


def joined(inlines: Sequence[Inline]) -> Inlines:
    """Words in the same manner as one run; without white space around the whole."""
    found: list[Inline] = []
    for inline in inlines:
        last = found[-1] if found else None
        if isinstance(inline, Run) and isinstance(last, Run) and replace(last, text="") == replace(inline, text=""):
            found[-1] = replace(last, text=last.text + inline.text)
        elif inline != Run(""):
            found.append(inline)
    while found and _blank(found[0]):
        found.pop(0)
    while found and _blank(found[-1]):
        found.pop()
    if found and isinstance(found[0], Run):
        found[0] = replace(found[0], text=found[0].text.lstrip())
    if found and isinstance(found[-1], Run):
        found[-1] = replace(found[-1], text=found[-1].text.rstrip())
    return tuple(found)


def _blank(inline: Inline) -> bool:
    return isinstance(inline, Break) or (isinstance(inline, Run) and not inline.text.strip())


def _inlines(inlines: Iterable[Inline], strong: str, emphasised: str) -> str:
    said = []
    after_break = False
    for link, group in groupby(inlines, key=lambda inline: inline.link if isinstance(inline, Run) else ""):
        words = []
        for inline in group:
            match inline:
                case Break():
                    words.append("\\\n" if after_break else "\n")
                case Picture():
                    words.append(f"![{_safe(' '.join(inline.alt.split()))}](media:{inline.media})")
                case Run():
                    text = _safe(inline.text)
                    text = f"{emphasised}{text}{emphasised}" if inline.emphasised else text
                    words.append(f"{strong}{text}{strong}" if inline.strong else text)
            after_break = isinstance(inline, Break)
        text = "".join(words)
        said.append(f"[{text}]({_address(link)})" if link else text)
    return AT_THE_START.sub(_marked, "".join(said))


def _address(link: str) -> str:
    return f"<{link}>" if set("() ") & set(link) else link


def bare(blocks: Iterable[Block]) -> str:
    """The words of some blocks, without any manner, a paragraph a line."""
    return "\n".join(words_of(block.inlines) for block in blocks if isinstance(block, (Paragraph, Heading)))
