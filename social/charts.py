"""Small charts that the server draws as SVG, each beside its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from social.models import Reading

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NAMES = ("reach", "views", "reactions", "comments", "shares", "clicks", "conversions")
WIDTH, HEIGHT, EDGE = 320, 96, 8  # of the drawing, in its own units


@dataclass(frozen=True, kw_only=True)
class Column:
    """One thing that is counted, and each time's count; None is unknown."""

    name: str
    label: str
    values: list[int | None]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """How one count grew: ``points`` as SVG takes them, ``dots`` where each is; ``words`` for who does not see it."""

    points: str
    dots: list[tuple[float, float]]
    words: str
    most: int
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, kw_only=True)
class Counted:
    """All that was counted of one publication: the times, a column for each count that was ever told, and a chart.

    ``unknown`` names what this network has never told of it.
    """

    readings: list[Reading]
    columns: list[Column]
    chart: Chart | None
    unknown: list[str]


def counted(readings: Sequence[Reading]) -> Counted:
    """The same, of the readings in their order. What the network never told has no column."""
    columns = [
        Column(name=name, label=_label(name), values=[getattr(reading, name) for reading in readings])
        for name in NAMES
        if any(getattr(reading, name) is not None for reading in readings)
    ]
    drawn = (
        chart_of(column, readings)
        for name in ("views", "reach", "reactions")
        for column in columns
        if column.name == name
    )
    return Counted(
        readings=list(readings),
        columns=columns,
        chart=next((chart for chart in drawn if chart), None),
        unknown=[str(_field(name)) for name in NAMES if name not in {column.name for column in columns}],
    )


def _label(name: str) -> str:
    label = str(_field(name))
    return label[:1].upper() + label[1:]


def _field(name: str) -> "StrOrPromise":
    return Reading._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # noqa: SLF001 - Django documents it


def chart_of(column: Column, readings: Sequence[Reading]) -> Chart | None:
    """A line over time, from zero up; None with fewer than two counts. Unknown ones are left out, never drawn as zero."""
    known = [(reading.at, value) for reading, value in zip(readings, column.values, strict=True) if value is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    most = max(value for _at, value in known)
    first, last = known[0][0], known[-1][0]
    span = (last - first).total_seconds() or 1.0
    dots = [
        (
            # By the square root of the time: what is asked ever more rarely lies about evenly.
            round(EDGE + ((at - first).total_seconds() / span) ** 0.5 * (WIDTH - 2 * EDGE), 1),
            round(HEIGHT - EDGE - (value / most if most else 0) * (HEIGHT - 2 * EDGE), 1),
        )
        for at, value in known
    ]
    said = _("%(what)s: from %(first)d to %(last)d.")
    return Chart(
        points=" ".join(f"{x},{y}" for x, y in dots),
        dots=dots,
        words=said % {"what": column.label, "first": known[0][1], "last": known[-1][1]},
        most=most,
    )
