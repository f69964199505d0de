"""How large something becomes, and where on its ground it lies."""

import math
from dataclasses import dataclass
from pathlib import Path

from social.networks.asking import Rendition

NEAR = 1e-9


class CannotFit(Exception):  # noqa: N818 - what is so
    """It can't be made as it is asked; ``code`` says why (``too_heavy``, ``broken``, ``kind``)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: a new file, its type and its size in pixels."""

    path: Path
    mime: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Shape:
    """The whole in pixels, and what is shown on it; the rest is ground."""

    width: int
    height: int
    shown: tuple[int, int]

    @property
    def padded(self) -> bool:
        """Whether there is ground to be seen."""
        return self.shown != (self.width, self.height)

    @property
    def at(self) -> tuple[int, int]:
        """Where the upper left corner of what is shown lies."""
        return (self.width - self.shown[0]) // 2, (self.height - self.shown[1]) // 2


def shape(width: int, height: int, asked: Rendition, *, step: int = 1, scale: float = 1.0) -> Shape:
    """Something of this size as it is asked, never larger than it was. Sides are whole multiples of ``step``.

    What is narrower or wider than asked is given ground at its sides, or above and below; nothing is cut off.
    """
    whole_width, whole_height = float(width), float(height)
    if asked.narrowest and width / height < asked.narrowest:
        whole_width = height * asked.narrowest
    elif asked.widest and width / height > asked.widest:
        whole_height = width / asked.widest
    for most, side in ((asked.max_width, whole_width), (asked.max_height, whole_height)):
        if most:
            scale = min(scale, most / side)
    wide = _even(whole_width * scale, step, asked.max_width)
    high = _even(whole_height * scale, step, asked.max_height)
    # Rounding may have left the bounds by a pixel: a row more of ground, or where there is no room for it, one less shown.
    if asked.narrowest and wide / high < asked.narrowest - NEAR:
        more = math.ceil(high * asked.narrowest / step - NEAR) * step
        if not asked.max_width or more <= asked.max_width:
            wide = more
        else:
            high = max(step, math.floor(wide / asked.narrowest / step + NEAR) * step)
    if asked.widest and wide / high > asked.widest + NEAR:
        more = math.ceil(wide / asked.widest / step - NEAR) * step
        if not asked.max_height or more <= asked.max_height:
            high = more
        else:
            wide = max(step, math.floor(high * asked.widest / step + NEAR) * step)
    if (whole_width, whole_height) == (width, height):
        return Shape(wide, high, (wide, high))
    shown = (min(wide, _even(width * scale, step, 0)), min(high, _even(height * scale, step, 0)))
    return Shape(wide, high, shown)


def _even(side: float, step: int, most: int) -> int:
    near = max(step, round(side / step) * step)
    return near if not most or near <= most else max(step, math.floor(most / step) * step)
