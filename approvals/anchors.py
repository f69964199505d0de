"""What a comment is about: a passage of one part's text, or a point of one of its pictures (see ``approvals.models.Comment``).

Nothing is read or written here: the parts of the version come along.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from approvals.subjects import Passage

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WORDS = frozenset({"part", "start", "end", "quote"})
POINT = frozenset({"part", "picture", "x", "y"})
QUOTE_LENGTH = 5000
DECIMALS = 4  # of a share of a picture's side: finer than anybody points


def refused(text: "StrOrPromise", code: str, **params: object) -> ValidationError:
    """Why an anchor can't be, on the field ``anchor``."""
    return ValidationError({"anchor": ValidationError(text, code=code, params=params)})


def clean(anchor: object, passages: Sequence[Passage]) -> dict[str, Any]:
    """The anchor in its one shape, with nothing in it but what the version holds.

    Raises ``ValidationError`` on ``anchor`` for a shape that is none, an unknown part or picture, a place outside, and a
    quote that does not stand at its place.
    """
    if not isinstance(anchor, Mapping) or set(anchor) not in (WORDS, POINT):
        text = _(
            "An anchor has part, start, end and quote for words, or part, picture, x and y for a point of a picture."
        )
        raise refused(text, "invalid")
    part = part_of(passages, str(anchor["part"]))
    return _point(anchor, part) if set(anchor) == POINT else _words(anchor, part)


def part_of(passages: Sequence[Passage], key: str) -> Passage:
    """The part with this key. Raises ``ValidationError`` on ``anchor``."""
    for passage in passages:
        if passage.key == key:
            return passage
    raise refused(_("There is no such part in this version."), "unknown_part")


def _words(anchor: Mapping[str, Any], part: Passage) -> dict[str, Any]:
    start, end, quote = anchor["start"], anchor["end"], anchor["quote"]
    if not (_whole(start) and _whole(end) and isinstance(quote, str)):
        raise refused(_("Start and end are whole numbers, and the quote is text."), "invalid")
    if not 0 <= start < end <= len(part.text):
        raise refused(
            _("This place is outside the text, which has %(length)d characters."), "outside", length=len(part.text)
        )
    if end - start > QUOTE_LENGTH:
        raise refused(_("Too long: choose at most %(limit)d characters."), "too_long", limit=QUOTE_LENGTH)
    if part.text[start:end] != quote:
        raise refused(_("These words do not stand at this place of the version under review."), "quote")
    return {"part": part.key, "start": start, "end": end, "quote": quote}


def _point(anchor: Mapping[str, Any], part: Passage) -> dict[str, Any]:
    picture, x, y = anchor["picture"], anchor["x"], anchor["y"]
    if picture not in [key for key, _alt_text in part.pictures]:
        raise refused(_("There is no such picture in this version."), "unknown_picture")
    if not (_share(x) and _share(y)):
        raise refused(_("A point is inside its picture: x and y are between 0 and 1."), "outside")
    return {"part": part.key, "picture": picture, "x": round(x, DECIMALS), "y": round(y, DECIMALS)}


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _share(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and 0 <= value <= 1


def find(passages: Sequence[Passage], quote: str, *, part: str = "", start: int | None = None) -> dict[str, Any]:
    """The anchor of words that somebody copied; ``part`` and ``start`` where they said or tapped them.

    White space may differ: pages break lines where texts don't. Raises ``ValidationError`` on ``anchor`` for words that
    stand nowhere, or at more than one place.
    """
    among = [part_of(passages, part)] if part else list(passages)
    if part and start is not None and quote and among[0].text[start : start + len(quote)] == quote:
        return _words({"start": start, "end": start + len(quote), "quote": quote}, among[0])
    words = quote.split()
    if not words:
        raise refused(_("Copy the words that you mean."), "required")
    if len(quote) > QUOTE_LENGTH:
        raise refused(_("Too long: choose at most %(limit)d characters."), "too_long", limit=QUOTE_LENGTH)
    pattern = re.compile(r"\s+".join(map(re.escape, words)))
    found = [(passage, match) for passage in among for match in pattern.finditer(passage.text)]
    if not found:
        raise refused(_("These words do not stand in the version under review. Copy them as they are."), "quote")
    if len({passage.key for passage, _match in found}) > 1:
        raise refused(_("These words stand on more than one channel. Choose which one you mean."), "ambiguous_part")
    if len(found) > 1:
        raise refused(
            _("These words stand there more than once. Copy some of the words around them, too."), "ambiguous"
        )
    passage, match = found[0]
    return _words({"start": match.start(), "end": match.end(), "quote": match.group()}, passage)


def stands_once(anchor: Mapping[str, Any], passages: Sequence[Passage]) -> bool:
    """Whether what an earlier version's comment was about is still there: the same words at just one place, the same picture."""
    part = next((passage for passage in passages if passage.key == anchor["part"]), None)
    if part is None:
        return False
    if "quote" in anchor:
        first = part.text.find(anchor["quote"])
        return first >= 0 and part.text.find(anchor["quote"], first + 1) < 0
    return anchor["picture"] in {key for key, _alt_text in part.pictures}
