"""What a section's text may not hold, said before anything of it would be left out on a page."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from markdown_it.token import Token

from strategy.markdown.blocks import Block, Points, Quote, Table
from strategy.markdown.parsing import DEEPEST, LINK, MEDIA, Reader, blocks_of

LONGEST = 100_000  # characters
MOST_ROWS = 200
MOST_COLUMNS = 20
LOWEST_HEADING = 4  # number signs: a section's heading and the document's stand above
SHOWN = 60  # characters of what is refused
NO_CHARACTERS = re.compile("[\x00\ud800-\udfff]")
Mine = Callable[[Collection[str]], Collection[str]]


def check(text: str, *, mine: Mine) -> None:
    """Raises ``ValidationError`` with every reason why this can't be a section's text; they name what it is about.

    ``mine``: of the pictures with these names (what stands behind ``media:``), those that are the client's.
    Codes: ``max_length``, ``not_a_character``, ``html``, ``link``, ``picture``, ``rows``, ``columns``, ``headings``, ``depth``.
    """
    if len(text) > LONGEST:
        said = _("Too long: %(length)d of %(limit)d characters. Make two sections of it.")
        raise ValidationError(said, code="max_length", params={"length": len(text), "limit": LONGEST})
    if NO_CHARACTERS.search(text):
        said = _("The text holds something that is no character. Type that part again.")
        raise ValidationError(said, code="not_a_character")
    tokens = Reader(thorough=True).parse(text)
    problems = [*_html(tokens), *_links(tokens), *_pictures(tokens, mine), *_shapes(tokens)]
    if problems:
        raise ValidationError(problems)


def _html(tokens: Iterable[Token]) -> Iterator[ValidationError]:
    for token in _all(tokens):
        if token.type in {"html_block", "html_inline"}:
            said = _("“%(tag)s” is HTML, which has no place here. Write it in Markdown, or put a \\ before the <.")
            yield ValidationError(said, code="html", params={"tag": _short(token.content)})
            return


def _links(tokens: Iterable[Token]) -> Iterator[ValidationError]:
    addresses = dict.fromkeys(str(token.attrs["href"]) for token in _all(tokens) if token.type == "link_open")
    for address in addresses:
        if LINK.match(address):
            continue
        said = _("“%(address)s” can't be a link: a link begins with https://, http:// or mailto:.")
        yield ValidationError(said, code="link", params={"address": _short(address)})


def _pictures(tokens: Iterable[Token], mine: Mine) -> Iterator[ValidationError]:
    sources = dict.fromkeys(str(token.attrs["src"]) for token in _all(tokens) if token.type == "image")
    names = {source: found[1] for source in sources if (found := MEDIA.match(source))}
    known = set(mine(list(names.values()))) if names else set()
    for source in sources:
        if source not in names:
            said = _("“%(address)s” is no picture of this client's media. Upload it there, then choose it here.")
            yield ValidationError(said, code="picture", params={"address": _short(source)})
        elif names[source] not in known:
            said = _("There is no picture %(name)s among this client's media.")
            yield ValidationError(said, code="picture", params={"name": names[source]})


def _shapes(tokens: list[Token]) -> Iterator[ValidationError]:
    for table in _tables(blocks_of(tokens)):
        if len(table.rows) > MOST_ROWS:
            said = _("A table of %(rows)d rows: at most %(limit)d. Sum it up here, and say where the whole is.")
            yield ValidationError(said, code="rows", params={"rows": len(table.rows), "limit": MOST_ROWS})
        if len(table.sides) > MOST_COLUMNS:
            said = _("A table of %(columns)d columns: at most %(limit)d.")
            yield ValidationError(said, code="columns", params={"columns": len(table.sides), "limit": MOST_COLUMNS})
    if any(token.type == "heading_open" and len(token.markup) > LOWEST_HEADING for token in tokens):
        said = _("A heading with more than %(limit)d number signs. Nobody finds the way so deep down.")
        yield ValidationError(said, code="headings", params={"limit": LOWEST_HEADING})
    if any(token.level >= DEEPEST for token in _all(tokens)):
        yield ValidationError(_("Lists or quotations too deep within each other."), code="depth")


def _tables(blocks: Iterable[Block]) -> Iterator[Table]:
    for block in blocks:
        match block:
            case Table():
                yield block
            case Points():
                for item in block.items:
                    yield from _tables(item)
            case Quote():
                yield from _tables(block.blocks)


def _all(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[:SHOWN] + "…"
