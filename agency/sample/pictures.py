"""Pictures of our own for the sample agency: quiet landscapes in a few colours, drawn where they are needed."""

import io
import math
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw

from agency.sample.plans import Picture

WIDTH, HEIGHT = 1080, 810  # pixels
SHARP = 2  # drawn so many times larger, then reduced: smooth edges

Palette = tuple[str, str, str, str, str, str]  # sky above, sky below, sun, far, middle, near
PALETTES: tuple[Palette, ...] = (
    ("#F3D9B1", "#E8A87C", "#FBF3E4", "#C38D9E", "#8D5B6C", "#5A2A3C"),  # evening
    ("#CFE3EA", "#F4EBDD", "#FFFDF6", "#A9C0B0", "#6E9080", "#3C5F55"),  # morning
    ("#22384F", "#5F7C96", "#F2E8CF", "#48617A", "#2F465E", "#1A2C40"),  # night
    ("#F7EFD9", "#EFC978", "#FFF9EA", "#D7A25A", "#A86F3C", "#6B4226"),  # noon
)

Draw = ImageDraw.ImageDraw


@cache
def drawn(picture: Picture) -> bytes:
    """The picture as JPEG."""
    palette = PALETTES[picture.palette]
    image = _sky(palette)
    SCENES[picture.scene](ImageDraw.Draw(image), palette)
    out = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.BOX).save(out, format="JPEG", quality=88)
    return out.getvalue()


def _sky(palette: Palette) -> Image.Image:
    size = (WIDTH * SHARP, HEIGHT * SHARP)
    fading = Image.linear_gradient("L").resize(size)
    sky = Image.composite(Image.new("RGB", size, palette[1]), Image.new("RGB", size, palette[0]), fading)
    _disc(ImageDraw.Draw(sky), 790, 210, 74, palette[2])
    return sky


def _disc(draw: Draw, x: float, y: float, radius: float, colour: str) -> None:
    draw.ellipse([(v - radius) * SHARP for v in (x, y)] + [(v + radius) * SHARP for v in (x, y)], fill=colour)


def _box(draw: Draw, left: float, top: float, right: float, bottom: float, colour: str, *, round_by: float = 0) -> None:  # noqa: PLR0913 - a box has four sides
    draw.rounded_rectangle(
        [left * SHARP, top * SHARP, right * SHARP, bottom * SHARP], radius=round_by * SHARP, fill=colour
    )


def _shape(draw: Draw, points: list[tuple[float, float]], colour: str) -> None:
    draw.polygon([(x * SHARP, y * SHARP) for x, y in points], fill=colour)


def _ridge(draw: Draw, base: float, height: float, waves: float, shift: float, colour: str) -> None:  # noqa: PLR0913
    """A line of hills from side to side, filled to the ground."""
    line = [
        (
            x,
            base
            - height * (0.6 + 0.4 * math.sin(x / WIDTH * math.tau * waves + shift))
            - 12 * math.sin(x / 97 + shift),
        )
        for x in range(0, WIDTH + 1, 6)
    ]
    _shape(draw, [(0, HEIGHT), *line, (WIDTH, HEIGHT)], colour)


def _hills(draw: Draw, palette: Palette) -> None:
    _ridge(draw, 560, 170, 1.2, 0.4, palette[3])
    _ridge(draw, 660, 150, 0.9, 2.1, palette[4])
    _ridge(draw, 790, 120, 0.7, 4.0, palette[5])


def _rows(draw: Draw, palette: Palette) -> None:
    _ridge(draw, 500, 120, 1.1, 1.0, palette[3])
    _shape(draw, [(0, 470), (WIDTH, 420), (WIDTH, HEIGHT), (0, HEIGHT)], palette[4])
    for number in range(-9, 22):  # the rows run towards one point, as they do
        foot = number * 96
        _shape(draw, [(620, 430), (624, 430), (foot + 40, HEIGHT), (foot, HEIGHT)], palette[5])


