r"""A post's text as WordPress's blocks, so that what was typed is what readers see and nothing of it does anything.

Paragraphs are parted by an empty line; a line that begins with `#` and a space (two, three, four of them) is a heading,
one size below the title; addresses are links; other lines break as they were typed. Everything else is words: `<`, `&`
and `[` are written as entities, so that neither HTML nor shortcodes (`[gallery]`) nor blocks can be made by typing.
Grammar of blocks: https://developer.wordpress.org/block-editor/explanations/architecture/key-concepts/ (2026-11-29).

What WordPress shows may still differ to the eye: its themes make straight quotation marks curly (`wptexturize`).
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from social.networks.bluesky.richtext import spans

LONGEST_TITLE = 120  # characters of a first line that can stand for a title
_HEADING = re.compile(r"(#{1,4})[ \t]+(\S.*)")
_PARTED = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_LOWEST, _HIGHEST = 2, 4  # the title is the page's first heading


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the site has: its number and address there, and what it shows."""

    id: int
    url: str
    alt_text: str


def titled(text: str, title: str) -> tuple[str, str]:
    """Return title and text: where no title is given, a short first line is one, if others follow."""
    if title.strip():
        return title.strip(), text
    first, _break, rest = text.strip().partition("\n")
    heading = _HEADING.fullmatch(first.strip())
    words = heading[2] if heading else first.strip()
    if words and rest.strip() and len(words) <= LONGEST_TITLE:
        return words, rest.strip("\n")
    return "", text


def blocks(text: str, pictures: Sequence[Picture] = (), link: str = "") -> str:
    """Return the markup: the text, the pictures below it, and the link as last paragraph."""
    made = [block for part in _PARTED.split(_lines(text)) if part.strip() for block in _part(part)]
    made += [_picture(picture) for picture in pictures]
    made += [_paragraph(link)] if link else []
    return "\n\n".join(made)


def plain(words: str) -> str:
    """Return words as WordPress takes them where it takes HTML: title and excerpt."""
    return html.escape(words, quote=False).replace("[", "&#91;")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _part(part: str) -> list[str]:
    """The blocks of what stands between two empty lines: headings by themselves, the lines between them together."""
    made: list[str] = []
    lines: list[str] = []
    for line in part.split("\n"):
        heading = _HEADING.fullmatch(line.strip())
        if heading is None:
            lines.append(line)
            continue
        made += [_paragraph("\n".join(lines))] if lines else []
        made.append(_heading(heading[2], len(heading[1])))
        lines = []
    return [*made, _paragraph("\n".join(lines))] if lines else made


def _paragraph(words: str) -> str:
    return f"<!-- wp:paragraph -->\n<p>{_linked(words)}</p>\n<!-- /wp:paragraph -->"


def _heading(words: str, signs: int) -> str:
    level = min(max(signs, _LOWEST), _HIGHEST)
    named = "" if level == _LOWEST else f' {{"level":{level}}}'  # what is usual is not written
    return f"<!-- wp:heading{named} -->\n<h{level}>{_linked(words)}</h{level}>\n<!-- /wp:heading -->"


def _picture(picture: Picture) -> str:
    image = f'<img src="{_address(picture.url)}" alt="{_attribute(picture.alt_text)}" class="wp-image-{picture.id}"/>'
    figure = f'<figure class="wp-block-image size-large">{image}</figure>'
    return f'<!-- wp:image {{"id":{picture.id},"sizeSlug":"large"}} -->\n{figure}\n<!-- /wp:image -->'


def _linked(words: str) -> str:
    """The words with their addresses as links and their breaks."""
    made, at = [], 0
    for span in spans(words):
        if span.kind == "link":
            shown = plain(words[span.start : span.end])
            made += [plain(words[at : span.start]), f'<a href="{_address(span.target)}">{shown}</a>']
            at = span.end
    return "".join([*made, plain(words[at:])]).replace("\n", "<br>")


def _address(url: str) -> str:
    return html.escape(url.replace("[", "%5B").replace("]", "%5D"), quote=True)


def _attribute(words: str) -> str:
    return html.escape(words, quote=True).replace("[", "&#91;")
