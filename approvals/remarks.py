"""What the form of a comment sends: words, what they are about, and what would stand there instead.

It works by typing and copying alone; a script may add the exact place (``start``, ``x``, ``y``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from approvals import anchors
from approvals.subjects import Passage

WORDS, PICTURE = "words", "picture"
# Nine places of a picture, for who types: name, words, and the share of its width and height.
PLACES = (
    ("middle", _("in the middle"), 0.5, 0.5),
    ("top", _("at the top"), 0.5, 0.15),
    ("bottom", _("at the bottom"), 0.5, 0.85),
    ("left", _("on the left"), 0.15, 0.5),
    ("right", _("on the right"), 0.85, 0.5),
    ("top_left", _("top left"), 0.15, 0.15),
    ("top_right", _("top right"), 0.85, 0.15),
    ("bottom_left", _("bottom left"), 0.15, 0.85),
    ("bottom_right", _("bottom right"), 0.85, 0.85),
)
_POINTS = {name: (x, y) for name, _words, x, y in PLACES}


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What was typed beside the words themselves, kept as it was typed."""

    about: str = ""  # empty, ``words|PART`` or ``picture|PART|KEY``
    quote: str = ""
    start: str = ""
    suggests: bool = False
    suggestion: str = ""
    place: str = ""
    x: str = ""
    y: str = ""

    @property
    def given(self) -> bool:
        """Whether anything of it was filled in."""
        return bool(self.about or self.quote.strip() or self.suggests or self.suggestion)

    def anchor(self, passages: Sequence[Passage]) -> dict[str, Any] | None:
        """What it is about; None where it is about all of it. Raises ``ValidationError`` on ``anchor``."""
        kind, _bar, rest = self.about.partition("|")
        if kind == PICTURE:
            return self._point(passages, *rest.partition("|")[::2])
        if not self.given:
            return None
        start = int(self.start) if self.start.isascii() and self.start.isdigit() and len(self.start) < 7 else None  # noqa: PLR2004 - far beyond any text
        return anchors.find(passages, self.quote, part=rest, start=start)

    def instead(self) -> str | None:
        """The suggested words; None where none are suggested."""
        return self.suggestion if self.suggests or self.suggestion else None

    def _point(self, passages: Sequence[Passage], part: str, picture: str) -> dict[str, Any]:
        if self.quote.strip():
            raise anchors.refused(_("Either words or a picture: make two comments of it."), "both")
        x, y = _POINTS.get(self.place, (0.5, 0.5))
        if self.x and self.y:
            try:
                x, y = float(self.x), float(self.y)
            except ValueError:
                raise anchors.refused(_("Tap the picture once more."), "invalid") from None
        return anchors.clean({"part": part, "picture": picture, "x": x, "y": y}, passages)


def remark_from(sent: Mapping[str, str]) -> Remark:
    """What a form sent, line ends made plain."""
    return Remark(
        about=sent.get("about", ""),
        quote=_plain(sent.get("quote", "")),
        start=sent.get("start", ""),
        suggests=bool(sent.get("suggests")),
        suggestion=_plain(sent.get("suggestion", "")),
        place=sent.get("place", ""),
        x=sent.get("x", ""),
        y=sent.get("y", ""),
    )


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def choices(passages: Sequence[Passage]) -> list[tuple[str, str]]:
    """What a comment may be about, each with the words for it."""
    found = [(f"{WORDS}|{passage.key}", str(_("Words: %(part)s") % {"part": passage.name})) for passage in passages]
    for passage in passages:
        for number, (key, alt_text) in enumerate(passage.pictures, start=1):
            words = {"number": number, "part": passage.name, "alt_text": alt_text[:60]}
            said = _("Picture %(number)d: %(part)s, “%(alt_text)s”") if alt_text else _("Picture %(number)d: %(part)s")
            found.append((f"{PICTURE}|{passage.key}|{key}", str(said % words)))
    return found
