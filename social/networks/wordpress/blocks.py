r"""A post's text as WordPress's blocks, so that what was typed is what readers see and nothing of it does anything.

Paragraphs are parted by an empty line; a line that begins with `#` and a space (two, three, four of them) is a heading,
one size below the title; addresses are links; other lines break as they were typed. Everything else is words: `<`, `&`
and `[` are written as entities, so that neither HTML nor shortcodes (`[gallery]`) nor blocks can be made by typing.
Grammar of blocks: https://developer.wordpress.org/block-editor/explanations/architecture/key-concepts/ (2026-11-29).

What WordPress shows may still differ to the eye: its themes make straight quotation marks curly (`wptexturize`).
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from social.networks.bluesky.richtext import spans
from social.networks.layout import PARAGRAPH, TITLE, Anchor, Layout, Stretch, laid_out

LONGEST_TITLE = 120  # characters of a first line that can stand for a title
_HEADING = re.compile(r"(#{1,4})[ \t]+(\S.*)")
_LINE = re.compile(r"[^\n]+")
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
    lines = _lines(text)
    made = [_block(stretch.level, lines[stretch.start : stretch.end]) for stretch in stretches(lines, 0, len(lines))]
    made += [_picture(picture) for picture in pictures]
    made += [_paragraph(link)] if link else []
    return "\n\n".join(made)


def stretches(text: str, begin: int, end: int) -> Iterator[Stretch]:
    """Where the headings and paragraphs stand in a part of the text."""
    at = begin
    for gap in _PARTED.finditer(text, begin, end):
        yield from _stretches(text, at, gap.start())
        at = gap.end()
    yield from _stretches(text, at, end)


def _stretches(text: str, start: int, end: int) -> Iterator[Stretch]:
    """What stands between two empty lines: headings by themselves, the lines between them together."""
    begun = None
    for found in _LINE.finditer(text, start, end):
        heading = _heading_in(text, *found.span())
        if heading is None:
            begun = found.start() if begun is None else begun
            continue
        yield from _paragraph_in(text, begun, found.start() - 1)
        yield heading
        begun = None
    yield from _paragraph_in(text, begun, end)


def _heading_in(text: str, start: int, end: int) -> Stretch | None:
    line = text[start:end]
    found = _HEADING.fullmatch(line.strip())
    if found is None:
        return None
    words = start + len(line) - len(line.lstrip()) + found.start(2)
    return Stretch(min(max(len(found[1]), _LOWEST), _HIGHEST), words, words + len(found[2]))


def _paragraph_in(text: str, start: int | None, end: int) -> Iterator[Stretch]:
    if start is not None and text[start:end].strip():
        yield Stretch(PARAGRAPH, start, start + len(text[start:end].rstrip("\n")))


def layout(text: str, title: str) -> Layout:
    """Return how the page shows it: a first line that stands for the title is one here too."""
    heading, rest = titled(text, title)
    links = [Anchor(span.start, span.end, span.target) for span in spans(text) if span.kind == "link"]
    if title.strip() or not heading:
        return laid_out(text, list(stretches(text, *_within(text))), links, heading)
    start = text.index(heading)
    begin = text.index(rest, start + len(heading))
    return laid_out(
        text, [Stretch(TITLE, start, start + len(heading)), *stretches(text, begin, begin + len(rest))], links
    )


def _within(text: str) -> tuple[int, int]:
    """Where it begins and ends without the empty lines around it."""
    return len(text) - len(text.lstrip("\n")), len(text.rstrip("\n"))


def plain(words: str) -> str:
    """Return words as WordPress takes them where it takes HTML: title and excerpt."""
    return html.escape(words, quote=False).replace("[", "&#91;")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _block(level: int, words: str) -> str:
    return _paragraph(words) if level == PARAGRAPH else _heading(words, level)


def _paragraph(words: str) -> str:
    return f"<!-- wp:paragraph -->\n<p>{_linked(words)}</p>\n<!-- /wp:paragraph -->"


def _heading(words: str, level: int) -> str:
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
