"""From Markdown to blocks, by markdown-it-py with few of its rules: what is none of these stays as it was typed.

There is no HTML, no code and no reference in it; a line's end is a line's end. Reading takes time that grows with the
length of the text, whatever it holds (tests/strategy/markdown holds that).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from strategy.markdown.blocks import (
    Block,
    Blocks,
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
    Side,
    Table,
    words_of,
)

DEEPEST = 24  # blocks and manners of text within each other; what is deeper is left out, so `check` refuses it
UNUSED = ("code", "fence", "backticks", "html_block", "html_inline", "reference", "lheading")
LINK = re.compile(r"(?:https?://|mailto:)\S", re.IGNORECASE)
MEDIA = re.compile(r"media:([0-9]{1,18})\Z")
SIDE = re.compile(r"text-align:(left|center|right)")


class Reader(MarkdownIt):
    """markdown-it-py with the rules of a section's text. ``thorough``: also what is left out on a page, to be told of."""

    def __init__(self, *, thorough: bool = False) -> None:
        deepest = DEEPEST + 6 if thorough else DEEPEST
        super().__init__("commonmark", {"html": thorough, "breaks": True, "maxNesting": deepest})
        self.disable(UNUSED).enable("table")
        self.thorough = thorough
        if thorough:
            self.enable(["html_block", "html_inline"])

    def validateLink(self, url: str) -> bool:  # noqa: N802 - its documented name
        """Whether this is the address of a page, of a mailbox, or of a picture of the client's media."""
        return self.thorough or bool(LINK.match(url) or MEDIA.match(url))


def parsed(text: str) -> Blocks:
    """The blocks of a text; never raises."""
    return blocks_of(Reader().parse(text))


def blocks_of(tokens: Sequence[Token]) -> Blocks:
    """The blocks of what was found."""
    return _leveled(tuple(_blocks(SyntaxTreeNode(tokens).children)))


def seen(text: str) -> bool:
    """Whether there is anything in it that can be seen."""
    return any(unicodedata.category(sign)[0] not in "ZC" for sign in text)


def _leveled(blocks: Blocks) -> Blocks:
    """Headings by how deep they stand below others, not by how many # were typed: the outline has no hole."""
    above: list[int] = []
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading):
            while above and above[-1] >= block.depth:
                above.pop()
            above.append(block.depth)
            found.append(Heading(len(above), block.inlines))
        else:
            found.append(block)
    return tuple(found)


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[Block]:
    for node in nodes:
        match node.type:
            case "paragraph":
                yield Paragraph(_inlines(node), tight=node.hidden)
            case "heading":
                inlines = _inlines(node)
                if seen(words_of(inlines)):  # one without words would lead nowhere
                    yield Heading(int(node.tag[1:]), inlines)
            case "bullet_list":
                yield Points(None, tuple(tuple(_inner(item)) for item in node.children))
            case "ordered_list":
                yield Points(int(node.attrs.get("start", 1)), tuple(tuple(_inner(item)) for item in node.children))
            case "blockquote":
                yield Quote(tuple(_inner(node)))
            case "table":
                yield _table(node)
            case "hr":
                yield Rule()


def _inner(node: SyntaxTreeNode) -> Iterator[Block]:
    """Within a list or a quotation a heading is a strong line: it is no part of the page's outline."""
    for block in _blocks(node.children):
        if isinstance(block, Heading):
            yield Paragraph(tuple(_strong(inline) for inline in block.inlines))
        else:
            yield block


def _strong(inline: Inline) -> Inline:
    return (
        Run(inline.text, strong=True, emphasised=inline.emphasised, link=inline.link)
        if isinstance(inline, Run)
        else inline
    )


def _table(node: SyntaxTreeNode) -> Table:
    head, *body = node.children
    columns = head.children[0].children
    rows = body[0].children if body else []
    return Table(
        tuple(_side(cell) for cell in columns),
        tuple(_inlines(cell) for cell in columns),
        tuple(tuple(_inlines(cell) for cell in row.children) for row in rows),
    )


def _side(cell: SyntaxTreeNode) -> Side:
    found = SIDE.match(str(cell.attrs.get("style", "")))
    return found[1] if found else ""  # type: ignore[return-value]  # the expression has these three


def _inlines(node: SyntaxTreeNode) -> Inlines:
    found: list[Inline] = []
    for inner in node.children:
        for inline in _inline(inner, Run("")):
            last = found[-1] if found else None
            if isinstance(last, Run) and isinstance(inline, Run) and _alike(last, inline):
                found[-1] = Run(last.text + inline.text, last.strong, last.emphasised, last.link)
            elif not (isinstance(inline, Run) and not inline.text):
                found.append(inline)
    return tuple(found)


def _alike(one: Run, other: Run) -> bool:
    return (one.strong, one.emphasised, one.link) == (other.strong, other.emphasised, other.link)


def _inline(node: SyntaxTreeNode, manner: Run) -> Iterator[Inline]:
    match node.type:
        case "inline":
            inside = manner
        case "strong":
            inside = Run("", True, manner.emphasised, manner.link)
        case "em":
            inside = Run("", manner.strong, True, manner.link)
        case "link":
            address = str(node.attrs.get("href", ""))
            inside = Run("", manner.strong, manner.emphasised, address if LINK.match(address) else manner.link)
        case "softbreak" | "hardbreak":
            yield Break()
            return
        case "image":
            yield _picture(node, manner)
            return
        case _:
            yield Run(node.content, manner.strong, manner.emphasised, manner.link)
            return
    for inner in node.children:
        yield from _inline(inner, inside)


def _picture(node: SyntaxTreeNode, manner: Run) -> Inline:
    """The picture; what is said of it, where it is none of the client's media."""
    alt = words_of(inline for inner in node.children for inline in _inline(inner, Run(""))).replace("\n", " ")
    media = MEDIA.match(str(node.attrs.get("src", "")))
    return Picture(media[1], alt) if media else Run(alt, manner.strong, manner.emphasised, manner.link)