def _bottles(draw: Draw, palette: Palette) -> None:
    _box(draw, 0, 640, WIDTH, HEIGHT, palette[5])
    for number, left in enumerate((230, 420, 610)):
        colour = palette[3 + number % 2]
        _box(draw, left, 330, left + 130, 660, colour, round_by=26)
        _shape(draw, [(left, 370), (left + 45, 260), (left + 85, 260), (left + 130, 370)], colour)
        _box(draw, left + 45, 150, left + 85, 280, colour, round_by=6)
        _box(draw, left + 40, 150, left + 90, 190, palette[5], round_by=6)
        _box(draw, left + 16, 430, left + 114, 570, palette[2], round_by=6)
        _box(draw, left + 36, 470, left + 94, 478, palette[4])
        _box(draw, left + 36, 496, left + 78, 502, palette[4])


def _glass(draw: Draw, palette: Palette) -> None:
    _box(draw, 0, 650, WIDTH, HEIGHT, palette[5])
    for left, wine in ((220, palette[4]), (480, palette[3])):
        draw.pieslice([left * SHARP, 160 * SHARP, (left + 200) * SHARP, 500 * SHARP], 0, 180, fill=wine)
        _box(draw, left, 190, left + 200, 332, palette[2], round_by=10)
        _box(draw, left, 290, left + 200, 334, wine)
        _box(draw, left + 94, 490, left + 106, 660, palette[2])
        draw.ellipse([(left + 30) * SHARP, 645 * SHARP, (left + 170) * SHARP, 680 * SHARP], fill=palette[2])


def _barrels(draw: Draw, palette: Palette) -> None:
    _box(draw, 0, 0, WIDTH, HEIGHT, palette[5])
    draw.pieslice([90 * SHARP, 60 * SHARP, 990 * SHARP, 960 * SHARP], 180, 360, fill=palette[4])
    for x, y in ((250, 640), (540, 640), (830, 640), (395, 395), (685, 395)):
        for radius, colour in ((140, palette[3]), (122, palette[5]), (112, palette[3]), (16, palette[5])):
            _disc(draw, x, y, radius, colour)
        for offset in (-66, -22, 22, 66):
            half = math.sqrt(112**2 - offset**2)
            _box(draw, x + offset - 1.5, y - half, x + offset + 1.5, y + half, palette[4])
        _disc(draw, x, y, 16, palette[5])


def _house(draw: Draw, left: float, top: float, width: float, palette: Palette, colour: str) -> None:  # noqa: PLR0913
    _box(draw, left, top, left + width, 720, colour)
    _shape(draw, [(left - 10, top), (left + width / 2, top - width * 0.32), (left + width + 10, top)], palette[5])
    for column in (0.22, 0.6):
        for row in (28, 92):
            _box(draw, left + width * column, top + row, left + width * column + 20, top + row + 32, palette[2])


def _village(draw: Draw, palette: Palette) -> None:
    _ridge(draw, 560, 140, 1.0, 0.2, palette[3])
    for left, top, width in ((70, 520, 150), (240, 470, 130), (560, 490, 150), (740, 450, 130), (890, 530, 150)):
        _house(draw, left, top, width, palette, palette[4])
    _box(draw, 420, 250, 500, 740, palette[4])
    _shape(draw, [(408, 252), (460, 150), (512, 252)], palette[5])
    _disc(draw, 460, 320, 24, palette[2])
    _ridge(draw, 800, 60, 0.6, 2.4, palette[5])


def _tower(draw: Draw, palette: Palette) -> None:
    _ridge(draw, 600, 150, 0.9, 1.4, palette[3])
    _shape(draw, [(150, HEIGHT), (430, 560), (650, 560), (960, HEIGHT)], palette[4])
    _box(draw, 470, 180, 610, 600, palette[5])
    for left in (460, 505, 550, 595):
        _box(draw, left, 145, left + 26, 200, palette[5])
    for top in (270, 380):
        _box(draw, 530, top, 550, top + 56, palette[2], round_by=10)
    _ridge(draw, 830, 70, 0.6, 0.8, palette[5])


