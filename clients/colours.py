"""What can be read on a client's colour.

Contrast as WCAG 2.2 defines it: relative luminance of sRGB, ratio from 1 to 21.
"""

from typing import Literal

BLACK: Literal["#000000"] = "#000000"
WHITE: Literal["#ffffff"] = "#ffffff"


def luminance(colour: str) -> float:
    """The relative luminance of ``#rrggbb``: 0 for black, 1 for white. Raises ``ValueError`` for what is no colour."""
    if len(colour) != len(BLACK) or not colour.startswith("#"):
        raise ValueError(colour)
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB's own figures


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def foreground(colour: str) -> Literal["#000000", "#ffffff"]:
    """Black or white, whichever reads better on ``colour``: always 4.58:1 or more, since sqrt(21) is the worst case."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, colour))
