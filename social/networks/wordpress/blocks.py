r"""A post's text as WordPress's blocks, so that what was typed is what readers see and nothing of it does anything.

Paragraphs, headings (one size below the title) and links are those of `social.networks.light`. Everything else is words:
`<`, `&` and `[` are written as entities, so that neither HTML nor shortcodes (`[gallery]`) nor blocks can be made by typing.
They are written as WordPress keeps them (`wp_kses_normalize_entities`: three digits and more), so that what is read back is
what was sent; it takes `&amp;#91;` for a bracket, so the `#` after a typed `&` is an entity, too. Control characters, which it
drops, are left out, but for the breaks of office programs, which are breaks.
Grammar of blocks: https://developer.wordpress.org/block-editor/explanations/architecture/key-concepts/ (2026-11-29).

What WordPress shows may still differ to the eye: its themes make straight quotation marks curly (`wptexturize`).
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from social.networks import light
from social.networks.layout import PARAGRAPH, TITLE, Layout, Stretch, laid_out

# Vertical tab and form feed break a line; the rest is nothing that anybody could read.
_CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n\r"} | {0x0B: "\n", 0x0C: "\n"}
LONGEST_TITLE = 120  # characters of a first line that can stand for a title


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
    words = light.heading(first) or first.strip()
    if words and rest.strip() and len(words) <= LONGEST_TITLE:
        return words, rest.strip("\n")
    return "", text


def blocks(text: str, pictures: Sequence[Picture] = (), link: str = "") -> str:
    """Return the markup: the text, the pictures below it, and the link as last paragraph."""
    lines = light.lines(text)
    made = [_block(stretch.level, lines[stretch.start : stretch.end]) for stretch in light.stretches(lines)]
    made += [_picture(picture) for picture in pictures]
    made += [_paragraph(link)] if link else []
    return "\n\n".join(made)


def layout(text: str, title: str) -> Layout:
    """Return how the page shows it: a first line that stands for the title is one here too."""
    heading, rest = titled(text, title)
    if title.strip() or not heading:
        return light.layout(text, heading)
    start = text.index(heading)
    begin = text.index(rest, start + len(heading))
    below = light.stretches(text, begin, begin + len(rest))
    return laid_out(text, [Stretch(TITLE, start, start + len(heading)), *below], light.anchors(text))


def plain(words: str) -> str:
    """Return words as WordPress takes them where it takes HTML."""
    return _entities(html.escape(words.translate(_CONTROLS), quote=False))


def one_line(words: str) -> str:
    """The same, for a title."""
    return plain(words).replace("\n", " ")


def _entities(escaped: str) -> str:
    return escaped.replace("&amp;#", "&amp;&#035;").replace("[", "&#091;")


def _block(level: int, words: str) -> str:
    return _paragraph(words) if level == PARAGRAPH else _heading(words, level)


def _paragraph(words: str) -> str:
    return f"<!-- wp:paragraph -->\n<p>{_linked(words)}</p>\n<!-- /wp:paragraph -->"


def _heading(words: str, level: int) -> str:
    named = "" if level == light.LOWEST else f' {{"level":{level}}}'  # what is usual is not written
    return f"<!-- wp:heading{named} -->\n<h{level}>{_linked(words)}</h{level}>\n<!-- /wp:heading -->"


def _picture(picture: Picture) -> str:
    image = f'<img src="{_address(picture.url)}" alt="{_attribute(picture.alt_text)}" class="wp-image-{picture.id}" />'
    figure = f'<figure class="wp-block-image size-large">{image}</figure>'
    return f'<!-- wp:image {{"id":{picture.id},"sizeSlug":"large"}} -->\n{figure}\n<!-- /wp:image -->'


def _linked(words: str) -> str:
    """The words with their addresses as links and their breaks."""
    made = [
        f'<a href="{_address(target)}">{plain(shown)}</a>' if target else plain(shown)
        for shown, target in light.linked(words)
    ]
    return "".join(made).replace("\n", "<br>")


def _address(url: str) -> str:
    return html.escape(url.replace("[", "%5B").replace("]", "%5D"), quote=True)


def _attribute(words: str) -> str:
    return _entities(html.escape(words.translate(_CONTROLS), quote=True).replace("\\", "&#092;"))
