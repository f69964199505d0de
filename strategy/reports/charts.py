"""The report's charts, drawn as SVG by the server; a table with the same numbers stands beside each.

Coordinates are texts with a point, as SVG takes them in every language. What is agreed is a line, what is planned a frame,
what is out is filled: nobody has to tell colours apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils.translation import gettext as _

from clients.moments import locale
from strategy.reports.report import CadenceRow, ObjectiveRow, PillarRow

WIDTH = 360
EDGE = 8
BAR = 12
ROW = 52  # of one pillar: its name, two bars
PLOT = 96  # height of what is drawn above the words below
BELOW = 24
NONE = "—"


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, kw_only=True)
class Word:
    """Words at a place; ``side``: start, middle or end of them."""

    x: str
    y: str
    text: str
    side: str = "start"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A straight line: ``kind`` is agreed, target or baseline."""

    x1: str
    y1: str
    x2: str
    y2: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What is drawn, and ``told``: the same in words, for who does not see it."""

    height: int
    told: str
    planned: Sequence[Box] = ()
    published: Sequence[Box] = ()
    lines: Sequence[Line] = ()
    words: Sequence[Word] = ()
    paths: Sequence[str] = ()
    dots: Sequence[tuple[str, str]] = ()
    width: int = WIDTH


def shares_chart(rows: Sequence[PillarRow], *, agreed: bool = True) -> Chart | None:
    """The pillars below each other, each with its planned and its published share; None with nothing to draw.

    ``agreed``: what stands beside was agreed, and not only proposed.
    """
    drawn = [row for row in rows if row.count.planned or row.agreed is not None]
    if not drawn:
        return None
    most = max(10.0, *(max(row.agreed or 0, row.planned_share or 0, row.published_share or 0) for row in drawn))
    scale = (WIDTH - 2 * EDGE) / most
    planned: list[Box] = []
    published: list[Box] = []
    lines, words, told = [], [], []
    for number, row in enumerate(drawn):
        top = number * ROW
        name = pillar_name(row)
        words.append(Word(x=_at(EDGE), y=_at(top + 16), text=name))
        for boxes, share, below in ((planned, row.planned_share, 22), (published, row.published_share, 36)):
            boxes.append(Box(x=_at(EDGE), y=_at(top + below), width=_at((share or 0) * scale), height=_at(BAR - 2)))
        if row.agreed is not None:
            at = _at(EDGE + row.agreed * scale)
            lines.append(Line(x1=at, y1=_at(top + 19), x2=at, y2=_at(top + 49), kind="agreed"))
        told.append(share_words(row, name, agreed=agreed))
    return Chart(
        height=len(drawn) * ROW,
        told=" ".join(told),
        planned=planned,
        published=published,
        lines=lines,
        words=words,
    )


def pillar_name(row: PillarRow) -> str:
    """What the row is called."""
    if row.pillar == 0:
        return _("Without a pillar")
    return row.name or _("Other pillars")


def share_words(row: PillarRow, name: str, *, agreed: bool) -> str:
    """The row as a sentence."""
    told = {
        "name": name,
        "agreed": percent(row.agreed),
        "planned": percent(row.planned_share),
        "published": percent(row.published_share),
    }
    if not agreed:
        return _("%(name)s: proposed %(agreed)s, planned %(planned)s, published %(published)s.") % told
    return _("%(name)s: agreed %(agreed)s, planned %(planned)s, published %(published)s.") % told


def percent(share: float | None) -> str:
    """A share as it is written; a dash for none."""
    return NONE if share is None else f"{format_decimal(round(share), locale=locale())} %"


def cadence_chart(row: CadenceRow) -> Chart | None:
    """The weeks beside each other, each with what is planned and what of it is out, and the agreed number as a line."""
    if row.left_out or not row.weeks:
        return None
    per_week = float(row.per_week or 0)
    most = max(1.0, per_week, *(float(week.count.planned) for week in row.weeks))
    step = (WIDTH - 2 * EDGE) / len(row.weeks)
    wide = min(36.0, step - 8)
    planned: list[Box] = []
    published: list[Box] = []
    words = []
    for number, week in enumerate(row.weeks):
        x = EDGE + number * step + (step - wide) / 2
        for boxes, many, within in ((planned, week.count.planned, 0.0), (published, week.count.published, 4.0)):
            high = many / most * (PLOT - 16)
            box = Box(x=_at(x + within), y=_at(PLOT - high), width=_at(wide - 2 * within), height=_at(high))
            boxes.append(box)
        middle = _at(x + wide / 2)
        words.append(Word(x=middle, y=_at(PLOT + 16), text=day_name(week.monday), side="middle"))
    at = _at(PLOT - per_week / most * (PLOT - 16))
    line = Line(x1=_at(EDGE), y1=at, x2=_at(WIDTH - EDGE), y2=at, kind="agreed")
    return Chart(
        height=PLOT + BELOW,
        told=" ".join(_week_words(week.monday, week.count.planned, week.count.published) for week in row.weeks),
        planned=planned,
        published=published,
        lines=[line] if row.per_week is not None else [],
        words=words,
    )


def _week_words(monday: date, planned: int, published: int) -> str:
    told = {"day": day_name(monday), "planned": planned, "published": published}
    return _("Week of %(day)s: planned %(planned)d, published %(published)d.") % told


def day_name(day: date) -> str:
    """Such as “2 Nov”."""
    return format_date(day, "d MMM", locale=locale())


def month_name(month: date) -> str:
    """Such as “Nov 2026”."""
    return format_date(month, "LLL y", locale=locale())


def amount(value: Decimal | None, unit: str = "") -> str:
    """A number as people write it, with its unit; “unknown” for none."""
    if value is None:
        return _("unknown")
    return f"{format_decimal(value, locale=locale())} {unit}".strip()


def objective_chart(row: ObjectiveRow) -> Chart | None:
    """The numbers month by month beside target and baseline; None without a number. A month that nobody knows is a gap."""
    if not row.numbers:
        return None
    target, baseline = row.objective.target, row.objective.baseline
    values = [number.value for number in row.numbers]
    levels = [float(level) for level in [*values, target, baseline] if level is not None]
    low, high = min(0.0, *levels), max(levels)
    span = (high - low) or 1.0
    first = _index(row.numbers[0].month)
    months = max(1, _index(row.numbers[-1].month) - first)

    def across(month: date) -> float:
        return EDGE + (_index(month) - first) / months * (WIDTH - 2 * EDGE)

    def up(value: Decimal) -> float:
        return PLOT - (float(value) - low) / span * (PLOT - 16)

    lines = [
        Line(x1=_at(EDGE), y1=_at(up(level)), x2=_at(WIDTH - EDGE), y2=_at(up(level)), kind=kind)
        for kind, level in (("target", target), ("baseline", baseline))
        if level is not None
    ]
    places = [(_index(number.month), _at(across(number.month)), _at(up(number.value))) for number in row.numbers]
    ends = {
        row.numbers[-1].month: "end",
        row.numbers[0].month: "start",
    }  # of one alone: what goes on to the right is seen
    said = {
        "name": row.objective.name,
        "first": amount(values[0]),
        "since": month_name(row.numbers[0].month),
        "last": amount(values[-1], row.objective.unit),
        "now": month_name(row.numbers[-1].month),
        "target": amount(target, row.objective.unit),
    }
    words = _("%(name)s: from %(first)s in %(since)s to %(last)s in %(now)s, target %(target)s.")
    alone = _("%(name)s: %(last)s in %(now)s, target %(target)s.")
    return Chart(
        height=PLOT + BELOW,
        told=(words if len(values) > 1 else alone) % said,
        lines=lines,
        words=[
            Word(x=_at(across(month)), y=_at(PLOT + 16), text=month_name(month), side=side)
            for month, side in ends.items()
        ],
        paths=_joined(places),
        dots=[(x, y) for _month, x, y in places],
    )


def _joined(places: Sequence[tuple[int, str, str]]) -> list[str]:
    """Lines through months that follow each other."""
    runs: list[list[str]] = []
    last = None
    for month, x, y in places:
        if last is None or month != last + 1:
            runs.append([])
        runs[-1].append(f"{x},{y}")
        last = month
    return [" ".join(run) for run in runs if len(run) > 1]


def _index(month: date) -> int:
    return month.year * 12 + month.month


def _at(place: float) -> str:
    return f"{place:.1f}"
