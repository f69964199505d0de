"""What WordPress is told beside the text: the address, the day, categories and tags, and what it keeps of them.

WordPress takes nearly all of it, and where it does not like it silently makes something else of it: of `Perché?` the address
`perche`, of `feed` `feed-2`, of `!!!` the title's, of the tag `50%ad` `50`, of an hour of another zone the same hour of its
own; what is too long is cut, or an error of the database (500). So what it would change is said beforehand.

`sanitize_title`, `remove_accents`, `wp_unique_post_slug`, `sanitize_text_field` (https://developer.wordpress.org/reference/),
and a real WordPress 6.1 (2026-11-30).
"""

import datetime as dt
import html
import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_MAX_KEPT = 200  # of an address percent-encoded, of a tag with its entities: what the database has room for
_OF_ITS_OWN = frozenset({"feed", "rdf", "rss", "rss2", "atom", "embed"})
_UNLIKE_LATIN = 0x370  # Greek and what follows; accents are taken off what comes before
_LATIN_AGAIN = range(0x1E00, 0x1F00)
_WRITTEN = frozenset({"Ll", "Lo", "Nd", "Mn", "Mc"})
_UNKEPT_IN_TAG = re.compile(r"<[^>]*>|%[0-9a-fA-F]{2}|&#?\w+;|[\x00-\x1f]")


def slug_kept(slug: str) -> bool:
    """Whether WordPress takes this address as it is."""
    if slug in _OF_ITS_OWN or slug.isdigit() or len(quote(slug)) > _MAX_KEPT or not all(slug.split("-")):
        return False
    return unicodedata.is_normalized("NFC", slug) and all(char == "-" or _is_kept(char) for char in slug)


def slug_like(typed: str) -> str:
    """An address like the one that was typed, which WordPress takes; empty where there is none."""
    base = unicodedata.normalize("NFKD", typed).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9_]+", "-", base.lower()).strip("-")
    return slug if slug_kept(slug) else ""


def tag_kept(name: str) -> bool:
    """Whether WordPress makes a tag of just this name."""
    return not _UNKEPT_IN_TAG.search(name) and len(html.escape(name, quote=False)) <= _MAX_KEPT


def moment_of(fields: Mapping[str, Any]) -> dt.datetime | None:
    """The day and hour that the post shows, in the site's own time; None where there is none.

    Raises:
        ValueError: it is none, or says of which zone it is, or is the second from which computers count, WordPress's "none".
    """
    said = str(fields.get("date") or "").strip()
    if not said:
        return None
    shown = dt.datetime.fromisoformat(said)
    if shown.tzinfo or shown == dt.datetime(1970, 1, 1):  # noqa: DTZ001 - the site's own time
        raise ValueError(said)
    return shown


def listed(given: Any) -> list[str]:
    """The words of a field that holds several, each once."""
    words = given if isinstance(given, (list, tuple)) else str(given or "").split(",")
    return list(dict.fromkeys(word for word in (" ".join(str(one).split()) for one in words) if word))


def _is_kept(char: str) -> bool:
    if char.isascii():
        return char.islower() or char.isdigit() or char == "_"
    is_latin = ord(char) < _UNLIKE_LATIN or ord(char) in _LATIN_AGAIN
    return not is_latin and unicodedata.category(char) in _WRITTEN and char == char.lower()