def _path(draw: Draw, palette: Palette) -> None:
    _hills(draw, palette)
    winding = [(560 + 90 * math.sin(y / 70) * (y - 520) / 290, y) for y in range(560, HEIGHT + 1, 6)]
    left = [(x - (y - 540) / 3.2, y) for x, y in winding]
    right = [(x + (y - 540) / 3.2, y) for x, y in winding]
    _shape(draw, [*left, *reversed(right)], palette[1])
    for x, y, size in ((210, 600, 46), (300, 640, 38), (860, 610, 50)):
        _disc(draw, x, y - size, size, palette[5])
        _box(draw, x - 5, y - size, x + 5, y + 60, palette[5])


def _market(draw: Draw, palette: Palette) -> None:
    _box(draw, 0, 620, WIDTH, HEIGHT, palette[5])
    for number, left in enumerate((60, 400, 740)):
        for stripe in range(7):
            x = left + stripe * 40
            _box(draw, x, 330, x + 40, 420, palette[2] if (stripe + number) % 2 else palette[4])
            _disc(draw, x + 20, 420, 20, palette[2] if (stripe + number) % 2 else palette[4])
        _box(draw, left + 6, 400, left + 16, 660, palette[5])
        _box(draw, left + 264, 400, left + 274, 660, palette[5])
        _box(draw, left - 6, 560, left + 286, 660, palette[3], round_by=6)
        for apple in range(8):
            _disc(draw, left + 20 + apple * 34, 552, 17, palette[4 + apple % 2])


def _bridge(draw: Draw, palette: Palette) -> None:
    _ridge(draw, 560, 150, 1.1, 0.6, palette[3])
    _box(draw, 0, 400, WIDTH, 660, palette[5])
    for x in (180, 540, 900):
        draw.ellipse([(x - 140) * SHARP, 460 * SHARP, (x + 140) * SHARP, 900 * SHARP], fill=palette[1])
    _box(draw, 0, 380, WIDTH, 404, palette[4])
    _box(draw, 0, 670, WIDTH, HEIGHT, palette[3])
    for number in range(14):
        left = (number * 197) % WIDTH
        _box(draw, left, 690 + number * 8, left + 120, 693 + number * 8, palette[2])


def _train(draw: Draw, palette: Palette) -> None:
    _ridge(draw, 520, 150, 1.0, 2.6, palette[3])
    _ridge(draw, 620, 90, 0.8, 0.9, palette[4])
    _box(draw, 0, 640, WIDTH, HEIGHT, palette[5])
    _box(draw, 120, 440, 800, 610, palette[2], round_by=40)
    _shape(draw, [(770, 440), (900, 560), (900, 610), (760, 610)], palette[2])
    _box(draw, 120, 560, 880, 586, palette[4])
    for left in range(170, 740, 95):
        _box(draw, left, 476, left + 66, 532, palette[5], round_by=8)
    for x in range(200, 860, 110):
        _disc(draw, x, 618, 24, palette[4])
    _box(draw, 0, 640, WIDTH, 650, palette[3])


def _square(draw: Draw, palette: Palette) -> None:
    for number in range(9):
        left = 30 + number * 116
        _box(draw, left, 330, left + 108, 640, palette[3 + number % 2])
        draw.pieslice([(left + 20) * SHARP, 480 * SHARP, (left + 88) * SHARP, 560 * SHARP], 180, 360, fill=palette[5])
        _box(draw, left + 20, 519, left + 88, 640, palette[5])
        _box(draw, left + 40, 370, left + 68, 420, palette[2], round_by=4)
    _shape(draw, [(0, 640), (WIDTH, 640), (WIDTH, HEIGHT), (0, HEIGHT)], palette[1])
    for number in range(-6, 14):
        foot = number * 120
        _shape(
            draw,
            [(540 + (number - 4) * 26, 640), (543 + (number - 4) * 26, 640), (foot + 8, HEIGHT), (foot, HEIGHT)],
            palette[4],
        )


SCENES: dict[str, Callable[[Draw, Palette], None]] = {
    "hills": _hills,
    "rows": _rows,
    "bottles": _bottles,
    "glass": _glass,
    "barrels": _barrels,
    "village": _village,
    "tower": _tower,
    "path": _path,
    "market": _market,
    "bridge": _bridge,
    "train": _train,
    "square": _square,
}
