"""A section's text on a page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape

import nh3
from django.utils.safestring import SafeString, mark_safe

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
    Side,
    Table,
)
from strategy.markdown.parsing import parsed

DEEPEST_HEADING = 6  # of HTML
TAGS = {
    "a", "blockquote", "br", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "strong", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "target"}, "img": {"src", "alt", "loading"}, "ol": {"start"}, "th": {"scope"}}
SIDES: dict[Side, str] = {"center": "filo-middle", "right": "filo-right"}
SCHEMES = {"http", "https", "mailto"}
Address = Callable[[str], str | None]


@dataclass(frozen=True, kw_only=True)
class _Page:
    address: Address
    below: int

    def blocks(self, blocks: Iterable[Block]) -> str:
        return "".join(self._block(block) for block in blocks)

    def _block(self, block: Block) -> str:
        match block:
            case Paragraph():
                words = self._inlines(block.inlines)
                return words if block.tight else f"<p>{words}</p>\n"
            case Heading():
                tag = f"h{min(self.below + block.depth, DEEPEST_HEADING)}"
                return f"<{tag}>{self._inlines(block.inlines)}</{tag}>\n"
            case Points():
                tag = "ul" if block.start is None else "ol"
                start = "" if block.start in {None, 1} else f' start="{block.start}"'
                items = "".join(f"<li>{self.blocks(item)}</li>\n" for item in block.items)
                return f"<{tag}{start}>\n{items}</{tag}>\n"
            case Quote():
                return f"<blockquote>\n{self.blocks(block.blocks)}</blockquote>\n"
            case Table():
                head = self._row(block.head, block.sides, 'th scope="col"')
                rows = "".join(self._row(row, block.sides, "td") for row in block.rows)
                body = f"<tbody>\n{rows}</tbody>\n" if rows else ""
                return f"<table>\n<thead>\n{head}</thead>\n{body}</table>\n"
            case Rule():
                return "<hr>\n"

    def _row(self, cells: Iterable[Inlines], sides: Iterable[Side], tag: str) -> str:
        made = []
        for cell, side in zip(cells, sides, strict=True):
            looks = f' class="{SIDES[side]}"' if side in SIDES else ""
            made.append(f"<{tag}{looks}>{self._inlines(cell)}</{tag[:2]}>")
        return f"<tr>{''.join(made)}</tr>\n"

    def _inlines(self, inlines: Inlines) -> str:
        return "".join(self._inline(inline) for inline in inlines)

    def _inline(self, inline: Inline) -> str:
        match inline:
            case Break():
                return "<br>\n"
            case Picture():
                found = self.address(inline.media)
                if not found:
                    return escape(inline.alt)
                return f'<img src="{escape(found)}" alt="{escape(inline.alt)}" loading="lazy">'
            case Run():
                words = escape(inline.text)
                words = f"<em>{words}</em>" if inline.emphasised else words
                words = f"<strong>{words}</strong>" if inline.strong else words
                return f'<a href="{escape(inline.link)}" target="_blank">{words}</a>' if inline.link else words


def rendered(text: str, *, address: Address, below: int = 2) -> SafeString:
    """A section's Markdown as HTML, the same on every face. Never raises.

    ``address`` gives where one of the client's pictures is, by what stands behind ``media:``; None for one that is not
    the client's, in whose place its alternative text is shown. ``below``: the level of the heading that the section has
    on this page; those of the text come below it, without a hole in the outline.
    """
    page = _Page(address=address, below=below).blocks(parsed(text))
    return mark_safe(  # noqa: S308 - nh3 has just cleaned it, and everything in it was escaped before
        nh3.clean(
            page,
            tags=TAGS,
            attributes=ATTRIBUTES,
            allowed_classes={"td": set(SIDES.values()), "th": set(SIDES.values())},
            url_schemes=SCHEMES,
            link_rel="noopener noreferrer",
        )
    )
