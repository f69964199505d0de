"""Text as the PDF's typefaces can show it: signs that none of them has stand in brackets, by their Unicode name.

Typst brings typefaces for Latin, Greek, Cyrillic, Hebrew and Arabic; for the rest (emoji, Chinese, …) those that the
machine has are used, such as Debian's fonts-noto-core, fonts-noto-cjk and fonts-noto-color-emoji.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    import typst

STANDARDS: "typst.PDFStandards" = ["a-3a", "ua-1"]
PROBE = b'#set document(title: [-])\n#text(font: ("Libertinus Serif", "DejaVu Sans Mono"), sys.inputs.at("signs"))'
# Trials for one document; what is not known after them counts as missing. About a millisecond each.
TRIALS = 800
REMEMBERED = 50_000  # signs
LONGEST_WORD = 40  # graphemes; longer ones may be broken anywhere
LINE_ENDS = str.maketrans(
    {"\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n", "\x0c": "\n", "\r": "\n", "\t": "    "}
)
OVERRIDES = {"\u202d", "\u202e"}  # they show letters in an order in which they don't stand
# They join or vary their neighbours, and say nothing by themselves.
JOINERS = {"\u200d", "\ufe0e", "\ufe0f"}
GRAPHEME = regex.compile(r"\X")
LONG_WORD = regex.compile(rf"\S{{{LONGEST_WORD + 1},}}")

_shown: dict[str, bool] = {}


@lru_cache(maxsize=1)
def fonts() -> "typst.Fonts":
    """Typst's own typefaces, and those of this machine."""
    import typst  # 80 MB that only this needs

    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True)


class Legible:
    """Makes texts legible. ``replaced`` tells whether a sign had to be named."""

    def __init__(self, texts: Iterable[str]) -> None:
        signs = {
            sign for text in texts for sign in text.translate(LINE_ENDS) if not sign.isascii() or ord(sign) < ord(" ")
        }
        self._missing = _missing(signs - {"\n"}) | OVERRIDES
        self.replaced = False

    def __call__(self, text: str) -> str:
        """The text with what can't be shown named, and very long words breakable."""
        text = text.translate(LINE_ENDS)
        if not self._missing.isdisjoint(text):
            text = "".join(self._named(grapheme) for grapheme in GRAPHEME.findall(text))
        return LONG_WORD.sub(lambda word: "\u200b".join(GRAPHEME.findall(word[0])), text)

    def _named(self, grapheme: str) -> str:
        if self._missing.isdisjoint(grapheme):
            return grapheme
        self.replaced = True
        names = [_name(sign) if sign in self._missing else sign for sign in grapheme if sign not in JOINERS]
        return f"[{' + '.join(names)}]"


def right_to_left(text: str) -> bool | None:
    """Whether the text is to be set from the right: its first letter that has a direction decides (UAX #9, P2), if any."""
    for sign in text:
        direction = unicodedata.bidirectional(sign)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return None


def _name(sign: str) -> str:
    name = unicodedata.name(sign, "")
    return name.lower() or f"U+{ord(sign):04X}"


def _missing(signs: set[str]) -> set[str]:
    """Which of the signs no typeface has, by asking the engine that will set them: it refuses what it can't show."""
    unknown = sorted(signs - _shown.keys())
    trials = TRIALS
    queue = [unknown] if unknown else []
    if len(_shown) > REMEMBERED:
        _shown.clear()
    while queue and trials:
        group = queue.pop()
        trials -= 1
        if _can_show("".join(group)):
            _shown.update(dict.fromkeys(group, True))
        elif len(group) == 1:
            _shown[group[0]] = False
        else:
            queue += [group[: len(group) // 2], group[len(group) // 2 :]]
    return {sign for sign in signs if not _shown.get(sign, False)}


def _can_show(text: str) -> bool:
    import typst  # see fonts()

    try:
        typst.compile(PROBE, font_paths=fonts(), sys_inputs={"signs": text}, pdf_standards=STANDARDS)
    except typst.TypstError:
        return False
    return True
